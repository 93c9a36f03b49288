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
// | part | your work |
// |---|---|
// | 1. Captions | exercise 1: who sees whom |
// | 2. Visual questions | exercise 2: what an answer is worth |
// | 3. Any to any | exercises 3 and 4: a codebook, and each token to its decoder |
// | 4. Other tasks of a ViT | the exercises there |
//
// Run a cell with **Shift + Enter**. Every exercise is checked at once, and tells you what is wrong. If you leave one
// open, the notebook goes on with a reference solution: you are never stuck.

// %% [markdown]
// ### Three questions before you start
//
// <details><summary>1. A model answers "two" to "how many cars?", and is right in a third of all pictures. Is that good?</summary>
//
// It is what one gets with closed eyes, if one, two and three are equally frequent. An accuracy of a visual question means
// something only beside that of a model that was trained on the same questions and never saw a picture.
// </details>
//
// <details><summary>2. The choice of the nearest row of a table has no gradient. How can a network be trained through it?</summary>
//
// By pretending. Forward, the row is taken; backward, the gradient goes on as if nothing had been changed. It is wrong, and
// as long as the row lies near to what it replaces, it is not very wrong. You write it in part 3.
// </details>
//
// <details><summary>3. Why should one model draw and speak, when a program could call one model for each?</summary>
//
// It can, and many products do. But then only text goes from one to the other, and what cannot be said is lost on the way.
// In one model, the answer in sound can look at the patch of the picture that it is about.
// </details>

// %% [markdown]
// ## 1. Captions
//
// What is on a picture, in a sentence? A GPT can write sentences. All it needs is to know the picture, and what a GPT knows is
// what stands **in front of** the word that it says next. So we put the picture there.
//
// We use the composed scenes of lecture 07, because about them everything is known. To keep this lecture's trainings short, only four
// kinds of things come: cars, fruits, animals and shapes.

// %%
import { Generator, imageGrid, nd, readScenes, sceneCaption, show } from "gradschool";
import { keptDialogues, pixelsOf } from "gradschool/lectures/beyond";

const scenes = await readScenes();
const talks = keptDialogues(scenes, 6, 12);
imageGrid(pixelsOf(talks.scenes), {
  columns: 3,
  scale: 7,
  labels: talks.scenes.map((scene) => sceneCaption(scene, { light: true })),
  title: "Six scenes, and what is to be said of them",
});

// %% [markdown]
// **Which scenes are the test?** One in seven combinations of number, colour and thing (*two red buses*, *three pandas*) never
// comes in training, in no picture and in no sentence. The six above have one each. Training shows buses, red things and pairs, but no two
// red buses: who describes them has not learned the answer by heart, but put it together.
//
// ### A picture as a prefix
//
// A ViT cuts a picture into patches, and makes a vector of each with one matrix. A GPT makes a vector of each word with a table. Both
// have $C$ numbers. Put them in one row, and attention does the rest:
//
// $$x = [\,\underbrace{W p_1,\; \ldots,\; W p_{16}}_{\text{patches}},\;\underbrace{e_{w_1},\; e_{w_2},\; \ldots}_{\text{words}}\,] + \text{positions}$$

// %%
import { concat, Embedding, Linear, tensor } from "gradschool";

const C = 96;
const picture = talks.scenes[0].pixels; // (3, 32, 32)
const patches = picture.reshape([3, 4, 8, 4, 8]).permute([1, 3, 0, 2, 4]).reshape([16, 3, 8, 8]);
const patchVectors = new Linear(3 * 8 * 8, C).forward(tensor(patches.reshape([1, 16, 192])));
const wordVectors = new Embedding(100, C).forward(nd.array([[7, 3, 52]], { dtype: "int32" }));
show(concat([patchVectors, wordVectors], 1).shape, { title: "16 patches and 3 words in one row: (B, T, C)" });
imageGrid(patches, { columns: 4, scale: 7, title: "What the model is given of the first picture" });

// %% [markdown]
// Who may look at whom? Words must not see words that come after them: those are the answers. But no patch is ever predicted. There is
// nothing to hide, and the upper left patch should know what stands in the lower right one. So **pictures see each other, and text looks
// back.**

// %%
import { check, type NDArray, type Tensor } from "gradschool";
import {
  exercises,
  type Quantized,
  type Reply,
  type Scores,
  type Segment,
  type Sizes,
} from "gradschool/lectures/beyond";

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

const fourThenThree = nd.array([[1, 1, 1, 1, 0, 0, 0]], { dtype: "int32" });
heatmap(prefixMask(fourThenThree).select(0, 0).to("float32"), {
  title: "Four patches see each other, three words look back",
  xTitle: "looked at",
  yTitle: "who looks",
  colorscale: "blues",
});

// %% [markdown]
// `Seer` in `gradschool/lectures/beyond` is this row, this mask, and three blocks of a transformer, with one change: in place of the one
// matrix for each patch stand four small convolutions. They give the same grid of 4 × 4 vectors. A ViT's patches must learn from
// examples that neighbours belong together; convolutions have it built in, and we have two minutes, not two weeks (Xiao et al., 2021,
// found the same at full size).
//
// ### Eyes first
//
// We tried to train all of it at once, from sentences alone. After 1,200 steps the model told the time of day without a mistake and named
// most colours, but it could neither count nor tell a taxi from a bus: a sentence says *what* is there, and the eyes have to find out by
// themselves *where*. Flamingo and LLaVA do not try it either: their image encoders have learned to see before, CLIP's way.
// So ours first learns, alone, to say of every cell which thing has its middle there, and of what colour.

// %%
import { inFull, summary, trainingView } from "gradschool";
import { eyesTraining, seerTraining } from "gradschool/lectures/beyond";

const EYES_STEPS = 1000;
const eyes = eyesTraining({ source: scenes, steps: EYES_STEPS, seed: 1 });
const eyesView = trainingView({ totalSteps: EYES_STEPS, title: "Eyes alone: what lies in which cell?" });
for (const _ of eyesView.steps()) {
  const { loss, right } = eyes.step();
  eyesView.step({ loss, "things named rightly": right });
}

// %% [markdown]
// Then the words. The loss is that of every GPT, on the words of the answers alone: what is asked, and the patches, have the target
// −100, which counts for nothing. The eyes go on learning.

// %%
const STEPS = 700;
const seeing = seerTraining({ source: scenes, steps: STEPS, seed: 1, eyes: eyes.eyes });
summary(seeing.model);

// %%
const seeingView = trainingView({
  totalSteps: STEPS,
  title: "It learns to describe scenes, and to answer questions about them",
  marks: { "no idea": Math.log(seeing.words.size) },
});
for (const _ of seeingView.steps()) seeingView.step({ loss: seeing.step() });

// %% [markdown]
// Every step draws 32 fresh scenes; no picture comes twice. Now the test: scenes with combinations that it has never seen. ✓ is an
// answer that is right to the last word.

// %%
import { interview } from "gradschool/lectures/beyond";

const kept = keptDialogues(scenes, inFull(400, { short: 12 }));
const replies = interview(seeing.model, seeing.words, kept);
const captioned = [...kept.dialogues.keys()]
  .filter((i) => kept.dialogues[i][0].kind === "caption")
  .slice(0, 6);
const captions = replies.filter(({ kind }) => kind === "caption").slice(0, 6);
imageGrid(pixelsOf(captioned.map((i) => kept.scenes[i])), {
  columns: 3,
  scale: 7,
  labels: captions.map(({ said, answer }) => `${said === answer ? "✓" : "✗"} ${said}`),
  title: "Scenes of the test, and what the model says",
});

// %% [markdown]
// Where does it look while it speaks? The attention of the last layer, mean of the heads, from the place where each word is chosen to
// the 16 patches:

// %%
import { heatmaps, noGrad } from "gradschool";

const attentions: Tensor[] = [];
const about = captioned[0] ?? 0;
const spoken = captions[0]?.said.split(" ").slice(0, 6) ?? [];
const ids = [...seeing.words.prompt("describe"), ...seeing.words.encode(spoken.join(" "))];
seeing.model.evaluating(() =>
  noGrad(() =>
    seeing.model.forward(pixelsOf([kept.scenes[about]]), nd.array([ids], { dtype: "int32" }), { attentions }),
  ),
);
const last = attentions.at(-1)!.data.mean(1).select(0, 0); // (T, T)
const looks = spoken.map(
  (word, i) => [`${i + 1}. ${word}`, last.slice(16 + 2 + i, ":16").reshape([4, 4])] as const,
);
imageGrid(kept.scenes[about].pixels.unsqueeze(0), { scale: 5, title: "The picture" }).show();
if (looks.length > 0)
  heatmaps(Object.fromEntries(looks), { title: "Where it looks as it says each word" }).show();

