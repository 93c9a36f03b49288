// The autograd lecture. `node scripts/generate-notebooks.mjs autograd` makes the notebooks from this file.

// %% [markdown]
// # Autograd: which way is down?
//
// A network is a machine with very many knobs. To train it means to turn every knob a little, again and again, in the
// direction in which the loss falls. But which direction is that, for a hundred thousand knobs at once? **The
// gradient** knows, and in this lecture you build the machine that finds it.
//
// It is small: some eighty lines, and the nine pieces in which the ideas are, you write. At the end your engine bends
// a plane around a spiral. Then we open the library, find the same pieces in it, and read handwritten digits.
//
// **You will be able to**
//
// - say what a gradient is, and check one with nothing but the function itself;
// - write the backward rule of any operation, without ever writing down a Jacobian;
// - say why one backward pass is enough for a million parameters;
// - take a step of AdamW by hand;
// - recognise three classic accidents by their looks: gradients that vanish, gradients that were never cleared, a part
//   that was cut off.
//
// **You need** shapes, broadcasting and matrix products ([01 Tensors](01-tensors.ipynb)), and the derivative of a
// function of one variable. No more: the chain rule is all there is to it, and we draw it.
//
// | part | your work |
// |---|---|
// | 1. Nudge it | look: slopes without any theory |
// | 2. The chain rule, drawn | exercise 1: the pullback of a product |
// | 3. Pull back, never write a Jacobian | exercise 2: matrix product |
// | 4. What was repeated adds up | exercise 3: undo broadcasting |
// | 5. The walk back | exercises 4 and 5: the order, and the sum |
// | 6. The engine | put it together, put it on trial |
// | 7. What a network needs | exercises 6, 7, 8: softmax, cross-entropy, layer norm |
// | 8. One step downhill | exercise 9: AdamW |
// | 9. It trains | watch it bend a plane |
// | 10. The library's engine, and digits | the same pieces, faster |
// | 11. What goes wrong | three accidents, seen |

// %% [markdown]
// ### Three questions before you start
//
// Think about each for a minute. Answers that turn out wrong are remembered best.
//
// <details><summary>1. A network has 100,000 parameters, and its loss is one number. You could nudge each parameter and look what the loss does. How many forward passes is that? And how many would a clever method need?</summary>
//
// 100,001. The clever method needs one forward pass and one backward pass, which costs about two forward passes more,
// *however many parameters there are*. Part 3 measures it.
// </details>
//
// <details><summary>2. In y = x · x the number x goes in twice. Two gradients come back to x. Which one is right?</summary>
//
// Both, and their sum is the answer: x + x = 2x. Each is what y would do if *that* x alone moved, but they are one and
// the same. Much of part 5 is this one sentence.
// </details>
//
// <details><summary>3. After training on a photograph, could you ask the network in which direction the photograph itself should change to look more like a cat?</summary>
//
// Yes. A gradient does not care whether a number is called a parameter or a pixel. Part 10 does it, with a digit, and
// what comes out is a little frightening.
// </details>

// %% [markdown]
// ## 1. Nudge it
//
// Here is the smallest network there is: one neuron, one input $x$, a weight $w$, a bias $b$, and a loss that says how
// far the answer is from the target 1.
//
// $$L = (\tanh(w x + b) - 1)^2$$
//
// What happens to $L$ when we turn one of the knobs? No theory is needed: turn it a little, and look.

// %%
import { nd, result, show } from "gradschool";

interface Knobs {
  w: number;
  x: number;
  b: number;
}

const neuron = ({ w, x, b }: Knobs) => (Math.tanh(w * x + b) - 1) ** 2;
const here: Knobs = { w: 0.5, x: 2, b: -0.4 };

const nudge = 0.001;
const slopes = (["w", "x", "b"] as const).map((knob) => {
  const moved = neuron({ ...here, [knob]: here[knob] + nudge });
  return `${knob}: L goes from ${neuron(here).toFixed(6)} to ${moved.toFixed(6)}, slope ${((moved - neuron(here)) / nudge).toFixed(3)}`;
});
show(slopes.join("\n"), { title: `Each knob turned by ${nudge}` });

// %% [markdown]
// All three slopes are negative: to turn any of the knobs up makes the loss fall, and $w$ does it twice as fast as $b$
// (because $x = 2$ stands beside it). These three numbers *are* the gradient:
//
// $$\frac{\partial L}{\partial w} = \lim_{h \to 0} \frac{L(w + h) - L(w)}{h}$$
//
// How small should $h$ be? One would say: as small as possible. Let us see. The slope by $w$ is known exactly here, so
// that we can draw by how much the nudged one is wrong. The better formula nudges to both sides,
// $(L(w + h) - L(w - h)) / 2h$.

// %%
import { line } from "gradschool";

const y0 = Math.tanh(here.w * here.x + here.b);
const exactSlope = 2 * (y0 - 1) * (1 - y0 * y0) * here.x;
const exponents = Array.from({ length: 29 }, (_, i) => -0.5 * (i + 2)); // 10^-1 … 10^-15
const errorOf = (slope: (h: number) => number) =>
  exponents.map((exponent) => Math.abs(slope(10 ** exponent) - exactSlope) + 1e-17);
const at = (w: number) => neuron({ ...here, w });
// In float32 each result has seven digits, not sixteen.
const rough = (w: number) => Math.fround(at(Math.fround(w)));

line(
  {
    "one side": errorOf((h) => (at(here.w + h) - at(here.w)) / h),
    "both sides": errorOf((h) => (at(here.w + h) - at(here.w - h)) / (2 * h)),
    "both sides, float32": errorOf((h) => (rough(here.w + h) - rough(here.w - h)) / (2 * h)),
  },
  {
    x: exponents,
    logY: true,
    title: "Error of the nudged slope: every valley has a floor",
    xTitle: "size of the nudge h, as a power of 10",
    yTitle: "error",
  },
);

// %% [markdown]
// Read it from the right. A large nudge (10⁻¹) leaves the tangent: the curve bends. Smaller is better, until the
// digits run out: $L(w + h)$ and $L(w - h)$ agree in almost all of their digits, the difference keeps the last few,
// and dividing by a tiny $h$ blows their rounding up. With float64 and both sides the best place is near $h = 10^{-5}$
// or $10^{-6}$; with float32 there is no good place at all.
//
// Two things to take along:
//
// 1. Nudging is **the judge**. It needs nothing but the function, so it can say of any clever gradient whether it is
//    right. Done in float64, for every element of every input, it is called **gradcheck**, and it checks most of what
//    you write today.
// 2. Nudging is **hopeless for training**. Every knob needs forward passes of its own.

// %% [markdown]
// ## 2. The chain rule, drawn
//
// Nobody computes $L$ in one go. It is made in small steps, and each step is so simple that its slope is known from
// school:
//
// $$p = w x, \qquad s = p + b, \qquad y = \tanh s, \qquad d = y - 1, \qquad L = d^2$$
//
// Draw a box for every number, and an arrow from what goes in to what comes out: this is a **computation graph**. The
// library has an engine like the one that you will build. Let it run once, and look.

// %%
import { graph, tensor } from "gradschool";

const knob = (value: number) => tensor(value, { requiresGrad: true });
const [w, x, b] = [knob(here.w), knob(here.x), knob(here.b)];
const p = w.mul(x).retainGrad();
const s = p.add(b).retainGrad();
const y = s.tanh().retainGrad();
const d = y.sub(1).retainGrad();
const L = d.square().retainGrad();
L.backward(undefined, { retainGraph: true });
graph(L, { names: { w, x, b, p, s, y, d, L }, flow: true });

// %% [markdown]
// Values flow **down** along the arrows. Gradients, in orange, flow **up** against them. Read from the bottom:
//
// - $L$ itself: if $L$ moves by 1, $L$ moves by 1. The walk starts with the gradient 1.
// - $L = d^2$ has the slope $2d$ by $d$. So $d$ gets $1 \cdot 2d$, and $y$, which differs by a constant, the same.
// - $y = \tanh s$ has the slope $1 - y^2$. So $s$ gets what $y$ got, times $1 - y^2$.
// - $s = p + b$ has the slope 1 by both, so both get the same.
// - $p = w x$ has the slope $x$ by $w$, and $w$ by $x$.
//
// Compare with the three slopes of part 1: the same numbers, but for the error of the nudge, and all three in **one**
// walk.
//
// We write $\bar y$ ("y bar") for $\partial L / \partial y$: how much the loss moves when $y$ does. Then every step
// does one thing:
//
// $$\bar{x} = \bar{y} \cdot \frac{\partial y}{\partial x} \qquad \text{what comes in from below, times the slope of this step}$$
//
// A step need not know what $L$ is, or how far away. It is handed $\bar y$, which we call `g` in code, and hands back
// the gradients of its inputs. This little function is the step's **pullback**. An engine is a set of pullbacks and
// somebody who calls them in the right order.

