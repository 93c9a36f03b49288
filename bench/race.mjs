/** The same step in ours and in the peers, each in a process of its own, taking turns: A B C, A B C, … */
import { devicesHere, once, ours, peer } from "./contenders.mjs";
import { experiments } from "./experiments.mjs";
import { median } from "./peers/measure.mjs";

const OURS = "gradschool";
/** A contender that takes longer than this for a round runs once only, beside our first. */
const PATIENCE_SECONDS = 20;

/** @typedef {import("./contenders.mjs").Program} Program */
/** @typedef {import("./contenders.mjs").Made | import("./contenders.mjs").Failed} Run */
/** @typedef {import("./arguments.mjs").Options & { missing: Readonly<Record<string, string>> }} RaceOptions */

/**
 * One result; see {@link summary}.
 * @typedef {object} Result
 * @property {string} bench
 * @property {readonly number[]} config
 * @property {number} ours_ms
 * @property {string} device
 * @property {number} threads
 * @property {boolean} fma
 * @property {number} params
 * @property {number} rounds
 * @property {Record<string, [least: number, most: number]>} spread
 * @property {Record<string, number>} peers
 * @property {Record<string, number>} ratio
 * @property {Record<string, string>} [failed] why a contender did not run
 * @property {Record<string, number>} [per_second]
 */

/**
 * The contenders that are here: name -> { program, device }. Ours comes first, on the device that is asked for, or best.
 * @param {string} name
 * @param {RaceOptions} options
 * @returns {Map<string, { program: Program, device?: string }>}
 */
function contenders(name, { torch, missing, device, without }) {
  const present = Object.entries(experiments[name].peers).filter(
    ([peer]) => !(peer in missing) && !without.includes(peer),
  );
  const [best, ...others] = device ? [device] : devicesHere(["blas", "wasm"]);
  const program = ours(`./ours-${name}.mjs`);
  /** @type {Map<string, { program: Program, device?: string }>} */
  const all = new Map([[OURS, { program, device: best }]]);
  for (const device of others) all.set(`${OURS}, ${device}`, { program, device });
  for (const [name, file] of present) all.set(name, { program: peer(file, torch) });
  return all;
}

/**
 * Yields the result of every configuration, see {@link summary}.
 * @param {string} name
 * @param {RaceOptions} options
 * @returns {Generator<Result>}
 */
export function* race(name, options) {
  const programs = contenders(name, options);
  for (const config of options.config ? [options.config] : experiments[name].configs) {
    /** @type {Map<string, Run[]>} */
    const runs = new Map([...programs.keys()].map((contender) => [contender, []]));
    for (let round = 0; round < options.rounds; round++) {
      for (const [contender, { program, device }] of programs) {
        const earlier = runs.get(contender) ?? [];
        if (earlier.some(({ failed, seconds = 0 }) => failed || seconds > PATIENCE_SECONDS)) continue;
        earlier.push(once([...program, config], options.threads, { device, limit: options.limit }));
      }
    }
    yield summary(name, config.split(",").map(Number), runs);
  }
}

/**
 * One result: our median over rounds, each peer's, and the median of the rounds' ratios ours / peer. `runs` holds what
 * each contender printed, round by round.
 * @param {string} name
 * @param {readonly number[]} config
 * @param {ReadonlyMap<string, readonly Run[]>} runs
 * @returns {Result}
 */
export function summary(name, config, runs) {
  const mine = worked(runs.get(OURS) ?? []);
  if (typeof mine === "string") throw new Error(`${name} did not run: ${mine}`);
  const times = mine.map(({ ms }) => ms);
  const [{ device, threads, fma, params }] = mine;
  const facts = { config, device, threads, fma, params, rounds: mine.length };
  /** @type {Result} */
  const result = { bench: name, ours_ms: round(median(times)), ...facts, spread: {}, peers: {}, ratio: {} };
  for (const [contender, list] of runs) {
    const made = worked(list);
    if (typeof made === "string") result.failed = { ...result.failed, [contender]: made };
    if (typeof made === "string" || made.length === 0) continue;
    const ms = made.map(({ ms }) => ms);
    result.spread[contender] = [Math.min(...ms), Math.max(...ms)];
    if (contender === OURS) continue;
    result.peers[contender] = round(median(ms));
    result.ratio[contender] = round(median(ms.map((peer, i) => times[i] / peer)));
  }
  if (experiments[name].perSecond) result.per_second = perSecond(result);
  return result;
}

/**
 * What the runs printed, or why one did not.
 * @param {readonly Run[]} runs
 */
function worked(runs) {
  /** @type {import("./contenders.mjs").Made[]} */
  const made = [];
  for (const run of runs) {
    if (run.failed !== undefined) return run.failed;
    made.push(run);
  }
  return made;
}

/** @param {number} ms */
const short = (ms) => (ms < 1000 ? ms.toPrecision(4) : ms.toFixed(0));
/** @param {number} x */
const round = (x) => +x.toPrecision(4);
/** @param {Result} result */
const perSecond = ({ ours_ms, peers }) =>
  Object.fromEntries(
    Object.entries({ [OURS]: ours_ms, ...peers }).map(([name, ms]) => [name, round(1000 / ms)]),
  );

/** The result as a table of text. @param {Result} result */
export function show({
  bench,
  config,
  threads,
  device,
  fma,
  params,
  ours_ms,
  spread,
  peers,
  ratio,
  failed = {},
  per_second,
}) {
  const { title, axes, perSecond } = experiments[bench];
  const sizes = axes.map((axis, i) => `${axis} ${config[i]}`).join(", ");
  const lines = [
    `${title}: ${sizes}`,
    `  ${params.toLocaleString("en")} parameters, device ${device}, ${threads} thread${threads === 1 ? "" : "s"}, fused multiply-add ${fma ? "on" : "off"}`,
  ];
  for (const [name, ms] of Object.entries({ [OURS]: ours_ms, ...peers })) {
    const [low, high] = spread[name].map(short);
    const speed = per_second ? `${per_second[name].toFixed(0).padStart(7)} ${perSecond}` : "";
    const beside = name in ratio ? `ours takes ${ratio[name].toPrecision(3)} × its time` : "";
    lines.push(
      `  ${name.padEnd(16)}${short(ms).padStart(9)} ms  ${`(${low} … ${high})`.padEnd(20)}${speed}  ${beside}`.trimEnd(),
    );
  }
  for (const [name, why] of Object.entries(failed)) lines.push(`  ${name.padEnd(16)}did not run: ${why}`);
  return lines.join("\n");
}
