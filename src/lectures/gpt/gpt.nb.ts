// The GPT lecture. `node scripts/generate-notebooks.mjs gpt` makes the notebooks from this file.

// %% [markdown]
// # GPT: say what comes next
//
// A GPT does one thing: it reads a text and says **which token comes next**. Do that again and again, and it writes.
//
// In this lecture you build one. You write the places where the ideas are, put the model together from layers, and train
// it on real English, in this notebook, in two minutes. Before, it knows not a single word. After, it writes something
// that is not wise, but English, and nobody told it what English is.
//
// **You will be able to**
//
// - cut text into tokens by byte-pair merges, and make training examples of it;
// - write attention that cannot see the future, and say why it must not;
// - turn scores into text, with the knobs that every chat program has;
// - read a loss in nats: who is the opponent, and what is a good number?
// - make generation fast with a cache, and cure a text that runs in circles;
// - ask one model for several tasks, by the prompt alone, and measure what it understands.
//
// **You need** attention and the transformer's block ([03 Transformer](03-transformer.ipynb)), and cross-entropy
// ([02 Autograd](02-autograd.ipynb)).
//
// | part | your work |
// |---|---|
// | 1. The game: what comes next? | exercises 1 and 2: merges, and the targets |
// | 2. Attention that cannot see the future | exercise 3: causal attention |
// | 3. The model, layer by layer | read and run |
// | 4. From scores to words | exercise 4: temperature, top-k, top-p |
// | 5. Training | watch |
// | 6. What did it learn? | look and play |
// | 7. Circles, and a cure | exercise 5: no phrase twice |
// | 8. Faster: remember | exercise 6: attention with a cache |
// | 9. Larger | look |
// | 10. One model, many tasks | ask |
//
// Run a cell with **Shift + Enter**. Every exercise is checked at once, and tells you what is wrong. If you leave one
// open, the notebook goes on with a reference solution: you are never stuck.

// %% [markdown]
// ### Three questions before you start
//
// <details><summary>1. Nobody labels anything: where does the right answer come from?</summary>
//
// From the text itself. Cover everything behind a place, guess, uncover. Every place of every text is a question with its
// answer, and the internet is full of them.
// </details>
//
// <details><summary>2. A model that says the likeliest next word, always: would it write well?</summary>
//
// No. It runs in circles after a few lines: the likeliest continuation of a repeated phrase is the phrase once more. Part 7
// shows it. People hardly ever say the likeliest word.
// </details>
//
// <details><summary>3. Is a loss of 4.8 nats good?</summary>
//
// Nobody can say without knowing the vocabulary and the opponent. With 2,048 tokens, guessing costs ln 2048 = 7.6, and a
// player who knows only which tokens are frequent pays a little over 6. A loss is read against these, never alone.
// </details>

// %% [markdown]
// ## 1. The game: what comes next?
//
// *The cat sat on the ...* You have an idea what follows, and you would bet more on *mat* than on *moon*. A **language
// model** is exactly this: for every beginning, a probability for every possible next token. A whole text then has a
// probability too, because it can be read from left to right:
//
// $$p(x_1, x_2, \ldots, x_T) = p(x_1)\; p(x_2 \mid x_1)\; p(x_3 \mid x_1, x_2) \cdots p(x_T \mid x_1, \ldots, x_{T-1})$$
//
// To learn it, we need text. The **Brown Corpus** (1961) was the first collection of English made for computers. We
// take its fiction: novels, romances, mysteries, adventures.

// %%
import { documentText, readBrown, show, splitDocuments } from "gradschool";

const books = readBrown({
  genres: ["fiction", "mystery", "science_fiction", "adventure", "romance", "humor"],
});
const { train: trainBooks, validation: validationBooks } = splitDocuments(books, { validation: 0.05 });
const isNoHeading = (text: string) => text.length > 40;
const paragraphs = (documents: typeof books) =>
  documents.flatMap((document) => documentText(document).split("\n\n")).filter(isNoHeading);
const trainText = paragraphs(trainBooks);
const validationText = paragraphs(validationBooks);

show(trainText.slice(4142, 4149).join("\n\n"));

// %% [markdown]
// Whole books are set aside for **validation**: the model never sees them in training. Only there can we tell whether
// it learned English, or learned these books by heart.
//
// ### Tokens
//
// A model works on numbers, so the text is cut into **tokens** from a fixed list. Letters would make long sequences,
// words a list without end. GPT takes the middle: *byte pair encoding* starts with single bytes, and again and again
// joins the two neighbours that occur together most often. Frequent words become one token, rare ones stay in pieces.
//
// One merge is quickly said: **count all neighbours, join the pair that occurs most often, everywhere.** Then again, with
// the new symbols. It is not clever, and it is what GPT-2, GPT-4 and Llama cut their texts with.

// %%
import { check, concat, type NDArray, nd } from "gradschool";
import { type CountedWord, exercises, type Past } from "gradschool/lectures/gpt";

// %% [markdown] task: mergeOnce
// Write `mergeOnce(words)`: one step of byte-pair encoding. `words` is a list of `{ symbols, count }`: a word as the symbols
// that it consists of now, and how often it occurs in the text.
//
// 1. Count every pair of neighbouring symbols, over all words. A pair in a word that occurs `count` times counts `count` times.
// 2. Take the most frequent pair; of equally frequent ones the one that comes **first** when the words are read.
// 3. Join it everywhere, from left to right. What was joined is used up: `a a a` becomes `aa a`.
//
// Return `{ pair, words }`: the pair as a list of two symbols, and the words after the merge, in the same order. If no word
// has two symbols, `pair` is an empty list and the words stay as they are. Do not change the lists that come in.

// %% [markdown] plan: mergeOnce
// ```text
// counts ← empty Map, from a pair to a number          (a key that keeps both symbols apart, like "th e")
// for every word, for every place i with a neighbour: counts of the pair += count
// best ← the pair with the largest count, the first of equals    (a Map keeps the order of insertion)
// for every word: walk along; at a place where the pair stands, put the joined symbol and skip both; else put the symbol
// ```

// %% [markdown] help: mergeOnce
// - **`th e` and `t he` are counted together**: the key of the Map glues the symbols. Put a blank between them.
// - **`a a a` becomes `aa aa`**: after a merge skip two places, not one.
// - **the last of equals wins**: replace the best only by one that is *more* frequent (`>`).

// %% exercise: mergeOnce
const mergeOnce = check(exercises.mergeOnce, exercises.mergeOnce.solution);

// %% [markdown] after: mergeOnce
// The joining can be written by recursion on the list, without any index:
//
// ```ts
// const join = ([first, second, ...rest]: string[]): string[] => {
//   if (second === undefined) return first === undefined ? [] : [first];
//   return first === left && second === right ? [first + second, ...join(rest)] : [first, ...join([second, ...rest])];
// };
// ```
//
// Either way one merge reads the whole text. Real tokenizers keep, for every pair, the list of words in which it stands, and
// touch only those: that is what makes 50,000 merges over a library possible.

