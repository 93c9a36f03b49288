import { expected, nodeModule, readText, replaceFile } from "../tensor";
import { loadPackage, packageFolder } from "./packages";

const fs = nodeModule("node:fs");
const paths = nodeModule("node:path");

/**
 * Four artists' drawings of the same signs: Google's Noto (Apache-2.0), Microsoft's Fluent, flat (MIT), Twemoji (CC-BY-4.0)
 * and OpenMoji, with black outlines (CC-BY-SA-4.0).
 */
export const EMOJI_STYLES = ["noto", "fluent", "twemoji", "openmoji"] as const;
export type EmojiStyle = (typeof EMOJI_STYLES)[number];

const PACKAGES: Record<EmojiStyle, string> = {
  noto: "@iconify-json/noto",
  fluent: "@iconify-json/fluent-emoji-flat",
  twemoji: "@iconify-json/twemoji",
  openmoji: "@iconify-json/openmoji",
};

/** Of Iconify's JSON: bodies of SVGs by name; a size that an icon does not say, the set says. */
interface IconSet {
  readonly width: number;
  readonly height: number;
  readonly icons: Readonly<Record<string, { body: string; width?: number; height?: number }>>;
}

const parse = (file: string): unknown => JSON.parse(readText(file));

/** The name of an emoji's icon by its code, `1f34e`: what this style has drawn. */
export function iconNames(op: string, style: EmojiStyle): ReadonlyMap<string, string> {
  const file = paths.join(packageFolder(op, PACKAGES[style]), "chars.json");
  return new Map(Object.entries(parse(file) as Record<string, string>));
}

/** A style's drawings as SVG, by the code of their emoji. Reads 10 to 25 MB. */
export function drawings(op: string, style: EmojiStyle): (code: string) => string | undefined {
  const names = iconNames(op, style);
  const set = parse(paths.join(packageFolder(op, PACKAGES[style]), "icons.json")) as IconSet;
  return (code) => {
    const icon = set.icons[names.get(code) ?? ""];
    if (!icon) return undefined;
    const { width = set.width, height = set.height, body } = icon;
    const box = `width="${width}" height="${height}" viewBox="0 0 ${width} ${height}"`;
    return `<svg xmlns="http://www.w3.org/2000/svg" ${box}>${body}</svg>`;
  };
}

/** Red, green and blue, 0 to 255 each. */
export type Rgb = readonly [red: number, green: number, blue: number];

/** What of sharp is used here. */
type Sharp = (
  input: Uint8Array,
  options: { density: number },
) => {
  resize(width: number, height: number, options: object): ReturnType<Sharp>;
  flatten(options: object): ReturnType<Sharp>;
  ensureAlpha(): ReturnType<Sharp>;
  removeAlpha(): ReturnType<Sharp>;
  toColourspace(space: string): ReturnType<Sharp>;
  raw(): { toBuffer(): Promise<Uint8Array> };
};

/** A drawing of `size` × `size` pixels, transparent where nothing is drawn. */
function rasterised(sharp: Sharp, svg: string, size: number, [r, g, b]: Rgb): ReturnType<Sharp> {
  const width = Number(/ width="([\d.]+)"/.exec(svg)?.[1] ?? size);
  const density = Math.max(1, Math.min(2400, (72 * size) / width)); // drawn at the size it is wanted
  return sharp(new TextEncoder().encode(svg), { density }).resize(size, size, {
    fit: "contain",
    background: { r, g, b, alpha: 0 },
  });
}

/** The pixels of one SVG as cut out of paper: red, green, blue and opacity of each pixel in turn, 0 to 255. */
export async function cutOut(op: string, svg: string, size: number): Promise<Uint8Array> {
  const sharp = loadPackage(op, "sharp") as Sharp;
  const drawn = rasterised(sharp, svg, size, [0, 0, 0]).toColourspace("srgb").ensureAlpha();
  const rgba = await drawn.raw().toBuffer();
  if (rgba.length !== 4 * size * size) throw expected(op, `${4 * size * size} bytes from sharp`, rgba.length);
  return rgba;
}

/** The pixels of one SVG, (3, size, size), 0 to 255. */
async function pixels(sharp: Sharp, svg: string, size: number, background: Rgb): Promise<Uint8Array> {
  const [r, g, b] = background;
  const rgb = await rasterised(sharp, svg, size, background)
    .flatten({ background: { r, g, b } })
    .toColourspace("srgb")
    .removeAlpha()
    .raw()
    .toBuffer();
  const plane = size * size;
  const out = new Uint8Array(3 * plane);
  if (rgb.length !== out.length) throw expected("renderEmoji", `${out.length} bytes from sharp`, rgb.length);
  for (let i = 0; i < plane; i++) for (let c = 0; c < 3; c++) out[c * plane + i] = rgb[3 * i + c];
  return out;
}

/** So many are drawn alone; for more, the whole style is. */
const FEW = 24;

/**
 * The pixels of some of a style's drawings, numbers `rows` of `codes`: one (3, size, size) after another, 0 to 255. More than a few
 * come from a file that holds the whole style: from an earlier call, else it is drawn, which takes seconds, and kept for the next one.
 */
export async function renderStyle(
  style: EmojiStyle,
  codes: readonly string[],
  rows: readonly number[],
  size: number,
  background: Rgb,
): Promise<Uint8Array> {
  const each = 3 * size * size;
  const file = cacheFile(style, codes, size, background);
  const kept = keptStyle(file, codes.length * each);
  if (kept) return picked(kept, rows, each);
  const svg = drawings("renderEmoji", style);
  const sharp = loadPackage("renderEmoji", "sharp") as Sharp;
  const draw = async (chosen: readonly string[]) => {
    const bytes = new Uint8Array(chosen.length * each);
    for (let i = 0; i < chosen.length; i++)
      bytes.set(await pixels(sharp, svg(chosen[i]) as string, size, background), i * each);
    return bytes;
  };
  if (rows.length <= FEW) return draw(rows.map((row) => codes[row]));
  const all = await draw(codes);
  try {
    replaceFile(file, [all]);
  } catch {
    // A folder that cannot be written costs the time again, nothing else.
  }
  return picked(all, rows, each);
}

/** What an earlier call has written, or null. */
function keptStyle(file: string, length: number): Uint8Array | null {
  try {
    const kept = fs.readFileSync(file);
    return kept.length === length ? kept : null;
  } catch {
    return null; // not there yet, or not to be read: it is drawn anew
  }
}

function picked(bytes: Uint8Array, rows: readonly number[], each: number): Uint8Array {
  const out = new Uint8Array(rows.length * each);
  rows.forEach((row, i) => {
    out.set(bytes.subarray(row * each, (row + 1) * each), i * each);
  });
  return out;
}

/** Where packages keep what they made, `node_modules/.cache`: gone with the packages it was made from. */
function cacheFile(style: EmojiStyle, codes: readonly string[], size: number, background: Rgb): string {
  const folder = packageFolder("renderEmoji", PACKAGES[style]);
  const { version } = parse(paths.join(folder, "package.json")) as { version: string };
  const digest = nodeModule("node:crypto").createHash("sha256").update(codes.join()).digest("hex");
  const name = `emoji-${style}-${version}-${size}-${background.join("-")}-${digest.slice(0, 12)}.rgb`;
  return paths.join(folder, "..", "..", ".cache", "gradschool", name);
}
