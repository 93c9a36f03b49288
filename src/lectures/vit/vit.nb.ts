// The ViT lecture. `node scripts/generate-notebooks.mjs vit` makes the notebooks from this file.

// %% [markdown]
// # ViT: an image is a sentence of patches
//
// For thirty years images were read by **convolutions**: small windows that slide over the pixels, because neighbours belong
// together. A *vision transformer* knows nothing of neighbours. It cuts the image into patches, calls them words, and reads the
// sentence with the very block that you built for text.
//
// In this lecture you build one. You cut the patches, embed them, give them places, and train the model to read handwritten
// digits, in this notebook, in about a minute. Then you look inside: which places it takes for neighbours, how far it looks, and on
// what. And you measure what it costs to have nothing built in.
//
// **You will be able to**
//
// - cut images into patches and put them together again;
// - say why a patch embedding is a convolution, and write it as one product of matrices;
// - give the patches a class token and places, and show what happens without;
// - count the parameters of any ViT, and find the 86, 307 and 632 million of the paper;
// - train a ViT, and read its mistakes;
// - draw what it has learned: similar places, the reach of its heads, attention through all layers;
// - say when a ResNet is the better choice, with numbers.
//
// **You need** the transformer's block and its attention ([03 Transformer](03-transformer.ipynb)).
//
// | part | your work |
// |---|---|
// | 1. Nine patches | exercises 1 and 2: cut, and put together |
// | 2. A patch becomes a vector | exercise 3: one product |
// | 3. Nine patches in, ten vectors out | exercise 4: class token and places |
// | 4. The model, and its size | exercise 5: count the parameters of any ViT |
// | 5. Training | watch it learn to read |
// | 6. Which places are alike? | exercises 6 and 7: similarity, and how far a head looks |
// | 7. What does it look at? | exercise 8: attention through all layers |
// | 8. Larger images | exercise 9: places for a larger grid |
// | 9. What nothing built in costs | a ResNet, a linear model, and pretraining |
//
// Run a cell with **Shift + Enter**. Every exercise is checked at once, and tells you what is wrong. If you leave one
// open, the notebook goes on with a reference solution: you are never stuck.

// %% [markdown]
// ### Three questions before you start
//
// <details><summary>1. Shuffle the patches of an image. Would a convolutional network notice? Would a ViT?</summary>
//
// A convolutional network would be lost: its windows see other neighbours. A ViT without places would not notice at all, its answer
// stays the same to the last digit. Part 3 shows it. All that it knows of *where* comes from a table of learned vectors.
// </details>
//
// <details><summary>2. Why patches, and not pixels? A transformer could read pixels as well.</summary>
//
// Attention compares every token with every other. An image of 224 × 224 has 50,176 pixels, which makes 2.5 billion pairs in each head of
// each layer. With patches of 16 × 16 there are 196 tokens and 38,416 pairs.
// </details>
//
// <details><summary>3. A ViT can do everything that a ResNet can, and more. So it is better?</summary>
//
// Not with few images. Who may do more has more to learn: that neighbours belong together, that a cat in the corner is a cat. A
// ResNet has this built in. Part 9 measures it, and what pretraining changes.
// </details>

// %% [markdown]
// ## 1. Nine patches
//
// A text is a row of words. An image is a grid of pixels, three numbers each. How does it become a row? In the simplest way: it is
// **cut**. This is a drawing of 48 × 48 pixels, and what 3 × 3 cuts make of it.

// %%
import { imageGrid, readEmoji, renderEmoji, show } from "gradschool";

const [fox] = readEmoji({ groups: ["animals-nature"] }).filter(({ label }) => label.en === "fox");
const picture = await renderEmoji([fox], { style: "noto", size: 48 }); // (1, 3, 48, 48), 0 to 1
show(
  imageGrid(picture, {
    scale: 4,
    title: `"${fox.label.en}", 48 × 48 pixels`,
  }),
);

// %% [markdown]
// A patch of $P \times P$ pixels with $C$ channels is laid out as a vector of $C \cdot P \cdot P$ numbers: first all of its red, row
// by row, then green, then blue. The patches follow each other as one reads: row by row, from left to right.
//
// $$\underbrace{(B,\, C,\, H,\, W)}_{\text{images}} \;\to\; \underbrace{(B,\, N,\, C \cdot P \cdot P)}_{\text{patches}}
// \qquad N = \frac{H}{P} \cdot \frac{W}{P}$$

// %%
import { check, type Tensor, tensor } from "gradschool";
import { exercises, type ViTParts, type ViTShape } from "gradschool/lectures/vit";

// %% [markdown] task: toPatches
// Write `toPatches(images, P)`: images $(B, C, H, W)$ → $(B, N, C \cdot P \cdot P)$. The patches come row by row; in a patch the
// channels come first, then its rows, then its columns. $P$ divides $H$ and $W$, which need not be equal.
//
// No loop is needed: an axis of $H$ numbers can be seen as two, (rows, P).
//
// Useful: `x.reshape([…])`, `x.permute([…])` (axis `i` of the result is axis `order[i]` of `x`).

// %% [markdown] plan: toPatches
// ```text
// cut:     (B, C, H, W)  →  (B, C, rows, P, columns, P)          reshape: the order of numbers does not change
// order:                 →  (B, rows, columns, C, P, P)          permute: which patch first, then what is in it
// lay out:               →  (B, rows · columns, C · P · P)       reshape
// ```

// %% [markdown] help: toPatches
// - **a patch looks like stripes**: the image was reshaped straight to the goal. Cut first, reorder, then reshape.
// - **the patches come in the wrong order**: `rows` must stand before `columns`, and both before `C`.
// - **patches are mirrored along the diagonal**: the two axes of size P are exchanged. Number them: 3 belongs to H, 5 to W.

// %% exercise: toPatches
const toPatches = check(exercises.toPatches, exercises.toPatches.solution);

// %% [markdown] after: toPatches
// Another way, with two loops and slices, says what is meant without any thinking about axes:
//
// ```ts
// for (let y = 0; y < H; y += P)
//   for (let x = 0; x < W; x += P)
//     patches.push(images.narrow(2, y, P).narrow(3, x, P).reshape([B, -1]));
// return stack(patches, 1);
// ```
//
// It makes N small copies where reshape and permute make one. Both are right, and both are differentiable.

// %%
const P = 16;
const patches = toPatches(tensor(picture), P); // (1, 9, 768)
const asImages = (rows: Tensor) => rows.reshape([-1, 3, P, P]).data;
show(
  imageGrid(asImages(patches), {
    columns: 3,
    scale: 5,
    labels: Array.from({ length: 9 }, (_, i) => `patch ${i}`),
    title: "Nine patches, where they were",
  }),
);
show(
  imageGrid(asImages(patches), {
    columns: 9,
    scale: 4,
    labels: Array.from({ length: 9 }, (_, i) => `${i}`),
    title: "As the transformer gets them: a row of nine words",
  }),
);

// %%
import { heatmap } from "gradschool";

show(
  heatmap(patches.select(0, 0), {
    title: "Flattened: each patch is one row of 768 numbers (16 · 16 of red, then of green, then of blue)",
    xTitle: "number in the patch",
    yTitle: "patch",
    colorscale: "gray",
    min: 0,
    max: 1,
  }),
);

// %% [markdown] task: fromPatches
// Write `fromPatches(patches, P, H, W)`: the way back, $(B, N, C \cdot P \cdot P)$ → $(B, C, H, W)$. The number of channels follows
// from the length of the vectors.

