import type { Texture } from "./cache";
import type { Program } from "./programs";

/**
 * Programs for OpenGL on packed matrices: textures that hold four columns to the texel, so that one fetch brings four
 * numbers. What is left of the last texel is 0. Their results stay on the GPU until they are read as they lie.
 */

/** How a batch of matrices lies in flat memory: rows · cols numbers at these strides. */
export interface PackConstants {
  readonly rows: number;
  readonly cols: number;
  readonly batch: number;
  readonly row: number;
  readonly col: number;
}

/** packed[z][y][x] = columns 4x … 4x + 3 of row y, and zeros beside and below the matrix */
export const pack: Program = {
  name: "pack",
  source: `function (x) {
    const c = this.thread.x * 4;
    const left = this.thread.y < this.constants.rows ? this.constants.cols - c : 0;
    const at = this.thread.z * this.constants.batch + this.thread.y * this.constants.row + c * this.constants.col;
    let v0 = 0;
    let v1 = 0;
    let v2 = 0;
    let v3 = 0;
    if (left > 0) v0 = x[at];
    if (left > 1) v1 = x[at + this.constants.col];
    if (left > 2) v2 = x[at + 2 * this.constants.col];
    if (left > 3) v3 = x[at + 3 * this.constants.col];
    return [v0, v1, v2, v3];
  }`,
};

export interface PackedMatmulConstants {
  /** ⌈k / 4⌉ */
  readonly k4: number;
  /** 0 where one matrix serves the whole batch. */
  readonly aBatch: 0 | 1;
  readonly bBatch: 0 | 1;
}

/** Columns 4x … 4x + 3 of row y of A · B: five fetches for sixteen multiply-adds. */
export const packedMatmul: Program = {
  name: "packedMatmul",
  source: `function (a, b) {
    const za = this.thread.z * this.constants.aBatch;
    const zb = this.thread.z * this.constants.bBatch;
    let s0 = 0;
    let s1 = 0;
    let s2 = 0;
    let s3 = 0;
    for (let p = 0; p < this.constants.k4; p++) {
      const q = p * 4;
      const u = a[za][this.thread.y][p];
      const v = b[zb][q][this.thread.x];
      const w = b[zb][q + 1][this.thread.x];
      const x = b[zb][q + 2][this.thread.x];
      const y = b[zb][q + 3][this.thread.x];
      s0 += u[0] * v[0] + u[1] * w[0] + u[2] * x[0] + u[3] * y[0];
      s1 += u[0] * v[1] + u[1] * w[1] + u[2] * x[1] + u[3] * y[1];
      s2 += u[0] * v[2] + u[1] * w[2] + u[2] * x[2] + u[3] * y[2];
      s3 += u[0] * v[3] + u[1] * w[3] + u[2] * x[3] + u[3] * y[3];
    }
    return [s0, s1, s2, s3];
  }`,
};

/** Rows of n4 texels, all of them full. */
export interface PackedRowConstants {
  readonly n4: number;
}

/** Per row: max x */
export const packedRowMax: Program = {
  name: "packedRowMax",
  source: `function (x) {
    const first = x[0][this.thread.x][0];
    let best = first[0];
    for (let i = 0; i < this.constants.n4; i++) {
      const v = x[0][this.thread.x][i];
      if (v[0] > best) best = v[0];
      if (v[1] > best) best = v[1];
      if (v[2] > best) best = v[2];
      if (v[3] > best) best = v[3];
    }
    return best;
  }`,
};

/** Per row: Σ exp(x − max) */
export const packedRowExpSum: Program = {
  name: "packedRowExpSum",
  source: `function (x, max) {
    const m = max[this.thread.x];
    let sum = 0;
    for (let i = 0; i < this.constants.n4; i++) {
      const v = x[0][this.thread.x][i];
      sum += Math.exp(v[0] - m) + Math.exp(v[1] - m) + (Math.exp(v[2] - m) + Math.exp(v[3] - m));
    }
    return sum;
  }`,
};

/** exp(x − max) / total */
export const packedSoftmax: Program = {
  name: "packedSoftmax",
  source: `function (x, max, total) {
    const v = x[0][this.thread.y][this.thread.x];
    const m = max[this.thread.y];
    const t = total[this.thread.y];
    return [Math.exp(v[0] - m) / t, Math.exp(v[1] - m) / t, Math.exp(v[2] - m) / t, Math.exp(v[3] - m) / t];
  }`,
};

/** x − max − log total */
export const packedLogSoftmax: Program = {
  name: "packedLogSoftmax",
  source: `function (x, max, total) {
    const v = x[0][this.thread.y][this.thread.x];
    const m = max[this.thread.y];
    const t = Math.log(total[this.thread.y]);
    return [v[0] - m - t, v[1] - m - t, v[2] - m - t, v[3] - m - t];
  }`,
};

/** Rows of n numbers out of rows of ⌈n / 4⌉ texels. */
export function unpack(texture: Texture, out: Float32Array, rows: number, n: number): void {
  const texels = texture.renderRawOutput();
  const width = 4 * Math.ceil(n / 4);
  if (width === n) out.set(texels.subarray(0, rows * n));
  else for (let i = 0; i < rows; i++) out.set(texels.subarray(i * width, i * width + n), i * n);
}
