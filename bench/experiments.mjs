/**
 * What is raced: a step in ours and the same step in the peers. Every file named here is a contender: a program that
 * takes a configuration, measures itself by the rule of peers/measure.mjs, and prints one JSON line with its ms.
 */
const transformer = ["d", "heads", "layers"];

/**
 * @typedef {object} Experiment
 * @property {string} title
 * @property {readonly string[]} axes what the numbers of a configuration are
 * @property {readonly string[]} configs
 * @property {string} [perSecond] what a step makes one of, where that is counted
 * @property {Readonly<Record<string, string>>} peers name -> file
 */

/** @satisfies {Record<string, Experiment>} */
const all = {
  gpt: {
    title: "GPT, one AdamW step",
    axes: [...transformer, "batch", "T", "vocabulary"],
    configs: ["64,4,2,16,32,65", "128,4,4,12,64,65", "384,6,6,4,64,65"],
    peers: {
      PyTorch: "torch-gpt.py",
      "jax-js": "jax-gpt.mjs",
      "TensorFlow.js": "tfjs-gpt.mjs",
      "js-pytorch": "jspytorch-gpt.mjs",
    },
  },
  clip: {
    title: "CLIP of two small towers, one AdamW step",
    axes: [...transformer, "batch", "image", "patch", "T", "vocabulary"],
    configs: ["64,4,2,64,32,8,16,500"],
    peers: { PyTorch: "torch-clip.py" },
  },
  vit: {
    title: "ViT, one AdamW step",
    axes: [...transformer, "batch", "image", "patch"],
    configs: ["64,4,4,64,28,7"],
    peers: { PyTorch: "torch-vit.py" },
  },
  resnet: {
    title: "ResNet on 32 × 32 images, one SGD step",
    axes: ["channels", "blocks per stage", "batch"],
    configs: ["16,2,32"],
    peers: { PyTorch: "torch-resnet.py" },
  },
  generate: {
    title: "GPT generating with a cache, one token",
    axes: [...transformer, "context", "vocabulary"],
    configs: ["128,4,4,128,65", "384,6,6,128,65"],
    perSecond: "tokens/s",
    peers: { PyTorch: "torch-generate.py" },
  },
};

/** What measures single operations. @type {Readonly<Record<string, string>>} */
const single = { kernels: "torch-kernels.py", ops: "torch-ops.py" };

/** @type {Readonly<Record<string, Experiment>> & typeof all} */
export const experiments = all;

/**
 * Name -> file of what an experiment, or another part of the benchmark, is compared with.
 * @param {string} name
 * @returns {Readonly<Record<string, string>>}
 */
export const peersOf = (name) =>
  experiments[name]?.peers ?? (name in single ? { PyTorch: single[name] } : {});