// %% [markdown] plan: fromPatches
// ```text
// the three lines of toPatches, from the last to the first:
// (B, N, C·P·P) → (B, rows, columns, C, P, P) → (B, C, rows, P, columns, P) → (B, C, H, W)
// ```

// %% [markdown] help: fromPatches
// - **the image is a mosaic of stripes**: the permute is missing, or goes the same way as in `toPatches`. You need the *inverse* order.
// - **works for squares, not for other images**: rows = H / P and columns = W / P are exchanged somewhere.

// %% exercise: fromPatches
const fromPatches = check(exercises.fromPatches, exercises.fromPatches.solution);

// %% [markdown] after: fromPatches
// The order that undoes a permutation can be computed: if the permutation puts axis `order[i]` at place `i`, the inverse puts axis `i`
// at place `order[i]`:
//
// ```ts
// const inverse = order.map((_, axis) => order.indexOf(axis)); // [0, 2, 4, 1, 3, 5] → [0, 3, 1, 4, 2, 5]
// ```
//
// A decoder of images, as in an autoencoder of patches, ends with exactly this function.

// %% [markdown]
// With both we can shuffle an image. Remember this picture: to a transformer without places, the two are **the same**.

// %%
import { concat, Generator, nd } from "gradschool";

const shuffle = new Generator(4).permutation(9);
const shuffled = patches.indexSelect(1, shuffle);
const whole = fromPatches(patches, P, 48, 48);
show(
  imageGrid(concat([whole, fromPatches(shuffled, P, 48, 48)]), {
    scale: 4,
    labels: ["put together", "the same nine patches, shuffled"],
    title: `Largest difference from the original: ${whole.data.sub(picture).abs().max().item()}`,
  }),
);

// %% [markdown]
// ## 2. A patch becomes a vector
//
// A word gets its vector from a table. A patch has no table: there are more possible patches than atoms in the universe. But it is
// numbers already, so one **linear layer** will do:
//
// $$z_n = W x_n + b \qquad x_n \in \mathbb{R}^{C P^2},\; W \in \mathbb{R}^{E \times C P^2}$$
//
// Each of the $E$ rows of $W$ has the form of a patch itself. It is a *filter*: it is laid over the patch, multiplied pixel by pixel, and summed
// up. That is what a convolution does, too, except that a convolution slides. One that **jumps by P** lays its filters on every patch once.

// %% [markdown] task: embedPatches
// Write `embedPatches(images, weight, bias)`: images $(B, C, H, W)$, and a weight $(E, C, P, P)$ and bias $(E)$ as a convolution has them →
// $(B, N, E)$. Use **one product of matrices**, and no convolution.

// %% [markdown] plan: embedPatches
// ```text
// patches ← (B, N, C·P·P)                       as in toPatches; P is the last size of weight
// matrix  ← weight as (E, C·P·P), transposed    filter e, laid out as a patch is, becomes column e
// patches · matrix + bias
// ```

// %% [markdown] help: embedPatches
// - **`matmul: inner sizes differ`**: the weight must be (C·P·P, E) on the right: reshape to (E, C·P·P), *then* transpose.
// - **right shape, wrong numbers**: reshaping the weight to (C·P·P, E) mixes the filters. And in a patch the channels must come first, as in a filter.
// - **off by a constant for each feature**: the bias.

// %% exercise: embedPatches
const embedPatches = check(exercises.embedPatches, exercises.embedPatches.solution);

// %% [markdown] after: embedPatches
// One line of `einsum` does the cut and the product together, without laying anything out:
//
// ```ts
// einsum("bcrpsq,ecpq->brse", images.reshape([B, C, H / P, P, W / P, P]), weight);
// ```
//
// Checkpoints of the paper store a convolution, `(E, C, P, P)`. Ours stores the matrix; the two differ by a reshape, and this is why our ViT reads
// Hugging Face's files.

// %% [markdown]
// So the same numbers can be had in two ways. See for yourself that they agree:

// %%
import { conv2d } from "gradschool";

const E = 24;
const luck = new Generator(1);
const filters = tensor(luck.normal([E, 3, P, P], { std: 0.05 }));
const offsets = tensor(luck.normal([E], { std: 0.05 }));
const asProduct = embedPatches(tensor(picture), filters, offsets); // (1, 9, 24)
const asConvolution = conv2d(tensor(picture), filters, { bias: offsets, stride: P }); // (1, 24, 3, 3)
const inOneRow = asConvolution.flatten(2).transpose(1, 2); // (1, 24, 9) → (1, 9, 24)
show(
  `product ${asProduct.shape.join(" × ")}, convolution ${asConvolution.shape.join(" × ")}; ` +
    `largest difference ${asProduct.sub(inOneRow).abs().max().item().toExponential(1)}`,
);

// %% [markdown]
// ## 3. Nine patches in, ten vectors out
//
// Two things are missing.
//
// - **Which vector is the answer?** None of the patches is more important than the others. So, as in BERT, a vector of its own goes in front of them: the
//   **class token** `[CLS]`. It is learned, it is the same for every image, and it has nothing to say. It only listens. What it has heard after the last
//   layer is the answer.
// - **Where was each patch?** Attention does not see the order. Each place gets a learned vector, added to what stands there.
//
// $$\left[\, z_{\text{cls}};\; z_1;\; z_2;\; \ldots;\; z_9 \,\right] + \left[\, p_0;\; p_1;\; \ldots;\; p_9 \,\right]$$

// %% [markdown] task: classAndPositions
// Write `classAndPositions(patches, classToken, positions)`: patches $(B, N, E)$, one class token $(E)$ and a table of places $(1 + N, E)$
// → $(B, 1 + N, E)$. The class token is number 0, and has a place, too.
//
// Useful: `x.expand([…])` repeats without copying, `concat([a, b], 1)` puts two Tensors behind each other.

// %% [markdown] plan: classAndPositions
// ```text
// first ← the class token as (B, 1, E): the same for each image
// all   ← first in front of the patches       (B, 1 + N, E)
// all + positions                             the same table for each image
// ```

// %% [markdown] help: classAndPositions
// - **`expand` complains**: from (E) to (B, 1, E) works at once: missing axes in front are made.
// - **all places are off by one**: put the token in front *first*, then add the whole table.
// - **no gradient reaches `classToken`**: stay with Tensors; `.data` leaves the graph.

// %% exercise: classAndPositions
const classAndPositions = check(exercises.classAndPositions, exercises.classAndPositions.solution);

// %% [markdown] after: classAndPositions
// Adding the places to the two parts separately comes to the same:
//
// ```ts
// const first = classToken.add(positions.select(0, 0)).expand([B, 1, E]);
// return concat([first, patches.add(positions.narrow(0, 1, N))], 1);
// ```
//
// It shows that the class token and its place are one vector: $z_{\text{cls}} + p_0$ is learned as a sum, and either alone would do. The paper has both, so
// checkpoints have both. Some models leave the class token out and take the **mean** over the patches: it works as well, with another learning rate (Dosovitskiy et
// al., appendix D.3).

// %%
const classToken = tensor(luck.normal([E], { std: 0.5 }));
const places = tensor(luck.normal([10, E], { std: 0.5 }));
const noPlaces = tensor(nd.zeros([10, E]));
const sentence = classAndPositions(asProduct, classToken, places);
show(
  heatmap(sentence.select(0, 0), {
    title: "Nine patches in, ten vectors out: [CLS] in front, each with its place",
    yLabels: ["[CLS]", ...Array.from({ length: 9 }, (_, i) => `patch ${i}`)],
    xTitle: "feature",
  }),
);

