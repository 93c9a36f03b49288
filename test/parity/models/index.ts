import type { Adapter } from "./adapter";
import { bert } from "./bert";
import { gpt2 } from "./gpt2";
import { vision } from "./vision";

/** Every model class that fixtures name, by transformers' name for it. */
export const adapters: ReadonlyMap<string, Adapter> = new Map(
  [bert, gpt2, vision].flatMap((family) => Object.entries(family) as unknown as [string, Adapter][]),
);
