// The tensors lecture. `node scripts/generate-notebooks.mjs tensors` makes the notebooks from this file.

// %% [markdown]
// # Tensors: numbers in a shape
//
// A photo, a sentence, the weights of a language model: to the machine all of it is **numbers in a shape**. In this
// lecture you take the shape apart. At its end you can
//
// - say where an element lies in memory, and why a transpose costs nothing;
// - compute with whole arrays at once: broadcasting, reductions, matmul, einsum;
// - tell when float32 lies to you, and write formulas that it does not spoil;
// - write the two kernels that a transformer lives on, **matmul and softmax, for a GPU**, and train with them.
//
// You need JavaScript or TypeScript to the level of `map`, and to know what a matrix product is.
//
// | part | your work |
// |---|---|
// | 1. Shape and strides | exercise 1: read through strides |
// | 2. Broadcasting and reductions | exercise 2: the shape of a sum |
// | 3. Products | exercise 3: all distances at once · exercise 4: scores of several heads |
// | 4. Luck with a seed | read and run |
// | 5. The edges of float32 | exercise 5: a softmax that does not overflow |
// | 6. Kernels | exercise 6: matmul on GPU.js · exercise 7: softmax on GPU.js |
// | 7. A transformer layer on your kernels | watch |
//
// ### Three questions to think about first
//
// <details><summary>A matrix has 100 million numbers. How long does it take to transpose it?</summary>
//
// As long as for four numbers. Nothing is moved; part 1 shows what changes instead.
//
// </details>
//
// <details><summary>In float32, what is 100,000,000 + 1 − 100,000,000?</summary>
//
// 0. The 1 is lost in the first sum. Part 5 shows how this ruins a variance, and what to do.
//
// </details>
//
// <details><summary>A GPU has thousands of small processors. How do you tell each of them what to do?</summary>
//
// You do not. You write the function for **one number** of the result, and it is run once for each. Part 6.
//
// </details>

// %% [markdown]
// ## 1. Shape and strides
//
// What does an image look like to the machine? **MNIST** holds 70,000 handwritten digits of 28 × 28 pixels, from 0 (paper)
// to 1 (ink). A thousand of them are one array with three axes: which digit, which row, which column.

// %%
import { imageGrid, readMnist, show } from "gradschool";

const { images, labels } = readMnist({ limit: 1000 });
show(`images ${images.shape.join(" × ")}, labels ${labels.shape}, ${images.size} numbers`);
imageGrid(images.slice(":20"), {
  labels: Array.from(labels.slice(":20").flat()),
  columns: 10,
  title: "The first 20 digits of MNIST, and what they are",
});

// %% [markdown]
// Memory has no rows and no columns: it is one long line of numbers. An array is that line and a rule how to read it:
//
// - the **shape**: how many steps there are along each axis;
// - the **strides**: how many places to jump for one step along each axis;
// - the **offset**: where to begin.
//
// $$\text{place}(i, j, k) = \text{offset} + i \cdot s_0 + j \cdot s_1 + k \cdot s_2$$
//
// One digit further is 784 places, one row further 28, one column further 1:

// %%
import type { NDArray } from "gradschool";

const rule = (x: NDArray) =>
  `shape (${x.shape.join(", ")})   strides (${x.strides.join(", ")})   offset ${x.offset}`;
show(`the digits            ${rule(images)}`);
show(`digit 7               ${rule(images.select(0, 7))}`);
show(`its middle            ${rule(images.select(0, 7).slice("7:21", "7:21"))}`);
show(`every second pixel    ${rule(images.select(0, 7).slice("::2", "::2"))}`);
show(`transposed            ${rule(images.select(0, 7).transpose())}`);

// %% [markdown]
// Look at the last line: the transpose only **exchanged two strides**. Its middle, every second pixel, one digit of many:
// they all are the same numbers, read by another rule. Such an array is a **view**: nothing was copied, and who writes into
// a view writes into the original.

// %%
import { check } from "gradschool";
import { exercises } from "gradschool/lectures/tensors";

// %% [markdown] task: readView
// Write `readView`: the numbers of a view, in the order in which one reads (the last axis runs fastest).
//
// `data` is the line of numbers as it lies in memory. The element with the index $(i, j, \ldots)$ lies at
// $\text{offset} + i \cdot s_0 + j \cdot s_1 + \ldots$. There can be any number of axes, also none: then there is one number, at
// `offset`. Strides can be 0 or negative.
//
// For `data` 0, 1, 2, … the call `readView(data, [3, 2], [1, 3], 10)` gives `[10, 13, 11, 14, 12, 15]`.

// %% [markdown] plan: readView
// ```text
// places ← a list with one place: offset
// for every axis, from the first to the last:
//     places ← for every place so far: place, place + stride, place + 2·stride, …   (shape[axis] of them)
// the numbers of data at these places
// ```
//
// Or count: with `last`, the size of the last axis, number `n` of the result has the last index `n % last`; the rest,
// `Math.floor(n / last)`, holds the other indices.

// %% [markdown] help: readView
// - **`undefined` among the numbers**: a place lies outside of `data`. Did you count `offset` once, and each stride with its own axis?
// - **the right numbers in the wrong order**: the last axis must run fastest. In nested loops it is the innermost.
// - **wrong for no axes**: the product of no sizes is 1, so there is one number.

