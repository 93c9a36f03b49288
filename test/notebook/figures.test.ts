import fc from "fast-check";
import { describe, expect, it } from "vitest";
import {
  attentionMap,
  audio,
  bar,
  display,
  displaySymbol,
  type Figure,
  field,
  heatmap,
  imageGrid,
  line,
  predictions,
  scatter,
} from "../../src/notebook";
import { arange, array } from "../../src/tensor";
import { inKernel } from "./fake-kernel";
import { parseXml } from "./xml";

const nasty = `<b>"x"&'y'</b></script>\u0000\ud800`;

const figures: [string, () => Figure][] = [
  [
    "line",
    () => line({ [nasty]: [3, 1, Number.NaN, 2], b: [1] }, { title: nasty, xTitle: nasty, yTitle: nasty }),
  ],
  ["line, log axis", () => line([10, 1, 0, -1, 0.001], { logY: true })],
  ["line, nothing finite", () => line([Number.NaN, Number.POSITIVE_INFINITY])],
  ["line, no points", () => line([])],
  ["line, 10,000 points", () => line(arange(0, 10_000, 1).sin())],
  [
    "scatter",
    () => scatter({ a: { x: [1, 2, 3], y: [3, 2, 1] } }, { labels: [nasty, "b", "c"], title: nasty }),
  ],
  ["bar", () => bar({ a: [1, -2], b: [0, 4] }, { labels: [nasty, "a label too long to stand upright"] })],
  [
    "heatmap",
    () =>
      heatmap(
        [
          [1, Number.NaN],
          [Number.NEGATIVE_INFINITY, -2],
        ],
        { title: nasty, xLabels: [nasty, "b"] },
      ),
  ],
  [
    "heatmap of one value",
    () =>
      heatmap([
        [7, 7],
        [7, 7],
      ]),
  ],
  ["heatmap, large", () => heatmap(arange(0, 300 * 700, 1).reshape([300, 700]), { title: "large" })],
  [
    "attention",
    () =>
      attentionMap(
        [
          [1, 0],
          [0.5, 0.5],
        ],
        { tokens: [nasty, "\n"], title: nasty },
      ),
  ],
  [
    "attention, heads",
    () =>
      attentionMap(arange(0, 30, 1).reshape([5, 2, 3]), { tokens: ["a", "b"], keyTokens: ["x", nasty, "z"] }),
  ],
  ["images", () => imageGrid(arange(0, 24, 1).reshape([2, 3, 4]), { labels: [nasty, 7], title: nasty })],
  ["images, colour", () => imageGrid(arange(0, 72, 1).reshape([2, 3, 3, 4]))],
  [
    "field",
    () =>
      field(arange(-3, 3, 1).reshape([2, 3]), {
        x: [0, 2],
        y: [-1, 1],
        title: nasty,
        xTitle: nasty,
        yTitle: nasty,
        valueTitle: nasty,
        points: { [nasty]: { x: [0, Number.NaN], y: [1, 1] }, b: { x: [1], y: [0] } },
        paths: { c: { x: [0, 1, 2], y: [0, 1, Number.POSITIVE_INFINITY] } },
      }),
  ],
  ["field, one value", () => field([[Number.NaN]], { x: [0, 1], y: [0, 1] })],
];

describe.each(figures)("%s", (_, make) => {
  const figure = make();
  const bundle = figure[displaySymbol]();

  it("comes in all formats", () => {
    expect(Object.keys(bundle).sort()).toEqual(["application/vnd.plotly.v1+json", "text/html", "text/plain"]);
    expect(bundle["text/plain"]).toBe(String(figure));
    expect(String(figure)).toMatch(/^\[\w+\]/);
  });

  it("has a static picture that is well-formed and fits the page", () => {
    expect(parseXml(figure.toSvg())[0]).toBe("svg");
    const [, width] = figure.toSvg().match(/^<svg [^>]*?width="(\d+)"/) ?? [];
    expect(Number(width)).toBeLessThanOrEqual(800);
    const [, base64] = figure.toHtml().match(/src="data:image\/svg\+xml;base64,([^"]+)"/) ?? [];
    expect(Buffer.from(base64, "base64").toString("utf8")).toBe(figure.toSvg());
  });

  it("has a live plot that is plain JSON, and a script that no content can close", () => {
    expect(JSON.parse(JSON.stringify(figure.plotly))).toEqual(figure.plotly);
    expect(figure.plotly.data.length).toBeGreaterThan(0);
    expect(figure.toHtml().match(/<\/script>/g)).toHaveLength(1);
    expect(figure.toHtml()).not.toContain("<b>");
    const [, script] = figure.toHtml().match(/<script>([\s\S]*)<\/script>$/) ?? [];
    expect(() => new Function(script)).not.toThrow();
    expect(script).toContain('setAttribute("aria-label"');
  });
});

