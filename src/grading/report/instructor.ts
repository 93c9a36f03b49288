/** The batch on one page, for the instructor: marks by exercise, where the class struggled, how often and when they tried. */
import { say } from "../../notebook";
import type { Course, CourseExercise } from "../batch/course";
import { type LatePolicy, penaltyOf } from "../batch/late";
import type { Graded, Results, Submission } from "../batch/results";
import { type Attempted, attempted } from "./attempts";
import { hiddenMark, outOf, STATES } from "./feedback";
import { html, type Markup, page, points } from "./html";

type Mark = Submission["exercises"][number];

export interface PageOptions {
  readonly course: Course;
  readonly late: LatePolicy | null;
  readonly results: Results;
  /** Where a student's own page is, from here. */
  linkTo(student: string): string;
}

export function instructorPage(all: readonly Graded[], options: PageOptions): string {
  const { results, course } = options;
  const students = new Set(all.map(({ submission }) => submission.student)).size;
  const notebooks = course.lectures.filter(({ notebook }) =>
    all.some((one) => one.submission.notebook === notebook),
  );
  const title = say({ en: "The class", ru: "Группа" });
  const [wall, version] = [results.isolation, results.version];
  return page(title, [
    html`<h1>${title}</h1>
      <p>${say({ en: `${students} students, ${all.length} notebooks.`, ru: `Студентов: ${students}, тетрадей: ${all.length}.` })}
      <span class="soft">${say({
        en: `Students' code ran walled off by ${wall}; course and checks ${version}.`,
        ru: `Код студентов выполнялся за стеной (${wall}); версия курса и проверок ${version}.`,
      })}</span></p>`,
    ...notebooks.flatMap(({ notebook, title, exercises }) => {
      const own = all.filter(({ submission }) => submission.notebook === notebook);
      return [
        html`<h2>${notebook}: ${title}</h2>`,
        histogram(own),
        byExercise(own, exercises),
        ...struggles(own, exercises),
      ];
    }),
    ...attempts(all, course),
    table(all, options),
  ]);
}

const share = (part: number, whole: number): number => (whole > 0 ? Math.round((100 * part) / whole) : 0);

const meter = (percent: number): Markup =>
  html`<div class="meter" title="${percent} %"><div style="width:${percent}%"></div></div>`;

/** How many students earned how much. */
function histogram(own: readonly Graded[]): Markup {
  const BINS = 10;
  const counts = new Array<number>(BINS).fill(0);
  for (const { submission: s } of own)
    counts[Math.min(BINS - 1, Math.floor((BINS * s.earned) / Math.max(1, s.points)))]++;
  const names = counts.map((_, i) => `${(100 / BINS) * i}–${(100 / BINS) * (i + 1)}`);
  return bars(
    counts.map((count, i) => ({ name: names[i], parts: [count] })),
    {
      title: say({
        en: `Points earned, in % of all: ${own.length} notebooks`,
        ru: `Сколько заработано, в % от всех баллов; тетрадей: ${own.length}`,
      }),
      xTitle: say({ en: "% of the points", ru: "% баллов" }),
      yTitle: say({ en: "notebooks", ru: "тетрадей" }),
      parts: [],
    },
  );
}

interface Bar {
  readonly name: string;
  readonly parts: readonly number[];
}

/** Told apart without colour too: the second part is striped. */
const FILLS = ["var(--bar)", "url(#stripes)"];

/** Bars with axes; a bar's parts stand on one another. */
function bars(
  list: readonly Bar[],
  {
    title,
    xTitle,
    yTitle,
    parts,
  }: { title: string; xTitle: string; yTitle: string; parts: readonly string[] },
): Markup {
  const [width, height, left, bottom, top] = [760, 210, 46, 44, 14];
  const most = Math.max(1, ...list.map((bar) => bar.parts.reduce((a, b) => a + b, 0)));
  const step = (width - left) / Math.max(1, list.length);
  const scale = (height - bottom - top) / most;
  const every = Math.ceil(list.length / 12);
  const drawn = list.map((bar, i) => {
    const x = left + i * step;
    let y = height - bottom;
    const boxes = bar.parts.map((value, k) => {
      y -= value * scale;
      return html`<rect x="${(x + step * 0.1).toFixed(1)}" y="${y.toFixed(1)}" width="${(step * 0.8).toFixed(1)}" height="${(value * scale).toFixed(1)}" fill="${FILLS[k]}"><title>${bar.name}: ${value}${parts[k] ? ` ${parts[k]}` : ""}</title></rect>`;
    });
    const label =
      i % every === 0
        ? html`<text x="${(x + step / 2).toFixed(1)}" y="${height - bottom + 16}" text-anchor="middle">${bar.name}</text>`
        : null;
    return html`${boxes}${label}`;
  });
  const ticks = [...new Set([0, Math.ceil(most / 2), most])].map(
    (value) =>
      html`<text x="${left - 6}" y="${(height - bottom - value * scale + 4).toFixed(1)}" text-anchor="end">${value}</text>`,
  );
  const legend = parts.map(
    (name, k) =>
      html`<rect x="${left + 130 * k}" y="${height - 12}" width="12" height="12" fill="${FILLS[k]}"/><text x="${left + 130 * k + 17}" y="${height - 2}">${name}</text>`,
  );
  return html`<figure style="margin:1rem 0"><figcaption><b>${title}</b></figcaption>
