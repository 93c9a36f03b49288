/** The pages around the lectures: head, menus, the list of lectures. */
import { escapeHtml } from "./render.mjs";

/** @typedef {"en" | "ru"} Language */
/** @typedef {import("../../src/lectures/course").Lecture} Lecture */
/** @typedef {import("./render.mjs").Section} Section */

/** Pages of docs/ that are part of the site, in English. */
export const documents = Object.freeze(["glossary", "instructors"]);

/** What the site itself says; `documents` by their names. */
export const words = {
  en: {
    title: "gradschool: a course on multimodal models",
    home: "All lectures",
    contents: "On this page",
    search: "Search",
    nothing: "Nothing found.",
    theme: "Light or dark",
    other: "По-русски",
    cut: "more lines in the notebook",
    untranslated: "",
    missing: "",
    minutes: "minutes",
    write: "You write",
    data: "Data",
    lecture: "Lecture",
    unwritten: "being written",
    documents: /** @type {Record<string, string>} */ ({
      glossary: "Glossary",
      instructors: "For instructors",
    }),
    intro: `<p>You build BERT, GPT, ViT and CLIP step by step, in Jupyter notebooks in TypeScript, from arrays and
      gradients that you can read in an evening. Exercises are checked as you write them, and tell you what is wrong and
      why. These pages show every lecture as it runs, to read before you install anything.</p>
      <p>To work through it you need <a href="https://nodejs.org">Node</a> 20 or newer and Python 3.10 or newer; in a
      copy of the course, one command opens it:</p><pre class="code"><code>npm start</code></pre>`,
  },
  ru: {
    title: "gradschool: курс о мультимодальных моделях",
    home: "Все лекции",
    contents: "На этой странице",
    search: "Поиск",
    nothing: "Ничего не найдено.",
    theme: "Светлая или тёмная тема",
    other: "In English",
    cut: "строк, остальные в ноутбуке",
    untranslated: "Эта лекция пока не переведена: ниже английский текст.",
    missing: "Часть этой лекции пока не переведена: там остаётся английский текст.",
    minutes: "минут",
    write: "Вы пишете",
    data: "Данные",
    lecture: "Лекция",
    unwritten: "готовится",
    documents: /** @type {Record<string, string>} */ ({
      glossary: "Словарь терминов",
      instructors: "Преподавателям (по-английски)",
    }),
    intro: `<p>Шаг за шагом вы собираете BERT, GPT, ViT и CLIP в ноутбуках Jupyter на TypeScript: от массивов и градиентов,
      код которых читается за вечер. Задания проверяются сразу и объясняют, что не так и почему. На этих страницах
      каждая лекция показана так, как она выполняется: её можно прочесть, ничего не устанавливая.</p>
      <p>Чтобы выполнять задания, нужны <a href="https://nodejs.org">Node</a> 20 или новее и Python 3.10 или новее; в
      копии курса его открывает одна команда:</p><pre class="code"><code>npm start</code></pre>`,
  },
};

/** @param {Language} language @param {import("../../src/notebook").Localized} text */
export const say = (language, text) => (typeof text === "string" ? text : (text[language] ?? text.en));

/**
 * A page. `up` is the way to the site's root.
 * @param {{ language: Language, title: string, up: string, other: string, home: string, main: string, aside?: string }} parts
 */
export function page({ language, title, up, other, home, main, aside = "" }) {
  const say = words[language];
  return `<!doctype html>
<html lang="${language}">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>${escapeHtml(title)}</title>
<link rel="icon" href="data:,">
<link rel="stylesheet" href="${up}assets/katex/katex.min.css">
<link rel="stylesheet" href="${up}assets/site.css">
<script>document.documentElement.dataset.theme = localStorage.getItem("theme") ?? (matchMedia("(prefers-color-scheme: dark)").matches ? "dark" : "light");</script>
<script src="${up}assets/site.js" data-up="${up}"></script>
</head>
<body>
<header>
<a class="home" href="${home}">${say.home}</a>
<form role="search"><input type="search" name="q" autocomplete="off" placeholder="${say.search}" aria-label="${say.search}" data-nothing="${say.nothing}"><ol hidden></ol></form>
<a href="${other}" lang="${language === "en" ? "ru" : "en"}">${say.other}</a>
<button type="button" class="theme" title="${say.theme}" aria-label="${say.theme}">◐</button>
</header>
<div class="columns">
${aside}
<main>
${main}
</main>
</div>
</body>
</html>
`;
}

/** The headings of a page, folded on a phone. @param {Language} language @param {readonly Section[]} sections */
export function contents(language, sections) {
  const items = sections
    .filter(({ level }) => level === 2 || level === 3)
    .map(
      ({ id, level, title }) => `<li class="level${level}"><a href="#${id}">${escapeHtml(title)}</a></li>`,
    );
  if (items.length === 0) return "";
  return `<nav class="contents"><details open><summary>${words[language].contents}</summary><ol>${items.join("\n")}</ol></details></nav>`;
}

/** The lectures before and after. @param {Language} language @param {readonly Lecture[]} written @param {Lecture} lecture */
export function neighbours(language, written, lecture) {
  const at = written.indexOf(lecture);
  const link = (
    /** @type {Lecture | undefined} */ to,
    /** @type {string} */ before,
    /** @type {string} */ after,
  ) =>
    to ? `<a href="${to.notebook}.html">${before}${numbered(language, to)}${after}</a>` : "<span></span>";
  return `<nav class="neighbours">${link(written[at - 1], "← ", "")}${link(written[at + 1], "", " →")}</nav>`;
}

/** @param {Language} language @param {Lecture} lecture */
export const numbered = (language, { number, title }) =>
  `${String(number).padStart(2, "0")} ${escapeHtml(say(language, title))}`;

/**
 * What the home page shows.
 * @param {Language} language
 * @param {readonly Lecture[]} course
 * @param {readonly Lecture[]} written
 * @param {string} up the way to the site's root
 */
export function home(language, course, written, up) {
  const w = words[language];
  const folder = language === "en" ? `${up}en/` : "";
  const items = course.map((lecture) => {
    const title = numbered(language, lecture);
    const there = written.some(({ name }) => name === lecture.name);
    const heading = there
      ? `<a href="${folder}${lecture.notebook}.html">${title}</a>`
      : `${title} (${w.unwritten})`;
    return `<li><h3>${heading}</h3><p>${w.write}: ${escapeHtml(say(language, lecture.youWrite))}.<br>
      ${w.data}: ${escapeHtml(say(language, lecture.data))}. ${lecture.minutes} ${w.minutes}.</p></li>`;
  });
  const more = documents.map((name) => `<a href="${up}${name}.html">${w.documents[name]}</a>`);
  return `<h1>${escapeHtml(w.title)}</h1>${w.intro}<ol class="lectures">${items.join("\n")}</ol><p>${more.join(" · ")}</p>`;
}
