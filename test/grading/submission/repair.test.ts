/** What counts of a notebook, whatever has become of its cells. */
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { describe, expect, it } from "vitest";
import { answer, bytesOf, cellOf, code, found, insertBefore, notebook, root, run, textOf } from "./course";

const pair = [[1, 2, 3], [4, 5], { cls: 7, sep: 8, pad: 0, length: 10 }] as const;
const right = {
  ids: [7, 1, 2, 3, 8, 4, 5, 8, 0, 0],
  segments: [0, 0, 0, 0, 0, 1, 1, 1, 0, 0],
  mask: [1, 1, 1, 1, 1, 1, 1, 1, 0, 0],
};
const works = (nb: unknown) => {
  const one = answer(nb, "encodePair");
  expect(one.reason).toBe(null);
  expect((run(one) as (...args: unknown[]) => unknown)(...pair)).toEqual(right);
  return one;
};

describe("an answer is found", () => {
  it("where it belongs, and nothing more comes along", () => {
    const one = works(notebook("04-bert"));
    expect(one.notes).toEqual([]);
    expect(one.uses).toEqual([]);
    expect(found(notebook("04-bert")).answers.map(({ status }) => status)).toEqual(
      new Array(7).fill("found"),
    );
  });

  it("with line ends of Windows, and a byte order mark", () => {
    const nb = notebook("04-bert");
    for (const cell of nb.cells) cell.source = textOf(cell).replaceAll("\n", "\r\n");
    works(nb);
    works(`\ufeff${JSON.stringify(nb)}`);
    works(new Uint8Array(Buffer.from(`\ufeff${JSON.stringify(nb)}`, "utf16le")));
  });

  it("in a notebook of format 3", () => {
    const { cells } = notebook("04-bert");
    const old = cells.map(({ cell_type, source }) =>
      cell_type === "code"
        ? { cell_type, input: source, outputs: [], language: "typescript" }
        : { cell_type, source },
    );
    const nb = {
      nbformat: 3,
      nbformat_minor: 0,
      metadata: { name: "" },
      worksheets: [{ cells: old, metadata: {} }],
    };
    works(nb);
    expect(found(nb).notes).toContain("the notebook's format is 3; read as it is");
  });

  it("when the cells that it needs were deleted", () => {
    const nb = notebook("04-bert");
    nb.cells = nb.cells.filter(({ id }) => id === "encodePair-answer");
    const one = works(nb);
    expect(answer(nb, "maskedLoss").status).toBe("missing");
    expect(one.notes).toEqual([]);
    const loss = notebook("04-bert");
    loss.cells = loss.cells.filter(({ id }) => id === "maskedLoss-answer");
    expect(answer(loss, "maskedLoss")).toMatchObject({ status: "found", reason: null });
  });

  it("when its cell was moved, or turned into text", () => {
    const moved = notebook("04-bert");
    const cell = cellOf(moved, "encodePair-answer");
    moved.cells = [...moved.cells.filter((one) => one !== cell), cell];
    works(moved);
    const retyped = notebook("04-bert");
    const text = cellOf(retyped, "encodePair-answer");
    Object.assign(text, { cell_type: "markdown", source: `\`\`\`ts\n${textOf(text)}\n\`\`\`` });
    expect(works(retyped).notes).toEqual(["its cell was turned into text; it was read as code"]);
  });

  it("when cells were merged, or split", () => {
    const merged = notebook("04-bert");
    const all = merged.cells.filter(({ cell_type }) => cell_type === "code").map(textOf);
    const inOne = all
      .filter((text) => /function my(WordPieces|EncodePair|MaskTokens)\b/.test(text))
      .join("\n\n");
    cellOf(merged, "wordPieces-answer").source = inOne;
    merged.cells = merged.cells.filter(({ id }) => id !== "encodePair-answer" && id !== "maskTokens-answer");
    works(merged);
    const split = notebook("04-bert");
    const whole = textOf(cellOf(split, "encodePair-answer"));
    cellOf(split, "encodePair-answer").source =
      `${whole.replace("function myEncodePair(", "function pairing(")}`;
    insertBefore(
      split,
      "encodePair-check",
      code("const myEncodePair: typeof pairing = (...args) => pairing(...args);"),
    );
    works(split);
  });

  it("the last time that it is written, and not where a hole was left", () => {
    const nb = notebook("04-bert");
    insertBefore(nb, "encodePair-check", code(`function myEncodePair() { return "last"; }`));
    const one = answer(nb, "encodePair");
    expect((run(one) as () => unknown)()).toBe("last");
    expect(one.notes[0]).toMatch(/^myEncodePair is written 2 times; the last one counts \(cell \d+\)$/);
    const hole = notebook("04-bert");
    insertBefore(hole, "encodePair-task", { ...cellOf(hole, "encodePair-answer"), id: "mine" });
    cellOf(hole, "encodePair-answer").source = textOf(
      cellOf(notebook("04-bert", { solved: false }), "encodePair-answer"),
    );
    works(hole);
  });

  it("with two cells of one id", () => {
    const nb = notebook("04-bert");
    insertBefore(nb, "encodePair-answer", code("const other = 1;", { id: "encodePair-answer" }));
    works(nb);
  });

  it("as an arrow function, as a value given later, under another name in the check", () => {
    for (const source of [
      "const myEncodePair = () => 3;",
      "myEncodePair = function () { return 3; };",
      "const [myEncodePair] = [() => 3];",
    ]) {
      const nb = notebook("04-bert");
      cellOf(nb, "encodePair-answer").source = source;
      expect((run(answer(nb, "encodePair")) as () => unknown)()).toBe(3);
    }
    const named = notebook("04-bert");
    cellOf(named, "encodePair-answer").source = "const encoded = () => 3;";
    cellOf(named, "encodePair-check").source = "const encodePair = check(exercises.encodePair, encoded);";
    const one = answer(named, "encodePair");
    expect((run(one) as () => unknown)()).toBe(3);
    expect(one.notes).toEqual(["the answer goes by the name encoded"]);
  });

  it.each([
    ["after `let`", "let myEncodePair;\nmyEncodePair = pairing;"],
    [
      "after `let` with a type",
      "let myEncodePair: typeof pairing;\nmyEncodePair = (...args) => pairing(...args);",
    ],
    ["to the name that the notebook's head declares", "myEncodePair = pairing;"],
    [
      "as a function expression",
      "let myEncodePair: any;\nmyEncodePair = function (...args: any) {\n  return Reflect.apply(pairing, null, args);\n};",
    ],
    ["in a block", "let myEncodePair: any;\nif (typeof pairing === 'function') { myEncodePair = pairing; }"],
    ["with another one", "let myEncodePair: any, other: any;\nother = myEncodePair = pairing;"],
    ["out of a list", "let myEncodePair: any;\n[myEncodePair] = [pairing];"],
    ["out of a record", "let myEncodePair: any;\n({ pairing: myEncodePair } = { pairing });"],
    [
      "out of a record by its own name",
      "let myEncodePair: any;\n({ myEncodePair } = { myEncodePair: pairing });",
    ],
  ])("assigned %s", (_, assigned) => {
    for (const isApart of [false, true]) {
      const nb = notebook("04-bert");
      const cell = cellOf(nb, "encodePair-answer");
      const whole = textOf(cell).replace("function myEncodePair(", "function pairing(");
      cell.source = isApart ? whole : `${whole}\n${assigned}`;
      if (isApart) insertBefore(nb, "encodePair-check", code(assigned));
      works(nb);
    }
  });

  it("but not in what the course shows as a mistake", () => {
    const nb = notebook("00-start-here");
    nb.cells = nb.cells.filter(({ id }) => id !== "centre-answer");
    expect(found(nb, "00-start-here.ipynb").answers[0]).toMatchObject({ id: "centre", status: "missing" });
  });

  it("whatever was done to its check", () => {
    const nb = notebook("04-bert");
    cellOf(nb, "encodePair-check").source = "check.points = () => 100;\n100";
    nb.cells = nb.cells.filter(({ id }) => id !== "bestSpan-check");
    works(nb);
    expect(found(nb).notes).toEqual([
      "encodePair: its check was edited; the course's own was run",
      "bestSpan: its check is not there; the course's own was run",
    ]);
  });
});

