/**
 * `npm run pretrain -- NAME [--steps N]`: trains a lecture's model longer than a notebook can, by
 * src/lectures/NAME/pretrain.ts, and writes pretrained/NAME.safetensors (float16) and its model card, NAME.md.
 */
import { createHash } from "node:crypto";
import { mkdirSync, readFileSync, renameSync, statSync } from "node:fs";
import { parseArgs } from "node:util";
import { loadBuilt, machineInWords, prepare, pretrainings, today } from "./lecture-scripts.mjs";
import { libraryVersion } from "./notebooks/sources.mjs";
import { bold, dim, green, inRoot, isMain, Problem, report, writeWhole } from "./steps.mjs";

/** @import { Metric, Pretraining } from "../src/data" */

/** Bytes that a checkpoint may have, and all of them together. */
export const LARGEST = { one: 6e6, all: 25e6 };

/** @param {string} file */
export const sha256 = (file) => createHash("sha256").update(readFileSync(file)).digest("hex");

/**
 * The model card: what the model is, and how it was made. Its hash is that of the file that it describes.
 * @param {{ name: string, says: string, data: string, command: string, seconds: number, machine: string, metric: Metric, parameters: number, bytes: number, hash: string }} facts
 */
export const card = ({
  name,
  says,
  data,
  command,
  seconds,
  machine,
  metric,
  parameters,
  bytes,
  hash,
}) => `# ${name}

${says}

| | |
|---|---|
| data | ${data} |
| metric | ${metric.name}: ${metric.value.toFixed(4)} ${metric.unit} |
| parameters | ${parameters.toLocaleString("en")}, float16, ${(bytes / 1e6).toFixed(1)} MB |
| command | \`${command}\` |
| made | ${today()}, ${seconds} s on ${machine}, gradschool ${libraryVersion()} |
| SHA-256 | \`${hash}\` |
`;

/** @param {readonly string[]} args */
async function main(args) {
  const { values, positionals } = parseArgs({
    args: [...args],
    options: { steps: { type: "string" } },
    allowPositionals: true,
  });
  const there = pretrainings();
  const list = there.map(({ name }) => name).join(", ");
  const found = there.find(({ name }) => name === positionals[0]);
  if (!found || positionals.length > 1)
    throw new Problem(
      `${positionals.length === 0 ? "Which model?" : `There is no pretraining ${positionals.join(" ")}.`}`,
      `npm run pretrain -- NAME; there are: ${list}`,
    );
  if (values.steps !== undefined && !/^[1-9]\d*$/.test(values.steps))
    throw new Problem(`--steps: expected a whole number from 1 on, got ${values.steps}.`);
  await prepare();
  const { name, source } = found;
  const library = await loadBuilt(inRoot("src", "index.ts"));
  const { readPretrained } = await loadBuilt(inRoot("src", "data", "course", "pretrained.ts"));
  const pretraining = /** @type {Pretraining} */ ((await loadBuilt(source)).pretraining);
  const { says, data } = pretraining;
  const steps = Number(values.steps ?? pretraining.steps);
  console.log(bold(`${name}: ${says}`));
  const start = performance.now();
  const time = () => (performance.now() - start) / 1000;
  const { tensors, config } = await pretraining.train(steps, (line) =>
    console.log(dim(`  ${time().toFixed(0).padStart(5)} s  ${line}`)),
  );
  const seconds = Math.round(time());
  const machine = machineInWords(library.device().name);

  // Measured as it will be read: in float16.
  const file = inRoot("pretrained", `${name}.safetensors`);
  const aside = `${file}.new`;
  mkdirSync(inRoot("pretrained"), { recursive: true });
  /** @param {Metric} metric */
  const save = (metric) => {
    const texts = new Map(
      Object.entries({ config, metric }).map(([key, value]) => [key, JSON.stringify(value)]),
    );
    library.nd.saveSafetensors(aside, tensors, texts, { float16: true });
  };
  save({ name: "", value: 0, unit: "" });
  const metric = await pretraining.measure(readPretrained(name, aside));
  save(metric);
  const bytes = statSync(aside).size;
  if (bytes > LARGEST.one)
    throw new Problem(`${name} has ${bytes} bytes, and may have ${LARGEST.one}: make the model smaller.`);
  const parameters = [...tensors.values()].reduce((sum, { size }) => sum + size, 0);
  const command = `npm run pretrain -- ${name}${values.steps === undefined ? "" : ` --steps ${steps}`}`;
  const facts = {
    name,
    says,
    data,
    command,
    seconds,
    machine,
    metric,
    parameters,
    bytes,
    hash: sha256(aside),
  };
  renameSync(aside, file);
  writeWhole(inRoot("pretrained", `${name}.md`), card(facts));
  console.log(
    `  ${green("✓")} pretrained/${name}.safetensors, ${metric.name} ${metric.value.toFixed(4)} ${metric.unit}`,
  );
}

if (isMain(import.meta.url))
  main(process.argv.slice(2)).then(
    () => process.exit(), // the library's threads would wait
    (error) => process.exit(report(error)),
  );