// %% [markdown]
// ## 2. Visual questions
//
// A caption is one answer to one question. Ask others, and the model has to look where the question points. It was trained on these,
// too: *how many cars are in this picture?*, *what kind of car is it?*, *what time of day is it?*, and on a second question that says
// *they* or *it* about the things of the first.

// %%
const [withCars] = [...kept.scenes].sort((a, b) => carsOf(b) - carsOf(a));
function carsOf({ groups }: (typeof kept.scenes)[number]): number {
  return groups.find(({ kind }) => kind === "car")?.count ?? 0;
}
const theyAre = carsOf(withCars) > 1 ? "are they" : "is it";

/** Put questions one after another; the model sees what it was asked and said before. */
function talk(scene: (typeof kept.scenes)[number], questions: string[]): string {
  const context: number[] = [];
  const lines = questions.map((question) => {
    context.push(...seeing.words.prompt(question));
    const [said] = seeing.model.answer(pixelsOf([scene]), [context], seeing.words.id("<end>"));
    context.push(...said.slice(0, 8), seeing.words.id("<end>"));
    return `${question.padEnd(44)} ${seeing.words.decode(said)}`;
  });
  return lines.join("\n");
}

// %%
imageGrid(withCars.pixels.unsqueeze(0), { scale: 7, title: "A scene of the test" }).show();
show(talk(withCars, ["how many cars are in this picture ?", `what kind of car ${theyAre} ?`]), {
  title: "Two turns",
});
show(talk(withCars, ["how many cars are in this picture ?", `which ${theyAre} ?`]), {
  title: "The second question does not say what it is about",
});
show(talk(withCars, ["what time of day is it ?"]), { title: "From the light" });

// %% [markdown]
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
const parrot: Reply[] = ["two", "one", "two", "three", "two"].map((answer) => ({
  kind: "how many",
  answer,
  said: "two",
}));
const parrotScores: Scores = rightByKind(parrot);
show(parrotScores.byKind, { title: "Who always says two" });

// %% [markdown]
// Two opponents. One always says what was most frequent in training. The other is trained like our model, on the same questions and
// answers, but is **blind**: no patches stand in front of its words.

// %%
import { majorityAnswers } from "gradschool/lectures/beyond";

const BLIND_STEPS = 400;
const blindSeer = seerTraining({ source: scenes, steps: BLIND_STEPS, seed: 1, model: { eyes: "none" } });
const blindView = trainingView({ totalSteps: BLIND_STEPS, title: "The same questions, without the picture" });
for (const _ of blindView.steps()) blindView.step({ loss: blindSeer.step() });

// %%
import { bar, prose, result } from "gradschool";
import { TALK_KINDS } from "gradschool/lectures/beyond";

const majority = majorityAnswers(scenes);
const judged = {
  "sees the picture": rightByKind(replies),
  blind: rightByKind(interview(blindSeer.model, blindSeer.words, kept)),
  "most frequent answer": rightByKind(replies.map((one) => ({ ...one, said: majority.get(one.kind) ?? "" }))),
};
bar(
  Object.fromEntries(
    Object.entries(judged).map(([name, { byKind }]) => [name, TALK_KINDS.map((kind) => byKind[kind] ?? 0)]),
  ),
  {
    labels: TALK_KINDS,
    title: "Right to the last word, on combinations that never came in training",
    yTitle: "share of the questions",
    height: 320,
  },
).show();
for (const [name, { mean }] of Object.entries(judged)) result(`exact match, ${name}`, mean);

// %% [markdown]
// What is a difference worth? With $n$ questions, an accuracy $p$ is known to about $\sqrt{p(1 - p)/n}$, and a difference of two to
// the root of the sum of the squares. We ask for twice that.

// %%
/** Whether `p` of `n` beats `q` of `n` by more than twice the spread of their difference. */
const beats = (p: number, q: number, n: number) =>
  p - q > 2 * Math.sqrt((p * (1 - p) + q * (1 - q)) / Math.max(1, n));
const asked = TALK_KINDS.filter((kind) => replies.some((one) => one.kind === kind));
const isWon = (kind: (typeof asked)[number]) => {
  const n = replies.filter((one) => one.kind === kind).length;
  const rivals = [judged.blind, judged["most frequent answer"]];
  return rivals.every(({ byKind }) => beats(judged["sees the picture"].byKind[kind], byKind[kind] ?? 0, n));
};
const listed = (kinds: readonly string[]) =>
  kinds.length > 0 ? kinds.map((kind) => `*${kind}*`).join(", ") : "none";
prose`It beats both opponents by more than twice the spread at: ${listed(asked.filter(isWon))}. Not so at:
${listed(asked.filter((kind) => !isWon(kind)))}.`;

// %% [markdown]
// A caption is right only if number, colour, thing, place and light are all right, twice over: it is the hardest of them, and the first
// to fail where training was short. The light is one look at the sky. A count needs all cells at once.

// %% [markdown]
// ### With other seeds, and with other eyes
//
// One training may be luck, so the same was recorded with three seeds. And must it be convolutions that have learned to see first? In
// the first seed other eyes had their turn, the same number of steps long: patches that begin with nothing, and the ViT of lecture 06, which
// knows large drawings.

// %%
import { recorded } from "gradschool";
import { type SeeingResult, WAYS_TO_SEE } from "gradschool/lectures/beyond";

const seeingRun = recorded<SeeingResult[]>("beyond-seeing");
show(seeingRun.caption);
/** Over the seeds that have such eyes: of one kind of question, or the mean of all kinds. */
const scoresOf = (eyes: SeeingResult["eyes"], kind?: (typeof TALK_KINDS)[number]) =>
  seeingRun.data
    .flatMap((run) => run.filter((one) => one.eyes === eyes))
    .map((one) => (kind ? (one.byKind[kind] ?? 0) : one.mean));
const meanOf = (values: readonly number[]) =>
  values.reduce((sum, value) => sum + value, 0) / Math.max(1, values.length);
/** Sample standard deviation; 0 of one value alone. */
const spreadOf = (values: readonly number[]) =>
  Math.sqrt(
    values.reduce((sum, value) => sum + (value - meanOf(values)) ** 2, 0) / Math.max(1, values.length - 1),
  );
const inPercent = (shares: readonly number[]) =>
  shares.length > 1
    ? `${(100 * meanOf(shares)).toFixed(0)} ± ${(100 * spreadOf(shares)).toFixed(0)}`
    : (100 * meanOf(shares)).toFixed(0);
const seeingTable = [
  `| exact match, % | mean | ${TALK_KINDS.join(" | ")} |`,
  `|---|---|${TALK_KINDS.map(() => "---|").join("")}`,
  ...WAYS_TO_SEE.map((eyes) => {
    const cells = [undefined, ...TALK_KINDS].map((kind) => inPercent(scoresOf(eyes, kind)));
    return `| ${eyes} | ${cells.join(" | ")} |`;
  }),
].join("\n");
prose`${seeingTable}`;

// %%
/** Whether shares over seeds are ahead of others by twice the spread of the difference. */
const isAhead = (mine: readonly number[], others: readonly number[]) =>
  meanOf(mine) - meanOf(others) > 2 * Math.hypot(spreadOf(mine), spreadOf(others));
const [sighted, unsighted, usual] = (
  ["convolutions, trained first", "nothing: blind", "nothing: most frequent answer"] as const
).map((eyes) => (kind: (typeof TALK_KINDS)[number]) => scoresOf(eyes, kind));
const isWonAlways = (kind: (typeof TALK_KINDS)[number]) =>
  isAhead(sighted(kind), unsighted(kind)) && isAhead(sighted(kind), usual(kind));
prose`Over the seeds it is ahead of both opponents, by more than twice the spread, at: ${listed(TALK_KINDS.filter(isWonAlways))}. Not so at:
${listed(TALK_KINDS.filter((kind) => !isWonAlways(kind)))}.`;

// %% [markdown]
// ## 3. Any to any
//
// Our model reads pictures, but answers in words alone. What would it take to **draw**? A GPT says tokens. So pictures must become
// tokens, and tokens pictures. And what works for pictures works for sound. That is the plan of NExT-GPT (Wu et al., 2023): encoders on
// one side, decoders on the other, one language model in between.
//
// ```text
// words   ─────────────────────┐                                  ┌──▶ words
// picture ──▶ encoder ──▶ codes ┼──▶ one transformer ──▶ tokens ──┼──▶ codes ──▶ decoder ──▶ picture
// sound   ──▶ encoder ──▶ codes ┘                        (route)  └──▶ codes ──▶ decoder ──▶ sound
// ```
//
// ### Seven things that can be seen and heard
//
// Our world is small: seven things, large or small, in four lights; and each makes its own noise, as games of the eighties had
// them. No two noises are the same. Play some:

