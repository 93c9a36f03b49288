import { execFileSync } from "node:child_process";
import { copyFileSync, existsSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, afterEach, beforeAll, describe, expect, it, vi } from "vitest";
import { findCollector } from "../../src/tensor/collector";
import { createBlas } from "../../src/tensor/devices/blas";
import { findKoffi, findLibrary } from "../../src/tensor/devices/blas/find";
import { openLibrary } from "../../src/tensor/devices/blas/library";
import { selfTest } from "../../src/tensor/devices/blas/self-test";
import { reference } from "../../src/tensor/devices/reference";
import type { Kernels } from "../../src/tensor/kernels";
import { conformance } from "./conformance";

/** OpenBLAS comes from the Python index: a machine that was never online has none. */
function start(threads: number) {
  try {
    // Smaller than any product that occurs, so that all go to the library.
    return { device: createBlas(reference, { smallest: 1, threads }) };
  } catch (error) {
    return { reason: String(error) };
  }
}

for (const threads of [1, 3]) {
  const name = `blas with ${threads} threads`;
  const { device, reason } = start(threads);
  if (device) conformance(name, () => device);
  else describe(name, () => it.skip(`conforms (${reason})`, () => {}));
}

describe.skipIf(!!start(1).reason)("the library", () => {
  it("has no threads of its own, whatever is collected before it is used", () => {
    const folder = mkdtempSync(join(tmpdir(), "gradschool-blas-"));
    try {
      // A copy is a library of its own, which nobody else holds open.
      const copy = join(folder, "libopenblas.so");
      copyFileSync(findLibrary(), copy);
      const { koffi, path } = findKoffi();
      const { symbol } = openLibrary(koffi, path, copy);
      for (let i = 0; i < 3; i++) findCollector()?.collect();
      const threads = symbol.replace("cblas_sgemm", "openblas_get_num_threads");
      expect(koffi.load(copy).func(`int ${threads}()`)()).toBe(1);
    } finally {
      rmSync(folder, { recursive: true, force: true });
    }
  });
});

describe("GRADSCHOOL_BLAS", () => {
  afterEach(() => vi.unstubAllEnvs());
  const folder = mkdtempSync(join(tmpdir(), "gradschool-blas-"));
  afterAll(() => rmSync(folder, { recursive: true, force: true }));

  it("may name a folder: of its versions the plain name counts", () => {
    for (const name of ["libopenblas.so.0.3", "libopenblas.so", "libopenblas.a", "README"])
      writeFileSync(join(folder, name), "");
    vi.stubEnv("GRADSCHOOL_BLAS", folder);
    expect(findLibrary()).toBe(join(folder, "libopenblas.so"));
  });

  it("is a path: also without a folder in it no name of a library of the system's", () => {
    vi.stubEnv("GRADSCHOOL_BLAS", "package.json");
    expect(findLibrary()).toBe(join(process.cwd(), "package.json"));
  });
});

describe("the blas device is absent, and says why,", () => {
  afterEach(() => {
    vi.unstubAllEnvs();
    vi.resetModules();
  });

  it("where it is switched off", () => {
    vi.stubEnv("GRADSCHOOL_BLAS", "0");
    expect(() => createBlas(reference)).toThrow("blas device: switched off by GRADSCHOOL_BLAS=0");
  });

  it("where the file that is named is not there", () => {
    vi.stubEnv("GRADSCHOOL_BLAS", "/no/such/file.so");
    expect(() => createBlas(reference)).toThrow(
      "GRADSCHOOL_BLAS names a file that does not exist: /no/such/file.so",
    );
  });

  it("where the folder that is named holds none", () => {
    vi.stubEnv("GRADSCHOOL_BLAS", import.meta.dirname);
    expect(() => createBlas(reference)).toThrow(
      `GRADSCHOOL_BLAS names a folder without an OpenBLAS: ${import.meta.dirname}`,
    );
  });

  it("where the file is no library", () => {
    vi.stubEnv("GRADSCHOOL_BLAS", import.meta.filename);
    expect(() => createBlas(reference)).toThrow(/blas device: .*blas\.test\.ts cannot be loaded: /);
  });

  const plainC = "/lib/x86_64-linux-gnu/libm.so.6";
  it.skipIf(!existsSync(plainC))("where the library knows no products", () => {
    vi.stubEnv("GRADSCHOOL_BLAS", plainC);
    expect(() => createBlas(reference)).toThrow(
      "expected a library with scipy_cblas_sgemm or cblas_sgemm, /lib/x86_64-linux-gnu/libm.so.6 has neither",
    );
  });

  it("and the next device that is named takes its place", async () => {
    vi.stubEnv("GRADSCHOOL_BLAS", "0");
    vi.stubEnv("GRADSCHOOL_DEVICE", "blas,reference");
    const { device } = await import("../../src/tensor/device");
    expect(device().name).toBe("reference");
    expect(device().info()).toMatchObject({ noBlas: "blas device: switched off by GRADSCHOOL_BLAS=0" });
  });

  it("unless it is the only one", async () => {
    vi.stubEnv("GRADSCHOOL_BLAS", "0");
    vi.stubEnv("GRADSCHOOL_DEVICE", "blas");
    const { device } = await import("../../src/tensor/device");
    expect(() => device()).toThrow("blas device: switched off");
  });
});

