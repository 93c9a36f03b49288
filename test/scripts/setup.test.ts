import { type ChildProcess, spawn, spawnSync } from "node:child_process";
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, utimesSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { fileURLToPath, pathToFileURL } from "node:url";
import { afterAll, describe, expect, it } from "vitest";

const root = fileURLToPath(new URL("../..", import.meta.url));
const folder = mkdtempSync(join(tmpdir(), "gradschool-setup-"));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const script = (name: string) => pathToFileURL(join(root, "scripts", name)).href;
const read = (file: string) => (existsSync(file) ? readFileSync(file, "utf8") : "");
const pause = (ms: number) => new Promise((resolve) => setTimeout(resolve, ms));
async function until(holds: () => boolean, ms = 15_000) {
  for (const start = Date.now(); !holds() && Date.now() - start < ms; ) await pause(20);
  expect(holds()).toBe(true);
}

/** A process of its own that runs this program; what it says comes together in `said`. */
function launch(program: string, env: NodeJS.ProcessEnv = {}) {
  const child = spawn(process.execPath, ["--input-type=module", "-e", program], {
    env: { ...process.env, npm_lifecycle_event: undefined, ...env },
    stdio: ["ignore", "pipe", "pipe"],
  });
  const made = {
    child,
    said: "",
    ended: new Promise<number | null>((resolve) => child.once("close", resolve)),
  };
  for (const stream of [child.stdout, child.stderr])
    stream.on("data", (chunk) => {
      made.said += chunk;
    });
  return made;
}

it("text of other people cannot move a terminal's cursor, and letters of any alphabet stay", async () => {
  const { printable } = await import(/* @vite-ignore */ script("steps.mjs"));
  expect(printable("Ann\u001b[2K\r\n\u009b2J \u202egnp.exe\u2028")).toBe("Ann�[2K���2J �gnp.exe�");
  expect(printable("Жанна Å 👩‍👩‍👧 =cmd()")).toBe("Жанна Å 👩‍👩‍👧 =cmd()");
});

describe("an old Node", () => {
  const file = join(root, "scripts", "node-version.cjs");
  const under = (version: string) => {
    const fake = `Object.defineProperty(process, "versions", { value: { node: "${version}" } });`;
    const { status, stderr } = spawnSync(
      process.execPath,
      ["-e", `${fake} require(${JSON.stringify(file)})`],
      {
        encoding: "utf8",
      },
    );
    return { status, stderr };
  };
  const { engines, scripts } = JSON.parse(read(join(root, "package.json")));
  const lowest: string = /[\d.]+/.exec(engines.node)![0];

  it("is told which one the course needs, and the lowest one passes", () => {
    for (const version of ["0.12.18", "12.22.12", "18.20.8", "19.9.0"]) {
      const { status, stderr } = under(version);
      expect(stderr).toContain(`Node ${version} is too old: the course needs Node ${lowest} or newer.`);
      expect(status).toBe(1);
    }
    const padded = [...lowest.split("."), "0", "0"].slice(0, 3).join(".");
    for (const version of [padded, "26.1.0", process.versions.node])
      expect(under(version)).toEqual({ status: 0, stderr: "" });
  });

  it("can read what says so, and every command reads that first", () => {
    expect(read(file)).not.toMatch(/=>|`[^`]*\$\{|^\s*(const|let|class|import)\b|\?\?|\?\./m);
    for (const [name, command] of Object.entries<string>(scripts))
      if (command.startsWith("node"))
        expect([name, command]).toEqual([
          name,
          expect.stringMatching(/^node -r \.\/scripts\/node-version\.cjs /),
        ]);
    for (const entry of ["start.mjs", "test.mjs"])
      expect(read(join(root, "scripts", entry)).match(/^import .*/gm)).toEqual([
        `import "./node-version.cjs";`,
      ]);
  });
});