// %%
import { audio, SOUND_RATE } from "gradschool";
import { captionOf, EXHIBITS, openGallery, playAll } from "gradschool/lectures/beyond";

const gallery = await openGallery();
const oneEach = EXHIBITS.filter((_, i) => i % 8 === (3 * Math.floor(i / 8)) % 8);
imageGrid(gallery.drawAll(oneEach, new Generator(1)), {
  columns: 4,
  scale: 5,
  labels: oneEach.map(captionOf),
  title: "Seven of the 56 exhibits",
}).show();
audio(playAll(oneEach, new Generator(2)), {
  sampleRate: SOUND_RATE,
  labels: oneEach.map(captionOf),
  title: "What they sound like (the size and the light cannot be heard)",
});

// %% [markdown]
// A sound is 6,144 numbers, far too many tokens. But the ear hears *how loud which frequency is, and when*: that is a **spectrogram**.
// Time runs to the right here, a column every 15 ms. The way back from it to a sound has to guess the phases; it is done in thirty rounds (Griffin
// and Lim, 1984), and you can hear what is lost: not much.

// %%
import { fromSpectrogram, spectrogram } from "gradschool/lectures/beyond";

const original = playAll([{ sound: "jump" }], new Generator(3));
const spectra = spectrogram(original);
heatmap(spectra.select(0, 0).narrow(1, 0, 64).transpose(), {
  title: "A frog jumps: its tone rises",
  xTitle: "moment (15 ms each)",
  yTitle: "frequency (34 Hz each)",
}).show();
audio(concat([tensor(original), tensor(fromSpectrogram(spectra, new Generator(4)))], 0), {
  sampleRate: SOUND_RATE,
  labels: ["the sound", "there and back through the spectrogram"],
});

// %% [markdown]
// ### Codes
//
// An encoder turns a picture into 16 vectors, a grid of 4 × 4, and a decoder turns 16 vectors into a picture. To make tokens of the
// vectors, keep a **codebook**, a table of $K$ vectors, and replace each vector by the row that is nearest. What is left of a picture is
// then 16 numbers of rows. This is a VQ-VAE, a *vector-quantized autoencoder* (van den Oord et al., 2017).
//
// The choice of a row has no gradient. Forward, we take the row; backward, we act as if we had not. The rows themselves learn from a loss
// of their own, that draws each to the vectors that chose it, and the vectors to their rows.

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
import { scatter } from "gradschool";

const cloud = new Generator(2).normal([300, 2]);
const nine = tensor(new Generator(5).normal([9, 2]));
const nearest: Quantized = quantize(tensor(cloud), nine);
const columns = (points: NDArray) => ({ x: points.select(1, 0), y: points.select(1, 1) });
scatter(
  { vectors: columns(cloud), "their codes": columns(nearest.quantized.data) },
  {
    title: "300 vectors, and the nine rows of a codebook that stand for them",
    xTitle: "first number",
    yTitle: "second number",
  },
);

// %% [markdown]
// Two such autoencoders, one for pictures (192 rows), one for sounds (96 rows; 24 codes for each sound, two moments of the spectrogram
// each). A third of the time they train without the codebook; then it is laid between, made of vectors that came. Rows that nobody
// chooses begin anew.

// %%
import { manualSeed } from "gradschool";
import { codecTraining, PictureCodec, SHOWN, SoundCodec } from "gradschool/lectures/beyond";

manualSeed(1);
const codecLuck = new Generator(1);
const CODEC_STEPS = 300;
const pictureTraining = codecTraining(new PictureCodec(192), { steps: CODEC_STEPS });
const pictureView = trainingView({ totalSteps: CODEC_STEPS, title: "Pictures to 16 codes, and back" });
for (const _ of pictureView.steps()) {
  const some = Array.from(codecLuck.integers([32], { high: SHOWN.length }).flat(), (i) => SHOWN[i]);
  pictureView.step({ loss: pictureTraining.step(gallery.drawAll(some, codecLuck)) });
}
const soundTraining = codecTraining(new SoundCodec(96), { steps: CODEC_STEPS });
const manySounds = playAll(Array.from({ length: inFull(60, { short: 2 }) }, () => oneEach).flat(), codecLuck);
const soundView = trainingView({ totalSteps: CODEC_STEPS, title: "Sounds to 24 codes, and back" });
for (const _ of soundView.steps()) {
  const some = codecLuck.integers([32], { high: manySounds.shape[0] });
  soundView.step({ loss: soundTraining.step(manySounds.indexSelect(0, some)) });
}
const [pictures, sounds] = [pictureTraining.codec, soundTraining.codec];

// %%
import { KEPT } from "gradschool/lectures/beyond";

const seen = gallery.drawAll(KEPT.slice(0, 8), new Generator(6));
const seenCodes = pictures.encode(seen).toArray() as number[][];
imageGrid(nd.concat([seen, pictures.decode(seenCodes)]), {
  columns: 8,
  scale: 3,
  title: "Above: exhibits that no training shows. Below: what 16 codes keep of each",
}).show();
const heard = playAll(oneEach, new Generator(7));
const heardCodes = sounds.encode(heard).toArray() as number[][];
show(`picture: ${seenCodes[0].join(" ")}\nsound:   ${heardCodes[0].join(" ")}`, {
  title: "A picture and a sound, as the transformer will see them",
});
audio(nd.concat([heard.narrow(0, 0, 3), sounds.decode(heardCodes.slice(0, 3), new Generator(8))]), {
  sampleRate: SOUND_RATE,
  labels: [
    ...oneEach.slice(0, 3).map(({ sound }) => sound),
    ...oneEach.slice(0, 3).map(({ sound }) => `${sound}, from 24 codes`),
  ],
  title: "What 24 codes keep of a sound",
});

// %% [markdown]
// ### One vocabulary
//
// Now all is tokens. The vocabulary is the words, then 192 codes of pictures, then 96 codes of sounds. A dialogue is one row:
//
// > `<ask>` ♪♪♪♪ … *what do you hear* `<say>` *a frog* `<end>` `<ask>` *visualize it small at night* `<say>` ▦▦▦▦ … `<end>`
//
// The model itself is the GPT of lecture 05, without any change. Only the other end is new: what it says has to be cut where the modality
// changes, and each piece sent to its decoder.

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
import { AnyWords, anyDialogue, anyTraining, encodeAll } from "gradschool/lectures/beyond";

const anyWords = new AnyWords(192, 96);
const parts = { gallery, pictures, sounds };
const library = encodeAll(SHOWN, inFull(12, { short: 1 }), { ...parts, seed: 1 });
const sample = anyWords.rows([anyDialogue(library[5], new Generator(3))], 104).inputs.flatten();
const shares: Sizes = anyWords.sizes;
const inWords = ({ modality, codes }: Segment) =>
  modality === "text" ? anyWords.text.decode(codes) : `${modality} ${codes.join(" ")}`;
show(routeTokens(Array.from(sample.flat()), shares).map(inWords).join("\n"), {
  title: "A dialogue of training: three turns about one thing",
});

// %%
const ANY_STEPS = 400;
const talker = anyTraining(library, anyWords, { steps: ANY_STEPS, seed: 1 });
const anyView = trainingView({
  totalSteps: ANY_STEPS,
  title: "One GPT for text, pictures and sound",
  marks: { "no idea": Math.log(anyWords.size) },
});
for (const _ of anyView.steps()) anyView.step({ loss: talker.step() });

// %% [markdown]
// Now talk to it. Each answer comes in the modality that was asked for, and the next question builds on it. *A small frog at night* and the
// like were never in training in any picture: two of every thing's eight combinations are kept.
//
// A judge that has learned nothing says beside each picture and sound what it takes it for, so that nobody sees a frog only because he asked for one.

// %%
import { judgeOf, nameOf, type Part, reply, whole } from "gradschool/lectures/beyond";

const judge = judgeOf(gallery);

