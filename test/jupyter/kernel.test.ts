import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { KernelClient } from "./client";

let kernel: KernelClient;
beforeAll(async () => {
  kernel = await KernelClient.start();
});
afterAll(() => kernel.stop());

describe("results", () => {
  it("publishes the last expression as execute_result", async () => {
    const cell = await kernel.execute("const one = 1;\none + 1");
    expect(cell.result()).toBe("2");
    expect(cell.reply).toMatchObject({ status: "ok", execution_count: expect.any(Number) });
    expect(cell.all("execute_input")).toHaveLength(1);
  });

  it("waits for a promise", async () => {
    expect((await kernel.execute("Promise.resolve([1, 2])")).result()).toBe("[ 1, 2 ]");
  });

  it("shows nothing for undefined and null", async () => {
    expect((await kernel.execute("void 0")).all("execute_result")).toEqual([]);
    expect((await kernel.execute("null")).all("execute_result")).toEqual([]);
  });

  it("leaves a text of several lines readable", async () => {
    expect((await kernel.execute('"a\\nb"')).result()).toBe("a\nb");
  });

  it("asks a value how it wants to be displayed", async () => {
    const cell = await kernel.execute(`
      const figure = { [Symbol.for("gradschool.display")]: () => ({ "text/html": "<b>x</b>", "text/plain": "x" }) };
      figure`);
    expect(cell.all("execute_result")[0].data).toEqual({ "text/html": "<b>x</b>", "text/plain": "x" });
  });

  it("gives a failing display method as the cell's error", async () => {
    const cell = await kernel.execute(
      `({ [Symbol.for("gradschool.display")]() { throw new Error("no picture"); } })`,
    );
    expect(cell.reply).toMatchObject({ status: "error", evalue: "no picture" });
  });
});

describe("live displays", () => {
  const hook = `(globalThis as any)[Symbol.for("gradschool.kernel")]`;

  it("shows at once and ends with the last update of a burst", async () => {
    const cell = await kernel.execute(`
      const handle = ${hook}.display({ "text/plain": "start" });
      for (let i = 0; i <= 5000; i++) handle.update({ "text/plain": String(i) });`);
    const [shown] = cell.all("display_data");
    const updates = cell.all("update_display_data");
    expect(shown.data).toEqual({ "text/plain": "start" });
    expect(updates.at(-1)).toMatchObject({ data: { "text/plain": "5000" }, transient: shown.transient });
    expect(updates.length).toBeLessThan(200);
  });

  it("is reached from tslab's own display, too", async () => {
    const cell = await kernel.execute(`import * as tslab from "tslab";\ntslab.display.html("<i>x</i>");`);
    expect(cell.all("display_data")[0].data).toEqual({ "text/html": "<i>x</i>" });
  });
});

describe("output", () => {
  it("of 20,000 lines arrives complete, and so does the end", async () => {
    const cell = await kernel.execute("for (let i = 0; i < 20000; i++) console.log(i);");
    expect(cell.text("stdout")).toBe(Array.from({ length: 20000 }, (_, i) => `${i}\n`).join(""));
  });

  it("of more than 512 messages arrives from a loop that never gives way", async () => {
    const cell = await kernel.execute(`
      for (let i = 0; i < 700; i++) (globalThis as any)[Symbol.for("gradschool.kernel")].display({ "text/plain": String(i) });`);
    expect(cell.reply.status).toBe("ok");
    expect(
      cell.all("display_data").map((shown) => (shown.data as Record<string, string>)["text/plain"]),
    ).toEqual(Array.from({ length: 700 }, (_, i) => String(i)));
  });

  it("keeps the order of stdout and stderr", async () => {
    const cell = await kernel.execute(`console.log("a"); console.error("b"); console.log("c");`);
    const streams = cell.all("stream").map(({ name, text }) => [name, text]);
    expect(streams).toEqual([
      ["stdout", "a\n"],
      ["stderr", "b\n"],
      ["stdout", "c\n"],
    ]);
  });
});