// %% [markdown]
// Now the promised experiment. A transformer's block, untrained, reads the nine patches in their order and shuffled. What does the class token hear?

// %%
import { manualSeed, noGrad, TransformerBlock } from "gradschool";

manualSeed(5);
const reader = new TransformerBlock(E, 4);
const heard = (rows: Tensor, table: Tensor) =>
  noGrad(() => reader.forward(classAndPositions(rows, classToken, table))).data.select(1, 0);
const shuffledVectors = asProduct.indexSelect(1, shuffle);
const changeOf = (table: Tensor) =>
  heard(asProduct, table).sub(heard(shuffledVectors, table)).abs().max().item();
show(
  `without places the class token changes by ${changeOf(noPlaces).toExponential(1)}, with places by ${changeOf(places).toFixed(3)}`,
  { title: "The same patches in another order" },
);

// %% [markdown]
// Without places the difference is rounding: a heap of patches. All that a ViT knows of space, it has to learn from data.
//
// ## 4. The model, and its size
//
// The rest is known: blocks of attention and MLP, as in [03](03-transformer.ipynb) and [05](05-gpt.ipynb), but **without a mask**, since an image has no future. At the end a
// norm, and a linear layer from the class token to the classes. Our images are MNIST's digits, 28 × 28 pixels in grey. Patches of 7 × 7 give 4 × 4 = 16 tokens.

// %%
import { init, LayerNorm, Linear, Module, type Parameter, parameter, summary } from "gradschool";

const SIDE = 28;
const PATCH = 7;
const N = (SIDE / PATCH) ** 2;
const C = 64; // size of every vector
const HEADS = 4;
const LAYERS = 4;

class MiniViT extends Module {
  weight: Parameter;
  bias = parameter(nd.zeros([C]));
  classToken = parameter(init.truncatedNormal([C], { std: 0.02 }));
  positions = parameter(init.truncatedNormal([1 + N, C], { std: 0.02 }));
  blocks = Array.from({ length: LAYERS }, () => new TransformerBlock(C, HEADS, { mlpDim: 2 * C }));
  norm = new LayerNorm(C);
  head: Linear;

  constructor(channels: number, classes: number) {
    super();
    const fanIn = channels * PATCH * PATCH;
    this.weight = parameter(init.truncatedNormal([C, channels, PATCH, PATCH], { std: fanIn ** -0.5 }));
    this.head = new Linear(C, classes);
  }

  /** images (B, channels, 28, 28) → (B, classes). `attentions` receives the weights (B, H, T, T) of every layer. */
  forward(images: Tensor, attentions?: Tensor[]): Tensor {
    const patches = embedPatches(images, this.weight, this.bias); // yours
    let x = classAndPositions(patches, this.classToken, this.positions); // yours
    for (const block of this.blocks) x = block.forward(x, { attentions });
    return this.head.forward(this.norm.forward(x).select(1, 0)); // what the class token has heard
  }
}

manualSeed(7);
const model = new MiniViT(1, 10);
summary(model);

// %% [markdown]
// Every ViT is given by a handful of numbers. So its size needs no computer with 128 GB of memory, but a function:

// %% [markdown] task: vitParameters
// Write `vitParameters(shape)`: how many numbers of a ViT are learned, by part, without building it. `shape` has `imageSize`, `patchSize`, `channels`, `embedDim` (E),
// `layers`, `mlpDim` and `classes`; return `{ embedding, attention, mlp, norms, head, total }`:
//
// - `embedding`: the linear layer for patches with its bias, the class token, the table of places;
// - `attention`: in each layer four linear layers from E to E with biases (queries, keys, values, output). The number of heads does not matter: why?
// - `mlp`: in each layer two linear layers with biases, E → mlpDim → E;
// - `norms`: two in each layer and one at the end, each with a weight and a bias of E numbers;
// - `head`: a linear layer with bias to the classes.

// %% [markdown] plan: vitParameters
// ```text
// linear(from, to) = from · to + to
// N = (imageSize / patchSize)²
// embedding = linear(channels · P · P, E) + E + (1 + N) · E
// … and so on; total is their sum
// ```

// %% [markdown] help: vitParameters
// - **off by E**: the class token has a vector *and* a place; behind the last layer stands one more norm.
// - **off by a multiple of the layers**: a bias, or the output layer of attention, was forgotten.

// %% exercise: vitParameters
const vitParameters = check(exercises.vitParameters, exercises.vitParameters.solution);

// %% [markdown] after: vitParameters
// The heads share out the E features: $H$ heads of $E / H$ features have together $E \times E$ weights, whatever $H$ is.
//
// The library can count, too: inside `meta(() => …)` a model is built for its shapes alone, without memory:
//
// ```ts
// meta(() => new ViTForImageClassification({ ...vitHuge, num_labels: 1000 })).parameterCount();
// ```
//
// For large E the total is close to $\text{layers} \cdot 12 E^2$: four matrices of attention and eight of the MLP (if it is four times as wide).

// %%
import { bar, meta, prose } from "gradschool";
import { ViTForImageClassification, vitBase, vitHuge, vitLarge } from "gradschool/lectures/vit";

const released = Object.entries({ "ViT-Base/16": vitBase, "ViT-Large/16": vitLarge, "ViT-Huge/14": vitHuge });
const shapeOf = (config: typeof vitBase): ViTShape => ({
  imageSize: config.image_size,
  patchSize: config.patch_size,
  channels: config.num_channels,
  embedDim: config.hidden_size,
  layers: config.num_hidden_layers,
  mlpDim: config.intermediate_size,
  classes: 1000,
});
const rows = released.map(([name, config]) => {
  const parts: ViTParts = vitParameters(shapeOf(config));
  const built = meta(() => new ViTForImageClassification({ ...config, num_labels: 1000 })).parameterCount();
  return { name, config, parts, built };
});
const millions = (n: number) => (n / 1e6).toFixed(n < 1e5 ? 2 : n < 1e7 ? 1 : 0);
const table = [
  "| model | layers | E | MLP | heads | embedding | attention | MLPs | norms | head | **total** | the library counts |",
  "|---|---|---|---|---|---|---|---|---|---|---|---|",
  ...rows.map(
    ({ name, config, parts, built }) =>
      `| ${name} | ${config.num_hidden_layers} | ${config.hidden_size} | ${config.intermediate_size} | ${config.num_attention_heads} | ${[parts.embedding, parts.attention, parts.mlp, parts.norms, parts.head].map((n) => `${millions(n)} M`).join(" | ")} | **${millions(parts.total)} M** | ${built.toLocaleString("en")} |`,
  ),
].join("\n");
prose`${table}`;

// %%
const share = (of: (parts: ViTParts) => number) => rows.map(({ parts }) => of(parts) / 1e6);
bar(
  {
    MLPs: share(({ mlp }) => mlp),
    attention: share(({ attention }) => attention),
    "all the rest": share(({ embedding, norms, head }) => embedding + norms + head),
  },
  {
    labels: released.map(([name]) => name),
    title: "Where the parameters are: two thirds in the MLPs, one third in attention",
    yTitle: "millions of parameters",
    height: 300,
  },
);

