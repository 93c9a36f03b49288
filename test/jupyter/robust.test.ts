import { createHmac } from "node:crypto";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { KernelClient } from "./client";

let kernel: KernelClient;
beforeAll(async () => {
  kernel = await KernelClient.start();
});
afterAll(() => kernel.stop());

describe("odd throws are the cell's, not the kernel's", () => {
  const hostile =
    "get() { throw 1; }, getPrototypeOf() { throw 2; }, ownKeys() { throw 3; }, has() { throw 4; }";
  it.each([
    ["null", "throw null;", "Thrown", "null"],
    ["undefined", "throw undefined;", "Thrown", "undefined"],
    ["a function", "throw function odd() {};", "Thrown", "[Function: odd]"],
    ["a symbol", `throw Symbol("odd");`, "Thrown", "Symbol(odd)"],
    ["an object without a prototype", "throw Object.create(null);", "Thrown", "[Object: null prototype] {}"],
    // Later versions of Node print that it is one.
    ["a Proxy", `throw new Proxy({}, { ${hostile} });`, "Thrown", /^({}|Proxy\({}\))$/],
    ["a Proxy of an error", `throw new Proxy(new Error("inner"), { ${hostile} });`, "Thrown", /inner/],
    [
      "a revoked Proxy",
      "const { proxy, revoke } = Proxy.revocable({}, {});\nrevoke();\nthrow proxy;",
      "Thrown",
      /Proxy/,
    ],
    ["a frozen error", `throw Object.freeze(new Error("cold"));`, "Error", "cold"],
    [
      "an error whose name is a symbol",
      `throw Object.assign(new Error("m"), { name: Symbol("n") });`,
      "Symbol(n)",
      "m",
    ],
    ["an error whose name is empty", `throw Object.assign(new Error("m"), { name: "" });`, "Error", "m"],
    [
      "an error whose message is an object",
      `throw Object.assign(new Error(), { message: { a: 1 } });`,
      "Error",
      "{ a: 1 }",
    ],
    ["an error whose stack is a number", `throw Object.assign(new Error("m"), { stack: 5 });`, "Error", "m"],
    ["an error without a stack", `const e = new Error("m");\ndelete e.stack;\nthrow e;`, "Error", "m"],
    ["an error that is its own cause", `const e = new Error("m");\ne.cause = e;\nthrow e;`, "Error", "m"],
    [
      "an error with causes without end",
      `class E extends Error { get cause(): unknown { return new E("again"); } }\nthrow new E("m");`,
      "Error",
      "m",
    ],
    [
      "an error whose getters throw",
      `throw Object.defineProperties(new Error("m"), Object.fromEntries(["name", "message", "stack", "cause", "errors"].map(
        (key) => [key, { get() { throw new Error(key); } }])));`,
      "Error",
      "",
    ],
    [
      "an error whose errors are odd",
      `throw Object.assign(new Error("m"), { errors: { length: 5 } });`,
      "Error",
      "m",
    ],
    [
      "an AggregateError of odd things",
      `throw new AggregateError([null, 3, Symbol("s")], "many");`,
      "AggregateError",
      "many",
    ],
    [
      "a value that throws when it is printed",
      `throw { [Symbol.for("nodejs.util.inspect.custom")]() { throw 2; }, toString() { throw 1; } };`,
      "Thrown",
      /./,
    ],
    ["a value whose tag throws", "throw { get [Symbol.toStringTag]() { throw 1; } };", "Thrown", /./],
    ["a DOMException", `throw new DOMException("gone", "AbortError");`, "AbortError", "gone"],
  ])("%s", async (_, code, ename, evalue) => {
    const cell = await kernel.execute(code);
    const wanted = typeof evalue === "string" ? evalue : expect.stringMatching(evalue);
    expect(cell.reply).toMatchObject({ status: "error", ename, evalue: wanted });
    expect(cell.all("error")).toEqual([expect.objectContaining({ ename, evalue: wanted })]);
    const late = await kernel.execute(`void (async () => { ${code} })();\n1`);
    expect(late.reply).toMatchObject({ status: "error", ename, evalue: wanted });
  });
});

