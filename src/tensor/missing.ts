import { nearest } from "./expected";

/**
 * Names that are not there. JavaScript answers them with undefined, and a program stops a step later at "is not a
 * function"; here the error says which name was meant. What asks whether a value has a name (`in`, JSON, await, a test's
 * comparison, a debugger) is answered as ever.
 */

/** Asked of any value by those who want to know what it is: never an error. */
const probes = new Set(
  (
    "then catch finally toJSON toString valueOf constructor prototype inspect length name message stack cause code " +
    "nodeType tagName asymmetricMatch $$typeof default __esModule next return throw entries keys values get set has " +
    "size shape data dtype strides ndim params type id key index forEach map"
  ).split(" "),
);

/** PyTorch's and NumPy's names of what arrays do here under another name. */
const arrayNames: Readonly<Record<string, string>> = {
  view: "reshape",
  view_as: "reshape",
  T: "transpose()",
  mT: "transpose()",
  t: "transpose()",
  swapaxes: "transpose",
  mm: "matmul",
  bmm: "matmul",
  mv: "matmul",
  numel: "size",
  dim: "ndim",
  numpy: "toArray()",
  tolist: "toArray()",
  cuda: "nothing: all arrays are computed on the device that setDevice() chooses",
  cpu: "nothing: all arrays lie in ordinary memory",
  device: "device().name, one for all arrays",
  float: 'to("float32")',
  double: 'to("float64")',
  int: 'to("int32")',
  long: 'to("int32")',
  astype: "to",
  copy: "clone()",
  copy_: "assign",
  zero_: "fill(0)",
  subtract: "sub",
  multiply: "mul",
  divide: "div",
  true_divide: "div",
  negative: "neg",
  power: "pow",
  split: "split(x, sizes, axis)",
  where: "where(condition, a, b)",
  mod: "remainder",
  amax: "max",
  amin: "min",
  ravel: "flatten()",
  requires_grad_: "requiresGrad = true",
};

const functionNames: Readonly<Record<string, string>> = {
  tensor: "array",
  Tensor: "array",
  asarray: "array",
  from_numpy: "fromStorage",
  fromArray: "array",
  cat: "concat",
  concatenate: "concat",
  range: "arange",
  identity: "eye",
  random: "rand",
  seed: "manualSeed",
  load: "loadSafetensors",
  save: "saveSafetensors",
};

const moduleNames: Readonly<Record<string, string>> = {
  cuda: "nothing: all arrays are computed on the device that setDevice() chooses",
  cpu: "nothing: all arrays lie in ordinary memory",
  float: 'to("float32")',
  double: 'to("float64")',
  numParameters: "parameterCount()",
  requires_grad_: "unfreeze() or freeze()",
  call: "forward",
};

const known = { nd: functionNames, array: arrayNames, module: moduleNames };

function meant(
  name: string,
  kind: keyof typeof known,
  names: readonly string[],
  most?: number,
): string | undefined {
  const other = known[kind];
  return Object.hasOwn(other, name) ? other[name] : nearest(name, names, most);
}

const answered = (name: string | symbol): name is symbol =>
  typeof name === "symbol" || probes.has(name) || name in Object.prototype;

/** `functions` in an object that knows what was meant by a name that it has not: `nd.onse` is an error that says `nd.ones`. */
export function withSuggestions<T extends object>(owner: string, functions: T): T {
  const beyond = new Proxy(Object.create(Object.prototype), {
    get(_, name) {
      if (answered(name)) return Reflect.get(Object.prototype, name);
      const ours = meant(name, "nd", Object.keys(functions));
      const hint = ours ? `did you mean ${owner}.${ours}?` : "most operations are methods: x.name()";
      throw new TypeError(`${owner}.${String(name)}: no such function; ${hint}`);
    },
  });
  return Object.create(beyond, Object.getOwnPropertyDescriptors(functions));
}

/** The same for the instances of a class, where only a name that is nearly one of ours, or another library's, is an error. */
export function suggestMembers(type: { prototype: object; name: string }, kind: "array" | "module"): void {
  const beyond = new Proxy(Object.create(Object.prototype), {
    get(_, name) {
      if (answered(name)) return Reflect.get(Object.prototype, name);
      // A field of a subclass that is not there yet must not be taken for a slip.
      const ours = meant(name, kind, Object.getOwnPropertyNames(type.prototype), name.length < 5 ? 0 : 1);
      if (ours === undefined) return undefined;
      throw new TypeError(`${type.name}.${String(name)}: no such member; ours is ${ours}`);
    },
  });
  Object.setPrototypeOf(type.prototype, beyond);
}
