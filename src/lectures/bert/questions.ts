import { type ChemicalElement, type Country, readCountries, readElements } from "../../data";
import { check, checkAll, type Generator } from "../../tensor";

/** A passage, a question to it, and the answer as it stands there. */
export interface QuestionAnswer {
  readonly passage: string;
  readonly question: string;
  readonly answer: string;
  /** `passage.slice(start, start + answer.length)` is the answer. */
  readonly start: number;
  /** What is asked for: "capital", "state" … */
  readonly relation: string;
  /** Whether no question of the training is worded like this. */
  readonly isNewWording: boolean;
}

/** Sentences that tell a fact about a thing, and questions that ask for it. */
interface Relation<Thing> {
  readonly name: string;
  answer(thing: Thing): string;
  readonly tells: readonly string[];
  readonly asks: readonly string[];
}

const aboutCountries: readonly Relation<Country>[] = [
  {
    name: "capital",
    answer: ({ capital }) => capital,
    tells: [
      "The capital of {thing} is {fact}.",
      "{fact} is the capital of {thing}.",
      "{thing} is governed from {fact}.",
    ],
    asks: [
      "What is the capital of {thing}?",
      "Which city is the capital of {thing}?",
      "From which city is {thing} governed?",
      "Where does the government of {thing} sit?",
    ],
  },
  {
    name: "continent",
    answer: ({ continent }) => continent,
    tells: [
      "{thing} lies in {fact}.",
      "On the map, {thing} is found in {fact}.",
      "{thing} is a part of {fact}.",
    ],
    asks: [
      "On which continent does {thing} lie?",
      "In which part of the world is {thing}?",
      "Where on the map is {thing} found?",
      "Which continent is {thing} a part of?",
    ],
  },
  {
    name: "currency",
    answer: ({ currency }) => currency,
    tells: [
      "People in {thing} pay with the {fact}.",
      "The money of {thing} is the {fact}.",
      "In the shops of {thing} you need the {fact}.",
    ],
    asks: [
      "What do people in {thing} pay with?",
      "What is the money of {thing} called?",
      "Which currency is used in {thing}?",
      "What money do you need in {thing}?",
    ],
  },
  {
    name: "language",
    answer: ({ language }) => language,
    tells: [
      "Most people in {thing} speak {fact}.",
      "The language of {thing} is {fact}.",
      "In {thing} one hears {fact}.",
    ],
    asks: [
      "Which language is spoken in {thing}?",
      "What do people in {thing} speak?",
      "What is the language of {thing}?",
      "What does one hear in the streets of {thing}?",
    ],
  },
];

const aboutElements: readonly Relation<ChemicalElement>[] = [
  {
    name: "symbol",
    answer: ({ symbol }) => symbol,
    tells: [
      "The symbol of {thing} is {fact}.",
      "Chemists write {fact} for {thing}.",
      "{thing} is written {fact}.",
    ],
    asks: [
      "What is the symbol of {thing}?",
      "How do chemists write {thing}?",
      "Which letters stand for {thing}?",
      "How is {thing} written?",
    ],
  },
  {
    name: "number",
    answer: ({ atomicNumber }) => String(atomicNumber),
    tells: [
      "An atom of {thing} has {fact} protons.",
      "{thing} has the number {fact}.",
      "In the table {thing} stands at place {fact}.",
    ],
    asks: [
      "How many protons has an atom of {thing}?",
      "What is the number of {thing}?",
      "At which place of the table does {thing} stand?",
      "Which atomic number has {thing}?",
    ],
  },
  {
    name: "group",
    answer: ({ group }) => group,
    tells: [
      "{thing} is a {fact}.",
      "{thing} belongs to the family called {fact}.",
      "Chemists count {thing} as a {fact}.",
    ],
    asks: [
      "What kind of element is {thing}?",
      "To which family does {thing} belong?",
      "What do chemists count {thing} as?",
      "What is {thing}?",
    ],
  },
  {
    name: "state",
    answer: ({ state }) => state,
    tells: [
      "In a warm room {thing} is a {fact}.",
      "{thing} is a {fact} on a table.",
      "You find {thing} as a {fact}.",
    ],
    asks: [
      "Is {thing} a gas, a solid or a liquid?",
      "What is {thing} in a warm room?",
      "As what do you find {thing}?",
      "In which state is {thing}?",
    ],
  },
];

