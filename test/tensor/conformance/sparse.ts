import fc from "fast-check";
import { expect, it } from "vitest";
import type { Device } from "../../../src/tensor/device";
import { reference } from "../../../src/tensor/devices/reference";
import { close, doubles, exact, guarded, numbers, places, put, randomFrom, seeds, sizes } from "./arrays";

export function sparseConformance(make: () => Device): void {
  /** A matrix (m, n) with `count` numbers, some of them in one place, in order of rows or in none. */
  const matrices = fc.record({
    m: fc.integer({ min: 1, max: 40 }),
    n: fc.integer({ min: 1, max: 40 }),
    planes: sizes(9),
    count: fc.oneof(sizes(300), fc.constant(7001)), // of many, threads take their shares
    inOrder: fc.boolean(),
    areOnes: fc.boolean(),
  });
  type Matrix = typeof matrices extends fc.Arbitrary<infer M> ? M : never;
  const listsOf = ({ m, n, count, inOrder }: Matrix, seed: number) => {
    const random = randomFrom(seed);
    const among = (size: number) => Int32Array.from({ length: count }, () => Math.floor(random() * size));
    const rows = among(m);
    if (inOrder) rows.sort();
    return { rows, columns: among(n), values: doubles(numbers(seed + 1, count)) };
  };

  it("sparseProduct: y + A x of every plane", () => {
    const device = make();
    fc.assert(
      fc.property(matrices, seeds, places, (matrix, seed, place) => {
        const { rows, columns, values: given } = listsOf(matrix, seed);
        const { m, n, planes, areOnes } = matrix;
        const values = areOnes ? null : given;
        const [x, y] = [numbers(seed + 2, planes * n), numbers(seed + 3, planes * m)];
        const [want, scale] = [doubles(y), doubles(y).map(Math.abs)];
        reference.sparseProduct(doubles(x), n, rows, columns, values, want, m);
        const sizes = values?.map(Math.abs) ?? null;
        reference.sparseProduct(doubles(x).map(Math.abs), n, rows, columns, sizes, scale, m);
        const { out, check } = guarded(device, place, planes * m);
        out.set(y);
        device.kernels.sparseProduct(put(device, place, x), n, rows, columns, values, out, m);
        // Each number that is added up rounds once, by half of 2⁻²³.
        close(out, want, { scale, relative: 2 ** -24 * (2 + rows.length / m) });
        check();
      }),
      { numRuns: 40 },
    );
  });

  it("sparseBackwardValues: what each number of the matrix gave", () => {
    const device = make();
    fc.assert(
      fc.property(matrices, seeds, places, (matrix, seed, place) => {
        const { rows, columns } = listsOf(matrix, seed);
        const { m, n, planes } = matrix;
        const [x, g] = [numbers(seed + 2, planes * n), numbers(seed + 3, planes * m)];
        const [want, out] = [new Float64Array(rows.length), new Float64Array(rows.length).fill(7)];
        reference.sparseBackwardValues(g, m, x, n, rows, columns, want);
        const [left, right] = [put(device, place, g), put(device, place, x)];
        device.kernels.sparseBackwardValues(left, m, right, n, rows, columns, out);
        exact(out, want, false);
      }),
      { numRuns: 40 },
    );
  });

  it("sparseProduct: by hand", () => {
    const y = Float32Array.of(1, 1, 1, 1);
    // (2, 3), twice in its first place; two planes.
    const lists = [Int32Array.of(0, 0, 1), Int32Array.of(0, 0, 2), Float64Array.of(1, 2, 5)] as const;
    make().kernels.sparseProduct(Float32Array.of(1, 0, 10, 2, 0, 20), 3, ...lists, y, 2);
    expect([...y]).toEqual([4, 51, 7, 101]);
  });
}
