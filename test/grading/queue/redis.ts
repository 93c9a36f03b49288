/** A Redis of the test's own, and the course's commands beside it. */
import { type ChildProcess, spawn, spawnSync } from "node:child_process";
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { root } from "../submission/course";

/** Why there can be no test, or null. */
export const missing: string | null =
  spawnSync("redis-server", ["--version"]).status === 0
    ? null
    : "redis-server is not installed (Debian, Ubuntu: apt-get install redis-server)";

async function freePort(): Promise<number> {
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const { port } = server.address() as { port: number };
  await new Promise((resolve) => server.close(resolve));
  return port;
}

export class Redis {
  private server: ChildProcess | null = null;
  private constructor(
    private readonly folder: string,
    private readonly port: number,
  ) {}

  static async start(): Promise<Redis> {
    const redis = new Redis(mkdtempSync(join(tmpdir(), "gradschool-redis-")), await freePort());
    await redis.up();
    return redis;
  }

  get url(): string {
    return `redis://127.0.0.1:${this.port}`;
  }

  /** It writes down all that it is told, and reads it when it starts. */
  async up(): Promise<void> {
    const options = {
      port: this.port,
      dir: this.folder,
      bind: "127.0.0.1",
      appendonly: "yes",
      appendfsync: "always",
    };
    const args = Object.entries(options).flatMap(([name, value]) => [`--${name}`, String(value)]);
    this.server = spawn("redis-server", args, { stdio: "ignore" });
    await until(() => this.ask("ping").includes("PONG"));
  }

  /** As if the power had gone. */
  async down(): Promise<void> {
    const gone = new Promise((resolve) => this.server?.once("exit", resolve));
    this.server?.kill("SIGKILL");
    await gone;
  }

  async end(): Promise<void> {
    await this.down();
    rmSync(this.folder, { recursive: true, force: true });
  }

  private ask(...args: string[]): string {
    return String(spawnSync("redis-cli", ["-p", String(this.port), ...args]).stdout);
  }
}

/** One of the course's commands, running. */
export class Command {
  output = "";
  readonly ended: Promise<number | null>;
  private readonly child: ChildProcess;

  constructor(script: string, args: readonly string[]) {
    this.child = spawn(process.execPath, [join(root, "scripts", script), ...args], {
      cwd: root,
      env: { ...process.env, NO_COLOR: "1" },
    });
    for (const stream of [this.child.stdout, this.child.stderr])
      stream?.on("data", (text) => {
        this.output += text;
      });
    this.ended = new Promise((resolve) => this.child.once("exit", resolve));
  }

  get pid(): number | undefined {
    return this.child.pid;
  }

  kill(signal: NodeJS.Signals): void {
    this.child.kill(signal);
  }
}

export async function until(holds: () => boolean, seconds = 120): Promise<void> {
  const end = Date.now() + seconds * 1000;
  while (!holds()) {
    if (Date.now() > end) throw new Error(`${seconds} s have passed`);
    await new Promise((resolve) => setTimeout(resolve, 100));
  }
}

/** The first notebook's exercise, solved, wrong, empty or broken in turn, by so many students. */
export function classOf(count: number): string {
  const folder = mkdtempSync(join(tmpdir(), "gradschool-class-"));
  const read = (name: string) => JSON.parse(readFileSync(join(root, "notebooks", `${name}.ipynb`), "utf8"));
  const [hole, solved] = [read("00-start-here"), read("solutions/00-start-here")];
  const id = "centre-answer";
  const solution = solved.cells.find((cell: { id: string }) => cell.id === id).source;
  for (let i = 0; i < count; i++) {
    const student = `student ${String(i).padStart(3, "0")}`;
    const nb = structuredClone(hole);
    const answer = nb.cells.find((cell: { id: string }) => cell.id === id);
    if (i % 4 !== 2) answer.source = [...[solution].flat(), `\n// ${student}`];
    if (i % 4 === 1) answer.source = "function myCentre(x: Tensor): Tensor {\n  return x.add(1);\n}";
    if (i % 4 === 3) answer.source = "function myCentre( {";
    mkdirSync(join(folder, student));
    writeFileSync(join(folder, student, "00-start-here.ipynb"), JSON.stringify(nb));
  }
  return folder;
}
