/**
 * `npm run site [-- --out FOLDER]`: the lectures as pages to read, for any web server, from the executed notebooks:
 * site/index.html, site/en/NN-name.html, site/ru/NN-name.html; site/glossary.html and site/instructors.html from docs/.
 * Nothing in them comes from elsewhere.
 */
import {
  copyFileSync,
  cpSync,
  existsSync,
  mkdirSync,
  readFileSync,
  renameSync,
  rmSync,
  writeFileSync,
} from "node:fs";
import { createRequire } from "node:module";
import path from "node:path";
import { parseArgs } from "node:util";
import MiniSearch from "minisearch";
import { generate, writtenLectures } from "./generate-notebooks.mjs";
import { loadTypeScript } from "./load-typescript.mjs";
import { isExecuted, readNotebook, textOf } from "./notebooks/ipynb.mjs";
import { contents, documents, home, neighbours, page, say, words } from "./site/pages.mjs";
import { prose, render } from "./site/render.mjs";
import { green, inRoot, isMain, Problem, report, seconds, yellow } from "./steps.mjs";

/** @typedef {import("./site/pages.mjs").Language} Language */
/** @typedef {import("./site/pages.mjs").Lecture} Lecture */
/** @typedef {{ id: string, url: string, title: string, lecture: string, text: string }} Entry what the search finds */

/** @type {readonly Language[]} */
const languages = ["en", "ru"];

const searchOptions = { fields: ["title", "text"], storeFields: ["url", "title", "lecture"] };

/**
 * One lecture in one language; its sections go into `entries`.
 * @param {Language} language
 * @param {Lecture} lecture
 * @param {readonly Lecture[]} written
 * @param {Entry[]} entries
 */
async function lecturePage(language, lecture, written, entries) {
  const files = await generate(lecture, written);
  const own = files.filter((file) => file.language === language);
  const [student, solution] = [false, true].map((solved) =>
    (own.length > 0 ? own : files).find((file) => file.solved === solved),
  );
  if (!student || !solution) throw new Problem(`${lecture.notebook} has no notebook.`);
  const executed = readNotebook(solution.file) ?? solution.nb;
  if (!isExecuted(executed))
    console.log(
      yellow(`  ${language}/${lecture.notebook} was not executed: npm run course -- ${lecture.name}`),
    );
  const holes = new Map(
    student.nb.cells.filter(({ id }) => id.endsWith("-answer")).map((cell) => [cell.id, textOf(cell)]),
  );
  const { html, sections } = render(executed, { holes, words: words[language] });
  const url = `${language}/${lecture.notebook}.html`;
  const title = `${String(lecture.number).padStart(2, "0")} ${say(language, lecture.title)}`;
  sections.forEach(({ id, title: heading, text }, i) => {
    entries.push({
      id: `${lecture.notebook}-${i}`,
      url: `${url}#${id}`,
      title: heading,
      lecture: title,
      text,
    });
  });
  const texts = executed.cells.filter((cell) => cell.cell_type === "markdown").map(textOf);
  const lacks = language === "ru" ? missing(texts) : "";
  const note = lacks ? `<p class="note">${lacks}</p>` : "";
  const links = neighbours(language, written, lecture);
  return page({
    language,
    title,
    up: "../",
    other: `../${language === "en" ? "ru" : "en"}/${lecture.notebook}.html`,
    home: language === "en" ? "../index.html" : "../ru/index.html",
    aside: contents(language, sections),
    main: `${links}${note}${html}${links}`,
  });
}

/** Prose whose words are none of the language's: what is not translated. @param {readonly string[]} texts */
function missing(texts) {
  const inWords = texts.filter((text) => /\p{L}{3}/u.test(text));
  const russian = inWords.filter((text) => /\p{Script=Cyrillic}/u.test(text));
  return russian.length === 0
    ? words.ru.untranslated
    : russian.length < inWords.length
      ? words.ru.missing
      : "";
}

/**
 * A page of docs/. Its links to other such pages stay links; what leads to files of the project becomes its words.
 * @param {string} name
 * @param {readonly Entry[][]} entries found in every language: the glossary has the words of both
 */