// %%
import { check, type NDArray } from "gradschool";
import { exercises } from "gradschool/lectures/autograd";

// %% [markdown] task: mulPullback
// A first one, to get the hands warm. For $y = a \odot b$, the product element by element, write the pullback: from
// `g`, which is $\bar y$, to the list $[\bar a, \bar b]$. All arrays have one shape.
//
// Ask of each element: if $a$ grows by a tiny bit, by how much does $a \cdot b$ grow? And $L$ by how much then?
//
// Useful: `x.mul(y)`, the product element by element.

// %% [markdown] plan: mulPullback
// ```text
// ā ← g times the slope of a·b by a
// b̄ ← g times the slope of a·b by b
// return the list of both
// ```

// %% [markdown] help: mulPullback
// - **`'NDArray' is not assignable to type '[NDArray, NDArray]'`**: return one list, `[first, second]`.
// - **a slope is missing**: the slope of $a \cdot b$ by $a$ is what stands beside $a$.
// - **right for the sum, wrong here**: in $a + b$ both slopes are 1. In a product they are not.

// %% exercise: mulPullback
const mulPullback = check(exercises.mulPullback, exercises.mulPullback.solution);

// %% [markdown] after: mulPullback
// Number by number it is a loop, `abar[i] = g[i] * b[i]`, and that is exactly what `mul` does inside. Look at the
// symmetry: each factor gets what the *other* one was. To walk back, the engine therefore has to **remember** the
// inputs of every product. That is why training needs so much more memory than using a network does.

// %% [markdown]
// Most steps of a network are as easy. The whole list, for later:
//
// | step | pullback |
// |---|---|
// | $y = a + b$ | $\bar a = g$, $\bar b = g$ |
// | $y = a - b$ | $\bar a = g$, $\bar b = -g$ |
// | $y = a \odot b$ | yours |
// | $y = \tanh x$ | $\bar x = g \odot (1 - y^2)$ |
// | $y = \exp x$ | $\bar x = g \odot y$ |
// | $y = \max(x, 0)$ (relu) | $\bar x = g$ where $x > 0$, else 0 |
// | $y = \sum_i x_i$ | $\bar x_i = g$ for every $i$ |
//
// The last one is worth a look: to add up forward is to **hand out** backward.

// %% [markdown]
// ## 3. Pull back, never write a Jacobian
//
// Numbers come in arrays. A step from an array of $n$ numbers to one of $m$ has $m \cdot n$ slopes: how does each
// output move when each input does? In a table, this is the **Jacobian** $J$. Nudging finds it, one column for each
// input:

// %%
import { heatmap } from "gradschool";

/** The Jacobian of f at x, by nudging: (outputs, inputs). */
function jacobian(f: (x: NDArray) => NDArray, x: NDArray, h = 1e-6): NDArray {
  const columns = Array.from({ length: x.size }, (_, i) => {
    const step = nd.zeros([x.size], { dtype: "float64" });
    step.set([i], h);
    const moved = step.reshape(x.shape);
    return f(x.add(moved))
      .sub(f(x.sub(moved)))
      .div(2 * h)
      .flatten();
  });
  return nd.stack(columns, 1);
}

// %%
const six = nd.array([-1.5, -0.5, 0, 0.4, 1, 2], { dtype: "float64" });
const axes = { xTitle: "input", yTitle: "output" };
heatmap(
  jacobian((v) => v.tanh(), six),
  { title: "tanh: only the diagonal", ...axes },
).show();
heatmap(
  jacobian((v) => v.softmax(), six),
  { title: "softmax: all of it", ...axes },
).show();
const right = nd.array(
  [
    [1, -2],
    [0.5, 3],
    [-1, 1],
  ],
  { dtype: "float64" },
);
heatmap(
  jacobian((v) => v.matmul(right), nd.ones([4, 3], { dtype: "float64" })),
  { title: "A·B by A: the same little block, and zeros", ...axes },
);

// %% [markdown]
// Three steps, three structures, and one thing in common: **the table is far larger than what it says**. In tanh's
// only the diagonal matters. In the product's the same block of six numbers stands four times. Now take a layer of the
// network that will read digits below, 64 pictures of 784 pixels times a matrix of 784 × 128:

// %%
const [batch, pixels, hidden] = [64, 784, 128];
const entries = batch * hidden * (pixels * hidden);
result("Jacobian of one small layer, by its weights", (entries * 4) / 2 ** 30, "GiB in float32");
result("its weights themselves", (pixels * hidden * 4) / 2 ** 10, "KiB");

// %% [markdown]
// Nobody wants that table. What is needed of it is one product, $\bar x = J^\top \bar y$: *the output's gradient,
// pulled back*. It has no more numbers than $x$ has, and the formula for it is usually short. This is called a
// **vector–Jacobian product**, and it is all that a pullback computes.
//
// ### The one that matters most
//
// Most of a transformer's time is spent in $Y = A \cdot B$. What is its pullback? Element by element:
//
// $$Y_{nm} = \sum_k A_{nk} B_{km}$$
//
// The number $A_{nk}$ goes into the whole row $n$ of $Y$: into $Y_{n1}$ with the slope $B_{k1}$, into $Y_{n2}$ with
// $B_{k2}$, and so on. Each of these moves $L$ by its $\bar Y_{nm}$. Add up:
//
// $$\bar A_{nk} = \sum_m \bar Y_{nm} B_{km}$$
//
// This is again a product of two matrices; which? And $\bar B$ in the same way: into what does $B_{km}$ go?

// %% [markdown] task: matmulPullback
// Write the pullback of $Y = A \cdot B$: from `g` ($\bar Y$, of shape $(N, M)$) to $[\bar A, \bar B]$, of the shapes
// of `a` $(N, K)$ and `b` $(K, M)$.
//
// A gradient has **the shape of what it belongs to**. Of $(N, M)$, $(N, K)$ and $(K, M)$ you can make $(N, K)$ by a
// matrix product in one way only; the shapes tell you the formula.
//
// Useful: `x.matmul(y)`, `x.transpose()`.

// %% [markdown] plan: matmulPullback
// ```text
// Ā (N, K) ← g (N, M) times something (M, K):   what has these axes the other way round?
// B̄ (K, M) ← something (K, N) times g (N, M)
// ```

// %% [markdown] help: matmulPullback
// - **`matmul: inner sizes differ`**: write the shapes under the names. The axes that meet must be the same one, and
//   vanish.
// - **right shape, wrong numbers**: `reshape` also changes $(K, M)$ to $(M, K)$, but leaves the numbers in their
//   order. `transpose()` exchanges rows and columns.
// - **the two are exchanged**: the gradient of `a` comes first.

// %% exercise: matmulPullback
const matmulPullback = check(exercises.matmulPullback, exercises.matmulPullback.solution);

// %% [markdown] after: matmulPullback
// `nd.einsum("nm,km->nk", g, b)` says the same without a transpose: the axis that the result lacks is summed. And row
// by row, $\bar B = \sum_n a_n^\top \bar y_n$: every example of a batch adds its own outer product. That sum over the
// batch is where the gradient of a weight "averages" what the examples want.
//
// Two products backward for one forward: this is why a backward pass costs about twice a forward pass.

// %% [markdown]
// ### What it buys
//
// One walk back gives the gradient by *all* inputs. Nudging needs a forward pass for each of them. Let us measure
// both, in units of one forward pass, on a function from $n$ numbers to one.

// %%
import { grad, noGrad, type Tensor } from "gradschool";

const deep = nd.randn([512, 512]).div(Math.sqrt(512));
const wide = nd.randn([64, 512]).div(8);
/** From n ≤ 64 numbers to one, through two layers. */
const funnel = (v: Tensor) => {
  const first = v
    .unsqueeze(0)
    .matmul(tensor(wide.narrow(0, 0, v.size)))
    .tanh();
  return first.matmul(tensor(deep)).tanh().sum();
};
/** The fastest of so many: what disturbs a measurement only makes it longer. */
const milliseconds = (work: () => unknown, times = 25) => {
  const measured = Array.from({ length: times }, () => {
    const start = performance.now();
    work();
    return performance.now() - start;
  });
  return Math.min(...measured);
};

// %%
const inputCounts = [4, 16, 32, 48, 64];
const costs = inputCounts.map((n) => {
  const at = tensor(nd.linspace(-1, 1, n), { requiresGrad: true });
  const pass = () => noGrad(() => funnel(at));
  const forward = milliseconds(pass, 400);
  const reverse = milliseconds(() => grad(funnel(at), [at]), 400);
  const nudging = milliseconds(() => {
    for (let i = 0; i <= n; i++) pass();
  });
  return { nudging: nudging / forward, reverse: reverse / forward };
});
line(
  {
    "nudging each input": costs.map((cost) => cost.nudging),
    "forward and one walk back": costs.map((cost) => cost.reverse),
  },
  {
    x: inputCounts,
    title: "The gradient of one number by n: one price grows, the other stays",
    xTitle: "number of inputs n",
    yTitle: "cost, in forward passes",
  },
).show();
result("forward and walk back, 64 inputs", costs[4].reverse, "forward passes");
result("nudging, 64 inputs", costs[4].nudging, "forward passes");

