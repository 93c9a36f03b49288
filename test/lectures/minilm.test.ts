import { readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it, vi } from "vitest";
import { noGrad } from "../../src/autograd";
import { encodeBatch, loadTokenizer, optional } from "../../src/data";
import { BertModel } from "../../src/lectures/bert";
import { fromPretrained } from "../../src/nn";

const log = vi.spyOn(console, "log").mockImplementation(() => {});
const folder = optional("minilm");
log.mockRestore();
const { cases, cosines } = JSON.parse(
  readFileSync(new URL("./minilm/expected.json", import.meta.url), "utf8"),
) as { cases: { text: string; ids: number[]; embedding: number[] }[]; cosines: number[][] };

describe.skipIf(!folder)(
  `all-MiniLM-L6-v2${folder ? "" : " (not fetched: npm start -- --with minilm)"}`,
  () => {
    it("in our classes agrees with Hugging Face's: ids, embeddings, cosines", async () => {
      const place = folder as string;
      const tokenizer = loadTokenizer(join(place, "tokenizer.json"));
      for (const { text, ids } of cases) expect([...tokenizer.encode(text)]).toEqual(ids);
      const batch = encodeBatch(
        tokenizer,
        cases.map(({ text }) => text),
      );
      const model = await fromPretrained(BertModel, place);
      model.eval();
      const { lastHiddenState } = noGrad(() =>
        model.forward(batch.ids, { attentionMask: batch.attentionMask }),
      );
      const mask = batch.attentionMask.unsqueeze(-1).to("float32");
      const means = lastHiddenState.data.mul(mask).sum(1).div(mask.sum(1));
      const unit = means.div(means.square().sum(1, { keepDims: true }).sqrt());
      const apart = (ours: ArrayLike<number>, theirs: readonly number[]) =>
        theirs.reduce((most, x, i) => Math.max(most, Math.abs(x - ours[i])), 0);
      cases.forEach(({ embedding }, i) => {
        expect(apart(unit.select(0, i).flat(), embedding)).toBeLessThan(4e-6);
      });
      const ours = unit.matmul(unit.transpose());
      cosines.forEach((row, i) => {
        expect(apart(ours.select(0, i).flat(), row)).toBeLessThan(4e-6);
      });
    });
  },
);
