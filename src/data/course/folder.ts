import { nodeModule, readText, refusal } from "../../tensor";

const fs = nodeModule("node:fs");
const paths = nodeModule("node:path");

/**
 * The folder of the course: the one above this library, or above the program that runs, whose package.json says so.
 * `op` is who wants it, for the message where there is none.
 */
export function courseFolder(op: string): string {
  const starts = [...(typeof __filename === "string" ? [paths.dirname(__filename)] : []), process.cwd()];
  for (const start of starts) {
    for (let folder = start; ; folder = paths.dirname(folder)) {
      if (isCourse(paths.join(folder, "package.json"))) return folder;
      if (folder === paths.dirname(folder)) break;
    }
  }
  throw refusal(op, `expected the course's folder above ${starts.join(" or ")}`, "run this inside of it");
}

function isCourse(file: string): boolean {
  if (!fs.existsSync(file)) return false;
  try {
    return JSON.parse(readText(file)).name === "gradschool";
  } catch {
    return false;
  }
}
