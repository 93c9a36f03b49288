/** Who has handed in what: folders, zips, and what is in them that should not be. */
import { execFileSync } from "node:child_process";
import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  rmSync,
  statSync,
  symlinkSync,
  utimesSync,
  writeFileSync,
} from "node:fs";
import { dirname, join } from "node:path";
import { describe, expect, it } from "vitest";
import { ZipFile } from "yazl";
import { latePolicy } from "../../../src/grading/batch";
import { gradesCsv } from "../../../src/grading/report";
import { centre, filled, gradeHere, newFolder, told } from "./class";

/** A zip of these files, made by a library. */
async function zipped(
  files: Readonly<Record<string, string | Uint8Array>>,
  links: readonly string[] = [],
): Promise<Buffer> {
  const zip = new ZipFile();
  for (const [name, content] of Object.entries(files)) zip.addBuffer(Buffer.from(content), name);
  for (const name of links) zip.addBuffer(Buffer.from("/etc/passwd"), name, { mode: 0o120777 });
  zip.end();
  const parts: Buffer[] = [];
  for await (const part of zip.outputStream) parts.push(part as Buffer);
  return Buffer.concat(parts);
}

/** A zip whose entry has another name than any library would write. */
async function renamed(name: string): Promise<Buffer> {
  const stand = "z".repeat(name.length);
  const bytes = await zipped({ [stand]: centre("return 3;") });
  return Buffer.from(bytes.toString("latin1").replaceAll(stand, name), "latin1");
}

const NAME = "00-start-here.ipynb";
const [three, two] = [centre("return 3;"), centre("return 2;")];
const flagsOf = async (folder: string) =>
  (await gradeHere(folder)).flatMap(({ submission }) => submission.flags);

describe("a student's name", () => {
  it("is the folder's, however deep the notebook lies", async () => {
    const folder = filled({
      [`anna/${NAME}`]: three,
      [`ben/week 1/home/${NAME}`]: two,
      [`Żaneta Öz/${NAME}`]: two,
    });
    expect(told(await gradeHere(folder))).toEqual([
      "anna 00-start-here 3 of 3",
      "ben 00-start-here 2 of 3",
      "Żaneta Öz 00-start-here 2 of 3",
    ]);
  });

  it("is the file's where notebooks lie flat, and the folder's where they have the course's names", async () => {
    const flat = filled({ "anna.ipynb": three, "00-start-here_ben.ipynb": two });
    expect(told(await gradeHere(flat)).map((one) => one.split(" ")[0])).toEqual(["anna", "ben"]);
    const own = filled({ [`carol/${NAME}`]: two });
    expect(told(await gradeHere(join(own, "carol")))).toEqual(["carol 00-start-here 2 of 3"]);
    expect(told(await gradeHere(join(own, "carol", NAME)))).toEqual(["carol 00-start-here 2 of 3"]);
  });

  it("is the zip's, or in it", async () => {
    const one = await zipped({ [NAME]: three, "progress/centre.json": "{}" });
    const folder = filled({
      "anna.zip": one,
      "ben 00-start-here 2026-11-26 08-48-06.zip": one,
      "00-start-here 2026-11-26 08-48-06.zip": await zipped({
        [NAME]: two,
        "manifest.json": `{"student":"carol"}`,
      }),
      "dora/hand-in.zip": one,
    });
    expect(told(await gradeHere(folder)).map((line) => line.split(" ")[0])).toEqual([
      "anna",
      "ben",
      "carol",
      "dora",
    ]);
    const all = filled({
      "all.zip": await zipped({ [`anna/${NAME}`]: three, [`ben/${NAME}`]: two, "carol/x.zip": one }),
    });
    const three3 = ["anna 00-start-here 3 of 3", "ben 00-start-here 2 of 3", "carol 00-start-here 3 of 3"];
    expect(told(await gradeHere(join(all, "all.zip")))).toEqual(three3);
    const wrapped = filled({
      "all.zip": await zipped({ [`x/anna/${NAME}`]: three, [`x/ben/${NAME}`]: two }),
    });
    expect(told(await gradeHere(join(wrapped, "all.zip")))).toEqual(three3.slice(0, 2));
  });

  it("may be anything, and is only ever a name", async () => {
    const names = ["=cmd()", "..  x", "<script>", 'a,b"c', "-1+1", "con", "' or 1=1"];
    const folder = filled(Object.fromEntries(names.map((name) => [`${name}/${NAME}`, three])));
    expect((await gradeHere(folder)).map(({ submission }) => submission.student).sort()).toEqual(
      names.sort(),
    );
  });
});

