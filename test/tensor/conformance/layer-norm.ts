import fc from "fast-check";
import { it } from "vitest";
import type { Device } from "../../../src/tensor/device";
import { reference } from "../../../src/tensor/devices/reference";
import { close, doubles, guarded, matrices, numbers, places, put, seeds } from "./arrays";

export function layerNormConformance(make: () => Device): void {
  const affine = fc.record({ weight: fc.boolean(), bias: fc.boolean() });

  it("layerNorm and layerNormBackward, with and without weight and bias", () => {
    const device = make();
    fc.assert(
      fc.property(matrices, affine, seeds, places, ({ rows, n }, has, seed, place) => {
        const x = numbers(seed, rows * n).map((value) => value + 3);
        const weight = has.weight ? numbers(seed + 1, n) : null;
        const bias = has.bias ? numbers(seed + 2, n) : null;
        const home = (data: Float32Array | null) => data && put(device, place, data);
        const wide = (data: Float32Array | null) => data && doubles(data);
        const [y, mean, rstd] = [rows * n, rows, rows].map((length) => guarded(device, place, length));
        const want = [rows * n, rows, rows].map((length) => new Float64Array(length));
        // A row of one number has no variance: keep 1 / √eps moderate.
        const eps = 1e-3;
        reference.layerNorm(doubles(x), wide(weight), wide(bias), eps, want[0], want[1], want[2], rows, n);
        device.kernels.layerNorm(
          ...([
            put(device, place, x),
            home(weight),
            home(bias),
            eps,
            y.out,
            mean.out,
            rstd.out,
            rows,
            n,
          ] as const),
        );
        close(y.out, want[0], { absolute: 2e-5 });
        close(mean.out, want[1]);
        close(rstd.out, want[2], { relative: 1e-4 });

        const g = numbers(seed + 3, rows * n);
        const [gx, gWeight, gBias] = [rows * n, n, n].map((length) => guarded(device, place, length));
        const wantG = [rows * n, n, n].map((length) => new Float64Array(length));
        const kept = [Float32Array.from(want[1]), Float32Array.from(want[2])];
        reference.layerNormBackward(
          ...([doubles(g), doubles(x), wide(weight), doubles(kept[0]), doubles(kept[1])] as const),
          ...([wantG[0], has.weight ? wantG[1] : null, has.bias ? wantG[2] : null, rows, n] as const),
        );
        device.kernels.layerNormBackward(
          ...([put(device, place, g), put(device, place, x), home(weight)] as const),
          ...([put(device, place, kept[0]), put(device, place, kept[1]), gx.out] as const),
          ...([has.weight ? gWeight.out : null, has.bias ? gBias.out : null, rows, n] as const),
        );
        close(gx.out, wantG[0], { absolute: 1e-3, relative: 1e-4 });
        if (has.weight) close(gWeight.out, wantG[1], { absolute: 1e-4, relative: 1e-4 });
        if (has.bias) close(gBias.out, wantG[2], { absolute: 1e-4, relative: 1e-4 });
        for (const array of [y, mean, rstd, gx, gWeight, gBias]) array.check();
      }),
    );
  });
}
