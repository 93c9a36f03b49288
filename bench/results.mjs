/** bench/results.json: the last result of every experiment, with when and on what it was taken. */
import { existsSync, readFileSync, renameSync, writeFileSync } from "node:fs";
import { cpus } from "node:os";
import { fileURLToPath } from "node:url";

const file = fileURLToPath(new URL("./results.json", import.meta.url));

/** Replaces one experiment's results; written aside and renamed, so that no reader sees half a file. @param {string} name @param {readonly unknown[]} results */
export function save(name, results) {
  const all = existsSync(file) ? JSON.parse(readFileSync(file, "utf8")) : {};
  const machine = `${cpus()[0]?.model.trim()}, ${cpus().length} cores, Node ${process.versions.node}`;
  const taken = new Date().toISOString().slice(0, 10);
  all[name] = { machine, taken, results };
  writeFileSync(`${file}.${process.pid}`, `${JSON.stringify(all, null, 1)}\n`);
  renameSync(`${file}.${process.pid}`, file);
}
