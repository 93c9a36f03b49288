import { reference } from "../../src/tensor/devices/reference";
import { createWasm } from "../../src/tensor/devices/wasm";
import { conformance } from "./conformance";

conformance("reference", () => ({ name: "reference", kernels: reference, info: () => ({}) }));

const once = <T>(make: () => T) => {
  let made: T | undefined;
  return () => (made ??= make());
};
conformance(
  "wasm",
  once(() => createWasm(reference, { fma: false })),
);
conformance(
  "wasm with FMA",
  once(() => createWasm(reference)),
);
conformance(
  "wasm on plain memory",
  once(() => createWasm(reference, { shared: false, heapMiB: 64 })),
);
conformance(
  "wasm with a full heap",
  once(() => createWasm(reference, { heapMiB: 2 })),
);