// %% [markdown]
// ## 5. Training
//
// MNIST is the digits of 500 people, split as it was published: 60,000 to learn from, 10,000 from *other* writers to be judged by. Nothing here says that these are
// images, except the cutting.

// %%
import { type NDArray, readMnist } from "gradschool";

const digits = readMnist({ split: "train" });
const judged = readMnist({ split: "test" });
const asInput = (images: NDArray) => tensor(images.unsqueeze(1).sub(0.1307).div(0.3081)); // mean 0, spread 1
imageGrid(digits.images.slice(":24"), {
  columns: 12,
  scale: 2,
  labels: Array.from(digits.labels.slice(":24").flat()),
  title: "MNIST: what the model sees, and what it should say",
});

// %% [markdown]
// While it learns, watch 24 digits of the test. Under each stands what the model says; a wrong answer has an ✗ and the right one behind it.

// %%
const watched = judged.images.slice(":24");
const watchedLabels = Array.from(judged.labels.slice(":24").flat());

/** What the model says to each image, a few hundred at a time. */
function answersTo(images: NDArray): number[] {
  const said: number[] = [];
  for (let row = 0; row < images.shape[0]; row += 500) {
    const some = images.slice(`${row}:${row + 500}`);
    said.push(
      ...noGrad(() => model.forward(asInput(some)))
        .data.argmax(-1)
        .flat(),
    );
  }
  return said;
}

// %%
function lookAt(title: string) {
  const said = answersTo(watched);
  const right = said.filter((answer, i) => answer === watchedLabels[i]).length;
  return imageGrid(watched, {
    columns: 12,
    scale: 2,
    labels: said.map((answer, i) =>
      answer === watchedLabels[i] ? `${answer} ✓` : `${answer} ✗ ${watchedLabels[i]}`,
    ),
    title: `${title}: ${right} of 24 right`,
  });
}
lookAt("Untrained");

// %%
import {
  AdamW,
  clipGradNorm,
  cosineWithWarmup,
  crossEntropy,
  display,
  LRScheduler,
  trainingView,
} from "gradschool";

const STEPS = 2400;
const BATCH = 64;
const optimizer = new AdamW(model.parameters(), { lr: 4e-3, betas: [0.9, 0.98], weightDecay: 0.05 });
const scheduler = new LRScheduler(optimizer, cosineWithWarmup({ warmupSteps: 200, totalSteps: STEPS }));
const drawn = new Generator(3);
const live = display(lookAt("Untrained"));
const view = trainingView({
  totalSteps: STEPS,
  title: "MiniViT on MNIST",
  tokensPerStep: BATCH * (1 + N),
  marks: { "no idea": Math.log(10) },
});
for (const step of view.steps()) {
  const batch = drawn.integers([BATCH], { high: digits.labels.size });
  const logits = model.forward(asInput(digits.images.indexSelect(0, batch)));
  const loss = crossEntropy(logits, digits.labels.indexSelect(0, batch));
  optimizer.zeroGrad();
  loss.backward();
  clipGradNorm(model.parameters(), 1);
  optimizer.step();
  scheduler.step();
  view.step({ loss: loss.item() });
  if (step % 200 === 199) live.update(lookAt(`After ${step + 1} steps`));
}

// %% [markdown]
// ### How good is it, and where is it wrong?

// %%
import { inFull, result } from "gradschool";

const TESTED = inFull(10_000, { short: 500 });
const said = answersTo(judged.images.slice(`:${TESTED}`));
const truth = Array.from(judged.labels.slice(`:${TESTED}`).flat());
const wrong = said.flatMap((answer, i) => (answer === truth[i] ? [] : [i]));
result("MiniViT on MNIST's test", (100 * (TESTED - wrong.length)) / TESTED, "% right");

const confusion = nd.zeros([10, 10]);
for (const i of wrong) confusion.set([truth[i], said[i]], confusion.get([truth[i], said[i]]) + 1);
heatmap(confusion, {
  title: `Its ${wrong.length} mistakes: which digit does it take for which? (the right answers are left out)`,
  xTitle: "the model says",
  yTitle: "it is",
  colorscale: "blues",
});

// %%
if (wrong.length > 0)
  show(
    imageGrid(judged.images.indexSelect(0, nd.array(wrong.slice(0, 36), { dtype: "int32" })), {
      columns: 12,
      scale: 2,
      labels: wrong.slice(0, 36).map((i) => `${said[i]} ✗ ${truth[i]}`),
      title: "Mistakes: what it says, and what it is. Would you have known?",
    }),
  );

// %% [markdown]
// ## 6. Which places are alike?
//
// Nobody told the model that place 5 lies beside place 6. Has it found out? If it has, then neighbours have similar vectors in the table of places. The paper's figure 7
// shows it: for each place a small map of its similarity to all others.

// %% [markdown] task: positionSimilarity
// Write `positionSimilarity(positions)`: from the table $(1 + N, E)$, whose row 0 belongs to the class token, the cosines between all patches' places, $(N, N)$:
//
// $$s_{ij} = \frac{p_i \cdot p_j}{\|p_i\|\, \|p_j\|}$$
//
// `positions` is an array, not a Tensor: nothing is to be learned here.

// %% [markdown] plan: positionSimilarity
// ```text
// places     ← positions without row 0
// directions ← places, each row divided by its length     (the root of the sum of its squares, kept as a column)
// directions · directions, transposed
// ```

// %% [markdown] help: positionSimilarity
// - **the diagonal is not 1**: both vectors must be divided by their lengths. `sum(1, { keepDims: true })` keeps a column to divide by.
// - **one row too many**: the class token has no place in the image.

// %% exercise: positionSimilarity
const positionSimilarity = check(exercises.positionSimilarity, exercises.positionSimilarity.solution);

// %% [markdown] after: positionSimilarity
// The products first, the lengths later, which the diagonal holds already:
//
// ```ts
// const products = places.matmul(places.transpose());
// const lengths = products.diagonal().sqrt();
// return products.div(lengths.unsqueeze(1)).div(lengths.unsqueeze(0));
// ```

// %%
import { heatmaps } from "gradschool";

const similarityMaps = (positions: NDArray) => {
  const side = Math.sqrt(positions.shape[0] - 1);
  const similar = positionSimilarity(positions);
  return Object.fromEntries(
    Array.from({ length: side * side }, (_, i) => [
      `row ${Math.floor(i / side)}, column ${i % side}`,
      similar.select(0, i).reshape([side, side]),
    ]),
  );
};
show(
  heatmaps(similarityMaps(model.positions.data), {
    title: "Learned on MNIST: how similar is the place named above to each of the 16? (cosine)",
    xTitle: "column",
    yTitle: "row",
    colorscale: "viridis",
  }),
);

// %% [markdown]
// A number for what the pictures show: the mean similarity of places that are one step apart, two, three.

// %%
function byDistance(positions: NDArray): number[] {
  const side = Math.sqrt(positions.shape[0] - 1);
  const similar = positionSimilarity(positions);
  return [1, 2, 3].map((steps) => {
    const values: number[] = [];
    for (let i = 0; i < side * side; i++)
      for (let j = 0; j < side * side; j++) {
        const apart =
          Math.abs(Math.floor(i / side) - Math.floor(j / side)) + Math.abs((i % side) - (j % side));
        if (apart === steps) values.push(similar.get([i, j]));
      }
    return values.reduce((sum, value) => sum + value, 0) / values.length;
  });
}
const ofDigits = byDistance(model.positions.data);
prose`Places one step apart have a similarity of **${ofDigits[0]}**, two steps apart ${ofDigits[1]}, three steps apart ${ofDigits[2]}.`;