it("a long title is written smaller, and is cut only where that is not enough", () => {
  const shown = (title: string) => {
    const [, size, text] = /<text [^>]*font-size="(\d+)" font-weight="bold"[^>]*>([^<]*)</.exec(
      line([1, 2], { title }).toSvg(),
    ) ?? ["", "", ""];
    return { size: Number(size), text };
  };
  expect(shown("Loss")).toEqual({ size: 14, text: "Loss" });
  const russian = "Честная монета, четыре раза: после нескольких бросков верным может показаться что угодно";
  expect(shown(russian).text).toBe(russian);
  expect(shown(russian).size).toBeLessThan(14);
  const endless = shown(`${russian}; ${russian}`);
  expect(endless.size).toBe(10);
  expect(endless.text).toMatch(/^Честная .*…$/);
  expect(endless.text.length).toBeGreaterThan(russian.length);
});

it("a PNG, once attached, is part of the bundle", () => {
  const bundle = line([1, 2])
    .attachPng(new Uint8Array([137, 80]))
    [displaySymbol]();
  expect(bundle["image/png"]).toBe("iVA=");
});

it("display() shows a drawing at once, and its handle replaces it", () => {
  const outputs = inKernel(() => {
    line([1]).show();
    const handle = display(line([1, 2]));
    expect(handle[displaySymbol]()).toEqual({});
    handle.update(line([1, 2, 3], { title: "longer" }));
  });
  expect(outputs).toHaveLength(2);
  expect(outputs[1][1]["text/plain"]).toContain("longer");
});

describe("line", () => {
  const ys = (figure: Figure) => figure.plotly.data.map(({ y }) => y);

  it("takes lists, arrays, rows of a matrix, names, and lists of named series", () => {
    expect(ys(line([1, 2]))).toEqual([[1, 2]]);
    expect(ys(line(array([1, 2])))).toEqual([[1, 2]]);
    expect(ys(line(new Float32Array([1, 2])))).toEqual([[1, 2]]);
    expect(
      ys(
        line([
          [1, 2],
          [3, 4],
        ]),
      ),
    ).toEqual([
      [1, 2],
      [3, 4],
    ]);
    expect(ys(line({ a: [1, 2], b: array([3, 4]) }))).toEqual([
      [1, 2],
      [3, 4],
    ]);
    const both = line([{ name: "a", x: [5, 6], y: [1, 2] }]);
    expect(both.plotly.data[0]).toMatchObject({ name: "a", x: [5, 6], y: [1, 2] });
    expect(line([1, 2], { x: [10, 20] }).plotly.data[0].x).toEqual([10, 20]);
  });

  it("draws how far each point may lie off, and makes room for it", () => {
    const series = { name: "a", x: [1, 2], y: [10, 20], spread: array([1, 30]) };
    const whiskers = (figure: Figure) => figure.toSvg().match(/<line[^>]*stroke-opacity[^>]*>/g) ?? [];
    for (const figure of [line([series]), scatter([series]), bar([series])]) {
      expect(figure.plotly.data[0]).toMatchObject({ error_y: { type: "data", array: [1, 30] } });
      const heights = whiskers(figure).map((one) =>
        ["y1", "y2"].map((end) => Number(new RegExp(`${end}="([^"]*)"`).exec(one)?.[1])),
      );
      expect(heights).toHaveLength(6); // a whisker and its two ends for each point
      const [short, long] = [heights[0], heights[3]].map(([low, high]) => low - high);
      expect(long / short).toBeCloseTo(30, 1);
      expect(Math.min(...heights.flat())).toBeGreaterThan(16);
      expect(Math.max(...heights.flat())).toBeLessThan(360);
    }
    expect(whiskers(line([{ ...series, y: [Number.NaN, 1] }], { logY: true }))).toEqual([]);
    expect(line([1, 2]).plotly.data[0]).not.toHaveProperty("error_y");
  });

  it("breaks a curve where there is no number", () => {
    expect(ys(line([1, Number.NaN, 3]))).toEqual([[1, null, 3]]);
    const runs = parseXml(line(Array.from({ length: 99 }, (_, i) => (i === 50 ? Number.NaN : i))).toSvg());
    expect(runs.filter((name) => name === "polyline")).toHaveLength(2);
  });

  it("draws a long curve with few points, and keeps its extremes", () => {
    const spiked = Array.from({ length: 50_000 }, (_, i) => (i === 31_111 ? 1000 : Math.sin(i)));
    const svg = line(spiked).toSvg();
    expect(svg.length).toBeLessThan(30_000);
    expect(svg).toContain(">1000<");
  });

  it("says what does not fit", () => {
    expect(() => line({ a: { x: [1], y: [1, 2] } })).toThrow(
      'line: expected as many x as y of "a", got 1 and 2',
    );
    expect(() => line({ a: { y: [1, 2], spread: [1] } })).toThrow(
      'line: expected as many spread as y of "a", got 1 and 2',
    );
    expect(() => line(arange(0, 8, 1).reshape([2, 2, 2]))).toThrow("expected one or two axes, got 3");
    expect(() => line("abc" as never)).toThrow(
      'line: expected a Tensor, an NDArray or a list of numbers, got "abc"',
    );
  });
});

