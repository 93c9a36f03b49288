import { check, nodeModule } from "../../tensor";
import { courseFolder } from "./folder";

const fs = nodeModule("node:fs");
const paths = nodeModule("node:path");

/** Weights and data that are too large to come with the course: `npm start -- --with minilm` fetches them. */
export type OptionalName = "fashion" | "minilm";

const names: readonly OptionalName[] = ["fashion", "minilm"];

/**
 * The folder of something optional, or null where it was not fetched, with a line that says how to get it; the notebook
 * goes on without.
 * ```ts
 * const minilm = optional("minilm");
 * if (minilm) model = await fromPretrained(BertModel, minilm);
 * ```
 */
export function optional(name: OptionalName): string | null {
  check("optional", "name", name, names);
  const folder = paths.join(courseFolder("optional"), ".cache", "optional", name);
  // Written last, when all else was verified.
  if (fs.existsSync(paths.join(folder, "fetched.json"))) return folder;
  console.log(`${name} is not here: \`npm start -- --with ${name}\` fetches it, and says what it is for.`);
  return null;
}
