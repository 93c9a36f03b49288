import { check, checkOptions, expected, showShape, words } from "../../tensor";
import { Drawing } from "../drawing";
import { element, type Markup } from "../markup";
import { toNDArray, type Values } from "../values";
import { ink } from "./svg";

export interface AudioOptions {
  /** Samples in a second. */
  readonly sampleRate: number;
  readonly title?: string;
  /** A text beside each sound. */
  readonly labels?: readonly (string | number)[];
}

/** More sounds than this nobody listens to. */
const limit = 32;
const [width, height] = [220, 40];

/**
 * Sounds to listen to, each with its waveform: one (samples) or several (N, samples), −1 to 1; what is louder is cut.
 * They lie in the page itself, as WAV of 16 bits.
 */
export function audio(sounds: Values, options: AudioOptions): Drawing {
  checkOptions("audio", options, "sampleRate: 8820", { sampleRate: "size", title: "text", labels: "list" }, [
    "sampleRate",
  ]);
  const { sampleRate, title = "", labels } = options;
  check("audio", "sampleRate", sampleRate, "size");
  const given = toNDArray("audio", sounds);
  const all = given.ndim === 1 ? given.unsqueeze(0) : given;
  if (all.ndim !== 2 || all.size === 0)
    throw expected("audio", "(samples) or (N, samples), at least one", words(showShape(given.shape)));
  const [total, samples] = all.shape;
  if (total > limit) throw expected("audio", `at most ${limit} sounds`, total);
  if (labels && labels.length !== total)
    throw expected("audio", `${total} labels, one for each sound`, labels.length);

  const rows = Array.from({ length: total }, (_, i) => {
    const wave = all.select(0, i).flat() as ArrayLike<number>;
    return element(
      "div",
      { style: "display:flex;align-items:center;gap:10px;margin:2px 0" },
      element(
        "audio",
        {
          controls: "",
          preload: "metadata",
          style: "height:34px;width:230px",
          src: wavUri(wave, sampleRate),
        },
        "",
      ),
      waveform(wave),
      element("span", {}, labels ? String(labels[i]) : ""),
    );
  });
  const seconds = (samples / sampleRate).toFixed(2);
  const head = title ? [element("div", { style: "font-weight:bold" }, title)] : [];
  const html = element("div", { style: "margin:4px 0" }, head, rows).markup;
  const names = labels ? `: ${labels.slice(0, 8).join(", ")}${labels.length > 8 ? ", …" : ""}` : "";
  const count = total === 1 ? "1 sound" : `${total} sounds`;
  return new Drawing(`[audio]${title ? ` ${title}` : ""}  ${count} of ${seconds} s${names}`, html);
}

/** How loud it is from left to right. */
function waveform(wave: ArrayLike<number>): Markup {
  const columns = Math.min(width / 2, wave.length);
  const lines: string[] = [];
  for (let i = 0; i < columns; i++) {
    let [low, high] = [0, 0];
    const end = Math.ceil(((i + 1) * wave.length) / columns);
    for (let j = Math.floor((i * wave.length) / columns); j < end; j++) {
      low = Math.min(low, wave[j]);
      high = Math.max(high, wave[j]);
    }
    const y = (value: number) => ((1 - Math.max(-1, Math.min(1, value))) * (height / 2)).toFixed(1);
    lines.push(`M${((i + 0.5) * width) / columns} ${y(high)}V${y(low)}`);
  }
  return element(
    "svg",
    { width, height, viewBox: `0 0 ${width} ${height}`, style: "background:#ffffff" },
    element("path", { d: `M0 ${height / 2}H${width}`, stroke: ink.grid }),
    element("path", { d: lines.join(""), stroke: "#0072b2", "stroke-width": 1.2, fill: "none" }),
  );
}

/** A WAV file, mono, 16 bits, as a `data:` address. */
function wavUri(wave: ArrayLike<number>, sampleRate: number): string {
  const bytes = new DataView(new ArrayBuffer(44 + 2 * wave.length));
  const name = (at: number, text: string) => {
    for (let i = 0; i < 4; i++) bytes.setUint8(at + i, text.charCodeAt(i));
  };
  const [PCM, CHANNELS, BYTES] = [1, 1, 2];
  name(0, "RIFF");
  bytes.setUint32(4, 36 + BYTES * wave.length, true);
  name(8, "WAVE");
  name(12, "fmt ");
  bytes.setUint32(16, 16, true); // the length of what follows, up to "data"
  bytes.setUint16(20, PCM, true);
  bytes.setUint16(22, CHANNELS, true);
  bytes.setUint32(24, sampleRate, true);
  bytes.setUint32(28, sampleRate * BYTES, true);
  bytes.setUint16(32, BYTES, true);
  bytes.setUint16(34, 8 * BYTES, true);
  name(36, "data");
  bytes.setUint32(40, BYTES * wave.length, true);
  for (let i = 0; i < wave.length; i++) {
    const sample = Number.isFinite(wave[i]) ? Math.max(-1, Math.min(1, wave[i])) : 0;
    bytes.setInt16(44 + BYTES * i, Math.round(sample * 32767), true);
  }
  return `data:audio/wav;base64,${Buffer.from(bytes.buffer).toString("base64")}`;
}
