import { relu, type Tensor } from "../../autograd";
import { expected } from "../../tensor";
import type { Activation } from "../mlp";

/** Nonlinearities as `config.json` names them (transformers' ACT2FN), and ours. */
const named: Readonly<Record<string, Activation>> = {
  gelu: "gelu",
  gelu_python: "gelu",
  gelu_new: "geluTanh",
  gelu_fast: "geluTanh",
  gelu_accurate: "geluTanh",
  gelu_pytorch_tanh: "geluTanh",
  gelu_python_tanh: "geluTanh",
  quick_gelu: "quickGelu",
  relu: "relu",
  relu2: (x: Tensor) => relu(x).square(),
  relu6: (x: Tensor) => x.clamp(0, 6),
  silu: "silu",
  swish: "silu",
  hardswish: (x: Tensor) => x.mul(x.add(3).clamp(0, 6)).div(6),
  tanh: (x: Tensor) => x.tanh(),
  sigmoid: (x: Tensor) => x.sigmoid(),
  linear: (x: Tensor) => x,
};

/** The nonlinearity that a configuration names. */
export function activationOf(name: string): Activation {
  const found = typeof name === "string" && Object.hasOwn(named, name) ? named[name] : undefined;
  if (found) return found;
  throw expected("config", `an activation of ${Object.keys(named).join(", ")}`, name);
}