/** A dialogue: every answer is shown, drawn or played. */
function dialogue(questions: Part[][]): void {
  const luckOf = new Generator(1);
  const context: number[] = [];
  const { words } = talker;
  for (const asked of questions) {
    show(asked.map((part) => (typeof part === "string" ? part : "picture" in part ? "▦" : "♪")).join(" "), {
      title: "You",
    });
    for (const part of asked) if (typeof part !== "string") present(part, "given");
    context.push(...words.prompt(asked));
    const { ids: said, segments } = reply(talker, context, routeTokens, luckOf);
    context.push(...said);
    for (const { modality, codes } of segments) {
      if (modality === "text") show(words.text.decode(codes), { title: "Model" });
      else present(modality === "picture" ? { picture: codes } : { sound: codes }, "Model");
    }
  }

  /** Draw or play codes, and tell what the judge takes it for. */
  function present(part: Exclude<Part, string>, who: string): void {
    if ("picture" in part) {
      const drawn = pictures.decode([whole(part.picture, 16)]);
      imageGrid(drawn, {
        scale: 5,
        title: who,
        labels: [`the judge sees ${captionOf(judge.see(drawn.select(0, 0)))}`],
      }).show();
    } else {
      const played = sounds.decode([whole(part.sound, 24)], luckOf);
      audio(played, {
        sampleRate: SOUND_RATE,
        title: who,
        labels: [`the judge hears a ${nameOf({ sound: judge.hear(played.select(0, 0)) })}`],
      }).show();
    }
  }
}

const unseenFrog = KEPT.find(({ sound }) => sound === "jump")!;
dialogue([[`draw ${captionOf(unseenFrog)}`], ["how does it sound"], ["what is this"]]);

// %%
const newBang = playAll([{ sound: "explosion" }], new Generator(99));
const asIt = KEPT.find(({ sound }) => sound === "explosion")!;
// A sound that was never heard in training.
const [bangCodes] = sounds.encode(newBang).toArray() as number[][];
dialogue([
  [{ sound: bangCodes }, "what do you hear"],
  [`visualize it ${asIt.size} ${asIt.light}`],
  ["how does it sound"],
]);

// %% [markdown]
// ### Does it listen?
//
// Six ways lead from one modality to another. A judge that has learned nothing says what came: for a picture, which of all 56 exhibits,
// drawn at 9 places, has the most similar pixels; for a sound, what most of the five most similar real sounds are. The judge's ear is not
// perfect: we ask it about real sounds, too.
//
// And the opponent? The same answers, held against what **others** had asked for: so good is a model that answers in the right form, but
// has not listened.

// %%
import { leftByCodecs, scoreWays } from "gradschool/lectures/beyond";

const test = inFull(14, { short: 2 });
const testLibrary = encodeAll(KEPT.slice(0, test), inFull(2, { short: 1 }), { ...parts, seed: 50 });
const decoders = { pictures, sounds, judge };
const ways = scoreWays(testLibrary, { talker, ...decoders });
bar(
  {
    "what was asked for": ways.map(({ right }) => right),
    "held against others' questions": ways.map(({ deaf }) => deaf),
  },
  {
    labels: ways.map(({ way }) => way),
    title: "Right answers on combinations and sounds that never came in training",
    yTitle: "share",
    height: 320,
  },
).show();
for (const { way, right } of ways) result(`any to any, ${way}`, right);
const ear = judge.hearsRight(inFull(20, { short: 1 }));
result("the judge, on real sounds", ear);

// %%
const isBetter = ({ right, deaf }: (typeof ways)[number]) => beats(right, deaf, testLibrary.length);
prose`The judge hears ${(100 * ear).toFixed(0)} % of real, new sounds right; chance is ${(100 / 7).toFixed(0)} %. A picture is right only if
thing, size and light are, one of ${EXHIBITS.length}. By more than twice the spread the model beats who has not listened at:
${listed(ways.filter(isBetter).map(({ way }) => way))}. Not so at: ${listed(ways.filter((one) => !isBetter(one)).map(({ way }) => way))}.`;

// %% [markdown]
// ### Why not more?
//
// Two suspects can be questioned. **The codecs**: what they lose nobody can draw or play, so we ask the judge about pictures and sounds that
// only went through codes and back. And **learning by heart**: we ask about exhibits that training did show, drawn and played anew. If
// the model does well there, the words, the codes and the way between them are learned; what fails is to put a known thing into a light in which
// it never stood.

// %%
const knownLibrary = encodeAll(SHOWN.filter((_, i) => i % 3 === 0).slice(0, test), inFull(2, { short: 1 }), {
  ...parts,
  seed: 51,
});
const knownWays = scoreWays(knownLibrary, { talker, ...decoders });
const left = leftByCodecs(testLibrary, decoders);
const mostOf = (way: string) =>
  way.endsWith("picture") ? left.picture : way.endsWith("sound") ? left.sound : 1;
bar(
  {
    "never shown": ways.map(({ right }) => right),
    "shown in training": knownWays.map(({ right }) => right),
    "what the codecs leave": ways.map(({ way }) => mostOf(way)),
  },
  {
    labels: ways.map(({ way }) => way),
    title: "Where it is lost: combinations never shown, combinations shown, and the most that codes allow",
    yTitle: "share",
    height: 320,
  },
);

// %%
const byHeart = ways.filter((one, i) => beats(knownWays[i].right, one.right, testLibrary.length));
const isLeft = ({ way, right }: (typeof ways)[number]) => beats(mostOf(way), right, testLibrary.length);
const stood = Array.from({ length: 16 }, (_, place) => new Set(library.map(({ picture }) => picture[place])));
/** How many of the codes of pictures never stood at their place in training, in percent. */
const newCodes = (some: typeof library) =>
  (100 * some.flatMap(({ picture }) => picture.filter((code, place) => !stood[place].has(code))).length) /
  (16 * some.length);
prose`After a way through its codec the judge knows ${(100 * left.picture).toFixed(0)} % of these pictures again, and ${(100 * left.sound).toFixed(0)} %
of these sounds: no model that writes these codes can be expected to do better. Learned by heart, which is to say better on what training showed
than on what it did not, by more than twice the spread: ${listed(byHeart.map(({ way }) => way))}. Even on what training showed, further than
that below what the codecs leave: ${listed(knownWays.filter(isLeft).map(({ way }) => way))}. Of the codes of pictures never shown
${newCodes(testLibrary).toFixed(0)} % never stood at their place in training, of those shown ${newCodes(knownLibrary).toFixed(0)} %.`;

// %% [markdown]
// By heart is no wonder. Of each thing training shows six combinations of size and light, and a code is a number like any other: that the
// code of a dark frog and that of a light one have something in common, nothing but more combinations could tell the model. CLIP and GPT see
// millions of them.
//
// In sounds there is another trap. A noise is never twice the same, so the likeliest next code is mostly *the same again*, and who always
// takes the likeliest goes round in circles. That is why sounds are drawn by lot, from the four likeliest codes. Look at both:

// %%
const played = (topK: number) =>
  reply(talker, anyWords.prompt(["play a frog"]), routeTokens, new Generator(1), topK)
    .segments.map(inWords)
    .join("\n");
show(`the likeliest, always\n  ${played(1)}\none of the four likeliest\n  ${played(4)}`, {
  title: "Codes of a frog's noise, as the model writes them",
});

// %% [markdown]
// ## 4. Other tasks of a ViT
//
// A ViT that names a picture reads its answer off one vector, the class token, and throws the others away. But every patch has
// a vector of its own, and it knows where it stands. Two tasks need exactly that:
//
// - **segmentation**: which class is every pixel?
// - **detection**: which things are there, and where does each begin and end?
//
// We give both to scenes of our own, because there every pixel and every box is known. Six pairs of kinds are never drawn
// together in training. They are kept for the test: a model that knows things, and not scenes, should not mind.

// %%
import { line } from "gradschool";
import { boxPicture, denseScenes, maskPicture } from "gradschool/lectures/beyond";

const sceneSource = await readScenes();
const sceneKinds = sceneSource.kinds;
const maskClasses = sceneKinds.length + 1; // background is class 0
const TESTS = inFull(300, { short: 12 });
const newScenes = denseScenes(sceneSource, TESTS, { seed: 99 });
const newPairs = denseScenes(sceneSource, TESTS, { seed: 98, heldOut: true });

const sight = (images: NDArray, i: number) => images.select(0, i).add(1).div(2); // −1 … 1 → 0 … 1
const sixScenes = [0, 1, 2, 3, 4, 5];
imageGrid(
  [
    ...sixScenes.map((i) => boxPicture(sight(newScenes.images, i), newScenes.objects[i])),
    ...sixScenes.map((i) => boxPicture(maskPicture(newScenes.masks.select(0, i)), newScenes.objects[i])),
  ],
  {
    title: "Above: the picture and its boxes. Below: the mask, one colour for each kind",
    columns: 6,
    scale: 1,
  },
).show();
/** A colour in a frame of background, so that white can be seen on white. */
function swatch(k: number): NDArray {
  const mask = nd.zeros([8, 8], { dtype: "int32" });
  mask.slice("1:7", "1:7").fill(k);
  return maskPicture(mask);
}
imageGrid(
  ["background", ...sceneKinds].map((_, k) => swatch(k)),
  {
    title: "The colours of the kinds, here and below",
    labels: ["background", ...sceneKinds],
    columns: maskClasses,
    scale: 8,
  },
);