describe("what an answer needs comes along", () => {
  const using = (helper: string[], body: string) => {
    const nb = notebook("04-bert");
    insertBefore(nb, "wordPieces-task", ...helper.map((text) => code(text)));
    cellOf(nb, "encodePair-answer").source = `function myEncodePair() { ${body} }`;
    return answer(nb, "encodePair");
  };
  const value = (one: ReturnType<typeof using>, own = {}) => (run(one, own) as () => unknown)();

  it("from other cells, and what those need", () => {
    const one = using(
      ["const one = 1;\nconst unused = missing;", "const two = () => one + one;"],
      "return two();",
    );
    expect(value(one)).toBe(2);
    expect(one.source).not.toContain("unused");
  });

  it("with the statements that fill it", () => {
    const one = using(
      [
        "const table = new Map<string, number>();\nfor (const c of 'abc') table.set(c, table.size);",
        "let n = 0;",
        "n += 5;\nconsole.log(n);",
      ],
      "return [table.get('c'), n];",
    );
    expect(value(one)).toEqual([2, 5]);
    expect(one.source).not.toContain("console");
  });

  it("though another statement of its cell fails, or one that changes it", () => {
    expect(
      value(
        using(["const list = [1];\nlist.push(2);\nlist.push(JSON.parse('{'));\nthrow 1;"], "return list;"),
      ),
    ).toEqual([1, 2]);
  });

  it("where two cells give one name to different things", () => {
    const one = using(
      [
        "const size = 1;\nconst old = () => ({ size });",
        "const size = 2;\nconst { length } = 'abc';",
        "const length = 7;",
      ],
      "return [old().size, size, length];",
    );
    expect(value(one)).toEqual([1, 2, 7]);
  });

  it("also from below; and is told", () => {
    const nb = notebook("04-bert");
    cellOf(nb, "encodePair-answer").source = "function myEncodePair() { return below(); }";
    nb.cells.push(code("function below() { return 4; }"));
    expect(answer(nb, "encodePair").notes).toEqual(["it uses a cell that stands below its check"]);
    expect(value(answer(nb, "encodePair"))).toBe(4);
  });

  it("from other exercises by a call, and never from its own reference", () => {
    const one = using([], "return wordPieces('a', []);");
    expect(one.uses).toEqual(["wordPieces"]);
    expect(value(one, { wordPieces: () => ["x"] })).toEqual(["x"]);
    const own = using([], "return encodePair([], [], { cls: 1, sep: 1, pad: 1, length: 1 });");
    expect(own).toMatchObject({ status: "forbidden", code: "" });
  });
});