/** Names of a word or two, so that a passage stays short. */
const shortNamed = <Thing extends { name: string }>(things: readonly Thing[]): Thing[] =>
  things.filter(({ name }) => /^[A-Za-z]+( [A-Za-z]+)?$/.test(name));

export interface QuestionSets {
  readonly train: QuestionAnswer[];
  /** Things that no passage of `train` names; every second question in a wording that it never uses. */
  readonly test: QuestionAnswer[];
}

/**
 * Passages made of facts about two countries, or two elements: so each holds a wrong answer of the right kind. A quarter
 * of the things and a quarter of the wordings are kept for the test.
 */
export function makeQuestions(generator: Generator, counts: { train: number; test: number }): QuestionSets {
  check("makeQuestions", "generator", generator, "generator");
  check("makeQuestions", "counts", counts, "object");
  const { train, test } = counts;
  checkAll("makeQuestions", { train: [train, "size"], test: [test, "size"] });
  const countries = split(shortNamed(readCountries()), generator);
  const elements = split(
    shortNamed(readElements()).filter(({ state }) => state !== "unknown"),
    generator,
  );
  const make = (count: number, side: "train" | "test") =>
    Array.from({ length: count }, (_, i) =>
      i % 3 === 2
        ? ask(elements[side], aboutElements, side === "test" && i % 2 === 1, generator)
        : ask(countries[side], aboutCountries, side === "test" && i % 2 === 1, generator),
    );
  return { train: make(train, "train"), test: make(test, "test") };
}

/** The sentence, and where in it the fact begins. */
function tell<Thing extends { name: string }>(
  template: string,
  { thing, relation }: { thing: Thing; relation: Relation<Thing> },
): { text: string; factAt: number } {
  const fact = relation.answer(thing);
  const withThing = template.replace("{thing}", thing.name);
  const text = /^[aeiou]/.test(fact) ? withThing.replace(" a {fact}", " an {fact}") : withThing;
  return { text: text.replace("{fact}", fact), factAt: text.indexOf("{fact}") };
}

function split<Thing>(things: readonly Thing[], generator: Generator) {
  const order = shuffled(things, generator);
  const held = Math.floor(things.length / 4);
  return { test: order.slice(0, held), train: order.slice(held) };
}

const shuffled = <Item>(items: readonly Item[], generator: Generator): Item[] =>
  Array.from(generator.permutation(items.length).flat(), (place) => items[place]);

function ask<Thing extends { name: string }>(
  things: readonly Thing[],
  relations: readonly Relation<Thing>[],
  isNewWording: boolean,
  generator: Generator,
): QuestionAnswer {
  const pick = <Item>(items: readonly Item[]): Item =>
    items[generator.integers([], { high: items.length }).item()];
  for (;;) {
    const [asked, other] = [pick(things), pick(things)];
    const wanted = pick(relations);
    const besides = pick(relations.filter((relation) => relation !== wanted));
    const answer = wanted.answer(asked);
    // An answer that is right for both things, or stands there twice, would be no question of reading.
    if (asked.name === other.name || wanted.answer(other) === answer) continue;
    const sentences = shuffled(
      [
        { thing: asked, relation: wanted },
        { thing: other, relation: wanted },
        { thing: asked, relation: besides },
        { thing: other, relation: besides },
      ].map((about) => ({ ...about, told: tell(pick(about.relation.tells), about) })),
      generator,
    );
    const passage = sentences.map(({ told }) => told.text).join(" ");
    if (passage.split(new RegExp(`\\b${answer}\\b`)).length !== 2) continue;
    const place = sentences.findIndex(({ thing, relation }) => thing === asked && relation === wanted);
    const before = sentences.slice(0, place).reduce((sum, { told }) => sum + told.text.length + 1, 0);
    const start = before + sentences[place].told.factAt;
    const asks = isNewWording ? wanted.asks.slice(-1) : wanted.asks.slice(0, -1);
    return {
      passage,
      question: pick(asks).replace("{thing}", asked.name),
      answer,
      start,
      relation: wanted.name,
      isNewWording,
    };
  }
}
