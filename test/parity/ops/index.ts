import type { Op } from "./case";
import { decoding } from "./decoding";
import { elementwise } from "./elementwise";
import { graphs } from "./graphs";
import { layers } from "./layers";
import { neural } from "./neural";
import { reduce } from "./reduce";
import { shape } from "./shape";

export type { Op, OpInput, OpOutput } from "./case";

/** Every operation that fixtures name, in terms of the library. */
export const ops: ReadonlyMap<string, Op> = new Map(
  [elementwise, reduce, shape, graphs, neural, layers, decoding].flatMap((topic) => Object.entries(topic)),
);
