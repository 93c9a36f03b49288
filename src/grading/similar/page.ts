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
        html`<tr><td><a href="#p${i}">${a} and ${b}</a></td><td>${notebook}</td><td>${exercise}</td><td class="n">${Math.round(100 * share)} %</td><td class="n">${places}</td></tr>`,
    );
  return page("Answers that are alike", [
    html`<h1>Answers that are alike</h1>
<p><b>A hint, no proof.</b> Two who have read the same lecture may well write the same lines; who has copied may have changed them.
Compared is what is left when names, layout, comments and types are taken away, and with them what everybody was given. What many have
written counts little. Look at both texts, and talk to both people, before you think anything of it.</p>`,
    all.length === 0
      ? html`<p>No two answers are alike.</p>`
      : html`<table><tr><th>students</th><th>notebook</th><th>exercise</th><th class="n">alike</th><th class="n">places</th></tr>${rows}</table>`,
    ...(all.length > SHOWN
      ? [html`<p class="soft">The first ${SHOWN} of ${all.length}; all are in similar.csv.</p>`]
      : []),
    ...all.slice(0, SHOWN).map(side),
  ]);
}

const side = ({ exercise, students, share, sources, lines }: Alike, i: number): Markup =>
  html`<h3 id="p${i}">${exercise}: ${students[0]} and ${students[1]}, ${Math.round(100 * share)} %</h3>
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
