export { useBlas } from "./blas";
export { scratchBytes } from "./matmul";
export { call, drive, start, work } from "./pool";
