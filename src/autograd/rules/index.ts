/**
 * The primitive operations: each computes its output and says how a gradient g of the output is pulled back.
 * A bar stands for "gradient of": x̄ is the gradient of x. backward() undoes broadcasting, so a rule may return
 * gradients in the shape of the output.
 */
export * from "./arithmetic";
export * from "./elementwise";
export * from "./indexing";
export * from "./math";
export * from "./methods";
export * from "./products";
export * from "./reduce";
export * from "./softmax";
export * from "./views";
export type { OneGradient, TwoGradients } from "./with-pullback";