function documentPage(name, entries) {
  const text = readFileSync(inRoot("docs", `${name}.md`), "utf8").replace(
    /\[([^\]]+)\]\((?!https?:|#)([^)]*)\)/g,
    (_, shown, target) => {
      const other = documents.find((one) => target === `${one}.md`);
      return other ? `[${shown}](${other}.html)` : shown;
    },
  );
  /** @type {import("./site/render.mjs").Section[]} */
  const sections = [];
  const html = prose(text, sections);
  const title = words.en.documents[name];
  sections.forEach(({ id, title: heading, text: below }, i) => {
    const entry = {
      id: `${name}-${i}`,
      url: `${name}.html#${id}`,
      title: heading,
      lecture: title,
      text: below,
    };
    for (const list of entries) list.push(entry);
  });
  return page({
    language: "en",
    title,
    up: "",
    other: "ru/index.html",
    home: "index.html",
    aside: contents("en", sections),
    main: `<div class="prose">${html}</div>`,
  });
}

/** Fonts, styles, scripts. @param {string} folder @param {Record<Language, Entry[]>} entries */
async function assets(folder, entries) {
  const { minifySync } = await import("vite");
  const from = createRequire(import.meta.url).resolve;
  const katex = path.dirname(from("katex/dist/katex.min.css"));
  mkdirSync(path.join(folder, "katex", "fonts"), { recursive: true });
  copyFileSync(path.join(katex, "katex.min.css"), path.join(folder, "katex", "katex.min.css"));
  const isWoff2 = (/** @type {string} */ file) => path.extname(file) === "" || file.endsWith(".woff2");
  cpSync(path.join(katex, "fonts"), path.join(folder, "katex", "fonts"), {
    recursive: true,
    filter: (file) => path.basename(file) === "fonts" || isWoff2(file),
  });
  for (const file of ["site.css", "site.js"])
    copyFileSync(inRoot("scripts", "site", file), path.join(folder, file));
  const shrink = (/** @type {string} */ name, /** @type {string} */ source) => {
    const { code } = minifySync(name, readFileSync(source, "utf8"), { compress: false });
    writeFileSync(path.join(folder, name), code);
  };
  shrink("plotly.js", from("plotly.js-dist/plotly.js"));
  shrink("minisearch.js", path.join(path.dirname(from("minisearch")), "..", "umd", "index.js"));
  for (const language of languages) {
    const search = new MiniSearch(searchOptions);
    search.addAll(entries[language]);
    const text = JSON.stringify({ options: searchOptions, data: search }).replaceAll("</", "<\\/");
    writeFileSync(path.join(folder, `search-${language}.js`), `window.gradschoolSearch = ${text};\n`);
  }
}

/**
 * Writes the whole site into a folder, in the place of what was there.
 * @param {string} out
 */
export async function buildSite(out) {
  const [{ course }, written] = await Promise.all([
    loadTypeScript("./src/lectures/course.ts"),
    writtenLectures(),
  ]);
  const aside = `${out}.${process.pid}.tmp`;
  const write = (/** @type {string} */ name, /** @type {string} */ text) => {
    mkdirSync(path.dirname(path.join(aside, name)), { recursive: true });
    writeFileSync(path.join(aside, name), text);
  };
  /** @type {Record<Language, Entry[]>} */
  const entries = { en: [], ru: [] };
  try {
    for (const language of languages) {
      for (const lecture of written)
        write(
          `${language}/${lecture.notebook}.html`,
          await lecturePage(language, lecture, written, entries[language]),
        );
      const isEnglish = language === "en";
      const main = home(language, course, written, isEnglish ? "" : "../");
      const other = isEnglish ? "ru/index.html" : "../index.html";
      const { title } = words[language];
      const html = page({ language, title, up: isEnglish ? "" : "../", other, home: "index.html", main });
      write(isEnglish ? "index.html" : "ru/index.html", html);
    }
    for (const name of documents) write(`${name}.html`, documentPage(name, Object.values(entries)));
    await assets(path.join(aside, "assets"), entries);
    rmSync(out, { recursive: true, force: true });
    renameSync(aside, out);
  } finally {
    rmSync(aside, { recursive: true, force: true });
  }
  return written.length;
}

/** @param {readonly string[]} args */
async function main(args) {
  const { values } = parseArgs({ args: [...args], options: { out: { type: "string", default: "site" } } });
  const start = performance.now();
  const out = path.resolve(process.env.INIT_CWD ?? ".", values.out);
  // What is there is removed: let it be a site.
  if (existsSync(out) && !existsSync(path.join(out, "assets", "site.js")))
    throw new Problem(
      `${out} is there, and holds something else than a site.`,
      "Name another folder: --out FOLDER",
    );
  const lectures = await buildSite(out);
  console.log(
    `  ${green("✓")} ${path.join(out, "index.html")}: ${lectures} lectures in two languages, ${seconds(start)}`,
  );
}

if (isMain(import.meta.url))
  main(process.argv.slice(2)).catch((error) => {
    process.exitCode = report(error);
  });
