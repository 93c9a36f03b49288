import { existsSync, readdirSync } from "node:fs";
import { join } from "node:path";
import { type DeviceName, setDevice } from "../../src/tensor";
import { type CaseResult, readJson } from "./fixture";
import { runModels } from "./groups/models";
import { runOps } from "./groups/ops";
import { runOptim } from "./groups/optim";
import { runTables } from "./groups/tables";
import { runTokenizers } from "./groups/tokenizers";
import { runTrain } from "./groups/train";
import { report, summarize } from "./report";

/** What can be checked: the name a manifest gives itself, and how its folder is run. */
const groups: Readonly<Record<string, (folder: string) => CaseResult[]>> = {
  ops: runOps,
  optim: runOptim,
  models: runModels,
  train: runTrain,
  tokenizers: runTokenizers,
  tables: runTables,
};

/**
 * Every case of every group below a folder; the folder of one group may be given too. A manifest of an unknown
 * kind is a failure: what is not checked must not look as if it had passed.
 */
export function runFolder(folder: string, only?: readonly string[]): CaseResult[] {
  if (existsSync(join(folder, "manifest.json"))) return runGroup(folder);
  const folders = existsSync(folder)
    ? readdirSync(folder).filter((name) => existsSync(join(folder, name, "manifest.json")))
    : [];
  const chosen = only ? folders.filter((name) => only.includes(name)) : folders;
  if (chosen.length === 0) {
    throw new Error(
      `parity: expected a folder with groups such as ${Object.keys(groups).join(", ")}, each with a manifest.json, got ${folder}` +
        (folders.length ? ` with ${folders.join(", ")}` : ""),
    );
  }
  return chosen.flatMap((name) => runGroup(join(folder, name)));
}

function runGroup(folder: string): CaseResult[] {
  const { fixture = "" } = readJson<{ fixture?: string }>(folder, "manifest.json");
  const run = groups[fixture];
  if (run) return run(folder);
  const error = `expected a manifest of ${Object.keys(groups).join(", ")}, got "${fixture}" in ${folder}`;
  return [{ group: fixture || "unknown", id: folder, mismatches: [], error }];
}

/** What the command prints and whether it must exit with 1. */
export function run(
  folder: string,
  { only, device }: { only?: readonly string[]; device?: string } = {},
): { results: readonly CaseResult[]; text: string; failed: boolean } {
  if (device) setDevice(device as DeviceName);
  const results = runFolder(folder, only);
  return { results, text: report(results), failed: summarize(results).failed > 0 };
}
