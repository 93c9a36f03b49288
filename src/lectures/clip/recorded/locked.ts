import { optional, type Recording } from "../../../data";
import { type LockedData, type LockedResult, locked, lockedData } from "../locked";

/** What the frozen networks say is the same for every seed. */
let shared: LockedData | undefined;

export const recording: Recording<LockedResult[]> = {
  says: "Emoji: a head on the frozen ViT of lecture 06 learns to meet the names' vectors, MiniLM's or its own; recall on Twemoji",
  seeds: [1, 2, 3],
  async run(seed, log) {
    const folder = optional("minilm");
    if (folder === null)
      throw new Error("clip-locked: this recording needs minilm: npm start -- --with minilm");
    shared ??= await lockedData(folder);
    const data = shared;
    return (["locked MiniLM", "from scratch"] as const).map((text) => {
      const result = locked(data, text, { seed });
      log(JSON.stringify(result));
      return result;
    });
  },
};