// %% [markdown]
// ### What is a good mask?
//
// Most pixels are background. Who says *background* everywhere is right in four of five pixels, and has understood nothing. So
// one asks class by class: of the pixels that are of it **or** are called so, how many are **both**?
//
// $$\text{IoU}_k = \frac{|\text{is } k \;\cap\; \text{said } k|}{|\text{is } k \;\cup\; \text{said } k|} \qquad
// \text{mIoU} = \frac{1}{K} \sum_k \text{IoU}_k$$
//
// Missing a pixel costs, and so does calling one wrongly. And a rare class counts as much as background.

// %% [markdown] task: segmentationIou
// Write `segmentationIou(answers, targets, classes)`: the mean IoU, a number. `answers` and `targets` are whole numbers from 0 to
// `classes` − 1, of one shape, (B, H, W) as a rule.
//
// - Count over **all pictures together**, then divide.
// - A class that neither occurs nor is said is left out of the mean.
//
// Useful: `a.eq(k)`, `a.logicalAnd(b)`, `a.logicalOr(b)`, `a.sum().item()`.

// %% [markdown] plan: segmentationIou
// ```text
// for every class k:
//   said   ← where answers equal k
//   is     ← where targets equal k
//   either ← how many places are said or is
//   if either > 0: keep (how many are both) / either
// the mean of what was kept
// ```

// %% [markdown] help: segmentationIou
// - **NaN comes out**: a class that is nowhere gives 0 / 0. Leave it out.
// - **too high**: the union is what is said *or* is. Dividing by the pixels of the class alone forgets false alarms.
// - **too low in a batch**: the mean of every picture's mIoU is another number. Put all pixels together first.

// %% exercise: segmentationIou
const segmentationIou = check(exercises.segmentationIou, exercises.segmentationIou.solution);

// %% [markdown] after: segmentationIou
// Another way goes through the table of confusions, (K, K): row k, column j counts pixels of class k that were called j. Its
// diagonal holds the intersections, and a row's sum plus a column's sum less the diagonal are the unions:
//
// ```ts
// const both = table.diagonal();
// const iou = both.div(table.sum(0).add(table.sum(1)).sub(both));
// ```
//
// The table can be filled picture by picture, so no one has to keep all answers in memory.

// %% [markdown]
// Two answers to beat, neither of which looks at shapes. One says *background* everywhere. The other looks at **one pixel** at a
// time: it has counted, in a thousand pictures, which class each of 512 colours belongs to most often.

// %%
const countedScenes = denseScenes(sceneSource, inFull(1000, { short: 20 }), { seed: 1 });
/** Each pixel's colour as one of 8 · 8 · 8: (B, 3, H, W) → (B, H, W). */
function colourOf(images: NDArray) {
  const steps = images.add(1).mul(3.999).floor().to("int32"); // 0 … 7
  const [r, g, b] = [0, 1, 2].map((channel) => steps.select(1, channel));
  return r.mul(64).add(g.mul(8)).add(b);
}
const seenAs = colourOf(countedScenes.images).mul(maskClasses).add(countedScenes.masks).flatten();
const colourCounts = nd
  .zeros([512 * maskClasses])
  .scatterAdd(0, seenAs, nd.ones([seenAs.size]))
  .reshape([512, maskClasses]);
const likeliest = colourCounts.argmax(1);
const byColour = (images: NDArray) =>
  likeliest.indexSelect(0, colourOf(images).flatten()).reshape([TESTS, 32, 32]);

const allBackground = nd.zeros([TESTS, 32, 32], { dtype: "int32" });
prose`On pairs of kinds that were never drawn together: background everywhere **${segmentationIou(allBackground, newPairs.masks, maskClasses)}** mIoU, colour alone **${segmentationIou(byColour(newPairs.images), newPairs.masks, maskClasses)}**.`;

// %% [markdown]
// ### Patches as pixels: two heads
//
// **SETR** does the plainest thing: one linear layer turns every patch's vector into K scores. With patches of 4 × 4 pixels that
// is a map of 8 × 8 places, which is enlarged to 32 × 32 (bilinear: between two patches the scores go over into each other).
//
// **Segmenter** asks instead. K **class tokens** stand behind the patches, one for *car*, one for *fruit*, and go through the
// blocks with them, looking at the patches and being looked at. In the end a patch belongs to the class whose token it is most
// like:
//
// $$\text{score}_{n,k} = \operatorname{norm}_k \left( \frac{W_p\, x_n}{\lVert W_p\, x_n \rVert} \cdot \frac{W_c\, c_k}{\lVert W_c\, c_k \rVert} \right)$$
//
// It is CLIP's cosine, between patches and classes of one picture. What the token *car* looks like depends on the picture: it
// has seen which car is there. (In the paper the tokens come in for the last two blocks, here for all three.)

// %%
import { AdamW, clipGradNorm, cosineWithWarmup, LRScheduler, type Module } from "gradschool";
import { type DenseScenes, sceneViT, ViTSegmenter } from "gradschool/lectures/beyond";

const SEGMENT_STEPS = 600;
/** Train a model on scenes that are drawn for it, sixteen at a time, and never again. */
function trainOnScenes(
  title: string,
  model: Module,
  { steps, lr }: { steps: number; lr: number },
  lossOf: (scenes: DenseScenes) => Tensor,
) {
  const optimizer = new AdamW(model.parameters(), { lr, weightDecay: 0.01 });
  const scheduler = new LRScheduler(optimizer, cosineWithWarmup({ warmupSteps: 50, totalSteps: steps }));
  const view = trainingView({ totalSteps: steps, title });
  for (const step of view.steps()) {
    const loss = lossOf(denseScenes(sceneSource, 16, { seed: 100_000 + step }));
    optimizer.zeroGrad();
    loss.backward();
    clipGradNorm(model.parameters(), 1);
    optimizer.step();
    scheduler.step();
    view.step({ loss: loss.item() });
  }
  model.eval();
}
/** A ViT with one of the heads, trained. */
function segmenterWith(head: "linear" | "tokens", title: string) {
  manualSeed(1);
  const model = new ViTSegmenter(sceneViT, { head, classes: maskClasses });
  trainOnScenes(
    title,
    model,
    { steps: SEGMENT_STEPS, lr: 3e-3 },
    ({ images, masks }) => model.forward(tensor(images), { labels: masks }).loss!,
  );
  return model;
}

// %%
const setr = segmenterWith("linear", "SETR: a linear head");

// %%
const segmenter = segmenterWith("tokens", "Segmenter: class tokens");

// %% [markdown]
// One number of one test is no evidence. So the test scenes are taken in five sets of equal size; the table shows mean ±
// standard deviation over the sets.

// %%
import { classIoU, segment } from "gradschool/lectures/beyond";

const bySetr = segment(setr, newPairs);
const byTokens = segment(segmenter, newPairs);
const SETS = inFull(5, { short: 2 });
/** The score on each of the sets of test scenes. */
const overSets = (score: (from: number, count: number) => number) =>
  Array.from({ length: SETS }, (_, i) => score((i * TESTS) / SETS, TESTS / SETS));
const mIoUOf = (said: NDArray, scenes = newPairs) =>
  overSets((from, count) =>
    segmentationIou(said.narrow(0, from, count), scenes.masks.narrow(0, from, count), maskClasses),
  );

const [setrScores, tokensScores, colourScores] = [bySetr, byTokens, byColour(newPairs.images)].map((said) =>
  mIoUOf(said),
);
result("segmentation by a linear head, pairs never seen together", setrScores, "mIoU");
result("segmentation by class tokens, pairs never seen together", tokensScores, "mIoU");
prose`
| mIoU | new scenes | pairs of kinds never seen together |
|---|---|---|
| linear head (SETR) | ${mIoUOf(segment(setr, newScenes), newScenes)} | ${setrScores} |
| class tokens (Segmenter) | ${mIoUOf(segment(segmenter, newScenes), newScenes)} | ${tokensScores} |
| colour alone | ${mIoUOf(byColour(newScenes.images), newScenes)} | ${colourScores} |
| background everywhere | ${mIoUOf(allBackground, newScenes)} | ${mIoUOf(allBackground)} |
`;