// %% exercise: readView
const readView = check(exercises.readView, exercises.readView.solution);

// %% [markdown] after: readView
// Another way is an odometer: keep the index as a list, add 1 to its last entry, and carry over when it is full. It never
// divides, and moving the *place* along (add a stride, take `size · stride` back at the carry) needs no product either. This is
// how NumPy's iterators walk through an array, and ours too, in `src/tensor/devices/reference/copy.ts`.

// %% [markdown]
// With it we can **see** a view. Take memory that holds 0, 1, 2, …, so that every number is its own place. The darker the
// cell, the later it lies in memory.

// %%
import { heatmap, nd } from "gradschool";

const line24 = Array.from({ length: 24 }, (_, i) => i);
const placesOf = (x: NDArray) =>
  nd.array(readView(line24, [...x.shape], [...x.strides], x.offset)).reshape([...x.shape]);
const draw = (x: NDArray) =>
  heatmap(placesOf(x), {
    title: `strides ${x.strides.join(", ")} · offset ${x.offset}`,
    xTitle: "column",
    yTitle: "row",
    colorscale: "blues",
    min: 0,
    max: 23,
  });

const small = nd.arange(0, 24).reshape([4, 6]);
show(small, { title: "small: 4 × 6" });
show(draw(small));
show("small.transpose()");
show(draw(small.transpose()));
show('small.slice(":", "1::2"): every second column');
show(draw(small.slice(":", "1::2")));
show('small.slice("2:3").expand([3, 6]): one row, three times');
show(draw(small.slice("2:3").expand([3, 6])));

// %% [markdown]
// In the first picture the colour grows along the rows, in the transpose down the columns: the *numbers* stayed, the
// *walk* changed. The last picture has a stride of 0: one row of memory, read three times. Remember it, it is the trick
// behind broadcasting.
//
// So a transpose costs nothing, however large the matrix. What costs is to **copy** it into the new order, which is
// needed only when a kernel wants its numbers in a row (`contiguous()`):

// %%
import { inFull, line } from "gradschool";

/** Milliseconds that one call takes: the best of several. */
function milliseconds(run: () => unknown, times = 5): number {
  let best = Infinity;
  for (let i = 0; i < times; i++) {
    const start = performance.now();
    run();
    best = Math.min(best, performance.now() - start);
  }
  return best;
}

const sides = inFull([128, 256, 512, 1024, 2048], { short: [128, 512] });
const squares = sides.map((n) => nd.ones([n, n]));
line(
  {
    "transpose()": squares.map((x) => milliseconds(() => x.transpose(), 50)),
    "transpose().contiguous()": squares.map((x) => milliseconds(() => x.transpose().contiguous())),
  },
  {
    x: sides,
    logY: true,
    title: "The view costs the same at every size, the copy does not",
    xTitle: "rows and columns",
    yTitle: "milliseconds",
  },
);

// %% [markdown]
// ## 2. Broadcasting and reductions
//
// How do you subtract the mean digit (28 × 28) from a thousand digits (1000 × 28 × 28)? You would have to write it down a
// thousand times first. **Broadcasting** pretends that you did: an axis of size 1, or one that is missing in front, is
// read again and again, with a stride of 0.
//
// | | | | |
// |---|---|---|---|
// | digits | 1000 | 28 | 28 |
// | mean digit | | 28 | 28 |
// | **difference** | **1000** | **28** | **28** |

// %%
const meanDigit = images.mean(0); // a reduction: axis 0 is gone
const centred = images.sub(meanDigit); // (1000, 28, 28) − (28, 28)
show(`mean digit (${meanDigit.shape.join(", ")}), centred (${centred.shape.join(", ")})`);
heatmap(centred.select(0, 0), {
  title: "The first digit minus the mean digit: red is more ink than usual, blue is less",
  xTitle: "column",
  yTitle: "row",
});

// %% [markdown]
// A **reduction** is the way back: `sum`, `mean`, `max`, `argmax` … take an axis away. With `keepDims: true` it stays, with
// size 1, which is just what broadcasting needs to go on: `x.sub(x.mean(-1, { keepDims: true }))`.
//
// Which shapes fit together? There is one rule, and half of all errors in this field are about it. Write it down.

// %% [markdown] task: broadcastShapes
// Write `broadcastShapes`: the shape of `a + b`, from the shapes of both.
//
// Compare the sizes **from the last axis backwards**. Where one shape has no axis left, it counts as 1. Two sizes fit if they
// are equal, or if one of them is 1; then the other is taken. If a pair does not fit, throw an `Error`.
//
// `broadcastShapes([5, 1, 7], [3, 1])` gives `[5, 3, 7]`, and `broadcastShapes([3], [4])` throws.

// %% [markdown] plan: broadcastShapes
// ```text
// out ← empty list
// for i = 1 … the longer length:
//     m, n ← the i-th size from the end of a and of b, or 1 where there is none     (a.at(-i) ?? 1)
//     m ≠ n, and neither is 1?  throw new Error(...)
//     put the size in front of out: n if m is 1, else m                            (out.unshift(...))
// ```

// %% [markdown] help: broadcastShapes
// - **right for equal lengths only**: shapes are lined up at their *ends*. `[2, 3]` and `[3]` fit, `[2, 3]` and `[2]` do not.
// - **wrong with a 0**: sizes can be 0 (an empty array). Beside a 1 the other size counts, and that is not always the larger one.
// - **it changes its argument**: `pop()` and `reverse()` work in place. `at(-i)` only looks.