describe("two starts at once", () => {
  /** Takes the lock, works until `over` holds, and says what came of it. */
  const worker = (lock: string, log: string, { over = "true", done = "false" } = {}) => `
    import { appendFileSync, existsSync, readFileSync } from "node:fs";
    import { locked } from ${JSON.stringify(script("lock.mjs"))};
    const write = (word) => appendFileSync(${JSON.stringify(log)}, word + " " + process.pid + "\\n");
    const note = await locked("the packages", "installed", () => ${done}, async () => {
      write("begin");
      do await new Promise((resolve) => setTimeout(resolve, 20)); while (!(${over}));
      write("end");
      return "installed";
    }, ${JSON.stringify(lock)});
    console.log(note);`;
  const open = (gate: string) => `existsSync(${JSON.stringify(gate)})`;
  const place = (name: string) => [join(folder, name, "a.lock"), join(folder, `${name}.log`)] as const;

  it("take turns, and the later ones say for whom they wait", async () => {
    const [lock, log] = place("turns");
    const first = launch(worker(lock, log, { over: open(`${log}.gate`) }), { npm_lifecycle_event: "start" });
    await until(() => read(log).includes("begin"));
    const others = Array.from({ length: 4 }, () => launch(worker(lock, log)));
    await until(() => others.every(({ said }) => said.includes("waiting")));
    writeFileSync(`${log}.gate`, "");
    expect(await Promise.all([first, ...others].map(({ ended }) => ended))).toEqual([0, 0, 0, 0, 0]);
    const turns = read(log).trim().split("\n");
    expect(turns).toHaveLength(10);
    for (let i = 0; i < turns.length; i += 2) {
      expect(turns[i]).toMatch(/^begin/);
      expect(turns[i + 1]).toBe(turns[i].replace("begin", "end"));
    }
    expect(first.said).toBe("installed\n");
    for (const { said } of others)
      expect(said).toContain(
        `waiting for process ${first.child.pid} (npm start), which is at: the packages\n`,
      );
    expect(existsSync(lock)).toBe(false);
  });

  it("do not do again what the other has done", async () => {
    const [lock, log] = place("done");
    const done = `readFileSync(${JSON.stringify(log)}, "utf8").includes("end")`;
    const first = launch(worker(lock, log, { over: open(`${log}.gate`) }));
    await until(() => read(log).includes("begin"));
    const second = launch(worker(lock, log, { done }));
    await until(() => second.said.includes("waiting"));
    writeFileSync(`${log}.gate`, "");
    expect(await Promise.all([first.ended, second.ended])).toEqual([0, 0]);
    expect(second.said).toMatch(/^ {2}… .*waiting for process .*\ninstalled by another\n$/);
    expect(read(log).match(/begin/g)).toHaveLength(1);
  });

  it("go on where one was killed, or left half a lock, or its number is another's now", async () => {
    const [lock, log] = place("killed");
    const first = launch(worker(lock, log, { over: "false" }));
    await until(() => read(log).includes("begin"));
    first.child.kill("SIGKILL");
    await first.ended;
    expect(existsSync(lock)).toBe(true);
    const others = Array.from({ length: 3 }, () => launch(worker(lock, log)));
    expect(await Promise.all(others.map(({ ended }) => ended))).toEqual([0, 0, 0]);
    expect(read(log).match(/end/g)).toHaveLength(3);

    mkdirSync(dirname(lock), { recursive: true });
    for (const content of ["", `{"pid":`, `{"pid":${process.pid},"born":"1","command":"node","doing":"x"}`]) {
      writeFileSync(lock, content);
      utimesSync(lock, 0, 0);
      const next = launch(worker(lock, log));
      expect(await next.ended).toBe(0);
      expect(next.said).toBe("installed\n");
    }
  }, 60_000);
});

