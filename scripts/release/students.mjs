/** `npm run release -- --students DIR`: the course as students get it. */
import { execFileSync } from "node:child_process";
import {
  cpSync,
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  writeFileSync,
} from "node:fs";
import path from "node:path";
import { build } from "../build.mjs";
import { generate, writtenLectures } from "../generate-notebooks.mjs";
import { stable } from "../notebooks/ipynb.mjs";
import { libraryVersion } from "../notebooks/sources.mjs";
import { inRoot, Problem, step, writeWhole } from "../steps.mjs";
import { scan, secrets } from "./scan.mjs";
import { sealExercises } from "./seal.mjs";

/** What students call by `npm run`. Everything else is for authors, and needs the sources. */
const COMMANDS = ["start", "progress", "update", "hand-in", "reset", "hub"];
/** Programs of the bundle; with all that they import. */
const PROGRAMS = ["start.mjs", "student.mjs", "hub.mjs", "release/test.mjs"];
/** What they read or call without importing it. */
const BESIDE = ["node-version.cjs", "warden.mjs", "run_notebooks.py", "requirements.txt", "lab"];
/** Marks a bundle, and says what it was made of. */
const RELEASE = "release.json";
/** What the course makes for itself, where the bundle lies in a repository. */
const IGNORED = ["node_modules/", ".venv/", ".cache/", "my-course/", "out/", ""].join("\n");
/** Rooms of the built library that only the grader needs. */
export const GRADERS = ["wall", "submission", "batch", "report", "queue", "similar"];

/**
 * Writes the bundle. `folder` appears whole, or not at all; it must be empty, or an earlier bundle, which is replaced.
 * @param {string} folder
 * @param {{ hints?: boolean }} [options] `hints: false`: without the solutions that stand folded beside the exercises
 */
export async function releaseStudents(folder, { hints = true } = {}) {
  const earlier = existsSync(path.join(folder, RELEASE));
  if (existsSync(folder) && readdirSync(folder).length > 0 && !earlier)
    throw new Problem(
      `${folder} is neither empty nor an earlier bundle.`,
      "Name another folder, or empty it.",
    );
  await step("library", build);
  const aside = `${folder}.${process.pid}.tmp`;
  rmSync(aside, { recursive: true, force: true });
  try {
    mkdirSync(aside, { recursive: true });
    const notebooks = await step("notebooks", () => writeNotebooks(aside, hints));
    await step("programs", () => copyPrograms(aside));
    await step("exercises", () => `${copyLibrary(aside)} files sealed`);
    writeTexts(aside, hints);
    await step("scan", () => prove(aside, hints));
    if (earlier) replaceBelow(folder, aside);
    else {
      rmSync(folder, { recursive: true, force: true });
      renameSync(aside, folder);
    }
    return notebooks;
  } finally {
    rmSync(aside, { recursive: true, force: true });
  }
}

/**
 * The new bundle in the place of an earlier one. What else lies there stays: what was installed, a repository's own files. What
 * says that it is a bundle comes last, so that a run that was interrupted can be repeated.
 * @param {string} folder @param {string} aside
 */
function replaceBelow(folder, aside) {
  const names = readdirSync(aside).filter((name) => name !== RELEASE);
  for (const name of [...names, RELEASE]) {
    rmSync(path.join(folder, name), { recursive: true, force: true });
    renameSync(path.join(aside, name), path.join(folder, name));
  }
}

/** @param {string} to @param {boolean} hints */
async function writeNotebooks(to, hints) {
  const written = await writtenLectures();
  const files = (await Promise.all(written.map((lecture) => generate(lecture, written, { hints })))).flat();
  const students = files.filter(({ solved }) => !solved);
  for (const { file, nb } of students) {
    const copy = path.join(to, path.relative(inRoot(), file));
    mkdirSync(path.dirname(copy), { recursive: true });
    writeFileSync(copy, stable(nb));
  }
  return `${students.length} without solutions`;
}

/** @param {string} to */
function copyPrograms(to) {
  const scripts = [...importedBy(PROGRAMS.map((name) => inRoot("scripts", name)))];
  const files = [...scripts, ...BESIDE.map((name) => inRoot("scripts", name)), inRoot("jupyter")];
  for (const file of [
    ...files,
    inRoot("recorded"),
    inRoot("pretrained"),
    inRoot("docs", "glossary.md"),
    inRoot("LICENSE"),
  ]) {
    const copy = path.join(to, path.relative(inRoot(), file));
    mkdirSync(path.dirname(copy), { recursive: true });
    cpSync(file, copy, {
      recursive: true,
      // The kernel that grades under nbgrader is for instructors.
      filter: (one) => one !== inRoot("jupyter", "grading") && !/__pycache__|\.tmp$/.test(one),
    });
  }
  return `${scripts.length} scripts, the kernel`;
}

