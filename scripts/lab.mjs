/** Opens JupyterLab on the notebooks. */
import { spawn } from "node:child_process";
import { randomBytes } from "node:crypto";
import { createServer } from "node:net";
import { createInterface } from "node:readline";
import { bold, dim, Problem, root, windows } from "./steps.mjs";

/** The first free port from `first` on; 0 (any) if there is none among fifty. */
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
 * Start the server; resolves when it answers, with `{ url, origin, token, ended, stop() }`: `url` opens the
 * notebooks, `ended` resolves with the exit code. `browser`: let Jupyter open one. `silent`: swallow
 * what the server says. `more`: further options.
 */
export async function startLab(jupyter, { browser = false, silent = false, more = [] } = {}) {
  const port = await freePort(8888);
  const token = randomBytes(16).toString("hex");
  const [command, ...first] = jupyter.command;
  const args = [
    ...first,
    ...["-m", "jupyterlab", "--log-level=ERROR", `--ServerApp.port=${port}`, "--ServerApp.port_retries=0"],
    ...[`--ServerApp.root_dir=${root}`, "--LabApp.default_url=/lab/tree/notebooks"],
    ...["--ServerApp.answer_yes=True", `--ServerApp.open_browser=${browser ? "True" : "False"}`],
    // In a container the user often is root; that is no reason to refuse.
    ...(process.getuid?.() === 0 ? ["--allow-root"] : []),
    ...more,
  ];
  const env = { ...process.env, ...jupyter.env, JUPYTER_TOKEN: token };
  const child = spawn(command, args, { cwd: root, env, stdio: ["ignore", "ignore", "pipe"] });
  if (!silent) createInterface({ input: child.stderr }).on("line", tell);
  else child.stderr.resume();
  const ended = new Promise((resolve) => {
    child.once("error", () => resolve(127));
    child.once("exit", (code) => resolve(code ?? 0));
  });
  const stop = () => {
    child.kill();
    return ended;
  };
  const origin = `http://localhost:${port}`;
  await answering(`http://127.0.0.1:${port}/api?token=${token}`, ended, stop);
  return { url: `${origin}/lab/tree/notebooks?token=${token}`, origin, token, ended, stop };
}

/** Pass on what the server complains about; its greetings and farewells interest nobody. */
function tell(line) {
  if (!/^\[[ID] |received signal|^\s*$/.test(line)) console.error(line);
}

/** Wait until the server answers; a Problem if it ends before, or takes more than a minute. */
async function answering(address, ended, stop) {
  let over = false;
  ended.then(() => {
    over = true;
  });
  for (const start = performance.now(); performance.now() - start < 60_000; ) {
    if (over)
      throw new Problem(
        "JupyterLab ended at once.",
        "Its own words above say why; `npm start -- --check` may too.",
      );
    const ok = await fetch(address).then(
      (response) => response.ok,
      () => false,
    );
    if (ok) return;
    await new Promise((resolve) => setTimeout(resolve, 150));
  }
  stop();
  throw new Problem("JupyterLab did not answer within a minute.", "Try again, or `npm start -- --check`.");
}

/** `npm start`: open the course and stay until it is closed. Resolves with the exit code. */
export async function openCourse(jupyter) {
  const browser = hasBrowser();
  const { url, ended, stop } = await startLab(jupyter, { browser });
  process.on("SIGINT", () => {}); // Ctrl-C reaches Jupyter too: wait for it to close the kernels
  process.on("SIGTERM", stop);
  console.log(`\n${browser ? "The course is open in your browser" : "Open this address in a browser"}:`);
  console.log(`  ${bold(url)}`);
  if (process.env.CI) {
    console.log(dim("CI is set: JupyterLab answered, so this stops here."));
    await stop();
    return 0;
  }
  console.log(dim("Stop with Ctrl-C."));
  return ended;
}
