import { execFileSync } from "node:child_process";
import { createHash } from "node:crypto";
import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath, pathToFileURL } from "node:url";
import { afterAll, beforeEach, describe, expect, it } from "vitest";

const root = fileURLToPath(new URL("../..", import.meta.url));
const script = (name: string) => import(/* @vite-ignore */ pathToFileURL(`${root}scripts/${name}.mjs`).href);
const { fetchOptional, isFetched, OPTIONAL } = await script("optional");
const { parse } = await script("arguments");
const { findPythons } = await script("python");

const [found] = findPythons();
const python = { command: found?.command ?? ["python3"] };
const folder = mkdtempSync(join(tmpdir(), "gradschool-optional-"));
const downloads = join(folder, "downloads");
afterAll(() => rmSync(folder, { recursive: true, force: true }));

/** An archive of the kind that the name says, as if it had been fetched. */
function archive(name: string) {
  const make = `
import io, sys, tarfile, zipfile
files = {"toy/model/config.json": b"{}", "toy/model/deep/a.txt": b"deep", "toy/other.txt": b"no", "toy/models/b.txt": b"no"}
if sys.argv[1].endswith("whl"):
    with zipfile.ZipFile(sys.argv[1], "w") as z: [z.writestr(n, b) for n, b in files.items()]
else:
    with tarfile.open(sys.argv[1], "w:gz") as t:
        for n, b in files.items():
            info = tarfile.TarInfo(n); info.size = len(b); t.addfile(info, io.BytesIO(b))`;
  const file = join(downloads, name);
  execFileSync(python.command[0], [...python.command.slice(1), "-c", make, file]);
  const sha256 = createHash("sha256").update(readFileSync(file)).digest("hex");
  const about = {
    from: name.endsWith("whl") ? "pip" : "npm",
    wanted: "no-such-package-of-ours",
    archive: name,
  };
  return {
    file,
    about: { ...about, use: "tests", licence: "MIT", megabytes: 1, sha256, folder: "toy/model" },
  };
}

beforeEach(() => {
  rmSync(folder, { recursive: true, force: true });
  mkdirSync(downloads, { recursive: true });
});

describe.skipIf(!found)(`what is optional${found ? "" : " (no Python was found)"}`, () => {
  it.each(["toy-1.0-py3-none-any.whl", "toy-1.0.tgz"])(
    "%s, whole, is unpacked and not fetched again",
    async (name) => {
      const { about, file } = archive(name);
      expect(isFetched("toy", about, folder)).toBe(false);
      expect(await fetchOptional("toy", python, { about, folder })).toMatch(/^fetched, verified, in /);
      expect(readdirSync(join(folder, "toy")).sort()).toEqual(["config.json", "deep", "fetched.json"]);
      expect(readFileSync(join(folder, "toy", "deep", "a.txt"), "utf8")).toBe("deep");
      expect(readdirSync(folder).sort()).toEqual(["downloads", "toy"]);
      expect(existsSync(file)).toBe(false);
      expect(await fetchOptional("toy", python, { about, folder })).toMatch(/^there already, /);
      expect(isFetched("toy", { ...about, sha256: "another version" }, folder)).toBe(false);
    },
  );

  it("that is damaged inside leaves nothing, and is told", async () => {
    const { about, file } = archive("toy-1.0.tgz");
    writeFileSync(file, readFileSync(file).subarray(0, 60));
    const sha256 = createHash("sha256").update(readFileSync(file)).digest("hex");
    await expect(fetchOptional("toy", python, { about: { ...about, sha256 }, folder })).rejects.toThrow(
      "toy-1.0.tgz could not be unpacked",
    );
    expect(readdirSync(folder)).toEqual(["downloads"]);
  });

  it("that cannot be fetched says how it can be brought by hand", { timeout: 120_000 }, async () => {
    const { about } = archive("toy-1.0.tgz");
    rmSync(join(downloads, "toy-1.0.tgz"));
    const offline = { ...about, wanted: join(folder, "nowhere.tgz") };
    const error = await fetchOptional("toy", python, { about: offline, folder }).catch((one: Error) => one);
    expect(error).toMatchObject({
      message: expect.stringContaining("could not be fetched"),
      remedy: expect.stringContaining(`put the file into\n${downloads}`),
    });
  });
});

describe("npm start -- --with", () => {
  it("takes names that there are", () => {
    expect(Object.keys(OPTIONAL).sort()).toEqual(["fashion", "minilm"]);
    expect(parse(["--with", "minilm", "--with", "fashion"])).toMatchObject({
      mode: "with",
      wanted: ["minilm", "fashion"],
    });
    expect(() => parse(["--with", "minilmm"])).toThrow("--with: there is no minilmm. Did you mean minilm?");
    expect(() => parse(["--with"])).toThrow("--with needs a value, for example --with minilm");
    expect(() => parse(["--with", "minilm", "--check"])).toThrow("do not go together");
  });
});