// %% [markdown]
// With a hundred thousand inputs the upper line stands at a hundred thousand, and the lower one where it is. This flat
// line is what made deep learning possible.
//
// <details><summary>And the other way round: one input, many outputs?</summary>
//
// Then it pays to go **with** the arrows: carry along with every value its slope by the one input (*forward mode*).
// One pass gives one column of the Jacobian, as a walk back gives one row. A loss has a million inputs and one output,
// so training wants rows. An engineer who asks how a whole trajectory reacts to one bolt wants columns.
// </details>

// %% [markdown]
// ## 4. What was repeated adds up
//
// A layer is $Y = X W + b$. $X W$ has a row for each example, $b$ is a single row: broadcasting uses it for all of
// them, as you saw in lecture 01. It is *one* $b$ that goes into many places. So all of these places report back to
// it, and $\bar b$ is the sum of the reports:

// %%
const gradientOfRows = nd.array([
  [1, 0, -2],
  [10, 0, 5],
  [100, 1, 0],
  [1000, 0, 7],
]);
show(gradientOfRows, { title: "What comes back to X W + b: a row from each of four examples" });
show(gradientOfRows.sum(0), { title: "What b gets: each column added up" });

// %% [markdown]
// To repeat forward is to **add up** backward (and to add up forward was to hand out backward: the two are mirror
// images). It holds whatever the operation was, sum, product or power. So let us not write it into every pullback. The
// engine does it, once, for all of them: whatever a pullback returns is brought back to the shape of its input.

// %% [markdown] task: unbroadcast
// Write `unbroadcast(g, shape)`: `g` has the shape of a result, `shape` is that of one input. Sum `g` over every axis
// along which the input was repeated, and return an array of exactly `shape`.
//
// Broadcasting lays the shapes on each other **at the right**. An axis was repeated if
//
// - `shape` does not have it: the axes that `g` has more, at the left; or
// - `shape` has a 1 there.
//
// | `g` | `shape` | sum over axes |
// |---|---|---|
// | (4, 3) | (3) | 0 |
// | (4, 3) | (4, 1) | 1 |
// | (2, 4, 3) | (4, 1) | 0 and 2 |
// | (4, 3) | () | both |
// | (4, 3) | (4, 3) | none |
//
// Useful: `g.ndim`, `g.shape`, `g.sum([0, 2])` sums over several axes, with `{ keepDims: true }` they stay as ones;
// `x.reshape(shape)`.

// %% [markdown] plan: unbroadcast
// ```text
// lead ← how many axes g has more than shape
// axes ← every axis of g that is < lead, or where shape, read from axis − lead, has a 1
// sum g over these axes, and give the result the shape
// ```

// %% [markdown] help: unbroadcast
// - **a shape that is one axis short**: an axis of size 1 must stay. Sum with `{ keepDims: true }` and `reshape` at
//   the end.
// - **a mean instead of a sum**: nothing is averaged; each place where the number went adds its own part.
// - **(5, 5) → (5) is wrong**: shapes are compared from the right. The axis that is missing is the first.
// - **a shape that does not fit**: print `axes`. For `g` (4, 3) and `shape` (4, 1) it is `[1]`, for `shape` (3) it is
//   `[0]`.

// %% exercise: unbroadcast
const unbroadcast = check(exercises.unbroadcast, exercises.unbroadcast.solution);

// %% [markdown] after: unbroadcast
// Another way: put ones in front of `shape` until it has as many axes as `g`; then one rule is enough, *sum where
// there is a 1*.
//
// The check called "the mirror image" is worth a thought. It holds for every linear step and its pullback: forward on
// $x$, then times $g$, is the same number as $x$ times pullback of $g$. Engineers call the two **adjoint**, and test
// programs for weather and seismology with exactly this line.

// %% [markdown]
// ## 5. The walk back
//
// The pullbacks are there. Who calls them, and when? Look at this innocent function:
//
// $$L = x \cdot \underbrace{(x^2 + 1)}_{c}$$
//
// $x$ goes in at two places: directly, and by way of $c$. At $x = 2$ the slope is $3x^2 + 1 = 13$.

// %%
const twoWays = knob(2);
const q = twoWays.mul(twoWays).retainGrad();
const c = q.add(1).retainGrad();
const L2 = twoWays.mul(c).retainGrad();
L2.backward(undefined, { retainGraph: true });
graph(L2, { names: { x: twoWays, q, c, L: L2 }, flow: true });

// %% [markdown]
// Three parts come back to $x$: 5 directly, and 4 + 4 through the square. Only their sum is the gradient. Two rules
// follow:
//
// 1. **Add up** what comes back to a node, never overwrite.
// 2. **Wait**: a node passes on what it has when *all* of it has come. Suppose that somebody between $x$ and an input
//    further up passed on its 5 at once: the rest would come too late.
//
// So the order matters. Whatever uses a node must be dealt with before the node itself. Backward, that is: first $L$,
// then $c$, then $q$, then $x$. Such an order, in which each node stands behind all of its inputs (read forward), is a
// **topological order**, and going deep first finds one.

// %% [markdown] task: topologicalOrder
// Write `topologicalOrder(root, inputsOf)`. It returns a list with `root` and everything that it was computed from:
//
// - each node **once**,
// - each node **behind all of its inputs**, so that `root` is the last,
// - nothing else.
//
// What a node is does not matter here (the checks use names, the engine will use its own objects): all that you need
// is `inputsOf(node)`, the list of what went into it. A leaf has none.
//
// Go deep: before you put a node down, visit all of its inputs. And never enter a node twice; networks have so many
// ways through them that nobody would live to see the end.
//
// Useful: `const seen = new Set<T>()`, `seen.has(node)`, `seen.add(node)`, `list.push(node)`. A function may be
// declared within a function: `const visit = (node: T): void => { ... };`

// %% [markdown] plan: topologicalOrder
// ```text
// order ← an empty list,  seen ← an empty set
// visit(node):
//     if node is in seen: done
//     put node into seen
//     visit each of its inputs
//     put node at the end of order
// visit(root)
// return order
// ```

// %% [markdown] help: topologicalOrder
// - **a node stands before one that it uses**: push the node *after* its inputs have been visited. To push at once and
//   turn the list round at the end works for chains only.
// - **a node stands there twice**: ask `seen` before you enter.
// - **`inputsOf` was called thousands of times**: the same; removing double entries afterwards does not help, the time
//   is gone.
// - **`Maximum call stack size exceeded`**: `visit` calls itself for the same node; it must call itself for the
//   inputs.

// %% exercise: topologicalOrder
const topologicalOrder = check(exercises.topologicalOrder, exercises.topologicalOrder.solution);

// %% [markdown] after: topologicalOrder
// Another way, Kahn's: count for each node how many users it has. Begin with the root, and whenever a node is dealt
// with, take one off the counts of its inputs; who arrives at 0 is next. It needs no recursion, so that a chain of
// 200,000 steps does not overflow the stack.
//
// The library has the simplest way of all: it numbers tensors as they are made. An input is always older than what was
// made of it, so *sorting by number* is a topological order for free.

// %% [markdown]
// Now the walk itself.

// %% [markdown] task: backward
// Write `backward(order, seed, inputsOf, pullback)`. `order` is a list as you made it: inputs first, the loss last.
//
// - The gradient of the last node is `seed`.
// - Go from the end of `order` to its beginning. For each node, call `pullback(node, g)` **once**, with the gradient
//   `g` that has come together for it. It returns a list: one gradient for each of `inputsOf(node)`, in the same
//   order.
// - **Add** each of these to what its input has so far.
//
// Return the gradients of all nodes, as a list in the order of `order`.
//
// Useful: `new Map<T, NDArray>()` with `map.get(node)` (undefined if there is nothing yet) and `map.set(node, value)`;
// `a.add(b)`; `order.at(-1)!`.

// %% [markdown] plan: backward
// ```text
// grads ← a map with one entry: last node → seed
// for each node, from the last to the first:
//     parts ← pullback(node, gradient of node)
//     for each input of node, with its part:
//         gradient of input ← what it has, if anything, plus the part
// return for each node of order its gradient
// ```

// %% [markdown] help: backward
// - **x · x gives 30 and not 60**: the second part has replaced the first one. Add.
// - **a gradient is `undefined`**: you walk in the wrong direction; users come before inputs.
// - **`order` was changed**: `reverse()` works in place. Copy first, `[...order].reverse()`, or count an index down.
// - **"one array for both sides" fails**: a pullback may return the same array twice. `add` makes a new array; do not
//   use `assign` or `fill`.

// %% exercise: backward
const backward = check(exercises.backward, exercises.backward.solution);

// %% [markdown] after: backward
// With a list of places in place of a map, `grads[i]`, no node needs to be looked up: the engines in C++ do that. Some
// go further and let a gradient go as soon as it has been passed on, so that memory *falls* during the walk. The
// library does.

