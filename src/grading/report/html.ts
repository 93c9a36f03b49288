/** Pages that stand alone: one file, no script, nothing from elsewhere. */
import { escapeMarkup, language } from "../../notebook";

/** Markup that is there already, as `html` makes it. */
export class Markup {
  constructor(readonly text: string) {}
  toString(): string {
    return this.text;
  }
}

type Part = string | number | Markup | readonly Markup[] | null;

/** A template whose values are escaped, but for markup that it has made itself. */
export function html(strings: TemplateStringsArray, ...values: readonly Part[]): Markup {
  const told = values.map((value) => {
    if (value === null) return "";
    if (value instanceof Markup) return value.text;
    return Array.isArray(value) ? value.join("") : escapeMarkup(String(value));
  });
  return new Markup(String.raw({ raw: strings }, ...told));
}

const STYLE = `
:root { color-scheme: light dark; --good: #1b7f4b; --bad: #c2410c; --soft: #6b7280; --line: #d7dbe0; --fill: #f3f5f7; --bar: #2563a8 }
@media (prefers-color-scheme: dark) { :root { --good: #4ade80; --bad: #fb923c; --soft: #9ca3af; --line: #374151; --fill: #1f2937; --bar: #60a5fa } }
body { font: 16px/1.55 system-ui, sans-serif; max-width: 62rem; margin: 2rem auto; padding: 0 1rem }
h1 { font-size: 1.6rem } h2 { font-size: 1.25rem; margin-top: 2.2rem } h3 { font-size: 1rem; margin: 1.4rem 0 .3rem }
table { border-collapse: collapse; width: 100%; margin: .6rem 0 }
th, td { text-align: left; padding: .3rem .7rem .3rem 0; border-bottom: 1px solid var(--line); vertical-align: top; overflow-wrap: anywhere }
th { font-weight: 600; white-space: nowrap } td:first-child { min-width: 11rem } td.n, th.n { text-align: right; white-space: nowrap }
pre { background: var(--fill); padding: .5rem .7rem; margin: .3rem 0; white-space: pre-wrap; overflow-wrap: anywhere; font-size: .85rem }
ul { padding-left: 0; list-style: none; margin: .3rem 0 } li { margin: .15rem 0 }
.good { color: var(--good) } .bad { color: var(--bad) } .soft { color: var(--soft) }
.meter { background: var(--fill); height: .8rem; min-width: 8rem } .meter div { background: var(--bar); height: 100% }
svg text { fill: currentColor; font: 12px system-ui, sans-serif }
`;

/** A whole page. */
export const page = (title: string, body: readonly Markup[]): string =>
  html`<!doctype html>
<html lang="${language()}">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta http-equiv="Content-Security-Policy" content="default-src 'none'; style-src 'unsafe-inline'">
<title>${title}</title>
<style>${new Markup(STYLE)}</style>
</head>
<body>
${body}
</body>
</html>
`.text;

/** `7.5`, `12`. */
export const points = (value: number): string => String(Math.round(value * 100) / 100);
