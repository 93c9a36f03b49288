import { spawn } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { afterAll, describe, expect, it } from "vitest";
import * as main from "../../src";
import * as bert from "../../src/lectures/bert";
import * as beyond from "../../src/lectures/beyond";
import * as clip from "../../src/lectures/clip";
import * as gpt from "../../src/lectures/gpt";
import * as transformer from "../../src/lectures/transformer";
import * as vit from "../../src/lectures/vit";
import { compiled, entries } from "./library";
import { callables } from "./signatures";
import { specimens } from "./specimens";

/**
 * Every public function, constructor, method and accessor with nonsense in each place where a value is expected. Nothing
 * but an error in the library's own words may come of it (or a result): no error of the engine, no trap, no hang, no death.
 *
 * `GRADSCHOOL_NONSENSE=1` makes all calls (minutes), a larger number one of so many; `GRADSCHOOL_NONSENSE_ONLY=nd.zeros`
 * only those whose name contains this ("a revoked Proxy as"), `GRADSCHOOL_NONSENSE_SEED=2` others than by default.
 */
const EVERY = Number(process.env.GRADSCHOOL_NONSENSE ?? 60);
const ONLY = process.env.GRADSCHOOL_NONSENSE_ONLY;
/** Milliseconds without a new call after which one hangs. */
const PATIENCE = 20_000;
/** KiB of data a child may hold. */
const MEMORY = 3.5 * 2 ** 20;

/** What is let pass: the engine's words for what nobody passes by mistake. */
const KNOWN = [
  // Any look at one throws. The models and helpers of the lectures, and what others than the library's own code hardly
  // call, look at what comes without a check.
  {
    call: /^(new )?((autograd|bert|beyond|clip|gpt|transformer|vit)\.|Tensor|BufferTensor|\w+Error|NotImplemented|Halted|record|compareValues|nd\.(incrementVersion|versionOf)).*: a revoked Proxy as/,
    what: /on a proxy that has been revoked/,
  },
  // Its first argument is the name that errors begin with, whatever that is.
  { call: /^checkTensor: .* as argument 0/, what: /./ },
  // Each input is an argument of the function, and the engine passes no more.
  { call: /^(jvp|vjp|grad\w*): 130,000 (arrays|tensors) as/, what: /Maximum call stack size exceeded/ },
  // Texts and sums of such a list are made by the engine's own recursion (`${list}`, Number(list)).
  { call: /a list 20,000 deep as/, what: /Maximum call stack size exceeded/ },
  // To ask every function whether it is a class costs more than these words do.
  { call: /class as/, what: /Class constructor Odd cannot be invoked without 'new'/ },
];

interface Fault {
  readonly call: string;
  readonly what: string;
}

/**
 * Run the jobs in child processes. One that hangs or dies is called once more, alone; if it does so again it is named.
 * The next child goes on behind it.
 */
async function runAll(settings: object, folder: string): Promise<{ faults: Fault[]; calls: number }> {
  const faults: Fault[] = [];
  let calls = 0;
  let from = 1;
  let to = Number.POSITIVE_INFINITY;
  for (;;) {
    const file = join(folder, "settings.json");
    writeFileSync(file, JSON.stringify({ ...settings, from, to: Math.min(to, Number.MAX_SAFE_INTEGER) }));
    const script = join(compiled(), "test/nonsense/child.js");
    const command = `ulimit -d ${MEMORY}; exec "$0" "$@"`;
    const child = spawn(
      "/bin/sh",
      ["-c", command, process.execPath, "--expose-gc", "--max-old-space-size=1500", script, file],
      { cwd: folder, stdio: ["ignore", "pipe", "pipe"], env: { ...process.env, GRADSCHOOL_THREADS: "1" } },
    );
    let last = { start: "the start of the process", number: from - 1 };
    let [finished, hung, words] = [false, false, ""];
    child.stderr.on("data", (data) => {
      words = (words + data).slice(-2000);
    });
    const watch = () =>
      setTimeout(() => {
        hung = true;
        child.kill("SIGKILL");
      }, PATIENCE);
    let timer = watch();
    const closed = new Promise<string>((done) =>
      child.on("close", (code, signal) => done(String(signal ?? code))),
    );
    for await (const line of createInterface({ input: child.stdout })) {
      clearTimeout(timer);
      timer = watch();
      const message = JSON.parse(line);
      if (message.start) {
        last = message;
        calls++;
      }
      if (message.bad)
        faults.push({ call: message.bad, what: `${message.message} at ${message.at.join(" < ")}` });
      if (message.done !== undefined) finished = true;
    }
    clearTimeout(timer);
    const end = await closed;
    const isAlone = to === from;
    if (finished && !isAlone) return { faults, calls };
    if (isAlone) [from, to] = [from + 1, Number.POSITIVE_INFINITY];
    if (finished) continue;
    if (!isAlone && last.number >= from) {
      from = to = last.number;
      continue;
    }
    faults.push({
      call: last.start,
      what: hung ? "hangs" : `the process died (${end}): ${words.slice(-300)}`,
    });
    if (!isAlone) return { faults, calls }; // it did not even begin
  }
}

describe("nonsense", () => {
  const folder = mkdtempSync(join(tmpdir(), "nonsense-"));
  afterAll(() => rmSync(folder, { recursive: true, force: true }));
  const modules = entries();
  const makers = specimens({ "": main, bert, beyond, clip, gpt, transformer, vit });

  it("specimens are good", () => {
    const before = process.cwd();
    process.chdir(folder);
    try {
      for (const [name, list] of Object.entries(makers))
        for (const make of list) expect(make(), name).toBeDefined();
    } finally {
      process.chdir(before);
    }
  });

  it(
    "gets an answer in the library's own words",
    async () => {
      const all = callables(modules, new Set(Object.keys(makers)));
      const compiledModules = Object.fromEntries(
        Object.entries(modules).map(([name, file]) => [name, file.replace(/ts$/, "js")]),
      );
      const settings = {
        callables: all,
        modules: compiledModules,
        every: EVERY,
        seed: Number(process.env.GRADSCHOOL_NONSENSE_SEED ?? 1),
        only: ONLY,
      };
      const { faults, calls } = await runAll(settings, folder);
      if (process.env.GRADSCHOOL_NONSENSE_LIST)
        writeFileSync(
          process.env.GRADSCHOOL_NONSENSE_LIST,
          JSON.stringify({ faults, calls, callables: all.length }, null, 1),
        );
      expect(calls).toBeGreaterThan(ONLY ? 0 : 500);
      const isKnown = (fault: Fault) =>
        KNOWN.some(({ call, what }) => call.test(fault.call) && what.test(fault.what));
      const unknown = faults.filter((fault) => !isKnown(fault));
      expect(unknown.map(({ call, what }) => `${call} → ${what}`)).toEqual([]);
    },
    EVERY > 10 ? 180_000 : 3_600_000,
  );
});
