import { join } from "node:path";
import { ResNet } from "../../../src/lectures/clip";
import { ViTForImageClassification, ViTModel } from "../../../src/lectures/vit";
import { meta, type PretrainedModel, theirName } from "../../../src/nn";
import type { Mismatch } from "../compare";
import { type CaseResult, readJson, runCase } from "../fixture";
import { adapters } from "../models";

type Args = Readonly<Record<string, unknown>>;

interface Row {
  readonly name: string;
  readonly source: string;
  readonly parameters: number;
  readonly args: Args;
  readonly parts?: Readonly<Record<string, number>>;
}

/** Who counted: the configuration that gives the same model here, and how the source names its parts. */
interface Source {
  readonly model: new (config: never) => PretrainedModel<object>;
  readonly config: Args;
  /** From a checkpoint's name to the name inside the source's model. */
  readonly rename?: (name: string) => string;
  /** Parameters that the source does not have. */
  readonly without?: RegExp;
}

/** Parameters of well-known configurations, counted on models that have shapes but no memory. */
export function runTables(folder: string): CaseResult[] {
  const { files } = readJson<{ files: string[] }>(folder, "manifest.json");
  return files.flatMap((file) => {
    const { fixture, rows } = readJson<{ fixture: string; rows: Row[] }>(folder, file);
    const group = `tables/${file.replace(/\.json$/, "")}`;
    if (fixture !== "tables/parameters") {
      const error = `expected tables/parameters, got "${fixture}" in ${join(folder, file)}`;
      return [{ group, id: file, mismatches: [], error }];
    }
    return rows.map((row) => runCase(group, `${row.name} (${row.source})`, () => compareRow(row)));
  });
}

function compareRow(row: Row): (Mismatch | null)[] {
  const { model: Model, config, rename = (name) => name, without } = sourceOf(row);
  const model = meta(() => new Model(config as never));
  const table = model.table();
  const counted = model
    .namedParameters()
    .map(([name, p]) => ({ name: rename(theirName(table, name)), size: p.size }))
    .filter(({ name }) => !without?.test(name));
  const sum = (sizes: readonly { size: number }[]) => sizes.reduce((total, { size }) => total + size, 0);
  const parts = new Map<string, number>();
  for (const { name, size } of counted) parts.set(partOf(name), (parts.get(partOf(name)) ?? 0) + size);
  return [
    differ("parameters", sum(counted), row.parameters),
    ...(row.parts
      ? [...new Set([...Object.keys(row.parts), ...parts.keys()])].map((part) =>
          differ(part, parts.get(part) ?? 0, row.parts?.[part] ?? 0),
        )
      : []),
  ];
}

const differ = (tensor: string, got: number, expected: number): Mismatch | null =>
  got === expected
    ? null
    : {
        tensor,
        index: [],
        got,
        expected,
        maxAbs: Math.abs(got - expected),
        maxRel: Math.abs(got - expected) / expected,
        wrong: "all",
      };

/** The first two words of the module that holds a parameter, block numbers as `*`; a parameter of the model itself by its name. */
function partOf(name: string): string {
  const words = name.split(".").slice(0, -1).slice(0, 2);
  return words.map((word) => (/^\d+$/.test(word) ? "*" : word)).join(".") || name;
}

function sourceOf({ name, source, args }: Row): Source {
  if (source.startsWith("closed formula")) return { model: ViTForImageClassification, config: args };
  if (source === "transformers.ViTModel without pooler") {
    return { model: ViTModel, config: args, rename: vitParts, without: /^pooler\./ };
  }
  if (source.startsWith("timm.VisionTransformer")) return timm(args);
  if (source.startsWith("ResNet of the fixtures")) return { model: ResNet, config: args };
  if (source.startsWith("torchvision")) return torchvision(name);
  const adapter = adapters.get(source.replace(/^transformers\./, ""));
  if (!source.startsWith("transformers.") || !adapter) throw new Error(`unknown source "${source}"`);
  const { text, vision, ...rest } = args;
  const config = {
    ...(source.endsWith("ForImageClassification") && { num_labels: 1000 }), // ImageNet's, where nothing else is said
    ...rest,
    ...(text ? { text_config: text } : {}),
    ...(vision ? { vision_config: vision } : {}),
  };
  return { model: adapter.model, config, rename: source.includes("ViT") ? vitParts : undefined };
}

/** transformers' ViT keeps its blocks in `layers`, its files in `encoder.layer`. */
const vitParts = (name: string): string => name.replace("encoder.layer.", "layers.");

/** timm's arguments and names for the same ViT; its MLP is 4 times as wide as a token. */
function timm(args: Args): Source {
  const { embed_dim: width = 768, depth = 12, num_heads = 12, patch_size = 16, ...rest } = args;
  if (Object.keys(rest).length > 0) throw new Error(`unknown arguments ${Object.keys(rest).join(", ")}`);
  return {
    model: ViTForImageClassification,
    config: {
      hidden_size: width,
      num_hidden_layers: depth,
      num_attention_heads: num_heads,
      intermediate_size: 4 * (width as number),
      patch_size,
      num_labels: 1000,
    },
    rename: (name) =>
      name
        .replace("vit.embeddings.cls_token", "cls_token")
        .replace("vit.embeddings.position_embeddings", "pos_embed")
        .replace("vit.embeddings.patch_embeddings.projection", "patch_embed.proj")
        .replace("vit.encoder.layer", "blocks")
        .replace("vit.layernorm", "norm")
        .replace("classifier", "head"),
  };
}

/** torchvision knows its ResNets by name. */
function torchvision(name: string): Source {
  const known: Readonly<Record<string, Args>> = {
    resnet18: { block: "basic", layers: [2, 2, 2, 2] },
    resnet34: { block: "basic", layers: [3, 4, 6, 3] },
    resnet50: { block: "bottleneck", layers: [3, 4, 6, 3] },
    resnet101: { block: "bottleneck", layers: [3, 4, 23, 3] },
    resnet152: { block: "bottleneck", layers: [3, 8, 36, 3] },
  };
  if (!known[name]) throw new Error(`unknown torchvision model "${name}"`);
  return { model: ResNet, config: known[name] };
}