// %% [markdown]
// ## 6. The engine
//
// Here it is, in two parts. Read it line by line; there is nothing in it that you have not written or seen. First the
// memory, and the walk:

// %%
/** An array that remembers out of what it was made, and how to pull a gradient back to there. */
class Traced {
  grad: NDArray | null = null;

  constructor(
    readonly data: NDArray,
    readonly op = "",
    readonly inputs: readonly Traced[] = [],
    readonly pullback: (g: NDArray) => readonly NDArray[] = () => [],
  ) {}

  /** The gradients of this by everything below it, added to their `grad`. */
  backward(): void {
    const inputsOf = (node: Traced) => node.inputs;
    const pull = (node: Traced, g: NDArray) =>
      node.pullback(g).map((part, i) => unbroadcast(part, node.inputs[i].data.shape));
    const order = topologicalOrder<Traced>(this, inputsOf);
    const grads = backward<Traced>(order, nd.onesLike(this.data), inputsOf, pull);
    order.forEach((node, i) => {
      node.grad = node.grad ? node.grad.add(grads[i]) : grads[i];
    });
  }
}

// %% [markdown]
// That is all of the walk. A `Value` is the same with **operations**: each makes a new Value, and gives it its
// pullback.

// %%
class Value extends Traced {
  add(b: Value): Value {
    return new Value(this.data.add(b.data), "add", [this, b], (g) => [g, g]);
  }
  sub(b: Value): Value {
    return new Value(this.data.sub(b.data), "sub", [this, b], (g) => [g, g.neg()]);
  }
  mul(b: Value): Value {
    const y = this.data.mul(b.data);
    const [left, right] = [this, b].map((factor) => factor.data.expand(y.shape)); // of one shape
    return new Value(y, "mul", [this, b], (g) => mulPullback(g, left, right));
  }
  matmul(b: Value): Value {
    const y = this.data.matmul(b.data);
    return new Value(y, "matmul", [this, b], (g) => matmulPullback(g, this.data, b.data));
  }
  tanh(): Value {
    const y = this.data.tanh();
    return new Value(y, "tanh", [this], (g) => [g.mul(y.square().neg().add(1))]);
  }
  sum(): Value {
    return new Value(this.data.sum(), "sum", [this], (g) => [g.expand(this.data.shape)]);
  }
}

// %% [markdown]
// Look once more at the end of `backward`: it adds the new gradient to the one that is there, from an earlier call.
// That is deliberate, as in PyTorch: a batch too large for memory can be worked through in parts. It is also a trap;
// part 11 walks into it.
//
// Let it run: the neuron of part 1, drawn by the engine that is now yours.

// %%
import { valueGraph } from "gradschool/lectures/autograd";

const value = (number: number) => new Value(nd.array(number, { dtype: "float64" }));
const [vw, vx, vb, one] = [here.w, here.x, here.b, 1].map(value);
const vd = vw.mul(vx).add(vb).tanh().sub(one);
const vL = vd.mul(vd);
vL.backward();
valueGraph(vL, { w: vw, x: vx, b: vb, target: one, d: vd, L: vL });

// %% [markdown]
// The same numbers as before. ($d$ goes in twice, so two parts stand on its edge.) But one neuron proves little. To
// the judge!
//
// ### On trial
//
// The judge of part 1, for arrays: nudge every element of every input to both sides, in float64, and compare.

// %%
/** The largest difference between what the engine says and what nudging says, over all elements of all inputs. */
function trial(f: (...inputs: Value[]) => Value, ...arrays: NDArray[]): number {
  const inputs = arrays.map((array) => new Value(array.to("float64")));
  f(...inputs).backward();
  const slopes = (input: Value) =>
    jacobian((moved) => f(...inputs.map((one) => (one === input ? new Value(moved) : one))).data, input.data);
  const off = inputs.map((input) => slopes(input).flatten().sub(input.grad!.flatten()).abs().max().item());
  return Math.max(...off);
}

const dice = new nd.Generator(1);
const [A, B, row] = [dice.normal([4, 3]), dice.normal([3, 5]), dice.normal([5])];
const cases: Record<string, number> = {
  "(A·B) ⊙ (A·B)": trial((a, b) => a.matmul(b).mul(a.matmul(b)).sum(), A, B),
  "tanh(A·B + row)": trial((a, b, r) => a.matmul(b).add(r).tanh().sum(), A, B, row),
  "A used five times": trial((a) => a.mul(a).add(a).mul(a).sub(a).sum(), A),
  "row ⊙ column": trial((r, col) => r.mul(col).tanh().sum(), row, dice.normal([4, 1])),
};
show(
  Object.entries(cases)
    .map(([name, off]) => `${off < 1e-6 ? "✓" : "✗"} ${name.padEnd(20)} off by ${off.toExponential(1)}`)
    .join("\n"),
  { title: "Engine against nudging" },
);

// %% [markdown]
// Differences as small as these are the judge's own error (part 1 showed how exact he can be). Your engine is right:
// not on an example, but in every element of every gradient of whole expressions, broadcasting and repeated use
// included.
//
// ## 7. What a network needs
//
// With `tanh`, `exp`, `sum` and so on a softmax could be put together. It is better to write it as **one** step, for
// three reasons: the formula of the whole is shorter than that of its parts; it is stable where the parts overflow;
// and one step remembers one array, not five.
//
// ### Softmax
//
// $$y_i = \frac{e^{x_i}}{\sum_k e^{x_k}} \qquad\qquad \frac{\partial y_i}{\partial x_j} = y_i (\delta_{ij} - y_j)$$
//
// ($\delta_{ij}$ is 1 on the diagonal and 0 elsewhere.) This is the full Jacobian of the picture above: what one
// probability gains, the others lose. Pull $\bar y$ back through it:
//
// $$\bar x_j = \sum_i \bar y_i\, y_i (\delta_{ij} - y_j) = y_j \Big(\bar y_j - \sum_i \bar y_i y_i\Big)$$
//
// The Jacobian has $n^2$ numbers, and disappears. What is left says something: $\sum_i \bar y_i y_i$ is the *mean*
// gradient, weighted by the probabilities. A score rises in the loss's eyes if its gradient lies above the mean.

// %% [markdown] task: softmaxPullback
// Write the pullback of softmax over the last axis: from `g` ($\bar y$) and the **result** `y` to $\bar x$. There may
// be axes in front: every row is a softmax of its own.
//
// Useful: `x.sum(-1, { keepDims: true })`, `x.mul(y)`, `x.sub(y)`.

// %% [markdown] plan: softmaxPullback
// ```text
// mean ← for each row, the sum of g ⊙ y         (keepDims, so that it broadcasts against the row)
// x̄ ← y ⊙ (g − mean)
// ```

// %% [markdown] help: softmaxPullback
// - **`shapes do not broadcast`, or rows are mixed**: `sum(-1)` drops the axis; `{ keepDims: true }` keeps it as a 1.
// - **rows do not sum to 0**: the mean must be weighted with `y`.
//   $\sum_j \bar x_j = \sum_j y_j \bar y_j - \text{mean} \cdot 1$.
// - **you have `g·y·(1 − y)`**: that is the diagonal of the Jacobian alone, the pullback of a sigmoid.

// %% exercise: softmaxPullback
const softmaxPullback = check(exercises.softmaxPullback, exercises.softmaxPullback.solution);

// %% [markdown] after: softmaxPullback
// With the Jacobian of each row written out, `diag(y) − y yᵀ`, it is a product of a matrix with a vector, and as right
// as yours: with a row of 50,000 tokens it needs a table of 10 gigabytes for it. The short formula needs the row.

// %% [markdown]
// ### Cross-entropy
//
// The loss of a classifier: how surprised is it at the class that was right? For $N$ examples with logits $x$ (a row
// of scores each):
//
// $$L = -\frac{1}{N} \sum_{i} \ln \text{softmax}(x_i)_{t_i}$$
//
// The logarithm cancels the exponential in the softmax, and what remains is the most beautiful gradient of the field:
//
// $$\bar x_{ij} = \frac{g}{N} \left( p_{ij} - [j = t_i] \right)$$
//
// *Probability minus truth.* For each example the gradient says: lower every score by as much as you believed in it,
// and raise the right one. An example that the network already knows ($p = 1$ at the right place) says nothing at all.

// %% [markdown] task: crossEntropyPullback
// Write the pullback of cross-entropy: `g` is the gradient of $L$, an array without axes; `logits` $(N, C)$; `targets`
// $(N)$ are the right classes. Return the gradient of the logits, $(N, C)$.
//
// Useful: `logits.softmax()`, `nd.oneHot(targets, C)` has a 1 at each target, `x.mul(g)`, `x.div(number)`.

// %% [markdown] plan: crossEntropyPullback
// ```text
// p ← softmax of the logits
// minus 1 where the target stands       (one-hot)
// times g, over N
// ```

