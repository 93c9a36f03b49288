import { type Displayable, displaySymbol, escapeMarkup, heatmaps, say } from "../notebook";
import { studentName } from "./exercise";
import type { Failure, Picture } from "./failure";
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
  if (status === "passed")
    return say({ en: `From here on ${id} is your function.`, ru: `Отсюда и дальше ${id} — ваша функция.` });
  if (status === "unwritten")
    return say({
      en: `Not done yet, and that is fine: ${id} is the reference from here on. Write yours and run this cell again.`,
      ru: `Ещё не сделано, и это не страшно: пока ${id} — эталон. Напишите свою функцию и запустите эту ячейку снова.`,
    });
  if (status === "missing")
    return say({
      en: `${id} is the reference for now. Run the cell above, then this one again.`,
      ru: `Пока ${id} — эталон. Запустите ячейку выше, затем эту.`,
    });
  return say({
    en: `${id} is the reference for now, so the notebook goes on. Mend yours and run this cell again.`,
    ru: `Пока ${id} — эталон, и ноутбук идёт дальше. Исправьте свою функцию и запустите эту ячейку снова.`,
  });
}

const SYMBOL = { passed: "✓", failed: "✗", unwritten: "○", missing: "✗", forbidden: "✗" } as const;
const [GOOD, BAD] = ["var(--jp-success-color1,#1a9850)", "var(--jp-error-color1,#d73027)"];
const COLOR = { passed: GOOD, failed: BAD, unwritten: "#8a8d91", missing: BAD, forbidden: BAD } as const;

const score = ({ earned, points }: Verdict): string =>
  say({
    en: `${earned} of ${points} point${points === 1 ? "" : "s"}`,
    ru: `баллов: ${earned} из ${points}`,
  });

const likelyCause = () => say({ en: "Likely cause:", ru: "Вероятная причина:" });

/** How many of the checks pass, and that there are more: a pass here is no full mark yet. */
function counted({ status, checks, hidden }: Verdict): string[] {
  if (hidden === 0 || (status !== "passed" && status !== "failed")) return [];
  const passed = checks.filter(({ failure }) => !failure).length;
  return [
    say({
      en: `${passed} of ${checks.length} visible checks pass; ${hidden} more run at grading.`,
      ru: `Пройдено видимых проверок: ${passed} из ${checks.length}; ещё ${hidden} — при оценивании.`,
    }),
  ];
}

function explanation({ message, details, cause, input }: Failure, id: string): string[] {
  return [
    message,
    ...details,
    ...(cause ? [`${likelyCause()} ${cause}`] : []),
    ...(input === undefined ? [] : [`${tryIt()}: ${callOf(input, id)}`]),
  ];
}

const tryIt = () => say({ en: "Try it in a cell", ru: "Попробуйте в ячейке" });

/** The call that showed the mistake, as code. */
const callOf = (input: string | null, id: string): string =>
  `${studentName(id)}(${input ?? `...check.input(exercises.${id})`})`;

/** Of a function that cannot be asked every check says the same; one says it. */
const isTold = ({ status }: Verdict): boolean => status !== "passed" && status !== "unwritten";

function asText(page: Page): string {
  const { verdict, title, next, first } = page;
  const lines = [`${SYMBOL[verdict.status]} ${title}: ${score(verdict)}`];
  const shown = verdict.status === "failed" ? verdict.checks : [];
  for (const check of shown) {
    lines.push(`  ${check.failure ? "✗" : "✓"} ${check.title}`);
    if (check === first)
      lines.push(...explanation(check.failure!, verdict.exercise).map((line) => `      ${line}`));
  }
  if (isTold(verdict) && verdict.status !== "failed" && first)
    lines.push(...explanation(first.failure!, verdict.exercise).map((line) => `  ${line}`));
  for (const check of printing(page)) {
    for (const { input, text } of check.printed)
      lines.push(
        `  ${say({ en: `printed in "${check.title}", called with ${input}`, ru: `напечатано в проверке «${check.title}», вызов с ${input}` })}:`,
        ...indented(text),
      );
    if (check.printedMore > 0) lines.push(`  ${andMore(check.printedMore)}`);
  }
  return [...lines, ...verdict.notes.map((note) => `  ${note}`), ...counted(verdict), next].join("\n");
}

const andMore = (calls: number) =>
  say({ en: `… and in ${calls} calls more`, ru: `… и ещё в ${calls} вызовах` });

