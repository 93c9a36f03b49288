/** What a student reads above an exercise: title, task, three hints. */

/** @typedef {import("../../src/grading").Exercise<any>} Exercise */
/** @typedef {import("./percent.mjs").ExerciseCell} ExerciseCell */
/** @typedef {"en" | "ru"} Language */

/** @param {string} summary @param {string} content */
const details = (summary, content) => `<details><summary>${summary}</summary>\n\n${content}\n\n</details>`;

const WORDS = {
  en: {
    /** @param {number} number @param {string} title */
    title: (number, title) => `### ✏️ Exercise ${number}: ${title}`,
    /** @param {number} points @param {number} hidden @param {number} minutes */
    worth: (points, hidden, minutes) =>
      `*${points} point${points === 1 ? "" : "s"}${hidden > 0 ? ` and ${hidden} more at grading` : ""}, about ${minutes} minutes*`,
    /** @param {string} names */
    forbids: (names) => `*Without ${names}, which ${names.includes(",") ? "do" : "does"} it already.*`,
    declared: "Yours to write, one exercise each. Until then:",
    plan: "Hint 1: the plan",
    help: "Hint 2: when something goes wrong",
    solution: "Hint 3: the solution",
    question:
      "Have you run your own, even one that is wrong, and read what the check says? You learn most from that.",
    yes: "Yes: show it",
    /** @param {string} text */
    after: (text) => details("When yours passes: another way", text),
  },
  ru: {
    /** @param {number} number @param {string} title */
    title: (number, title) => `### ✏️ Задание ${number}. ${title}`,
    /** @param {number} points @param {number} hidden @param {number} minutes */
    worth: (points, hidden, minutes) =>
      `*${counted(points, "балл", "балла", "баллов")}${hidden > 0 ? ` и ещё ${hidden} при оценивании` : ""}, примерно ${counted(minutes, "минута", "минуты", "минут")}*`,
    /** @param {string} names */
    forbids: (names) =>
      `*Без ${names}: ${names.includes(",") ? "они уже делают" : "это уже делает"} то, что требуется.*`,
    declared: "Их пишете вы, по одной в каждом задании. А пока:",
    plan: "Подсказка 1: план",
    help: "Подсказка 2: если что-то не так",
    solution: "Подсказка 3: решение",
    question:
      "Вы уже запустили своё решение, пусть и неверное, и прочли, что говорит проверка? Именно это учит больше всего.",
    yes: "Да, показать решение",
    /** @param {string} text */
    after: (text) => details("Когда ваше решение прошло: другой способ", text),
  },
};

/** The notebook's own words. @param {Language} language */
export const words = (language) => WORDS[language];

/** `1 балл`, `2 балла`, `5 баллов`. @param {number} n @param {string} one @param {string} few @param {string} many */
function counted(n, one, few, many) {
  const [tens, units] = [Math.floor(n / 10) % 10, n % 10];
  const word = tens === 1 || units === 0 || units > 4 ? many : units === 1 ? one : few;
  return `${n} ${word}`;
}

/**
 * @param {Exercise} exercise
 * @param {ExerciseCell} texts
 * @param {{ number: number, solution: string | null, language: Language }} options `solution`: its code; null where it is
 *   not to be shown
 */
export function task({ title, points, hidden, minutes, forbids }, texts, { number, solution, language }) {
  const say = words(language);
  const named = typeof title === "string" ? title : (title[language] ?? title.en);
  const forbidden = forbids.map((name) => `\`${name}\``).join(", ");
  const shown = `\`\`\`ts\n${solution}\n\`\`\``;
  return [
    say.title(number, named),
    say.worth(points, hidden, minutes),
    texts.task.text,
    ...(forbidden ? [say.forbids(forbidden)] : []),
    details(say.plan, texts.plan.text),
    details(say.help, texts.help.text),
    ...(solution === null ? [] : [details(say.solution, `${say.question}\n\n${details(say.yes, shown)}`)]),
  ].join("\n\n");
}
