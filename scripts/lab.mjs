/** Opens JupyterLab on the notebooks. */
import { spawn } from "node:child_process";
import { randomBytes } from "node:crypto";
import { createServer } from "node:net";
import { bold, dim, inRoot, Problem, root, windows } from "./steps.mjs";

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

/** Start the server: `{ url, child }`, `url` with its token. `browser`: let Jupyter open one. */
export async function startLab(jupyter, { browser = false, open = "", stdio = "inherit" } = {}) {
  const port = await freePort(8888);
  const token = randomBytes(16).toString("hex");
  const [command, ...first] = jupyter.command;
  const args = [
    ...first,
    ...["-m", "jupyterlab", "--log-level=ERROR", `--ServerApp.port=${port}`, "--ServerApp.port_retries=0"],
    ...[`--ServerApp.root_dir=${root}`, `--LabApp.default_url=/lab/tree/notebooks${open}`],
    ...["--ServerApp.answer_yes=True", `--ServerApp.open_browser=${browser ? "True" : "False"}`],
    // A folder owned by root in a container is no reason to refuse.
    ...(process.getuid?.() === 0 ? ["--allow-root"] : []),
  ];
  const env = { ...process.env, ...jupyter.env, JUPYTER_TOKEN: token };
  const child = spawn(command, args, { cwd: inRoot("notebooks"), env, stdio });
  const url = `http://localhost:${port}/lab/tree/notebooks${open}?token=${token}`;
  await answering(`http://127.0.0.1:${port}/api?token=${token}`, child);
  return { url, port, token, child };
}

/** Wait until the server answers; a Problem if it ends before, or takes more than a minute. */
async function answering(address, child) {
  let ended = false;
  child.once("exit", () => {
    ended = true;
  });
  for (const start = performance.now(); performance.now() - start < 60_000; ) {
    if (ended)
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
  child.kill();
  throw new Problem("JupyterLab did not answer within a minute.", "Try again, or `npm start -- --check`.");
}

/** `npm start`: open the course and stay until it is closed. Resolves with the exit code. */
export async function openCourse(jupyter) {
  const browser = hasBrowser();
  const { url, child } = await startLab(jupyter, { browser });
  const ended = new Promise((resolve) => child.once("exit", (code) => resolve(code ?? 0)));
  // Ctrl-C reaches Jupyter too: wait for it to close the kernels.
  process.on("SIGINT", () => {});
  process.on("SIGTERM", () => child.kill());
  console.log(
    `\n${browser ? "The course is open in your browser" : "Open this address in a browser"}:\n  ${bold(url)}`,
  );
  if (process.env.CI) {
    console.log(dim("CI is set: JupyterLab answered, so this stops here."));
    child.kill();
    await ended;
    return 0;
  }
  console.log(dim("Stop with Ctrl-C."));
  return ended;
}
