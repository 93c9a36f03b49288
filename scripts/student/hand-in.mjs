/** `npm run hand-in`: looks at the notebooks, runs them once, and packs what the instructor needs into one file. */
import { createHash } from "node:crypto";
import { existsSync, mkdirSync, readFileSync } from "node:fs";
import path from "node:path";
import { closest } from "../arguments.mjs";
import { shortName } from "../notebooks/files.mjs";
import { libraryVersion } from "../notebooks/sources.mjs";
import { bold, dim, Problem, step, writeWhole, yellow } from "../steps.mjs";
import { writeZip } from "../zip.mjs";
import { copyOf, givenNotebooks } from "./copies.mjs";
import { examine } from "./examine.mjs";
import { makePlace, readSettings, shown, writeSettings } from "./place.mjs";
import { say, setReader } from "./reader.mjs";
import { courseExercises, tryOut, verdictsIn } from "./trial.mjs";

/** @typedef {import("./examine.mjs").Examined} Examined */
/** @typedef {import("./trial.mjs").Trial} Trial */
/** How a notebook was found, and how it ran; `trial` is null where it was not to be run. @typedef {{ notebook: Examined, trial: Trial | null }} Seen */
/** @typedef {{ id: string, status: string, earned: number, points: number, visible: { passed: number, checks: number }, hidden: number }} Line */

/**
 * Answers with the path of the zip file and what the student should read.
 * @param {string} place
 * @param {readonly string[]} words the notebooks; `all`; or, without words, those in which an answer has been written
 * @param {{ name?: string, run?: (notebook: Examined) => Promise<Trial> }} options `name`: the student's; `run`: how a
 *   notebook is run, or not at all
 */
export async function handIn(place, words, { name, run }) {
  makePlace(place);
  const settings = readSettings(place);
  setReader(settings.language);
  if (name && name !== settings.name) writeSettings(place, { ...settings, name });
  const student = name ?? settings.name ?? null;
  const notebooks = choose(place, words);
  /** @type {Seen[]} */
  const seen = [];
  for (const notebook of notebooks) seen.push({ notebook, trial: run ? await run(notebook) : null });

  const exercises = courseExercises();
  const time = new Date();
  const files = notebooks.map(({ name, bytes, saved }) => ({ name: `${name}.ipynb`, bytes, time: saved }));
  const progress = notebooks.flatMap(({ exercises }) => exercises.flatMap(({ id }) => remembered(place, id)));
  const about = seen.map((one) => ({ ...aboutNotebook(one), exercises: linesOf(one, exercises) }));
  const lines = about.flatMap(({ exercises }) => exercises);
  const manifest = {
    ...{ format: 1, student, time: time.toISOString(), language: settings.language },
    versions: { course: libraryVersion(), node: process.versions.node, platform: process.platform },
    notebooks: about,
    files: [...files, ...progress].map(({ name, bytes }) => ({
      file: name,
      bytes: bytes.length,
      sha256: sha256(bytes),
    })),
    // As the student's own run says. Marks are made by the grader, which believes none of it.
    own: { earned: sum(lines, "earned"), points: sum(lines, "points"), hidden: sum(lines, "hidden") },
  };
  const what = notebooks.length === 1 ? notebooks[0].name : `${notebooks.length} notebooks`;
  const title = [student && fileName(student), what, stamp(time)].filter(Boolean).join(" ");
  const zip = path.join(place, "hand-ins", `${title}.zip`);
  mkdirSync(path.dirname(zip), { recursive: true });
  const described = { name: "manifest.json", bytes: Buffer.from(`${JSON.stringify(manifest, null, 1)}\n`) };
  await writeZip(zip, [described, ...files, ...progress]);
  const receipt = receiptOf(manifest, seen, sha256(readFileSync(zip)));
  writeWhole(zip.replace(/zip$/, "txt"), `${[path.basename(zip), "", ...receipt].join("\n")}\n`);
  return { zip, receipt, manifest };
}

