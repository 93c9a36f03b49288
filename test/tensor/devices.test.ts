import { createGpu } from "../../src/tensor/devices/gpu";
import { reference } from "../../src/tensor/devices/reference";
import { createWasm } from "../../src/tensor/devices/wasm";
import { conformance } from "./conformance";

const once = <T>(make: () => T) => {
  let made: T | undefined;
  return () => {
    made ??= make();
    return made;
  };
};

conformance("reference", () => ({ name: "reference", kernels: reference, info: () => ({}) }));
conformance(
  "wasm",
  once(() => createWasm(reference, { fma: false, threads: 1 })),
);
conformance(
  "wasm with FMA",
  once(() => createWasm(reference, { threads: 1 })),
);
conformance(
  "wasm with three threads",
  once(() => createWasm(reference, { threads: 3 })),
);
conformance(
  "wasm on plain memory",
  once(() => createWasm(reference, { shared: false, heapMiB: 64 })),
);
conformance(
  "wasm with a full heap",
  once(() => createWasm(reference, { heapMiB: 2, threads: 1 })),
);
for (const mode of ["webasm", "cpu"] as const) {
  conformance(
    `gpu in mode ${mode}`,
    once(() => createGpu(reference, { modes: [mode], smallest: 0 })),
  );
}
