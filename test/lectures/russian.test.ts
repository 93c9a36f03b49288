import { fileURLToPath, pathToFileURL } from "node:url";
import { describe, expect, it } from "vitest";
import type { Exercise } from "../../src/grading";

const root = fileURLToPath(new URL("../..", import.meta.url));
/** The scripts are plain JavaScript without types. */
const script = (name: string) => import(/* @vite-ignore */ pathToFileURL(`${root}scripts/${name}.mjs`).href);
const { parsePercent } = await script("notebooks/percent");
const { piecesOf, withTexts } = await script("notebooks/strings");
const { hashOf, inRussian, parseRussian, toUse } = await script("notebooks/russian");
const { complaints, rewritten } = await script("texts");
const { expand } = await script("notebooks/expand");
const { textOf } = await script("notebooks/ipynb");
const { exercises } = (await import("../../src/lectures/gpt")) as unknown as {
  exercises: Record<string, Exercise>;
};

interface Piece {
  text: string;
  kind: string;
  wanted: boolean;
}
const texts = (code: string) => piecesOf(code).map(({ text }: Piece) => text);

const code = `import { line } from "gradschool";
// Two lines
// of one comment.
const C = 96; // size of every vector
const shape = [1, 2]; // (B, T)
/** The loss. */
const loss = 3;
line([loss], { title: "Loss", labels: ["good day", "x"], colorscale: "viridis" });
show(\`after \${STEPS} steps: \${f("inner text")}\`);
// BEGIN SOLUTION
const url = "https://example.org"; // END
`;

describe("texts in code", () => {
  it("are comments and strings with words in them", () => {
    expect(texts(code)).toEqual([
      "Two lines of one comment.",
      "size of every vector",
      "The loss.",
      "Loss",
      "good day",
      "viridis",
      `after \${STEPS} steps: \${f("inner text")}`,
      "https://example.org",
      "END",
    ]);
    const wanted = piecesOf(code).filter((piece: Piece) => piece.wanted);
    expect(wanted.map(({ text }: Piece) => text)).not.toContain("viridis");
    expect(wanted.map(({ text }: Piece) => text)).toContain("Loss");
  });

  it("are replaced where they stand, and nothing else", () => {
    const russian = new Map([
      ["Two lines of one comment.", "Один комментарий."],
      ["size of every vector", "размер каждого вектора"],
      ["The loss.", "Потери.\n\nВторая строка."],
      ["Loss", 'Потери "модели"'],
      ["good day", "="],
      ["(B, T)", "nothing"],
    ]);
    const made = withTexts(code, russian);
    expect(made).toBe(
      code
        .replace("// Two lines\n// of one comment.", "// Один комментарий.")
        .replace("size of every vector", "размер каждого вектора")
        .replace("/** The loss. */", "/**\n * Потери.\n *\n * Вторая строка.\n */")
        .replace('"Loss"', '"Потери \\"модели\\""'),
    );
  });

  it("keep their indent, and are wrapped", () => {
    const nested = "{\n  // what it is\n  const x = 1;\n}";
    const long = Array.from({ length: 30 }, (_, i) => `слово${i}`).join(" ");
    const lines: string[] = withTexts(nested, new Map([["what it is", long]])).split("\n");
    const comments = lines.filter((one) => one.startsWith("  // "));
    expect(comments.length).toBeGreaterThan(1);
    for (const one of comments) expect(one.length).toBeLessThanOrEqual(100);
    expect(comments.map((one) => one.slice(5)).join(" ")).toBe(long);
    expect(lines.slice(-2)).toEqual(["  const x = 1;", "}"]);
  });
});

