import { spawnSync } from "node:child_process";
import { fileURLToPath } from "node:url";
import { describe, expect, it } from "vitest";

const load = (file: string) =>
  import(/* @vite-ignore */ new URL(`../../bench/${file}`, import.meta.url).href);
const { parse } = await load("arguments.mjs");
const { summary, show } = await load("race.mjs");
const { measure, median } = await load("peers/measure.mjs");

describe("the command line of the benchmark", () => {
  it("means everything unless told otherwise", () => {
    const { names, rounds, steps, json } = parse([], {});
    expect(names).toEqual([
      "gpt",
      "clip",
      "vit",
      "resnet",
      "generate",
      "kernels",
      "ops",
      "memory",
      "threads",
    ]);
    expect({ rounds, steps, json }).toEqual({ rounds: 5, steps: 10_000, json: false });
  });

  it("reads names and options", () => {
    const args = ["gpt", "--config", "64,4,2,16,32,65", "--rounds", "2", "--torch", "python", "--json"];
    const wanted = { names: ["gpt"], config: "64,4,2,16,32,65", rounds: 2, torch: "python", json: true };
    expect(parse(args, { GRADSCHOOL_THREADS: "3" })).toMatchObject({ ...wanted, threads: 3 });
    expect(parse(["vit", "clip", "--threads", "1"], { GRADSCHOOL_THREADS: "3" }).threads).toBe(1);
  });

  it.each([
    ["nope", "expected gpt, clip, vit, resnet, generate, kernels, ops, memory, threads, grading, got nope"],
    ["gpt --config 64,4", "--config: expected 6 whole numbers (d,heads,layers,batch,T,vocabulary)"],
    ["gpt --config 64,4,0,16,32,65", "--config: expected 6 whole numbers"],
    ["gpt --config 64,5,2,16,32,65", "expected d divisible by heads, got 64 and 5"],
    ["vit --config 64,4,4,64,28,5", "expected image divisible by patch, got 28 and 5"],
    ["gpt vit --config 64,4,2,16,32,65", "--config goes with one of gpt, clip, vit, resnet, generate"],
    ["kernels --config 1", "--config goes with one of"],
    ["gpt --rounds 0", `--rounds: expected a whole number from 1 on, got "0"`],
    ["gpt --steps 5", "--steps goes with memory, got gpt"],
    [
      "gpt --without numpy",
      "--without: expected one of PyTorch, jax-js, TensorFlow.js, js-pytorch, got numpy",
    ],
    ["memory --without PyTorch", "--without: expected one of no peers, got PyTorch"],
    ["gpt --limit 0", `--limit: expected a whole number from 1 on, got "0"`],
    ["gpt --fast", "Unknown option '--fast'"],
  ])("%s is refused", (line, message) => {
    expect(() => parse(line.split(" "), {})).toThrow(message);
  });

  it("says what is wrong in one line and exits with 2", () => {
    const main = fileURLToPath(new URL("../../bench/main.mjs", import.meta.url));
    const run = (...args: string[]) => spawnSync(process.execPath, [main, ...args], { encoding: "utf8" });
    const noTorch = run("gpt", "--torch", process.execPath);
    expect(noTorch.status).toBe(2);
    expect(noTorch.stdout).toBe("");
    expect(noTorch.stderr).toMatch(/^bench: --torch: .* has no PyTorch .*\n$/);
    expect(run("nope").status).toBe(2);
  });
});

describe("the rule by which contenders are measured", () => {
  /** How many steps a contender makes in all, and how many count, when each takes so many ms. */
  async function stepsOf(ms: number) {
    let clock = 0;
    let made = 0;
    const step = () => {
      made++;
      clock += ms;
    };
    const { steps } = await measure(step, () => clock);
    return [made, steps];
  }

  it("goes by time, with ten steps at least, and is patient with the slow to a point", async () => {
    expect(await stepsOf(1)).toEqual([3500, 2000]);
    expect(await stepsOf(400)).toEqual([20, 10]);
    expect(await stepsOf(2000)).toEqual([3 + 8, 8]);
    expect(await stepsOf(20_000)).toEqual([1 + 3, 3]);
  });

  it("waits for promises and takes the median", async () => {
    const times = [5, 1, 9];
    let clock = 0;
    let i = 0;
    const step = async () => {
      await null;
      clock += 1000 * times[i++ % 3];
    };
    expect((await measure(step, () => clock)).ms).toBe(5000);
    expect(median([4, 1, 3, 2])).toBe(2.5);
  });
});

describe("one result", () => {
  const config = [64, 4, 2, 16, 32, 65];
  const made = (ms: number) => ({ ms, device: "wasm", threads: 2, fma: true, params: 110_464 });
  const runs = () =>
    new Map<string, object[]>([
      ["gradschool", [made(10), made(40), made(20)]],
      ["PyTorch", [made(5), made(10), made(8)]],
      ["jax-js", [made(100)]],
      ["js-pytorch", [{ failed: "Error: no" }]],
    ]);

  it("holds medians, spreads, and the ratios of rounds", () => {
    expect(JSON.parse(JSON.stringify(summary("gpt", config, runs())))).toEqual({
      bench: "gpt",
      ours_ms: 20,
      config,
      device: "wasm",
      threads: 2,
      fma: true,
      params: 110_464,
      rounds: 3,
      spread: { gradschool: [10, 40], PyTorch: [5, 10], "jax-js": [100, 100] },
      peers: { PyTorch: 8, "jax-js": 100 },
      ratio: { PyTorch: 2.5, "jax-js": 0.1 },
      failed: { "js-pytorch": "Error: no" },
    });
  });

  it("reads as a table", () => {
    const text = show(summary("gpt", config, runs()));
    expect(text).toContain("GPT, one AdamW step: d 64, heads 4, layers 2, batch 16, T 32, vocabulary 65");
    expect(text).toMatch(/PyTorch +8\.000 ms +\(5\.000 … 10\.00\) +ours takes 2\.50 × its time/);
    expect(text).toContain("js-pytorch      did not run: Error: no");
  });

  it("counts tokens per second where a step is a token", () => {
    const { per_second } = summary("generate", [128, 4, 4, 128, 65], runs());
    expect(per_second).toEqual({ gradschool: 50, PyTorch: 125, "jax-js": 10 });
  });

  it("needs ours", () => {
    const broken = runs().set("gradschool", [{ failed: "Error: no build" }]);
    expect(() => summary("gpt", config, broken)).toThrow("gpt did not run: Error: no build");
  });
});
