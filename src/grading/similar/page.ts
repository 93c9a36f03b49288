import { say } from "../../notebook";
import { html, type Markup, page } from "../report/html";
import type { Alike } from "./index";

/** The table: one line for each pair. */
export const similarRows = (all: readonly Alike[]): (string | number)[][] => [
  ["notebook", "exercise", "student_a", "student_b", "share", "places"],
  ...all.map(({ notebook, exercise, students: [a, b], share, places }) => [
    ...[notebook, exercise, a, b],
    Math.round(share * 100) / 100,
    places,
  ]),
];

/** So many pairs are shown in full. */
const SHOWN = 100;

/** The table, and below it the answers side by side, with the lines marked that both have. */
export function similarPage(all: readonly Alike[]): string {
  const rows = all
    .slice(0, SHOWN)
    .map(
      ({ notebook, exercise, students: [a, b], share, places }, i) =>
        html`<tr><td><a href="#p${i}">${both(a, b)}</a></td><td>${notebook}</td><td>${exercise}</td><td class="n">${Math.round(100 * share)} %</td><td class="n">${places}</td></tr>`,
    );
  const title = say({ en: "Answers that are alike", ru: "Похожие решения" });
  const heads = [
    say({ en: "students", ru: "студенты" }),
    say({ en: "notebook", ru: "тетрадь" }),
    say({ en: "exercise", ru: "задание" }),
    say({ en: "alike", ru: "сходство" }),
    say({ en: "places", ru: "мест" }),
  ];
  return page(title, [
    html`<h1>${title}</h1>
<p><b>${say({ en: "A hint, no proof.", ru: "Подсказка, а не доказательство." })}</b> ${say({
      en: "Two who have read the same lecture may well write the same lines; who has copied may have changed them. Compared is what is left when names, layout, comments and types are taken away, and with them what everybody was given. What many have written counts little. Look at both texts, and talk to both people, before you think anything of it.",
      ru: "Кто слушал одну и ту же лекцию, тот вполне может написать одни и те же строки; кто списал, тот мог их изменить. Сравнивается то, что остаётся без имён, вёрстки, комментариев и типов и без того, что было дано всем. Написанное многими весит мало. Прежде чем делать выводы, прочитайте оба текста и поговорите с обоими.",
    })}</p>`,
    all.length === 0
      ? html`<p>${say({ en: "No two answers are alike.", ru: "Похожих решений нет." })}</p>`
      : html`<table><tr>${heads.map((head, i) => (i < 3 ? html`<th>${head}</th>` : html`<th class="n">${head}</th>`))}</tr>${rows}</table>`,
    ...(all.length > SHOWN
      ? [
          html`<p class="soft">${say({
            en: `The first ${SHOWN} of ${all.length}; all are in similar.csv.`,
            ru: `Первые ${SHOWN} из ${all.length}; все они в similar.csv.`,
          })}</p>`,
        ]
      : []),
    ...all.slice(0, SHOWN).map(side),
  ]);
}

const both = (a: string, b: string): string => say({ en: `${a} and ${b}`, ru: `${a} и ${b}` });

const side = ({ exercise, students, share, sources, lines }: Alike, i: number): Markup =>
  html`<h3 id="p${i}">${exercise}: ${both(students[0], students[1])}, ${Math.round(100 * share)} %</h3>
<div style="display:grid;grid-template-columns:1fr 1fr;gap:1rem">${[0, 1].map(
    (k) => html`<div><b>${students[k]}</b>${marked(sources[k], lines[k])}</div>`,
  )}</div>`;

/** Marked lines bear a sign besides the colour. */
const marked = (source: string, lines: ReadonlySet<number>): Markup =>
  html`<pre>${source.split("\n").map((line, i) =>
    lines.has(i)
      ? html`<span class="bad">▌</span>${line}
`
      : html`<span class="soft"> </span>${line}
`,
  )}</pre>`;