/** The files and all that they import from here. @param {readonly string[]} files */
function importedBy(files) {
  const found = new Set(files);
  for (const file of found)
    for (const [, id] of readFileSync(file, "utf8").matchAll(
      /(?:\bfrom\s*|\bimport\s*\(?\s*)"(\.{1,2}\/[^"]+)"/g,
    )) {
      const one = path.resolve(path.dirname(file), id);
      if (existsSync(one) && one.startsWith(inRoot("scripts") + path.sep)) found.add(one);
    }
  return found;
}

/** @param {string} to */
function copyLibrary(to) {
  const grading = inRoot("dist", "grading");
  cpSync(inRoot("dist"), path.join(to, "dist"), {
    recursive: true,
    filter: (file) =>
      !GRADERS.some((room) => file === path.join(grading, room)) && !/\.(stamp|tmp)$/.test(file),
  });
  return sealExercises(path.join(to, "dist"));
}

/** package.json, its lock, README.md, .gitignore, release.json. @param {string} to @param {boolean} hints */
function writeTexts(to, hints) {
  const about = JSON.parse(readFileSync(inRoot("package.json"), "utf8"));
  const commands = COMMANDS.map((name) => [name, about.scripts[name]]);
  const test = about.scripts.test.replace("scripts/test.mjs", "scripts/release/test.mjs");
  const scripts = Object.fromEntries([...commands, ["test", test]]);
  writeWhole(path.join(to, "package.json"), `${JSON.stringify({ ...about, scripts }, null, 2)}\n`);
  cpSync(inRoot("package-lock.json"), path.join(to, "package-lock.json"));
  writeWhole(path.join(to, "README.md"), readme(to, readFileSync(inRoot("README.md"), "utf8")));
  const release = { format: 1, course: libraryVersion(), commit: commit(), solutionHints: hints };
  writeWhole(path.join(to, ".gitignore"), IGNORED);
  writeWhole(path.join(to, RELEASE), `${JSON.stringify(release, null, 1)}\n`);
}

/** The README without what is for authors, and without links to what is not here. @param {string} to @param {string} text */
function readme(to, text) {
  const parts = text
    .split(/^(?=## )/m)
    .filter((part) => !/^## (The map of the house|How fast it is)/.test(part));
  return parts
    .join("")
    .replaceAll(/, \[solved\]\([^)]*\)/g, "")
    .replace(
      /^MIT licence, see [\s\S]*$/m,
      "MIT licence, see [LICENSE](LICENSE). Words of the course: [docs/glossary.md](docs/glossary.md).\n",
    )
    .replace(
      "    npm test                     # the same set-up, then every check\n",
      "    npm test                     # the same set-up, then runs every notebook once, short\n",
    )
    .replace(/^### To read it without installing\n[\s\S]*?(?=^#)/m, "")
    .replace("your notebooks, the solved ones to read, and", "your notebooks, and")
    .replaceAll(/^!\[[^\]]*\]\([^)]*\)\n\n/gm, "")
    .replaceAll(/\[([^\]]*)\]\((?!https?:)([^)]*)\)/g, (link, words, target) =>
      existsSync(path.join(to, target)) ? link : words,
    );
}

/** The version of the sources that the bundle was made from; null outside of version control. */
function commit() {
  try {
    const text = execFileSync("git", ["rev-parse", "HEAD"], {
      cwd: inRoot(),
      encoding: "utf8",
      stdio: ["ignore", "pipe", "ignore"],
    });
    return text.trim();
  } catch {
    return null;
  }
}

/** Throws a Problem that names what would be given away. @param {string} folder @param {boolean} hints */
function prove(folder, hints) {
  const wanted = secrets();
  // The third hint is the solution, folded twice: it is meant to be there.
  const except = (/** @type {{ id?: string }} */ { id }) => hints && /-task$/.test(id ?? "");
  const leaks = scan(folder, wanted, { except });
  if (leaks.length > 0)
    throw new Problem(
      `The bundle would give away:\n${leaks.map(({ file, what }) => `  ${what}, in ${file}`).join("\n")}`,
      "Nothing was written.",
    );
  return `none of ${wanted.length} solutions and hidden checks is in it`;
}
