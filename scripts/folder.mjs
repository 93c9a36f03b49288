/** The folder that the course lies in: whether it can be written, and whether there is room. */
import { accessSync, constants, existsSync, statfsSync } from "node:fs";
import { inRoot, Problem, readOnly, root } from "./steps.mjs";

/** What an earlier start may have made under another user's name, for instance with sudo. */
const made = ["", ".cache", "node_modules", ".venv", "dist", "notebooks", "out"];

/** The first place of the project that is there and cannot be written; undefined if all can. */
export function unwritable() {
  return made
    .map((name) => inRoot(name))
    .find((place) => {
      try {
        accessSync(place, constants.W_OK);
        return false;
      } catch {
        return existsSync(place);
      }
    });
}

/** MB that the installations take, with what they unpack on the way. */
const sizes = { node_modules: 550, ".venv": 300 };

/** Throws a Problem if the project cannot be written, or if what is yet to be installed does not fit. */
export function requireRoom() {
  const place = unwritable();
  if (place) throw readOnly(place.replace(/[\\/]$/, ""));
  const needed = Object.entries(sizes).reduce(
    (sum, [name, mb]) => sum + (existsSync(inRoot(name)) ? 0 : mb),
    0,
  );
  const free = room();
  if (free < needed)
    throw new Problem(
      `The disk is full: ${Math.floor(free)} MB are free in ${root}, and what is to be installed needs ${needed} MB.`,
      "Make room, or copy the course to a larger disk, and start again.",
    );
}

/** MB that are free; Infinity where the system does not say. */
function room() {
  try {
    const { bavail, bsize } = statfsSync(root);
    return (bavail * bsize) / 1e6;
  } catch {
    return Infinity;
  }
}