describe("what does not count", () => {
  it("is what the course itself, other programs and Jupyter leave there", async () => {
    const folder = filled({
      [`anna/${NAME}`]: two,
      [`anna/solutions/${NAME}`]: three,
      [`anna/.ipynb_checkpoints/${NAME}`]: three,
      [`anna/backups/x/${NAME}`]: three,
      [`anna/__MACOSX/._${NAME}`]: three,
    });
    expect(told(await gradeHere(folder))).toEqual(["anna 00-start-here 2 of 3"]);
  });

  it("is an earlier one", async () => {
    const folder = filled({ [`anna/a/${NAME}`]: two }, new Date(2026, 1, 1));
    mkdirSync(join(folder, "anna", "b"));
    writeFileSync(join(folder, "anna", "b", NAME), three);
    const [one] = await gradeHere(folder);
    expect(one.submission.earned).toBe(3);
    expect(one.submission.flags.at(-1)).toMatch(/^handed in 2 times; the last one counts/);
  });

  it("is a link, whatever it points to", async () => {
    const folder = filled({ [`anna/${NAME}`]: three });
    mkdirSync(join(folder, "ben"));
    symlinkSync(join(folder, "anna", NAME), join(folder, "ben", NAME));
    symlinkSync(join(folder, "anna"), join(folder, "carol"));
    symlinkSync("/", join(folder, "ben", "all"));
    const all = await gradeHere(folder);
    expect(told(all)).toEqual(["anna 00-start-here 3 of 3", "ben 00-start-here 0 of 3"]);
    expect(all[1].submission.flags).toContain("00-start-here.ipynb is a link; it was not followed");
  });

  it("is a pipe that never ends", async () => {
    const folder = filled({ [`anna/${NAME}`]: three });
    mkdirSync(join(folder, "ben"));
    if (process.platform !== "win32") execFileSync("mkfifo", [join(folder, "ben", NAME)]);
    expect(told(await gradeHere(folder))[0]).toBe("anna 00-start-here 3 of 3");
  });
});

it("of very many notebooks of one student the newest are looked at", async () => {
  const folder = filled(
    Object.fromEntries(Array.from({ length: 230 }, (_, i) => [`anna/${i}/${NAME}`, two])),
  );
  const newest = join(folder, "anna", "229", NAME);
  writeFileSync(newest, three);
  utimesSync(newest, new Date("2099-01-01"), new Date("2099-01-01"));
  const seen: number[] = [];
  const all = await gradeHere(folder, { tell: (_, count) => seen.push(count) });
  expect(told(all)).toEqual(["anna 00-start-here 3 of 3"]);
  expect(seen).toEqual(new Array(200).fill(200));
  expect(all[0].submission.flags.join()).toMatch(
    /230 notebooks were handed in; the newest 200 were looked at/,
  );
});

it.runIf(existsSync("/dev/shm"))("of a time that no calendar has is late, and stops nobody", async () => {
  const folder = mkdtempSync("/dev/shm/gradschool-class-"); // here a file may have any time
  try {
    for (const [student, time] of [
      ["anna", 1e14],
      ["ben", -1e14],
      ["carl", 1e9],
    ] as const) {
      const file = join(folder, student, NAME);
      mkdirSync(dirname(file));
      writeFileSync(file, three);
      utimesSync(file, time, time);
    }
    expect(Number.isNaN(statSync(join(folder, "anna", NAME)).mtime.getTime())).toBe(true);
    const all = await gradeHere(folder);
    expect(told(all)).toHaveLength(3);
    expect(all[0].time).toBe("9999-12-31T00:00:00.000Z");
    for (const { submission } of all) expect(submission.earned).toBe(3);
    expect(gradesCsv(all, "nbgrader", latePolicy("2026-01-01", "10%/day"))).toMatch(/anna,,,,3,3,0,3/);
  } finally {
    rmSync(folder, { recursive: true });
  }
});