// %% [markdown]
// Twelve merges on a verse, and one can watch words grow:

// %%
const verse = "the cat that sat on the mat that the rat ate sat on the hat the cat sat on";
let verseWords: CountedWord[] = [...new Set(verse.split(" "))].map((word) => ({
  symbols: [...word],
  count: verse.split(" ").filter((other) => other === word).length,
}));
const merges: string[] = [];
for (let i = 0; i < 12; i++) {
  const merged = mergeOnce(verseWords);
  if (merged.pair.length === 0) break;
  merges.push(merged.pair.join("·"));
  verseWords = merged.words;
}
show(merges.join("   "), { title: "Twelve merges, in the order in which they came" });
show(verseWords.map(({ symbols }) => symbols.join("|")).join("   "), { title: "The words now" });

// %% [markdown]
// Done 1,790 times on our books, it gives the vocabulary of this lecture. Two tokens are no text at all: `<bos>` says *a text
// begins*, `<eos>` says *it ends*. They tell the model how to start, and when to stop. (On the lecture's slide the two stand
// the other way round, an `<eos>` in front. Some models really use one token for both jobs, but where there are two, *bos* is
// the beginning of the sequence.)

// %%
import { ByteLevelBPE } from "gradschool";

const tokenizer = ByteLevelBPE.train(trainText, { vocabSize: 2048, specialTokens: ["<bos>", "<eos>"] });
const bos = tokenizer.tokenToId("<bos>")!;
const eos = tokenizer.tokenToId("<eos>")!;
const pieces = (ids: number[]) => ids.map((id) => tokenizer.decode([id]));

const sentence = "She looked at the old house, and then she opened the door.";
show(pieces(tokenizer.encode(sentence)).join("|"));
show(tokenizer.encode(sentence).join(" "));

// %% [markdown]
// A space belongs to the word behind it, so nothing is lost: the pieces, put together, are the text again.
//
// ### Every position is a training example
//
// Show the model *She looked at*: it should say *the*. But the same row of tokens also teaches that *looked* follows
// *She*, and that *at* follows *She looked*. A row of $T$ tokens is $T$ examples at once:
//
// | input | `<bos>` | She | looked | at | the |
// |---|---|---|---|---|---|
// | **target** | She | looked | at | the | old |
//
// The targets are the inputs, **shifted by one place**. That is all the supervision a GPT ever gets: no one labels
// anything, the text is its own teacher.

// %% [markdown] task: nextTokenPairs
// Write `nextTokenPairs`: from documents (lists of token ids) to the two tables that training needs.
//
// 1. Join all documents to one stream. Every document starts with `bos` and ends with `eos`.
// 2. Cut the stream into rows of `length` tokens: these are the inputs.
// 3. The targets are the same rows, taken from **one place further on** in the stream.
// 4. Leave out what does not fill a row. The last row needs one token more than it is long, for its last target.
//
// For the documents `[[7, 8, 9], [5]]` with `bos` 1, `eos` 2 and `length` 3:
//
// | stream | 1 | 7 | 8 | 9 | 2 | 1 | 5 | 2 |
// |---|---|---|---|---|---|---|---|---|
// | inputs | **1** | **7** | **8** | *9* | *2* | *1* | | |
// | targets | | **7** | **8** | **9** | *2* | *1* | *5* | |

// %% [markdown] plan: nextTokenPairs
// ```text
// stream ← for every document: bos, its ids, eos          (flatMap and spread, without changing the document)
// N      ← how often does T fit into (tokens of stream − 1)?
// inputs ← stream from place 0, N·T tokens, as (N, T)     (nd.array(..., { dtype: "int32" }).reshape([N, T]))
// targets ← stream from place 1, N·T tokens, as (N, T)
// ```

// %% [markdown] help: nextTokenPairs
// - **`reshape: expected a shape of ... elements`**: the slice holds more or fewer than N·T tokens. `stream.slice(start, end)`: the end counts from the beginning of the stream, not from `start`.
// - **dtype is float32**: `nd.array` makes float32 unless it is told otherwise. Ids are names, not quantities: int32.
// - **only the last column is wrong**: you shifted every row on its own. The target of a row's last token is the first token of the *next* row: shift the stream, then cut.

// %% exercise: nextTokenPairs
const nextTokenPairs = check(exercises.nextTokenPairs, exercises.nextTokenPairs.solution);

// %% [markdown] after: nextTokenPairs
// Another way: one pass, and no stream at all in memory. Put the two tables in one loop, row by row:
//
// ```ts
// for (let start = 0; start + length + 1 <= stream.length; start += length) {
//   inputs.push(stream.slice(start, start + length));
//   targets.push(stream.slice(start + 1, start + length + 1));
// }
// ```
//
// The condition of the loop says by itself what the formula for $N$ says: a row needs `length + 1` tokens. Worth knowing
// because large corpora are cut like this, a row at a time, by a `Dataset` that never holds more than the row it is asked for.

// %% [markdown]
// Now the whole corpus goes through it. $T = 64$ tokens is how far our model will look back. A row may start in the
// middle of a paragraph, and that is fine: the model learns to go on from anywhere.

// %%
const T = 64;
const encode = (texts: string[]) => texts.map((text) => tokenizer.encode(text));
const train = nextTokenPairs(encode(trainText), { bos, eos, length: T });
const validation = nextTokenPairs(encode(validationText), { bos, eos, length: T });

show(`${train.inputs.size} tokens to learn from, ${validation.inputs.size} to test on`);
const someRow = (ids: NDArray) => pieces(Array.from(ids.slice(40, ":12").flat())).join("|");
show(`inputs   ${someRow(train.inputs)}\ntargets  ${someRow(train.targets)}`);

// %% [markdown]
// ### How good is good?
//
// We score a model by its surprise at what really came next, the **cross-entropy** in nats:
//
// $$\text{loss} = -\frac{1}{N} \sum_{i=1}^{N} \ln p(\text{target}_i \mid \text{what came before})$$
//
// Two simple players give us a scale. One knows nothing and gives each of the $V$ tokens the same chance: its loss is
// $\ln V$. The other has counted how often each token occurs, but looks at nothing before it: it scores the **unigram
// entropy**. A model that understands anything of its context must beat that.

// %%
import { bar } from "gradschool";

const V = tokenizer.vocabSize;
const counts = nd.ones([V]).scatterAdd(0, train.targets.flatten(), nd.ones([train.targets.size]));
const unigram = counts.div(counts.sum());
const unigramLoss = -unigram.log().indexSelect(0, validation.targets.flatten()).mean().item();

show(`no idea: ${Math.log(V).toFixed(3)} nats    unigram: ${unigramLoss.toFixed(3)} nats`);
const frequent = unigram.topk(24);
bar(frequent.values, {
  labels: pieces(Array.from(frequent.indices.flat())),
  title: "The most frequent tokens",
  yTitle: "probability",
});