describe("the self-test of products", () => {
  const changed = (change: (sizes: Parameters<Kernels["matmul"]>[3]) => object): Kernels => ({
    ...reference,
    matmul: (a, b, out, sizes, bias) => reference.matmul(a, b, out, { ...sizes, ...change(sizes) }, bias),
  });

  it("passes right ones", () => expect(selfTest(reference, reference)).toBeNull());

  it.each([
    ["A's transpose forgotten", changed(() => ({ transposeA: false }))],
    ["B's transpose forgotten", changed(() => ({ transposeB: false }))],
    ["the last step left out", changed(({ k }) => ({ k: k - 1 }))],
    ["the last row left out", changed(({ m }) => ({ m: m - 1 }))],
  ])("finds %s", (_, kernels) => {
    expect(selfTest(kernels, reference)).toMatch(/^element \(\d+, \d+\) of a product is .*, expected -?\d+$/);
  });
});

const compiler = ["/usr/bin/cc", "/usr/bin/gcc", "/usr/bin/clang"].find((file) => existsSync(file));

describe.skipIf(!compiler || !!start(1).reason)(
  "a library that computes something else than products",
  () => {
    let folder = "";
    beforeAll(() => {
      folder = mkdtempSync(join(tmpdir(), "gradschool-blas-"));
    });
    afterAll(() => rmSync(folder, { recursive: true, force: true }));
    afterEach(() => vi.unstubAllEnvs());

    /** A library whose product writes `result`, of the sum s, the factors al and be, and c[at] as it was. */
    function library(name: string, result: string): string {
      const source = join(folder, `${name}.c`);
      const file = join(folder, `lib${name}.so`);
      writeFileSync(
        source,
        `void cblas_sgemm(int order, int ta, int tb, int m, int n, int k, float al, const float *a, int lda,
         const float *b, int ldb, float be, float *c, int ldc) {
         for (int i = 0; i < m; i++) for (int j = 0; j < n; j++) {
           float s = 0;
           for (int p = 0; p < k; p++)
             s += (ta == 112 ? a[p * lda + i] : a[i * lda + p]) * (tb == 112 ? b[j * ldb + p] : b[p * ldb + j]);
           int at = i * ldc + j;
           c[at] = ${result};
         }
       }`,
      );
      execFileSync(compiler as string, ["-O1", "-shared", "-fPIC", "-o", file, source]);
      return file;
    }

    it.each([
      ["zeros", "0", "of a product is 0"],
      ["never adds to what is there", "al * s", "of a convolution is"],
      ["reads what it has to overwrite", "al * s + be * c[at]", "of a product is NaN"],
      ["a bit too much", "al * s * 1.00001f + (be == 0 ? 0 : be * c[at])", "of a product is"],
    ])("%s is refused", (name, result, message) => {
      vi.stubEnv("GRADSCHOOL_BLAS", library(name.replaceAll(" ", "-"), result));
      expect(() => createBlas(reference)).toThrow(/blas device: .*\.so computes wrong products: element /);
      expect(() => createBlas(reference)).toThrow(message);
    });

    it("is told from one that computes them", () => {
      vi.stubEnv("GRADSCHOOL_BLAS", library("right", "al * s + (be == 0 ? 0 : be * c[at])"));
      expect(createBlas(reference).info()).toMatchObject({ symbol: "cblas_sgemm" });
    });
  },
);
