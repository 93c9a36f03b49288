import { type ChildProcess, spawn } from "node:child_process";
import { createHmac, randomUUID } from "node:crypto";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { Dealer, Subscriber } from "zeromq";

const kernel = fileURLToPath(new URL("../../jupyter/kernel.cjs", import.meta.url));
const notebooks = fileURLToPath(new URL("../../notebooks", import.meta.url));
const key = "test";
const delimiter = "<IDS|MSG>";

export type Content = Record<string, unknown>;

/** One message that a cell published. */
export interface Published {
  type: string;
  content: Content;
}

export interface Execution {
  reply: Content;
  published: Published[];
  /** Everything written to that stream, joined. */
  text(name: "stdout" | "stderr"): string;
  /** Contents of the messages of that type. */
  all(type: string): Content[];
  /** The result's text/plain, if the cell had a result. */
  result(): string | undefined;
  /** The traceback that a reader sees, without colours. */
  traceback(): string;
}

interface Waiting {
  reply?: Content;
  published: Published[];
  idle: boolean;
  resolve(execution: Execution): void;
}

export interface KernelOptions {
  /** Variables beside this process's own. */
  env?: Record<string, string>;
  /** Flags of Node's. */
  flags?: string[];
  /** Another kernel's file. */
  program?: string;
}

/** A Jupyter client small enough for tests: the real kernel, in its own process, over zeromq. */
export class KernelClient {
  private readonly waiting = new Map<string, Waiting>();
  private readonly shell = new Dealer();
  private readonly control = new Dealer();
  private readonly iopub = new Subscriber();
  private readonly folder = mkdtempSync(join(tmpdir(), "gradschool-kernel-"));
  private child!: ChildProcess;
  /** What the kernel's process wrote to its own stderr. */
  stderr = "";

  static async start(cwd = notebooks, options: KernelOptions = {}): Promise<KernelClient> {
    const client = new KernelClient();
    await client.launch(cwd, { env: {}, flags: [], program: kernel, ...options });
    return client;
  }

  private async launch(cwd: string, { env, flags, program }: Required<KernelOptions>): Promise<void> {
    const [shell, iopub, control, stdin, heartbeat] = await freePorts(5);
    const connection = {
      ...{ transport: "tcp", ip: "127.0.0.1", key, signature_scheme: "hmac-sha256" },
      ...{
        shell_port: shell,
        iopub_port: iopub,
        control_port: control,
        stdin_port: stdin,
        hb_port: heartbeat,
      },
    };
    const file = join(this.folder, "connection.json");
    writeFileSync(file, JSON.stringify(connection));
    this.child = spawn(process.execPath, [...flags, program, file], {
      cwd,
      env: { ...process.env, ...env },
      stdio: ["ignore", "ignore", "pipe"],
    });
    this.child.stderr?.on("data", (chunk) => {
      this.stderr += chunk;
    });
    this.shell.connect(`tcp://127.0.0.1:${shell}`);
    this.control.connect(`tcp://127.0.0.1:${control}`);
    this.iopub.connect(`tcp://127.0.0.1:${iopub}`);
    this.iopub.subscribe("");
    void this.listen(this.shell);
    void this.listen(this.control);
    void this.listen(this.iopub);
    // The subscription takes a moment: ask until an answer's `idle` is heard too.
    for (let attempt = 0; attempt < 100; attempt++) {
      const answered = this.request("kernel_info_request", {}).then(() => true);
      const late = new Promise<boolean>((resolve) => setTimeout(() => resolve(false), 300));
      if (await Promise.race([answered, late])) return;
    }
    throw new Error(`the kernel does not answer\n${this.stderr}`);
  }

  /** Run a cell; resolves when both its reply and its `idle` have come. */
  execute(code: string, options: Content = {}): Promise<Execution> {
    return this.request("execute_request", { code, silent: false, stop_on_error: true, ...options });
  }

  /** Run a cell and stop it after so many milliseconds. */
  executeAndStop(code: string, wait = 400): Promise<Execution> {
    setTimeout(() => this.interrupt(), wait);
    return this.execute(code);
  }

  /** Frames as they are, signed or not. */
  async send(...frames: string[]): Promise<void> {
    await this.shell.send(frames);
  }

  request(type: string, content: Content, socket: "shell" | "control" = "shell"): Promise<Execution> {
    const id = randomUUID();
    const header = { msg_id: id, msg_type: type, username: "test", session: "test", version: "5.3" };
    const parts = [header, {}, {}, content].map((part) => JSON.stringify(part));
    const hmac = createHmac("sha256", key);
    for (const part of parts) hmac.update(part);
    return new Promise((resolve) => {
      this.waiting.set(id, { published: [], idle: false, resolve });
      void this[socket].send([delimiter, hmac.digest("hex"), ...parts]);
    });
  }

  private async listen(socket: Dealer | Subscriber): Promise<void> {
    for await (const parts of socket) {
      const start = parts.findIndex((part) => part.toString() === delimiter);
      const [header, parent, , content] = parts.slice(start + 2).map((part) => JSON.parse(part.toString()));
      const waiting = this.waiting.get(parent.msg_id);
      if (!waiting) continue;
      if (socket !== this.iopub) waiting.reply = content;
      else if (header.msg_type === "status") waiting.idle = content.execution_state === "idle";
      else waiting.published.push({ type: header.msg_type, content });
      if (waiting.reply && waiting.idle) waiting.resolve(execution(waiting.reply, waiting.published));
    }
  }

  interrupt(): void {
    this.child.kill("SIGINT");
  }

  get alive(): boolean {
    return this.child.exitCode === null && this.child.signalCode === null;
  }

  stop(): void {
    this.child.kill("SIGKILL");
    this.shell.close();
    this.control.close();
    this.iopub.close();
    rmSync(this.folder, { recursive: true, force: true });
  }
}

function execution(reply: Content, published: Published[]): Execution {
  const all = (type: string) =>
    published.filter((message) => message.type === type).map((message) => message.content);
  const text = (name: string) =>
    all("stream")
      .filter((content) => content.name === name)
      .map((content) => content.text)
      .join("");
  const result = () => (all("execute_result")[0]?.data as Record<string, string> | undefined)?.["text/plain"];
  // biome-ignore lint/suspicious/noControlCharactersInRegex: colours begin with the escape character
  const plain = (line: string) => line.replace(/\u001b\[\d+m/g, "");
  const traceback = () => ((all("error")[0]?.traceback ?? []) as string[]).map(plain).join("\n");
  return { reply, published, all, text, result, traceback };
}

async function freePorts(count: number): Promise<number[]> {
  const servers = await Promise.all(
    Array.from(
      { length: count },
      () =>
        new Promise<ReturnType<typeof createServer>>((resolve) => {
          const server = createServer();
          server.listen(0, "127.0.0.1", () => resolve(server));
        }),
    ),
  );
  const ports = servers.map((server) => (server.address() as { port: number }).port);
  await Promise.all(servers.map((server) => new Promise((resolve) => server.close(resolve))));
  return ports;
}