describe("a result that is odd", () => {
  it.each([
    ["then() that never calls", "({ then() {} })", null],
    ["a getter for then that throws", "({ get then() { throw 1; } })", "error"],
    ["a Proxy that throws", "new Proxy({}, { get() { throw 1; } })", "error"],
    ["a display that is a number", `({ [Symbol.for("gradschool.display")]: 3 })`, "ok"],
    ["a display that gives null", `({ [Symbol.for("gradschool.display")]: () => null })`, "error"],
    ["a display of a BigInt", `({ [Symbol.for("gradschool.display")]: () => ({ "text/plain": 3n }) })`, "ok"],
    [
      "a display with a cycle",
      `const c: any = {};\nc.c = c;\n({ [Symbol.for("gradschool.display")]: () => ({ "application/json": c }) })`,
      "error",
    ],
    ["printing that throws", `({ [Symbol.for("nodejs.util.inspect.custom")]() { throw 1; } })`, "ok"],
  ])("%s", async (_, code, status) => {
    const cell = await (status === null ? kernel.executeAndStop(code) : kernel.execute(code));
    expect(cell.reply.status).toBe(status ?? "error");
    expect((await kernel.execute("1 + 1")).result()).toBe("2");
  });
});

describe("what a cell breaks, it breaks for cells alone", () => {
  it.each([
    `Array.prototype.push = () => { throw new Error("push"); };`,
    `Array.prototype[Symbol.iterator] = (() => { throw new Error("iterator"); }) as any;`,
    `for (const name of Object.getOwnPropertyNames(Array.prototype)) if (name !== "constructor") (Array.prototype as any)[name] = null;`,
    `Promise.prototype.then = (() => { throw new Error("then"); }) as any;`,
    "Promise.resolve = Promise.race = null as any;",
    "(Map.prototype as any).get = (Map.prototype as any).set = (Set.prototype as any).add = null;",
    `(Function.prototype as any).call = (Function.prototype as any).apply = (Function.prototype as any).bind = null;`,
    "(String.prototype as any).split = (RegExp.prototype as any).exec = null;",
    `Object.defineProperty(Object.prototype, "id", { set() { throw 1; }, get() { throw 2; } });`,
    "JSON.stringify = JSON.parse = null as any;",
    `for (const name of ["Promise", "console", "process", "setTimeout", "setImmediate", "Buffer", "Map", "Error", "queueMicrotask"]) delete (globalThis as any)[name];`,
    "Object.freeze(Object.prototype);\nObject.freeze(Array.prototype);",
  ])("%s", async (code) => {
    const broken = await KernelClient.start();
    const dead = async () => {
      for (let waited = 0; broken.alive && waited < 50; waited++)
        await new Promise((done) => setTimeout(done, 100));
      return !broken.alive;
    };
    /** The result; or nothing from a kernel that says why and ends, so that Jupyter starts another. */
    const answers = async (code: string, result: string) => {
      const cell = await broken.execute(code);
      if (cell.reply.ename !== "KernelError") expect(cell.result()).toBe(result);
      else
        expect([cell.reply.evalue, await dead()]).toEqual([
          expect.stringContaining("run the cells from the top"),
          true,
        ]);
      return broken.alive;
    };
    try {
      if (!(await answers(`const before = 1;\n${code}\n0`, "0"))) return;
      if (!(await answers("before + 1", "2"))) return;
      if (!(await answers("await 0;\nbefore + 2", "3"))) return;
      expect((await broken.execute("throw 5;")).reply).toMatchObject({ ename: "Thrown", evalue: "5" });
      expect((await broken.executeAndStop("await 0;\nfor (;;);")).reply.ename).toBe("KeyboardInterrupt");
      expect(await answers("before + 3", "4")).toBe(true);
    } finally {
      broken.stop();
    }
  });

  it("Error.prepareStackTrace that throws", async () => {
    await kernel.execute(`Error.prepareStackTrace = () => { throw new Error("in the trace"); };`);
    const cell = await kernel.execute(`throw new RangeError("mine");`);
    expect(cell.reply).toMatchObject({ ename: "RangeError", evalue: "mine" });
    await kernel.execute("Error.prepareStackTrace = (_, sites) => sites.length;");
    expect((await kernel.execute("typeof new Error().stack")).result()).toBe("'number'");
    await kernel.execute("Error.prepareStackTrace = undefined as any;");
    expect((await kernel.execute(`throw new Error("again");`)).traceback()).toContain("line 1, column 7");
  });
});