// %% exercise: broadcastShapes
const broadcastShapes = check(exercises.broadcastShapes, exercises.broadcastShapes.solution);

// %% [markdown] after: broadcastShapes
// A shorter way for those who like recursion: the last axes decide one size, the rest is the same question again.
//
// ```ts
// if (a.length === 0 || b.length === 0) return [...a, ...b];
// return [...broadcastShapes(a.slice(0, -1), b.slice(0, -1)), size(a.at(-1), b.at(-1))];
// ```
//
// Worth knowing because gradients go the same way back: an axis that was repeated has its gradients **summed** over it. You
// will write that in the next lecture.

// %%
for (const [a, b] of [
  [
    [1000, 28, 28],
    [28, 28],
  ],
  [
    [1000, 28, 28],
    [1000, 1, 1],
  ],
  [[1000, 28, 28], []],
])
  show(`(${a.join(", ")}) and (${b.join(", ")}) give (${broadcastShapes(a, b).join(", ")})`);

// %% [markdown]
// ### Drawings have colours
//
// Emoji are drawings with a name, in several styles. A drawing has one axis more: red, green and blue. So 24 foods are
// (24, 3, 32, 32): picture, colour, row, column. (The first time this takes some seconds: they are drawn from vectors.)

// %%
import { readEmoji, renderEmoji } from "gradschool";

const foods = readEmoji({ groups: ["food-drink"], limit: 24 });
const drawings = await renderEmoji(foods, { style: "noto" });
const outlined = await renderEmoji(foods, { style: "openmoji" });
show(`drawings (${drawings.shape.join(", ")})`);
imageGrid(nd.concat([drawings.slice(":8"), outlined.slice(":8")]), {
  labels: [...foods.slice(0, 8), ...foods.slice(0, 8)].map(({ label }) => label.en),
  columns: 8,
  title: "The same eight foods by two artists: Noto above, OpenMoji below",
});

// %% [markdown]
// Which food is the reddest? Two reductions and a broadcast: the mean over rows and columns leaves (24, 3), and the mean
// over the colours, kept as (24, 1), is subtracted.

// %%
import { bar } from "gradschool";

const colours = drawings.mean([2, 3]); // (24, 3)
const tint = colours.sub(colours.mean(1, { keepDims: true })); // (24, 3) − (24, 1)
const redness = tint.select(1, 0).topk(8);
bar(redness.values, {
  labels: Array.from(redness.indices.flat(), (i) => foods[i].label.en),
  title: "The reddest foods",
  yTitle: "red above the mean of the colours",
});

// %% [markdown]
// ## 3. Products
//
// A matrix product is many dot products: every row of the left with every column of the right. Three quarters of all work in
// a transformer is this one operation.
//
// $$(A B)_{ij} = \sum_k A_{ik} B_{kj} \qquad (M \times K) \cdot (K \times N) \to (M \times N)$$
//
// What can it do for us? **Recognise digits**, without any learning: compare a new digit with all known ones, and say what
// the nearest one is. A digit is then a point with 784 coordinates, and near means a small distance:
//
// $$d_{nm} = \sum_{d} (x_{nd} - y_{md})^2 = \lVert x_n \rVert^2 + \lVert y_m \rVert^2 - 2\, x_n \cdot y_m$$
//
// The right side is the trick. The left one, for 6000 known and 1000 new digits, has 4.7 billion differences. On the right,
// all products $x_n \cdot y_m$ together are **one matmul**.

// %% [markdown] task: pairwiseDistances
// Write `pairwiseDistances`, without a loop: the squared distance of every row of $x$ to every row of $y$.
//
// $x$ is (N, D), $y$ is (M, D), the result (N, M). Use the right side of the formula, and mind that rounding can bring it a
// little below 0 where two points are (nearly) equal: no distance is negative, so cut it off at 0.
//
// Useful: `x.square()`, `x.sum(axis, { keepDims: true })`, `x.matmul(y.transpose())`, `x.maximum(0)`, and broadcasting.

// %% [markdown] plan: pairwiseDistances
// ```text
// xx ← squares of x, summed over the features, axis kept       (N, 1)
// yy ← squares of y, summed over the features                  (M)
// xy ← x times y transposed                                    (N, M)
// xx + yy − 2 xy, at least 0                                   (N, M)
// ```

// %% [markdown] help: pairwiseDistances
// - **`matmul: inner sizes differ`**: both have their D features last; `y.transpose()` puts them first.
// - **`shapes (7,) and (5,) do not broadcast`**: lengths of x belong to the rows of the result, (N, 1), lengths of y to its columns, (M).
// - **a negative distance**: `maximum(0)` at the end.

// %% exercise: pairwiseDistances
const pairwiseDistances = check(exercises.pairwiseDistances, exercises.pairwiseDistances.solution);

// %% [markdown] after: pairwiseDistances
// The left side of the formula, with broadcasting alone: `x.unsqueeze(1).sub(y.unsqueeze(0)).square().sum(2)`. It is exact where the
// points lie close together far from 0, where the right side loses its digits (part 5 says why). The price is an array
// (N, M, D): for our digits 4.7 billion numbers, 19 GB. Memory, not arithmetic, decides most such questions.