const source = parsePercent(
  `// %% [markdown]
// # Title
// %%
import { check } from "gradschool"; // as ever
// %% [markdown]
// Second.
// %% [markdown]
// Third.
${["task", "plan", "help"].map((part) => `// %% [markdown] ${part}: causalAttention\n// The ${part}.\n`).join("")}
// %% exercise: causalAttention
// %% [markdown] after: causalAttention
// The end.
`,
  "gpt.nb.ts",
);
const entry = (english: string, russian: string, key = "cell") =>
  `<!-- ${key} ${hashOf(english)}: … -->\n\n${russian}\n`;

describe("a lecture's Russian", () => {
  const file = `A note.

${entry("# Title", "# Заголовок\n\nтекст")}
${entry("Second.", "")}
${entry("Third.", "Третья.")}
${entry("The plan.", "План.", "plan: causalAttention")}
<!-- strings -->

> as ever

как всегда

> two
> lines
в одну
`;
  const russian = parseRussian(file.replaceAll("\n", "\r\n"));

  it("takes the place of what it translates, and what is missing stays English", () => {
    const cells = inRussian(source, russian);
    expect(cells.map(({ text }: { text: string }) => text)).toEqual([
      "# Заголовок\n\nтекст",
      'import { check } from "gradschool"; // как всегда',
      ...["Second.", "Третья.", "The task.", "План.", "The help.", "", "The end."],
    ]);
    expect(russian.strings.get("two\nlines")).toBe("в одну");
  });

  it("makes a notebook that is Russian in the words of its own, too", () => {
    const only = { causalAttention: exercises.causalAttention };
    const { cells } = expand(inRussian(source, russian), {
      ...{ name: "gpt", folder: `${root}src/lectures/gpt`, exercises: only, solved: false, language: "ru" },
      strings: toUse(russian.strings),
    });
    const task = textOf(cells.find(({ id }: { id: string }) => id === "causalAttention-task"));
    expect(task).toMatch(
      /^### ✏️ Задание 1\. Каузальное внимание\n\n\*5 баллов и ещё 2 при оценивании, примерно 15 минут\*/,
    );
    expect(task).toContain("<summary>Подсказка 1: план</summary>\n\nПлан.");
    expect(textOf(cells[1])).toContain("// Их пишете вы");
  });

  it("leaves a word alone where it is a name, if a reader sees it elsewhere", () => {
    const cells = parsePercent(
      '// %%\nheatmap(x, { yTitle: "output", title: "A b" });\n// %%\nlayer("output"); show("input");',
      "x.nb.ts",
    );
    const said = parseRussian("<!-- strings -->\n\n> output\n\nвыход\n\n> input\n\nвход");
    expect(inRussian(cells, said).map(({ text }: { text: string }) => text)).toEqual([
      'heatmap(x, { yTitle: "выход", title: "A b" });',
      'layer("output"); show("вход");',
    ]);
  });

  it("of another English than there is now is not used, and listed with what is missing", () => {
    const changed = source.map((cell: { text: string }) =>
      cell.text === "Third." ? { ...cell, text: "Third!" } : cell,
    );
    expect(inRussian(changed, russian)[3].text).toBe("Third!");
    const found: string[] = complaints("gpt", changed, russian);
    expect(found.filter((one) => one.includes(".nb.ts"))).toEqual([
      'gpt.nb.ts:5 "Second." has no Russian',
      'gpt.nb.ts:7 "Third!" has changed since gpt.ru.md:13 was written',
      ...["9", "13", "17"].map(
        (line, i) => `gpt.nb.ts:${line} "The ${["task", "help", "end"][i]}." has no Russian`,
      ),
    ]);
    expect(found).toContain('gpt.ru.md: no cell holds the string or comment "two" any more');
  });

  it("written anew has a place for everything, in order, and loses nothing", () => {
    const changed = source.map((cell: { text: string }) =>
      cell.text === "Third." ? { ...cell, text: "Third!" } : cell,
    );
    const text: string = rewritten("gpt", changed, russian);
    const again = parseRussian(text);
    expect(rewritten("gpt", changed, again)).toBe(text);
    expect(text).toContain(`<!-- cell ${hashOf("Third!")} was ${hashOf("Third.")}: Third! -->\n\nТретья.`);
    expect(complaints("gpt", changed, again).length).toBe(complaints("gpt", changed, russian).length);
    expect(inRussian(changed, again)[3].text).toBe("Third!");
    // The translator has looked at it, and takes the mark away.
    const done = parseRussian(text.replace(/ was [0-9a-f]{8}/, ""));
    expect(inRussian(changed, done)[3].text).toBe("Третья.");
    expect(again.head).toBe("A note.");
    expect(again.strings.get("two\nlines")).toBe("в одну");
  });

  it("must compute what the English computes", () => {
    const cells = parsePercent("// %%\nshow(`after $" + "{n} steps`);", "x.nb.ts");
    const said = (text: string) => parseRussian(`<!-- strings -->\n\n> after \${n} steps\n\n${text}`);
    expect(complaints("gpt", cells, said(`за \${n} шагов`))).toEqual([]);
    expect(complaints("gpt", cells, said(`за \${m} шагов`))).toEqual([
      `"after \${n} steps" computes \${n}, its Russian \${m}`,
    ]);
    expect(complaints("gpt", cells, said(`за \${n} шагов, то есть \${n}`))).toHaveLength(1);
  });

  it("may say the strings within a template in Russian, too", () => {
    const inner = "size $" + "{g ? `of $" + '{f(g, "a b")}` : "no gradient"}';
    const cells = parsePercent(`// %%\nshow(\`${inner}\`);`, "x.nb.ts");
    const found = (text: string) =>
      complaints("gpt", cells, parseRussian(`<!-- strings -->\n\n> ${inner}\n\n${text}`));
    const good = "величина $" + "{g ? `в $" + '{f(g, "а б")}` : "градиента нет"}';
    expect(found(good)).toEqual([]);
    expect(found(good.replace("f(g", "f(h"))).toEqual([expect.stringContaining("its Russian")]);
    expect(found(good.replace("g ?", "!g ?"))).toHaveLength(1);
    expect(found("величина")).toEqual([expect.stringContaining("its Russian nothing")]);
  });

  it("says where its form is wrong", () => {
    expect(() => parseRussian("\n<!-- cell xyz -->", "gpt.ru.md")).toThrow(
      "gpt.ru.md:2: expected <!-- cell HASH",
    );
  });
});