describe("frames that are no message", () => {
  const sign = (...parts: string[]) => {
    const hmac = createHmac("sha256", "test");
    for (const part of parts) hmac.update(part);
    return ["<IDS|MSG>", hmac.digest("hex"), ...parts];
  };
  it.each<[string, string[]]>([
    ["one frame", ["x"]],
    ["an empty frame", [""]],
    ["a delimiter alone", ["<IDS|MSG>"]],
    ["a delimiter and a signature", ["<IDS|MSG>", "a"]],
    ["a wrong signature", ["<IDS|MSG>", "a".repeat(64), "{}", "{}", "{}", "{}"]],
    ["a signature of another length", ["<IDS|MSG>", "a", "{}", "{}", "{}", "{}"]],
    ["three parts", sign("{}", "{}", "{}")],
    ["no JSON", sign("{", "{}", "{}", "{}")],
    ["an empty header", sign("{}", "{}", "{}", "{}")],
    ["null for content", sign(`{"msg_type":"execute_request","msg_id":"1"}`, "{}", "{}", "null")],
    ["a thousand frames", Array.from({ length: 1000 }, () => "z")],
  ])("%s", async (_, frames) => {
    await kernel.send(...frames);
    expect((await kernel.execute("1 + 1")).result()).toBe("2");
  });

  it("requests without what they need are answered", async () => {
    for (const type of ["execute_request", "complete_request", "inspect_request", "is_complete_request"])
      for (const content of [
        {},
        { code: 5, cursor_pos: "x" },
        { code: "a", cursor_pos: -5 },
        { code: "a", cursor_pos: 1e9 },
      ])
        expect((await kernel.request(type, content)).reply.status).toMatch(/ok|complete|error/);
    await kernel.send(...sign(`{"msg_type":"constructor_request","msg_id":"1"}`, "{}", "{}", "{}"));
    expect((await kernel.execute("1 + 1")).result()).toBe("2");
  });
});

it("files that cells import may change and go", async () => {
  const folder = mkdtempSync(join(tmpdir(), "gradschool-files-"));
  const write = (name: string, text: string) => writeFileSync(join(folder, name), text);
  write("data.json", `{ "a": 1 }`);
  write("code.ts", "export const v = 1;");
  const beside = await KernelClient.start(folder);
  const run = async (code: string) => {
    const cell = await beside.execute(code);
    return cell.result() ?? cell.reply.evalue ?? cell.reply.status;
  };
  const soon = () => new Promise((done) => setTimeout(done, 20)); // a later time of change
  try {
    expect(await run(`import data from "./data.json";\ndata.a`)).toBe("1");
    expect(await run(`import { v } from "./code";\nv`)).toBe("1");
    await soon();
    write("data.json", `{ "b": [2] }`);
    expect(await run(`import data from "./data.json";\ndata.b`)).toBe("[ 2 ]");
    rmSync(join(folder, "data.json"));
    expect(await run("1 + 1")).toBe("2");
    expect(await run("data.b[0]")).toBe("2");
    expect(await run(`import data from "./data.json";\ndata`)).toContain("Cannot find module './data.json'");
    expect(await run("2 + 2")).toBe("4");
    write("data.json", `{ "c": 3 }`);
    expect(await run(`import data from "./data.json";\ndata.c`)).toBe("3");
    write("code.ts", "export const v = 'new';");
    expect(await run(`import { v } from "./code";\nv.length`)).toBe("3");
    rmSync(join(folder, "code.ts"));
    expect(await run("3 + 3")).toBe("6");
    expect(beside.stderr).toBe("");
  } finally {
    beside.stop();
    rmSync(folder, { recursive: true, force: true });
  }
});
