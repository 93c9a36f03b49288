import { execFileSync } from "node:child_process";
import { rmSync } from "node:fs";
import { createContext, Script } from "node:vm";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { reference } from "../../src/tensor/devices/reference";
import { createWasm } from "../../src/tensor/devices/wasm";
import { compile } from "./compiled";
import { exact, numbers } from "./conformance/arrays";

const SIZES = { batch: 1, m: 130, k: 140, n: 150 };
const PLAIN = { transposeA: false, transposeB: false, sharedA: false, sharedB: false };

describe("threads", () => {
  it("give the same bits as one thread, however often the race is run", () => {
    const [one, four] = [1, 4].map((threads) => createWasm(reference, { threads }));
    const [a, b] = [numbers(1, 130 * 140), numbers(2, 140 * 150)];
    const want = new Float32Array(130 * 150);
    one.kernels.matmul(a, b, want, { ...SIZES, ...PLAIN });
    const got = four.kernels.alloc("float32", 130 * 150);
    for (let i = 0; i < 300; i++) {
      got.fill(Number.NaN);
      four.kernels.matmul(a, b, got, { ...SIZES, ...PLAIN });
      exact(got, want);
    }
    expect(one.info()).toMatchObject({ threads: 1 });
    expect(four.info()).toMatchObject({ threads: 4 });
  });

  it("draw one stream, and add up in one order, however many there are", () => {
    const n = 100_003;
    const [x, y] = [numbers(3, n), numbers(4, n)];
    const [one, three] = [1, 3].map((threads) => {
      const { kernels } = createWasm(reference, { threads });
      const out = new Float32Array(n + 1);
      const state = Int32Array.of(1, 2, 3, 4);
      kernels.draw("normal", state, out.subarray(1), 0, 1);
      kernels.matmul(x, y, out.subarray(0, 1), { batch: 1, m: 1, k: n, n: 1, ...PLAIN });
      return { out, state };
    });
    exact(three.out, one.out);
    expect(three.state).toEqual(one.state);
  });

  it("scatter in one order, however many there are", () => {
    for (const [lines, places, columns] of [
      [1, 3001, 1],
      [1, 50, 61],
      [7, 301, 3],
    ]) {
      const n = Math.ceil(100_003 / lines / columns);
      const size = lines * n * columns;
      const x = numbers(5, size);
      const indices = Int32Array.from(numbers(6, size), (v) => Math.abs(Math.floor(v * 1e6)) % places);
      const outer = Int32Array.from({ length: lines }, (_, o) => o * places * columns);
      const inner = Int32Array.from({ length: columns }, (_, j) => j);
      for (const op of ["sum", "assign"] as const) {
        const [one, two, five] = [1, 2, 5].map((threads) => {
          const { kernels } = createWasm(reference, { threads });
          const out = kernels.alloc("float32", lines * places * columns);
          kernels.scatter(op, x, outer, columns, inner, indices, out);
          return out;
        });
        exact(two, one);
        exact(five, one);
      }
    }
  });

  it("are off without shared memory, and say why", () => {
    const info = createWasm(reference, { shared: false, heapMiB: 16 }).info();
    expect(info).toMatchObject({ threads: 1, threadsOff: "no shared memory: switched off" });
  });
});

describe("threads after a call that was cut short", () => {
  it("have left the arrays of the next call alone", () => {
    const { kernels } = createWasm(reference, { threads: 3 });
    const n = 700;
    const sizes = { batch: 1, m: n, k: n, n, ...PLAIN };
    const [a, b, out] = [1, 2, 3].map((seed) => kernels.alloc("float32", n * n).fill(seed));
    const want = new Float32Array(n * n).fill(2 * n);
    const endless = new Script("forever()");
    for (let round = 0; round < 20; round++) {
      const forever = () => {
        for (;;) kernels.matmul(a, b, kernels.alloc("float32", n * n), sizes);
      };
      const options = { timeout: 30 + 7 * round };
      expect(() => endless.runInContext(createContext({ forever }), options)).toThrow(/timed out/);
      for (let i = 0; i < 3; i++) {
        out.fill(Number.NaN);
        kernels.matmul(a, b, out, sizes);
        exact(out, want);
      }
    }
  });
});

describe("threads in a process of their own", () => {
  let folder = "";
  beforeAll(() => {
    folder = compile("threads-test", ["devices/wasm/index", "devices/reference/index"]).outDir;
  }, 60_000);
  afterAll(() => rmSync(folder, { recursive: true, force: true }));

  /** Runs a product on the compiled device and answers what `info()` says at the end. */
  function run(threads: string): Record<string, unknown> {
    const program = `
      const { createWasm } = require("./devices/wasm");
      const { reference } = require("./devices/reference");
      const device = createWasm(reference);
      const x = device.kernels.alloc("float32", 300 * 300).fill(1);
      const out = device.kernels.alloc("float32", 300 * 300);
      device.kernels.matmul(x, x, out, ${JSON.stringify({ batch: 1, m: 300, k: 300, n: 300, ...PLAIN })});
      setTimeout(() => console.log(JSON.stringify({ ...device.info(), last: out[300 * 300 - 1] })), 20);
    `;
    const env = { ...process.env, GRADSCHOOL_THREADS: threads };
    return JSON.parse(
      execFileSync(process.execPath, ["-e", program], {
        cwd: folder,
        env,
        encoding: "utf8",
        stdio: "pipe",
        timeout: 30_000,
      }),
    );
  }

  it("do not keep it alive", () => {
    expect(run("3")).toMatchObject({ threads: 3, last: 300 });
  });

  it("are off with GRADSCHOOL_THREADS=1", () => {
    expect(run("1")).toMatchObject({ threads: 1, last: 300 });
  });

  it.each(["many", "1e9", "-1", "0", "1.5", "65"])("%s is refused", (count) => {
    expect(() => run(count)).toThrow(
      `GRADSCHOOL_THREADS: expected a whole number from 1 to 64, got ${JSON.stringify(count)}; 1 switches threads off`,
    );
  });
});
