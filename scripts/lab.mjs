/** Opens JupyterLab on the course. */
import { randomBytes } from "node:crypto";
import { existsSync } from "node:fs";
import { Agent, get } from "node:http";
import { createServer } from "node:net";
import { createInterface } from "node:readline";
import { start, whenStopped } from "./processes.mjs";
import { bold, dim, inRoot, Problem, root, windows } from "./steps.mjs";

/** @typedef {import("./setup.mjs").Ready} Ready */
/** @typedef {{ url: string, origin: string, token: string, ended: Promise<number>, stop: () => Promise<number> }} Server */

/** What a reader sees first. */
const page = () => `/lab/tree/notebooks${existsSync(inRoot("notebooks", "README.md")) ? "/README.md" : ""}`;

/**
 * What the file browser does not list, in any folder: so nothing here that a student might call a file of their own.
 * The sources are listed: they are there to be read.
 */
const workshop = [
  ...["node_modules", "dist", "bench", "jupyter", "package.json", "package-lock.json", "biome.json"],
  ...[
    "tsconfig.json",
    "tsconfig.build.json",
    "vitest.config.mts",
    "LICENSE",
    "CONTRIBUTING.md",
    "__pycache__",
  ],
];

/** The first free port from `first` on. @param {number} first */
async function freePort(first) {
  for (let port = first; port < first + 50; port++) {
    const free = await new Promise((resolve) => {
      const server = createServer();
      server.once("error", () => resolve(false));
      server.listen(port, "127.0.0.1", () => server.close(() => resolve(true)));
    });
    if (free) return port;
  }
  throw new Problem(
    `No free port between ${first} and ${first + 49}.`,
    "Close some of the Jupyter servers that run.",
  );
}

function hasBrowser() {
  if (process.env.CI) return false;
  if (windows || process.platform === "darwin") return true;
  return Boolean(process.env.DISPLAY || process.env.WAYLAND_DISPLAY || process.env.BROWSER);
}

/**
 * Start the server; resolves when it answers: `url` opens the course, `ended` resolves with the exit code.
 * @param {Ready} jupyter
 * @param {{ browser?: boolean, silent?: boolean, more?: string[] }} [options] `browser`: let Jupyter open one. `silent`:
 *   swallow what the server says. `more`: further options.
 * @returns {Promise<Server>}
 */
export async function startLab(jupyter, { browser = false, silent = false, more = [] } = {}) {
  let said = "";
  // Another program may take the port before our server does.
  for (let first = 8888, attempt = 0; attempt < 5; attempt++) {
    const port = await freePort(first);
    const server = launch(jupyter, port, [`--ServerApp.open_browser=${browser ? "True" : "False"}`, ...more]);
    if (await answering(server)) {
      server.tell = silent ? () => 0 : tell;
      return server;
    }
    said = server.said.join("\n");
    if (!/port .* in use|not available/i.test(said)) break;
    first = port + 1;
  }
  throw new Problem(`JupyterLab ended at once.\n${said}`, "`npm start -- --check` may say more.");
}

/** @param {Ready} jupyter @param {number} port @param {string[]} more */
function launch(jupyter, port, more) {
  const token = randomBytes(16).toString("hex");
  const [command, ...first] = jupyter.command;
  const args = [
    ...first,
    ...["-m", "jupyterlab", "--log-level=ERROR", `--ServerApp.port=${port}`, "--ServerApp.port_retries=0"],
    ...[`--ServerApp.root_dir=${root}`, `--LabApp.default_url=${page()}`, "--ServerApp.answer_yes=True"],
    `--LabApp.app_settings_dir=${inRoot("scripts", "lab")}`,
    // The course's kernel alone: no Python in the launcher, nor in the list of kernels.
    ...["--KernelSpecManager.ensure_native_kernel=False", "--KernelSpecManager.allowed_kernelspecs=tslab"],
    ...workshop.map((glob) => `--ContentsManager.hide_globs=${glob}`),
    // In a container the user often is root; that is no reason to refuse.
    ...(process.getuid?.() === 0 ? ["--allow-root"] : []),
    ...more,
  ];
  const env = {
    ...process.env,
    // The tabs of this course are not mixed with those of the user's other Jupyter servers.
    JUPYTERLAB_WORKSPACES_DIR: inRoot(".cache", "lab", "workspaces"),
    ...jupyter.env,
    JUPYTER_TOKEN: token,
  };
  const child = start(command, args, { cwd: root, env, stdio: ["ignore", "ignore", "pipe"] });
  /** @type {string[]} */
  const said = [];
  const origin = `http://localhost:${port}`;
  const ended = new Promise((/** @type {(code: number) => void} */ resolve) => {
    child.once("error", () => resolve(127));
    child.once("exit", (code) => resolve(code ?? 0));
  });
  const server = {
    ...{ origin, port, token, ended, said, url: `${origin}${page()}?token=${token}`, over: false },
    /** @type {(line: string) => unknown} */
    tell: (line) => said.push(line),
    stop: () => {
      child.kill();
      return ended;
    },
  };
  if (child.stderr) createInterface({ input: child.stderr }).on("line", (line) => server.tell(line));
  ended.then(() => {
    server.over = true;
  });
  return server;
}

/** Pass on what the server complains about; its greetings and farewells interest nobody. @param {string} line */
function tell(line) {
  if (!/^\[[ID] |received signal|^\s*$/.test(line)) console.error(line);
}

/** Wait until the server answers, to its own token; false if it ends before. @param {ReturnType<typeof launch>} server */
async function answering(server) {
  for (const start = performance.now(); performance.now() - start < 60_000; ) {
    if (server.over) return false;
    const address = `http://127.0.0.1:${server.port}/api/status?token=${server.token}`;
    // An agent of its own: a proxy that the environment names has no business here.
    const agent = new Agent();
    const status = await new Promise((resolve) => {
      get(address, { agent }, (response) => resolve(response.resume().statusCode)).on("error", () =>
        resolve(0),
      );
    });
    if (status === 200) return true;
    await new Promise((resolve) => setTimeout(resolve, 150));
  }
  server.stop();
  throw new Problem("JupyterLab did not answer within a minute.", "Try again, or `npm start -- --check`.");
}

/** `npm start`: open the course and stay until it is closed. Resolves with the exit code. @param {Ready} jupyter */
export async function openCourse(jupyter) {
  const browser = hasBrowser();
  const { url, ended, stop } = await startLab(jupyter, { browser });
  whenStopped(stop); // it closes its kernels first: `ended` waits for that
  console.log(
    `\n${browser ? "The course opens in your browser. If it does not, go to" : "Open this address in a browser"}:`,
  );
  console.log(`  ${bold(url)}`);
  if (process.env.CI) {
    console.log(dim("CI is set: JupyterLab answered, so this stops here."));
    await stop();
    return 0;
  }
  console.log(dim("Stop with Ctrl-C."));
  return ended;
}