const indented = (text: string): string[] =>
  text
    .trimEnd()
    .split("\n")
    .map((line) => `      ${line}`);

/** Checks in which the function printed something, of a function that fails the first that fails: all print alike. */
function printing({ verdict: { checks }, first }: Page): readonly CheckResult[] {
  return (first ? [first] : checks).filter(({ printed }) => printed.length > 0);
}

function asHtml(page: Page): string {
  const { verdict, title, next, first } = page;
  const { status, notes } = verdict;
  const color = COLOR[status];
  const marks = verdict.checks.map(
    ({ title: name, failure }) =>
      html`<span style="margin-right:14px;display:inline-block;opacity:${failure ? "1" : "0.75"}"><b style="color:${
        failure ? BAD : GOOD
      }">${failure ? "✗" : "✓"}</b> ${name}</span>`,
  );
  const parts = [
    html`<div><b style="color:${color}">${SYMBOL[status]} ${title}</b> · ${score(verdict)}</div>`,
    ...(status === "passed" || status === "failed"
      ? [`<div style="margin:4px 0">${marks.join(" ")}</div>`]
      : []),
    ...(isTold(verdict) && first ? [explain(first, verdict)] : []),
    ...(first
      ? printing(page).map(printedBy)
      : folded(
          say({ en: "What it printed while it was checked", ru: "Что она печатала во время проверки" }),
          printing(page).map(printedBy),
        )),
    ...[...notes, ...counted(verdict)].map((note) => html`<div style="opacity:0.8">${note}</div>`),
    html`<div style="opacity:0.8">${next}</div>`,
  ];
  return `<div style="border-left:4px solid ${color};padding:4px 12px;max-width:800px;line-height:1.5;overflow-wrap:anywhere">${parts.join("")}</div>`;
}

function explain({ title: name, failure }: CheckResult, { status, exercise }: Verdict): string {
  const { message, details, cause, input, picture } = failure!;
  const named = status === "failed";
  const lines = [
    `<div>${named ? html`<b>${name}</b>: ` : ""}${html`<code>${message}</code>`}</div>`,
    ...details.map((detail) => html`<div style="opacity:0.8">${detail}</div>`),
    ...(cause ? [html`<div style="margin-top:4px"><b>${likelyCause()}</b> ${cause}</div>`] : []),
    ...(picture ? [drawn(picture)] : []),
    ...(input === undefined
      ? []
      : [
          `<div style="margin-top:4px">${tryIt()}:</div><pre style="${CODE}">${escapeMarkup(callOf(input, exercise))}</pre>`,
        ]),
  ];
  return `<div style="margin:6px 0">${lines.join("")}</div>`;
}

const CODE =
  "margin:2px 0 6px 12px;white-space:pre-wrap;max-height:16em;overflow:auto;font-family:var(--jp-code-font-family,monospace)";

/** What came beside what was expected. */
function drawn({ of, got, expected }: Picture): string {
  const [mine, wanted] = [say({ en: "yours", ru: "у вас" }), say({ en: "expected", ru: "ожидалось" })];
  const figure = heatmaps({ [mine]: nested(got), [wanted]: nested(expected) }, { title: of });
  return String(figure[displaySymbol]()["text/html"]);
}

const nested = (rows: Picture["got"]): number[][] => rows.map((row) => [...row]);

const folded = (summary: string, parts: readonly string[]): string[] =>
  parts.length > 0 ? [html`<details><summary>${summary}</summary>`, ...parts, "</details>"] : [];

/** What the function printed, under the name of the check that called it. */
function printedBy({ title: name, printed, printedMore }: CheckResult): string {
  const calls = printed.map(
    ({ input, text }) =>
      html`<div style="opacity:0.8">${say({ en: "printed in", ru: "напечатано в" })} <b>${name}</b>, ${say({ en: "called with", ru: "вызов с" })} <code>${input}</code></div><pre style="${CODE}">${text.trimEnd()}</pre>`,
  );
  const more = printedMore > 0 ? [html`<div style="opacity:0.8">${andMore(printedMore)}</div>`] : [];
  return `<div style="margin:6px 0">${[...calls, ...more].join("")}</div>`;
}

/** A template whose values are escaped; what they have in `backticks` is set as code. */
const html = (strings: TemplateStringsArray, ...values: readonly string[]): string =>
  String.raw(
    { raw: strings },
    ...values.map((value) => escapeMarkup(value).replace(/`([^`]+)`/g, "<code>$1</code>")),
  );
