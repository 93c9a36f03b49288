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

// %% [markdown]
// ## 3. Any to any

// %% [markdown]
// ## 4. Other tasks of a ViT

// %% [markdown]
// ## What to read