// %% [markdown]
// Now the digits. The test digits come from other writers.

// %%
import { result } from "gradschool";

const known = readMnist({ limit: inFull(6000, { short: 1000 }) });
const asked = readMnist({ split: "test", limit: inFull(1000, { short: 200 }) });
const flat = (x: NDArray) => x.reshape([x.shape[0], 784]);

const distances = pairwiseDistances(flat(asked.images), flat(known.images));
const nearest = distances.argmin(1);
const answers = known.labels.indexSelect(0, nearest);
const isRight = answers.eq(asked.labels);
result("digits recognised by their nearest neighbour", 100 * isRight.to("float32").mean().item(), "%", {
  digits: 1,
});

// %% [markdown]
// By chance it would be 10 %. No training, five lines. Where does it fail? Each pair shows a digit, and behind it the
// known one that it was taken for:

// %%
const wrong = Array.from(isRight.flat(), (yes, i) => (yes ? -1 : i))
  .filter((i) => i >= 0)
  .slice(0, 9);
imageGrid(
  nd.stack(wrong.flatMap((i) => [asked.images.select(0, i), known.images.select(0, nearest.get([i]))])),
  {
    labels: wrong.flatMap((i) => [`is a ${asked.labels.get([i])}`, `near a ${answers.get([i])}`]),
    columns: 6,
    title: "Taken for another: the digit, and its nearest neighbour",
  },
);

// %% [markdown]
// Most of these a person could miss too. But the distance knows nothing of strokes: it compares pixel with pixel, so a
// digit that is shifted by two pixels is far from itself. That is what the networks of the coming lectures learn to overcome.
//
// ### einsum: say which axes meet
//
// With three or four axes, transposes and reshapes become a riddle. **einsum** names the axes instead. What has the
// same name is multiplied together; what does not stand behind the arrow is summed.
//
// | | einsum |
// |---|---|
// | matrix product | `"i k, k j -> i j"` |
// | transpose | `"i j -> j i"` |
// | sum of each row | `"i j -> i"` |
// | all dot products of rows | `"n d, m d -> n m"` |
// | from colours to grey | `"n c h w, c -> n h w"` |
//
// The last one, and the mean image of each digit, where `"n c, n h w -> c h w"` adds up all images of a class:

// %%
const grey = nd.einsum("n c h w, c -> n h w", drawings, nd.array([0.299, 0.587, 0.114])); // how bright the eye sees them
const isOfClass = labels.unsqueeze(1).eq(nd.arange(0, 10)).to("float32"); // (1000, 10)
const sums = nd.einsum("n c, n h w -> c h w", isOfClass, images);
const meanOfClass = sums.div(isOfClass.sum(0).reshape([10, 1, 1]));
show(imageGrid(grey.slice(":8"), { columns: 8, title: "Grey by einsum" }));
show(
  imageGrid(meanOfClass, {
    columns: 10,
    labels: [..."0123456789"],
    title: "The mean of each digit, by einsum",
  }),
);

// %% [markdown]
// Why is this here? Because of the line at the heart of every transformer. In **attention**, each position $t$ has a
// *query*, each position $s$ a *key*, and their dot product says how much $t$ wants to look at $s$. Several **heads** do this side
// by side, each with its own $D$ numbers. You will meet this in lecture 3; here it is four axes and one einsum:
//
// $$\text{scores}_{bhts} = \frac{1}{\sqrt{D}} \sum_d \text{query}_{bthd}\; \text{key}_{bshd}$$

// %% [markdown] task: headScores
// Write `headScores` by the formula above: query (B, T, H, D) and key (B, S, H, D) → scores (B, H, T, S).
//
// $B$ sequences, $T$ positions that look, $S$ that are looked at, $H$ heads, $D$ numbers in each. Useful: `nd.einsum("…", a, b)`,
// `x.div(number)`.

// %% [markdown] plan: headScores
// ```text
// name the axes of query:   b t h d
// name the axes of key:     b s h d
// the result:               b h t s          (d is summed: it is not behind the arrow)
// divide by the root of D, the size of the last axis
// ```

// %% [markdown] help: headScores
// - **the shape is right, the numbers are not**: an axis that both share must have *one* name in both. Does `h` stand in both? Does `d`?
// - **all numbers are too large by the same factor**: the division by `Math.sqrt(D)`; D is `query.shape[3]`.

// %% exercise: headScores
const headScores = check(exercises.headScores, exercises.headScores.solution);

// %% [markdown] after: headScores
// By hand: bring the heads to the front and let matmul treat the first two axes as a batch.
//
// ```ts
// query.transpose(1, 2).matmul(key.transpose(1, 2).transpose()).div(Math.sqrt(D))
// ```
//
// This is what einsum does inside: transposes, which cost nothing, and then one batched matmul. Both ways are common in
// real code, so it pays to read both fluently.

// %%
const twoDigits = nd.stack([images.select(0, 0), images.select(0, 1)]).reshape([1, 56, 4, 7]); // rows of two digits, in 4 pieces
heatmap(headScores(twoDigits, twoDigits).select(0, 0).select(0, 1), {
  title: "How alike are the rows of two digits (a 5 and a 0)? Scores of piece 1",
  xTitle: "row looked at",
  yTitle: "row that looks",
});