/** Whether one list of scores is ahead of another by twice its spread. */
function aheadOf(scores: number[], others: number[]) {
  const [mine, theirs] = [nd.array(scores, { dtype: "float64" }), nd.array(others, { dtype: "float64" })];
  const lead = mine.mean().item() - theirs.mean().item();
  return `${lead.toFixed(3)} ahead, which is ${lead > 2 * mine.std().item() ? "more" : "NOT more"} than twice its spread`;
}
show(
  `pairs never seen together, against colour alone: the linear head is ${aheadOf(setrScores, colourScores)}; the class tokens are ${aheadOf(tokensScores, colourScores)}`,
);

// %% [markdown]
// Pairs that were never drawn together are hardly harder: both learned things, not scenes. The linear head learns faster: every
// patch learns on its own what it is. The class tokens have first to find out what they stand for, by looking; the paper gives them a
// pretrained ViT and many more steps, and there they win.
//
// And the baseline? Emoji of one kind share their very colours, so colour alone is not bad, and gets better with finer colours. What
// it cannot do is tell two things of one colour apart.

// %%
bar(
  {
    "linear head": classIoU(bySetr, newPairs.masks, maskClasses),
    "class tokens": classIoU(byTokens, newPairs.masks, maskClasses),
    "colour alone": classIoU(byColour(newPairs.images), newPairs.masks, maskClasses),
  },
  {
    title: "Intersection over union of every class, on pairs of kinds never seen together",
    labels: ["background", ...sceneKinds],
    yTitle: "IoU",
  },
);

// %%
const maskRow = (masks: NDArray) => sixScenes.map((i) => maskPicture(masks.select(0, i)));
imageGrid(
  [
    ...sixScenes.map((i) => sight(newPairs.images, i)),
    ...maskRow(newPairs.masks),
    ...maskRow(bySetr),
    ...maskRow(byTokens),
    ...maskRow(byColour(newPairs.images)),
  ],
  { title: "From above: picture, truth, linear head, class tokens, colour alone", columns: 6, scale: 3 },
);

// %% [markdown]
// The map has 8 × 8 places, so edges are as coarse as patches are. Colour alone has fine edges, and no idea.
//
// What does each class token look for? Its scores, place by place, for one picture:

// %%
const pairPicture = tensor(newPairs.images.narrow(0, 0, 1));
const scoresOfOne = noGrad(() => segmenter.forward(pairPicture)).logits.data.select(0, 0);
const byPlace = scoresOfOne.reshape([maskClasses, 8, 4, 8, 4]).mean([2, 4]); // (K, 8, 8)
heatmaps(Object.fromEntries(["background", ...sceneKinds].map((kind, k) => [kind, byPlace.select(0, k)])), {
  title: "The scores of all class tokens for the first picture",
  xTitle: "column",
  yTitle: "row",
});

// %% [markdown]
// ### Windows: attention that stays at home
//
// Finer masks want smaller patches, and smaller patches want many of them. There attention becomes dear: $N$ places ask $N$
// places, and twice the side of a picture means four times the places and **sixteen** times the scores.
//
// **Swin** lets a place look only within its window of $w \times w$ places. Windows of a fixed size cost the same each, and a
// larger picture has more of them: the cost grows with $N$, not with $N^2$. But then nothing ever leaves its window. So every
// second block **shifts** the windows by half their side, and what were neighbours across a border now share a window.
//
// Shifting windows is the same as pushing the picture: up and to the left, where what leaves on one side comes in on the other.

// %% [markdown] task: cutWindows
// Write `cutWindows(x, w, shift = 0)`: $x$ (B, H, W, C) becomes windows, (B · windows, w, w, C). H and W are divisible by w.
//
// 1. Push the picture up and to the left by `shift` places; what leaves comes in on the other side.
// 2. Cut it into windows of $w \times w$ places, row by row: all windows of the first picture, then those of the second.
//
// Useful: `x.roll([dy, dx], [1, 2])`, `x.reshape([...])`, `x.permute([...])`.

// %% [markdown] plan: cutWindows
// ```text
// pushed ← x rolled by −shift along the axes of rows and of columns
// split  ← (B, H, W, C) as (B, H/w, w, W/w, w, C)          which row of windows, row within; the same for columns
// order  ← both "which window" axes in front of both "within" axes
// result ← (B · H/w · W/w, w, w, C)
// ```

// %% [markdown] help: cutWindows
// - **strips instead of squares**: `reshape` never changes the order of the numbers. The permutation does.
// - **the right windows in the wrong order**: count the windows along a row of them first.
// - **down and to the right**: `roll` by a positive number moves towards larger indices.

// %% exercise: cutWindows
const cutWindows = check(exercises.cutWindows, exercises.cutWindows.solution);

// %% [markdown] after: cutWindows
// It is `patchify` of the ViT, but for the last step: there the places of a patch become one vector, here they stay a row of
// vectors that look at each other. Another way is to cut rows first and columns then, two reshapes with one transpose each.

// %% [markdown] task: mendWindows
// Write `mendWindows(windows, [H, W], shift = 0)`, the way back: windows (B · windows, w, w, C), cut with this `shift`, become the
// picture (B, H, W, C) again, everything where it was.

// %% [markdown] plan: mendWindows
// ```text
// split  ← (B · windows, w, w, C) as (B, H/w, W/w, w, w, C)
// order  ← the row within a window right behind the row of windows
// whole  ← (B, H, W, C)
// result ← whole, rolled by +shift along rows and columns
// ```

// %% [markdown] help: mendWindows
// - **everything twice as far away**: the way back rolls by `+shift`.
// - **B is not given**: `-1` in a reshape finds it.
// - **windows lie on their side**: the permutation of `cutWindows` is its own reverse; look at what each axis is.

// %% exercise: mendWindows
const mendWindows = check(exercises.mendWindows, exercises.mendWindows.solution);

// %% [markdown] after: mendWindows
// A permutation that exchanges two axes undoes itself, so both directions carry the same `[0, 1, 3, 2, 4, 5]`. If that feels
// like luck: write the axes down by name, `B row-of-windows row-within column-of-windows column-within C`.

// %% [markdown]
// Number the windows and put the numbers back into the picture: that is which window each place belongs to. 8 × 8 places,
// windows of 4 × 4.

// %%
const windowNumbers = tensor(nd.arange(0, 4)).reshape([4, 1, 1, 1]).expand([4, 4, 4, 1]);
const windowMap = (shift: number) => mendWindows(windowNumbers, [8, 8], shift).data.reshape([8, 8]);
heatmaps(
  { "block 1: windows": windowMap(0), "block 2: shifted by 2": windowMap(2) },
  {
    title: "Which window a place belongs to: the shift joins what a border had parted",
    xTitle: "column",
    yTitle: "row",
  },
);

// %% [markdown]
// After the shift, window 3 holds all four corners of the picture: they are neighbours only because the picture was pushed. A
// **mask** keeps such strangers apart. Each picture below is one window: its 16 places ask (rows) its 16 places (columns).

// %%
import { shiftMask } from "gradschool/lectures/vit";

const strangers = shiftMask(8, 8, 4, 2).eq(0).to("float32");
heatmaps(Object.fromEntries([0, 1, 2, 3].map((i) => [`window ${i}`, strangers.select(0, i)])), {
  title: "Who may look at whom in the shifted windows (1: may, 0: a stranger)",
  xTitle: "looked at",
  yTitle: "who looks",
  colorscale: "blues",
});

// %% [markdown]
// How far does a place see after one block, and after two? Follow what looks at what: a place reached in block 1 by its window,
// in block 2 by the shifted window of all those.

// %%
/** 1 for places that share a window with one of those marked, (8, 8). */
function reached(marked: NDArray, shift: number) {
  const windows = cutWindows(tensor(marked.reshape([1, 8, 8, 1])), 4, shift).data.reshape([4, 16]);
  const own = windows.unsqueeze(1); // (4, 1, 16)
  const seen =
    shift === 0
      ? own.max(2, { keepDims: true }).expand([4, 16, 1])
      : own.mul(strangers).max(2, { keepDims: true });
  return mendWindows(tensor(seen.reshape([4, 4, 4, 1])), [8, 8], shift).data.reshape([8, 8]);
}
const markedPlace = nd.zeros([8, 8]);
markedPlace.set([2, 2], 1);
const afterOne = reached(markedPlace, 0);
heatmaps(
  { "a place": markedPlace, "after a block": afterOne, "after a shifted block": reached(afterOne, 2) },
  {
    title: "What one place can reach: two blocks are enough to leave the window",
    xTitle: "column",
    yTitle: "row",
    colorscale: "blues",
  },
);

