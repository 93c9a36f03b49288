import type { Kernels, PoolSizes } from "../../kernels";

/** Pools in plain loops: one window after the other. */

/** Calls `visit` for every window in the order of the output, with its size and a walk over its cells. */
function eachWindow(
  { planes, height, width, rows, columns }: PoolSizes,
  visit: (window: number, size: number, eachCell: (cell: (at: number) => void) => void) => void,
): void {
  let window = 0;
  for (let plane = 0; plane < planes; plane++) {
    for (let r = 0; r < rows.length; r += 4) {
      const [top, bottom, stepY, tall] = rows.subarray(r, r + 4);
      for (let c = 0; c < columns.length; c += 4) {
        const [left, right, stepX, wide] = columns.subarray(c, c + 4);
        visit(window++, tall * wide, (cell) => {
          for (let i = top; i < bottom; i += stepY) {
            for (let j = left; j < right; j += stepX) cell((plane * height + i) * width + j);
          }
        });
      }
    }
  }
}

export const maxPool: Kernels["maxPool"] = (x, out, source, sizes) => {
  eachWindow(sizes, (window, _, eachCell) => {
    let best = -1;
    eachCell((at) => {
      if (best < 0 || x[at] > x[best] || Number.isNaN(x[at])) best = at;
    });
    source[window] = best;
    out[window] = best < 0 ? Number.NEGATIVE_INFINITY : x[best];
  });
};

export const maxPoolBackward: Kernels["maxPoolBackward"] = (g, source, gx) => {
  gx.fill(0);
  for (let i = 0; i < source.length; i++) if (source[i] >= 0) gx[source[i]] += g[i];
};

export const averagePool: Kernels["averagePool"] = (x, out, sizes) => {
  eachWindow(sizes, (window, size, eachCell) => {
    let sum = 0;
    eachCell((at) => {
      sum += x[at];
    });
    out[window] = sum / size;
  });
};

export const averagePoolBackward: Kernels["averagePoolBackward"] = (g, gx, sizes) => {
  const sums = new Float64Array(gx.length);
  eachWindow(sizes, (window, size, eachCell) => {
    eachCell((at) => {
      sums[at] += g[window] / size;
    });
  });
  gx.set(sums);
};
