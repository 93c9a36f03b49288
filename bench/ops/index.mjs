/**
 * The public operations, each in ours and in PyTorch, at one small and one large size, by families. Without gradients, or
 * forward and backward.
 */
import "./elementwise.mjs";
import "./reductions.mjs";
import "./order.mjs";
import "./creation.mjs";
import "./moving.mjs";
import "./picking.mjs";
import "./products.mjs";
import "./layers.mjs";
import "./windows.mjs";
import "./losses.mjs";

export { operations } from "./table.mjs";