/** @param {string} place @param {readonly string[]} words @returns {Examined[]} */
function choose(place, words) {
  const given = givenNotebooks(readSettings(place).language);
  const there = given.filter(({ name }) => existsSync(copyOf(place, name)));
  const chosen = words.flatMap((word) => {
    if (word === "all") return there;
    const name = path.basename(word, ".ipynb");
    const one = given.find((one) => [one.name, shortName(one.name), one.name.slice(0, 2)].includes(name));
    const names = given.map(({ name }) => name);
    const near = closest(name, [...names, ...names.map(shortName)]);
    if (!one)
      throw new Problem(
        say({
          en: `There is no notebook ${word} in the course.${near ? ` Did you mean ${near}?` : ""}`,
          ru: `Тетради ${word} в курсе нет.${near ? ` Может быть, ${near}?` : ""}`,
        }),
        say({
          en: `There are: ${names.join(", ")}, and all.`,
          ru: `Есть: ${names.join(", ")}; все сразу — all.`,
        }),
      );
    if (!there.includes(one))
      throw new Problem(
        say({ en: `${copyOf(place, one.name)} is not there.`, ru: `Файла ${copyOf(place, one.name)} нет.` }),
        say({
          en: "Your folder is another one? --in FOLDER names it.",
          ru: "Ваша папка другая? Её называет --in ПАПКА.",
        }),
      );
    return [one];
  });
  if (words.length > 0) return [...new Set(chosen)].map((one) => examine(place, one));
  const begun = there
    .map((one) => examine(place, one))
    .filter(({ exercises }) => exercises.some(({ written }) => written));
  if (begun.length > 0) return begun;
  throw new Problem(
    say({
      en: `In ${place} no exercise is written yet, as far as the saved files tell.`,
      ru: `В папке ${place} не решено ни одного задания, если судить по сохранённым файлам.`,
    }),
    say({
      en: "Save in JupyterLab first (Ctrl + S). To hand in a notebook all the same, name it: npm run hand-in -- 05-gpt",
      ru: "Сначала сохраните в JupyterLab (Ctrl + S). Чтобы всё равно сдать тетрадь, назовите её: npm run hand-in -- 05-gpt",
    }),
  );
}

/** What progress has of an exercise. @param {string} place @param {string} id */
const remembered = (place, id) =>
  ["json", "ts"]
    .map((kind) => ({ name: `progress/${id}.${kind}`, file: path.join(place, "progress", `${id}.${kind}`) }))
    .filter(({ file }) => existsSync(file))
    .map(({ name, file }) => ({ name, bytes: readFileSync(file) }));

/** @param {Seen} seen */
function aboutNotebook({ notebook: { name, saved, warnings, cells }, trial }) {
  const before = verdictsIn({ cells: [...cells], metadata: {}, nbformat: 4, nbformat_minor: 5 });
  const differing = [...(trial?.verdicts ?? [])].flatMap(([id, { earned, points }]) => {
    const then = before.get(id);
    return then && then.earned !== earned
      ? [
          say({
            en: `${id}: the page shows ${then.earned} of ${then.points}, and run from the top it is ${earned} of ${points}.`,
            ru: `${id}: на странице ${then.earned} из ${then.points}, а при запуске сверху вниз — ${earned} из ${points}.`,
          }),
        ]
      : [];
  });
  return {
    file: `${name}.ipynb`,
    saved: saved.toISOString(),
    run: trial ? { seconds: Math.round(trial.seconds), failures: trial.failures.length } : null,
    warnings: [...warnings, ...differing],
  };
}

/** @param {Seen} seen @param {ReturnType<typeof courseExercises>} exercises @returns {Line[]} */
function linesOf({ notebook, trial }, exercises) {
  return notebook.exercises.map(({ id, answer }) => {
    const { points, hidden, checks } = exercises[id] ?? { points: 0, hidden: 0, checks: [] };
    const verdict = trial?.verdicts.get(id);
    const passed = verdict?.checks.filter(({ failure }) => !failure).length ?? 0;
    const status = !trial
      ? "not run"
      : answer < 0 && !verdict
        ? "gone"
        : (verdict?.status ?? "its check did not run");
    return {
      ...{ id, status, earned: verdict?.earned ?? 0, points, hidden },
      visible: { passed, checks: checks.length },
    };
  });
}

/** States other than passed and failed, in words. @type {Record<string, { en: string, ru: string } | undefined>} */
const TOLD = {
  unwritten: { en: "not written yet", ru: "ещё не написано" },
  missing: {
    en: "there was no function to check: its cell did not run",
    ru: "проверять было нечего: ячейка с функцией не выполнилась",
  },
  forbidden: {
    en: "uses what it must not use: see its check in the notebook",
    ru: "пользуется тем, чем нельзя: смотрите проверку в тетради",
  },
  gone: { en: "gone", ru: "ячейки нет" },
  "not run": { en: "not run", ru: "не запускалось" },
  "its check did not run": { en: "its check did not run", ru: "проверка не запускалась" },
};

