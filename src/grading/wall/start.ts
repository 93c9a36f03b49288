import type { StdioOptions } from "node:child_process";
import { nodeModule } from "../../tensor";
import type { Command } from "./isolation";

const fs = nodeModule("node:fs");
const os = nodeModule("node:os");
const paths = nodeModule("node:path");

/**
 * What `spawn` is told besides a command's file and arguments; `close()` once it has been called.
 * @param streams descriptors of the process from 0 on; where it has a filter, that is 4
 */
export function startOptions(
  { user, env, folder, filter }: Command,
  streams: readonly ("ignore" | "pipe")[],
) {
  const fd = filter && openBytes(filter);
  const stdio = fd === null ? [...streams] : [...streams.slice(0, 3), streams[3] ?? "ignore", fd];
  return {
    options: {
      stdio: stdio as StdioOptions,
      ...{ env: { ...env }, cwd: folder },
      ...(user === null ? {} : { uid: user, gid: user }),
    },
    close: (): void => {
      if (fd !== null) fs.closeSync(fd);
    },
  };
}

/** A descriptor to read them from, once. Its file has no name any more. */
function openBytes(bytes: Uint8Array): number {
  const folder = fs.mkdtempSync(paths.join(os.tmpdir(), "gradschool-filter-"));
  try {
    const file = paths.join(folder, "filter");
    fs.writeFileSync(file, bytes);
    return fs.openSync(file, "r");
  } finally {
    fs.rmSync(folder, { recursive: true });
  }
}