// %% [markdown]
// ## 2. Attention that cannot see the future
//
// To say what follows *She opened the*, the model must bring together what it knows of the tokens so far. This is
// **attention**. Every token sends out three vectors:
//
// - a **query** $q$: what am I looking for?
// - a **key** $k$: what do I have?
// - a **value** $v$: what do I tell those who look at me?
//
// Where the query of position $i$ and the key of position $j$ point the same way, their product is large, and much of
// the value of $j$ flows to $i$:
//
// $$w_{ij} = \text{softmax}_j\left(\frac{q_i \cdot k_j}{\sqrt{D}}\right) \qquad \text{output}_i = \sum_j w_{ij}\, v_j$$
//
// The **softmax** turns scores into weights: positive, with the sum 1. A score of $-\infty$ gets no weight at all.

// %%
import { softmax, type Tensor, tensor } from "gradschool";

show(softmax(tensor([2, 1, 0, -Infinity])), { title: "softmax of the scores 2, 1, 0, −∞" });

// %% [markdown]
// Why divide by $\sqrt{D}$, where $D$ is the size of the vectors? The product of two random vectors grows like
// $\sqrt{D}$. Undivided, the softmax would put everything on one token from the start, its gradient would be almost
// zero, and learning would stand still.
//
// ### No peeking
//
// All positions of a row are trained at once, and each one's answer stands **right behind it**. A position that could
// look ahead would copy its answer and learn nothing. So there is one rule: no one sees the future.

// %%
import { heatmap } from "gradschool";

const eight = pieces(tokenizer.encode(sentence)).slice(0, 8);
heatmap(nd.ones([8, 8]).tril(), {
  title: "The causal mask: 1 may be seen, 0 may not",
  xLabels: eight,
  yLabels: eight,
  xTitle: "looked at",
  yTitle: "who looks",
  colorscale: "blues",
});

// %% [markdown]
// The scores right of the diagonal become $-\infty$ before the softmax, so the future gets no weight.

// %% [markdown] task: causalAttention
// Write `causalAttention`. With $T$ positions and vectors of size $D$:
//
// $\text{weights} = \text{softmax}\!\left(\frac{Q K^\top}{\sqrt{D}} + M\right), \qquad M_{ij} = \begin{cases} 0 & j \le i \\ -\infty & j > i \end{cases} \qquad \text{output} = \text{weights} \cdot V$
//
// Row $i$ of the weights says where position $i$ looks. Return both, `{ output, weights }`.
// There may be axes in front of the last two (batch, heads): the functions below treat them as separate attentions, so you need not think of them.
//
// Useful: `a.matmul(b)`, `x.transpose()` (exchanges the last two axes), `x.div(number)`, `x.maskedFill(mask, value)` (the value goes where the mask is true), `softmax(x)` (over the last axis), and for the mask `nd.ones([T, T], { dtype: "bool" }).triu(k)`, which keeps what lies on or above diagonal `k`.

// %% [markdown] plan: causalAttention
// ```text
// scores ← Q times K with its last two axes exchanged, divided by √D        (..., T, T)
// future ← true above the diagonal: column j > row i                        (T, T)
// scores ← scores with −∞ where future is true
// weights ← softmax of every row
// output ← weights times V
// ```

// %% [markdown] help: causalAttention
// - **`matmul: inner sizes differ`**: both factors have D last. One of them must be transposed.
// - **NaN in the first row**: a row in which everything is −∞ gives 0/0. Position 0 has no past: it must see itself.
// - **rows do not sum to 1**: mask first, then softmax. What is set to 0 after the softmax is missing from the sum.
// - **nothing changes**: it is `-Infinity`, a number of JavaScript, and `maskedFill` leaves `scores` as they are: `scores.maskedFill(future, -Infinity)` gives a new tensor, use that.

// %% exercise: causalAttention
const causalAttention = check(exercises.causalAttention, exercises.causalAttention.solution);

// %% [markdown] after: causalAttention
// Another way: add the mask instead of filling with it, and scale the query instead of the scores:
//
// ```ts
// const mask = nd.full([T, T], -Infinity).triu(1); // 0 below, −∞ above
// const weights = softmax(query.mul(D ** -0.5).matmul(key.transpose()).add(mask));
// ```
//
// Scaling the query costs $T \cdot D$ multiplications, scaling the scores $T^2$. And a mask that is *added* need not be
// 0 or $-\infty$: position biases such as ALiBi's are added at the same place.

// %% [markdown]
// What does attention look like before anything is learned? We give every token of our sentence a random vector, and
// let them look at one another. Rows are who looks, columns are who is looked at.

// %%
import { attentionMap, Generator } from "gradschool";

const sentenceIds = [bos, ...tokenizer.encode(sentence)];
const sentenceTokens = pieces(sentenceIds);
const random = new Generator(3);
const vectors = () => tensor(random.normal([sentenceIds.length, 16]));

const { weights: randomWeights } = causalAttention(vectors(), vectors(), vectors());
attentionMap(randomWeights, { tokens: sentenceTokens, title: "Attention of random vectors" });

// %% [markdown]
// The upper right triangle is empty: no one sees the future. The first token can only look at itself. All the rest is
// noise. Keep this picture in mind, we will draw it again after training.
//
// ## 3. The model, layer by layer
//
// First a module around your function. One attention can look for one thing at a time, so we run several side by
// side: each of $H$ **heads** gets its own slice of the vectors, and looks for something else. To cut the vectors into heads and to
// put them together again you have written functions in lecture 03: if they passed, they are used here.

// %%
import { use } from "gradschool/lectures/start";

const { splitHeads, mergeHeads } = use("mine");

// %%
import { Linear, Module } from "gradschool";

const C = 96; // size of every token's vector
const HEADS = 4;
const LAYERS = 3;

class SelfAttention extends Module {
  query = new Linear(C, C);
  key = new Linear(C, C);
  value = new Linear(C, C);
  output = new Linear(C, C);
  weights: Tensor | null = null; // (B, H, T, T) of the last call, for pictures

  forward(x: Tensor): Tensor {
    const [q, k, v] = this.split(x);
    const { output, weights } = causalAttention(q, k, v); // yours
    this.weights = weights;
    return this.join(output);
  }

  /** (B, T, C) → queries, keys and values, (B, H, T, D) each. */
  split(x: Tensor): Tensor[] {
    return [this.query, this.key, this.value].map((layer) => splitHeads(layer.forward(x), HEADS));
  }

  /** (B, H, T, D) → (B, T, C): the heads side by side, and a last layer that mixes them. */
  join(heads: Tensor): Tensor {
    return this.output.forward(mergeHeads(heads));
  }
}

// %% [markdown]
// A **block** does two things. In *attention*, tokens exchange what they know. In the *MLP*, every token thinks about
// it alone. Both results are **added** to what was there before: the vectors run through the model like a river, and
// each block pours something in. The layer norm in front of each keeps the sizes steady, so that deep models train.

// %%
import { LayerNorm, MLP } from "gradschool";

