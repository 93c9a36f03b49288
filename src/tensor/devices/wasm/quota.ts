/** Reads a small text file; null where there is none. */
export type ReadText = (path: string) => string | null;

/**
 * Processors' worth of time that a Linux container grants this process: the least that its control group, or one above it,
 * allows. The system reports all processors of the machine all the same. Infinity where nothing is set.
 *
 * Version 2 says "microseconds period" in cpu.max, version 1 the same in two files, -1 for no limit. Seen from inside,
 * a container's own group is often the root, whatever /proc/self/cgroup calls it.
 */
export function cpuQuota(read: ReadText): number {
  let least = Number.POSITIVE_INFINITY;
  const limit = (share: string | null, period: string | null) => {
    const processors = Number(share) / Number(period);
    if (share && period && processors > 0) least = Math.min(least, processors);
  };
  for (const line of (read("/proc/self/cgroup") ?? "0::/").trim().split("\n")) {
    const [, controllers, path = "/"] = line.match(/^\d+:([^:]*):(.*)$/) ?? [];
    const isVersion2 = controllers === "";
    if (!isVersion2 && !controllers?.split(",").includes("cpu")) continue;
    for (const group of upwards(path)) {
      if (isVersion2) {
        const [share, period] = (read(`/sys/fs/cgroup${group}/cpu.max`) ?? "max").trim().split(" ");
        limit(share, period ?? null);
      } else {
        for (const mount of new Set(["cpu", controllers ?? "", "cpu,cpuacct"])) {
          const folder = `/sys/fs/cgroup/${mount}${group}`;
          limit(read(`${folder}/cpu.cfs_quota_us`), read(`${folder}/cpu.cfs_period_us`));
        }
      }
    }
  }
  return least;
}

/** "/a/b" → "/a/b", "/a", "". */
function upwards(path: string): string[] {
  const parts = path.split("/").filter(Boolean);
  return Array.from({ length: parts.length + 1 }, (_, i) =>
    parts
      .slice(0, parts.length - i)
      .map((part) => `/${part}`)
      .join(""),
  );
}
