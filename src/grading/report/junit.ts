/** Marks as test results, for tools that show those: a suite for a submission, a case for a check. */
import type { Graded } from "../batch/results";

export function junitXml(all: readonly Graded[]): string {
  const suites = all.map(({ submission: { student, notebook, exercises } }) => {
    const cases = exercises.flatMap(({ id, checks, reason }) =>
      checks.map((check) => {
        const why = check.passed
          ? null
          : ((check.hidden ? null : check.reason) ?? (check.hidden ? null : reason) ?? "failed");
        const open = `<testcase classname=${quoted(`${notebook}.${id}`)} name=${quoted(check.name)}`;
        const message = check.hidden ? "a hidden check" : (why ?? "");
        if (check.passed) return `    ${open}/>`;
        return `    ${open}><failure message=${quoted(message.split("\n")[0])}>${escaped(message)}</failure></testcase>`;
      }),
    );
    const failures = exercises.flatMap(({ checks }) => checks).filter(({ passed }) => !passed).length;
    const head = `  <testsuite name=${quoted(`${student} ${notebook}`)} tests="${cases.length}" failures="${failures}">`;
    return [head, ...cases, "  </testsuite>"].join("\n");
  });
  return `<?xml version="1.0" encoding="UTF-8"?>\n<testsuites>\n${suites.join("\n")}\n</testsuites>\n`;
}

const quoted = (text: string): string => `"${escaped(text).replace(/\s+/g, " ")}"`;

/** XML has no word for most control characters. */
const escaped = (text: string): string =>
  Array.from(text, (one) => {
    const code = one.codePointAt(0)!;
    const isKnown =
      code === 9 ||
      code === 10 ||
      code === 13 ||
      (code >= 32 && code < 0xd800) ||
      (code > 0xdfff && code !== 0xfffe && code !== 0xffff);
    if (!isKnown) return "\ufffd";
    return { "<": "&lt;", ">": "&gt;", "&": "&amp;", '"': "&quot;" }[one] ?? one;
  }).join("");
