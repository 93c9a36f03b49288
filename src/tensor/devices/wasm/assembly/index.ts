export { useBlas } from "./blas";
export { scratchBytes } from "./matmul";
export { activate, call, drive, start, work } from "./pool";