// %% [markdown]
// The corners of a digit's image are always black, so their places need little else. A larger model, trained on pictures that fill their square, has more to say. The course
// brings one: a ViT in colour, 32 × 32 pixels, that has learned the **subgroups of emoji** (animal-bird, food-fruit, …) from drawings of three artists. The fourth, Twemoji, it has
// never seen.

// %%
import { pretrainedViT, readDrawings } from "gradschool/lectures/vit";

const trained = pretrainedViT();
trained.model.eval();
prose`${trained.card}`;
const unseenStyle = await readDrawings({ part: "train", styles: ["twemoji"] });
const toTrained = (images: NDArray) => tensor(images.mul(2).sub(1)); // it sees −1 to 1
const SHOWN = [12, 120, 260, 330, 402, 480, 560, 640, 720, 800, 860, 905];
const pictures = unseenStyle.images.indexSelect(0, nd.array(SHOWN, { dtype: "int32" }));
const guesses = noGrad(() => trained.model.forward(toTrained(pictures))).logits.data.argmax(-1);
imageGrid(pictures, {
  columns: 6,
  scale: 4,
  labels: SHOWN.map((i, row) => {
    const [guess, right] = [trained.classes[guesses.get([row])], unseenStyle.emoji[i].subgroup];
    return `${guess} ${guess === right ? "✓" : "✗"}`;
  }),
  title: "Drawings in a style that it has never seen, and what it says",
});

// %%
show(
  heatmaps(similarityMaps(trained.model.vit.embeddings.positions.data), {
    title: "Learned on drawings: how similar is the place named above to each of the 16? (cosine)",
    xTitle: "column",
    yTitle: "row",
  }),
);

// %%
/** Mean similarity of each place with the one that `to` names. */
function similarityTo(to: (row: number, column: number) => number): number {
  const similar = positionSimilarity(trained.model.vit.embeddings.positions.data);
  const values = Array.from({ length: 16 }, (_, i) => similar.get([i, to(Math.floor(i / 4), i % 4)]));
  return values.reduce((sum, value) => sum + value, 0) / 16;
}
const mirroredSideways = similarityTo((row, column) => 4 * row + (3 - column));
const mirroredUpwards = similarityTo((row, column) => 4 * (3 - row) + column);
const ofDrawings = byDistance(trained.model.vit.embeddings.positions.data);
prose`One step apart **${ofDrawings[0]}**, two steps ${ofDrawings[1]}, three steps ${ofDrawings[2]}. A place and its mirror image,
  left for right: **${mirroredSideways}**. Above for below: **${mirroredUpwards}**.`;

// %% [markdown]
// The model has found out rows. And something more: left and right are nearly the same to it, above and below are opposites. Half of its drawings were **mirrored** in training, none was turned upside down. It has learned what we
// showed it.
//
// And its **first filters**, the rows of $W$ in the form of patches? Most of them still look like the noise that they started from. So, as the paper does (figure 7, left), look at their **principal directions**: the patterns along which the
// 128 filters differ most.

// %%
/** The directions along which the rows of a matrix lie furthest apart, the strongest first: (count, columns). By power iteration. */
function principalDirections(matrix: NDArray, count: number): NDArray {
  let rest = matrix.transpose().matmul(matrix);
  const found: NDArray[] = [];
  for (let k = 0; k < count; k++) {
    let direction = new Generator(k).normal([rest.shape[0], 1]);
    for (let i = 0; i < 80; i++) {
      const next = rest.matmul(direction); // what is strongest in it grows fastest
      direction = next.div(next.pow(2).sum().sqrt());
    }
    const strength = direction.transpose().matmul(rest).matmul(direction).item();
    rest = rest.sub(direction.matmul(direction.transpose()).mul(strength)); // and is taken away
    found.push(direction.squeeze(1));
  }
  return nd.stack(found);
}
const firstFilters = trained.model.vit.embeddings.patches.projection.weight.data; // (128, 192)
const directions = principalDirections(firstFilters, 16);
const strongest = directions.abs().max(1, { keepDims: true });
imageGrid(directions.div(strongest).mul(0.5).add(0.5).reshape([16, 3, 8, 8]), {
  columns: 8,
  scale: 8,
  labels: Array.from({ length: 16 }, (_, i) => i),
  title: "What the first filters look for, the strongest first, 8 × 8 pixels in colour",
});

// %% [markdown]
// Fields of one colour, slopes, edges, bars: waves that become faster from picture to picture, as in every network for images. Behind them the noise begins.
//
// ### How far does a head look?
//
// A convolution of 3 × 3 sees its neighbours in the first layer, and further only layer by layer. An attention head may look anywhere from the start. Does it?

// %% [markdown] task: attentionDistance
// Write `attentionDistance(weights, P)`: for the attention weights of one layer and one image, $(H, 1 + N, 1 + N)$, how far each head looks on average, in **pixels**, $(H)$.
//
// 1. The $N = S \cdot S$ patches lie in a square, row by row, $P$ pixels wide each: patch $i$ stands in row $\lfloor i / S \rfloor$ and column $i \bmod S$. The distance of two patches is that of their middles.
// 2. Leave out the class token, as query and as key, and divide the weights of each patch by their sum, so that they sum to 1 again.
// 3. For each patch the mean distance, weighted by what it looks at; then the mean over the patches.
//
// Useful: `nd.arange(0, N)`, `x.div(S).floor()`, `x.remainder(S)`, `x.narrow(axis, start, length)`.

// %% [markdown] plan: attentionDistance
// ```text
// row, column ← of each of the N patches
// distances   ← (N, N): √((row_i − row_j)² + (column_i − column_j)²) · P         unsqueeze(1) against unsqueeze(0)
// shares      ← weights without token 0 on both axes, each row divided by its sum
// (shares ⊙ distances), summed over keys, mean over queries
// ```

// %% [markdown] help: attentionDistance
// - **too small**: what goes to the class token must not count as distance 0: divide by the sum over patches.
// - **a constant factor off**: pixels, not patches: times P. And the root?

// %% exercise: attentionDistance
const attentionDistance = check(exercises.attentionDistance, exercises.attentionDistance.solution);

// %% [markdown] after: attentionDistance
// With a table of distances $D$ and shares $A$, both $(N, N)$, the answer is $\frac{1}{N} \sum_{ij} A_{ij} D_{ij}$: the mean of a product, or the trace of
// $A D^\top$ over $N$. If the attention were spread evenly, the result would be the mean distance of two patches, the dashed line below.

// %%
import { line } from "gradschool";

const LOOKED_AT = inFull(64, { short: 4 });
/** For each layer the reach of each head, mean over some images. */
function reachOf(attentions: readonly Tensor[], P: number): NDArray {
  const layers = attentions.map((weights) => {
    const images = Array.from({ length: weights.shape[0] }, (_, b) =>
      attentionDistance(weights.data.select(0, b), P),
    );
    return nd.stack(images).mean(0);
  });
  return nd.stack(layers); // (layers, heads)
}
const seen = noGrad(() =>
  trained.model.forward(toTrained(unseenStyle.images.slice(`:${LOOKED_AT}`)), { needAttentions: true }),
).attentions;
const far = reachOf(seen, 8);
const evenly = attentionDistance(nd.full([1, 17, 17], 1 / 17), 8).item();
const [LAYERS_TRAINED, HEADS_TRAINED] = far.shape;
line(
  [
    ...Array.from({ length: HEADS_TRAINED }, (_, head) => ({ name: `head ${head}`, y: far.select(1, head) })),
    { name: "spread evenly", y: nd.full([LAYERS_TRAINED], evenly) },
  ],
  {
    x: Array.from({ length: LAYERS_TRAINED }, (_, layer) => layer + 1),
    title: "How far each head looks, by layer (ViT on drawings)",
    xTitle: "layer",
    yTitle: "mean distance, pixels",
    height: 300,
  },
);

