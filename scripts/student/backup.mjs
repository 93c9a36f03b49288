/** Copies of a student's files before something is done to them. */
import { copyFileSync, cpSync, existsSync, mkdirSync, renameSync } from "node:fs";
import path from "node:path";

/**
 * Copies the files, which lie in `place`, and the progress, to a new folder in `backups/`; its path. It has its name only
 * when it is whole.
 * @param {string} place @param {readonly string[]} files @param {string} why
 */
export function backUp(place, files, why) {
  const stamp = new Date().toISOString().slice(0, 19).replace("T", " ").replaceAll(":", "-");
  const folder = free(path.join(place, "backups", `${stamp} ${why}`));
  const aside = `${folder}.${process.pid}.tmp`;
  for (const file of files.filter((one) => existsSync(one))) {
    const copy = path.join(aside, path.relative(place, file));
    mkdirSync(path.dirname(copy), { recursive: true });
    copyFileSync(file, copy);
  }
  cpSync(path.join(place, "progress"), path.join(aside, "progress"), { recursive: true });
  renameSync(aside, folder);
  return folder;
}

/** A name that is not taken. @param {string} name */
function free(name) {
  for (let number = 1; ; number++) {
    const candidate = number === 1 ? name : `${name} ${number}`;
    if (!existsSync(candidate)) return candidate;
  }
}