describe("an error costs the exercise alone in which it is", () => {
  const others = (nb: unknown, id: string) =>
    found(nb)
      .answers.filter((one) => one.id !== id)
      .map(({ status }) => status);

  it("of syntax, with the line", () => {
    const nb = notebook("04-bert");
    cellOf(nb, "encodePair-answer").source = "function myEncodePair() {\n  return [1, 2;\n}";
    expect(answer(nb, "encodePair")).toMatchObject({ status: "syntax", code: "" });
    expect(answer(nb, "encodePair").reason).toMatch(/is no TypeScript: ',' expected.*line 2: return \[1, 2;/);
    expect(others(nb, "encodePair")).toEqual(new Array(6).fill("found"));
  });

  it("of syntax, in a cell that was merged with others", () => {
    const nb = notebook("04-bert");
    const [a, b] = ["wordPieces-answer", "encodePair-answer"].map((id) => cellOf(nb, id));
    a.source = `${textOf(a)}\n\nfunction myMaskTokens( {\n\n${textOf(b)}`;
    nb.cells = nb.cells.filter(({ id }) => id !== "encodePair-answer" && id !== "maskTokens-answer");
    works(nb);
    expect(others(nb, "maskTokens")).toEqual(new Array(6).fill("found"));
    expect(answer(nb, "maskTokens").status).toBe("syntax");
  });

  it("of types, as in the notebook, with the line", () => {
    const nb = notebook("04-bert");
    cellOf(nb, "encodePair-answer").source = "function myEncodePair(): number {\n  return 'one';\n}";
    const one = answer(nb, "encodePair");
    expect(one.status).toBe("syntax");
    expect(one.reason).toMatch(
      /Type 'string' is not assignable to type 'number'\. \(TS2322\) \(cell \d+, line 2: return 'one';\)/,
    );
    expect(others(nb, "encodePair")).toEqual(new Array(6).fill("found"));
  });

  it("of types in a file that is nobody's to read: what is in it is not told", () => {
    const secret = join(mkdtempSync(join(tmpdir(), "gradschool-secret-")), "secret.json");
    writeFileSync(secret, '{ "hunter2": [{ "dean": 1 }] }');
    const hidden = `${root}/src/lectures/bert/exercises/encode-pair.hidden`;
    const around = `${root}/node_modules/gradschool/src/lectures/bert/exercises/encode-pair.hidden`;
    for (const [file, told] of [
      [secret, /hunter2/],
      [hidden, /Check|readonly/],
      [around, /Check|readonly/],
    ] as const) {
      const nb = notebook("04-bert");
      cellOf(nb, "encodePair-answer").source =
        `import * as seen from "${file}";\nfunction myEncodePair(): { none: 1 } {\n  return seen;\n}`;
      const { status, reason } = answer(nb, "encodePair");
      expect(status).toBe("syntax");
      expect(reason).toMatch(/Cannot find module/);
      expect(reason!.replace(file, "")).not.toMatch(told);
    }
    rmSync(dirname(secret), { recursive: true });
  });

  it("of size: what is too long, or too deep for what looks at it", () => {
    for (const value of [
      `${"(".repeat(100_000)}1${")".repeat(100_000)}`,
      `a${".b".repeat(60_000)}`,
      `1${" + 1".repeat(60_000)}`,
      `[${"1,".repeat(400_000)}]`,
    ]) {
      const nb = notebook("04-bert");
      cellOf(nb, "encodePair-answer").source = `function myEncodePair() {\n  return ${value};\n}`;
      expect(answer(nb, "encodePair")).toMatchObject({ status: "syntax", code: "" });
      expect(answer(nb, "wordPieces").status).toBe("found");
    }
  });

  it("of a helper", () => {
    const nb = notebook("04-bert");
    insertBefore(nb, "wordPieces-task", code("const helper = (;"));
    cellOf(nb, "encodePair-answer").source = "function myEncodePair() { return helper; }";
    expect(answer(nb, "encodePair").status).toBe("syntax");
    expect(others(nb, "encodePair")).toEqual(new Array(6).fill("found"));
  });
});

describe("a file that is no notebook", () => {
  const refused = (content: string | Uint8Array) => () =>
    found(typeof content === "string" ? bytesOf(content) : content);

  it("is refused with the reason", () => {
    const text = JSON.stringify(notebook("04-bert"));
    expect(refused("")).toThrow("the file is empty");
    expect(refused(text.slice(0, 5000))).toThrow(/no valid JSON, its end is missing/);
    expect(refused("PK\u0003\u0004")).toThrow(/no valid JSON/);
    expect(refused("[]")).toThrow("the JSON in it is no object");
    expect(refused("{}")).toThrow("it has no list of cells");
    expect(refused(`{"cells":${"[".repeat(200_000)}${"]".repeat(200_000)}}`)).not.toThrow();
    expect(refused(JSON.stringify({ cells: new Array(5001).fill({}) }))).toThrow(/5001 cells/);
  });

  it("keeps its good cells", () => {
    const nb = notebook("04-bert");
    const odd = [
      null,
      3,
      { cell_type: "code" },
      { cell_type: "video", source: "x" },
      { cell_type: "code", source: [1] },
    ];
    nb.cells.unshift(...(odd as never[]));
    works(nb);
    expect(found(nb).notes[0]).toMatch(/^5 of \d+ cells are no cells/);
    const { nbformat: _, ...without } = notebook("04-bert");
    works(without);
    works({ ...without, nbformat: "four" });
  });

  it("of another course has no lecture here", () => {
    expect(found({ nbformat: 4, cells: [code("1 + 1")] }, "homework.ipynb").lecture).toBe("");
    expect(found({ nbformat: 4, cells: [code("1 + 1")] }, "05-gpt.ipynb").lecture).toBe("gpt");
  });

  it("under any name is known by its cells", () => {
    expect(found(notebook("04-bert"), "05-gpt.ipynb").lecture).toBe("bert");
  });
});
