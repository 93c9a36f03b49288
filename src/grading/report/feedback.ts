/** What a student reads: what passed, what failed and why; of hidden checks the names alone. */
import type { Course } from "../batch/course";
import { type LatePolicy, penaltyOf } from "../batch/late";
import type { Graded, Submission } from "../batch/results";
import { html, type Markup, page, points } from "./html";

type Mark = Submission["exercises"][number];

/** How an answer's state is told. */
export const STATES: Readonly<Record<Mark["status"], string>> = {
  passed: "passes every check",
  partial: "passes some checks",
  failed: "passes no check that counts",
  empty: "not written yet",
  missing: "not found in the notebook",
  syntax: "does not compile, so it did not run",
  forbidden: "lets something else do what it should do itself",
  timeout: "did not come to an end in time",
  crashed: "ended the process that ran it",
  memory: "took too much memory",
  output: "printed too much",
};

/** One page for all that a student has handed in. */
export function feedbackPage(own: readonly Graded[], course: Course, late: LatePolicy | null): string {
  const { student } = own[0].submission;
  return page(`${student}: feedback`, [
    html`<h1>${student}</h1>`,
    ...own.flatMap((one) => notebook(one, course, late)),
    html`<p class="soft">Hidden checks are further tests of the same task, with other inputs; only their names are given. A check's
      message is about the first input that showed a mistake.</p>`,
  ]);
}

function notebook({ submission, time }: Graded, course: Course, late: LatePolicy | null): Markup[] {
  const { notebook, earned, points: most, exercises, flags } = submission;
  const lecture = course.lectures.find((one) => one.notebook === notebook);
  const penalty = penaltyOf(earned, time, late);
  const total = html`<p><b>${points(Math.max(0, earned - penalty))} of ${points(most)} points</b>${
    penalty > 0 ? html` (${points(earned)} earned, ${points(penalty)} taken off for handing in late)` : null
  }</p>`;
  return [
    html`<h2>${lecture ? `${notebook}: ${lecture.title}` : notebook || "Nothing that could be read"}</h2>`,
    ...(most > 0 ? [total] : []),
    ...exercises.map((mark) => exercise(mark, lecture?.exercises.find(({ id }) => id === mark.id)?.title)),
    ...(flags.length > 0
      ? [html`<h3>Notes</h3><ul>${flags.map((flag) => html`<li>${flag}</li>`)}</ul>`]
      : []),
  ];
}

function exercise({ id, earned, points: most, status, reason, checks }: Mark, title = id): Markup {
  const isDone = status === "passed";
  // What a hidden check says of an answer is not for its author.
  const own = !["passed", "partial", "failed"].includes(status) ? reason : byHand(reason);
  return html`<h3><span class="${isDone ? "good" : "bad"}">${isDone ? "✓" : "✗"}</span> ${title} <span class="soft">${id}</span>,
    ${points(earned)} of ${points(most)}: ${STATES[status]}</h3>
    ${own ? html`<pre>${own}</pre>` : null}
    ${["missing", "empty", "syntax"].includes(status) ? null : html`<ul>${checks.map(check)}</ul>`}`;
}

const byHand = (reason: string | null): string | null =>
  reason?.startsWith("decided by hand: ") ? reason.split("\n")[0] : null;

const check = ({ name, passed, points: worth, hidden, reason }: Mark["checks"][number]): Markup =>
  html`<li><span class="${passed ? "good" : "bad"}">${passed ? "✓" : "✗"}</span> ${name}${
    hidden ? html` <span class="soft">(hidden)</span>` : null
  } <span class="soft">${worth > 0 ? `${points(worth)} p.` : "no points"}</span>${
    !passed && !hidden && reason ? html`<pre>${reason}</pre>` : null
  }</li>`;

/** A file's name for a student's page: no other student's, and on every system a name. */
export function fileNameOf(student: string, hash: (text: string) => string): string {
  const safe = student
    .normalize("NFC")
    .replace(/[^\p{L}\p{N} ._-]+/gu, "_")
    .replace(/^[\s.]+|[\s.]+$/g, "")
    .slice(0, 60);
  const isOwn = safe === student && !/^(con|prn|aux|nul|com\d|lpt\d)(\.|$)/i.test(safe);
  return `${isOwn && safe !== "" ? safe : `${safe || "student"} ${hash(student).slice(0, 8)}`}.html`;
}