describe("field", () => {
  const values = [
    [1, 2, 3],
    [4, 5, 6],
  ];

  it("has its first row at the bottom, and a sample in the middle of its cell", () => {
    const figure = field(values, { x: [0, 2], y: [10, 20], points: { p: { x: [0, 2], y: [10, 20] } } });
    const [{ x, y, z }] = figure.plotly.data as { x: number[]; y: number[]; z: number[][] }[];
    expect([x, y, z[0]]).toEqual([
      [0, 1, 2],
      [10, 20],
      [1, 2, 3],
    ]);
    const dots = [...figure.toSvg().matchAll(/<circle cx="([\d.]+)" cy="([\d.]+)" r="4"/g)].map(
      ([, cx, cy]) => [Number(cx), Number(cy)],
    );
    const [box] = figure.toSvg().match(/<image [^>]*>/) ?? [];
    const [left, top, width, height] = ["x", "y", "width", "height"].map((name) =>
      Number(new RegExp(` ${name}="([\\d.]+)"`).exec(box!)![1]),
    );
    // The legend's dot comes first.
    expect(dots.slice(1)).toEqual([
      [expect.closeTo(left + width / 6, 1), expect.closeTo(top + (height * 3) / 4, 1)],
      [expect.closeTo(left + (width * 5) / 6, 1), expect.closeTo(top + height / 4, 1)],
    ]);
  });

  it("says what is wrong", () => {
    expect(() => field([1, 2], { x: [0, 1], y: [0, 1] })).toThrow(
      "field: expected shape (rows, columns), got (2,)",
    );
    expect(() => field(values, { x: [1, 0], y: [0, 1] })).toThrow(
      "field: expected x to be two numbers, the smaller first",
    );
    expect(() => field(values, { x: [0, 1], y: [0, 1], paths: { way: { x: [1], y: [1, 2] } } })).toThrow(
      'field: expected as many x as y of "way", got 1 and 2',
    );
  });
});