// %% [markdown]
// And what does it save? For $N$ places and vectors of $C$ numbers, the products of one attention cost (Swin's equations 1 and 2)
//
// $$\text{global: } 4NC^2 + 2N^2C \qquad \text{windows: } 4NC^2 + 2w^2NC$$
//
// We measure it: two blocks of our ViT against two of our Swin (one of them shifted), same width, one picture.

// %%
import { SwinModel, ViTModel } from "gradschool/lectures/vit";

const SIDES_OF_PICTURES = inFull([32, 64, 96, 128, 160, 192], { short: [32, 64] });
const WIDTH = 48;
/** Milliseconds, the fastest of ten: whatever else the machine does can only add. */
function fastest(run: () => unknown) {
  const times = Array.from({ length: 10 }, () => {
    const begin = performance.now();
    noGrad(run);
    return performance.now() - begin;
  });
  return Math.min(...times);
}
const costs = SIDES_OF_PICTURES.map((side) => {
  const picture = tensor(nd.rand([1, 3, side, side], { generator: new Generator(side) }));
  const shared = { image_size: side, patch_size: 4, hidden_act: "gelu" };
  const global = new ViTModel({
    ...shared,
    ...{ hidden_size: WIDTH, num_hidden_layers: 2, num_attention_heads: 3, intermediate_size: 4 * WIDTH },
  }).eval();
  const windows = new SwinModel({
    ...shared,
    embed_dim: WIDTH,
    depths: [2],
    num_heads: [3],
    window_size: 4,
  }).eval();
  return {
    places: (side / 4) ** 2,
    global: fastest(() => global.forward(picture)),
    windows: fastest(() => windows.forward(picture)),
  };
});
line(
  {
    "global attention (ViT)": { x: costs.map((c) => c.places), y: costs.map((c) => c.global) },
    "windows of 4 × 4 (Swin)": { x: costs.map((c) => c.places), y: costs.map((c) => c.windows) },
  },
  {
    title: "Two blocks on one picture: global attention bends upward, windows stay a straight line",
    xTitle: "places N",
    yTitle: "milliseconds",
  },
);

// %%
const [smallest, largest] = [costs[0], costs[costs.length - 1]];
prose`From ${smallest.places} places to ${largest.places}, ${largest.places / smallest.places} times as many, global attention takes **${largest.global / smallest.global}** times as long, windows **${largest.windows / smallest.windows}** times.`;

// %% [markdown]
// ### Things as boxes: ask with tokens
//
// For detection there is no fixed set of answers: two cars are two boxes. **YOLOS** keeps the plain ViT and puts **detection
// tokens** behind the patches, eight here: eight questions, *is there something for me?* Each one ends as a vector, from which
// one head reads a class (or "nothing") and another a box: centre x, centre y, width, height, as parts of the picture.
//
// How good is a box? Again intersection over union, now of areas:

// %% [markdown] task: pairwiseIou
// Write `pairwiseIou(a, b)`: the IoU of every box of `a` (N, 4) with every box of `b` (M, 4), as a Tensor (N, M). A box is
// $(x_0, y_0, x_1, y_1)$, two corners. Boxes that do not meet have 0.
//
// Useful: `x.unsqueeze(axis)`, `x.narrow(-1, start, 2)`, `x.select(-1, i)`, `a.minimum(b)`, `a.maximum(b)`, `x.clamp(0, Infinity)`.

// %% [markdown] plan: pairwiseIou
// ```text
// one, other   ← a as (N, 1, 4), b as (1, M, 4)                  everything below broadcasts to (N, M)
// low, high    ← the larger of the first corners, the smaller of the second
// both         ← width · height of high − low, each side at least 0
// either       ← area of one + area of other − both
// result       ← both / either
// ```

// %% [markdown] help: pairwiseIou
// - **boxes far apart get an IoU**: two negative sides have a positive product. Clamp before you multiply.
// - **more than 1**: the union is the sum of the areas *less* the intersection.
// - **shapes do not fit**: `narrow(-1, 2, 2)` is the second corner, of any number of axes.

// %% exercise: pairwiseIou
const pairwiseIou = check(exercises.pairwiseIou, exercises.pairwiseIou.solution);

// %% [markdown] after: pairwiseIou
// One pair at a time is four subtractions and two comparisons, and as a double loop it reads more easily. For eight queries and
// three things that would do. Broadcasting is worth it when a detector of the size of COCO compares a hundred with a hundred, for
// every picture of a batch, and wants gradients.

// %% [markdown]
// ### Who answers for which thing?
//
// Eight answers come out, three things are there, and nobody says which answer is meant for which thing. Any order is right. So
// before each step of training, things and queries are **matched**, the cheapest way. What a pair costs, for query $q$ and thing $j$:
//
// $$c_{qj} = -\,p_q(\text{class}_j) \;+\; 5 \sum |\text{box}_q - \text{box}_j| \;-\; 2\,\text{GIoU}(\text{box}_q, \text{box}_j)$$
//
// Early in training boxes do not even meet, and IoU is 0 for all of them: no query is nearer than another. **Generalised** IoU
// helps: it takes off what is empty in the smallest box around both, the **hull**, so that far apart is worse than near:
//
// $$\text{GIoU} = \text{IoU} - \frac{|\text{hull}| - |\text{union}|}{|\text{hull}|}$$

// %% [markdown] task: costMatrix
// Write `costMatrix(logits, boxes, classes, wanted, weights)`: $c_{qj}$ for all pairs, (D, n).
//
// - `logits` (D, L + 1): scores of L classes and, last, of "nothing"; $p_q$ is their softmax.
// - `boxes` (D, 4) and `wanted` (n, 4): centre x, centre y, width, height.
// - `classes` (n), int32: the class of each thing.
// - `weights`: `{ classCost, boxCost, giouCost }`, 1, 5 and 2 unless given (the hole has them by name).
//
// Useful: `x.softmax()`, `x.indexSelect(1, classes)`, and what you used for IoU.

// %% [markdown] plan: costMatrix
// ```text
// chance ← softmax of the logits, its columns classes                       (D, n)
// mine, theirs ← boxes as (D, 1, 4), wanted as (1, n, 4)
// apart  ← Σ |mine − theirs| over the last axis                             (D, n)
// corners ← centre ± half the size
// both, union as for IoU; hull ← from the smaller first corner to the larger second corner
// giou   ← both / union − (hull − union) / hull
// result ← −classCost · chance + boxCost · apart − giouCost · giou
// ```

// %% [markdown] help: costMatrix
// - **only the class part is off**: softmax goes over all L + 1 scores, then the things' classes are picked.
// - **GIoU is off**: these boxes are centre and size. Take the corners first.
// - **GIoU above 1**: the empty part is divided by the hull.

// %% exercise: costMatrix
const costMatrix = check(exercises.costMatrix, exercises.costMatrix.solution);

// %% [markdown] after: costMatrix
// $\text{IoU} - (\text{hull} - \text{union})/\text{hull}$ is the same as $\text{IoU} - 1 + \text{union}/\text{hull}$, one division and no
// subtraction of areas less. Why $-p$ and not $-\ln p$? A logarithm grows without bound for a query that is surely wrong, and would
// drown the distances; the paper found $p$ to be better.

// %% [markdown]
// From costs to pairs: the **assignment problem**. Greedy, the cheapest pair first, can paint itself into a corner. The
// **Hungarian algorithm** finds the pairs with the least sum, in a number of steps that grows with the third power, not with the
// number of all ways to pair.

// %%
import { assign } from "gradschool/lectures/beyond";

const greedyTrap = nd.array([
  [0.1, 0.2],
  [0.3, 0.9],
]);
heatmap(greedyTrap, {
  title: "The cheapest pair costs 0.1, and leaves 0.9: 1.0. The best two cost 0.2 + 0.3",
  xTitle: "thing",
  yTitle: "query",
  colorscale: "blues",
}).show();
show(`thing 0 goes to query ${assign(greedyTrap).get([0])}, thing 1 to query ${assign(greedyTrap).get([1])}`);

// %% [markdown]
// ### Training a detector
//
// The loss: a matched query learns its thing's class and box, all others learn to say "nothing" (which counts a tenth, there are
// so many of them). Like YOLOS's authors we do not begin with nothing: the body is that of our best segmenter.
//
// Now a confession. YOLOS's eight tokens do not learn to look within a minute: after hundreds of steps they give every picture
// nearly the same boxes, the best blind answer. A token has to find a thing somewhere, learn from it, and be matched with the same
// sort of thing again, or what it learned is void; the paper trains for days. So that you can see both, we train it for a while, and
// beside it a detector **whose questions are the patches themselves**: 64 queries, each with a place of its own, whose box is told from
// there. Matching, costs and loss are the same.

