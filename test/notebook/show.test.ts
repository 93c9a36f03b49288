import { afterEach, describe, expect, it, vi } from "vitest";
import { tensor } from "../../src/autograd";
import { arrayView, displaySymbol, line, show } from "../../src/notebook";
import { arange, array, zeros } from "../../src/tensor";
import { inKernel } from "./fake-kernel";
import { parseXml } from "./xml";

const htmlOf = (view: ReturnType<typeof arrayView>) => {
  parseXml(view.toHtml());
  return view.toHtml();
};

/** The cells' texts of all tables. */
const cells = (html: string) => [...html.matchAll(/<td [^>]*>([^<]*)<\/td>/g)].map(([, text]) => text);

afterEach(() => vi.restoreAllMocks());

describe("show", () => {
  it("displays arrays, drawings and everything else at once in a notebook", () => {
    const outputs = inKernel(() => {
      show(array([1, 2]), { title: "<mine>" });
      show(line([1, 2]));
      show({ a: 1 });
      show("plain <text>", { title: "said" });
    });
    expect(outputs.map(([bundle]) => Object.keys(bundle))).toEqual([
      ["text/html", "text/plain"],
      ["text/html", "text/plain", "application/vnd.plotly.v1+json"],
      ["text/plain"],
      ["text/html", "text/plain"],
    ]);
    expect(outputs[3][0]["text/html"]).toContain("plain &lt;text&gt;");
    expect(outputs[0][0]["text/html"]).toContain("&lt;mine&gt;");
    expect(outputs[2][0]["text/plain"]).toBe("{ a: 1 }");
    expect(outputs[3][0]["text/plain"]).toBe("said\nplain <text>");
  });

  it("prints text in a terminal", () => {
    const write = vi.spyOn(process.stdout, "write").mockReturnValue(true);
    show(array([1.5, 2]), { title: "mine" });
    const [[text]] = write.mock.calls;
    expect(text).toMatch(/^mine\nNDArray \(2,\) · float32 · \w+ · 1\.5 to 2 · mean 1\.75\n/);
    expect(text).toContain(String(array([1.5, 2])));
  });
});

describe("arrayView", () => {
  it("tells shape, dtype, device and what a tensor wants", () => {
    const w = tensor([[1, -2]], { requiresGrad: true });
    expect(htmlOf(arrayView(w))).toMatch(
      /Tensor \(1, 2\) · float32 · \w+ · requires grad · -2 to 1 · mean -0\.5/,
    );
    const y = w.mul(3);
    expect(htmlOf(arrayView(y))).toContain("requires grad, made by mul");
    y.sum().backward();
    const html = htmlOf(arrayView(w));
    expect(html).toContain("grad · 3 to 3");
    expect(cells(html)).toEqual(["1", "-2", "3", "3"]);
  });

  it("colours by value, blue below zero and red above, with text that can be read", () => {
    const html = htmlOf(arrayView(array([[-1, 0, 1]])));
    const styles = [...html.matchAll(/background-color:(#\w+);color:(#\w+)/g)].map(([, ...pair]) => pair);
    expect(styles).toEqual([
      ["#053061", "#ffffff"],
      ["#f7f7f7", "#000000"],
      ["#67001f", "#ffffff"],
    ]);
  });

  it("marks what is not finite", () => {
    const html = htmlOf(
      arrayView(array([Number.NaN, Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY, 0.25])),
    );
    expect(cells(html)).toEqual(["nan", "inf", "-inf", "0.2500"]);
    expect(html).toContain("1 NaN · 2 infinite");
    expect(html).toContain("background-color:#d627be");
  });

  it("shows integers and booleans as such", () => {
    expect(cells(htmlOf(arrayView(array([3, 40], { dtype: "int32" }))))).toEqual(["3", "40"]);
    const html = htmlOf(arrayView(array([[true, false]])));
    expect(cells(html)).toEqual(["true", "false"]);
    expect(html).toContain("1 of 2 true");
  });

  it("gives one format to all values", () => {
    expect(cells(htmlOf(arrayView(array([0.5, 100]))))).toEqual(["0.50", "100.00"]);
    expect(cells(htmlOf(arrayView(array([1e-8, 0], { dtype: "float64" }))))).toEqual(["1.00e-8", "0"]);
  });

  it("cuts what is large, and says how much", () => {
    const html = htmlOf(arrayView(zeros([7, 5, 40, 30])));
    expect(html).toContain("showing 4 of 35 slices, 16 of 40 rows, 12 of 30 columns");
    for (const index of ["[0, 0, :, :]", "[0, 1, :, :]", "[6, 3, :, :]", "[6, 4, :, :]"])
      expect(html).toContain(index);
    expect(html).not.toContain("[0, 2, :, :]");
    expect(cells(html).filter((text) => text === "0")).toHaveLength(4 * 16 * 12);
  });

  it("names each value's place, for views too", () => {
    const html = htmlOf(arrayView(arange(0, 6, 1).reshape([2, 3]).transpose()));
    expect(html).toContain('title="[2, 0] 2"');
    expect(html).toContain('title="[0, 1] 3"');
  });

  it("handles scalars and empty arrays", () => {
    expect(cells(htmlOf(arrayView(array(4))))).toEqual(["4"]);
    expect(htmlOf(arrayView(zeros([0, 3])))).toContain("(0, 3) · float32");
    expect(arrayView(zeros([0]))[displaySymbol]()["text/plain"]).toContain("empty");
  });
});