describe("the language", () => {
  it("awaits a parenthesis", async () => {
    expect((await kernel.execute("const five = await (Promise.resolve(5));\nfive")).result()).toBe("5");
  });

  it("awaits a parenthesis beside an object of the library's", async () => {
    await kernel.execute('import { trainingView } from "gradschool";');
    const cell = await kernel.execute(
      "const view = trainingView({ totalSteps: 5 });\nfor (const six of [6]) await (six as any);\ntypeof view.step",
    );
    expect(cell.result()).toBe("'function'");
  });

  it("loops with for await", async () => {
    const cell = await kernel.execute("for await (const x of [Promise.resolve(1), 2]) console.log(x);");
    expect(cell.text("stdout")).toBe("1\n2\n");
  });

  it("takes an earlier cell's variable in shorthand, in objects and in assignments", async () => {
    await kernel.execute(`const key = "k";\nlet other = 1;\nimport { join } from "node:path";`);
    expect((await kernel.execute("({ key, other, same: typeof { join }.join })")).result()).toBe(
      "{ key: 'k', other: 1, same: 'function' }",
    );
    await kernel.execute("({ other } = { other: 2 });");
    await kernel.execute("({ other = 7 } = {} as { other?: number });");
    expect((await kernel.execute("other")).result()).toBe("7");
  });

  it("takes apart what an earlier cell's function returns, under other names", async () => {
    await kernel.execute("function pair() { return { left: 1, inner: { right: 2 } }; }\nlet taken = 0;");
    const cell = await kernel.execute(
      "const { left: one, inner: { right: two = 5 }, ...rest } = pair();\n({ left: taken } = pair());\n[one, two, rest, taken]",
    );
    expect(cell.result()).toBe("[ 1, 2, {}, 1 ]");
    expect((await kernel.execute("[pair()].map(({ left: l }) => l + taken)")).result()).toBe("[ 2 ]");
  });

  it("is strict, in types and at run time", async () => {
    expect((await kernel.execute("const f = (x) => x;")).reply.status).toBe("error");
    const cell = await kernel.execute("function self(this: unknown) { return this === undefined; }\nself()");
    expect(cell.result()).toBe("true");
  });

  it("knows the newer methods of arrays", async () => {
    expect((await kernel.execute("[3, 1].toSorted()")).result()).toBe("[ 1, 3 ]");
  });
});

describe("errors", () => {
  it("come with name, message and the cell's own lines", async () => {
    const cell = await kernel.execute(`interface Unused { a: number }

function fail(depth: number): number {
  if (depth > 0) return fail(depth - 1);
  throw new RangeError("too deep");
}

fail(1);`);
    const { execution_count: n } = cell.reply;
    expect(cell.reply).toMatchObject({ status: "error", ename: "RangeError", evalue: "too deep" });
    expect(cell.all("error")).toEqual([expect.objectContaining({ ename: "RangeError", evalue: "too deep" })]);
    expect(cell.traceback()).toBe(`RangeError: too deep
cell [${n}], line 5, column 9:
  3 | function fail(depth: number): number {
  4 |   if (depth > 0) return fail(depth - 1);
> 5 |   throw new RangeError("too deep");
    |         ^
    at fail (cell [${n}]:5:9)
    at fail (cell [${n}]:4:25)
    at cell [${n}]:8:1`);
  });

  it("in types say where, with a caret, and that nothing ran", async () => {
    const cell = await kernel.execute(`console.log("ran");\nconst text: string = 3;`);
    const { execution_count: n } = cell.reply;
    expect(cell.reply).toMatchObject({ status: "error", ename: "TypeScriptError" });
    expect(cell.text("stdout")).toBe("");
    expect(cell.traceback()).toBe(`TypeScript found an error, so the cell did not run.
cell [${n}], line 2, column 7: Type 'number' is not assignable to type 'string'. TS2322
  1 | console.log("ran");
> 2 | const text: string = 3;
    |       ^^^^`);
  });

  it("in syntax are called so", async () => {
    expect((await kernel.execute("const = 1;")).reply).toMatchObject({
      status: "error",
      ename: "SyntaxError",
    });
  });

  it("may be any thrown value", async () => {
    expect((await kernel.execute(`throw "a word"`)).reply).toMatchObject({
      ename: "Thrown",
      evalue: "a word",
    });
  });

  it("do not stop the next cell when errors are allowed", async () => {
    const [failed, next] = await Promise.all([
      kernel.execute(`throw new Error("allowed")`, { stop_on_error: false }),
      kernel.execute(`"ran"`, { stop_on_error: false }),
    ]);
    expect(failed.reply.status).toBe("error");
    expect(next.result()).toBe("'ran'");
  });

  it("abort what was queued, and nothing that comes after the reply", async () => {
    const cells = await Promise.all([
      kernel.execute(`throw new Error("stop")`),
      kernel.execute(`console.log("must not run")`),
      kernel.execute(`console.log("must not run")`),
    ]);
    expect(cells.map((cell) => cell.reply.status)).toEqual(["error", "aborted", "aborted"]);
    expect(cells[1].published).toEqual([]);
    expect((await kernel.execute(`"after"`)).result()).toBe("'after'");
  });

  it("do not let a cell end the kernel", async () => {
    expect((await kernel.execute("process.exit(0)")).reply).toMatchObject({ status: "error" });
    expect(kernel.alive).toBe(true);
  });
});

