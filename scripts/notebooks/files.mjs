/** The notebooks that are there. */
import { existsSync, readdirSync } from "node:fs";
import { inRoot } from "../steps.mjs";

/** Names of the notebooks in a folder below the project, without `.ipynb`. @param {string} folder */
export function notebooksIn(folder) {
  const full = inRoot(...folder.split("/"));
  if (!existsSync(full)) return [];
  const names = readdirSync(full).filter((name) => name.endsWith(".ipynb"));
  return names.map((name) => name.slice(0, -".ipynb".length)).sort();
}

/** `gpt` of `05-gpt`. @param {string} name */
export const shortName = (name) => name.replace(/^\d\d-/, "");

/** The name of the student's function: `attention` → `myAttention`. @param {string} id */
export const studentName = (id) => `my${id[0].toUpperCase()}${id.slice(1)}`;
