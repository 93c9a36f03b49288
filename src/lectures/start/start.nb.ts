// Where a student lands. `node scripts/generate-notebooks.mjs start` makes the notebooks from this file.

// %% [markdown]
// # Welcome
//
// In this course you build the models that read, write and look at pictures: **BERT, GPT, ViT, CLIP**. Not by calling
// them, but line by line, from arrays of numbers up. You train them here, in your browser's window, on your own machine,
// each in a few minutes.
//
// You need to have written some programs (JavaScript, TypeScript or Python), to know what a matrix and a derivative
// are, and nothing else. Wherever we need more, we build it.
//
// After this page, a quarter of an hour from now, you can
//
// - run a notebook, and start it afresh when it has gone astray;
// - read what a check says, and pass your first one;
// - find your way through the course, and know where your work lies.

// %% [markdown]
// ## Run a cell
//
// A notebook is a page of texts and **cells** with code. Click into the cell below and press **Shift + Enter**: it runs, and
// you are in the next one. (The first takes a moment longer: it wakes the machinery.)

// %%
import { heatmap, nd, show } from "gradschool";

const numbers = nd.array([1, 2, 3, 4, 5, 15]);
show(numbers);
numbers.mean().item();

// %% [markdown]
// The last line of a cell is shown by itself. `show(x)` shows something earlier on.
//
// What one cell has made, the cells after it can use. So cells are run **from the top to the bottom**: the next one needs
// `heatmap` and `nd` of the one above, and draws a picture. You meet it again in lecture 03: it is how a transformer is told
// *where* in a sentence a word stands. Each row belongs to one place, and no two rows are alike.

// %%
const place = nd.arange(0, 40).reshape([40, 1]);
const speed = nd.arange(0, 32).mul(-0.15).exp().reshape([1, 32]);

heatmap(place.mul(speed).sin(), {
  title: "Forty places in a sentence, each with a pattern of its own",
  xTitle: "number in the pattern: from fast waves to slow ones",
  yTitle: "place in the sentence",
  colorscale: "rdbu",
});

// %% [markdown]
// Move the pointer over the picture: it tells the numbers. Now change something, the 40 or the 0.15, say, and run the cell
// again. Nothing can break: these are your own copies of the notebooks.
//
// ## What a check says
//
// In every lecture you write the lines in which the idea is, and a **check** says at once whether they are right. It is
// worth seeing one that is not. The task will be: *move all numbers by the same amount, so that their mean is 0*. Here is a
// try with a mistake in it:

// %%
import { check, type Tensor, tensor } from "gradschool";
import { exercises } from "gradschool/lectures/start";

const wrong = (x: Tensor) => x.sub(x.mean(-1, { keepDims: true }));
void check(exercises.centre, wrong, { remember: false });

// %% [markdown]
// Read it from the top:
//
// - what is already right (✓) and what is not (✗);
// - of the first thing that is wrong: where, what came, and what should have come;
// - if the mistake is a known one, the **likely cause**. Students make the same mistakes, and we have collected them.
//
// The last line says with which function the notebook goes on: as long as yours is wrong, or empty, with ours. **You are
// never stuck.**
//
// ## Your turn
//
// An exercise has three hints under it, to be opened one after the other when you want them. Write your lines where it
// says `YOUR CODE HERE`, in place of the line that throws. Run that cell, then the check below it.
//
// <details><summary>You come from Python? What is called what here</summary>
//
// | Python, NumPy, PyTorch | here |
// |---|---|
// | `n = 3`, and later another `n = 4` | `let n = 3;`, later `n = 4;`; what stays as it is: `const n = 3;` |
// | `for i in range(n):` and an indented body | `for (let i = 0; i < n; i++) { … }` |
// | `for x in items:` | `for (const x of items) { … }` |
// | `[f(x) for x in items]`, `[f(i) for i in range(n)]` | `items.map((x) => f(x))`, `Array.from({ length: n }, (_, i) => f(i))` |
// | `len(items)`, `items[1:3]`, `items + [x]`, `[0] * n` | `items.length`, `items.slice(1, 3)`, `[...items, x]`, `Array(n).fill(0)` |
// | `items[-1]`, `x.shape[-1]` | `items.at(-1)!`, `x.shape.at(-1)!` |
// | `7 // 2`, `a == b`, `a and b`, `not a`, `None` | `Math.floor(7 / 2)`, `a === b`, `a && b`, `!a`, `null` |
// | `return a, b` | `return [a, b];`, or with names `return { a, b };` |
// | `x.sum(-1, keepdim=True)` | `x.sum(-1, { keepDims: true })`: what has a name stands last, in braces |
// | `np.array([1, 2], dtype=np.int32)`, `np.arange(5)` | `nd.array([1, 2], { dtype: "int32" })`, `nd.arange(0, 5)` |
// | `x - y`, `x * 2`, `x @ y`, `x < y`, `~mask` of arrays | `x.sub(y)`, `x.mul(2)`, `x.matmul(y)`, `x.lt(y)`, `mask.logicalNot()` |
// | `x.T`, `x.reshape(2, 3)`, `x.transpose(0, 1)` | `x.transpose()`, `x.reshape([2, 3])`, `x.transpose(0, 1)` |
// | `x[0]`, `x[:, 1:3]`, the number `x[0, 2]` | `x.slice(0)`, `x.slice(":", "1:3")`, `x.get([0, 2])` |
//
// The `!` behind `at(-1)`: TypeScript fears that the list is empty. You know that it is not, and say so. A list that is to be
// filled needs a type, `const out: number[] = [];`, and what goes in and comes out of a function is written after colons:
// there `number[][]` is a list of lists of numbers.
//
// </details>