class Block extends Module {
  norm1 = new LayerNorm(C);
  attention = new SelfAttention();
  norm2 = new LayerNorm(C);
  mlp = new MLP(C, 4 * C);

  forward(x: Tensor): Tensor {
    x = x.add(this.attention.forward(this.norm1.forward(x)));
    return x.add(this.mlp.forward(this.norm2.forward(x)));
  }
}

// %% [markdown]
// Now the whole model:
//
// 1. **Token embedding**: a learned vector for every token.
// 2. **Position embedding**: attention does not know who stands where, so every place gets a learned vector too.
// 3. The **blocks**, one after another, and a last norm.
// 4. **Logits**: a score for every token of the vocabulary. It is the product with the token vectors again: *how much
//    does what I now think look like this token?* One table serves at both ends.

// %%
import { Embedding, manualSeed, summary } from "gradschool";

class MiniGPT extends Module {
  tokens = new Embedding(V, C);
  positions: Embedding;
  blocks = Array.from({ length: LAYERS }, () => new Block());
  norm = new LayerNorm(C);

  /** `context`: how many tokens it can look back on. */
  constructor(context = T) {
    super();
    this.positions = new Embedding(context, C);
  }

  /** ids (B, T) → logits (B, T, V) */
  forward(ids: NDArray): Tensor {
    const places = nd.arange(0, ids.shape[1]);
    let x = this.tokens.forward(ids).add(this.positions.forward(places));
    for (const block of this.blocks) x = block.forward(x);
    return this.norm.forward(x).matmul(this.tokens.weight.transpose());
  }
}

manualSeed(7); // the same start on every machine
const model = new MiniGPT();
summary(model);

// %% [markdown]
// **One table at both ends.** The token vectors come in through the table, and go out through the same table: this is called
// *weight tying*. Without it the output would need a table of its own. How much that is, for us and for GPT-2:

// %%
const countOf = (module: Module) => module.parameters().reduce((sum, { data }) => sum + data.size, 0);
const ours = countOf(model);
const gpt2 = { all: 124.4e6, table: 50257 * 768 };
show(
  `ours:   ${ours} parameters tied, ${ours + V * C} untied: ${((100 * V * C) / ours).toFixed(0)} % more\n` +
    `GPT-2: ${(gpt2.all / 1e6).toFixed(0)} million tied, ${((gpt2.all + gpt2.table) / 1e6).toFixed(0)} million untied: ${((100 * gpt2.table) / gpt2.all).toFixed(0)} % more`,
  { title: "What tying saves" },
);

// %% [markdown]
// How a model starts decides how fast it learns. GPT-2's recipe: matrices small and random, biases 0, and what is
// poured into the river (two sums per block) smaller still, by $\sqrt{2 \cdot \text{layers}}$, so that the river
// does not swell on its way.

// %%
for (const [name, { data }] of model.namedParameters()) {
  const std = name.endsWith("output.weight") ? 0.02 / Math.sqrt(2 * LAYERS) : 0.02;
  if (name.endsWith("bias")) data.fill(0);
  else if (data.ndim === 2) data.assign(nd.randn(data.shape).mul(std));
}

// %% [markdown]
// A new model should know nothing, and say so: its loss should be close to $\ln V$. This little test finds many
// mistakes before they cost an hour of training.

// %%
import { crossEntropy, noGrad } from "gradschool";

const lossOf = (inputs: NDArray, targets: NDArray) =>
  crossEntropy(model.forward(inputs).flatten(0, 1), targets.flatten());

const firstLoss = noGrad(() => lossOf(train.inputs.slice(":8"), train.targets.slice(":8"))).item();
show(`untrained: ${firstLoss.toFixed(3)} nats, ln V: ${Math.log(V).toFixed(3)}`);

// %% [markdown]
// ## 4. From scores to words
//
// The model gives a score, a **logit**, for every token. Which one do we write? Always the likeliest gives dull text
// that runs in circles. Drawing by the probabilities is livelier, but now and then one of a thousand unlikely tokens
// comes up, and the text never recovers. Three knobs stand between the two.
//
// **Temperature** $\tau$ divides the logits before the softmax. Below 1 the favourites win more often; above 1 the
// field levels out:

// %%
const weather = ["sunny", "cold", "nice", "rainy", "strange", "purple"];
const weatherLogits = nd.array([2.5, 2.1, 1.6, 0.9, -0.5, -2]);
const atTemperature = (temperature: number) => weatherLogits.div(temperature).softmax();
bar(
  { "τ = 0.5": atTemperature(0.5), "τ = 1": atTemperature(1), "τ = 2": atTemperature(2) },
  { labels: weather, title: "The weather today is ...", yTitle: "probability" },
);

// %% [markdown]
// **Top-k** keeps the $k$ best tokens and forgets the rest. Simple, but the right $k$ depends on the place: after *New*
// two or three tokens make sense, after *The* a hundred.
//
// **Top-p** (nucleus sampling) adapts: it keeps as few of the best tokens as together reach the probability $p$. Where
// the model is sure, that is one token; where it is not, many.

// %% [markdown] task: nextTokenProbabilities
// Write `nextTokenProbabilities`: from the logits of the next token to the distribution that it is drawn from.
//
// 1. **Temperature** $\tau > 0$: $p = \text{softmax}(\text{logits} / \tau)$.
// 2. **Top-k**: keep the `topK` most likely tokens, set the others to 0, divide by the sum. A `topK` above the number of tokens keeps all.
// 3. **Top-p**: of what is left now, keep the most likely tokens until together they reach `topP`, *the one that crosses the line included*; set the others to 0, divide by the sum.
//
// Every knob may be left out, and then does nothing. Where tokens at the line are equally likely, keep just enough of them or all of them, as you like.
//
// For the probabilities 0.5, 0.25, 0.15, 0.1 and `topP: 0.6`: 0.5 alone does not reach 0.6, so 0.25 joins, and the result is ⅔, ⅓, 0, 0.
//
// Useful: `x.softmax()`, `x.topk(k).values`, `x.sort(-1, { descending: true }).values`, `x.cumsum(-1)`, `x.lt(number)` (true where smaller), `x.maskedFill(mask, 0)`, `x.sum()`, `x.item()` for the number in an array of one.

// %% [markdown] plan: nextTokenProbabilities
// ```text
// p ← softmax(logits / temperature)
// if topK < size of p:
//     smallest ← the smallest of the topK largest values of p
//     p ← p with 0 where p < smallest, divided by its sum
// if topP < 1:
//     sorted ← p from large to small
//     before ← for each of them, the sum of those in front of it     (cumsum minus itself)
//     count  ← in how many places is before < topP?                  these tokens stay
//     smallest ← sorted[count − 1]
//     p ← p with 0 where p < smallest, divided by its sum
// ```