// %% [markdown]
// Rows 0 to 27 belong to the first digit, 28 to 55 to the second. Bright blocks off the diagonal: rows of one digit that
// look like rows of the other.
//
// ## 4. Luck with a seed
//
// Training starts from random weights and draws random examples. So is every run another one? It must not be: a result that
// cannot be repeated cannot be checked. A **generator** makes numbers that look random, but follow from its seed:

// %%
import { Generator, manualSeed } from "gradschool";

show(new Generator(3).normal([5]), { title: "seed 3" });
show(new Generator(3).normal([5]), { title: "seed 3 once more: the same" });
show(new Generator(4).normal([5]), { title: "seed 4: others" });

manualSeed(7); // for all that takes no generator of its own, such as new layers
const first = nd.randn([3]);
manualSeed(7);
show(`the same after manualSeed(7): ${nd.randn([3]).sub(first).abs().max().item() === 0}`);

// %% [markdown]
// One seed is one story. Whether a claim holds, only several seeds can tell:

// %%
const flips = 1000;
const shareOfHeads = (seed: number) =>
  new Generator(seed)
    .uniform([flips])
    .lt(0.5)
    .to("float32")
    .cumsum(0)
    .div(nd.arange(1, flips + 1));
line(Object.fromEntries([1, 2, 3, 4].map((seed) => [`seed ${seed}`, shareOfHeads(seed)])), {
  title: "A fair coin, four times: after few flips anything seems true",
  xTitle: "flips",
  yTitle: "share of heads",
});

// %% [markdown]
// ## 5. The edges of float32
//
// A float32 has 24 binary digits (about 7 decimal ones) and an exponent. Three things follow.
//
// **It ends.** The largest number is $3.4 \cdot 10^{38}$; beyond lies Infinity. $e^{88}$ still fits, $e^{89}$ does not.
//
// **It has gaps.** Near 1 the next number is $1.2 \cdot 10^{-7}$ away, near $10^8$ it is 8 away.
//
// **It cancels.** Subtract two numbers that are nearly equal, and the digits that they share vanish. What is left is
// their rounding errors.

// %%
const f32 = (x: number) => nd.array([x]);
show(`exp(88) = ${f32(88).exp().item()}    exp(89) = ${f32(89).exp().item()}`);
show(`1e8 + 1 − 1e8 = ${f32(1e8).add(1).sub(1e8).item()}`);

const pixels = images.select(0, 0).flatten();
const far = pixels.add(4096); // the same spread, elsewhere
const naive = (x: NDArray) => x.square().mean().sub(x.mean().square()).item();
show(
  `variance of a digit:              mean of squares − square of mean ${naive(pixels).toFixed(4)}   var() ${pixels.var().item().toFixed(4)}`,
);
show(
  `the same digit plus 4096:         mean of squares − square of mean ${naive(far).toFixed(4)}   var() ${far.var().item().toFixed(4)}`,
);

// %% [markdown]
// The variance cannot change when all numbers move alike. The textbook formula $\overline{x^2} - \overline{x}^2$ says otherwise: it
// subtracts two numbers of 17 million to find one of 0.1. (`var()` takes the mean away first, and then squares.)
//
// It can be drawn. $(1 - \cos x) / x^2$ tends to 0.5 as $x$ goes to 0, and $2 \sin^2(x/2) / x^2$ is the same function:

// %%
const exponents = nd.linspace(-5, 0, 200);
const xs = exponents.mul(Math.LN10).exp();
line(
  {
    "(1 − cos x) / x²": xs.cos().neg().add(1).div(xs.square()),
    "2 sin²(x/2) / x²": xs.div(2).sin().square().mul(2).div(xs.square()),
  },
  {
    x: exponents,
    title: "One function, two formulas, in float32: the first one cancels, and falls to 0",
    xTitle: "log₁₀ x",
    yTitle: "value (0.5 is right at the left end)",
  },
);

// %% [markdown]
// ### The softmax that overflows
//
// **softmax** turns scores into probabilities, $y_i = e^{x_i} / \sum_j e^{x_j}$. It stands in every layer of every
// transformer. Written as it is printed, it fails for scores of 100:

// %%
const naiveSoftmax = (x: NDArray) => x.exp().div(x.exp().sum());
show(naiveSoftmax(nd.array([1, 2, 3])), { title: "naive softmax of 1, 2, 3" });
show(naiveSoftmax(nd.array([101, 102, 103])), {
  title: "naive softmax of 101, 102, 103: the same differences",
});

// %% [markdown]
// The cure is one line of algebra. Any number $c$ may be subtracted from all scores, because it cancels:
//
// $$\frac{e^{x_i - c}}{\sum_j e^{x_j - c}} = \frac{e^{-c}\, e^{x_i}}{e^{-c} \sum_j e^{x_j}} = \frac{e^{x_i}}{\sum_j e^{x_j}}$$
//
// Which $c$ makes sure that nothing overflows, and that not everything becomes 0?

// %% [markdown] task: stableSoftmax
// Write `stableSoftmax` along the **last axis**, for arrays of any shape and numbers of any size: 1000, −1000, and rows of both in one
// array.
//
// Useful: `x.max(-1, { keepDims: true })`, `x.sub(y)`, `x.exp()`, `x.sum(-1, { keepDims: true })`, `x.div(y)`.

