import { spawn } from "node:child_process";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { KernelClient } from "./client";

let kernel: KernelClient;
beforeAll(async () => {
  kernel = await KernelClient.start();
  await kernel.execute("const kept = 7;\nlet log: string[] = [];");
  await kernel.execute('import { isGradEnabled, meta, nd, noGrad, tensor, withinLimits } from "gradschool";');
});
afterAll(() => kernel.stop());

const forever = "await new Promise(() => {});";

describe("stop", () => {
  it.each([
    ["a loop", "for (;;);"],
    ["a loop after an await", "await null;\nfor (;;);"],
    ["a loop after a real wait", "await new Promise((done) => setTimeout(done, 20));\nfor (;;);"],
    ["a loop in an async function", "async function f() { await 1; for (;;); }\nawait f();"],
    ["a loop in a promise's callback", `Promise.resolve().then(() => { for (;;); });\n${forever}`],
    ["a loop in a timer", `setTimeout(() => { for (;;); }, 5);\n${forever}`],
    ["a loop in an interval", `setInterval(() => { for (;;); }, 5);\n${forever}`],
    ["a loop in setImmediate", `setImmediate(() => { for (;;); });\n${forever}`],
    ["a loop in nextTick", `process.nextTick(() => { for (;;); });\n${forever}`],
    ["a loop of ticks", `const next = () => process.nextTick(next);\nnext();\n${forever}`],
    ["a loop of awaits", "for (;;) await null;"],
    ["a loop of awaits that catches", "for (;;) try { await null; } catch {}"],
    [
      "a loop in a file's callback",
      `import { readFile } from "node:fs";\nreadFile("/", () => { for (;;); });\n${forever}`,
    ],
    [
      "a loop in the result's display",
      `({ get [Symbol.for("gradschool.display")](): unknown { for (;;); } })`,
    ],
    [
      "a loop in an error's message",
      "class Odd extends Error { get message(): string { for (;;); } }\nthrow new Odd();",
    ],
    [
      "a loop in a thrown value's own words",
      `throw { [Symbol.for("nodejs.util.inspect.custom")]() { for (;;); } };`,
    ],
    ["a loop that catches everything", "await 0;\nfor (;;) try { throw 1; } catch {} finally { continue; }"],
    ["a loop of the library's", "await 0;\nfor (;;) nd.ones([200, 200]).matmul(nd.ones([200, 200]));"],
    ["a wait for a thread", "await 0;\nAtomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0);"],
    ["a regular expression", `await 0;\n/^(a+)+$/.test("a".repeat(50) + "b");`],
    [
      "a child process",
      `import { execSync } from "node:child_process";\nawait 0;\nexecSync("sleep 1");\nfor (;;);`,
    ],
    ["a wait that never ends", forever],
    ["a promise as result", "new Promise(() => {})"],
  ])("ends %s", async (_, code) => {
    const cell = await kernel.executeAndStop(code);
    expect(cell.reply).toMatchObject({
      status: "error",
      ename: "KeyboardInterrupt",
      evalue: "the cell was stopped",
    });
    expect(cell.all("error")).toHaveLength(1);
    expect((await kernel.execute("kept")).result()).toBe("7");
    expect(
      (await kernel.execute("await new Promise((done) => setTimeout(done, 30));\nlog")).reply.status,
    ).toBe("ok");
  });

  it("says where the cell was", async () => {
    const cell = await kernel.executeAndStop("await 0;\nlet n = 0;\nfor (;;) {\n  n++;\n}");
    expect(cell.traceback()).toMatch(/cell \[\d+\], line [34], column/);
  });

  it("keeps what the cell had declared", async () => {
    await kernel.executeAndStop("const early = 5;\nawait 0;\nfor (;;);\nconst late = 6;");
    expect((await kernel.execute("early")).result()).toBe("5");
    const cell = await kernel.execute("late");
    expect(cell.traceback()).toMatch(
      /Cell \[\d+\] declares it, but stopped at line 3: run that cell again\./,
    );
  });

  it("may come several times, and at once", async () => {
    for (let i = 0; i < 5; i++) {
      setTimeout(() => kernel.interrupt(), 320);
      setTimeout(() => kernel.interrupt(), 321);
      setTimeout(() => kernel.interrupt(), 350);
      setTimeout(() => kernel.interrupt(), 600);
      expect((await kernel.executeAndStop("await 0;\nfor (;;);", 300)).reply.ename).toBe("KeyboardInterrupt");
      await new Promise((done) => setTimeout(done, 700));
    }
    expect((await kernel.execute("kept")).result()).toBe("7");
  });

  it("does nothing while nothing runs", async () => {
    await kernel.execute("const ticks = { n: 0 };");
    for (let i = 0; i < 20; i++) {
      kernel.interrupt();
      await new Promise((done) => setTimeout(done, 20));
    }
    await new Promise((done) => setTimeout(done, 400));
    const cell = await kernel.execute("for (let i = 0; i < 3e8; i++) ticks.n++;\nticks.n");
    expect(cell.result()).toBe("300000000");
  });

  it("comes by message, too", async () => {
    setTimeout(() => void kernel.request("interrupt_request", {}, "control"), 300);
    expect((await kernel.execute("await 0;\nfor (;;);")).reply.ename).toBe("KeyboardInterrupt");
  });

  it("ends a cell that is still being translated", async () => {
    const cell = await kernel.executeAndStop('import ts from "typescript";\nts.version', 60);
    expect(cell.reply.ename).toBe("KeyboardInterrupt");
    expect((await kernel.execute("kept")).result()).toBe("7");
  });

  it("ends types that are worked out for minutes, and the next cell does not wait for them", async () => {
    const first = await KernelClient.start();
    try {
      const letters = [..."abcdefghij"].map((letter) => `"${letter}"`).join(" | ");
      const cell = await first.executeAndStop(`type L = ${letters};\ntype X = \`\${L}\${L}\${L}\${L}\`;
        type Y = { [K in X]: { [J in X as J extends K ? never : J]: K } };
        declare const z: { [K in X]: { [J in X]: J } };\nconst y: Y = z;`);
      expect(cell.reply.ename).toBe("KeyboardInterrupt");
      expect((await first.execute("1 + 1")).result()).toBe("2");
    } finally {
      first.stop();
    }
  });

  it("puts back what the library had set for the length of a call", async () => {
    await kernel.executeAndStop("await 0;\nnoGrad(() => { for (;;); });");
    await kernel.executeAndStop("await 0;\nmeta(() => { for (;;); });");
    const cell = await kernel.execute(`
      const x = tensor([3], { requiresGrad: true });
      x.square().sum().backward();
      [isGradEnabled(), x.grad?.toArray(), nd.ones([2]).sum().item()]`);
    expect(cell.result()).toBe("[ true, [ 6 ], 2 ]");
  });

  it("of a call with limits ends that call, and the cell goes on", async () => {
    const cell = await kernel.executeAndStop(`await 0;
      try { withinLimits(() => { for (;;); }, { seconds: 60 }); } catch (error) { console.log(String(error)); }
      "went on"`);
    expect(cell.text("stdout")).toBe("Halted: stopped by the reader\n");
    expect(cell.result()).toBe("'went on'");
  });

  it("cannot be taken over by a listener", async () => {
    await kernel.execute(`process.on("SIGINT", () => {});\nprocess.once("SIGINT", () => {});`);
    expect((await kernel.executeAndStop("await 0;\nfor (;;);")).reply.ename).toBe("KeyboardInterrupt");
  });
});