// %% [markdown] help: crossEntropyPullback
// - **every value is 5 times what is wanted**: the loss is a mean over the rows; divide by `N`.
// - **every sign is wrong**: the gradient points uphill, *probability − truth*. The optimiser is the one who turns
//   round.
// - **NaN with large logits**: `exp(300)` is ∞ in float32. `softmax()` takes the largest score away first.
// - **wrong when g is not 1**: multiply by `g`; the loss may be a part of something larger.

// %% exercise: crossEntropyPullback
const crossEntropyPullback = check(exercises.crossEntropyPullback, exercises.crossEntropyPullback.solution);

// %% [markdown] after: crossEntropyPullback
// In place, it is two lines of C: copy the probabilities, and subtract 1 at one place in each row. Every language
// model ends in this step.
//
// And it is why softmax and the loss are taken as one. Separately, $\bar p = -1/p$ at the target can be $10^{30}$, and
// the softmax's pullback has to undo it with a $p$ of $10^{-30}$. Together nothing large ever appears.

// %% [markdown]
// ### Layer norm
//
// The hardest one today, and every block of a transformer has two of them. Each row is moved to mean 0 and scaled to
// deviation 1, and then gets a learned `weight` and `bias` for each column:
//
// $$\hat x = \frac{x - \mu}{\sqrt{\sigma^2 + \varepsilon}} = (x - \mu)\, r \qquad\qquad y = \hat x \odot \text{weight} + \text{bias}$$
//
// The last step is easy (product, sum, broadcasting): $\overline{\text{bias}} = \sum_n \bar y_n$,
// $\;\overline{\text{weight}} = \sum_n \bar y_n \odot \hat x_n$, and $h = \bar y \odot \text{weight}$ is what comes
// back to $\hat x$. From there to $x$? Each $x_j$ works in three ways: directly, through the mean, and through the
// deviation. Do the algebra (or trust it, the judge will look), and the last two become two **subtractions**:
//
// $$\bar x = r \Big( h - \operatorname{mean}(h) - \hat x \operatorname{mean}(h \odot \hat x) \Big)$$
//
// What is subtracted are the two directions in which $x$ can move *without any effect*: all numbers up together ($\mu$
// follows), and all further from the mean together ($\sigma$ follows). The norm is blind to both, so no gradient may
// point there.

// %% [markdown] task: layerNormPullback
// Write the pullback of layer norm: from `g` $(N, C)$, `x` $(N, C)$, `weight` $(C)$ and `eps` to the list
// $[\bar x, \overline{\text{weight}}, \overline{\text{bias}}]$.
//
// The helper `mean` takes the mean of each row and keeps the axis. The variance is the mean of the squared distances:
// divided by $C$, not by $C - 1$.
//
// Useful: `x.square()`, `x.rsqrt()` ($1/\sqrt{x}$), `x.sum(0)` sums over the rows.

// %% [markdown] plan: layerNormPullback
// ```text
// centred ← x − mean(x)
// r ← 1 / √(mean of centred² + eps)
// hat ← centred · r
// h ← g ⊙ weight
// x̄ ← r · (h − mean(h) − hat · mean(h ⊙ hat))
// gradient of weight ← sum over the rows of g ⊙ hat
// gradient of bias   ← sum over the rows of g
// ```

// %% [markdown] help: layerNormPullback
// - **everything is a few percent off**: `x.var(-1)` divides by $C - 1$. Take the mean of the squares, or
//   `{ correction: 0 }`.
// - **only x̄ is wrong**: is $h$ made with the weight? Are both means subtracted? Is the whole multiplied by `r`?
// - **only the gradient of weight is wrong**: weight multiplies $\hat x$, not $x$.
// - **wrong where the rows hardly vary**: `eps` is added to $\sigma^2$, before the root.

// %% exercise: layerNormPullback
const layerNormPullback = check(exercises.layerNormPullback, exercises.layerNormPullback.solution);

// %% [markdown] after: layerNormPullback
// You can also walk the graph in small steps, first to $\sigma^2$, then to $x - \mu$, then to $x$:
//
// ```text
// gVariance ← −½ r³ Σ h ⊙ centred
// gCentred  ← h · r + centred · gVariance · 2 / C
// x̄         ← gCentred − mean(gCentred)
// ```
//
// It is longer and comes to the same numbers. The short form shows what the long one hides: the gradient has mean 0 in
// every row, and nothing along $\hat x$.

// %% [markdown]
// The three as steps of the engine, and once more to the judge:

// %%
function softmaxOf(scores: Value): Value {
  const probabilities = scores.data.softmax();
  return new Value(probabilities, "softmax", [scores], (g) => [softmaxPullback(g, probabilities)]);
}

function crossEntropyOf(logits: Value, targets: NDArray): Value {
  const surprise = logits.data.logSoftmax().gather(1, targets.unsqueeze(1)).mean().neg();
  return new Value(surprise, "crossEntropy", [logits], (g) => [
    crossEntropyPullback(g, logits.data, targets),
  ]);
}

// %%
function layerNormOf(rows: Value, weight: Value, bias: Value, eps = 1e-5): Value {
  const meanOf = (a: NDArray) => a.mean(-1, { keepDims: true });
  const centred = rows.data.sub(meanOf(rows.data));
  const hat = centred.mul(meanOf(centred.square()).add(eps).rsqrt());
  const out = hat.mul(weight.data).add(bias.data);
  return new Value(out, "layerNorm", [rows, weight, bias], (g) =>
    layerNormPullback(g, rows.data, weight.data, eps),
  );
}

// %%
const classes = nd.array([4, 0, 2, 2], { dtype: "int32" });
const more: Record<string, number> = {
  "softmax ⊙ softmax": trial(
    (a, b) =>
      softmaxOf(a.matmul(b))
        .mul(softmaxOf(a.matmul(b)))
        .sum(),
    A,
    B,
  ),
  "cross-entropy": trial((a, b) => crossEntropyOf(a.matmul(b), classes), A, B),
  "layer norm, tanh": trial((a, b, r) => layerNormOf(a.matmul(b), r, r).tanh().sum(), A, B, row),
};
show(
  Object.entries(more)
    .map(([name, off]) => `${off < 1e-6 ? "✓" : "✗"} ${name.padEnd(20)} off by ${off.toExponential(1)}`)
    .join("\n"),
  { title: "Engine against nudging" },
);

// %% [markdown]
// ## 8. One step downhill
//
// The gradient says which way is up. The plainest optimiser takes a small step the other way,
// $p \leftarrow p - \text{lr} \cdot \bar p$, and repeats (*gradient descent*). Is that all? Look at a valley, long and
// narrow, as losses often are: 20 times steeper across than along.

// %%
import { field } from "gradschool";

/** ½ (0.05 a² + b²): the bottom of the valley runs along a. Through the engine. */
const valley = (place: Value) =>
  place
    .mul(place)
    .mul(new Value(nd.array([0.025, 0.5])))
    .sum();
const along = nd.linspace(-11, 11, 89);
const across = nd.linspace(-4, 4, 65);
const heights = across.square().mul(0.5).unsqueeze(1).add(along.square().mul(0.025)).sqrt();

// %%
type Rule = (p: NDArray, g: NDArray, step: number) => NDArray;
/** Where a rule goes from (−10, 3) in so many steps. */
function walk(rule: Rule, steps = 30): { x: number[]; y: number[] } {
  let p = nd.array([-10, 3]);
  const way = { x: [-10], y: [3] };
  for (let step = 1; step <= steps; step++) {
    const place = new Value(p);
    valley(place).backward();
    p = rule(p, place.grad!, step);
    way.x.push(p.get([0]));
    way.y.push(p.get([1]));
  }
  return way;
}
const valleyMap = (paths: Record<string, { x: number[]; y: number[] }>, title: string) =>
  field(heights, {
    x: [-11, 11],
    y: [-4, 4],
    title,
    xTitle: "a, along the valley",
    yTitle: "b, across it",
    valueTitle: "√ loss",
    colorscale: "gray",
    paths,
  });

// %%
const descent =
  (lr: number): Rule =>
  (p, g) =>
    p.sub(g.mul(lr));
valleyMap(
  { "lr 1.9": walk(descent(1.9)), "lr 0.5": walk(descent(0.5)) },
  "Gradient descent, 30 steps from the left",
);