// %% [markdown] plan: stableSoftmax
// ```text
// largest ← the largest number of each row, axis kept         (…, 1)
// powers  ← exp(x − largest)                                  the largest becomes exp(0) = 1
// powers divided by their sum in each row
// ```

// %% [markdown] help: stableSoftmax
// - **NaN or Infinity**: NaN is ∞/∞ (nothing was subtracted) or 0/0 (too much was). *Each row* needs its own largest.
// - **`shapes … do not broadcast`, or wrong rows**: `keepDims: true` keeps the axis, so that the row's number meets its row.

// %% exercise: stableSoftmax
const stableSoftmax = check(exercises.stableSoftmax, exercises.stableSoftmax.solution);

// %% [markdown] after: stableSoftmax
// By way of the logarithm: `log_softmax = x − max − log Σ exp(x − max)`, and its `exp()`. Where a loss needs $\ln y_i$, stop there:
// `softmax(x).log()` is −∞ as soon as a probability rounds to 0, the logarithm computed directly is not. This is why
// libraries have `logSoftmax` and `crossEntropy` as functions of their own.

// %%
show(stableSoftmax(nd.array([101, 102, 103])), { title: "your softmax of 101, 102, 103" });

// %% [markdown]
// ## 6. Kernels
//
// So far `matmul` was a word. What does it cost, and who does it? A **kernel** is the program that computes one operation on
// plain numbers. A **device** is a set of kernels. This library has four: `reference` (plain loops, the definition of right),
// `wasm` (WebAssembly, the default), `blas` (OpenBLAS, where it is installed) and `gpu` (GPU.js).
//
// A GPU is fast because it does many simple things at once. So its kernels are written from the view of **one number of the
// result**: where am I (`this.thread.y` is my row, `this.thread.x` my column), and what am I? GPU.js runs that function for all of them.
// Here each number only says where it is:

// %%
import { runKernel } from "gradschool";

heatmap(
  runKernel(
    function () {
      return 10 * this.thread.y + this.thread.x;
    },
    { size: [4, 10], inputs: [] },
  ),
  {
    title: "10 · row + column: forty threads, each computes one number",
    xTitle: "this.thread.x",
    yTitle: "this.thread.y",
  },
);

// %% [markdown]
// And here each computes one pixel of an edge picture: how much darker is the pixel on my right?

// %%
const edges = runKernel(
  function (image) {
    return image[this.thread.y][this.thread.x + 1] - image[this.thread.y][this.thread.x];
  },
  { size: [28, 27], inputs: [images.select(0, 0)] },
);
heatmap(edges, { title: "Edges of a 5 by a kernel of four lines", xTitle: "column", yTitle: "row" });

// %% [markdown]
// GPU.js does not *call* your function: it **reads its source** and translates it to the language of the graphics card, or to
// WebAssembly where there is none. So a kernel sees only its inputs, `this.thread`, `this.constants`, its own variables
// and `Math`. Nothing from outside: sizes that a loop needs come in as constants.

// %% [markdown] task: gpuMatmul
// Write `gpuMatmul`: the product of `a` (M, K) and `b` (K, N), by a kernel of your own.
//
// One thread computes one number: $\sum_k a_{ik} b_{kj}$, where $i$ is its row and $j$ its column. Call
//
// ```ts
// return runKernel(
//   function (a, b) { ... },
//   { size: [M, N], inputs: [a, b], constants: { K } },
// );
// ```
//
// In the kernel, `a[row][column]` is a number, and `this.constants.K` the length of the sum. `M`, `N` and `K` are there already.

// %% [markdown] plan: gpuMatmul
// ```text
// in the kernel:
//     sum ← 0                                         (let sum = 0)
//     for k = 0 … K − 1:                              (k < this.constants.K)
//         sum += a[my row][k] · b[k][my column]
//     return sum
// ```

// %% [markdown] help: gpuMatmul
// - **`'this' implicitly has type 'any'`**: it must be `function (a, b) { … }`, not an arrow `(a, b) => …`.
// - **`Identifier is not defined`**: the kernel uses something from outside. Write `this.constants.K`, not `K`.
// - **the result is transposed, or has the wrong shape**: `this.thread.y` is the row, `this.thread.x` the column.
// - **only the last product is left**: `sum +=`, not `sum =`; and `let sum = 0` stands before the loop.
// - **`this` is not what you think**: inside a nested function there is another `this`. Do without nested functions.

// %% exercise: gpuMatmul
const gpuMatmul = check(exercises.gpuMatmul, exercises.gpuMatmul.solution);

// %% [markdown] after: gpuMatmul
// Hand over `b.transpose()` and read `bt[this.thread.x][k]`: then both are read along their rows, where neighbours lie side by side in
// memory. Real kernels go much further. They compute a *tile* of 4 × 4 or 8 × 8 numbers per thread, so that each number that
// was read from memory is used several times: reading is slower than multiplying. See `src/tensor/devices/gpu/programs.ts`.

// %% [markdown]
// Softmax is harder for a GPU: each number needs the largest of its row, and the sum. The simple way: each thread finds
// both for itself.

// %% [markdown] task: gpuSoftmax
// Write `gpuSoftmax`: the softmax of every row of `x` (M, N), by a kernel of your own, right for numbers of any size.
//
// One thread computes one number, $e^{x_{ij} - \max_i} / \sum_k e^{x_{ik} - \max_i}$: it looks through its row twice, once for the largest number
// and once for the sum. `M` and `N` are there already; in the kernel, `Math.max` and `Math.exp` are allowed.

