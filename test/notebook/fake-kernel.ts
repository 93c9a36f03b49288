import type { MimeBundle } from "../../src/notebook";

const key = Symbol.for("gradschool.kernel");

/** One output: the bundles it has held, the last of which is seen. */
export type Output = MimeBundle[];

/** Runs `body` as if inside the kernel; returns what it displayed. */
export function inKernel(body: () => unknown): Output[] {
  const outputs: Output[] = [];
  const kernel = {
    display(bundle: MimeBundle) {
      const output: Output = [bundle];
      outputs.push(output);
      return { update: (next: MimeBundle) => void output.push(next) };
    },
  };
  Object.assign(globalThis, { [key]: kernel });
  try {
    body();
  } finally {
    Reflect.deleteProperty(globalThis, key);
  }
  return outputs;
}
