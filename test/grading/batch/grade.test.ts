/** A batch: what it remembers, what people decide, what is written of it. */
import { mkdirSync, readFileSync, truncateSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { latePolicy, penaltyOf, type Results, readOverrides } from "../../../src/grading/batch";
import { feedbackPage, fileNameOf, gradesCsv, instructorPage, junitXml } from "../../../src/grading/report";
import { setLanguage } from "../../../src/notebook";
import { root } from "../submission/course";
import { centre, course, filled, gradeHere, made, newFolder, told } from "./class";

const NAME = "00-start-here.ipynb";
const withPoints = (students: Readonly<Record<string, string>>) =>
  filled(
    Object.fromEntries(
      Object.entries(students).map(([student, body]) => [`${student}/${NAME}`, centre(body)]),
    ),
  );

/** A grader that counts how often it was asked. */
const counting = () => {
  const asked: string[] = [];
  const mark: typeof made = (task) => {
    asked.push(/return (\d)/.exec(task.code)?.[1] ?? "");
    return made(task);
  };
  return { asked, mark };
};

describe("what has been marked once", () => {
  it("is not marked again unless the answer, the check or the seed is another", async () => {
    const folder = withPoints({ anna: "return 1;", ben: "return 2;" });
    const out = newFolder();
    const { asked, mark } = counting();
    const first = await gradeHere(folder, { out, mark });
    expect(await gradeHere(folder, { out, mark })).toEqual(first);
    expect(asked).toHaveLength(2);

    writeFileSync(join(folder, "anna", NAME), centre("return 3;"));
    await gradeHere(folder, { out, mark });
    expect(asked.slice(2)).toEqual(["3"]);
    await gradeHere(folder, { out, mark, seed: 6 });
    expect(asked).toHaveLength(5);

    const [start, bert] = course.lectures;
    const [one] = start.exercises;
    const corrected = {
      ...course,
      version: "2",
      lectures: [{ ...start, exercises: [{ ...one, version: "2" }] }, bert],
    };
    await gradeHere(folder, { out, mark, course: corrected });
    expect(asked).toHaveLength(7);
    await gradeHere(folder, { out, mark, isFresh: true });
    expect(asked).toHaveLength(9);
  });

  it("is kept when the run is interrupted, and damaged memory is none", async () => {
    const folder = withPoints({ a: "return 1;", b: "return 2;", c: "return 3;" });
    const out = newFolder();
    const { asked, mark } = counting();
    let left = 2;
    const interrupted: typeof made = (task) => (left-- > 0 ? mark(task) : new Promise(() => {}));
    void gradeHere(folder, { out, mark: interrupted, jobs: 1 });
    await expect.poll(() => left, { timeout: 50_000 }).toBe(-1);
    expect(told(await gradeHere(folder, { out, mark }))).toEqual([
      "a 00-start-here 1 of 3",
      "b 00-start-here 2 of 3",
      "c 00-start-here 3 of 3",
    ]);
    expect(asked).toHaveLength(3);
  });

  it("is not what ended a process once; what ends it again is", async () => {
    const out = newFolder();
    let calls = 0;
    const ending = (times: number): typeof made => {
      calls = 0;
      return async (task) => ({
        ...(await made(task)),
        ...(calls++ < times ? { earned: 0, status: "crashed" } : {}),
      });
    };
    const folder = withPoints({ anna: "return 2;" });
    expect(told(await gradeHere(folder, { out, mark: ending(2) }))).toEqual(["anna 00-start-here 0 of 3"]);
    expect(told(await gradeHere(folder, { out, mark: ending(1) }))).toEqual(["anna 00-start-here 2 of 3"]);
    expect(calls).toBe(2);
  });

  it("is not what a grader's own fault was", async () => {
    const folder = withPoints({ anna: "return 3;", ben: "return 2;" });
    const out = newFolder();
    const failing: typeof made = async () => {
      throw new Error("the disk is full");
    };
    const all = await gradeHere(folder, { out, mark: failing });
    expect(all[0].submission).toMatchObject({ earned: 0, points: 3 });
    expect(all[0].submission.flags[0]).toBe("it could not be graded: the disk is full");
    expect(told(await gradeHere(folder, { out }))[0]).toBe("anna 00-start-here 3 of 3");
  });
});

describe("notebooks that cannot be read", () => {
  it("cost their student alone, each with its reason", async () => {
    const folder = filled({
      [`a/${NAME}`]: centre("return 3;").slice(0, 100),
      [`b/${NAME}`]: "",
      "c/homework.ipynb": JSON.stringify({ nbformat: 4, cells: [] }),
      [`d/${NAME}`]: centre("return 2;"),
      [`e/${NAME}`]: centre("return 2;").replace("number", "strin"),
      [`f/${NAME}`]: `${centre("return 1;").slice(0, -1)}, "more": "${"x".repeat(50_000_000)}"}`,
      [`g/${NAME}`]: centre("return 1;").replace(
        '"outputs":[]',
        `"outputs":[{"text":"${"y".repeat(1_000_000)}"}]`,
      ),
    });
    // A file of a gigabyte that takes no room on the disk.
    mkdirSync(join(folder, "h"));
    writeFileSync(join(folder, "h", NAME), "{");
    truncateSync(join(folder, "h", NAME), 2 ** 30);
    const all = await gradeHere(folder);
    expect(told(all)).toEqual([
      "a 00-start-here 0 of 3",
      "b 00-start-here 0 of 3",
      "c homework.ipynb 0 of 0",
      "d 00-start-here 2 of 3",
      "e 00-start-here 0 of 3",
      "f 00-start-here 1 of 3",
      "g 00-start-here 1 of 3",
      "h 00-start-here 0 of 3",
    ]);
    const why = all.map(({ submission: s }) => s.flags[0] ?? s.exercises[0]?.reason);
    expect(why[0]).toMatch(/no valid JSON, its end is missing/);
    expect(why[1]).toBe("the file is empty");
    expect(why[2]).toBe("no notebook of this course");
    expect(why[7]).toBe("the file has 1024 MiB, too many to read");
    expect(why[4]).toMatch(/Cannot find name 'strin'/);
  });
});

describe("decisions by hand", () => {
  it("change the mark, are told, and survive", async () => {
    const folder = withPoints({ anna: "return 1;", ben: "return 2;" });
    const file = join(newFolder(), "overrides.csv");
    writeFileSync(
      file,
      '\ufeffstudent;notebook;exercise;earned;reason\r\nanna;00-start-here;centre;2,5;"right idea; a slip"\r\nben;00-start-here;;0;copied\r\n',
    );
    for (const isFresh of [false, true]) {
      const all = await gradeHere(folder, { overrides: readOverrides(file), isFresh });
      expect(told(all)).toEqual(["anna 00-start-here 2.5 of 3", "ben 00-start-here 0 of 3"]);
      expect(all[0].submission.flags).toContain("centre: 2.5 instead of 1 by hand: right idea; a slip");
      expect(all[0].submission.exercises[0].reason).toMatch(/^decided by hand: right idea; a slip/);
    }
  });

  it("about nobody are told", async () => {
    const none = { student: "ana", notebook: "00-start-here", exercise: "centre", earned: 1, reason: "x" };
    const one = { ...none, student: "anna" };
    const told: unknown[] = [];
    const unused = (list: readonly unknown[]) => told.push(...list);
    await gradeHere(withPoints({ anna: "return 1;" }), { overrides: [none, one], unused });
    expect(told).toEqual([none]);
  });

  it("are refused where they cannot be meant", () => {
    const reading = (text: string) => () => readOverrides(join(filled({ "o.csv": text }), "o.csv"));
    const head = "student,notebook,exercise,earned,reason\n";
    expect(reading("student,earned\na,1\n")).toThrow("there is no column notebook");
    expect(reading(`${head}a,b,c,many,x\n`)).toThrow('line 2: earned is "many"');
    expect(reading(`${head}a,b,c,-1,x\n`)).toThrow("line 2");
    expect(reading(`${head}a,b,c,1,\n`)).toThrow("line 2 gives no reason");
    expect(readOverrides("/nowhere/overrides.csv")).toEqual([]);
  });
});

describe("lateness", () => {
  it("costs a share for every time that has begun", () => {
    const policy = latePolicy("2026-11-30T12:00:00Z", "10%/day");
    const cost = (time: string) => penaltyOf(20, time, policy);
    expect(cost("2026-11-30T11:59:00Z")).toBe(0);
    expect(cost("2026-11-30T12:01:00Z")).toBe(2);
    expect(cost("2026-12-01T12:00:01Z")).toBe(4);
    expect(cost("2027-12-01T12:00:00Z")).toBe(20);
    expect(penaltyOf(20, "2026-12-01T12:00:00Z", latePolicy("2026-11-30", null))).toBe(0);
    expect(() => latePolicy("soon", "10%/day")).toThrow("--due");
    expect(() => latePolicy("2026-11-30", "ten")).toThrow("--late");
  });
});

describe("what is written", () => {
  const names = ["=cmd()", "+1", "-2", "@x", "\t=1", ' "x', "a,b", "<b>"];
  const graded = () =>
    gradeHere(withPoints(Object.fromEntries(names.map((name, i) => [name, `return ${i % 4};`]))));

  it("is no formula in a spreadsheet, in any of the three tables", async () => {
    const all = await graded();
    const tables = (["nbgrader", "moodle", "canvas"] as const).map((format) => gradesCsv(all, format, null));
    for (const table of tables)
      for (const cell of table.split(/[,\n]/)) expect(cell).not.toMatch(/^"?\s*[=+@\t]|^"?\s*-\D/);
    expect(tables[0].split("\n")[0]).toBe(
      "assignment,duedate,timestamp,student_id,last_name,first_name,email,raw_score,late_submission_penalty,score,max_score",
    );
    expect(tables[1].split("\n")[0]).toBe("Username,00-start-here");
    expect(tables[2].split("\n").slice(0, 2)).toEqual([
      "Student,ID,SIS User ID,SIS Login ID,Section,00-start-here",
      "    Points Possible,,,,,3",
    ]);
  });

  it("has the form that docs/results.schema.json gives", async () => {
    const results: Results = {
      submissions: (await graded()).map(({ submission }) => submission),
      ...{ isolation: "bubblewrap", version: "1" },
    };
    const schema = JSON.parse(readFileSync(join(root, "docs", "results.schema.json"), "utf8"));
    expect(faults(JSON.parse(JSON.stringify(results)), schema)).toEqual([]);
    expect(faults({ ...results, more: 1 }, schema)).toHaveLength(1);
  });

  it("tells a student why, and of hidden checks the names alone", async () => {
    for (const one of await graded()) {
      const page = feedbackPage([one], course, null);
      expect(page).toContain("unseen");
      expect(page).not.toContain("SECRET");
      expect(page).not.toMatch(/<b>, feedback|<script/);
      expect(page.includes("everything comes twice")).toBe(one.submission.earned < 2);
    }
    expect(junitXml(await graded())).not.toContain("SECRET");
  });

  it("shows an instructor where the class struggled", async () => {
    const all = await graded();
    const results = { submissions: [], isolation: "bubblewrap", version: "1" };
    const page = instructorPage(all, { course, late: null, results, linkTo: () => "x" });
    expect(page).toMatch(/unseen.*\(hidden\).*6 of 8/);
    expect(page).toMatch(/doubled.*everything comes twice.*4</s);
    expect(page).not.toContain("<b></a>");
  });

  it("is in Russian where that is asked for", async () => {
    const folder = filled({
      [`a/${NAME}`]: centre("return 1;"),
      [`b/${NAME}`]: centre("return 3;").replaceAll("centre-check", "mine"),
      [`c/${NAME}`]: "",
      [`d/${NAME}`]: centre("throw new NotImplemented();").replace("myCentre", "x"),
      [`e/${NAME}`]: JSON.stringify({ nbformat: 3, worksheets: [{ cells: [1] }] }),
      "f/notes.txt": "",
    });
    const overrides = ["centre", ""].map((exercise) => ({
      ...{ student: "a", notebook: "00-start-here", exercise, earned: 2, reason: "причина" },
    }));
    setLanguage("ru");
    try {
      const late = latePolicy("2020-01-01", "10%/day");
      const all = await gradeHere(folder, { overrides });
      const results = { submissions: [], isolation: "bubblewrap", version: "1" };
      const pages = [
        instructorPage(all, { course, late, results, linkTo: () => "x" }),
        instructorPage([], { course, late, results, linkTo: () => "x" }),
        ...all.map((one) => feedbackPage([one], course, late)),
      ];
      for (const page of pages) {
        expect(page).toContain('<html lang="ru">');
        const text = page.replace(/<style>.*?<\/style>/s, "").replace(/<[^>]*>/g, "\n");
        const own = /everything comes twice|npm run hand-in/g; // the class's, and a command
        expect(text.replace(own, "").match(/\b[A-Za-z]{2,} [a-z]{2,}\b.*/g) ?? []).toEqual([]);
      }
      expect(pages.join("")).toContain("решено вручную: причина");
    } finally {
      setLanguage(null);
    }
  });

  it("gives every student a file of their own", () => {
    const hash = (text: string) => Buffer.from(text).toString("hex");
    const files = ["../x", "..x", "a/b", "a_b", "", ".", "con", "CON.txt", "Öz", "x".repeat(300)].map((n) =>
      fileNameOf(n, hash),
    );
    expect(new Set(files.map((name) => name.toLowerCase())).size).toBe(files.length);
    for (const name of files) expect(name).toMatch(/^[^./\\][^/\\]*\.html$/);
    expect(files[8]).toBe("Öz.html");
  });
});

interface Schema {
  readonly type?: string | readonly string[];
  readonly enum?: readonly unknown[];
  readonly required?: readonly string[];
  readonly properties?: Readonly<Record<string, Schema>>;
  readonly additionalProperties?: boolean;
  readonly items?: Schema;
  readonly minimum?: number;
}

/** What of a value is not as the schema says: as much of JSON Schema as ours uses. */
function faults(value: unknown, schema: Schema, at = "$"): string[] {
  const kind = value === null ? "null" : Array.isArray(value) ? "array" : typeof value;
  if (schema.type && ![schema.type].flat().includes(kind)) return [`${at} is ${kind}`];
  if (schema.enum && !schema.enum.includes(value)) return [`${at} is ${value}`];
  if (schema.minimum !== undefined && (value as number) < schema.minimum) return [`${at} is ${value}`];
  if (Array.isArray(value))
    return schema.items ? value.flatMap((one, i) => faults(one, schema.items!, `${at}[${i}]`)) : [];
  if (kind !== "object" || !schema.properties) return [];
  const own = value as Record<string, unknown>;
  return [
    ...(schema.required ?? []).filter((name) => !(name in own)).map((name) => `${at}.${name} is missing`),
    ...Object.keys(own).flatMap((name) =>
      schema.properties![name]
        ? faults(own[name], schema.properties![name], `${at}.${name}`)
        : schema.additionalProperties === false
          ? [`${at}.${name} is too much`]
          : [],
    ),
  ];
}

describe("a function of an earlier lecture", () => {
  const wordPieces = (answer: string, use: string) =>
    JSON.stringify({
      ...{ nbformat: 4, nbformat_minor: 5, metadata: {} },
      cells: [
        {
          ...{ cell_type: "code", id: "use", metadata: {}, outputs: [], source: use },
        },
        {
          ...{ cell_type: "code", id: "wordPieces-answer", metadata: {}, outputs: [] },
          source: `function myWordPieces(x: string): unknown { ${answer} }`,
        },
      ],
    });
  const use = `import { use } from "gradschool/lectures/start";\nconst { centre } = use("mine");`;
  const later = wordPieces("void centre; return 3;", use);
  /** What each exercise was given of the student's own. */
  const given = async (files: Readonly<Record<string, string>>) => {
    const found: Record<string, string[]> = {};
    const mark: typeof made = (task) => {
      found[task.id] = Object.entries(task.own).map(([id, { code }]) => `${id}: ${/return \d/.exec(code)}`);
      return made(task);
    };
    await gradeHere(filled(files), { mark });
    return found;
  };

  it("is the student's own, from another notebook of the same hand-in, whatever the files are called", async () => {
    expect(await given({ "anna/a.ipynb": later, "anna/z.ipynb": centre("return 3;") })).toEqual({
      centre: [],
      wordPieces: ["centre: return 3"],
    });
  });

  it("is the reference where the student's has not passed, or is another student's", async () => {
    expect((await given({ "anna/a.ipynb": later, "anna/z.ipynb": centre("return 2;") })).wordPieces).toEqual(
      [],
    );
    expect((await given({ "anna/a.ipynb": later, "ben/z.ipynb": centre("return 3;") })).wordPieces).toEqual(
      [],
    );
  });

  it("is that of the notebook that was handed in last", async () => {
    const folder = filled({ "anna/1/00-start-here.ipynb": centre("return 3;") }, new Date(2026, 1, 1));
    const out: string[][] = [];
    mkdirSync(join(folder, "anna", "2"));
    writeFileSync(join(folder, "anna", "2", "00-start-here.ipynb"), centre("return 1;"));
    writeFileSync(join(folder, "anna", "04-bert.ipynb"), later);
    const mark: typeof made = (task) => {
      if (task.id === "wordPieces") out.push(Object.keys(task.own));
      return made(task);
    };
    await gradeHere(folder, { mark });
    expect(out).toEqual([[]]);
  });
});
