import type { Shape } from "./shape";

/** Lists with the same beginning. */
interface Branch {
  list: Shape | null;
  readonly longer: Map<number, Branch>;
}

const branch = (): Branch => ({ list: null, longer: new Map() });
let root = branch();
let shown = 0;

/**
 * A frozen list of these numbers, the same one for all equal lists. Engines are slow at freezing a list and at reading
 * frozen ones, so arrays compute with plain lists and show these.
 */
export function frozen(list: Shape): Shape {
  let at = root;
  for (let i = 0; i < list.length; i++) {
    let next = at.longer.get(list[i]);
    if (!next) {
      next = branch();
      at.longer.set(list[i], next);
    }
    at = next;
  }
  if (at.list === null) {
    at.list = Object.freeze(list.map((n) => n + 0)); // no -0 (of a flip), which is found under 0
    shown++;
    // A program with ever new shapes must not fill the memory with them.
    if (shown > 10_000) {
      root = branch();
      shown = 0;
    }
  }
  return at.list;
}
