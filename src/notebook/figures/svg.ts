import { element, fragment, type Markup } from "../markup";

/** Colours of all static pictures: dark ink on a white card, which reads on a light and on a dark page. */
export const ink = { text: "#222222", muted: "#5f6368", grid: "#e6e8eb", frame: "#b4b8bd", paper: "#ffffff" };

const font = "system-ui,-apple-system,'Segoe UI',Roboto,'Helvetica Neue',Arial,'DejaVu Sans',sans-serif";

/** The whole picture: a white card with rounded corners, and `children` on it. */
export function svgDocument(width: number, height: number, title: string, ...children: Markup[]): string {
  const [w, h] = [Math.ceil(width), Math.ceil(height)];
  return element(
    "svg",
    {
      xmlns: "http://www.w3.org/2000/svg",
      width: w,
      height: h,
      viewBox: `0 0 ${w} ${h}`,
      "font-family": font,
      "font-size": 12,
      fill: ink.text,
    },
    title ? element("title", {}, title) : fragment(),
    element("rect", { width: w, height: h, rx: 4, fill: ink.paper }),
    ...children,
  ).markup;
}

/** How a label stands at its point. */
export interface LabelStyle {
  readonly anchor?: "start" | "middle" | "end";
  readonly size?: number;
  readonly weight?: "bold";
  readonly fill?: string;
  /** Degrees, counter-clockwise. */
  readonly turn?: number;
}

/** Text whose vertical middle is at `y`. */
export function label(x: number, y: number, content: string, style: LabelStyle = {}): Markup {
  const { anchor, size, weight, fill, turn } = style;
  return element(
    "text",
    {
      x,
      y,
      dy: "0.35em",
      "text-anchor": anchor === "start" ? undefined : anchor,
      "font-size": size,
      "font-weight": weight,
      fill,
      transform: turn
        ? `rotate(${-turn} ${Math.round(x * 100) / 100} ${Math.round(y * 100) / 100})`
        : undefined,
      "xml:space": "preserve",
    },
    content,
  );
}

/** No picture is wider: a notebook's column. */
export const widest = 780;

/** DejaVu, where nothing else is there, is the widest. */
const boldWidth = (title: string, size: number) => 1.18 * textWidth(title, size);

/** How wide a picture must be for its whole title, as far as a picture may grow. */
export const titleWidth = (title: string) => (title ? Math.min(widest, 29 + boldWidth(title, 14)) : 0);

/** The figure's title, at the top left: smaller where it is long, and cut where that does not help. */
export function titleLabel(title: string, width: number): Markup {
  const room = width - 28;
  const wide = (size: number) => boldWidth(title, size);
  const size = [14, 13, 12, 11].find((one) => wide(one) <= room) ?? 10;
  const length = Math.floor(([...title].length * room) / wide(size));
  return label(14, 20, shortened(title, length), { size, weight: "bold" });
}

/** About how wide `content` is in pixels: the fonts of readers differ, so this errs on the wide side. */
export function textWidth(content: string, size = 12): number {
  let units = 0;
  for (const char of content) {
    const code = char.codePointAt(0) ?? 0;
    if (code > 0x2e80) units += 1.05;
    else if (code > 0x7f) units += 0.64;
    else if ("iljtfI.,:;|!'()[] ".includes(char)) units += 0.36;
    else if ("mwMW@%".includes(char)) units += 0.92;
    else units += char >= "A" && char <= "Z" ? 0.7 : 0.58;
  }
  return units * size;
}

/** `content` cut to `length` characters, with an ellipsis if something was cut. */
export function shortened(content: string, length: number): string {
  const chars = [...content];
  return chars.length <= length ? content : `${chars.slice(0, Math.max(1, length - 1)).join("")}…`;
}

/** `content` in lines of at most `room` pixels, broken between words: at most `most` lines, the last one cut where more is left. */
export function wrapped(content: string, room: number, size: number, most = 3): string[] {
  const fits = (text: string) => textWidth(text, size) <= room;
  const cut = (text: string) => {
    for (let length = [...text].length; length > 2; length--)
      if (fits(shortened(text, length))) return shortened(text, length);
    return shortened(text, 2);
  };
  const lines: string[] = [];
  for (const word of content.split(" ")) {
    const longer = lines.length > 0 ? `${lines[lines.length - 1]} ${word}` : word;
    if (lines.length > 0 && (fits(longer) || lines.length === most)) lines[lines.length - 1] = longer;
    else lines.push(word);
  }
  return lines.filter(Boolean).map(cut);
}

/** `data:` address of an SVG, for an `<img>`: scripts cannot run in it, so every viewer shows it. */
export const svgDataUri = (svg: string): string =>
  `data:image/svg+xml;base64,${Buffer.from(svg, "utf8").toString("base64")}`;