describe("heatmap", () => {
  it("puts zero in the middle of the colours when values have both signs", () => {
    const axis = heatmap([[-1, 4]]).plotly.layout.coloraxis as { cmin: number; cmax: number };
    expect([axis.cmin, axis.cmax]).toEqual([-4, 4]);
    const positive = heatmap([[1, 4]]).plotly.layout.coloraxis as { cmin: number; cmax: number };
    expect([positive.cmin, positive.cmax]).toEqual([1, 4]);
    const given = heatmap([[1, 4]], { min: 0, max: 10 }).plotly.layout.coloraxis as {
      cmin: number;
      cmax: number;
    };
    expect([given.cmin, given.cmax]).toEqual([0, 10]);
  });

  it("writes the numbers where there is room, and marks what is not finite", () => {
    const figure = heatmap([[0.123, Number.NaN, Number.NEGATIVE_INFINITY]]);
    for (const text of [">0.12<", ">nan<", ">-inf<"]) expect(figure.toSvg()).toContain(text);
    expect(figure.plotly.data[0].z).toEqual([[0.123, null, null]]);
    expect(figure.plotly.layout.plot_bgcolor).toBe("#d627be");
  });

  it("averages what is too large to see, and says so", () => {
    const figure = heatmap(arange(0, 512 * 4, 1).reshape([512, 4]));
    expect(figure.toSvg()).toContain("512 × 4 values; each cell is the mean of 2 × 1");
    const z = figure.plotly.data[0].z as number[][];
    expect(z).toHaveLength(256);
    expect(z[0]).toEqual([2, 3, 4, 5]);
  });

  it("says which labels or axes are wrong", () => {
    expect(() => heatmap([[1, 2]], { xLabels: ["a"] })).toThrow(
      "heatmap: expected 2 xLabels, one for each cell, got 1",
    );
    expect(() => heatmap(arange(0, 8, 1).reshape([2, 2, 2]))).toThrow(
      "heatmap: expected shape (rows, columns), got (2, 2, 2)",
    );
  });

  it("reads views as they are", () => {
    const x = arange(0, 6, 1).reshape([2, 3]);
    expect(heatmap(x.transpose()).plotly.data[0].z).toEqual([
      [0, 3],
      [1, 4],
      [2, 5],
    ]);
  });
});

describe("attentionMap", () => {
  it("has a panel for each head, queries down and keys across", () => {
    const weights = arange(0, 12, 1).reshape([2, 2, 3]);
    const { data, layout } = attentionMap(weights, {
      tokens: ["q0", "q1"],
      keyTokens: [" k0", "k1", "\n"],
    }).plotly;
    expect(data.map(({ name }) => name)).toEqual(["head 0", "head 1"]);
    expect(data[1].z).toEqual([
      [6, 7, 8],
      [9, 10, 11],
    ]);
    expect((data[0].customdata as string[][][])[1][2]).toEqual(["q1", "⏎"]);
    expect(layout.xaxis).toMatchObject({ ticktext: ["␣k0", "k1", "⏎"] });
    expect(layout.yaxis).toMatchObject({ ticktext: ["q0", "q1"], range: [1.5, -0.5] });
  });

  it("says what it wants", () => {
    const weights = arange(0, 24, 1).reshape([1, 2, 3, 4]);
    expect(() => attentionMap(weights, { tokens: [] })).toThrow(
      "attentionMap: expected weights (T, S) or (H, T, S), got (1, 2, 3, 4); pick one of the batch with .select(0, b)",
    );
    expect(() => attentionMap([[1, 0]], { tokens: ["a"] })).toThrow("expected 2 keyTokens");
  });
});

it("a matrix is as wide as its title", () => {
  const title = "Learned positions of the encoder: cosine of each two places";
  expect(heatmap(arange(0, 4, 1).reshape([2, 2]), { title }).toSvg()).toContain(`>${title}</text>`);
});

describe("imageGrid", () => {
  it("says what it wants", () => {
    expect(() => imageGrid(arange(0, 24, 1).reshape([2, 2, 2, 3]))).toThrow(
      "imageGrid: expected (N, H, W), (N, 1, H, W) or (N, 3, H, W), got (2, 2, 2, 3); did you mean .permute([0, 3, 1, 2])?",
    );
    expect(() => imageGrid(arange(0, 8, 1).reshape([2, 2, 2]), { labels: ["a"] })).toThrow(
      "expected 2 labels",
    );
  });

  it("writes a long label on several lines, whole, and as wide as its title", () => {
    const title = "What each of the three pictures holds, in a sentence";
    const says = "a red apple left of two blue cars";
    const figure = imageGrid(arange(0, 12, 1).reshape([3, 2, 2]), {
      labels: [says, "", 7],
      scale: 42,
      title,
    });
    const texts = [...figure.toSvg().matchAll(/<text[^>]*>([^<]*)<\/text>/g)].map(([, text]) => text);
    expect(texts[0]).toBe(title);
    expect(texts.slice(1, -1).join(" ")).toBe(says);
    expect(texts.length).toBeGreaterThan(3);
    expect(texts.at(-1)).toBe("7");
  });

  it("takes a list of images, and shows no more than 256", () => {
    const images = Array.from({ length: 300 }, () =>
      array([
        [0, 1],
        [1, 0],
      ]),
    );
    const figure = imageGrid(images);
    expect(figure.toSvg()).toContain("the first 256 of 300 images");
    expect(figure.plotly.layout.images).toHaveLength(256);
  });
});

