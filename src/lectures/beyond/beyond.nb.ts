// Beyond. `node scripts/generate-notebooks.mjs beyond` makes the notebooks from this file.

// %% [markdown]
// # Beyond: pictures, words and sounds in one model
//
// A ViT reads a picture, a GPT writes a text, CLIP says whether the two belong together. What is still missing is one model
// that does it all: that looks at a picture and **says** what is on it, that answers when you **ask**, that draws and that
// makes a noise when it is told to. And a picture can be asked for more than its name: where everything is, to the pixel.
//
// Nothing new is needed but one idea: **everything is a sequence of vectors**, and a transformer does not care where they
// come from.
//
// **You will be able to**
//
// - give a language model eyes, with a prefix of patches and a mask of three lines;
// - test answers against a model that never sees the picture, and say what an accuracy is worth;
// - turn pictures and sounds into tokens with a learned codebook, and train through a step that has no gradient;
// - build one model that reads and writes text, pictures and sound;
// - use a ViT for segmentation and detection, and say what its attention costs on a large picture.
//
// **You need** the GPT ([05](05-gpt.ipynb)), the ViT ([06](06-vit.ipynb)) and CLIP ([07](07-clip.ipynb)).
//
// Run a cell with **Shift + Enter**. Every exercise is checked at once, and tells you what is wrong. If you leave one
// open, the notebook goes on with a reference solution: you are never stuck.

// %% [markdown]
// ## 1. Captions

// %%
import { check, nd } from "gradschool";
import { exercises } from "gradschool/lectures/beyond";

// %% [markdown] task: prefixMask
// Write `prefixMask(pictures)`. `pictures` is (B, T), int32: for every position 0 if it is a token of text, and $k > 0$ if it is
// a patch of picture number $k$.
//
// Position $i$ may look at position $j$ if $j \le i$, **or** if both belong to the same picture. The result is (B, T, T), bool, true
// where $i$ may look at $j$.
//
// Useful: `x.unsqueeze(axis)`, `a.eq(b)`, `a.ne(0)`, `a.logicalAnd(b)`, `a.logicalOr(b)` (all of them broadcast), and
// `nd.ones([T, T], { dtype: "bool" }).tril()`.

// %% [markdown] plan: prefixMask
// ```text
// past        ← true on and below the diagonal                                    (T, T)
// who, whom   ← pictures as a column of rows and as a row of columns              (B, T, 1) and (B, 1, T)
// samePicture ← who equals whom, and is not 0                                     (B, T, T)
// result      ← past or samePicture
// ```

// %% [markdown] help: prefixMask
// - **words see words after them**: 0 equals 0. Two words are not two patches of a picture.
// - **a patch sees the next picture**: compare the numbers; two patches are not enough.
// - **(T, T) instead of (B, T, T)**: there is no batch axis in `past`. It comes by broadcasting, when the other one has it.

// %% exercise: prefixMask
const prefixMask = check(exercises.prefixMask, exercises.prefixMask.solution);

// %% [markdown] after: prefixMask
// Another way: give every word a number of its own, a negative one. Then no two words are equal, and the case of 0 is gone:
//
// ```ts
// const own = nd.where(pictures.eq(0), nd.arange(0, T).add(1).neg(), pictures);
// return own.unsqueeze(2).eq(own.unsqueeze(1)).logicalOr(past);
// ```
//
// The same trick, with the number of the *document* instead of the picture, keeps several texts apart that share one row of a batch.

// %%
import { heatmap } from "gradschool";

const twoWordsAfterFour = nd.array([[1, 1, 1, 1, 0, 0, 0]], { dtype: "int32" });
heatmap(prefixMask(twoWordsAfterFour).select(0, 0).to("float32"), {
  title: "Four patches see each other, three words look back",
  xTitle: "looked at",
  yTitle: "who looks",
  colorscale: "blues",
});

// %% [markdown]
// ## 2. Visual questions
//
// A caption is one answer to one question. Ask others, and the model has to look where the question points.
//
// How do we tell that it looks at all? *Two* is a good guess for *how many*, and a model that never sees the picture will find
// that out. So every answer is compared, and every kind of question is judged by itself.

// %% [markdown] task: rightByKind
// Write `rightByKind(replies)`. A reply is `{ kind, answer, said }`: the kind of question, the right answer, and what was said.
//
// An answer is right if it is the right one **word for word**. Capitals, blanks around it, and how many blanks stand between its words
// do not count: `"  Police   CAR "` is right for `"police car"`, and `"a police car"` is not.
//
// Return `{ byKind, mean }`: for each kind the share of right answers, 0 to 1, and the mean **over the kinds**, so that a kind that
// is asked often does not outweigh the others.
//
// Useful: `text.trim()`, `text.toLowerCase()`, `text.split(/\s+/)` (a list of words), `words.join(" ")`.

// %% [markdown] plan: rightByKind
// ```text
// plain(text) ← its words in small letters, one blank between them
// for every kind that occurs:
//   byKind[kind] ← right ones of that kind / questions of that kind      (right: plain(said) = plain(answer))
// mean ← sum of byKind / number of kinds
// ```

// %% [markdown] help: rightByKind
// - **the mean is off, the kinds are right**: it goes over kinds, not over replies.
// - **`"a police car"` passes**: compare with `===`; `includes` takes a part for the whole.
// - **a kind is `NaN`**: you divide by 0. Take the kinds from the replies themselves.

// %% exercise: rightByKind
const rightByKind = check(exercises.rightByKind, exercises.rightByKind.solution);

