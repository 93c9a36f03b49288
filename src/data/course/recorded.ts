import { check, expected, nodeModule, readText } from "../../tensor";
import { courseFolder } from "./folder";

const fs = nodeModule("node:fs");
const paths = nodeModule("node:path");

/**
 * Something that takes too long for a notebook: several seeds, a scaling curve. It stands in the lecture's folder
 * `recorded`; `npm run record -- NAME` runs it and writes what comes of it to `recorded/NAME.json`.
 */
export interface Recording<T> {
  /** In a line: what is measured, on what. */
  readonly says: string;
  readonly seeds: readonly number[];
  /** What one seed gives: anything that JSON can hold. `log` tells how far it is. */
  run(seed: number, log: (line: string) => void): T | Promise<T>;
}

/** What a recording has written down. */
export interface RecordedRun<T> {
  readonly name: string;
  readonly says: string;
  /** How it was made, and is made again. */
  readonly command: string;
  /** The day, as 2026-11-26. */
  readonly date: string;
  /** In words: processor, threads, device, Node. */
  readonly machine: string;
  /** In all. */
  readonly seconds: number;
  readonly seeds: readonly number[];
  /** The version of the library. */
  readonly library: string;
  /** SHA-256 of the code that made it. */
  readonly code: string;
  /** What each seed gave, in the order of `seeds`. */
  readonly data: readonly T[];
  /** A line that says all this to a reader. */
  readonly caption: string;
}

/**
 * What an earlier run of a {@link Recording} gave: `recorded<ScalingPoint[]>("gpt-scaling")`. Show its `caption` beside
 * what is drawn from it.
 */
export function recorded<T>(name: string): RecordedRun<T> {
  check("recorded", "name", name, "text");
  const folder = paths.join(courseFolder("recorded"), "recorded");
  const file = paths.join(folder, `${name}.json`);
  if (!fs.existsSync(file)) {
    const there = fs.existsSync(folder) ? fs.readdirSync(folder).filter((one) => one.endsWith(".json")) : [];
    const names = there.map((one) => one.slice(0, -".json".length)).join(", ");
    const hint = `npm run record -- ${name} makes it, where a lecture has a script of that name`;
    throw expected("recorded", `one of the runs that are there (${names || "none"})`, name, hint);
  }
  const run = JSON.parse(readText(file)) as Omit<RecordedRun<T>, "caption">;
  const { date, seconds, command, machine, seeds } = run;
  const count = seeds.length === 1 ? "1 seed" : `${seeds.length} seeds`;
  return {
    ...run,
    caption: `Recorded on ${date}, ${count}, ${Math.round(seconds)} s on ${machine}. Again: ${command}`,
  };
}