// %% [markdown] help: nextTokenProbabilities
// - **`… of an arithmetic operation must be of type 'any', 'number' …`**: a sum is an array without axes. `p.div(p.sum())` works with it;
//   for a JavaScript number, as in `count - 1`, take `.item()`.
// - **everything is NaN**: nothing was kept, so the sum is 0. At least one token always stays.
// - **top-p keeps one token too few**: ask what is in front of a token (`before < topP`), not what is reached with it (`cumsum <= topP`).

// %% exercise: nextTokenProbabilities
const nextTokenProbabilities = check(
  exercises.nextTokenProbabilities,
  exercises.nextTokenProbabilities.solution,
);

// %% [markdown] after: nextTokenProbabilities
// Another way: work on the logits, and take one softmax at the end.
//
// ```ts
// scores = scores.maskedFill(scores.lt(smallest), -Infinity); // for top-k, then for top-p
// return scores.softmax();
// ```
//
// The softmax divides by the sum of what is left, so nothing has to be divided in between. This is how the libraries do it:
// every knob becomes a function from logits to logits, and new ones can be put in the row. `keepTopK` and `keepTopP` in
// `gradschool/lectures/gpt` are written so.

// %% [markdown]
// With it, writing is a loop: read what is there, draw a token, put it behind, start again. It begins with `<bos>`
// and the words you give it (the *prompt*), and ends when the model says `<eos>`.

// %%
interface Knobs {
  temperature?: number;
  topK?: number;
  topP?: number;
}

function write(prompt: string, knobs: Knobs = {}, { seed = 1, maxTokens = 60 } = {}): string {
  const luck = new Generator(seed);
  const ids = [bos, ...tokenizer.encode(prompt)];
  for (let i = 0; i < maxTokens; i++) {
    const context = nd.array([ids.slice(-T)], { dtype: "int32" });
    const logits = noGrad(() => model.forward(context)).data.slice(0, -1); // after the last token
    const next = luck.multinomial(nextTokenProbabilities(logits, knobs), 1).item();
    if (next === eos) break;
    ids.push(next);
  }
  return tokenizer.decode(ids.slice(1));
}

const before = write("The old man", { temperature: 0.8, topP: 0.9 });
show(before, { title: "Before training" });

// %% [markdown]
// Noise, as it should be: the model has read nothing yet.
//
// ## 5. Training
//
// One step: take some random rows, compute the loss, let `backward()` find out how each of the parameters moves it,
// and let the optimiser take a small step downhill.
//
// - **AdamW** gives every parameter a step size of its own.
// - The **learning rate** warms up, because the first gradients are wild, and then falls along a cosine: large steps
//   to get there, small ones to settle.
// - **Clipping** limits the gradients, so that one odd batch cannot ruin the model.

// %%
import { AdamW, cosineWithWarmup, LRScheduler, line } from "gradschool";

const STEPS = 1000;
const BATCH = 16;
const LR = 5e-3;
const optimizer = new AdamW(model.parameters(), { lr: LR, betas: [0.9, 0.95], weightDecay: 0.1 });
const schedule = cosineWithWarmup({ warmupSteps: 60, totalSteps: STEPS });
const scheduler = new LRScheduler(optimizer, schedule);
line(
  Array.from({ length: STEPS }, (_, step) => schedule(step, LR)),
  { title: "Learning rate", xTitle: "step", height: 220 },
);

// %%
const [trainRows, validationRows] = [train.inputs.shape[0], validation.inputs.shape[0]];
const rowsOf = ({ inputs, targets }: typeof train, rows: NDArray) =>
  lossOf(inputs.indexSelect(0, rows), targets.indexSelect(0, rows));

/** Mean loss over so many rows of the validation books, evenly spread. */
function validate(count: number): number {
  const every = Math.floor(validationRows / count);
  const losses: number[] = [];
  for (let row = 0; row + BATCH <= count; row += BATCH) {
    const rows = nd.arange(row, row + BATCH).mul(every);
    losses.push(noGrad(() => rowsOf(validation, rows)).item());
  }
  return losses.reduce((sum, loss) => sum + loss, 0) / losses.length;
}

// %% [markdown]
// Now it reads. This takes a minute or two on a laptop. The dots are the loss on the books that it does not train
// on. The dashed lines are our two simple players. Watch where the curve passes the unigram entropy: from there on,
// the model uses what came before.
//
// (Tired of waiting? Stop the cell with ■. The rest of the notebook runs with what was learned so far.)
//
// Every 100 steps all of it is saved: the model, the optimiser, the schedule, the luck. It goes to a folder `checkpoints`
// beside this notebook. After a restart nobody should have to train again: write `resume: true`, run the cells, and the
// training goes on where the file ends, or is simply there if it was finished.

// %%
import { clipGradNorm, trainingView } from "gradschool";

const view = trainingView({
  totalSteps: STEPS,
  title: "MiniGPT",
  tokensPerStep: BATCH * T,
  marks: { "no idea": Math.log(V), unigram: unigramLoss },
  checkpoint: {
    path: "checkpoints/gpt.safetensors",
    resume: false,
    model,
    optimizer,
    scheduler,
    generator: random,
  },
});
for (const step of view.steps()) {
  const loss = rowsOf(train, random.integers([BATCH], { low: 0, high: trainRows }));
  optimizer.zeroGrad(); // forget the last gradients
  loss.backward(); // how does each parameter move the loss?
  clipGradNorm(model.parameters(), 1);
  optimizer.step(); // downhill
  scheduler.step(); // the next learning rate
  const isTest = step % 50 === 49;
  view.step({ loss: loss.item(), "validation loss": isTest ? validate(4 * BATCH) : undefined });
}

// %% [markdown]
// ## 6. What did it learn?
//
// First the number. The model never saw the validation books, so what it gains over the unigram player comes from
// **understanding context**. $e^{\text{loss}}$ is the *perplexity*: among how many equally likely tokens is the model
// still undecided?

// %%
const trainedLoss = validate(validationRows);
const undecided = (loss: number) => `${loss.toFixed(2)} nats, undecided among ${Math.exp(loss).toFixed(0)}`;
show(
  `no idea  ${undecided(Math.log(V))}\nunigram  ${undecided(unigramLoss)}\nMiniGPT  ${undecided(trainedLoss)}`,
);
bar([Math.log(V), unigramLoss, trainedLoss], {
  labels: ["no idea", "unigram", "MiniGPT"],
  title: "Loss on books never seen: less is better",
  yTitle: "nats",
  height: 260,
});

// %% [markdown]
// Now the text. The same prompt, the same luck, before and after:

// %%
show(before, { title: "Before training" });
show(write("The old man", { temperature: 0.8, topP: 0.9 }), { title: "After training" });

// %% [markdown]
// And with the knobs turned. The likeliest token every time is dull, and often runs in circles; hot drifts off; in
// between lies something like English:

// %%
show(write("She opened the door", { topK: 1 }), { title: "topK 1: always the likeliest" });
show(write("She opened the door", { temperature: 0.8, topP: 0.9 }), { title: "temperature 0.8, topP 0.9" });
show(write("She opened the door", { temperature: 0.8, topK: 20 }), { title: "temperature 0.8, topK 20" });
show(write("She opened the door", { temperature: 1.6 }), { title: "temperature 1.6" });