// %%
const spreadOf = (layer: number) => far.select(0, layer).max().item() - far.select(0, layer).min().item();
prose`In the first layer the heads reach from ${far.select(0, 0).min().item()} to ${far.select(0, 0).max().item()} pixels, a difference of
  **${spreadOf(0)}**; in the last one they differ by **${spreadOf(LAYERS_TRAINED - 1)}**. Attention spread evenly would reach ${evenly}.`;

// %% [markdown]
// In the first layer the heads share out the work: one looks closer than chance, as a convolution would, one further than chance, across the whole image, which no convolution of that size can. Later layers see what was gathered, and their reach is alike. The
// paper's figure 7 (right) shows the same for large models, and stronger: with 4 × 4 places there is not much near and far.
//
// ## 7. What does it look at?
//
// The last layer's attention is not the answer: what it looks at was mixed by the layers before. **Attention rollout** (Abnar and Zuidema, 2020) follows the mixture through all layers. In a layer, half of what a
// token is goes *round* the attention, half comes through it; and layers after each other are a product of matrices:
//
// $$\tilde A_l = \tfrac{1}{2} \Big( \frac{1}{H} \sum_h A_l^{(h)} + I \Big) \qquad R = \tilde A_L \cdots \tilde A_2\, \tilde A_1$$

// %% [markdown] task: attentionRollout
// Write `attentionRollout(attentions)`: weights of all layers for one image, an array $(L, H, T, T)$, first layer first → $R$, $(T, T)$. Row $i$ says of which inputs output $i$ is made; it sums to 1.
//
// Useful: `x.select(0, layer)`, `x.mean(0)`, `nd.eye(T)`.

// %% [markdown] plan: attentionRollout
// ```text
// flow ← identity (T, T): before the first layer each token is itself
// for each layer, first to last:
//     mixed ← half the mean over heads, half the identity
//     flow  ← mixed · flow           the new layer stands on the left
// ```

// %% [markdown] help: attentionRollout
// - **rows sum to 2, 4, 8 …**: halve the sum of attention and identity.
// - **right for one layer, wrong for two**: the order of the product. Output of layer 2 = Ã₂ · (output of layer 1).

// %% exercise: attentionRollout
const attentionRollout = check(exercises.attentionRollout, exercises.attentionRollout.solution);

// %% [markdown] after: attentionRollout
// Only row 0 is wanted, the class token's. Then no product of matrices is needed, a vector goes through the layers from the last to the first:
//
// ```ts
// let row = nd.eye(T).select(0, 0); // the class token
// for (let layer = L - 1; layer >= 0; layer--) row = row.unsqueeze(0).matmul(mixed(layer)).squeeze(0);
// ```
//
// Rollout is a story about attention, not about the answer: values may be large where weights are small. To ask which pixels *change* the answer, one takes gradients (lecture 07 does, to fool a model).

// %%
const lookedAt = noGrad(() =>
  trained.model.forward(toTrained(pictures), { needAttentions: true }),
).attentions;
const TILES = 4;
/** Where the class token's answer comes from: (4, 4) for picture b, its largest number 1. */
function gazeOf(attentions: readonly Tensor[], b: number): NDArray {
  const ofImage = nd.stack(attentions.map((weights) => weights.data.select(0, b)));
  const gaze = attentionRollout(ofImage).select(0, 0).slice("1:").reshape([TILES, TILES]);
  return gaze.sub(gaze.min()).div(gaze.max().sub(gaze.min()));
}
/** The picture, faded to white where nobody looks. */
function faded(image: NDArray, gaze: NDArray): NDArray {
  const scale = image.shape[1] / TILES;
  const large = gaze
    .unsqueeze(1)
    .unsqueeze(3)
    .expand([TILES, scale, TILES, scale])
    .reshape([1, TILES * scale, TILES * scale]);
  const visible = large.mul(0.9).add(0.1);
  return image.mul(visible).add(visible.neg().add(1));
}

// %%
const gazes = SHOWN.map((_, b) => gazeOf(lookedAt, b));
imageGrid(
  SHOWN.flatMap((_, b) => [pictures.select(0, b), faded(pictures.select(0, b), gazes[b])]),
  {
    columns: 8,
    scale: 3,
    labels: SHOWN.flatMap((i) => [unseenStyle.emoji[i].label.en, "looks here"]),
    title: "Input attention by rollout: bright is where the class token's answer comes from",
  },
);

// %% [markdown]
// ## 8. Larger images
//
// A ViT trained on 32 × 32 pixels has 16 places. An image of 48 × 48 has 36 patches. All layers can read 36 tokens as well as 16, nothing in them depends on the number. Only the table of places is too small. But it
// is a picture itself, 4 × 4 with $E$ channels, and pictures can be **resized**: between two places stands their mixture.

// %% [markdown] task: resizePositions
// Write `resizePositions(positions, rows, columns)`: from the table $(1 + S^2, E)$ of a square grid to $(1 + \text{rows} \cdot \text{columns}, E)$, bilinearly. Row 0, the class token's, stays as it is.
//
// Line $i$ of `count` new lines has its middle at $y = (i + \frac{1}{2}) \frac{S}{\text{count}} - \frac{1}{2}$, counted in old lines; keep it between 0 and $S - 1$. It takes $1 - (y - \lfloor y \rfloor)$ of old line $\lfloor y \rfloor$ and
// $y - \lfloor y \rfloor$ of the next. The same for columns. `positions` is an array.
//
// Useful: `nd.zeros([…])`, `x.set([i, j], value)`, `x.matmul(y)`, `nd.concat([a, b], 0)`.

// %% [markdown] plan: resizePositions
// ```text
// weights(count) ← table (count, S): how much of each old line is in each new one          two numbers in each row
// grid ← rows 1 … as (S, S · E);   weights(rows) · grid                                     (rows, S · E)
//      → (rows, S, E);             weights(columns) · that, for each row                    (rows, columns, E)
// the class token's row, and the new places below it
// ```

// %% [markdown] help: resizePositions
// - **the middle is right, the edges are wrong**: keep y inside; at S − 1 there is no next line, its weight is 0.
// - **everything is shifted by a half**: middles of cells, not corners: + ½ before, − ½ after.
// - **the same size changes something**: for count = S each y must be the whole number i.

// %% exercise: resizePositions
const resizePositions = check(exercises.resizePositions, exercises.resizePositions.solution);

// %% [markdown] after: resizePositions
// The weights are a **tent**: 1 at the place itself, falling to 0 at the neighbours. In one line, without an index:
//
// ```ts
// const at = nd.arange(0, count).add(0.5).mul(S / count).sub(0.5).clamp(0, S - 1);
// return at.unsqueeze(1).sub(nd.arange(0, S)).abs().neg().add(1).relu();
// ```
//
// Hugging Face's ViT takes a *bicubic* curve in place of the tent, which bends a little over the edges; ours too, with `{ interpolatePositions: true }`.

