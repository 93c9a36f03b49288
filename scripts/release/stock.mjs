/** Stock nbgrader from the Python index, in an environment that its first use makes: for tests and the benchmark. */
import { spawnSync } from "node:child_process";
import { existsSync, rmSync, writeFileSync } from "node:fs";
import path from "node:path";
import { inRoot } from "../steps.mjs";

export const VERSION = "0.9.5";

/**
 * Where it is, with the environment in which it finds the other programs that it calls; or why it cannot be had here.
 * @returns {{ file: string, env: NodeJS.ProcessEnv } | { absent: string }}
 */
export function stockNbgrader() {
  if (process.platform === "win32") return { absent: "nbgrader is tried on Linux and macOS alone" };
  const venv = inRoot(".cache", `nbgrader-${VERSION}`);
  const bin = path.join(venv, "bin");
  const found = {
    file: path.join(bin, "nbgrader"),
    env: { ...process.env, PATH: [bin, process.env.PATH].join(path.delimiter) },
  };
  const whole = path.join(venv, "whole");
  if (existsSync(whole)) return found;
  rmSync(venv, { recursive: true, force: true });
  const made = spawnSync(process.env.PYTHON ?? "python3", ["-m", "venv", venv], { encoding: "utf8" });
  if (made.status !== 0) return { absent: `python -m venv failed: ${made.stderr || made.error?.message}` };
  const install = ["-m", "pip", "install", "-q", "--disable-pip-version-check", "--retries=2"];
  const pip = spawnSync(path.join(bin, "python"), [...install, `nbgrader==${VERSION}`], { encoding: "utf8" });
  if (pip.status !== 0)
    return {
      absent: `nbgrader cannot be had from the Python index: ${pip.stderr.trim().split("\n").at(-1)}`,
    };
  writeFileSync(whole, "");
  return found;
}
