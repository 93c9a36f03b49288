/** Marks as test results, for tools that show those: a suite for a submission, a case for a check. */
import { escapeMarkup } from "../../notebook";
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
        return `    ${open}><failure message=${quoted(message.split("\n")[0])}>${escapeMarkup(message)}</failure></testcase>`;
      }),
    );
    const failures = exercises.flatMap(({ checks }) => checks).filter(({ passed }) => !passed).length;
    const head = `  <testsuite name=${quoted(`${student} ${notebook}`)} tests="${cases.length}" failures="${failures}">`;
    return [head, ...cases, "  </testsuite>"].join("\n");
  });
  return `<?xml version="1.0" encoding="UTF-8"?>\n<testsuites>\n${suites.join("\n")}\n</testsuites>\n`;
}

const quoted = (text: string): string => `"${escapeMarkup(text).replace(/\s+/g, " ")}"`;
