import vm from "node:vm";
import { inflateSync } from "node:zlib";
import { describe, expect, it } from "vitest";
import { textOn } from "../../src/notebook/colors";
import { liveScript } from "../../src/notebook/figures/plotly";
import { encodePng } from "../../src/notebook/figures/png";
import { linearTicks, logTicks } from "../../src/notebook/figures/ticks";
import { thinned } from "../../src/notebook/figures/xy-chart";
import { formatBytes, formatDuration, formatNumber } from "../../src/notebook/numbers";

describe("numbers for people", () => {
  it.each([
    [0, "0"],
    [1, "1"],
    [-0.25, "-0.25"],
    [2.34567, "2.346"],
    [1234567, "1.23e+6"],
    [0.00001234, "1.23e-5"],
    [1e-7, "1e-7"],
    [Number.NaN, "nan"],
    [Number.NEGATIVE_INFINITY, "-inf"],
  ])("%d is %s", (value, text) => expect(formatNumber(value)).toBe(text));

  it("times and sizes", () => {
    expect([0.04, 9.96, 59.4, 65, 3599.9, 7500, Number.POSITIVE_INFINITY].map(formatDuration)).toEqual([
      "0.0s",
      "10s",
      "59s",
      "1m 05s",
      "1h 00m",
      "2h 05m",
      "?",
    ]);
    expect([12, 1536, 5 * 2 ** 20, 300 * 2 ** 30].map(formatBytes)).toEqual([
      "12 B",
      "1.5 KiB",
      "5.0 MiB",
      "300 GiB",
    ]);
  });
});

describe("ticks", () => {
  const labels = (ticks: { label: string }[]) => ticks.map(({ label }) => label).join(" ");
  it("are round numbers", () => {
    expect(labels(linearTicks(-0.2, 1.1))).toBe("0.0 0.5 1.0");
    expect(labels(linearTicks(0, 2999, 7))).toBe("0 500 1000 1500 2000 2500");
    expect(labels(linearTicks(-3, 3, 3))).toBe("−2 0 2");
    expect(labels(linearTicks(0, 2, 8, 1))).toBe("0 1 2");
    expect(labels(linearTicks(5, 5))).toBe("5");
    expect(labels(logTicks(0.09, 12))).toBe("0.1 0.2 0.5 1 2 5 10");
    expect(labels(logTicks(1e-8, 1))).toBe("1e-8 1e-6 0.0001 0.01 1");
  });
});

it("a PNG holds the pixels, each as a square", () => {
  const rgb = Uint8Array.from([255, 0, 0, 0, 255, 0, 0, 0, 255, 10, 20, 30]);
  const png = encodePng({ width: 2, height: 2, rgb }, 2);
  expect(png.readUInt32BE(16)).toBe(4);
  expect(png.readUInt32BE(20)).toBe(4);
  const length = png.readUInt32BE(33);
  expect(png.toString("latin1", 37, 41)).toBe("IDAT");
  const rows = inflateSync(png.subarray(41, 41 + length));
  const pixels = new Uint8Array(4 * 12);
  for (let y = 0; y < 4; y++) {
    expect(rows[y * 13]).toBe(2);
    for (let x = 0; x < 12; x++)
      pixels[y * 12 + x] = rows[y * 13 + 1 + x] + (y > 0 ? pixels[(y - 1) * 12 + x] : 0);
  }
  const [red, green] = [
    [255, 0, 0],
    [0, 255, 0],
  ];
  const [blue, dark] = [
    [0, 0, 255],
    [10, 20, 30],
  ];
  const top = [red, red, green, green];
  const bottom = [blue, blue, dark, dark];
  expect([...pixels]).toEqual([top, top, bottom, bottom].flat(2));
});

it("text is black on light and white on dark", () => {
  expect([textOn([255, 255, 255]), textOn([0, 0, 0]), textOn([253, 231, 37]), textOn([68, 1, 84])]).toEqual([
    "#000000",
    "#ffffff",
    "#000000",
    "#ffffff",
  ]);
});

it("thinning keeps the ends of a curve and the extremes of every stretch", () => {
  const points = Array.from({ length: 10_001 }, (_, x) => ({ x, y: x === 777 ? -5 : Math.sin(x / 500) }));
  const kept = thinned(points, 100);
  expect(kept.length).toBeLessThanOrEqual(102);
  expect(kept).toContain(points[777]);
  expect(kept[kept.length - 1]).toBe(points[10_000]);
  expect(kept.map(({ x }) => x)).toEqual([...kept.map(({ x }) => x)].sort((a, b) => a - b));
  expect(thinned(points.slice(0, 50), 100)).toHaveLength(50);
});

describe("the script of a figure", () => {
  /** Where it looks for Plotly, when nothing is found. */
  async function addresses(pathname: string, baseUrl: string | null): Promise<string[]> {
    const asked: string[] = [];
    const document = {
      getElementById: () => (baseUrl ? { textContent: JSON.stringify({ baseUrl }) } : null),
      createElement: () => ({ src: "", onerror: () => {} }),
      querySelectorAll: () => [],
      body: { getAttribute: () => null },
      head: {
        appendChild(script: { src: string; onerror: () => void }) {
          asked.push(script.src);
          script.onerror();
        },
      },
    };
    const source = liveScript("key", { data: [], layout: {} }).replace(/<\/?script>/g, "");
    vm.runInNewContext(source, {
      window: {},
      document,
      location: { pathname },
      console: { info() {}, warn() {} },
    });
    await new Promise((resolve) => setTimeout(resolve, 20));
    return asked;
  }
  const file = "node_modules/plotly.js-dist/plotly.js";
  const network = expect.stringMatching(/^https:/);

  it("asks Jupyter's files from the root down to the notebook, then the extensions, then the network", async () => {
    expect(await addresses("/hub/lab/tree/course/notebooks/gpt.ipynb", "/hub/")).toEqual([
      `/hub/files/${file}`,
      `/hub/files/course/${file}`,
      `/hub/files/course/notebooks/${file}`,
      "/hub/lab/extensions/gradschool/static/plotly.js",
      network,
    ]);
  });

  it("asks beside an exported page, then the network", async () => {
    expect(await addresses("/home/ada/out/gpt.html", null)).toEqual([
      `../${file}`,
      file,
      `../../${file}`,
      network,
    ]);
  });
});