// %% [markdown]
// One learning rate is too large for one direction and too small for the other. With 1.9 it bounces from wall to wall;
// with 0.5 it settles at the bottom at once, and then creeps. (Beyond 2 it flies out: try it.) Two ideas help.
//
// **Momentum.** Let the steps add up, as for a ball that rolls: $u \leftarrow \mu u + \bar p$,
// $\;p \leftarrow p - \text{lr} \cdot u$. What points to and fro cancels, what points in one direction grows, up to
// $1/(1 - \mu)$ times.
//
// **A step size for every parameter.** Remember how large the gradients of each parameter usually are, and divide by
// it. That is **Adam**. It keeps two running means:
//
// $$m \leftarrow \beta_1 m + (1 - \beta_1)\, g \qquad v \leftarrow \beta_2 v + (1 - \beta_2)\, g^2$$
//
// Both begin at 0, and are too small at first. After $t$ steps exactly the part $1 - \beta^t$ has come in, so divide
// by that:
//
// $$\hat m = \frac{m}{1 - \beta_1^t} \qquad \hat v = \frac{v}{1 - \beta_2^t} \qquad p \leftarrow p \cdot (1 - \text{lr} \cdot \lambda) - \text{lr} \cdot \frac{\hat m}{\sqrt{\hat v} + \varepsilon}$$
//
// The factor $1 - \text{lr} \cdot \lambda$ is **weight decay**: every parameter also shrinks a little, by itself, so
// that only what the data keep asking for stays. It stands outside of the fraction (*decoupled*): that is the **W** in
// AdamW.

// %% [markdown] task: adamWStep
// Write one step of AdamW for one parameter: from `p`, its gradient `g`, the moments `{ m, v }` and the number of the
// `step` (the first is 1) to the new `{ p, m, v }`. Make new arrays; change none.
//
// The options $\text{lr}$, $\beta_1$, $\beta_2$, $\varepsilon$, $\lambda$ arrive as `lr`, `beta1`, `beta2`, `eps`,
// `weightDecay`. Hand on $m$ and $v$ themselves, not the corrected $\hat m$ and $\hat v$.
//
// Useful: `x.mul(number)`, `x.square()`, `x.sqrt()`, `x.add(number)`, `x.div(y)`; powers of JavaScript numbers are
// `beta1 ** step`.

// %% [markdown] plan: adamWStep
// ```text
// m ← beta1 · m + (1 − beta1) · g
// v ← beta2 · v + (1 − beta2) · g²
// m̂ ← m / (1 − beta1^step),   v̂ ← v / (1 − beta2^step)
// p ← p · (1 − lr · weightDecay) − lr · m̂ / (√v̂ + eps)
// return p, m, v
// ```

// %% [markdown] help: adamWStep
// - **the first step is tiny**: the correction is missing. In the first step $\hat m = g$ and $\hat v = g^2$.
// - **NaN where the gradient is 0**: 0/0. `eps` is added to the root, and is what saves it.
// - **everything is right at first, and drifts away later**: the corrected moments were handed on; they belong to this
//   step alone.
// - **p is wrong, m and v are right**: does the decay shrink `p` itself, by `lr * weightDecay`?

// %% exercise: adamWStep
const adamWStep = check(exercises.adamWStep, exercises.adamWStep.solution);

// %% [markdown] after: adamWStep
// PyTorch moves the correction of $v$ into the denominator and that of $m$ into the step size,
// `lr / (1 - beta1 ** step)`: one array less for each parameter. Note what the first step is:
// $\hat m / \sqrt{\hat v} = g / |g|$, the *sign* of the gradient. Adam begins with steps of size `lr` in every
// direction, whatever the loss is measured in.

// %%
const momentum = (lr: number, mu: number): Rule => {
  let u = nd.zeros([2]);
  return (p, g) => {
    u = u.mul(mu).add(g);
    return p.sub(u.mul(lr));
  };
};
const adamW = (lr: number): Rule => {
  let moments = { m: nd.zeros([2]), v: nd.zeros([2]) };
  return (p, g, step) => {
    const { p: next, ...after } = adamWStep(p, g, moments, step, { lr, betas: [0.8, 0.95], weightDecay: 0 });
    moments = after;
    return next;
  };
};
const ways = {
  "descent, lr 0.5": walk(descent(0.5)),
  "momentum 0.7": walk(momentum(0.5, 0.7)),
  AdamW: walk(adamW(0.6)),
};
valleyMap(ways, "Three optimisers, 30 steps from the left: how far did each get?");

// %%
const lossAt = (x: number, y: number) => 0.025 * x * x + 0.5 * y * y;
line(
  Object.fromEntries(
    Object.entries(ways).map(([name, way]) => [
      name,
      way.x.map((place, i) => lossAt(place, way.y[i]) + 1e-12),
    ]),
  ),
  { title: "The same walks: height above the lowest point", xTitle: "step", yTitle: "loss", logY: true },
);

// %% [markdown]
// Momentum rolls down the valley, and swings on its way. AdamW sets out diagonally: divided by their usual size, the
// steep direction and the flat one count alike. It rolls, too, and runs past the goal; with steps of a fixed size
// nobody stops in time. Descent slows down by itself, where the slope gets small, and that is just its trouble along
// the valley. (This is why learning rates are lowered towards the end of a training.)
//
// ## 9. It trains
//
// Now all pieces together. Two classes of points, wound around each other as a **spiral**. No straight line separates
// them, so a network has to bend the plane: one hidden layer of 32 `tanh` neurons, layer norm, and two logits. On
// *your* engine, with *your* optimiser.

// %%
import { Generator } from "gradschool";

const luck = new Generator(2);
const ARM = 100; // points of each class
const turn = nd.linspace(0, 1, ARM);
const spiralArm = (start: number) => {
  const angle = turn.mul(3.4 * Math.PI).add(start);
  const radius = turn.mul(0.85).add(0.12);
  const points = nd.stack([angle.cos().mul(radius), angle.sin().mul(radius)], 1);
  return points.add(luck.normal([ARM, 2], { std: 0.02 }));
};
const arms = [spiralArm(0), spiralArm(Math.PI)];
const spiral = nd.concat(arms);
const spiralClasses = nd.concat([nd.zeros([ARM], { dtype: "int32" }), nd.ones([ARM], { dtype: "int32" })]);
const dots = {
  "class 0": { x: arms[0].select(1, 0), y: arms[0].select(1, 1) },
  "class 1": { x: arms[1].select(1, 0), y: arms[1].select(1, 1) },
};

// %% [markdown]
// The network: its parameters by name, and what it says of points.

// %%
/** A network on the engine: parameters by name, and the logits of points (N, 2). */
function makeNetwork(width: number, seed: number) {
  const start = new Generator(seed);
  const leaf = (data: NDArray) => new Value(data);
  const parameters: Record<string, Value> = {
    w1: leaf(start.normal([2, width], { std: 3 })),
    b1: leaf(start.normal([width])),
    gain: leaf(nd.ones([width])),
    shift: leaf(nd.zeros([width])),
    w2: leaf(start.normal([width, 2], { std: 1 / Math.sqrt(width) })),
    b2: leaf(nd.zeros([2])),
  };
  const logits = (points: NDArray) => {
    const { w1, b1, gain, shift, w2, b2 } = parameters;
    const bent = leaf(points).matmul(w1).add(b1).tanh();
    return layerNormOf(bent, gain, shift).matmul(w2).add(b2);
  };
  return { parameters, logits };
}

// %% [markdown]
// And the optimiser: your `adamWStep`, for each of the parameters.

// %%
/** AdamW for all parameters of a network: `adamWStep` on each. */
function makeOptimizer(parameters: Record<string, Value>, lr: number) {
  const state = new Map(
    Object.keys(parameters).map((name) => {
      const { shape } = parameters[name].data;
      return [name, { m: nd.zeros(shape), v: nd.zeros(shape) }];
    }),
  );
  let step = 0;
  return () => {
    step++;
    for (const [name, { data, grad }] of Object.entries(parameters)) {
      const { p, ...moments } = adamWStep(data, grad!, state.get(name)!, step, { lr });
      state.set(name, moments);
      parameters[name] = new Value(p); // a fresh leaf, without gradient
    }
  };
}

// %% [markdown]
// A `Value` never changes, so a step makes new leaves, and with them the old gradients are gone. Other engines change
// parameters in place, and need somebody to clear their gradients.
//
// To see what the network thinks, we ask it about every point of the plane. White is where it cannot decide: the
// **decision boundary**. Watch it while it trains. (Stop the cell with ■ when you have seen enough; the rest runs with
// what was learned.)

// %%
import { display, inFull, trainingView } from "gradschool";

const GRID = 60;
const ticks = nd.linspace(-1.2, 1.2, GRID);
const [gridY, gridX] = nd.meshgrid([ticks, ticks]);
const plane = nd.stack([gridX.flatten(), gridY.flatten()], 1);
type Network = ReturnType<typeof makeNetwork>;
const beliefs = ({ logits }: Network) => logits(plane).data.softmax().select(1, 1).reshape([GRID, GRID]);
const boundary = (network: Network, title: string) =>
  field(beliefs(network).mul(2).sub(1), {
    x: [-1.2, 1.2],
    y: [-1.2, 1.2],
    title,
    xTitle: "first coordinate",
    yTitle: "second coordinate",
    valueTitle: "P(class 1) − P(class 0)",
    colorscale: "rdbu",
    min: -1,
    max: 1,
    points: dots,
  });

