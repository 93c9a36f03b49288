/** What a student reads: what passed, what failed and why; of hidden checks the names alone. */
import { type Localized, say } from "../../notebook";
import type { Course } from "../batch/course";
import { type LatePolicy, penaltyOf } from "../batch/late";
import { byHand } from "../batch/overrides";
import type { Graded, Submission } from "../batch/results";
import { html, type Markup, page, points } from "./html";

type Mark = Submission["exercises"][number];

/** How an answer's state is told. */
export const STATES: Readonly<Record<Mark["status"], Localized>> = {
  passed: { en: "passes every check", ru: "проходит все проверки" },
  partial: { en: "passes some checks", ru: "проходит часть проверок" },
  failed: {
    en: "passes no check that counts",
    ru: "не проходит ни одной проверки, за которую дают баллы",
  },
  empty: { en: "not written yet", ru: "ещё не написано" },
  missing: { en: "not found in the notebook", ru: "не найдено в тетради" },
  syntax: { en: "does not compile, so it did not run", ru: "не компилируется, поэтому не запускалось" },
  forbidden: {
    en: "lets something else do what it should do itself",
    ru: "поручает чужой функции то, что должно делать само",
  },
  timeout: { en: "did not come to an end in time", ru: "не закончило работу вовремя" },
  crashed: { en: "ended the process that ran it", ru: "завершило процесс, в котором выполнялось" },
  memory: { en: "took too much memory", ru: "заняло слишком много памяти" },
  output: { en: "printed too much", ru: "напечатало слишком много" },
};

/** `5 of 7` */
export const outOf = (earned: number, most: number): string =>
  say({ en: `${points(earned)} of ${points(most)}`, ru: `${points(earned)} из ${points(most)}` });

/** Behind the name of a hidden check. */
export const hiddenMark = (): Markup =>
  html` <span class="soft">${say({ en: "(hidden)", ru: "(скрытая)" })}</span>`;

/** One page for all that a student has handed in. */
export function feedbackPage(own: readonly Graded[], course: Course, late: LatePolicy | null): string {
  const { student } = own[0].submission;
  return page(say({ en: `${student}: feedback`, ru: `${student}: отзыв` }), [
    html`<h1>${student}</h1>`,
    ...own.flatMap((one) => notebook(one, course, late)),
    html`<p class="soft">${say({
      en: "Hidden checks are further tests of the same task, with other inputs; only their names are given. A check's message is about the first input that showed a mistake.",
      ru: "Скрытые проверки проверяют то же самое на других данных; названы только их имена. Проверка рассказывает о первых данных, на которых видна ошибка.",
    })}</p>`,
  ]);
}

function notebook({ submission, time }: Graded, course: Course, late: LatePolicy | null): Markup[] {
  const { notebook, earned, points: most, exercises, flags } = submission;
  const nothing = say({ en: "Nothing that could be read", ru: "Прочитать было нечего" });
  const lecture = course.lectures.find((one) => one.notebook === notebook);
  const penalty = penaltyOf(earned, time, late);
  const counts = outOf(Math.max(0, earned - penalty), most);
  const deducted = say({
    en: ` (${points(earned)} earned, ${points(penalty)} taken off for handing in late)`,
    ru: ` (заработано ${points(earned)}, за опоздание снято ${points(penalty)})`,
  });
  const total = html`<p><b>${say({ en: `${counts} points`, ru: `Баллы: ${counts}` })}</b>${penalty > 0 ? deducted : null}</p>`;
  return [
    html`<h2>${lecture ? `${notebook}: ${lecture.title}` : notebook || nothing}</h2>`,
    ...(most > 0 ? [total] : []),
    ...exercises.map((mark) => exercise(mark, lecture?.exercises.find(({ id }) => id === mark.id)?.title)),
    ...(flags.length > 0
      ? [
          html`<h3>${say({ en: "Notes", ru: "Замечания" })}</h3><ul>${flags.map((flag) => html`<li>${flag}</li>`)}</ul>`,
        ]
      : []),
  ];
}

function exercise({ id, earned, points: most, status, reason, checks }: Mark, title = id): Markup {
  const isDone = status === "passed";
  // What a hidden check says of an answer is not for its author.
  const own = !["passed", "partial", "failed"].includes(status) ? reason : decided(reason);
  return html`<h3><span class="${isDone ? "good" : "bad"}">${isDone ? "✓" : "✗"}</span> ${title} <span class="soft">${id}</span>,
    ${outOf(earned, most)}: ${say(STATES[status])}</h3>
    ${own ? html`<pre>${own}</pre>` : null}
    ${["missing", "empty", "syntax"].includes(status) ? null : html`<ul>${checks.map(check)}</ul>`}`;
}

/** What a person has decided, without what a check said before. */
const decided = (reason: string | null): string | null =>
  reason?.startsWith(byHand()) ? reason.split("\n")[0] : null;

const check = ({ name, passed, points: worth, hidden, reason }: Mark["checks"][number]): Markup =>
  html`<li><span class="${passed ? "good" : "bad"}">${passed ? "✓" : "✗"}</span> ${name}${
    hidden ? hiddenMark() : null
  } <span class="soft">${worthOf(worth)}</span>${
    !passed && !hidden && reason ? html`<pre>${reason}</pre>` : null
  }</li>`;

const worthOf = (worth: number): string =>
  worth > 0
    ? say({ en: `${points(worth)} p.`, ru: `${points(worth)} б.` })
    : say({ en: "no points", ru: "без баллов" });

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