// %%
import { cornersOf, detect, detectorFrom, meanAveragePrecision } from "gradschool/lectures/beyond";

/** A detector that starts from the segmenter's body, trained. */
function detectorThatAsks(asks: "patches" | "tokens", title: string, steps: number) {
  manualSeed(2);
  const model = detectorFrom(setr, sceneKinds.length, asks).train();
  trainOnScenes(
    title,
    model,
    { steps, lr: 2e-3 },
    ({ images, objects }) => model.forward(tensor(images), { labels: objects }).loss!,
  );
  return model;
}
const tokenDetector = detectorThatAsks("tokens", "YOLOS: eight detection tokens", 100);

// %%
const detector = detectorThatAsks("patches", "Patches as queries", 350);

// %%
const inPairs = detect(detector, newPairs);
const tokensInPairs = detect(tokenDetector, newPairs);
imageGrid(
  [
    ...sixScenes.map((i) => boxPicture(sight(newPairs.images, i), newPairs.objects[i])),
    ...sixScenes.map((i) => boxPicture(sight(newPairs.images, i), inPairs[i])),
    ...sixScenes.map((i) => boxPicture(sight(newPairs.images, i), tokensInPairs[i], { least: 0.1 })),
  ],
  {
    title:
      "Truth; patches as queries, where at least half sure; eight tokens, all they say with 10 % or more. Colours are kinds",
    columns: 6,
    scale: 1,
  },
);

// %% [markdown]
// One picture, its things, and the eight queries that are surest of something: how far the boxes agree, by your `pairwiseIou`, and what each pair costs, by your
// `costMatrix`. A high IoU with the right class is a low cost.

// %%
const onePicture = newPairs.objects[0];
const itsAnswers = noGrad(() => detector.forward(tensor(newPairs.images.narrow(0, 0, 1))));
const surest = inPairs[0].scores.topk(8).indices;
const [theirLogits, theirBoxes] = [itsAnswers.logits, itsAnswers.boxes].map((x) =>
  x.select(0, 0).indexSelect(0, surest),
);
const wantedBoxes = tensor(onePicture.boxes);
const costsOfOne = noGrad(() => costMatrix(theirLogits, theirBoxes, onePicture.classes, wantedBoxes));
const matchedQueries = assign(costsOfOne);
const labelled = {
  xTitle: "thing",
  yTitle: "query",
  xLabels: Array.from(onePicture.classes.flat(), (k, j) => `${j}: ${sceneKinds[k]}`),
};
heatmap(noGrad(() => pairwiseIou(cornersOf(theirBoxes), cornersOf(wantedBoxes))).data, {
  title: "IoU of each query's box with each thing's",
  ...labelled,
}).show();
heatmap(costsOfOne.data, { title: "What it costs to let a query answer for a thing", ...labelled }).show();
show(`matched: ${Array.from(matchedQueries.flat(), (query, j) => `thing ${j} ↔ query ${query}`).join(", ")}`);

// %% [markdown]
// ### Mean average precision
//
// How good are all boxes together? Go through the answers of one class by falling certainty. An answer is right if it meets a
// thing of its class, which no earlier answer has taken, with an IoU of at least 0.5. **Precision** is the share of right answers
// so far, **recall** the share of things found so far; the area below the curve of one against the other is the class's
// **average precision**, and its mean over the classes is the number that detectors are known by.
//
// A blind detector is the one to beat: it gives every picture the same answers, the kinds and boxes that are most frequent in
// training, as many as it likes.

// %%
/** The kinds and boxes (to an eighth of the side) that come most often in these scenes. */
function frequent(objects: typeof newPairs.objects, most: number) {
  const counts = new Map<string, { kind: number; box: number[]; count: number }>();
  for (const { classes, boxes } of objects)
    (boxes.toArray() as number[][]).forEach((sides, j) => {
      const kind = classes.get([j]);
      const box = sides.map((side) => Math.round(side * 8) / 8);
      const key = `${kind} ${box}`;
      counts.set(key, { kind, box, count: (counts.get(key)?.count ?? 0) + 1 });
    });
  const best = [...counts.values()].sort((a, b) => b.count - a.count).slice(0, most);
  return {
    classes: nd.array(
      best.map(({ kind }) => kind),
      { dtype: "int32" },
    ),
    boxes: nd.array(best.map(({ box }) => box)),
    scores: nd.array(best.map(({ count }) => count / objects.length)),
  };
}

// %%
const blind = frequent(countedScenes.objects, 64);
const mAPOf = (found: typeof inPairs, scenes = newPairs, iou = 0.5) =>
  overSets((from, count) =>
    meanAveragePrecision(
      found.slice(from, from + count),
      scenes.objects.slice(from, from + count),
      sceneKinds.length,
      { iou },
    ),
  );
const blindFor = (scenes: typeof newPairs) => scenes.objects.map(() => blind);
result("detection by patches, pairs never seen together", mAPOf(inPairs), "mAP at IoU 0.5");
result("detection by eight tokens, pairs never seen together", mAPOf(tokensInPairs), "mAP at IoU 0.5");
prose`
| mean average precision at IoU 0.5 | new scenes | pairs of kinds never seen together |
|---|---|---|
| patches as queries | ${mAPOf(detect(detector, newScenes), newScenes)} | ${mAPOf(inPairs)} |
| eight detection tokens (YOLOS) | ${mAPOf(detect(tokenDetector, newScenes), newScenes)} | ${mAPOf(tokensInPairs)} |
| blind: the most frequent boxes | ${mAPOf(blindFor(newScenes), newScenes)} | ${mAPOf(blindFor(newPairs))} |
`;
show(
  `pairs never seen together, against the blind answers: patches as queries are ${aheadOf(mAPOf(inPairs), mAPOf(blindFor(newPairs)))}; eight tokens are ${aheadOf(mAPOf(tokensInPairs), mAPOf(blindFor(newPairs)))}`,
);

// %%
bar(
  [0.3, 0.5, 0.7, 0.9].map((iou) =>
    meanAveragePrecision(inPairs, newPairs.objects, sceneKinds.length, { iou }),
  ),
  {
    title: "Patches as queries: mean average precision, by how closely a box must fit",
    labels: ["IoU ≥ 0.3", "≥ 0.5", "≥ 0.7", "≥ 0.9"],
    yTitle: "mAP",
  },
);

// %% [markdown]
// How much do the answers depend on the picture? The spread of a query's boxes over all test pictures, in parts of the side: the
// eight tokens, and for comparison the things themselves.

// %%
const wander = (boxes: NDArray) => boxes.narrow(-1, 0, 2).std(0).mean().item();
const tokenBoxes = nd.stack(tokensInPairs.map(({ boxes }) => boxes)); // (scenes, 8, 4)
bar(
  [
    ...Array.from({ length: 8 }, (_, query) => wander(tokenBoxes.select(1, query))),
    wander(
      nd.concat(
        newPairs.objects.map(({ boxes }) => boxes),
        0,
      ),
    ),
  ],
  {
    title: "How far the boxes of each token move from picture to picture",
    labels: [...Array.from({ length: 8 }, (_, query) => `token ${query}`), "things"],
    yTitle: "spread of the centre (parts of the side)",
  },
);

// %% [markdown]
// SegFormer and YOLOS of the papers stand beside ours (`SegformerForSemanticSegmentation`, `YolosForObjectDetection`), and read
// released checkpoints: `await fromPretrained(YolosForObjectDetection, "hustvl/yolos-tiny")`. Its tokens have learned to look, on more
// than a hundred thousand photographs, seen again and again.

// %% [markdown]
// ## What to read
//
// - Tsimpoukelli et al., "Multimodal few-shot learning with frozen language models", 2021: section 3, the picture as a prefix.
// - Xiao et al., "Early convolutions help transformers see better", 2021: figure 1 and section 3.
// - Antol et al., "VQA: Visual question answering", 2015: section 4, what the blind model scores.
// - van den Oord et al., "Neural discrete representation learning", 2017: section 3, the codebook and its loss, page 4.
// - Wu et al., "NExT-GPT: Any-to-any multimodal LLM", 2023: figure 1 and section 3, signal tokens.
// - Griffin and Lim, "Signal estimation from modified short-time Fourier transform", 1984: section III.
