/**
 * The programs that run on the GPU. GPU.js reads their *source* and translates it (to GLSL, to WebAssembly), so they are
 * kept as text, which no compiler, minifier or coverage tool rewrites. They may use numbers, loops with constant
 * bounds, `Math` and `this.constants`. One thread computes one element of the result; `this.thread.x` counts fastest.
 */
export interface Program {
  readonly name: string;
  readonly source: string;
}

/** Strides in elements, so that a transpose is a swap of two numbers. */
export interface MatmulConstants {
  readonly k: number;
  /** k without its remainder by 4. */
  readonly quads: number;
  /** The last row: threads past it compute it again. */
  readonly lastRow: number;
  readonly aBatch: number;
  readonly aRow: number;
  readonly aCol: number;
  readonly bBatch: number;
  readonly bRow: number;
  readonly bCol: number;
}

/** One p of four sums; `y` names the number of b. */
const multiplyAdd = (p: string, y: string) => `
      const ${y} = b[at + ${p} * this.constants.bRow];
      s0 += a[a0 + ${p} * this.constants.aCol] * ${y};
      s1 += a[a1 + ${p} * this.constants.aCol] * ${y};
      s2 += a[a2 + ${p} * this.constants.aCol] * ${y};
      s3 += a[a3 + ${p} * this.constants.aCol] * ${y};`;

/**
 * Four results of one column: out[z][y][x] = rows 4y … 4y + 3 of Σ_p a[z][row][p] · b[z][p][x]. Each b serves four rows, and
 * the loop takes four p at a time.
 */
export const matmul: Program = {
  name: "matmul",
  source: `function (a, b) {
    const from = this.thread.z * this.constants.aBatch;
    const row = this.thread.y * 4;
    const a0 = from + Math.min(row, this.constants.lastRow) * this.constants.aRow;
    const a1 = from + Math.min(row + 1, this.constants.lastRow) * this.constants.aRow;
    const a2 = from + Math.min(row + 2, this.constants.lastRow) * this.constants.aRow;
    const a3 = from + Math.min(row + 3, this.constants.lastRow) * this.constants.aRow;
    const at = this.thread.z * this.constants.bBatch + this.thread.x * this.constants.bCol;
    let s0 = 0;
    let s1 = 0;
    let s2 = 0;
    let s3 = 0;
    for (let p = 0; p < this.constants.quads; p += 4) {
      ${multiplyAdd("p", "y0")}
      ${multiplyAdd("(p + 1)", "y1")}
      ${multiplyAdd("(p + 2)", "y2")}
      ${multiplyAdd("(p + 3)", "y3")}
    }
    for (let q = this.constants.quads; q < this.constants.k; q++) {
      ${multiplyAdd("q", "y4")}
    }
    return [s0, s1, s2, s3];
  }`,
};

/** Rows of n numbers. */
export interface RowConstants {
  readonly n: number;
}

/** Per row: max x */
export const rowMax: Program = {
  name: "rowMax",
  source: `function (x) {
    const from = this.thread.x * this.constants.n;
    let best = x[from];
    for (let i = 1; i < this.constants.n; i++) {
      if (x[from + i] > best) best = x[from + i];
    }
    return best;
  }`,
};

/** Per row: Σ exp(x − max) */
export const rowExpSum: Program = {
  name: "rowExpSum",
  source: `function (x, max) {
    const from = this.thread.x * this.constants.n;
    let sum = 0;
    for (let i = 0; i < this.constants.n; i++) sum += Math.exp(x[from + i] - max[this.thread.x]);
    return sum;
  }`,
};

/** Per row: Σ a ⊙ b */
export const rowDot: Program = {
  name: "rowDot",
  source: `function (a, b) {
    const from = this.thread.x * this.constants.n;
    let sum = 0;
    for (let i = 0; i < this.constants.n; i++) sum += a[from + i] * b[from + i];
    return sum;
  }`,
};

/** Per row: Σ x */
export const rowSum: Program = {
  name: "rowSum",
  source: `function (x) {
    const from = this.thread.x * this.constants.n;
    let sum = 0;
    for (let i = 0; i < this.constants.n; i++) sum += x[from + i];
    return sum;
  }`,
};

/** exp(x − max) / total, x in rows (y) of columns (x) */
export const softmax: Program = {
  name: "softmax",
  source: `function (x, max, total) {
    const value = x[this.thread.y * this.constants.n + this.thread.x];
    return Math.exp(value - max[this.thread.y]) / total[this.thread.y];
  }`,
};

/** y · (g − Σ g ⊙ y) */
export const softmaxBackward: Program = {
  name: "softmaxBackward",
  source: `function (y, g, dot) {
    const at = this.thread.y * this.constants.n + this.thread.x;
    return y[at] * (g[at] - dot[this.thread.y]);
  }`,
};

/** x − max − log total */
export const logSoftmax: Program = {
  name: "logSoftmax",
  source: `function (x, max, total) {
    const value = x[this.thread.y * this.constants.n + this.thread.x];
    return value - max[this.thread.y] - Math.log(total[this.thread.y]);
  }`,
};

/** g − exp(y) Σ g */
export const logSoftmaxBackward: Program = {
  name: "logSoftmaxBackward",
  source: `function (y, g, total) {
    const at = this.thread.y * this.constants.n + this.thread.x;
    return g[at] - Math.exp(y[at]) * total[this.thread.y];
  }`,
};

/** eˣ */
export const exp: Program = { name: "exp", source: "function (x) { return Math.exp(x[this.thread.x]); }" };

/** 1 / (1 + e⁻ˣ) */
export const sigmoid: Program = {
  name: "sigmoid",
  source: "function (x) { return 1 / (1 + Math.exp(-x[this.thread.x])); }",
};

/** `value` / (1 + e⁻ᵘ), by way of h = e^−|u|/2, so that nothing overflows and the product keeps its digits. */
const gated = (u: string) => `
    const h = Math.exp(-0.5 * Math.abs(${u}));
    const above = 1 / (1 + h * h);
    let result = value * above;
    if (${u} < 0) result = value * h * (h * above);
    return result;`;

/** x / (1 + e⁻ˣ) */
export const silu: Program = {
  name: "silu",
  source: `function (x) {
    const value = x[this.thread.x];${gated("value")}
  }`,
};

/** ½ x (1 + tanh(√(2/π) (x + 0.044715 x³))), and ½ (1 + tanh u) is 1 / (1 + e⁻²ᵘ) */
export const geluTanh: Program = {
  name: "geluTanh",
  source: `function (x) {
    const value = x[this.thread.x];
    const u = 1.5957691216057308 * (value + 0.044715 * value * value * value);${gated("u")}
  }`,
};

/** g · s (1 + x (1 − s)) with s = 1 / (1 + e⁻ˣ) */
export const siluBackward: Program = {
  name: "siluBackward",
  source: `function (x, g) {
    const value = x[this.thread.x];
    const s = 1 / (1 + Math.exp(-value));
    return g[this.thread.x] * s * (1 + value * (1 - s));
  }`,
};

/** g · (s + x s (1 − s) u′) with u = 2 √(2/π) (x + 0.044715 x³) and s = 1 / (1 + e⁻ᵘ) */
export const geluTanhBackward: Program = {
  name: "geluTanhBackward",
  source: `function (x, g) {
    const value = Math.max(Math.min(x[this.thread.x], 20), -20);
    const square = value * value;
    const s = 1 / (1 + Math.exp(-1.5957691216057308 * (value + 0.044715 * square * value)));
    return g[this.thread.x] * (s + value * s * (1 - s) * 1.5957691216057308 * (1 + 0.134145 * square));
  }`,
};
