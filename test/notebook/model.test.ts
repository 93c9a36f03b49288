import { describe, expect, it } from "vitest";
import { type Tensor, tensor } from "../../src/autograd";
import { Linear, Module, meta } from "../../src/nn";
import { displaySymbol, graph, summary } from "../../src/notebook";
import { arange } from "../../src/tensor";
import { parseXml } from "./xml";

class Block extends Module {
  inner = new Linear(8, 32);
  outer = new Linear(32, 8, { bias: false });
  forward(x: Tensor): Tensor {
    return this.outer.forward(this.inner.forward(x));
  }
}

class Model extends Module {
  embed = new Linear(4, 8);
  blocks = [new Block(), new Block(), new Block()];
  head = new Linear(8, 5);
  forward(x: Tensor): { logits: Tensor; hidden: Tensor } {
    const hidden = this.blocks.reduce((h, block) => block.forward(h), this.embed.forward(x));
    return { logits: this.head.forward(hidden), hidden };
  }
}

describe("summary", () => {
  it("lists modules, own parameters and totals; equal blocks once", () => {
    const model = new Model();
    model.embed.freeze();
    const lines = String(summary(model)).split("\n");
    expect(lines[0]).toMatch(/^module +class +parameters +count$/);
    expect(lines[3]).toMatch(/^ {2}embed +Linear +weight \(.*\), bias \(8,\) +40 frozen$/);
    expect(lines[4]).toMatch(/^ {2}blocks\.0 … blocks\.2 \(3 alike\) +Block$/);
    expect(lines[5]).toMatch(/^ {4}inner +Linear .* 288$/);
    expect(lines.filter((row) => row.includes("inner"))).toHaveLength(1);
    const total = 40 + 3 * (288 + 256) + 45;
    expect(model.parameterCount()).toBe(total);
    expect(lines[lines.length - 1]).toBe("1,717 parameters · 1,677 trainable · 40 frozen · 6.7 KiB");
  });

  it("tells blocks that differ apart", () => {
    const model = new Model();
    model.blocks[1].inner.freeze();
    const text = String(summary(model));
    for (const name of ["  blocks.0 ", "  blocks.1 ", "  blocks.2 "]) expect(text).toContain(name);
  });

  it("runs an example to tell every module's output, and leaves no trace", () => {
    const model = new Model();
    model.blocks[1].eval();
    const x = tensor(arange(0, 12, 1).reshape([3, 4]));
    const text = String(summary(model, x));
    expect(text).toMatch(/^Model +Model +logits \(3, 5\), hidden \(3, 8\)$/m);
    expect(text).toMatch(/inner +Linear +\(3, 32\)/);
    expect(Object.keys(model.embed)).not.toContain("forward");
    expect(Object.hasOwn(model, "forward")).toBe(false);
    expect([model.training, model.blocks[0].training, model.blocks[1].training]).toEqual([true, true, false]);
    expect(() => summary(model, tensor([[1, 2]]))).toThrow();
    expect(Object.hasOwn(model.embed, "forward")).toBe(false);
  });

  it("needs no memory for a model of shapes alone", () => {
    const model = meta(() => new Linear(50_000, 50_000));
    expect(String(summary(model))).toMatch(/2,500,050,000 parameters · all trainable · 9\.3 GiB$/);
  });

  it("is a table in a notebook", () => {
    const bundle = summary(new Model())[displaySymbol]();
    const names = parseXml(bundle["text/html"] as string);
    expect(names.filter((name) => name === "tr")).toHaveLength(7);
  });
});

describe("graph", () => {
  const build = () => {
    const x = tensor([
      [1, 2],
      [3, 4],
      [5, 6],
    ]);
    const w = tensor(
      [
        [1, 2],
        [3, 4],
      ],
      { requiresGrad: true },
    );
    const b = tensor(0.5, { requiresGrad: true });
    const y = x.matmul(w).add(b);
    return { x, w, b, y, loss: y.mul(y).sum() };
  };

  it("draws operations, leaves and the arrows between them", () => {
    const { x, w, b, y, loss } = build();
    const drawing = graph(loss, { names: { x, w, "<b>": b, y } });
    const elements = parseXml(drawing.toSvg());
    const boxes = [loss, ...["mul", "y", "matmul", "x", "w", "b"]].length;
    expect(elements.filter((name) => name === "rect")).toHaveLength(boxes + 1);
    expect(drawing.toSvg().match(/marker-end/g)).toHaveLength(6);
    expect(String(drawing)).toBe(
      [
        "sum 2655.5",
        "  mul (3, 2)",
        "    y = add (3, 2)",
        "      matmul (3, 2)",
        "        x (3, 2)",
        "        w (2, 2)  requires grad",
        "      <b> 0.5  requires grad",
      ].join("\n"),
    );
    expect(Object.keys(drawing[displaySymbol]())).toEqual(["text/html", "text/plain", "image/svg+xml"]);
  });

  it("shows scalar gradients, and a graph that backward has freed", () => {
    const { b, loss } = build();
    loss.backward();
    expect(graph(loss).toString()).toBe("sum (freed) 2655.5");
    expect(String(graph(b))).toMatch(/^parameter 0\.5, grad 228 {2}requires grad$/);
  });

  it("writes on the edges what flows back along them, when it is asked to", () => {
    const [x, w] = [tensor(3), tensor(5, { requiresGrad: true })];
    const square = w.mul(w).retainGrad();
    const loss = square.mul(x).retainGrad();
    loss.backward(undefined, { retainGraph: true });
    const flows = (drawing: { toSvg(): string }) =>
      [...drawing.toSvg().matchAll(/>↑ ([^<]+)</g)].map(([, flow]) => flow);
    expect(flows(graph(loss))).toEqual([]);
    // To the square 3; to w, by both of its uses, 3 · 5; to x, which wants none, nothing.
    expect(flows(graph(loss, { flow: true }))).toEqual(["3", "15 + 15"]);
    expect(w.grad?.item()).toBe(30);
    expect(flows(graph(build().loss, { flow: true }))).toEqual([]);
  });

  it("draws at most `limit` tensors of a long computation, those nearest to the root", () => {
    const w = tensor([1, 2], { requiresGrad: true });
    let y: Tensor = w;
    for (let i = 0; i < 20_000; i++) y = y.add(1);
    const drawing = graph(y, { limit: 10 });
    expect(String(drawing)).toContain("… 19991 more left out");
    expect(parseXml(drawing.toSvg()).filter((name) => name === "rect")).toHaveLength(12);
  });
});