describe("a zip", () => {
  it("that climbs is refused, and its student alone has nothing", async () => {
    for (const name of ["../../../tmp/evil.ipynb", "/etc/evil.ipynb", "a/../../evil.ipynb"]) {
      const folder = filled({ "anna.zip": await renamed(name), "ben.zip": await zipped({ [NAME]: two }) });
      const all = await gradeHere(folder);
      expect(all.map(({ submission }) => [submission.student, submission.earned])).toEqual([
        ["anna", 0],
        ["ben", 2],
      ]);
      expect(all[0].submission.flags[0]).toMatch(/a path in it climbs out of it/);
    }
  });

  it("with links, with nothing, cut, or no zip at all", async () => {
    const good = await zipped({ [NAME]: three });
    const folder = filled({
      "a.zip": await zipped({}, [NAME]),
      "b.zip": await zipped({ "notes.txt": "hello" }),
      "c.zip": good.subarray(0, good.length - 30),
      "d.zip": "no zip",
    });
    expect(await flagsOf(folder)).toEqual([
      "00-start-here.ipynb in the zip is a link; it was not followed",
      "there is no notebook in the zip",
      expect.stringMatching(/^c\.zip was not opened: it cannot be unpacked/),
      expect.stringMatching(/^d\.zip was not opened: it cannot be unpacked/),
    ]);
  });

  it("that says it is small and is not", async () => {
    const bytes = await zipped({ [NAME]: centre(`return 3; // ${"x".repeat(100_000)}`) });
    // The size unpacked, where the central directory has it.
    const at = bytes.lastIndexOf(Buffer.from("PK\u0001\u0002", "latin1"));
    bytes.writeUInt32LE(100, at + 24);
    expect((await flagsOf(filled({ "a.zip": bytes })))[0]).toMatch(/cannot be unpacked: .*too many bytes/);
  });

  it("of many gigabytes of nothing is not unpacked", async () => {
    const bomb = await zipped({ [NAME]: Buffer.alloc(200 * 2 ** 20) });
    expect(bomb.length).toBeLessThan(2 ** 20);
    const before = process.memoryUsage().rss;
    expect((await flagsOf(filled({ "a.zip": bomb })))[0]).toMatch(
      /would have 200 MiB unpacked; it was left out/,
    );
    expect(process.memoryUsage().rss - before).toBeLessThan(600 * 2 ** 20);
  });

  it("in a zip in a zip in a zip is left alone", async () => {
    let bytes = await zipped({ [NAME]: three });
    for (let i = 0; i < 4; i++) bytes = await zipped({ "inner.zip": bytes });
    expect((await flagsOf(filled({ "a.zip": bytes })))[0]).toMatch(/a zip in a zip in a zip is not opened/);
  });

  it("full of zips may take no more than one alone", async () => {
    const many = Object.fromEntries(Array.from({ length: 500 }, (_, i) => [`${i}.txt`, ""]));
    const inner = await zipped({ ...many, [NAME]: three });
    const outer = await zipped(Object.fromEntries(Array.from({ length: 50 }, (_, i) => [`${i}.zip`, inner])));
    const flags = await flagsOf(filled({ "a.zip": outer }));
    expect(flags.filter((flag) => /more than 20000 are not looked at/.test(flag)).length).toBe(11);
  });

  it("leaves nothing behind", async () => {
    const out = newFolder();
    await gradeHere(filled({ "a.zip": await zipped({ [NAME]: three }) }), { out });
    expect(readdirSync(out)).toEqual([".grading"]);
  });
});
