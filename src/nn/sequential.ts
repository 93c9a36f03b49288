import { checkTensor, type Tensor } from "../autograd";
import { expectedKind, isA, isList } from "../tensor";
import { Module } from "./module";

/** A step of a Sequential: a module from tensor to tensor, or a function such as `relu`. */
export type Layer = (Module & { forward(x: Tensor): Tensor }) | ((x: Tensor) => Tensor);

/**
 * Layers one after another: `new Sequential(new Linear(4, 8), relu, new Linear(8, 3))`. Names count the layers,
 * functions included: `0.weight`, `2.weight`.
 */
export class Sequential extends Module {
  readonly layers: readonly Layer[];

  constructor(...layers: Layer[]) {
    super();
    layers.forEach(checkLayer);
    this.layers = layers;
  }

  protected override members(): [name: string, value: unknown][] {
    return Object.entries(this.layers);
  }

  forward(x: Tensor): Tensor {
    for (const layer of this.layers) x = layer instanceof Module ? layer.forward(x) : layer(x);
    return x;
  }
}

function checkLayer(layer: unknown, i: number): void {
  if (isA(layer, Module)) return;
  const isClass = typeof layer === "function" && isA(layer.prototype, Module);
  if (typeof layer === "function" && !isClass) return;
  const ofList = isList(layer) ? "write ...layers for a list" : undefined;
  const hint = isClass ? "write new before it" : ofList;
  throw expectedKind("Sequential", `layer ${i} to be a module or a function`, layer, hint);
}

/** What goes in comes out: a place holder for a layer that is not wanted. */
export class Identity extends Module {
  forward(x: Tensor): Tensor {
    return x;
  }
}

/** (B, ...) → (B, features): all axes from `startAxis` to `endAxis` as one. */
export class Flatten extends Module {
  constructor(
    readonly startAxis = 1,
    readonly endAxis = -1,
  ) {
    super();
  }

  forward(x: Tensor): Tensor {
    checkTensor("Flatten", x);

    return x.flatten(this.startAxis, this.endAxis);
  }
}
