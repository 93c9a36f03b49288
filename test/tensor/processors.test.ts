import { describe, expect, it } from "vitest";
import { Contention } from "../../src/tensor/devices/wasm/contention";
import { cpuQuota } from "../../src/tensor/devices/wasm/quota";

describe("the processors that a container grants", () => {
  const quota = (files: Record<string, string>) => cpuQuota((path) => files[path] ?? null);

  it("are read from the control group (version 2)", () => {
    const group = { "/proc/self/cgroup": "0::/\n", "/sys/fs/cgroup/cpu.max": "250000 100000\n" };
    expect(quota(group)).toBe(2.5);
  });

  it("are the least of all groups above it", () => {
    const files = {
      "/proc/self/cgroup": "0::/pod/box\n",
      "/sys/fs/cgroup/pod/box/cpu.max": "max 100000",
      "/sys/fs/cgroup/pod/cpu.max": "300000 100000",
      "/sys/fs/cgroup/cpu.max": "800000 100000",
    };
    expect(quota(files)).toBe(3);
  });

  it.each(["cpu", "cpu,cpuacct"])("are read from version 1, mounted as %s", (mount) => {
    const files = {
      "/proc/self/cgroup": "5:memory:/docker/1\n4:cpu,cpuacct:/docker/1\n0::/\n",
      [`/sys/fs/cgroup/${mount}/cpu.cfs_quota_us`]: "150000\n",
      [`/sys/fs/cgroup/${mount}/cpu.cfs_period_us`]: "50000\n",
    };
    expect(quota(files)).toBe(3);
  });

  it("are all of them where nothing is set, or nothing can be read", () => {
    expect(quota({})).toBe(Number.POSITIVE_INFINITY);
    expect(quota({ "/proc/self/cgroup": "0::/", "/sys/fs/cgroup/cpu.max": "max 100000" })).toBe(
      Number.POSITIVE_INFINITY,
    );
    const unlimited = {
      "/proc/self/cgroup": "1:cpu:/",
      "/sys/fs/cgroup/cpu/cpu.cfs_quota_us": "-1",
      "/sys/fs/cgroup/cpu/cpu.cfs_period_us": "100000",
    };
    expect(quota(unlimited)).toBe(Number.POSITIVE_INFINITY);
    expect(quota({ "/proc/self/cgroup": "nonsense" })).toBe(Number.POSITIVE_INFINITY);
  });
});

describe("threads on a busy machine", () => {
  /** A machine on which each of our threads stands in line for `waiting(active)` processors' worth, all together. */
  function machine(threads: number, waiting: (active: number) => number) {
    let [now, delay] = [0, 0];
    const contention = new Contention(
      threads,
      (thread) => (thread === 0 ? delay : 0),
      () => now,
    );
    const run = (milliseconds: number) => {
      const seen: number[] = [];
      for (const end = now + milliseconds; now < end; ) {
        now += 10;
        delay += waiting(contention.active) * 10 * 1e6;
        contention.look();
        seen.push(contention.active);
      }
      return seen;
    };
    return { contention, run };
  }

  it("all stay on an idle one", () => {
    const { run } = machine(8, () => 0.1);
    expect(new Set(run(10_000))).toEqual(new Set([8]));
  });

  it("are soon as many as there are processors", () => {
    const { contention, run } = machine(8, (active) => Math.max(0, active - 2));
    run(210);
    expect(contention.active).toBe(2);
    const seen = run(60_000);
    // One more is tried, ever more seldom.
    expect(seen.filter((active) => active > 2).length / seen.length).toBeLessThan(0.05);
  });

  it("come back when the machine is free again", () => {
    let busy = true;
    const { contention, run } = machine(4, (active) => (busy ? active - 1 : 0));
    run(20_000);
    expect(contention.active).toBe(1);
    busy = false;
    run(6_000);
    expect(contention.active).toBe(4);
  });

  it("stay through a short crowd, and while the engine collects and compiles", () => {
    let waiting = 0.2;
    const { contention, run } = machine(2, () => waiting);
    for (let crowd = 0; crowd < 10; crowd++) {
      waiting = 0.2;
      run(300);
      waiting = 1;
      run(100);
      expect(contention.active).toBe(2);
    }
  });

  it("go soon beside one busy program", () => {
    const { contention, run } = machine(2, (active) => (active === 2 ? 0.7 : 0.3));
    run(210);
    expect(contention.active).toBe(1);
  });

  it("never fewer than one", () => {
    const { contention, run } = machine(2, () => 3);
    run(5_000);
    expect(contention.active).toBeGreaterThanOrEqual(1);
  });
});