// %% [markdown]
// ### Who looks at whom, after training
//
// The same sentence as before, now with the trained model. Every layer has four heads; here is the last layer.

// %%
const logits = noGrad(() => model.forward(nd.array([sentenceIds], { dtype: "int32" })));
const mapOf = (layer: number) =>
  attentionMap(model.blocks[layer].attention.weights!.data.select(0, 0), {
    tokens: sentenceTokens,
    title: `Attention after training, layer ${layer + 1}`,
  });
mapOf(LAYERS - 1);

// %% [markdown]
// The noise is gone: the heads have divided the work, and no one told them to.
//
// - Head 0 looks for *She*, and later for *she*: who is this about?
// - Head 1 holds on to the last *the*.
// - Head 2 rests on `<bos>`, where there is nothing to read. That is how a head does nothing.
//
// (If you changed anything, yours may have shared it out differently.) The first layer, `mapOf(0)`, is calmer: it takes
// the mean of what came before.
//
// ### Where is it surprised?
//
// The loss is a mean. Token by token it tells more: the pieces inside of a word are easy, the next word is hard.

// %%
const targetIds = nd.array(sentenceIds.slice(1), { dtype: "int32" });
const given = logits.data.select(0, 0).narrow(0, 0, targetIds.size).logSoftmax();
const surprise = given.gather(1, targetIds.unsqueeze(1)).squeeze(1).neg();
bar(surprise, {
  labels: sentenceTokens.slice(1),
  title: `Surprise at each token (mean ${surprise.mean().item().toFixed(2)})`,
  yTitle: "nats",
});

// %% [markdown]
// ## 7. Circles, and a cure
//
// You have seen it above: with `topK: 1`, always the likeliest, the text turns in circles. It is no accident of our small
// model, GPT-2 does it too. Once a phrase has come twice, the model has good reason to believe that this is a text in which
// it comes again, and so the third time is likelier still.
//
// Temperature helps, at the price of nonsense. A blunter remedy: **say no n tokens in a row twice.** Look at the last $n - 1$
// tokens. Wherever they stood before, the token that followed is forbidden now: its logit becomes $-\infty$.

// %% [markdown] task: forbidRepeats
// Write `forbidRepeats(logits, ids, n)`. `logits` is an array (V), a score for every token; `ids` is the list of tokens
// written so far. Return new logits in which every token has $-\infty$ that would complete a run of `n` tokens which stands
// somewhere in `ids` already.
//
// For `ids` = 1 2 3 1 2 4 1 2 and n = 3: the text ends with 1 2, and after 1 2 came 3, and then 4: tokens 3 and 4 are closed.
//
// With fewer than `n` tokens nothing is closed. With n = 1 every token that was said is closed. The array that comes in stays
// as it is (`logits.clone()`). Useful: `result.set([id], -Infinity)`.

// %% [markdown] plan: forbidRepeats
// ```text
// result ← a copy of logits
// tail   ← the last n − 1 ids
// for every place `end` from n − 1 up to the last of ids:
//   are the n − 1 ids in front of `end` the same as tail, one by one?
//     → the token at `end` gets −∞
// ```

// %% [markdown] help: forbidRepeats
// - **far too much is closed**: compare n − 1 tokens, all of them, and in order.
// - **`slice(-0)` gives everything**: for n = 1 the tail is empty; `ids.slice(ids.length - (n - 1))` is right for n = 1 too.
// - **the first or the last run is missed**: `end` goes from n − 1 to ids.length − 1, both included.

// %% exercise: forbidRepeats
const forbidRepeats = check(exercises.forbidRepeats, exercises.forbidRepeats.solution);

// %% [markdown] after: forbidRepeats
// With a table from every run of n − 1 tokens to what followed it, no search is needed:
//
// ```ts
// const followers = new Map<string, number[]>();
// for (let i = 0; i + n <= ids.length; i++) {
//   const key = ids.slice(i, i + n - 1).join();
//   followers.set(key, [...(followers.get(key) ?? []), ids[i + n - 1]]);
// }
// ```
//
// Kept from token to token, the table grows by one entry each time, and a long text costs no more per token than a short one.

// %%
function writeWithout(prompt: string, n: number, maxTokens = 60): string {
  const ids = [bos, ...tokenizer.encode(prompt)];
  for (let i = 0; i < maxTokens; i++) {
    const context = nd.array([ids.slice(-T)], { dtype: "int32" });
    const logits = noGrad(() => model.forward(context)).data.slice(0, -1);
    const next = (n === 0 ? logits : forbidRepeats(logits, ids, n)).argmax().item();
    if (next === eos) break;
    ids.push(next);
  }
  return tokenizer.decode(ids.slice(1));
}

show(writeWithout("She opened the door", 0), { title: "Always the likeliest" });
show(writeWithout("She opened the door", 3), { title: "Always the likeliest, but no three tokens twice" });

// %% [markdown]
// No circle, and still no luck involved: the same text every time. It is a plaster, not a cure: the model would still *like* to
// repeat itself. And in a poem, or in a program, some phrases have to come twice.
//
// ## 8. Faster: remember
//
// Look once more at the loop in `write`. For every new token the **whole** text goes through the model again, though nothing
// about the old tokens has changed: they never see the new one, that is what the mask is for. So their keys and values are the
// same as the last time. Keep them, and only the new token has to be computed. This is the **KV cache**; no GPT in the world
// writes without it.
//
// $$\text{without: } T \text{ tokens through every layer, } T^2 \text{ scores} \qquad\qquad \text{with: } 1 \text{ token, } T \text{ scores}$$

// %% [markdown] task: attendWithCache
// Write `attendWithCache(query, key, value, past)`: causal attention of $S$ new tokens that can also look at the $P$ tokens
// before them, whose keys and values come in `past`.
//
// - query, key (…, S, D), value (…, S, E): of the **new** tokens alone.
// - `past` is `{ key, value }` with (…, P, D) and (…, P, E), or `null` at the beginning (then P = 0).
// - New token $i$ sees all $P$ old tokens, and the new ones up to itself.
//
// Return `{ output, past }`: the output (…, S, E) of the new tokens, and the longer past, with P + S keys and values, old ones first.
//
// Useful: `concat([a, b], -2)` puts two Tensors behind each other along the axis of tokens.

// %% [markdown] plan: attendWithCache
// ```text
// keys, values ← past's and the new ones, behind each other      (..., P + S, D or E)
// scores ← query times keys, transposed, divided by √D           (..., S, P + S)
// row i may see columns 0 to P + i: close what lies beyond       (diagonal P + 1, not 1)
// output ← softmax(scores) times values
// ```