// %%
const trainedPositions = trained.model.vit.embeddings.positions.data;
const largerPositions = resizePositions(trainedPositions, 6, 6);
const ofPlace = (positions: NDArray, index: number, side: number) =>
  positionSimilarity(positions).select(0, index).reshape([side, side]);
show(
  heatmap(ofPlace(trainedPositions, 5, 4), {
    title: "4 × 4: row 1, column 1",
    xTitle: "column",
    yTitle: "row",
  }),
);
show(
  heatmap(ofPlace(largerPositions, 7, 6), {
    title: "6 × 6: row 1, column 1",
    xTitle: "column",
    yTitle: "row",
  }),
);

// %% [markdown]
// Does it help? The same drawings at 48 × 48 pixels, read with the resized places, with places in a wrong order, and with none at all:

// %%
const ASKED = inFull(400, { short: 16 });
const some = nd.arange(0, ASKED).mul(2).to("int32");
const askedEmoji = Array.from(some.flat(), (i) => unseenStyle.emoji[i]);
const askedClasses = askedEmoji.map(({ subgroup }) => trained.classes.indexOf(subgroup));
const largeImages = await renderEmoji(askedEmoji, { style: "twemoji", size: 48 });

// %%
/** A ViT for 48 × 48 pixels with the weights of ours and these places. */
function withPositions(positions: NDArray): ViTForImageClassification {
  const large = new ViTForImageClassification({ ...trained.model.config, image_size: 48 });
  const weights = new Map(trained.model.stateDict());
  weights.set("vit.embeddings.positions", positions);
  large.loadStateDict(weights);
  return large.eval();
}
function shareRight(of: ViTForImageClassification, images: NDArray): number {
  const answers = noGrad(() => of.forward(toTrained(images))).logits.data.argmax(-1);
  return askedClasses.filter((right, i) => right === answers.get([i])).length / ASKED;
}

// %%
const wrongOrder = largerPositions.indexSelect(
  0,
  nd.concat([nd.zeros([1], { dtype: "int32" }), new Generator(2).permutation(36).add(1)]),
);
const large = {
  "32 × 32": shareRight(trained.model, unseenStyle.images.indexSelect(0, some)),
  "48 × 48, resized": shareRight(withPositions(largerPositions), largeImages),
  "48 × 48, shuffled": shareRight(withPositions(wrongOrder), largeImages),
  "48 × 48, no places": shareRight(withPositions(largerPositions.mul(0)), largeImages),
};
for (const [name, value] of Object.entries(large)) result(name, 100 * value, "% right");
bar(
  Object.values(large).map((value) => 100 * value),
  {
    labels: Object.keys(large),
    title: `${ASKED} drawings in an unseen style, ${trained.classes.length} subgroups: % right`,
    yTitle: "% right",
    height: 280,
  },
);

// %% [markdown]
// A patch of 8 × 8 pixels now shows a smaller piece of the thing, and for such pieces nothing was trained: without further training a larger image is *not* read better. In the paper a few thousand steps at the larger size follow, and then
// it pays: +1 % on ImageNet from 224 to 384 pixels. The places are what makes these steps few.
//
// ## 9. What nothing built in costs
//
// A ResNet is built for images: its windows see neighbours, and the same window slides everywhere. A linear model has nothing built in, and can learn almost nothing. The ViT has nothing built in, and can learn everything. Who wins depends on **how much there is to
// learn from**. That is the paper's point: below ten million images a ResNet was better, above a hundred million the ViT.
//
// The same at our size. Three models from scratch see the same 32 × 32 pixels, for the same number of steps of 32 images: digits, clothes (Fashion-MNIST), and drawings, which they tell by group and are tested on in a style not seen before. That is little for all of them, and it is the same for all of them.
// (The notebook's own ViT has had 2,400 steps of 64, and 60,000 digits. Remember its result.)

// %%
import { recorded } from "gradschool";
import { RIVALS, type Rival, type RivalPoint } from "gradschool/lectures/vit";

const compared = recorded<RivalPoint[]>("vit-compare");
show(compared.caption);
const points = compared.data.flat();
const uniqueOf = (values: number[]) => [...new Set(values)];
const [fewSteps, manySteps] = uniqueOf(points.map(({ steps }) => steps)).sort((a, b) => a - b);
const mnistSizes = uniqueOf(points.filter(({ data }) => data === "MNIST").map(({ images }) => images));
/** The runs of all seeds. */
const runsOf = (data: string, name: Rival, images: number, steps = manySteps) =>
  points.filter(
    (one) => one.data === data && one.model === name && one.images === images && one.steps === steps,
  );
const percent = (data: string, name: Rival, images: number, steps = manySteps) =>
  runsOf(data, name, images, steps).map(({ accuracy }) => 100 * accuracy);
const mean = (values: number[]) => values.reduce((sum, value) => sum + value, 0) / values.length;
const spread = (values: number[]) =>
  Math.sqrt(
    values.reduce((sum, value) => sum + (value - mean(values)) ** 2, 0) / Math.max(1, values.length - 1),
  );
const plusMinus = (values: number[], digits = 1) =>
  values.length === 0 ? "–" : `${mean(values).toFixed(digits)} ± ${spread(values).toFixed(digits)}`;

// %%
const dataNames = [...new Set(points.map(({ data }) => data))];
const largestOf = (data: string) =>
  Math.max(...points.filter((point) => point.data === data).map(({ images }) => images));
const costOf = (name: Rival, cost: "seconds" | "teraFlop") =>
  runsOf("MNIST", name, largestOf("MNIST")).map((one) => one[cost]);
const comparison = [
  `| accuracy after ${manySteps} steps, % | ${RIVALS.join(" | ")} |`,
  `|---|${RIVALS.map(() => "---|").join("")}`,
  ...dataNames.map(
    (data) =>
      `| ${data} (${largestOf(data).toLocaleString("en")} images) | ${RIVALS.map((name) => plusMinus(percent(data, name, largestOf(data)))).join(" | ")} |`,
  ),
  `| training on MNIST, core-seconds | ${RIVALS.map((name) => plusMinus(costOf(name, "seconds"))).join(" | ")} |`,
  `| training on MNIST, 10¹² operations | ${RIVALS.map((name) => mean(costOf(name, "teraFlop")).toPrecision(2)).join(" | ")} |`,
].join("\n");
prose`${comparison}`;

// %% [markdown]
// On digits two things are changed, one at a time. First the number of **images**, with all the steps:

// %%
const [fewest, most] = [mnistSizes[0], mnistSizes[mnistSizes.length - 1]];
line(
  RIVALS.map((name) => {
    const values = mnistSizes.map((images) => percent("MNIST", name, images));
    return { name, y: values.map(mean), spread: values.map(spread) };
  }),
  {
    x: mnistSizes.map((images) => Math.log10(images)),
    title: `MNIST: accuracy against the number of training images, always ${manySteps} steps`,
    xTitle: "training images, as a power of 10",
    yTitle: "% right (3 seeds)",
    height: 340,
  },
).show();
/** The ViT beside another one, in points of accuracy, mean over the seeds. */
function standing(other: Rival, images: number): string {
  const ahead = mean(percent("MNIST", "ViT", images)) - mean(percent("MNIST", other, images));
  return `${Math.abs(ahead).toFixed(1)} points ${ahead < 0 ? "behind" : "ahead"} with ${images} digits`;
}
for (const other of ["linear", "ResNet"] as const)
  prose`The ViT beside the **${other}** model: ${mnistSizes.map((images) => standing(other, images)).join(", ")}.`;