// %% [markdown] plan: gpuSoftmax
// ```text
// in the kernel:
//     max ← the first number of my row
//     for k = 1 … N − 1:  max ← the larger of max and x[my row][k]
//     total ← 0
//     for k = 0 … N − 1:  total += exp(x[my row][k] − max)
//     return exp(x[my row][my column] − max) / total
// ```

// %% [markdown] help: gpuSoftmax
// - **`no memory layout for "row"`**: `const row = x[this.thread.y]` is not possible, a row is not a number: write `x[this.thread.y][k]` each time.
// - **NaN for large numbers**: subtract `max` before *every* `Math.exp`.
// - **NaN for rows of −1000**: `max` must begin with the row's first number, not with 0.

// %% exercise: gpuSoftmax
const gpuSoftmax = check(exercises.gpuSoftmax, exercises.gpuSoftmax.solution);

// %% [markdown] after: gpuSoftmax
// With three kernels instead of one: a column (M, 1) with the largest of each row, a column with the sums, and then the shares.
// The one kernel computes the largest N times per row, the three only once, so for long rows they win by far. The library's
// `gpu` device does it in three.

// %% [markdown]
// ### A device of your own
//
// Two functions become a device: `createDevice` takes kernels and leaves all else to another device. The library calls a
// kernel with flat numbers and sizes, and products may come in batches, transposed, or with a bias to add; so a few
// lines stand between its call and yours.

// %%
import { createDevice } from "gradschool";

/** Product number `index` of a batch as a matrix (rows, columns). */
const matrix = (x: Float32Array, index: number, rows: number, columns: number, isTransposed: boolean) => {
  const numbers = nd.array(x.subarray(index * rows * columns, (index + 1) * rows * columns));
  return isTransposed ? numbers.reshape([columns, rows]).transpose() : numbers.reshape([rows, columns]);
};

const mine = createDevice("mine", {
  matmul(a, b, out, { batch, m, k, n, transposeA, transposeB, sharedA, sharedB }, bias) {
    for (let i = 0; i < batch; i++) {
      const left = matrix(a as Float32Array, sharedA ? 0 : i, m, k, transposeA);
      const right = matrix(b as Float32Array, sharedB ? 0 : i, k, n, transposeB);
      const product = gpuMatmul(left, right); // yours
      out.set((bias ? product.add(nd.array(bias)) : product).flat(), i * m * n);
    }
  },
  softmax(x, y, rows, n) {
    y.set(gpuSoftmax(nd.array(x).reshape([rows, n])).flat()); // yours
  },
});

// %% [markdown]
// Which devices does this machine have, and how fast is a product on each? `setDevice("gpu", { smallest: 0 })` sends everything to GPU.js,
// however small; without the option, it gets only what is faster there.

// %%
import { device, setDevice } from "gradschool";

const usual = device().name;
const choices: Record<string, () => unknown> = {
  reference: () => setDevice("reference"),
  wasm: () => setDevice("wasm"),
  blas: () => setDevice("blas"),
  gpu: () => setDevice("gpu", { smallest: 0 }),
  "mine (your kernels)": () => setDevice(mine),
};
const productSizes = inFull([16, 32, 64, 128, 256, 384], { short: [16, 64] });
const factors = productSizes.map((n) => new Generator(n).normal([n, n]));
const times: Record<string, number[]> = {};
const speeds: string[] = [];
for (const [name, choose] of Object.entries(choices)) {
  try {
    choose();
    times[name] = factors.map((x) => milliseconds(() => x.matmul(x), 4));
    const operations = 2 * productSizes.at(-1)! ** 3;
    speeds.push(`${name.padEnd(22)} ${(operations / times[name].at(-1)! / 1e6).toPrecision(3)} GFLOP/s`);
  } catch (error) {
    speeds.push(`${name.padEnd(22)} is not there: ${(error as Error).message.slice(0, 90)}`);
  }
}
setDevice("gpu", { smallest: 0 });
const mode = device().info().mode;
setDevice(usual as "wasm");
show(
  `GPU.js runs in mode ${mode} here\n\n${productSizes.at(-1)} × ${productSizes.at(-1)}:\n${speeds.join("\n")}`,
);
line(times, {
  x: productSizes,
  logY: true,
  title: "A product of two n × n matrices on every device of this machine: less is better",
  xTitle: "n",
  yTitle: "milliseconds",
});

// %% [markdown]
// In mode `webasm` or `cpu` there is no GPU at work: GPU.js only translates to the processor, and every call pays for the way
// there and back. That is what the curves of `gpu` and of your own device show at small sizes. On a graphics card
// (mode `headlessgl`, or `webgl2` in a browser) the picture turns around for large matrices.
//
// ## 7. A transformer layer on your kernels
//
// Now the proof. A small network that reads digits: cut into 16 patches of 7 × 7 pixels, each patch becomes a vector, one
// **transformer layer** lets the patches look at one another, and the mean of what they found says which digit it is. (How such
// a layer works is lecture 3; here it is work for kernels.)
//
// Cutting into patches is strides at work: a reshape, a transpose, a reshape.

