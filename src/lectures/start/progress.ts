import { type Exercise, findProgressFolder, type Standing, standingOf } from "../../grading";
import { Drawing, escapeMarkup, language, say } from "../../notebook";
import { findNodeModule } from "../../tensor";
import { course, type Lecture } from "../course";
import { courseExercises } from "../exercises";

/** A lecture's exercises, and how the student stands with each. */
interface Row {
  readonly lecture: Lecture;
  readonly exercises: readonly { readonly exercise: Exercise; readonly standing: Standing }[];
}

const byLecture = courseExercises as Readonly<Record<string, Readonly<Record<string, Exercise>>>>;

const rows = (): Row[] =>
  course.map((lecture) => ({
    lecture,
    exercises: Object.values(byLecture[lecture.name] ?? {}).map((exercise) => ({
      exercise,
      standing: standingOf(exercise),
    })),
  }));

const sum = (exercises: Row["exercises"], what: "earned" | "points"): number =>
  exercises.reduce((total, { standing }) => total + standing[what], 0);

const isDone = ({ standing }: Row["exercises"][number]): boolean =>
  standing.state === "passed" || standing.state === "changed";

const MARKS: Record<Standing["state"], string> = {
  open: "○",
  tried: "◐",
  passed: "✓",
  changed: "↻",
  damaged: "✗",
};

const number = ({ number }: Lecture): string => String(number).padStart(2, "0");

/**
 * The exercises that the student has passed, with their points, by lecture, in the order of the course: what `npm run
 * progress` prints.
 */
export function progress(): Drawing {
  const all = rows().filter(({ exercises }) => exercises.length > 0);
  const every = all.flatMap(({ exercises }) => exercises);
  const total = say({
    en: `${every.filter(isDone).length} of ${every.length} exercises passed, ${sum(every, "earned")} of ${sum(every, "points")} points`,
    ru: `Пройдено заданий: ${every.filter(isDone).length} из ${every.length}, баллы: ${sum(every, "earned")} из ${sum(every, "points")}`,
  });
  const notes = notesOn(every);
  return new Drawing(asText(all, total, notes), asHtml(all, total, notes));
}

function notesOn(every: Row["exercises"]): string[] {
  const place = findProgressFolder();
  const faults = every.flatMap(({ standing }) => standing.fault ?? []);
  const changed = every.some(({ standing }) => standing.state === "changed");
  return [
    "folder" in place
      ? say({ en: `Kept in ${place.folder}`, ru: `Хранится в ${place.folder}` })
      : say({
          en: "No progress is kept here: open your own copy of this notebook with `npm start`.",
          ru: "Здесь прогресс не сохраняется: откройте свою копию этого ноутбука командой `npm start`.",
        }),
    ...(changed
      ? [
          say({
            en: "↻ passed, but the check has changed since: run it once more.",
            ru: "↻ пройдено, но проверка с тех пор изменилась: запустите её ещё раз.",
          }),
        ]
      : []),
    ...faults,
  ];
}

/** Passed when, or tried how often. */
function remark({ state, passed, attempts }: Standing): string {
  if (passed && state !== "damaged")
    return new Date(passed).toLocaleDateString(language() === "ru" ? "ru" : "en-GB", { dateStyle: "medium" });
  if (state === "damaged") return say({ en: "its record is damaged", ru: "запись повреждена" });
  return attempts > 0 ? say({ en: `attempts: ${attempts}`, ru: `попыток: ${attempts}` }) : "";
}

function asText(all: readonly Row[], total: string, notes: readonly string[]): string {
  const width = Math.max(
    ...all.flatMap(({ exercises }) => exercises.map(({ exercise }) => say(exercise.title).length)),
  );
  const lines = all.flatMap(({ lecture, exercises }) => [
    "",
    `${number(lecture)} ${say(lecture.title)}  ${sum(exercises, "earned")}/${sum(exercises, "points")}`,
    ...exercises.map(({ exercise, standing }) => {
      const points = `${standing.earned}/${standing.points}`.padStart(5);
      return `   ${MARKS[standing.state]} ${say(exercise.title).padEnd(width)} ${points}  ${remark(standing)}`.trimEnd();
    }),
  ]);
  return [total, ...lines, "", ...notes].join("\n");
}

const [GOOD, QUIET] = ["var(--jp-success-color1,#1a9850)", "opacity:0.75"];

function asHtml(all: readonly Row[], total: string, notes: readonly string[]): string {
  const lectures = all.map(({ lecture, exercises }) => {
    const [earned, points] = [sum(exercises, "earned"), sum(exercises, "points")];
    const share = points > 0 ? Math.round((100 * earned) / points) : 0;
    const items = exercises.map(({ exercise, standing }) => {
      const mark = `<b style="color:${isDone({ exercise, standing }) ? GOOD : "inherit"}">${MARKS[standing.state]}</b>`;
      return `<tr><td style="text-align:left">${mark} ${escapeMarkup(say(exercise.title))}</td><td style="text-align:right">${standing.earned} / ${standing.points}</td><td style="text-align:left;${QUIET}">${escapeMarkup(remark(standing))}</td></tr>`;
    });
    const bar = `<span aria-hidden="true" style="display:inline-block;width:90px;height:8px;border-radius:4px;background:rgba(128,128,128,0.3);vertical-align:middle"><span style="display:block;width:${share}%;height:8px;border-radius:4px;background:${GOOD}"></span></span>`;
    return `<tr><th style="text-align:left;padding-top:10px">${number(lecture)} ${escapeMarkup(say(lecture.title))}</th><th style="text-align:right;padding-top:10px">${earned} / ${points}</th><th style="text-align:left;padding-top:10px">${bar}</th></tr>${items.join("")}`;
  });
  const below = notes.map((note) => `<div style="${QUIET}">${escapeMarkup(note)}</div>`);
  return `<div style="max-width:800px;line-height:1.5"><div><b>${escapeMarkup(total)}</b></div><table style="margin:4px 0">${lectures.join("")}</table>${below.join("")}</div>`;
}

/** The course at a glance: its lectures in order, what you write in each, minutes and points, with links to those there are. */
export function courseMap(): Drawing {
  const fs = findNodeModule("node:fs");
  const titles = say({
    en: "lecture|what you write|data|minutes|points",
    ru: "лекция|что вы напишете|данные|минуты|баллы",
  });
  const lines = rows().map(({ lecture, exercises }) => {
    const { title, notebook, youWrite, data, minutes } = lecture;
    const points = sum(exercises, "points");
    return {
      name: `${number(lecture)} ${say(title)}`,
      notebook,
      cells: [say(youWrite), say(data), String(minutes), points > 0 ? String(points) : "–"],
    };
  });
  const text = lines.map(({ name, cells }) => [name, ...cells].join(" · ")).join("\n");
  const link = (notebook: string, name: string) =>
    fs?.existsSync(`${notebook}.ipynb`)
      ? `<a href="${notebook}.ipynb">${escapeMarkup(name)}</a>`
      : escapeMarkup(name);
  const head = titles.split("|").map((title) => `<th style="text-align:left">${title}</th>`);
  const body = lines.map(({ name, notebook, cells }) => {
    const rest = cells.map(
      (cell, i) =>
        `<td style="text-align:${i < 2 ? "left" : "right"};white-space:normal">${escapeMarkup(cell)}</td>`,
    );
    return `<tr><td style="text-align:left"><b>${link(notebook, name)}</b></td>${rest.join("")}</tr>`;
  });
  return new Drawing(
    text,
    `<table style="max-width:900px"><thead><tr>${head.join("")}</tr></thead><tbody>${body.join("")}</tbody></table>`,
  );
}