// %% [markdown] after: rightByKind
// Another way: count in one pass, with `counts[kind] ??= { right: 0, asked: 0 }`.
//
// Exact match is a hard judge: *taxis* for *taxi* is wrong. For one-word answers that is fair. For captions one counts the words that
// two texts share (BLEU, CIDEr), or asks a large model, and has then to trust it.

// %%
import { show } from "gradschool";

const parrot = ["two", "one", "two", "three", "two"].map((answer) => ({
  kind: "how many",
  answer,
  said: "two",
}));
show(rightByKind(parrot).byKind, { title: "Who always says two" });

// %% [markdown]
// ## 3. Any to any

// %% [markdown] task: quantize
// Write `quantize(vectors, codebook)`: vectors $z$ (N, D) and a codebook (K, D), both Tensors. Return `{ codes, quantized, loss }`:
//
// - `codes` (N), int32: for every vector the row of the codebook that lies nearest, the first of equals;
// - `quantized` (N, D): in numbers these rows $e$; but its gradient goes to the vectors **unchanged**, as if nothing had happened on the way,
//   and not to the codebook: $z + \text{sg}[e - z]$;
// - `loss`: what moves the rows to their vectors, and a quarter of the same the other way round:
//
// $$\text{loss} = \text{mean}\,(e - \text{sg}[z])^2 + \tfrac14\, \text{mean}\,(\text{sg}[e] - z)^2$$
//
// $\text{sg}$, *stop gradient*, is `x.detach()`. The means go over all N · D numbers.
//
// Useful: `x.data` (the numbers of a Tensor, without gradient), `a.square().sum(1)`, `a.argmin(1)`, `codebook.indexSelect(0, codes)`.

// %% [markdown] plan: quantize
// ```text
// distances ← |z|² − 2 z·e + |e|² for every pair, of the numbers alone         (N, K); |z|² may be left out
// codes     ← argmin of every row                                              (N)
// chosen    ← these rows of the codebook, as a Tensor that learns              (N, D)
// quantized ← vectors + (chosen − vectors) with the bracket detached
// loss      ← mean (chosen − detached vectors)² + ¼ mean (vectors − detached chosen)²
// ```

// %% [markdown] help: quantize
// - **no gradient reaches the vectors**: picking a row has none. `quantized` must *contain* `vectors`.
// - **a gradient of `quantized` reaches the codebook**: detach all of `chosen.sub(vectors)`, not only `vectors`.
// - **the wrong row**: the largest product is not the smallest distance, a long row wins everywhere.

// %% exercise: quantize
const quantize = check(exercises.quantize, exercises.quantize.solution);

// %% [markdown] after: quantize
// Another way to choose: subtract every row from every vector, `vectors.data.unsqueeze(1).sub(codebook.data)` (N, K, D), square and
// sum. It reads like the definition, and takes D times the memory.
//
// Many programs have no first half of the loss: they move each row to the running mean of the vectors that chose it. That is *k*-means, one
// step at a time, and it needs no gradient.

// %%
import { Generator, scatter, tensor } from "gradschool";

const cloud = new Generator(2).normal([300, 2]);
const nine = tensor(new Generator(5).normal([9, 2]));
const nearest = quantize(tensor(cloud), nine);
const columns = (points: typeof cloud) => ({ x: points.select(1, 0), y: points.select(1, 1) });
scatter(
  { vectors: columns(cloud), "their codes": columns(nearest.quantized.data) },
  {
    title: "300 vectors, and the nine rows of a codebook that stand for them",
    xTitle: "first number",
    yTitle: "second number",
  },
);

// %% [markdown] task: routeTokens
// Write `routeTokens(ids, sizes)`. One vocabulary holds it all: first `sizes.text` words, behind them `sizes.picture` codes of pictures,
// behind these `sizes.sound` codes of sounds. `ids` is what the model wrote.
//
// Return a list of segments `{ modality, codes }`: tokens of one modality that stand side by side are one segment, `modality` is `"text"`,
// `"picture"` or `"sound"`, and the codes count **from 0 within their modality**.
//
// With 10 words, 15 codes of pictures and 5 of sounds, `3 0 12 10 25 1` gives text `3 0`, picture `2 0`, sound `0`, text `1`.

// %% [markdown] plan: routeTokens
// ```text
// segments ← empty list
// for every id:
//   modality ← text if id < text; else picture if id < text + picture; else sound
//   first    ← 0, text, or text + picture
//   the last segment is of this modality? put id − first into it; else begin a new one with it
// ```

// %% [markdown] help: routeTokens
// - **only the first code of a picture arrives**: a new segment begins where the modality *changes*.
// - **sounds are off by the number of pictures**: they begin at text + picture.
// - **`Cannot read properties of undefined`**: there is no last segment yet, in front of the first token: `segments.at(-1)?.modality`.

// %% exercise: routeTokens
const routeTokens = check(exercises.routeTokens, exercises.routeTokens.solution);

// %% [markdown] after: routeTokens
// Another way: find the borders first, the places where the modality is another than one place before, and cut between them.
//
// NExT-GPT does not give every code a token. Its language model writes *signal tokens* (`[IMG0]`, `[AUD3]`, …), and what it thinks at
// these places goes through a small layer to a diffusion model. The routing is the same.

// %%
show(routeTokens([3, 0, 12, 10, 25, 1], { text: 10, picture: 15, sound: 5 }), { title: "Cut and sent" });

// %% [markdown]
// ## 4. Other tasks of a ViT

// %% [markdown]
// ## What to read
