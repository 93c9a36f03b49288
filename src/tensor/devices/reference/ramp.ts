import type { Kernels } from "../../kernels";

/** Numbers at equal distances; a division by 1 is left out, as it costs more than all the rest. */
export const ramp: Kernels["ramp"] = (out, start, step, shift, parts) => {
  if (parts === 1) for (let i = 0; i < out.length; i++) out[i] = start + step * (i + shift);
  else for (let i = 0; i < out.length; i++) out[i] = start + (step * (i + shift)) / parts;
};
