import { nearest, refusalOfKind } from "./expected";

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

/** PyTorch's and NumPy's names of what arrays do here under another name; without underscores, in small letters. */
const arrayNames: Readonly<Record<string, string>> = {
  view: "reshape",
  viewas: "reshape",
  reshapeas: "reshape",
  expandas: "expand",
  t: "transpose()",
  mt: "transpose()",
  swapaxes: "transpose",
  swapdims: "transpose",
  movedim: "permute",
  moveaxis: "permute",
  fliplr: "flip(1)",
  flipud: "flip(0)",
  ravel: "flatten()",
  mm: "matmul",
  bmm: "matmul",
  mv: "matmul",
  ger: "outer",
  inner: "dot",
  vdot: "dot",
  numel: "size",
  nelement: "size",
  dim: "ndim",
  ndimension: "ndim",
  numpy: "toArray()",
  tolist: "toArray()",
  cuda: "nothing: all arrays are computed on the device that setDevice() chooses",
  cpu: "nothing: all arrays lie in ordinary memory",
  device: "device().name, one for all arrays",
  float: 'to("float32")',
  double: 'to("float64")',
  int: 'to("int32")',
  long: 'to("int32")',
  bool: 'to("bool")',
  astype: "to",
  typeas: "to",
  copy: "clone()",
  copy_: "assign",
  zero_: "fill(0)",
  normal_: "assign(init.normal(shape))",
  uniform_: "assign(init.uniform(shape))",
  subtract: "sub",
  multiply: "mul",
  divide: "div",
  truedivide: "div",
  floordivide: "div and then floor()",
  negative: "neg",
  absolute: "abs",
  power: "pow",
  sgn: "sign",
  fix: "trunc",
  mod: "remainder",
  clip: "clamp",
  clampmin: "clamp(min)",
  clampmax: "clamp(-Infinity, max)",
  exp2: "mul(Math.LN2).exp()",
  asinh: "the formula log(x + √(x² + 1))",
  acosh: "the formula log(x + √(x² − 1))",
  atanh: "the formula ½ log((1 + x) / (1 − x))",
  arcsin: "asin",
  arccos: "acos",
  arctan: "atan",
  arctan2: "atan2",
  equals: "equal",
  less: "lt",
  lessequal: "le",
  greater: "gt",
  greaterequal: "ge",
  notequal: "ne",
  logicalxor: "ne, of two bool arrays",
  amax: "max",
  amin: "min",
  aminmax: "min and max",
  argwhere: "nonzero",
  countnonzero: "ne(0).sum()",
  kthvalue: "sort",
  newzeros: "zeros(shape)",
  newones: "ones(shape)",
  requiresgrad_: "requiresGrad = true",
  isleaf: "node === null",
  gradfn: "node",
  cat: "concat([x, …])",
  concat: "concat([x, …])",
  stack: "stack([x, …])",
  vstack: "vstack([x, …])",
  hstack: "hstack([x, …])",
  meshgrid: "meshgrid([x, …])",
  split: "split(x, sizes, axis)",
  where: "where(condition, a, b)",
  lerp: "lerp(x, end, weight)",
  cdist: "cdist(x, y)",
  searchsorted: "searchsorted(x, values)",
  einsum: "einsum(equation, x, …)",
  repeatinterleave: "repeatInterleave(x, repeats, axis)",
};

/** What changes in place is a method of the array that a tensor holds. */
const tensorNames: Readonly<Record<string, string>> = {
  ...arrayNames,
  copy_: "data.assign(values)",
  zero_: "data.fill(0)",
  fill_: "data.fill(value)",
  normal_: "data.assign(init.normal(shape))",
  uniform_: "data.assign(init.uniform(shape))",
};

const functionNames: Readonly<Record<string, string>> = {
  tensor: "array",
  asarray: "array",
  fromnumpy: "fromStorage",
  fromarray: "array",
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
  numparameters: "parameterCount()",
  requiresgrad_: "unfreeze() or freeze()",
  call: "forward",
  registerbuffer: "this.name = buffer(values)",
  registerparameter: "this.name = parameter(values)",
  addmodule: "this.name = module",
  registermodule: "this.name = module",
  getsubmodule: "namedModules()",
  getbuffer: "namedBuffers()",
  modules: "namedModules()",
};

