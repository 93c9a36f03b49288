import { mkdtempSync, rmSync, statSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, describe, expect, it, vi } from "vitest";
import { optional, pretrained, recorded } from "../../src/data";
import { readPretrained } from "../../src/data/course/pretrained";
import { array, saveSafetensors } from "../../src/tensor";

const folder = mkdtempSync(join(tmpdir(), "gradschool-course-"));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

describe("a recorded run", () => {
  it("is what its command has written, with a line that says so", () => {
    const run = recorded<{ loss: number }[]>("gpt-scaling");
    expect(run.data).toHaveLength(run.seeds.length);
    expect(run.caption).toMatch(
      /^Recorded on \d{4}-\d\d-\d\d, 3 seeds, \d+ s on .*\. Again: npm run record -- gpt-scaling$/,
    );
  });

  it("that is not there is told with those that are", () => {
    expect(() => recorded("gpt-scalign")).toThrow(
      /^recorded: expected one of the runs that are there \(.*gpt-scaling.*\), got "gpt-scalign"; npm run record -- gpt-scalign makes it/,
    );
  });
});

describe("a pretrained model", () => {
  it("has tensors in float32, its options, its metric and its card", () => {
    const { tensors, config, metric, card } = pretrained("gpt");
    expect(tensors.get("tokens.weight")?.dtype).toBe("float32");
    expect(config).toMatchObject({ model: { vocabSize: 2048 } });
    expect(metric).toMatchObject({ value: expect.any(Number), unit: "nats" });
    expect(card).toContain("# gpt\n");
  });

  it("that is not there is told with those that are", () => {
    expect(() => pretrained("gtp")).toThrow(
      "pretrained: expected one of the models that are there (bert, gpt, vit), got",
    );
  });

  it("is none if another program has written the file", () => {
    const path = join(folder, "other.safetensors");
    saveSafetensors(path, new Map([["x", array([1, 2, 3])]]));
    expect(() => readPretrained("other", path)).toThrow("a file that `npm run pretrain` wrote, with config");
  });
});

describe("something optional", () => {
  it("is a folder, or null and a line that says how to get it", () => {
    const log = vi.spyOn(console, "log").mockImplementation(() => {});
    const place = optional("fashion");
    if (place) expect(statSync(place).isDirectory()).toBe(true);
    else
      expect(log.mock.calls).toEqual([[expect.stringContaining("`npm start -- --with fashion` fetches it")]]);
    log.mockRestore();
    expect(() => optional("mnist" as never)).toThrow('optional: expected name "fashion" or "minilm"');
  });
});