// %% [markdown] help: attendWithCache
// - **with a past, only the first columns are open**: the mask of `causalAttention` begins at diagonal 1; here the new tokens start P columns further right.
// - **`matmul: inner sizes differ`**: the weights have P + S columns, so the values must be the long ones too.
// - **wrong from the second call on**: give back the *longer* past, not the one that came in, and not the new tokens alone.

// %% exercise: attendWithCache
const attendWithCache = check(exercises.attendWithCache, exercises.attendWithCache.solution);

// %% [markdown] after: attendWithCache
// When tokens come one by one, S is 1, and the mask has nothing to close: one row, in which everything may be seen. So in the
// loop of generation no mask is needed at all:
//
// ```ts
// const weights = softmax(query.matmul(keys.transpose()).div(Math.sqrt(D))); // (..., 1, P + 1)
// ```
//
// The mask is there for the prompt, whose tokens come all at once. Many programs have two functions for this reason, called
// *prefill* and *decode*.

// %%
/** As MiniGPT.forward, but ids (B, S) are new tokens, and every block has its own place in the cache. */
function forwardCached(gpt: MiniGPT, ids: NDArray, cache: (Past | null)[]): Tensor {
  const P = cache[0]?.key.shape[2] ?? 0; // the new tokens stand behind these
  const places = nd.arange(P, P + ids.shape[1]);
  let x = gpt.tokens.forward(ids).add(gpt.positions.forward(places));
  gpt.blocks.forEach((block, i) => {
    const [q, k, v] = block.attention.split(block.norm1.forward(x));
    const { output, past } = attendWithCache(q, k, v, cache[i] ?? null);
    cache[i] = past;
    x = x.add(block.attention.join(output));
    x = x.add(block.mlp.forward(block.norm2.forward(x)));
  });
  return gpt.norm.forward(x).matmul(gpt.tokens.weight.transpose());
}

// %%
const row = (ids: number[]) => nd.array([ids], { dtype: "int32" });
const atOnce = noGrad(() => model.forward(row(sentenceIds))).data.select(0, 0);
const cache: (Past | null)[] = [];
const oneByOne = noGrad(() =>
  concat(
    sentenceIds.map((id) => forwardCached(model, row([id]), cache).select(0, 0)),
    0,
  ),
).data;
show(
  `largest difference between reading at once and token by token: ${atOnce.sub(oneByOne).abs().max().item().toExponential(1)}`,
);

// %% [markdown]
// The same numbers, up to rounding. And the time? A model of the same size, but with room for 512 tokens: how long does one more
// token take, when so many stand there already?

// %%
import { line as chart, inFull } from "gradschool";

const lengths = inFull([16, 32, 64, 128, 256, 384, 511], { short: [16, 32] });
const roomy = new MiniGPT(512);
const median = (values: number[]) => values.sort((a, b) => a - b)[Math.floor(values.length / 2)];
function milliseconds(work: () => void): number {
  work();
  const times = Array.from({ length: inFull(7, { short: 1 }) }, () => {
    const start = performance.now();
    work();
    return performance.now() - start;
  });
  return median(times);
}
const luckyIds = (count: number) => Array.from(new Generator(1).integers([count], { high: V }).flat());
const timesOf = lengths.map((length) => {
  const ids = luckyIds(length);
  const filled: (Past | null)[] = [];
  noGrad(() => forwardCached(roomy, row(ids), filled));
  return {
    without: milliseconds(() => noGrad(() => roomy.forward(row([...ids, 0])))),
    with: milliseconds(() => noGrad(() => forwardCached(roomy, row([0]), [...filled]))),
  };
});
chart(
  {
    "without a cache": timesOf.map((times) => times.without),
    "with a cache": timesOf.map((times) => times.with),
  },
  {
    x: lengths,
    title: "One more token: without a cache every token before it is paid again",
    xTitle: "tokens that stand there already",
    yTitle: "milliseconds",
    height: 300,
  },
);

// %% [markdown]
// The price of speed is memory: two vectors per token, layer and head, kept for the whole text. In a large model with a long
// text the cache is larger than the model.
//
// ## 9. Larger
//
// Would a larger model be better? Would more text? This has been measured so often that there are *laws* for it (Kaplan et al.,
// 2020; Hoffmann et al., 2022). We can see their beginning at our size. The points below took longer than a notebook may:
// they were recorded, with three seeds each.

// %%
import { recorded } from "gradschool";
import type { ScalingPoint } from "gradschool/lectures/gpt";

const scaling = recorded<ScalingPoint[]>("gpt-scaling");
show(scaling.caption);
const average = (values: number[]) => values.reduce((sum, value) => sum + value, 0) / values.length;
const texts = [...new Set(scaling.data[0].map(({ tokens }) => tokens))];
const sizes = [...new Set(scaling.data[0].map(({ parameters }) => parameters))];
const curve = (tokens: number) =>
  sizes.map((parameters) =>
    average(
      scaling.data.flatMap((seed) =>
        seed
          .filter((point) => point.tokens === tokens && point.parameters === parameters)
          .map(({ loss }) => loss),
      ),
    ),
  );
chart(
  Object.fromEntries(texts.map((tokens) => [`${Math.round(tokens / 1000)}k tokens of text`, curve(tokens)])),
  {
    x: sizes.map((parameters) => Math.log10(parameters)),
    title: "Loss on unseen books against the size of the model, for three sizes of the text",
    xTitle: "parameters without the tables, as a power of 10",
    yTitle: "nats, mean of the seeds",
    height: 320,
  },
);

// %% [markdown]
// With little text a larger model soon gains nothing: there is no more to learn from it. With all of it, the curve still falls at
// its right end. Size and data have to grow *together*; that is the lesson of the laws, and the reason why the corpora of
// today have trillions of tokens.
//
// The course brings a larger GPT, trained for longer on the whole corpus. The same prompt, the same kind of luck:

// %%
import { pretrainedGPT } from "gradschool/lectures/gpt";

const larger = pretrainedGPT();
show(write("The old man", { temperature: 0.8, topP: 0.9 }), { title: "Yours" });
const longerIds = larger.model.generate([bos, ...larger.tokenizer.encode("The old man")], {
  maxNewTokens: 60,
  temperature: 0.8,
  topP: 0.9,
  eos,
  generator: new Generator(1),
});
show(larger.tokenizer.decode(longerIds.slice(1)), { title: "The larger one, trained for longer" });

// %% [markdown]
// ## 10. One model, many tasks
//
// GPT-3's idea (Brown et al., 2020) is not a new layer. It is a way of *asking*. One model, one kind of text, and the task is
// told by the **prompt**: by an instruction (*zero-shot*), or by one or a few worked examples (*one-shot*, *few-shot*). No
// weight is changed. The model has to find out from the prompt alone what is wanted.
//
// Here is the idea at our size. The things that emoji show have names in English and Russian, a kind, and a keyword. A second
// model, with whole words as tokens, reads rows like these, half of them with the task's name in front, half without:
//
// > `[into Russian]` cat кошка ; apple яблоко ; owl
//
// > bicycle place ; bread food ; owl
//
// **Held out** is a tenth of the lines: the thing is known from other tasks, the task is known from other things, but the two
// were never seen together.