<svg viewBox="0 0 ${width} ${height}" role="img" aria-label="${title}" width="100%">
<defs><pattern id="stripes" width="6" height="6" patternUnits="userSpaceOnUse" patternTransform="rotate(45)"><rect width="3" height="6" fill="var(--bad)"/></pattern></defs>
<line x1="${left}" y1="${height - bottom}" x2="${width}" y2="${height - bottom}" stroke="currentColor"/>
${drawn}${ticks}${legend}
<text x="12" y="${(height - bottom) / 2}" text-anchor="middle" transform="rotate(-90 12 ${(height - bottom) / 2})">${yTitle}</text>
<text x="${width}" y="${height - 2}" text-anchor="end">${xTitle}</text>
</svg></figure>`;
}

/** The marks of one exercise, over all notebooks. */
const marksOf = (own: readonly Graded[], id: string): Mark[] =>
  own.flatMap(({ submission }) => submission.exercises.filter((mark) => mark.id === id));

function byExercise(own: readonly Graded[], exercises: readonly CourseExercise[]): Markup {
  const rows = exercises.map(({ id, title, points: most }) => {
    const marks = marksOf(own, id);
    const count = (...states: Mark["status"][]) =>
      marks.filter(({ status }) => states.includes(status)).length;
    const mean = share(
      marks.reduce((sum, { earned }) => sum + earned, 0),
      most * marks.length,
    );
    const odd = marks.length - count("passed", "partial", "failed", "empty", "missing");
    return html`<tr><td>${title}<br><span class="soft">${id}</span></td><td class="n">${points(most)}</td><td>${meter(mean)}</td><td class="n">${mean} %</td>
<td class="n">${count("passed")}</td><td class="n">${count("partial")}</td><td class="n">${count("failed")}</td><td class="n">${count("empty", "missing")}</td><td class="n">${odd}</td></tr>`;
  });
  const [allOf, some, none] = [
    say({ en: "all checks", ru: "все проверки" }),
    say({ en: "some", ru: "часть" }),
    say({ en: "none", ru: "ни одной" }),
  ];
  return html`<h3>${say({ en: "Marks by exercise", ru: "Баллы по заданиям" })}</h3><table><tr><th>${exerciseWord()}</th><th class="n">${pointsWord()}</th>
