/** Normalized text; its i-th UTF-16 unit was made of `original.slice(starts[i], ends[i])`. */
export interface ClipText {
  text: string;
  starts: number[];
  ends: number[];
}

/** A run of plain signs and letters; a run of spaces; or a character with what may compose with it: accents, Korean syllables. */
const CLUSTER =
  /[!-~]+(?!\p{M})|\p{White_Space}+|[\u1100-\u115f\uac00-\ud7a3][\u1160-\u11ff]+|\P{M}?\p{M}+|./gsu;

/** CLIP's normalizer: compose accents (NFC), make one space of a run of spaces, lower-case character by character. */
export function normalizeClipText(original: string): ClipText {
  const out: ClipText = { text: "", starts: [], ends: [] };
  const push = (text: string, start: number, end: number): void => {
    out.text += text;
    for (let i = 0; i < text.length; i++) {
      out.starts.push(start);
      out.ends.push(end);
    }
  };
  for (const { 0: cluster, index } of original.matchAll(CLUSTER)) {
    if (/^\p{White_Space}/u.test(cluster)) {
      push(" ", index, index + cluster.length);
      continue;
    }
    if (/^[!-~]+$/.test(cluster)) {
      for (let i = 0; i < cluster.length; i++) push(cluster[i]!.toLowerCase(), index + i, index + i + 1);
      continue;
    }
    const before = [...cluster];
    const after = [...cluster.normalize("NFC")];
    const starts = before.map((_, i) => index + before.slice(0, i).join("").length);
    // What was composed keeps the place of its base; what stays behind it keeps its own.
    const composed = Math.max(0, before.length - after.length);
    after.forEach((char, i) => {
      const from = Math.min(i === 0 ? 0 : i + composed, before.length - 1);
      push(char.toLowerCase(), starts[from]!, starts[from]! + before[from]!.length);
    });
  }
  return out;
}