// %% [markdown] task: centre
// Write `centre`: from every number of `x` take away the mean of them all. Two lines are enough.
//
// $$\text{centre}(x) = x - \text{mean}(x)$$
//
// From 1, 2, 3, 4, 5, 15, whose mean is 5, it makes −4, −3, −2, −1, 0, 10.
//
// Useful: `x.mean()` is the mean of all numbers, `a.sub(b)` is $a - b$. There is no `-` between arrays: they have methods.

// %% [markdown] plan: centre
// ```text
// mean   ← the mean of all numbers in x
// return x minus mean
// ```

// %% [markdown] help: centre
// - **`The left-hand side of an arithmetic operation must be of type …`**: `x - mean` is for plain numbers. For arrays:
//   `x.sub(mean)`.
// - **"a part is not written yet"**: the line `throw new NotImplemented();` still stands there. Delete it.
// - **"there is no function to check"**: run the cell with your function first, then the check.
// - **TypeScript underlines something**: put the pointer on it, and read its first line.

// %% exercise: centre
const centre = check(exercises.centre, exercises.centre.solution);

// %% [markdown] after: centre
// Another way: `x.sub(x.sum().div(x.size))`, the mean by hand. Or with a loop over plain numbers, as you would have written
// it before: also right, and the check takes it. It looks at results, never at how you came by them. We prefer whole arrays
// all the same, because what they do runs in compiled kernels, on several threads: how much faster that is, you measure
// yourself in lecture 01.

// %% [markdown]
// A green check? Then you have done what you will do some sixty times in this course. Your function is now the notebook's
// own; here it is at work:

// %%
show(centre(tensor([1, 2, 3, 4, 5, 15])));

// %% [markdown]
// To centre numbers is the first step of *layer norm*, which stands in every transformer.
//
// ## The map

// %%
import { courseMap, progress } from "gradschool/lectures/start";

courseMap();

// %% [markdown]
// A name that is no link is a lecture that is still being written. If there is a folder `solutions` on the left, each lecture
// stands in it once more, solved and with all its pictures: good for comparing, *after* you have tried.
//
// ## Your progress
//
// What has passed is remembered: your code, its points, when. Later lectures can go on with your functions: there
// `use("mine")` takes them in place of ours. Run this cell again whenever you like, or `npm run progress` in a terminal.

// %%
progress();

// %% [markdown]
// It lies in the folder `progress` beside this notebook, as plain files. Copy that folder along when you move to another
// machine.
//
// ## When something goes wrong
//
// | what you see | what to do |
// |---|---|
// | a cell runs and runs, `[*]` | **■** above stops it. What the cells before have made stays. |
// | `Cannot find name …` | a cell above has not run. Click into this cell, then *Run → Run All Above Selected Cell*. |
// | `… 'undefined' is not assignable …`, `… is possibly 'undefined'` | TypeScript fears that nothing is there, as behind `shape.at(-1)` of an empty list. You know better? Write `!` behind it: `shape.at(-1)!`. |
// | everything is odd | *Kernel → Restart Kernel…* forgets all variables (not your texts). Then run from the top. |
// | an exercise is in a mess | in a terminal: `npm run reset -- 00-start-here centre`. Your old cell goes to `backups`. |
// | a new version of the course | in a terminal: `npm run update`. Your answers and your own cells come along. |
// | nothing works at all | in a terminal: `npm start -- --check`. It looks at every part and says what is missing. |
//
// A terminal: a second window like the one in which you typed `npm start`, in the course's folder too.
//
// ## Handing in
//
// Save (**Ctrl + S**), then in a terminal:
//
// ```text
// npm run hand-in
// ```
//
// It looks whether every exercise is there, runs your notebooks once from the top, and packs what your instructor needs
// into one file, which it names at the end. Send that file.
//
// - **In it**: the notebooks in which you have written something, as they were *saved* last, and what `progress` remembers of
//   their exercises (your functions that have passed, and when you tried).
// - **Not in it**: other notebooks, backups, files that lie beside the notebook, anything else of your machine.
//
// "4 of 4 visible checks pass; 2 more run at grading" is not yet full marks: the grader asks questions that nobody has seen,
// and it asks the visible ones with other numbers.
//
// ## Three questions before you go on
//
// <details><summary>You define <code>x</code> in a cell, use it in another, then delete the first cell. Does the other still run?</summary>
//
// Yes, until you restart: variables live in the kernel, not on the page. That is why a notebook that "works" may fail for
// somebody else. *Restart Kernel and Run All Cells* is the honest test.
//
// </details>
//
// <details><summary>Why does a check try shapes such as 5 × 7, and never 4 × 4?</summary>
//
// With 4 × 4 a function that takes rows for columns gives a result of the right shape, and 4 is 2 + 2 as well as 2 · 2.
// Where all sizes differ, wrong work cannot look right by chance.
//
// </details>
//
// <details><summary>The try with the mistake took the mean of each row. For which inputs is that right all the same?</summary>
//
// Where all rows have the same mean; for a single row, say. A function that is right on one example may still be wrong:
// so every check also asks with random numbers.
//
// </details>
//
// **To read**, if notebooks or TypeScript are new to you: the
// [TypeScript Handbook](https://www.typescriptlang.org/docs/handbook/intro.html), chapters *The Basics* and *Everyday
// Types*; the [JupyterLab documentation](https://jupyterlab.readthedocs.io/en/stable/user/notebook.html), *Notebooks*.