// %% [markdown]
// Then the number of **steps**, with all the images:

// %%
const few: [number, number][] = [
  [fewest, manySteps],
  [most, fewSteps],
  [most, manySteps],
];
bar(
  RIVALS.map((name) => {
    const values = few.map(([images, steps]) => percent("MNIST", name, images, steps));
    return { name, y: values.map(mean), spread: values.map(spread) };
  }),
  {
    labels: few.map(([images, steps]) => `${images}, ${steps} steps`),
    title: "MNIST: few images, few steps, many of both",
    xTitle: "training images, steps",
    yTitle: "% right (3 seeds)",
    height: 300,
  },
).show();
const missing = (name: Rival, images: number, steps: number) =>
  mean(percent("MNIST", name, most)) - mean(percent("MNIST", name, images, steps));
for (const name of RIVALS)
  prose`**${name}**: ${fewest} digits in place of ${most} cost ${missing(name, fewest, manySteps)} points, ${fewSteps} steps in place of ${manySteps} cost ${missing(name, most, fewSteps)}.`;

// %% [markdown]
// From few images the ViT learns least, less than a linear model even; from ten thousand it learns more than that, and less than the ResNet still. What it lacks most at our size is **time**: it still has to find out what the others have built in, and in few steps it cannot, however many images there are. Clothes and drawings ask for more
// than it finds in these steps: there it is not ahead of the linear model either.
//
// ### Pretraining
//
// The ViT of the course has seen drawings for 4,000 steps of 64. A handwritten digit it has never seen. What is that worth, when there are 100 digits to learn from, or 1,000? The opponent is the *same* ViT with fresh weights.

// %%
import { drawingsViT, type PretrainingPoint } from "gradschool/lectures/vit";

const knowing = recorded<PretrainingPoint[]>("vit-pretrained");
show(knowing.caption);
const digitsSeen = [...new Set(knowing.data[0].map(({ images }) => images))];
const share100 = (isPretrained: boolean, images: number) =>
  knowing.data.flatMap((seed) =>
    seed
      .filter((point) => point.isPretrained === isPretrained && point.images === images)
      .map(({ accuracy }) => 100 * accuracy),
  );
const knowledge = [
  `| accuracy, % | ${digitsSeen.map((images) => `${images.toLocaleString("en")} digits`).join(" | ")} |`,
  `|---|${digitsSeen.map(() => "---|").join("")}`,
  `| from nothing | ${digitsSeen.map((images) => plusMinus(share100(false, images))).join(" | ")} |`,
  `| knows drawings | ${digitsSeen.map((images) => plusMinus(share100(true, images))).join(" | ")} |`,
].join("\n");
prose`${knowledge}`;
bar(
  {
    "from nothing": digitsSeen.map((images) => mean(share100(false, images))),
    "knows drawings": digitsSeen.map((images) => mean(share100(true, images))),
  },
  {
    labels: digitsSeen.map((images) => `${images} digits`),
    title: "What drawings are worth for digits",
    yTitle: "% right, mean of the seeds",
    height: 280,
  },
);

// %% [markdown]
// One point of it, here and now: 100 digits that are not in the table, 60 steps of 32. Digits come as dark ink on white paper, and in three channels, as the drawings did.

// %%
function onPaper(images: NDArray): NDArray {
  const paper = nd.full([images.shape[0], 32, 32], 1);
  paper.slice(":", "2:30", "2:30").assign(images.neg().add(1));
  return paper.unsqueeze(1).expand([images.shape[0], 3, 32, 32]).contiguous();
}
const hundred = {
  images: onPaper(digits.images.slice("5000:5100")),
  labels: digits.labels.slice("5000:5100"),
};
const others = inFull(1000, { short: 50 });
const otherDigits = onPaper(judged.images.slice(`:${others}`));

// %%
/** A ViT that learns from the hundred, with the weights that it has: how many % of the others it reads then. */
function learnedFromHundred(vit: ViTForImageClassification, lr: number): number {
  const steps = inFull(60, { short: 1 });
  const adam = new AdamW(vit.parameters(), { lr, betas: [0.9, 0.98], weightDecay: 0.05 });
  const rates = new LRScheduler(adam, cosineWithWarmup({ warmupSteps: 5, totalSteps: 60 }));
  const picks = new Generator(8);
  vit.train();
  for (let step = 0; step < steps; step++) {
    const batch = picks.integers([32], { high: 100 });
    const { logits } = vit.forward(toTrained(hundred.images.indexSelect(0, batch)));
    const loss = crossEntropy(logits, hundred.labels.indexSelect(0, batch));
    adam.zeroGrad();
    loss.backward();
    clipGradNorm(vit.parameters(), 1);
    adam.step();
    rates.step();
  }
  vit.eval();
  const read = noGrad(() => vit.forward(toTrained(otherDigits))).logits.data.argmax(-1);
  const isRight = read.eq(judged.labels.slice(`:${others}`));
  return 100 * isRight.mean().item();
}

// %%
manualSeed(9);
const forDigits = { ...drawingsViT, hidden_dropout_prob: 0, num_labels: 10 };
const fresh = new ViTForImageClassification(forDigits);
const knows = new ViTForImageClassification(forDigits);
knows.vit.loadStateDict(trained.model.vit.stateDict());
result("100 digits, from nothing", learnedFromHundred(fresh, 1e-3), "% right");
result("100 digits, knows drawings", learnedFromHundred(knows, 5e-4), "% right");

// %% [markdown]
// Pretraining is what a ViT lives on. Its weights carry over even to other pictures: filters for edges, places that know their neighbours, heads that look near and far. What is left to learn is little. That is why nearly every ViT in use
// starts from one that was trained on hundreds of millions of images, and why [CLIP](07-clip.ipynb) starts from ours.
//
// Things to try, from easy to hard:
//
// - `PATCH = 4`: 49 tokens, three times the time. Is it better after the same number of steps? After the same time?
// - Train without places: leave out `this.positions`. How much is lost on digits?
// - The mean over the patches in place of the class token (see exercise 4).
// - Fashion-MNIST: `npm start -- --with fashion`, then `readFashion()` in place of `readMnist()`. Which clothes are taken for which?
// - Fine-tune `withPositions(largerPositions)` at 48 × 48 for 200 steps, in the way of `learnedFromHundred`. Does it pass the 32 × 32?
//
// ## What to read
//
// - Dosovitskiy et al.: *An Image is Worth 16x16 Words* (2021): section 3.1 for the model, table 1 and 2 for sizes and results, 4.3 and figure 3 for the number of training images, 4.5 and figure 7 for what is inside,
//   appendix D.7 for attention distance.
// - Abnar and Zuidema: *Quantifying Attention Flow in Transformers* (2020), section 3: rollout.
// - Raghu et al.: *Do Vision Transformers See Like Convolutional Neural Networks?* (2021), sections 3 and 4.
// - Touvron et al.: *Training data-efficient image transformers* (DeiT, 2021), section 4: a ViT from ImageNet alone.
// - Prince: *Understanding Deep Learning* (2023), chapter 12.10 (transformers for images), and chapter 10 for convolutions.
// - Zhang et al.: *Dive into Deep Learning*, section 11.8 (transformers for vision).
