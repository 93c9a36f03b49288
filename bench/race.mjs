/** The same step in ours and in the peers, each in a process of its own, taking turns: A B C, A B C, … */
import { devicesHere, once, ours, peer } from "./contenders.mjs";
import { experiments } from "./experiments.mjs";
import { median } from "./peers/measure.mjs";

const OURS = "gradschool";
/** A contender that takes longer than this for a round runs once only, beside our first. */
const PATIENCE_SECONDS = 20;

/** The contenders that are here: name -> { program, device }. Ours comes first, on the device that is asked for, or best. */
function contenders(name, { torch, missing, device, without }) {
  const present = Object.entries(experiments[name].peers).filter(
    ([peer]) => !(peer in missing) && !without.includes(peer),
  );
  const [best, ...others] = device ? [device] : devicesHere(["blas", "wasm"]);
  const program = ours(`./ours-${name}.mjs`);
  return new Map([
    [OURS, { program, device: best }],
    ...others.map((device) => [`${OURS}, ${device}`, { program, device }]),
    ...present.map(([name, file]) => [name, { program: peer(file, torch) }]),
  ]);
}

/** Yields the result of every configuration, see {@link summary}. */
export function* race(name, options) {
  const programs = contenders(name, options);
  for (const config of options.config ? [options.config] : experiments[name].configs) {
    const runs = new Map([...programs.keys()].map((contender) => [contender, []]));
    for (let round = 0; round < options.rounds; round++) {
      for (const [contender, { program, device }] of programs) {
        const earlier = runs.get(contender);
        if (earlier.some(({ failed, seconds }) => failed || seconds > PATIENCE_SECONDS)) continue;
        earlier.push(once([...program, config], options.threads, { device, limit: options.limit }));
      }
    }
    yield summary(name, config.split(",").map(Number), runs);
  }
}

/**
 * One result: our median over rounds, each peer's, and the median of the rounds' ratios ours / peer. `runs` holds what
 * each contender printed, round by round.
 */
export function summary(name, config, runs) {
  const mine = runs.get(OURS);
  const broken = mine.find(({ failed }) => failed);
  if (broken) throw new Error(`${name} did not run: ${broken.failed}`);
  const times = mine.map(({ ms }) => ms);
  const [{ device, threads, fma, params }] = mine;
  const facts = { config, device, threads, fma, params, rounds: mine.length };
  const result = { bench: name, ours_ms: round(median(times)), ...facts, spread: {}, peers: {}, ratio: {} };
  for (const [contender, list] of runs) {
    const reason = list.find(({ failed }) => failed)?.failed;
    if (reason) result.failed = { ...result.failed, [contender]: reason };
    if (reason || list.length === 0) continue;
    const ms = list.map(({ ms }) => ms);
    result.spread[contender] = [Math.min(...ms), Math.max(...ms)];
    if (contender === OURS) continue;
    result.peers[contender] = round(median(ms));
    result.ratio[contender] = round(median(ms.map((peer, i) => times[i] / peer)));
  }
  if (experiments[name].perSecond) result.per_second = perSecond(result);
  return result;
}

const short = (ms) => (ms < 1000 ? ms.toPrecision(4) : ms.toFixed(0));
const round = (x) => +x.toPrecision(4);
const perSecond = ({ ours_ms, peers }) =>
  Object.fromEntries(
    Object.entries({ [OURS]: ours_ms, ...peers }).map(([name, ms]) => [name, round(1000 / ms)]),
  );

/** The result as a table of text. */
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