it("a picture of more marks than a call can have arguments", () => {
  const many = Array.from({ length: 300_000 }, (_, i) => (i % 2 === 0 ? i : Number.NaN)); // NaN breaks a line
  expect(bar(many).toSvg()).toContain("<rect");
  expect(line(many).toSvg()).toContain("<svg");
}, 60_000);

it("any numbers make a well-formed picture", () => {
  const matrix = fc.integer({ min: 1, max: 6 }).chain((columns) =>
    fc.array(fc.array(fc.double(), { minLength: columns, maxLength: columns }), {
      minLength: 1,
      maxLength: 6,
    }),
  );
  fc.assert(
    fc.property(matrix, fc.boolean(), (rows, logY) => {
      parseXml(heatmap(rows).toSvg());
      parseXml(line(rows, { logY }).toSvg());
      parseXml(bar(rows).toSvg());
    }),
    { numRuns: 60 },
  );
});

describe("audio", () => {
  const decode = (html: string) =>
    [...html.matchAll(/src="data:audio\/wav;base64,([^"]+)"/g)].map(([, base64]) =>
      Buffer.from(base64, "base64"),
    );

  it("carries WAV files that hold the samples, cut to the range", () => {
    const drawing = audio([0, 1, -1, 3, Number.NaN], { sampleRate: 8820, title: nasty, labels: [nasty] });
    const [wav] = decode(drawing.toHtml());
    expect(wav.subarray(0, 4).toString()).toBe("RIFF");
    expect(wav.readUInt32LE(4)).toBe(wav.length - 8);
    expect(wav.readUInt32LE(24)).toBe(8820);
    expect(wav.readUInt32LE(40)).toBe(10);
    expect([0, 1, 2, 3, 4].map((i) => wav.readInt16LE(44 + 2 * i))).toEqual([0, 32767, -32767, 32767, 0]);
    expect(drawing.toHtml()).not.toContain("<b>");
  });

  it("plays several, one below another, and says what does not fit", () => {
    const two = audio(arange(-1, 1, 0.1).reshape([2, 10]), { sampleRate: 100, labels: ["a", "b"] });
    expect(decode(two.toHtml())).toHaveLength(2);
    expect(String(two)).toBe("[audio]  2 sounds of 0.10 s: a, b");
    expect(() => audio([[1, 2]], { sampleRate: 100, labels: [] })).toThrow("audio: expected 1 labels");
    expect(() => audio([], { sampleRate: 100 })).toThrow("audio: expected (samples) or (N, samples)");
    expect(() => audio([1], { sampleRate: 0 })).toThrow("audio: expected sampleRate");
  });
});

describe("predictions", () => {
  const images = arange(0, 2 * 3 * 4 * 4, 1)
    .reshape([2, 3, 4, 4])
    .div(96);
  const classes = [nasty, "dog", "cow"];

  it("says of each picture whether it is right, its rank and its chance", () => {
    const drawing = predictions(
      images,
      [
        [0.7, 0.2, 0.1],
        [0.5, 0.2, 0.3],
      ],
      { classes, targets: [0, 2], title: nasty },
    );
    expect(String(drawing)).toContain("1 of 2 right");
    const svg = (drawing[displaySymbol]() as unknown as Record<string, string>)["image/svg+xml"];
    parseXml(svg);
    expect(svg).toContain("rank 1 of 3, 70.0 %");
    expect(svg).toContain("rank 2 of 3, 30.0 %");
    expect(svg.match(/✓/g)).toHaveLength(1);
    expect(svg.match(/✗/g)).toHaveLength(1);
  });

  it("says what does not fit", () => {
    const two = [
      [0.7, 0.3],
      [0.5, 0.5],
    ];
    expect(() => predictions(images, two, { classes, targets: [0, 1] })).toThrow("probabilities (2, 3)");
    expect(() => predictions(images, two, { classes: ["a", "b"], targets: [0] })).toThrow("targets (2)");
    expect(() => predictions(images, two, { classes: ["a", "b"], targets: [0, 2] })).toThrow("target");
    expect(() => predictions(images, two, {} as never)).toThrow("classes");
  });
});