describe("late errors", () => {
  it("of a promise that nobody awaits fail the cell", async () => {
    const cell = await kernel.execute(`Promise.reject(new Error("not awaited"));\n1`);
    expect(cell.reply).toMatchObject({ status: "error", evalue: "not awaited" });
  });

  it("of a timer end the cell that still waits", async () => {
    const cell = await kernel.execute(
      `await new Promise(() => setTimeout(() => { throw new Error("in a timer"); }, 20));`,
    );
    expect(cell.reply).toMatchObject({ status: "error", evalue: "in a timer" });
  });

  it("of an earlier cell fail the cell that runs, say whose they are, and reach the kernel's stderr", async () => {
    const first = await kernel.execute(`setTimeout(() => { throw new Error("late"); }, 50);\n0`);
    expect(first.reply.status).toBe("ok");
    const second = await kernel.execute("await new Promise((resolve) => setTimeout(resolve, 200));");
    expect(second.reply).toMatchObject({ status: "error", evalue: "late" });
    expect(second.traceback()).toContain(`from cell [${first.reply.execution_count}]`);
    expect(kernel.stderr).toContain("late");
  });
});

describe("interrupts", () => {
  const soon = () => setTimeout(() => kernel.interrupt(), 300);

  it("end a loop that never gives way", async () => {
    soon();
    expect((await kernel.execute("for (;;);")).reply).toMatchObject({
      status: "error",
      ename: "KeyboardInterrupt",
    });
  });

  it("end a wait, and the loop around it stops too", async () => {
    await kernel.execute("const state = { rounds: 0 };");
    soon();
    const cell = await kernel.execute("for (;;) { state.rounds++; await null; }");
    expect(cell.reply).toMatchObject({ status: "error", ename: "KeyboardInterrupt" });
    const before = (await kernel.execute("state.rounds")).result();
    await kernel.execute("await new Promise((resolve) => setTimeout(resolve, 50));");
    expect((await kernel.execute("state.rounds")).result()).toBe(before);
  });

  it("abort the signal that libraries look at", async () => {
    await kernel.execute("const seen = { signal: null as AbortSignal | null };");
    soon();
    await kernel.execute(
      `seen.signal = (globalThis as any)[Symbol.for("gradschool.kernel")].signal;
      await new Promise(() => {});`,
    );
    expect((await kernel.execute("seen.signal?.aborted")).result()).toBe("true");
  });
});

describe("requests beside execution", () => {
  it("answers what JupyterLab asks at its start", async () => {
    expect((await kernel.request("history_request", {})).reply).toEqual({ status: "ok", history: [] });
    expect((await kernel.request("comm_info_request", {})).reply).toEqual({ status: "ok", comms: {} });
  });

  it("completes names of earlier cells", async () => {
    await kernel.execute("const uncommonName = 1;");
    const { reply } = await kernel.request("complete_request", { code: "uncommonN", cursor_pos: 9 });
    expect(reply.matches).toContain("uncommonName");
  });
});

it("closes quietly while a cell runs", async () => {
  const closing = await KernelClient.start();
  void closing.execute(
    `for (;;) { console.log("on and on"); await new Promise((resolve) => setTimeout(resolve, 5)); }`,
  );
  await new Promise((resolve) => setTimeout(resolve, 300));
  await Promise.race([
    closing.request("shutdown_request", { restart: false }),
    new Promise((resolve) => setTimeout(resolve, 1000)),
  ]);
  for (let waited = 0; closing.alive && waited < 100; waited++)
    await new Promise((resolve) => setTimeout(resolve, 100));
  expect(closing.alive).toBe(false);
  expect(closing.stderr).toBe("");
  closing.stop();
});

it("finds the course's packages from any folder", async () => {
  const elsewhere = mkdtempSync(join(tmpdir(), "gradschool-elsewhere-"));
  const away = await KernelClient.start(elsewhere);
  try {
    const cell = await away.execute(
      `import { extname } from "node:path";\nimport ts from "typescript";\nts.version`,
    );
    expect(cell.reply).toMatchObject({ status: "ok" });
  } finally {
    away.stop();
    rmSync(elsewhere, { recursive: true, force: true });
  }
});