const initNames: Readonly<Record<string, string>> = {
  truncnormal: "truncatedNormal",
  glorotuniform: "xavierUniform",
  glorotnormal: "xavierNormal",
  heuniform: "kaimingUniform",
  henormal: "kaimingNormal",
};

const optimizerNames: Readonly<Record<string, string>> = {
  addparamgroup: "a list of groups, given to the constructor",
  lr: "paramGroups[0].lr",
};

const scheduleNames: Readonly<Record<string, string>> = { getlastlr: "lr", getlr: "lr" };

const known = {
  nd: functionNames,
  init: initNames,
  array: arrayNames,
  tensor: tensorNames,
  module: moduleNames,
  optimizer: optimizerNames,
  schedule: scheduleNames,
};

/** A name as the tables above spell it: `requires_grad_` → `requiresgrad_`. */
const bare = (name: string): string => name.toLowerCase().replace(/_(?!$)/g, "");

function listedIn(table: Readonly<Record<string, string>>, name: string): string | undefined {
  const asGiven = bare(name);
  const names = [asGiven, asGiven.replace(/_$/, "")];
  const found = names.find((one) => Object.hasOwn(table, one));
  return found === undefined ? undefined : table[found];
}

const answered = (name: string | symbol): name is symbol =>
  typeof name === "symbol" || probes.has(name) || name in Object.prototype;

/**
 * `functions` in an object that knows what was meant by a name that it has not: `nd.onse` is an error that says `nd.ones`.
 * Most of what is missing in `nd` are `methods` of arrays.
 */
export function withSuggestions<T extends object>(
  owner: "nd" | "init",
  functions: T,
  methods: readonly string[] = [],
): T {
  const names = Object.keys(functions);
  const beyond = new Proxy(Object.create(Object.prototype), {
    get(_, name) {
      if (answered(name)) return Reflect.get(Object.prototype, name);
      throw refusalOfKind(`${owner}.${name}`, "no such function", hintFor(name));
    },
  });
  const hintFor = (name: string): string => {
    const named = listedIn(known[owner], name) ?? nearest(name, names, 0);
    const isMethod = owner === "nd" && !named;
    const method = nearest(name, methods, 0) ?? (isMethod ? listedIn(known.array, name) : undefined);
    if (method?.startsWith("nothing")) return method;
    if (named || method) return `did you mean ${named ? `${owner}.${named}` : `x.${method}`}?`;
    const near = nearest(name, names);
    if (near) return `did you mean ${owner}.${near}?`;
    return owner === "nd" ? "most operations are methods: x.name()" : `there are ${names.join(", ")}`;
  };
  return Object.create(beyond, Object.getOwnPropertyDescriptors(functions));
}

/**
 * The same for the instances of a class, where only a name that is nearly one of ours, or another library's, is an error.
 * `fields` are names that only the instances have.
 */
export function suggestMembers(
  type: { prototype: object; name: string },
  kind: "array" | "tensor" | "module" | "optimizer" | "schedule",
  fields: readonly string[] = [],
): void {
  const beyond = new Proxy(Object.create(Object.prototype), {
    get(_, name) {
      if (answered(name)) return Reflect.get(Object.prototype, name);
      // A field of a subclass that is not there yet must not be taken for a slip.
      const names = [...Object.getOwnPropertyNames(type.prototype), ...fields];
      const ours =
        nearest(name, names, 0) ??
        listedIn(known[kind], name) ??
        nearest(name, names, name.length < 5 ? 0 : 1);
      if (ours === undefined) return undefined;
      throw refusalOfKind(`${type.name}.${name}`, "no such member", `ours is ${ours}`);
    },
  });
  Object.setPrototypeOf(type.prototype, beyond);
}
