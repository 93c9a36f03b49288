// npm run parity:transformers -- --python PYTHON
// Saves small models with savePretrained and lets transformers, in the Python given, read and run them.
import { spawnSync } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { parseArgs } from "node:util";
import { runnerImport } from "vite";

const { values } = parseArgs({ options: { python: { type: "string", default: "python3" } } });
const root = fileURLToPath(new URL("..", import.meta.url));
const { module } = await runnerImport("./test/parity/transformers/save.ts", { root, logLevel: "error" });
const folder = mkdtempSync(join(tmpdir(), "gradschool-transformers-"));
try {
  module.saveAll(folder);
  const check = join(root, "test", "parity", "transformers", "check.py");
  const { status, error } = spawnSync(values.python, [check, folder], { stdio: "inherit" });
  if (error) console.error(`parity:transformers: ${values.python} did not start: ${error.message}`);
  process.exitCode = status ?? 1;
} finally {
  rmSync(folder, { recursive: true, force: true });
}