// %%
const network = makeNetwork(32, 5);
const update = makeOptimizer(network.parameters, 0.02);
const STEPS = 600;
const film: { step: number; beliefs: NDArray }[] = [];

const picture = display(boundary(network, "Before training"));
const view = trainingView({
  totalSteps: STEPS,
  title: "Your engine on a spiral",
  marks: { "a coin": Math.log(2) },
});
for (const step of view.steps()) {
  const loss = crossEntropyOf(network.logits(spiral), spiralClasses);
  loss.backward();
  update();
  view.step({ loss: loss.data.item() });
  if ([0, 20, 60, 120, 240, STEPS - 1].includes(step))
    film.push({ step: step + 1, beliefs: beliefs(network) });
  if (step % 20 === 19)
    picture.update(boundary(network, `After ${step + 1} steps: white is where it cannot decide`));
}
const answers = network.logits(spiral).data.argmax(-1);
result("points on the right side", answers.eq(spiralClasses).to("float32").mean().mul(100).item(), "%");

// %%
import { imageGrid } from "gradschool";

imageGrid(
  film.map((frame) => frame.beliefs.flip(0)),
  {
    labels: film.map((frame) => `step ${frame.step}`),
    title: "The plane being bent, from step 1 to the last: black says class 0, white says class 1",
    scale: 2,
    columns: 6,
  },
);

// %% [markdown]
// First grey: it cannot decide anywhere. Then a cut, the cut folds, and at last it winds along the spiral. Nobody told
// it that there was a spiral. It had a loss, and nine pieces that you wrote.

// %% [markdown]
// ## 10. The library's engine, and digits
//
// Time to open the library. Its way to define a differentiable operation is one function, `record`: you give it a
// name, the inputs, and a rule on plain arrays that returns *the result and the pullback*. You know this form. Your
// pieces fit in as they are:

// %%
import { gradcheck, record } from "gradschool";

const ownSoftmax = (x: Tensor) =>
  record("ownSoftmax", [x], (x) => {
    const y = x.softmax();
    return [y, (g) => [softmaxPullback(g, y)]];
  });
const ownMatmul = (a: Tensor, b: Tensor) =>
  record("ownMatmul", [a, b], (a, b) => [a.matmul(b), (g) => matmulPullback(g, a, b)]);

// The library's judge throws where a gradient is wrong.
show(
  gradcheck((a, b) => ownSoftmax(ownMatmul(a, b)).square(), [A, B]),
  { title: "gradcheck says" },
);

// %% [markdown]
// What it does beyond yours: it skips the pullback of inputs that want no gradient (`requiresGrad`), frees what the
// walk has passed, refuses what was changed in place, has many more operations, and the hot ones as compiled kernels.
// The idea is the one you built.
//
// Its graph of a two-layer network, as `backward` will walk it:

// %%
import { crossEntropy, Linear, Module, manualSeed, readMnist } from "gradschool";

class TwoLayers extends Module {
  hidden = new Linear(784, 128);
  output = new Linear(128, 10);

  /** images (N, 784) → logits (N, 10) */
  forward(images: Tensor): Tensor {
    return this.output.forward(this.hidden.forward(images).relu());
  }
}

manualSeed(3);
const reader = new TwoLayers();
const trainDigits = readMnist({ split: "train" });
const testDigits = readMnist({ split: "test" });
const flat = ({ images }: typeof trainDigits) => images.flatten(1);
const [trainImages, testImages] = [flat(trainDigits), flat(testDigits)];

const few = nd.arange(0, 5).to("int32");
const firstLoss = crossEntropy(
  reader.forward(tensor(trainImages.indexSelect(0, few))),
  trainDigits.labels.indexSelect(0, few),
);
graph(firstLoss, { names: Object.fromEntries(reader.namedParameters()) });

// %% [markdown]
// Blue are the parameters, which want gradients; grey is the data, which does not, so the walk stops there.
//
// ### The same gradients?
//
// We put the library's weights into your engine and let both walk. They should agree to the last digits of float32,
// and they should not take the same time.

// %%
const rows64 = nd.arange(0, 64).to("int32");
const [images64, labels64] = [trainImages.indexSelect(0, rows64), trainDigits.labels.indexSelect(0, rows64)];
const own = Object.fromEntries(
  [...reader.namedParameters()].map(([name, { data }]) => [
    name,
    new Value(data.ndim === 2 ? data.transpose() : data),
  ]),
);
const ownRelu = (v: Value) => {
  const positive = v.data.gt(0).to("float32");
  return new Value(v.data.mul(positive), "relu", [v], (g) => [g.mul(positive)]);
};
const ownLoss = () => {
  const layer = (input: Value, name: string) => input.matmul(own[`${name}.weight`]).add(own[`${name}.bias`]);
  return crossEntropyOf(layer(ownRelu(layer(new Value(images64), "hidden")), "output"), labels64);
};
const libraryLoss = () => crossEntropy(reader.forward(tensor(images64)), labels64);

// %%
ownLoss().backward();
libraryLoss().backward();
const gaps = [...reader.namedParameters()].map(([name, { grad }]) => {
  const mine = own[name].grad!;
  return (mine.ndim === 2 ? mine.transpose() : mine).sub(grad!).abs().max().item();
});
result("largest difference of any gradient", Math.max(...gaps));
result(
  "your engine, forward and back",
  milliseconds(() => ownLoss().backward()),
  "ms",
);
result(
  "the library, forward and back",
  milliseconds(() => libraryLoss().backward()),
  "ms",
);

// %% [markdown]
// ### Digits
//
// 60,000 digits, written by hand, 28 × 28 pixels each. The test digits were written by *other people*. The network is
// the one drawn above.

// %%
import { AdamW } from "gradschool";

imageGrid(trainDigits.images.slice(":24"), {
  labels: Array.from(trainDigits.labels.slice(":24").flat()),
  columns: 12,
  scale: 2,
  title: "Digits to learn from, with their labels",
});

// %%
const optimizer = new AdamW(reader.parameters(), { lr: 2e-3 });
const BATCH = 128;
const EPOCHS = 4;
const perEpoch = Math.floor(trainImages.shape[0] / BATCH);
const accuracy = () => {
  const guesses = noGrad(() => reader.forward(tensor(testImages))).data.argmax(-1);
  return guesses.eq(testDigits.labels).to("float32").mean().item();
};

const digitView = trainingView({ totalSteps: EPOCHS * perEpoch, title: "Digits", tokensPerStep: BATCH });
let shuffled = luck.permutation(trainImages.shape[0]);
for (const step of digitView.steps()) {
  if (step % perEpoch === 0) shuffled = luck.permutation(trainImages.shape[0]);
  const picked = shuffled.narrow(0, (step % perEpoch) * BATCH, BATCH);
  const loss = crossEntropy(
    reader.forward(tensor(trainImages.indexSelect(0, picked))),
    trainDigits.labels.indexSelect(0, picked),
  );
  optimizer.zeroGrad();
  loss.backward();
  optimizer.step();
  digitView.step({ loss: loss.item(), "test accuracy": step % 200 === 199 ? accuracy() : undefined });
}
result("test accuracy", 100 * accuracy(), "%");

// %%
const guesses = noGrad(() => reader.forward(tensor(testImages))).data.argmax(-1);
const mistakes = guesses.ne(testDigits.labels).nonzero().flatten().slice(":24");
imageGrid(testDigits.images.indexSelect(0, mistakes), {
  labels: Array.from(mistakes.flat(), (i) => `${testDigits.labels.get([i])}, read ${guesses.get([i])}`),
  columns: 8,
  scale: 3,
  title: "Where it was wrong: the truth, and what it read",
});

// %% [markdown]
// ### A gradient by the picture
//
// The third question of the beginning. The gradient of the loss can be taken by *anything* that went in; the pixels,
// too. Take a digit that is read correctly, ask in which direction every pixel should change to look more like some
// **other** digit, and take a small step there: 0.1 for each pixel at most, on a scale from 0 to 1.

// %%
const victim = guesses.eq(testDigits.labels).logicalAnd(testDigits.labels.eq(4)).nonzero().flatten().get([0]);
const original = testImages.narrow(0, victim, 1);
const wanted = nd.array([9], { dtype: "int32" });
const pixelsOf = tensor(original, { requiresGrad: true });
crossEntropy(reader.forward(pixelsOf), wanted).backward();
const towards = pixelsOf.grad!.neg();
const changed = original.add(towards.sign().mul(0.1)).clamp(0, 1);
const believes = (image: NDArray) => {
  const p = noGrad(() => reader.forward(tensor(image))).data.softmax();
  const digit = p.argmax(-1).item();
  return `${digit} (${(100 * p.get([0, digit])).toFixed(1)} %)`;
};
const asImage = (image: NDArray) => image.reshape([28, 28]);
imageGrid([asImage(original), asImage(changed)], {
  labels: [`read: ${believes(original)}`, `read: ${believes(changed)}`],
  scale: 6,
  title: "Before, and one step later",
}).show();
heatmap(asImage(towards), {
  title: "Red: ink would speak for a 9. Blue: paper would",
  xTitle: "column",
  yTitle: "row",
});