<th colspan="2">${say({ en: "earned on average", ru: "заработано в среднем" })}</th><th class="n">${allOf}</th><th class="n">${some}</th><th class="n">${none}</th>
<th class="n">${say({ en: "not written", ru: "не написано" })}</th><th class="n">${say({ en: "did not run", ru: "не запускалось" })}</th></tr>${rows}</table>
<p class="soft">${say({
    en: "“Did not run”: does not compile, takes too long, uses what is not allowed, and the like.",
    ru: "«Не запускалось»: не компилируется, работает слишком долго, пользуется запрещённым и тому подобное.",
  })}</p>`;
}

/** Of those who wrote something: which checks fail most, and which known mistakes are made. */
function struggles(own: readonly Graded[], exercises: readonly CourseExercise[]): Markup[] {
  const written = (id: string) =>
    marksOf(own, id).filter(({ status }) => !["empty", "missing", "syntax"].includes(status));
  const checks = exercises
    .flatMap(({ id, title, checks }) => {
      const marks = written(id);
      return checks.map(({ name, hidden }, i) => {
        const failed = marks.filter((mark) => mark.checks[i]?.passed === false).length;
        return { title, name, hidden, failed, of: marks.length };
      });
    })
    .filter(({ failed }) => failed > 0)
    .sort((a, b) => b.failed / b.of - a.failed / a.of || b.failed - a.failed)
    .slice(0, 15);
  const mistakes = exercises
    .flatMap(({ id, title, mistakes }) =>
      mistakes.map(({ name, says }) => ({
        ...{ title, name, says },
        count: written(id).filter(({ checks }) => checks.some(({ reason }) => reason?.includes(says))).length,
      })),
    )
    .filter(({ count }) => count > 0)
    .sort((a, b) => b.count - a.count)
    .slice(0, 15);
  const nothing = (list: readonly unknown[], text: string) =>
    list.length > 0 ? null : html`<p class="soft">${text}</p>`;
  return [
    html`<h3>${say({ en: "Where the class struggled: checks", ru: "Где группе трудно: проверки" })}</h3>${nothing(checks, say({ en: "No check failed.", ru: "Все проверки пройдены." }))}`,
    ...(checks.length > 0
      ? [
          html`<table><tr><th>${exerciseWord()}</th><th>${say({ en: "check", ru: "проверка" })}</th><th colspan="2">${say({ en: "fails for", ru: "не прошли" })}</th></tr>${checks.map(
            ({ title, name, hidden, failed, of }) =>
              html`<tr><td>${title}</td><td>${name}${hidden ? hiddenMark() : null}</td><td>${meter(share(failed, of))}</td><td class="n">${outOf(failed, of)}</td></tr>`,
          )}</table>`,
        ]
      : []),
    html`<h3>${say({
      en: "Where the class struggled: known mistakes",
      ru: "Где группе трудно: известные ошибки",
    })}</h3>${nothing(mistakes, say({ en: "None was recognised.", ru: "Ни одна не узнана." }))}`,
    ...(mistakes.length > 0
      ? [
          html`<table><tr><th>${exerciseWord()}</th><th>${say({ en: "mistake", ru: "ошибка" })}</th><th>${say({ en: "what they were told", ru: "что им сказано" })}</th><th class="n">${studentsWord()}</th></tr>${mistakes.map(
            ({ title, name, says, count }) =>
              html`<tr><td>${title}</td><td>${name}</td><td>${says}</td><td class="n">${count}</td></tr>`,
          )}</table>`,
        ]
      : []),
  ];
}

const exerciseWord = (): string => say({ en: "exercise", ru: "задание" });
const pointsWord = (): string => say({ en: "points", ru: "баллы" });
const studentsWord = (): string => say({ en: "students", ru: "студентов" });

/** Where progress folders were handed in. */
function attempts(all: readonly Graded[], { lectures }: Course): Markup[] {
  const found = all.flatMap(({ progress }) => progress.flatMap((text) => attempted(text) ?? []));
  const days = new Map<string, [passed: number, failed: number]>();
  for (const { day, passed } of found.flatMap((one) => one.days)) {
    const counts = days.get(day) ?? [0, 0];
    counts[passed ? 0 : 1]++;
    days.set(day, counts);
  }
  const heading = html`<h2>${say({ en: "Attempts over time", ru: "Попытки по дням" })}</h2>`;
  const none = say({
    en: "No progress files were handed in. (npm run hand-in puts them into its zip.)",
    ru: "Файлов прогресса никто не сдал. (Их кладёт в архив npm run hand-in.)",
  });
  if (days.size === 0) return [html`${heading}<p class="soft">${none}</p>`];
  const list = [...days].sort(([a], [b]) => (a < b ? -1 : 1)).slice(-60);
  const exercises = lectures.flatMap((lecture) => lecture.exercises);
  return [
    heading,
    bars(
      list.map(([name, parts]) => ({ name: name.slice(5), parts })),
      {
        title: say({
          en: `Answers put to a check, by day: ${found.length} exercises of students who handed in their progress`,
          ru: `Запуски проверок по дням: ${found.length} заданий у студентов, которые сдали файлы прогресса`,
        }),
        xTitle: say({ en: "day (UTC)", ru: "день (UTC)" }),
        yTitle: say({ en: "attempts", ru: "попыток" }),
        parts: [say({ en: "passed", ru: "успешно" }), say({ en: "did not pass", ru: "не прошли" })],
      },
    ),
    html`<table><tr><th>${exerciseWord()}</th><th class="n">${studentsWord()}</th><th class="n">${say({ en: "attempts, median", ru: "попыток, медиана" })}</th><th class="n">${say({ en: "most", ru: "наибольшее" })}</th></tr>${exercises.flatMap(
      ({ id, title }) =>
        attemptsAt(
          title,
          found.filter(({ exercise }) => exercise === id),
        ),
    )}</table>`,
  ];
}

function attemptsAt(title: string, own: readonly Attempted[]): Markup[] {
  if (own.length === 0) return [];
  const counts = own.map(({ count }) => count).sort((a, b) => a - b);
  return [
    html`<tr><td>${title}</td><td class="n">${own.length}</td><td class="n">${counts[Math.floor(counts.length / 2)]}</td><td class="n">${counts.at(-1)!}</td></tr>`,
  ];
}

function table(all: readonly Graded[], { late, linkTo }: PageOptions): Markup {
  const rows = all.map(({ submission: s, time }) => {
    const penalty = penaltyOf(s.earned, time, late);
    const notes = [
      ...s.flags,
      ...s.exercises.flatMap(({ id, status }) => (isOdd(status) ? [`${id}: ${say(STATES[status])}`] : [])),
    ];
    return html`<tr><td><a href="${linkTo(s.student)}">${s.student}</a></td><td>${s.notebook || "–"}</td><td class="n">${outOf(s.earned, s.points)}</td>
<td class="n">${penalty > 0 ? `−${points(penalty)}` : ""}</td><td class="n">${shownTime(time)}</td><td>${notes.length > 0 ? html`<ul>${notes.map((note) => html`<li>${note}</li>`)}</ul>` : null}</td></tr>`;
  });
  const heads = [
    say({ en: "late", ru: "опоздание" }),
    say({ en: "handed in (UTC)", ru: "сдано (UTC)" }),
    say({ en: "notes", ru: "замечания" }),
  ];
  return html`<h2>${say({ en: "Students", ru: "Студенты" })}</h2><table><tr><th>${say({ en: "student", ru: "студент" })}</th><th>${say({ en: "notebook", ru: "тетрадь" })}</th>
<th class="n">${pointsWord()}</th><th class="n">${heads[0]}</th><th class="n">${heads[1]}</th><th>${heads[2]}</th></tr>${rows}</table>`;
}

/** Of what has no file no time is known. */
const shownTime = (time: string): string =>
  time.startsWith("1970-") ? "" : time.slice(0, 16).replace("T", " ");

const isOdd = (status: Mark["status"]): boolean =>
  !["passed", "partial", "failed", "empty", "missing"].includes(status);
