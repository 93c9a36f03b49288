import { check, checkOptions, elements, expected, type NDArray, zeros } from "../tensor";
import { type Emoji, emojiSvg } from "./emoji";
import { cutOut, EMOJI_STYLES, type EmojiStyle } from "./emoji-drawings";

/**
 * One emoji as if cut out of paper, to be laid over other pictures: (4, size, size), red, green, blue and opacity, 0 to 1. Where
 * nothing is drawn the opacity is 0. Drawn by the npm package `sharp`, each time anew. Only in Node.
 */
export async function cutOutEmoji(
  emoji: Emoji,
  options: { style?: EmojiStyle; size?: number } = {},
): Promise<NDArray> {
  checkOptions("cutOutEmoji", options, 'style: "noto", size: 32', { style: EMOJI_STYLES, size: "size" });
  const { style = "noto", size = 32 } = options;
  check("cutOutEmoji", "emoji", emoji, "object");
  if (size > 512) throw expected("cutOutEmoji", "a size of at most 512 pixels", size);
  const bytes = await cutOut("cutOutEmoji", emojiSvg(emoji, style), size);
  const out = zeros([4, size, size]);
  const numbers = elements(out);
  const plane = size * size;
  for (let i = 0; i < plane; i++) for (let c = 0; c < 4; c++) numbers[c * plane + i] = bytes[4 * i + c] / 255;
  return out;
}