// %%
import { GPT, PROMPT_TASKS, type PromptFact, PromptWords, promptFacts } from "gradschool/lectures/gpt";

const facts = promptFacts();
const promptWords = new PromptWords(facts);
const ROW = 48;
manualSeed(3);
const many = new GPT({
  vocabSize: promptWords.words.length,
  contextLength: ROW,
  embedDim: 96,
  numHeads: 4,
  numLayers: 3,
});
show(
  `${facts.length} lines, ${facts.filter(({ isHeldOut }) => isHeldOut).length} of them held out; ${promptWords.words.length} words`,
);
const MANY_STEPS = 800;
const manyOptimizer = new AdamW(many.parameters(), { lr: 3e-3, betas: [0.9, 0.95], weightDecay: 0.05 });
const manyScheduler = new LRScheduler(
  manyOptimizer,
  cosineWithWarmup({ warmupSteps: 60, totalSteps: MANY_STEPS }),
);
const manyView = trainingView({
  totalSteps: MANY_STEPS,
  title: "One model, four tasks",
  tokensPerStep: 32 * ROW,
});
const promptLuck = new Generator(2);
for (const _ of manyView.steps()) {
  const { inputs, targets } = promptWords.rows(facts, 32, ROW, promptLuck); // targets: answers alone
  const { loss } = many.forward(inputs, { targets });
  manyOptimizer.zeroGrad();
  loss!.backward();
  clipGradNorm(many.parameters(), 1);
  manyOptimizer.step();
  manyScheduler.step();
  manyView.step({ loss: loss!.item() });
}

// %%
/** What the model says next, up to the semicolon. */
function answerTo(prompt: number[]): string {
  const ids = [...prompt.slice(-ROW)];
  const said: number[] = [];
  while (said.length < 3 && ids.length < ROW) {
    const next = noGrad(() => many.forward(row(ids)))
      .logits.data.select(0, 0)
      .slice(-1)
      .argmax()
      .item();
    if (promptWords.words[next] === ";") break;
    said.push(next);
    ids.push(next);
  }
  return promptWords.text(said);
}

const askLuck = new Generator(5);
const pickFrom = (list: readonly PromptFact[]) => list[askLuck.integers([], { high: list.length }).item()];
const shownOf = (task: string) => facts.filter((fact) => fact.task === task && !fact.isHeldOut);
const examplesFor = (question: PromptFact, count: number) =>
  Array.from({ length: count }, () => pickFrom(shownOf(question.task).filter((fact) => fact !== question)));

// %%
for (const task of PROMPT_TASKS) {
  const question = shownOf(task)[40];
  const lines = [0, 1, 3].map((count) => {
    const examples = examplesFor(question, count);
    const prompt = promptWords.prompt(examples, question, count === 0);
    return `${promptWords.text(prompt.slice(1))}  ${answerTo(prompt)}`;
  });
  show(lines.join("\n"), { title: `${task}: by name, with one example, with three` });
}

// %% [markdown]
// Now as a table, over many questions. The opponent always gives the most frequent answer of the task (and is told the task).

// %%
const ways = [
  { name: "no example, no name", count: 0, isNamed: false },
  { name: "zero-shot: the name", count: 0, isNamed: true },
  { name: "one-shot: one example", count: 1, isNamed: false },
  { name: "few-shot: four examples", count: 4, isNamed: false },
];
const QUESTIONS = inFull(60, { short: 2 });

function shareRight(task: string, isHeldOut: boolean, way: (typeof ways)[number]): number {
  const pool = facts.filter((fact) => fact.task === task && fact.isHeldOut === isHeldOut).slice(0, QUESTIONS);
  const right = pool.filter((question) => {
    const prompt = promptWords.prompt(examplesFor(question, way.count), question, way.isNamed);
    return answerTo(prompt) === question.answer.join(" ");
  });
  return (100 * right.length) / pool.length;
}

// %%
const tableOf = (isHeldOut: boolean) =>
  nd.array(ways.map((way) => PROMPT_TASKS.map((task) => shareRight(task, isHeldOut, way))));
const majority = PROMPT_TASKS.map((task) => {
  const counted = new Map<string, number>();
  for (const { answer } of shownOf(task))
    counted.set(answer.join(" "), (counted.get(answer.join(" ")) ?? 0) + 1);
  return (100 * Math.max(...counted.values())) / shownOf(task).length;
});
// %%
const [seen, held] = [tableOf(false), tableOf(true)];
for (const { values, title } of [
  { values: seen, title: "% right on lines that it has read: the examples say what is wanted" },
  { values: held, title: "% right on lines that were held out: what it can put together" },
])
  show(
    heatmap(nd.concat([values, nd.array([majority])]), {
      title,
      xLabels: PROMPT_TASKS,
      yLabels: [...ways.map(({ name }) => name), "most frequent answer"],
      xTitle: "task",
      colorscale: "blues",
      min: 0,
      max: 100,
    }),
  );

// %% [markdown]
// Read the first table from top to bottom. Without a name and without an example nobody can know what is wanted, and the model
// guesses a task. One example says it. The weights are the same in all rows: what changes is the prompt, and with it the
// behaviour. **That** is in-context learning, here in its simplest form: not a new skill, but the recognition of a task
// that was learned before.
//
// The second table is where honesty begins. A kind can be guessed from what the thing is like. A translation that was never read
// cannot be guessed from its own reverse: a model that has learned *кошка → cat* does not therefore know *cat → кошка*. Large
// models show the same hole (Berglund et al., "The Reversal Curse", 2023).
//
// Things to try here, from easy to hard:
//
// - Other genres: `readBrown({ genres: ["news"] })`. Does it change its voice?
// - `vocabSize: 300`, almost single letters. Careful: losses of different vocabularies do not compare. Why not?
// - Leave out the position embedding. How much does it cost? Why does it still work at all?
// - A cache for the prompts of part 10: `many.generate` has one. How much faster does the table come?
//
// ## What to read
//
// - Radford et al.: *Language Models are Unsupervised Multitask Learners* (2019): GPT-2, section 2.1 for what a language model
//   learns without being asked, 2.3 for the model.
// - Brown et al.: *Language Models are Few-Shot Learners* (2020): GPT-3, section 2 and figure 2.1: zero-, one- and few-shot.
// - Sennrich, Haddow, Birch: *Neural Machine Translation of Rare Words with Subword Units* (2016), section 3.2: the merges.
// - Holtzman et al.: *The Curious Case of Neural Text Degeneration* (2020), sections 3 and 4: circles, and top-p.
// - Jurafsky and Martin, *Speech and Language Processing*, 3rd edition draft, chapter 10 (large language models).
//
// [BERT](04-bert.ipynb) turned the mask around and read in both directions. Next come pictures: a [ViT](06-vit.ipynb) is this
// model's block once more, and its tokens are pieces of an image.