describe("while a cell never gives way", () => {
  it("its output arrives, and help is given", async () => {
    const running = kernel.execute(`await 0;\nconsole.log("begun");\nfor (;;);`);
    const { reply } = await kernel.request("complete_request", { code: "kep", cursor_pos: 3 });
    expect(reply.matches).toContain("kept");
    kernel.interrupt();
    expect((await running).text("stdout")).toBe("begun\n");
  });

  it("the kernel can be shut down", async () => {
    const other = await KernelClient.start();
    void other.execute("await 0;\nfor (;;);");
    await new Promise((done) => setTimeout(done, 1500));
    void other.request("shutdown_request", { restart: false }, "control");
    for (let waited = 0; other.alive && waited < 50; waited++)
      await new Promise((done) => setTimeout(done, 100));
    expect(other.alive).toBe(false);
    other.stop();
  });
});

it("stops with a debugger attached", async () => {
  const debugged = await KernelClient.start(undefined, { flags: ["--inspect=127.0.0.1:0"] });
  try {
    await debugged.execute("0"); // the compiler is there
    const address = /ws:\S+/.exec(debugged.stderr)?.[0];
    // Node 20 has no WebSocket without a flag: the debugger is another Node's.
    const client = `const ws = new WebSocket(${JSON.stringify(address)});
      ws.onopen = () => { ws.send(JSON.stringify({ id: 1, method: "Debugger.enable" })); console.log("attached"); };`;
    const flags = ["--experimental-websocket"].filter((flag) =>
      process.allowedNodeEnvironmentFlags.has(flag),
    );
    const debuggerProcess = spawn(process.execPath, [...flags, "-e", client], {
      stdio: ["ignore", "pipe", "ignore"],
    });
    await new Promise((done) => debuggerProcess.stdout.once("data", done));
    for (let i = 0; i < 2; i++)
      expect((await debugged.executeAndStop("await 0;\nfor (;;);")).reply.ename).toBe("KeyboardInterrupt");
    expect((await debugged.execute("1 + 1")).result()).toBe("2");
    debuggerProcess.kill();
  } finally {
    debugged.stop();
  }
});
