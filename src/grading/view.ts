import { type Displayable, displaySymbol, escapeMarkup } from "../notebook";
import type { Failure } from "./failure";
import type { CheckResult, Verdict } from "./run";

/** A verdict as the student reads it, beside the name of the function that the notebook goes on with. */
export function verdictView(verdict: Verdict, { title, id }: { title: string; id: string }): Displayable {
  const open = verdict.checks.filter((check) => check.failure);
  const page: Page = { verdict, title, next: goesOn(verdict, id), first: open[0] ?? null };
  return {
    [displaySymbol]: () => ({
      "text/html": asHtml(page),
      "text/plain": asText(page),
      "application/vnd.gradschool.verdict+json": verdict,
    }),
  };
}

interface Page {
  readonly verdict: Verdict;
  readonly title: string;
  /** Which function goes on under the exercise's name. */
  readonly next: string;
  /** The first check that failed: the one to mend first. */
  readonly first: CheckResult | null;
}

function goesOn({ status }: Verdict, id: string): string {
  if (status === "passed") return `From here on ${id} is your function.`;
  if (status === "unwritten")
    return `Not done yet, and that is fine: ${id} is the reference from here on. Write yours and run this cell again.`;
  return `${id} is the reference for now, so the notebook goes on. Mend yours and run this cell again.`;
}

const SYMBOL = { passed: "✓", failed: "✗", unwritten: "○" } as const;
const COLOR = { passed: "#1a9850", failed: "#d73027", unwritten: "#8a8d91" } as const;

const score = ({ earned, points }: Verdict): string =>
  `${earned} of ${points} point${points === 1 ? "" : "s"}`;

function explanation({ message, details, cause }: Failure): string[] {
  return [message, ...details, ...(cause ? [`Likely cause: ${cause}`] : [])];
}

function asText({ verdict, title, next, first }: Page): string {
  const lines = [`${SYMBOL[verdict.status]} ${title}: ${score(verdict)}`];
  if (verdict.status === "failed") {
    for (const check of verdict.checks) {
      lines.push(`  ${check.failure ? "✗" : "✓"} ${check.name}`);
      if (check === first) lines.push(...explanation(check.failure!).map((line) => `      ${line}`));
    }
  }
  return [...lines, next].join("\n");
}

function asHtml({ verdict, title, next, first }: Page): string {
  const color = COLOR[verdict.status];
  const marks = verdict.checks.map(
    ({ name, failure }) =>
      html`<span style="margin-right:14px;white-space:nowrap;opacity:${failure ? "1" : "0.75"}"><b style="color:${
        failure ? COLOR.failed : COLOR.passed
      }">${failure ? "✗" : "✓"}</b> ${name}</span>`,
  );
  const parts = [
    html`<div><b style="color:${color}">${SYMBOL[verdict.status]} ${title}</b> · ${score(verdict)}</div>`,
    ...(verdict.status === "unwritten" ? [] : [`<div style="margin:4px 0">${marks.join(" ")}</div>`]),
    ...(verdict.status === "failed" && first ? [explain(first)] : []),
    html`<div style="opacity:0.8">${next}</div>`,
  ];
  return `<div style="border-left:4px solid ${color};padding:4px 12px;max-width:800px;line-height:1.5">${parts.join("")}</div>`;
}

function explain({ name, failure }: CheckResult): string {
  const { message, details, cause } = failure!;
  const lines = [
    html`<div><b>${name}</b>: <code>${message}</code></div>`,
    ...details.map((detail) => html`<div style="opacity:0.8">${detail}</div>`),
    ...(cause ? [html`<div style="margin-top:4px"><b>Likely cause:</b> ${cause}</div>`] : []),
  ];
  return `<div style="margin:6px 0">${lines.join("")}</div>`;
}

/** A template whose values are escaped; what they have in `backticks` is set as code. */
const html = (strings: TemplateStringsArray, ...values: readonly string[]): string =>
  String.raw(
    { raw: strings },
    ...values.map((value) => escapeMarkup(value).replace(/`([^`]+)`/g, "<code>$1</code>")),
  );
