/** Opens JupyterLab on the course. */
import { randomBytes } from "node:crypto";
import { copyFileSync, existsSync, mkdirSync, renameSync, statSync } from "node:fs";
import { Agent, get } from "node:http";
import { createServer } from "node:net";
import path from "node:path";
import { createInterface } from "node:readline";
import { start, whenStopped } from "./processes.mjs";
import { bold, dim, inRoot, Problem, root, windows } from "./steps.mjs";
import { copyOf } from "./student/copies.mjs";
import { hidden, readSettings } from "./student/place.mjs";

/** @typedef {import("./setup.mjs").Ready} Ready */
/** @typedef {{ url: string, origin: string, token: string, ended: Promise<number>, stop: () => Promise<number> }} Server */

/** Where a server is rooted, what it opens first, and the environment of its kernels. @typedef {{ folder: string, page: string, env?: Record<string, string> }} Place */

/** The project itself, for tests that open its files. @type {Place} */
const project = { folder: root, page: "/lab" };

/**
 * A student's own folder, which opens on the first notebook; nothing of the course around it is to be seen.
 * @param {string} folder @returns {Place}
 */
export function studentsPlace(folder) {
  const first = existsSync(copyOf(folder, START)) ? `/tree/${START}.ipynb` : "";
  return {
    ...{ folder, page: `/lab${first}` },
    env: {
      JUPYTERLAB_WORKSPACES_DIR: hidden(folder, "workspaces"),
      GRADSCHOOL_LANG: readSettings(folder).language,
    },
  };
}

const START = "00-start-here";

/** What a server needs to show live figures where the packages do not lie below its root; its folder of extensions. */
export function plotlyForLab() {
  const folder = inRoot(".cache", "lab", "extensions");
  const copy = path.join(folder, "gradschool", "static", "plotly.js");
  const original = inRoot("node_modules", "plotly.js-dist", "plotly.js");
  if (statSync(copy, { throwIfNoEntry: false })?.size !== statSync(original).size) {
    mkdirSync(path.dirname(copy), { recursive: true });
    const aside = `${copy}.${process.pid}.tmp`;
    copyFileSync(original, aside);
    renameSync(aside, copy);
  }
  return folder;
}

/** What every JupyterLab of the course is told. */
export const courseOptions = () => [
  `--LabApp.app_settings_dir=${inRoot("scripts", "lab")}`,
  // The course's kernel alone: no Python in the launcher, nor in the list of kernels.
  ...["--KernelSpecManager.ensure_native_kernel=False", "--KernelSpecManager.allowed_kernelspecs=tslab"],
  `--LabApp.extra_labextensions_path=${plotlyForLab()}`,
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
 * Start the server; resolves when it answers: `url` opens the first page, `ended` resolves with the exit code.
 * @param {Ready} jupyter
 * @param {{ browser?: boolean, silent?: boolean, more?: string[], student?: string }} [options] `browser`: let Jupyter open
 *   one. `silent`: swallow what the server says. `more`: further options. `student`: a student's folder, to be opened in
 *   place of the project.
 * @returns {Promise<Server>}
 */
export async function startLab(jupyter, { browser = false, silent = false, more = [], student } = {}) {
  const place = student === undefined ? project : studentsPlace(student);
  let said = "";
  // Another program may take the port before our server does.
  for (let first = 8888, attempt = 0; attempt < 5; attempt++) {
    const port = await freePort(first);
    const server = launch(jupyter, place, port, [
      `--ServerApp.open_browser=${browser ? "True" : "False"}`,
      ...more,
    ]);
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

/** @param {Ready} jupyter @param {Place} place @param {number} port @param {string[]} more */
function launch(jupyter, { folder, page, env: own }, port, more) {
  const token = randomBytes(16).toString("hex");
  const [command, ...first] = jupyter.command;
  const args = [
    ...first,
    ...["-m", "jupyterlab", "--log-level=ERROR", `--ServerApp.port=${port}`, "--ServerApp.port_retries=0"],
    ...[`--ServerApp.root_dir=${folder}`, `--LabApp.default_url=${page}`, "--ServerApp.answer_yes=True"],
    ...courseOptions(),
    // In a container the user often is root; that is no reason to refuse.
    ...(process.getuid?.() === 0 ? ["--allow-root"] : []),
    ...more,
  ];
  const env = {
    ...process.env,
    // The tabs of this course are not mixed with those of the user's other Jupyter servers.
    JUPYTERLAB_WORKSPACES_DIR: inRoot(".cache", "lab", "workspaces"),
    ...own,
    ...jupyter.env,
    JUPYTER_TOKEN: token,
  };
  const child = start(command, args, { cwd: folder, env, stdio: ["ignore", "ignore", "pipe"] });
  /** @type {string[]} */
  const said = [];
  const origin = `http://localhost:${port}`;
  const ended = new Promise((/** @type {(code: number) => void} */ resolve) => {
    child.once("error", () => resolve(127));
    child.once("exit", (code) => resolve(code ?? 0));
  });
  const server = {
    ...{ origin, port, token, ended, said, url: `${origin}${page}?token=${token}`, over: false },
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

/** Minutes that a first start may take, with a cold disk or a scanner of viruses that reads along. */
const PATIENCE = 4;

/** Wait until the server answers, to its own token; false if it ends before. @param {ReturnType<typeof launch>} server */
async function answering(server) {
  for (const start = performance.now(); performance.now() - start < PATIENCE * 60_000; ) {
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
  throw new Problem(
    `JupyterLab did not answer within ${PATIENCE} minutes.`,
    "Try again, or `npm start -- --check`.",
  );
}

/**
 * `npm start`: open a student's folder and stay until it is closed. Resolves with the exit code.
 * @param {Ready} jupyter @param {string} student
 */
export async function openCourse(jupyter, student) {
  const browser = hasBrowser();
  const { url, ended, stop } = await startLab(jupyter, { browser, student });
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
