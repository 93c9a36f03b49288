// npm run parity:transformers -- --python PYTHON
// Saves small models with savePretrained and lets transformers, in the Python given, read and run them.
import { spawnSync } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { parseArgs } from "node:util";
import { loadTypeScript } from "./load-typescript.mjs";
import { inRoot, report } from "./steps.mjs";

const { values } = parseArgs({ options: { python: { type: "string", default: "python3" } } });
const tests = await loadTypeScript("./test/parity/transformers/save.ts").catch((error) =>
  process.exit(report(error)),
);
const folder = mkdtempSync(join(tmpdir(), "gradschool-transformers-"));
try {
  tests.saveAll(folder);
  const check = inRoot("test", "parity", "transformers", "check.py");
  const { status, error } = spawnSync(values.python, [check, folder], { stdio: "inherit" });
  if (error) console.error(`parity:transformers: ${values.python} did not start: ${error.message}`);
  process.exitCode = status ?? 1;
} finally {
  rmSync(folder, { recursive: true, force: true });
}