// %% [markdown]
// To us both are a 4. To the network they are not: every pixel was moved a little in *just the wrong direction*, and
// 784 little things add up. This is an **adversarial example** (Goodfellow and others, 2015). It takes one backward
// pass.

// %% [markdown]
// ## 11. What goes wrong
//
// Backward passes fail quietly: nothing stops, the loss just does not fall. Three accidents that everybody has had,
// and how each looks.
//
// ### Gradients that vanish
//
// In a chain of steps the slopes are *multiplied*. Twenty layers that each make the gradient a little smaller leave
// nothing for the first. How large it is at each layer depends on how the weights begin: a product with a matrix of
// standard deviation $\sigma$ changes the size of a vector of $n$ numbers by about $\sigma \sqrt n$.

// %%
const DEPTH = 20;
const WIDTH = 64;

/** Size (root of the mean square) of the gradient of what each layer puts out, the first layer first. */
function gradientSizes(scale: number, { residual = false } = {}): number[] {
  const fresh = new Generator(9);
  let signal = tensor(fresh.normal([32, WIDTH]), { requiresGrad: true });
  const signals: Tensor[] = [];
  for (let layer = 0; layer < DEPTH; layer++) {
    const matrix = tensor(fresh.normal([WIDTH, WIDTH], { std: scale / Math.sqrt(WIDTH) }));
    const out = signal.matmul(matrix).tanh();
    signal = (residual ? signal.add(out) : out).retainGrad();
    signals.push(signal);
  }
  signal.sum().backward();
  return signals.map(({ grad }) => Math.sqrt(grad!.square().mean().item()));
}

// %%
const depths = {
  "σ√n = 0.5": gradientSizes(0.5),
  "σ√n = 1": gradientSizes(1),
  "σ√n = 3": gradientSizes(3),
  "σ√n = 0.5, residual": gradientSizes(0.5, { residual: true }),
};
line(depths, {
  x: Array.from({ length: DEPTH }, (_, i) => i + 1),
  logY: true,
  title: "Size of the gradient at each layer: read from right to left, as it flows",
  xTitle: "layer (1 is next to the input)",
  yTitle: "size of the gradient",
}).show();
for (const [name, list] of Object.entries(depths))
  result(`first layer's gradient over the last one's, ${name}`, list[0] / list[DEPTH - 1]);

// %% [markdown]
// With $\sigma\sqrt n = 0.5$ each layer halves what passes: a few millionths arrive at the first, and it learns
// nothing. With 3 the `tanh` saturates, its slope $1 - y^2$ is almost 0, and yet the large weights more than make up
// for it: the gradient *explodes* on its way to the input. With 1 it holds. That is why libraries begin with weights
// of about $1/\sqrt n$.
//
// The last curve is another cure, for the same small weights: **add** the layer's result to what was there
// (*residual*). The slope of $x + f(x)$ is $1 + f'$, and the 1 is a straight road back to the input. Every transformer
// has it.
//
// ### A forgotten zeroGrad
//
// `backward` adds to the gradient that is there. Who does not clear it adds up all gradients since the beginning:

// %%
/** Gradient descent that never clears: each step uses the sum of all gradients so far. */
const forgetful = (lr: number): Rule => {
  let sum = nd.zeros([2]);
  return (p, g) => {
    sum = sum.add(g);
    return p.sub(sum.mul(lr));
  };
};
const [cleared, uncleared] = [walk(descent(0.2), 60), walk(forgetful(0.2), 60)];
valleyMap(
  { "cleared each step": cleared, "never cleared": uncleared },
  "Gradient descent with lr 0.2, 60 steps",
).show();
line(
  {
    "cleared each step": cleared.x.map((place, i) => lossAt(place, cleared.y[i])),
    "never cleared": uncleared.x.map((place, i) => lossAt(place, uncleared.y[i])),
  },
  { title: "The same: a loss that swings and never settles", xTitle: "step", yTitle: "loss" },
);

// %% [markdown]
// It swings for ever. Look at the rule: it is momentum with $\mu = 1$, a ball without friction in a valley. If a loss
// goes up and down in large waves, or explodes after a good start, look for the `zeroGrad()`.
//
// ### A piece that was cut off
//
// `.data`, `detach()` and `noGrad()` take the numbers out of the graph. Often that is wanted. When it is not,
// everything before the cut **stops learning**, without a word. Here the same small network learns the spiral twice;
// once, somebody wrote `.detach()` behind the hidden layer.

// %%
class Bender extends Module {
  hidden = new Linear(2, 32);
  output = new Linear(32, 2);

  constructor(readonly cut: boolean) {
    super();
    this.hidden.weight.data.assign(new Generator(5).normal([32, 2], { std: 3 }));
  }
  forward(points: Tensor): Tensor {
    const bent = this.hidden.forward(points).tanh();
    return this.output.forward(this.cut ? bent.detach() : bent);
  }
}

// %%
function trainBender(cut: boolean) {
  manualSeed(1);
  const bender = new Bender(cut);
  const adam = new AdamW(bender.parameters(), { lr: 0.02 });
  const losses: number[] = [];
  for (let step = 0; step < inFull(500, { short: 5 }); step++) {
    const loss = crossEntropy(bender.forward(tensor(spiral)), spiralClasses);
    adam.zeroGrad();
    loss.backward();
    adam.step();
    losses.push(loss.item());
  }
  return { bender, losses };
}

// %%
const [whole, cutOff] = [trainBender(false), trainBender(true)];
line(
  { whole: whole.losses, "hidden layer detached": cutOff.losses },
  { title: "It learns something, so nobody notices", xTitle: "step", yTitle: "loss" },
);

// %% [markdown]
// The second one is not silent: the output layer still learns, from 32 random bends, and the loss falls. It only never
// gets good. Two looks find the cause. The gradients:

// %%
show(
  [...cutOff.bender.namedParameters()]
    .map(
      ([name, { grad }]) =>
        `${name.padEnd(14)} ${grad ? `gradient of size ${grad.abs().mean().item().toExponential(1)}` : "no gradient at all"}`,
    )
    .join("\n"),
  { title: "Gradients of the network that was cut" },
);
const cutLoss = crossEntropy(cutOff.bender.forward(tensor(spiral)), spiralClasses);
graph(cutLoss, { names: Object.fromEntries(cutOff.bender.namedParameters()) });

// %% [markdown]
// And the graph: the hidden layer is simply not in it. What looks like data (grey) was computed by something that
// should have learned.
//
// | what you see | what to look at |
// |---|---|
// | first layers do not move, last ones do | size of the gradient by layer; initial weights; residual connections, norms |
// | loss swings in waves, or explodes after a good start | is `zeroGrad()` called in each step? is the learning rate too large? |
// | learns a little, never gets good | is the `grad` of every parameter there? `graph(loss)`: are all parameters in it? |
// | `backward: … was changed in place` | the graph holds the arrays themselves; make a new one in place of `fill`, `assign`, `set` |
// | NaN | first of all a division by 0, a log of 0, an exp that overflows; `detectAnomaly` names the step |

// %% [markdown]
// ## What next?
//
// You have built an engine and put it on trial, you know why it walks backward, and you have seen it fail in three
// ways. Everything from here on, attention, BERT, GPT, is made of such steps; nobody will ever ask you for the
// Jacobian of a transformer.
//
// Things to try, from easy to hard:
//
// - Give `Value` an `exp` and a `relu`, and send them to `trial`. What does the judge say of relu at exactly 0?
// - Train the spiral with `descent` in place of AdamW. How far do you get in as many steps?
// - Wind the spiral tighter (`3.4` → `5`). Which width does the network need?
// - Put a `Value` of float64 through your engine and see how much closer `trial` comes.
// - Gradients of gradients: your pullbacks work on plain arrays, so they cannot be differentiated. What would have to
//   change?
//
// **To read**
//
// - Goodfellow, Bengio, Courville, *Deep Learning* (2016): section 6.5 on back-propagation (pages 204 to 224 of the
//   web edition), sections 8.3 and 8.5 on momentum and adaptive step sizes (from page 294 and page 306).
// - Griewank, Walther, *Evaluating Derivatives*, second edition (2008): chapter 3, *Fundamentals of Forward and
//   Reverse* (from page 31), with the cost of both modes proved.
// - Baydin, Pearlmutter, Radul, Siskind, *Automatic Differentiation in Machine Learning: a Survey*, JMLR 18 (2018),
//   pages 1 to 43: what autograd is, and what it is not.
// - Kingma, Ba, *Adam* (2015), algorithm 1 on page 2; Loshchilov, Hutter, *Decoupled Weight Decay Regularization*
//   (2019), algorithm 2 on page 3.
// - Ba, Kiros, Hinton, *Layer Normalization* (2016), section 3.
//
// The next lecture puts the pieces to work on what the rest of the course is about: **attention**, and the transformer
// around it.
