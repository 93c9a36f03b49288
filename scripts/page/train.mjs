/** The training loop that runs in Node and in the page alike: same seed, same losses. */
import { AdamW, clipGradNorm, manualSeed, nd } from "gradschool";
import { GPT } from "gradschool/lectures/gpt";

const text = "the cat sat on the mat and the dog lay by the door while the rain fell on the roof. ";
const letters = [...new Set(text)].sort();
const ids = [...text, ...text].map((letter) => letters.indexOf(letter));
const T = 32;
const B = 16;

/** Starts afresh; answers a function that does one AdamW step of a small GPT and returns the loss. */
export function trainer() {
  manualSeed(7);
  const model = new GPT({
    vocabSize: letters.length,
    contextLength: T,
    embedDim: 64,
    numHeads: 4,
    numLayers: 2,
  });
  const optimizer = new AdamW(model.parameters(), { lr: 3e-3 });
  return () => {
    const starts = nd.randint(0, text.length, [B]).flat();
    const cut = (/** @type {number} */ shift) =>
      nd.array(
        Array.from(starts, (start) => ids.slice(start + shift, start + shift + T)),
        { dtype: "int32" },
      );
    const { loss } = model.forward(cut(0), { targets: cut(1) });
    if (!loss) throw new Error("the model gave no loss");
    optimizer.zeroGrad();
    loss.backward();
    clipGradNorm(model.parameters(), 1);
    optimizer.step();
    return loss.item();
  };
}

/** The losses of `steps` steps, without a breath. @param {number} steps */
export function losses(steps) {
  const step = trainer();
  return Array.from({ length: steps }, step);
}
