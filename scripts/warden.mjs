/**
 * Stops what a script leaves behind. The script writes `+PID` for a program that it starts and `-PID` when that ends;
 * when the script is gone, however it went, its end of the pipe closes, and every program that is left is stopped with
 * all its descendants: those in sessions of their own too, as Jupyter's kernels are.
 */
import { spawnSync } from "node:child_process";
import { readdirSync, readFileSync } from "node:fs";
import { createInterface } from "node:readline";

/** Milliseconds between the request to end and the end. */
const GRACE = 2000;
const windows = process.platform === "win32";

// What kills a terminal, or its foreground job, is no reason to leave early.
for (const signal of ["SIGINT", "SIGHUP", "SIGTERM"]) process.on(signal, () => {});

/** @type {Set<number>} */
const watched = new Set();
createInterface({ input: process.stdin })
  .on("line", (line) => {
    const pid = Number(line.slice(1));
    if (line.startsWith("+")) watched.add(pid);
    else watched.delete(pid);
  })
  .on("close", stopAll);

async function stopAll() {
  if (windows) {
    for (const pid of watched) spawnSync("taskkill", ["/pid", `${pid}`, "/t", "/f"], { windowsHide: true });
    process.exit();
  }
  const first = tree([...watched], table());
  signal(first, "SIGTERM");
  let left = first;
  for (const start = Date.now(); left.length > 0 && Date.now() - start < GRACE; ) {
    await new Promise((resolve) => setTimeout(resolve, 50));
    left = tree(first, table()); // some may have started others meanwhile
  }
  signal(left, "SIGKILL");
  process.exit();
}

/** @param {readonly number[]} pids @param {NodeJS.Signals} name */
function signal(pids, name) {
  for (const pid of pids) {
    try {
      process.kill(pid, name);
    } catch {} // it ended by itself
  }
}

/**
 * Those of `roots` that run, and all their descendants.
 * @param {readonly number[]} roots
 * @param {readonly { pid: number, parent: number }[]} rows
 */
function tree(roots, rows) {
  const found = new Set(roots.filter((pid) => rows.some((row) => row.pid === pid)));
  for (let size = -1; size !== found.size; ) {
    size = found.size;
    for (const { pid, parent } of rows) if (found.has(parent)) found.add(pid);
  }
  return [...found];
}

/** Every process that runs, with its parent: from /proc, or from ps where that is not. One that ended and waits for its
 * parent to notice does not run. */
function table() {
  const lines = process.platform === "linux" ? fromProc() : fromPs();
  return lines.flatMap(({ pid, state, parent }) => (state.startsWith("Z") ? [] : [{ pid, parent }]));
}

function fromProc() {
  const rows = [];
  for (const name of readdirSync("/proc")) {
    if (!/^\d+$/.test(name)) continue;
    try {
      const stat = readFileSync(`/proc/${name}/stat`, "utf8");
      const [state, parent] = stat.slice(stat.lastIndexOf(")") + 2).split(" "); // the name may hold anything
      rows.push({ pid: Number(name), state, parent: Number(parent) });
    } catch {} // it ended between the two calls
  }
  return rows;
}

function fromPs() {
  const { stdout } = spawnSync("ps", ["-A", "-o", "pid=,state=,ppid="], { encoding: "utf8" });
  return (stdout ?? "").split("\n").flatMap((line) => {
    const [pid, state, parent] = line.trim().split(/\s+/);
    return parent ? [{ pid: Number(pid), state, parent: Number(parent) }] : [];
  });
}