describe.skipIf(process.platform === "win32")("a script that is stopped", () => {
  const started: ChildProcess[] = [];
  afterAll(() => {
    for (const child of started) child.kill("SIGKILL");
  });
  const runs = (pid: number) => {
    const { stdout } = spawnSync("ps", ["-o", "state=", "-p", `${pid}`], { encoding: "utf8" });
    return stdout.trim() !== "" && !stdout.startsWith("Z");
  };

  /** A script whose program starts one of its own, in another session, that does not listen to SIGTERM. */
  async function family(name: string) {
    const file = join(folder, name);
    const write = `require("fs").appendFileSync(${JSON.stringify(file)}, process.pid + "\\n")`;
    const stubborn = `process.on("SIGTERM", () => {}); setInterval(() => {}, 1000); ${write}`;
    const parent = `require("child_process").spawn(process.execPath, ["-e", ${JSON.stringify(stubborn)}], { detached: true, stdio: "ignore" }); setInterval(() => {}, 1000); ${write}`;
    const runner = launch(`
      import { call } from ${JSON.stringify(script("processes.mjs"))};
      await call(process.execPath, ["-e", ${JSON.stringify(parent)}]);
      console.log("went on");`);
    started.push(runner.child);
    await until(() => read(file).trim().split("\n").length === 2);
    return { runner, pids: read(file).trim().split("\n").map(Number) };
  }

  it.concurrent.each(["SIGINT", "SIGTERM", "SIGHUP", "SIGKILL"] as const)(
    "by %s leaves nothing running",
    async (signal) => {
      const { runner, pids } = await family(signal);
      expect(pids.every(runs)).toBe(true);
      runner.child.kill(signal);
      const code = await runner.ended;
      if (signal !== "SIGKILL") {
        expect(code).toBe({ SIGINT: 130, SIGTERM: 143, SIGHUP: 129 }[signal]);
        expect(runner.said.trim()).toBe("Stopped.");
        expect(pids.filter(runs)).toEqual([]); // at once: it waits for them
      }
      await until(() => pids.filter(runs).length === 0, 10_000);
    },
  );
});

describe("npm packages", () => {
  const here = { os: [process.platform], cpu: [process.arch] };
  const elsewhere = { os: [process.platform === "aix" ? "linux" : "aix"], cpu: [process.arch] };
  const packages = {
    "": { version: "0.1.0" },
    "node_modules/plain": { version: "1.2.3" },
    "node_modules/ours": { resolved: "", link: true },
    "node_modules/native-here": { version: "1.0.0", optional: true, ...here },
    "node_modules/native-elsewhere": { version: "1.0.0", optional: true, ...elsewhere },
    "node_modules/helper": { version: "1.0.0", optional: true },
  };
  const whole: Record<string, string> = {
    "package-lock.json": JSON.stringify({ packages }),
    "node_modules/.package-lock.json": "{}",
    "node_modules/plain/package.json": `{"version":"1.2.3"}`,
    "node_modules/ours/package.json": `{"version":"0.1.0"}`,
    "node_modules/native-here/package.json": `{"version":"1.0.0"}`,
  };
  async function wrong(change: Record<string, string | null>): Promise<string[]> {
    const place = mkdtempSync(join(folder, "packages-"));
    for (const [name, text] of Object.entries<string | null>({ ...whole, ...change })) {
      mkdirSync(dirname(join(place, name)), { recursive: true });
      if (text !== null) writeFileSync(join(place, name), text);
      else rmSync(dirname(join(place, name)), { recursive: true });
    }
    const { wrongPackages } = await import(/* @vite-ignore */ script("packages.mjs"));
    return wrongPackages(place);
  }

  it("are whole when all that this machine needs is there", async () => {
    expect(await wrong({})).toEqual([]);
    expect(await wrong({ "node_modules/helper/package.json": `{"version":"1.0.0"}` })).toEqual([]);
  });

  it("are not when npm was interrupted, the disk was full, or they came from another machine", async () => {
    expect(await wrong({ "node_modules/.package-lock.json": "" })).toEqual(["node_modules"]);
    expect(await wrong({ "node_modules/plain/package.json": null })).toEqual(["node_modules/plain"]);
    expect(await wrong({ "node_modules/plain/package.json": "" })).toEqual(["node_modules/plain"]);
    expect(await wrong({ "node_modules/plain/package.json": `{"version":"1.2.4"}` })).toHaveLength(1);
    expect(await wrong({ "node_modules/native-here/package.json": null })).toEqual([
      "node_modules/native-here",
    ]);
    expect(await wrong({ "node_modules/helper/package.json": "" })).toEqual(["node_modules/helper"]);
  });
});
