/**
 * Writes notebooks/ from src/lectures/<name>/<name>.nb.ts.
 *
 *     node scripts/generate-notebooks.mjs              notebooks/<name>.ipynb with holes, notebooks/solutions/<name>.ipynb
 *     node scripts/generate-notebooks.mjs --execute    the same, and runs the solutions to save their pictures
 *                                                    (as PNG too, for which it needs a Chromium)
 *     node scripts/generate-notebooks.mjs --check      changes nothing; fails if the files are not what would be written
 *     node scripts/generate-notebooks.mjs gpt          only these lectures
 */
import { existsSync, readdirSync, readFileSync } from "node:fs";
import path from "node:path";
import { loadTypeScript } from "./load-typescript.mjs";
import { expand } from "./notebooks/expand.mjs";
import {
  isExecuted,
  readNotebook,
  sameCode,
  sameSources,
  withOutputs,
  writeNotebook,
} from "./notebooks/ipynb.mjs";
import { parsePercent } from "./notebooks/percent.mjs";
import { withPngs } from "./notebooks/pictures.mjs";
import { inRoot, isMain, Problem, report } from "./steps.mjs";

/** The lectures that have a notebook. */
export const lectureNames = () =>
  readdirSync(inRoot("src", "lectures")).filter((name) => existsSync(sourceFile(name)));

/** @typedef {{ name: string, file: string, nb: import("./notebooks/ipynb.mjs").Notebook, solved: boolean }} Generated */

/** @param {string} name */
const sourceFile = (name) => inRoot("src", "lectures", name, `${name}.nb.ts`);

/** What belongs into the two files of a lecture, without outputs. @param {string} name @returns {Promise<Generated[]>} */
export async function generate(name) {
  const folder = inRoot("src", "lectures", name);
  const source = parsePercent(readFileSync(sourceFile(name), "utf8"), `${name}.nb.ts`);
  const { exercises } = await loadTypeScript(`./src/lectures/${name}/index.ts`);
  const student = expand(source, { name, folder, exercises, solved: false });
  const solution = expand(source, { name, folder, exercises, solved: true });
  return [
    { name, file: inRoot("notebooks", `${name}.ipynb`), nb: student, solved: false },
    { name, file: inRoot("notebooks", "solutions", `${name}.ipynb`), nb: solution, solved: true },
  ];
}

/** @param {string} file */
const shown = (file) => path.relative(inRoot(), file).replaceAll("\\", "/");

/** What is wrong with the files as they are. @param {Generated} generated */
function check({ file, nb, solved }) {
  const present = readNotebook(file);
  if (!present) return [`${shown(file)} is missing`];
  if (!sameSources(present, nb)) return [`${shown(file)} is not what its source generates`];
  return solved && !isExecuted(present) ? [`${shown(file)} has no saved outputs`] : [];
}

/** Outputs of an earlier run stay as long as the code is what was run; prose may change. @param {Generated} generated */
function write({ file, nb, solved }) {
  const present = solved ? readNotebook(file) : null;
  const keeps = present && sameCode(present, nb);
  const changed = writeNotebook(file, keeps ? withOutputs(nb, present) : nb);
  console.log(`  ${changed ? "wrote" : "kept "} ${shown(file)}`);
}

/** @param {Generated} generated */
async function execute({ name, file, nb }) {
  const [{ setup }, { runNotebooks }] = await Promise.all([import("./setup.mjs"), import("./run.mjs")]);
  const jupyter = await setup();
  const failed = await runNotebooks(jupyter, [`${name}=${file}`]);
  if (failed) throw new Problem(`${shown(file)} does not run to its end.`);
  const run = readNotebook(inRoot("out", `${name}.ipynb`));
  if (!run) throw new Problem(`out/${name}.ipynb was not written.`);
  const executed = withOutputs(nb, run);
  writeNotebook(file, await withPngs(executed));
}

/** @param {readonly string[]} args */
async function main(args) {
  const options = args.filter((arg) => arg.startsWith("--"));
  const unknown = options.find((option) => !["--check", "--execute"].includes(option));
  if (unknown) throw new Problem(`There is no option ${unknown}.`, "Options: --check, --execute.");
  const asked = args.filter((arg) => !arg.startsWith("--"));
  const names = asked.length > 0 ? asked : lectureNames();
  const missing = names.find((name) => !existsSync(sourceFile(name)));
  if (missing)
    throw new Problem(`There is no lecture ${missing}.`, `Lectures: ${lectureNames().join(", ")}.`);
  const files = (await Promise.all(names.map(generate))).flat();

  if (options.includes("--check")) {
    const problems = files.flatMap(check);
    if (problems.length > 0)
      throw new Problem(problems.join("\n"), "Run: node scripts/generate-notebooks.mjs --execute");
    console.log(`${files.length} notebooks are what their sources generate.`);
    return;
  }
  for (const file of files) write(file);
  if (options.includes("--execute"))
    for (const file of files.filter(({ solved }) => solved)) await execute(file);
}

if (isMain(import.meta.url))
  main(process.argv.slice(2)).catch((error) => {
    process.exitCode = report(error);
  });