/** @param {Line} line */
function said({ status, visible, hidden }) {
  const told = TOLD[status];
  if (told) return say(told);
  return say({
    en: `${visible.passed} of ${visible.checks} visible checks pass; ${hidden} more run at grading`,
    ru: `пройдено видимых проверок: ${visible.passed} из ${visible.checks}; при оценивании запустятся ещё ${hidden}`,
  });
}

/** @param {{ notebooks: (ReturnType<typeof aboutNotebook> & { exercises: Line[] })[], own: { earned: number, points: number, hidden: number } }} manifest @param {readonly Seen[]} seen @param {string} hash */
function receiptOf({ notebooks, own }, seen, hash) {
  const width = Math.max(...notebooks.flatMap(({ exercises }) => exercises.map(({ id }) => id.length)), 0);
  const parts = notebooks.flatMap(({ file, exercises, warnings }, i) => [
    file,
    ...exercises.map(
      (line) => `  ${line.id.padEnd(width)}  ${outOf(line.earned, line.points).padStart(8)}   ${said(line)}`,
    ),
    ...warnings.map((text) => `  ! ${text}`),
    ...(seen[i].trial?.failures ?? []).map(
      (text) => `  ! ${text.split("\n").slice(0, 3).join("\n    ").slice(0, 400)}`,
    ),
    "",
  ]);
  return [
    ...parts,
    say({
      en: `In all ${own.earned} of ${own.points} points by the checks that you see; ${own.hidden} more at grading.`,
      ru: `Всего ${outOf(own.earned, own.points)} баллов по видимым проверкам; ещё ${own.hidden} — при оценивании.`,
    }),
    say({ en: `SHA-256 of the zip file: ${hash}`, ru: `SHA-256 архива: ${hash}` }),
  ];
}

/** @param {number} part @param {number} whole */
const outOf = (part, whole) => say({ en: `${part} of ${whole}`, ru: `${part} из ${whole}` });

/** @param {readonly Line[]} lines @param {"earned" | "points" | "hidden"} what */
const sum = (lines, what) => lines.reduce((total, line) => total + line[what], 0);

/** @param {Buffer} bytes */
const sha256 = (bytes) => createHash("sha256").update(bytes).digest("hex");

/** A name in whatever alphabet, without what file systems refuse. @param {string} name */
export const fileName = (name) =>
  name
    .normalize("NFC")
    .replace(/[^\p{L}\p{M}\p{N} ._-]+/gu, "_")
    .replace(/^[. ]+|[. ]+$/g, "")
    .slice(0, 60);

/** @param {Date} time */
const stamp = (time) =>
  `${time.getFullYear()}-${[time.getMonth() + 1, time.getDate()].map(two).join("-")} ${[time.getHours(), time.getMinutes(), time.getSeconds()].map(two).join("-")}`;
const two = (/** @type {number} */ n) => `${n}`.padStart(2, "0");

/**
 * What the command line does. Resolves with the exit code.
 * @param {string} place @param {readonly string[]} words @param {{ name?: string, run: boolean }} options
 */
export async function main(place, words, { name, run }) {
  const { setup } = await import("../setup.mjs");
  const jupyter = await setup();
  const { zip, receipt } = await handIn(place, words, {
    name,
    run: run
      ? (notebook) =>
          step(`${say({ en: "run", ru: "запуск" })} ${notebook.name}`, () => tryOut(jupyter, place, notebook))
      : undefined,
  });
  console.log("");
  for (const line of receipt) console.log(/^ {2}! /.test(line) ? yellow(line) : line);
  console.log(
    `\n${say({ en: "To hand in, send this file:", ru: "Чтобы сдать работу, отправьте этот файл:" })}`,
  );
  console.log(`  ${bold(shown(zip))}`);
  console.log(
    dim(
      say({
        en: "It holds these notebooks as they are saved, and what `progress` remembers of their exercises; nothing else.\nWhat you have not saved in JupyterLab cannot be seen here.",
        ru: "В нём эти тетради, как они сохранены, и то, что помнит `progress` об их заданиях; больше ничего.\nЧто не сохранено в JupyterLab, отсюда не видно.",
      }),
    ),
  );
  return 0;
}