// %%
import { crossEntropy, Embedding, Linear, Module, type Tensor, TransformerBlock, tensor } from "gradschool";

/** (N, 28, 28) → (N, 16, 49): four by four patches. */
const patches = (x: NDArray) =>
  x.reshape([x.shape[0], 4, 7, 4, 7]).transpose(2, 3).reshape([x.shape[0], 16, 49]);

class DigitReader extends Module {
  embed = new Linear(49, 24);
  places = new Embedding(16, 24);
  block = new TransformerBlock(24, 3);
  output = new Linear(24, 10);

  /** (B, 16, 49) → logits (B, 10) */
  forward(x: Tensor): Tensor {
    const seen = this.embed.forward(x).add(this.places.forward(nd.arange(0, 16)));
    return this.output.forward(this.block.forward(seen).mean(1));
  }
}

const inputs = patches(known.images);
/** Forward and backward on 8 digits, from the same weights. */
function oneStep(): { loss: Tensor; reader: DigitReader } {
  manualSeed(1);
  const reader = new DigitReader();
  const loss = crossEntropy(reader.forward(tensor(inputs.slice(":8"))), known.labels.slice(":8"));
  loss.backward();
  return { loss, reader };
}

// %% [markdown]
// Forward **and backward**, on four devices: the same numbers? And who did the work?

// %%
/** All gradients in one row. */
const gradients = (reader: DigitReader) =>
  nd.concat(reader.parameters().map(({ grad }) => (grad as NDArray).flatten()));

setDevice("reference");
const truth = oneStep();
const rows: string[] = [];
for (const [name, choose] of Object.entries(choices)) {
  if (!times[name]) continue; // this machine does not have it
  choose();
  const { loss, reader } = oneStep();
  const off = gradients(reader).sub(gradients(truth.reader)).abs().max().item();
  const ms = milliseconds(oneStep, 3);
  rows.push(
    `${name.padEnd(22)} loss ${loss.item().toFixed(6)}   largest difference of a gradient ${off.toExponential(1)}   ${ms.toFixed(1)} ms`,
  );
}
show(rows.join("\n"));
const gpuFacts = setDevice("gpu", { smallest: 0 }).info();
setDevice(usual as "wasm");
show(`gpu: ${JSON.stringify(gpuFacts, null, 2)}`);
show(`mine: ${JSON.stringify(mine.info(), null, 2)}`);

// %% [markdown]
// The losses agree, and the gradients differ by rounding alone. `ranOnGpu` counts the calls that GPU.js computed: products and softmax,
// forward and backward. Without a graphics card this costs time, as the last column says; it is a proof, not a gain.
//
// Does it **learn** on your kernels? Half a minute or so, with your `gpuMatmul` and your `gpuSoftmax` in every layer:

// %%
import { AdamW, trainingView } from "gradschool";

manualSeed(5);
const reader = new DigitReader();
const optimizer = new AdamW(reader.parameters(), { lr: 0.005 });
const luck = new Generator(2);
const STEPS = 120;
const BATCH = 32;

/** Share of the first `count` test digits that it reads rightly. */
const accuracy = (count: number) => {
  const logits = reader.forward(tensor(patches(asked.images.slice(`:${count}`)))).data;
  return logits
    .argmax(1)
    .eq(asked.labels.slice(`:${count}`))
    .to("float32")
    .mean()
    .item();
};

setDevice(mine);
const view = trainingView({
  totalSteps: STEPS,
  title: "DigitReader on your kernels",
  marks: { "no idea": Math.log(10) },
});
for (const _ of view.steps()) {
  const rows = luck.integers([BATCH], { low: 0, high: inputs.shape[0] });
  const logits = reader.forward(tensor(inputs.indexSelect(0, rows)));
  const loss = crossEntropy(logits, known.labels.indexSelect(0, rows));
  optimizer.zeroGrad();
  loss.backward();
  optimizer.step();
  view.step({ loss: loss.item() });
}
setDevice(usual as "wasm");
result("digits read by the network trained on your kernels", 100 * accuracy(asked.images.shape[0]), "%", {
  digits: 1,
});
show(`calls of your kernels: ${JSON.stringify(mine.info())}`);

// %% [markdown]
// The loss falls below the dashed line, which is what someone without any idea would get. Everything that is still a word here,
// `backward`, `AdamW`, `TransformerBlock`, you will write yourself in the next two lectures. It all runs on the two kernels
// that you have just written.
//
// ## What next?
//
// Things to try, from easy to hard:
//
// - Put a mistake into `gpuSoftmax` (divide by the largest power) and train again. Does the loss tell you?
// - `known` with 60,000 digits: how much better is the nearest neighbour? How long does it take?
// - Compute the variance in one pass *without* cancellation (Welford 1962), and compare with `var()`.
// - Let a thread of `gpuMatmul` read four numbers of `a` at once. Is it faster?
//
// To read on:
//
// - Goodfellow, Bengio, Courville, *Deep Learning* (2016): chapter 2, linear algebra (page 29 on), and section 4.1, overflow and
//   underflow (page 78 on).
// - Goldberg, *What every computer scientist should know about floating-point arithmetic*, ACM Computing Surveys 23 (1991), pages
//   5 to 48.
// - Harris and others, *Array programming with NumPy*, Nature 585 (2020), pages 357 to 362: strides and broadcasting, by those who
//   made them common.
