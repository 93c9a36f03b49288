export { matmul, matmulScratch } from "./matmul";
