/** Which way of walling off works on this machine. */
import { nodeModule } from "../../tensor";
import { isFiltered } from "./filter";
import { commandFor, IMAGE, type Isolation, type IsolationName, NOBODY } from "./isolation";
import type { Limits } from "./limits";
import { startOptions } from "./start";

const paths = nodeModule("node:path");
const fs = nodeModule("node:fs");
const { spawnSync } = nodeModule("node:child_process");

/** How each way is had where it is not there. */
export const HOW_TO_GET: Readonly<Record<"bubblewrap" | "container", string>> = {
  bubblewrap: "on Linux: apt install bubblewrap, or dnf install bubblewrap",
  container: `install Docker or Podman, start it, and fetch its image: docker pull ${IMAGE}`,
};

const find = (program: string): string | null => {
  for (const folder of (process.env.PATH ?? "").split(paths.delimiter)) {
    const path = paths.join(folder, program);
    if (folder && fs.existsSync(path)) return path;
  }
  return null;
};

let found: Isolation | undefined;

/** The strongest way that works here, tried out: it has started Node in it and read the library. Looked for once. */
export function findIsolation(): Isolation {
  found ??= search();
  return found;
}

function search(): Isolation {
  const missing: Partial<Record<IsolationName, string>> = {};
  const isRoot = process.getuid?.() === 0;
  for (const one of [bubblewrap, container]) {
    const tried = one(isRoot);
    if (typeof tried !== "string") return { ...tried, missing };
    missing[one === bubblewrap ? "bubblewrap" : "container"] = tried;
  }
  return { ...plainProcess(isRoot), missing };
}

type Tried = Omit<Isolation, "missing">;

function bubblewrap(isRoot: boolean): Tried | string {
  const program = find("bwrap");
  if (process.platform !== "linux") return `there is none for ${process.platform}`;
  if (!program) return "bwrap is not installed";
  const base = { name: "bubblewrap", program, missing: {} } as const;
  const ways: Isolation[] = [];
  const users = isRoot ? (["own", NOBODY, null] as const) : [null];
  const filters = isFiltered(process.arch) ? [true, false] : [false];
  const kinds = [["--unshare-user", "--disable-userns"], []]; // since 0.8 it can forbid further namespaces inside
  const counts = [true, false]; // since Linux 5.14 processes inside are counted apart
  for (const user of users)
    for (const isFilteredHere of filters)
      for (const flags of kinds)
        for (const isCounted of counts) {
          const notes = [
            ...(isRoot && user === null ? [AS_ROOT] : []),
            ...(isFilteredHere ? [] : [NO_FILTER]),
            ...(isCounted ? [] : [NOT_COUNTED]),
          ];
          ways.push({ ...base, flags, user, isFiltered: isFilteredHere, isCounted, notes });
        }
  const [best, ...others] = ways;
  const why = works(best);
  if (why === null) return best;
  const least = others.at(-1) as Isolation;
  if (works(least) !== null) return why;
  return others.find((one) => works(one) === null) ?? least;
}

const NO_FILTER = "no system-call filter (seccomp)";
const NOT_COUNTED = "processes are not counted";
const AS_ROOT = "started by root, because others cannot read the library; inside it is an unprivileged user";

function container(): Tried | string {
  const reasons: string[] = [];
  for (const engine of ["docker", "podman"]) {
    const program = find(engine);
    if (!program) {
      reasons.push(`${engine} is not installed`);
      continue;
    }
    const asked = spawnSync(program, ["image", "inspect", IMAGE], { encoding: "utf8", timeout: 10_000 });
    if (asked.status !== 0) {
      const [why = "it does not answer"] = `${asked.stderr ?? ""}`.trim().split("\n");
      reasons.push(`${engine}: ${why.slice(0, 200) || "it does not answer"}`);
      continue;
    }
    const tried: Isolation = { name: "container", program, user: null, notes: [], missing: {}, image: IMAGE };
    const why = works(tried);
    if (why === null) return tried;
    reasons.push(`${engine}: ${why}`);
  }
  return reasons.join("; ");
}

/** Node's permission model closes the network since version 25. */
export const CLOSES_NETWORK = process.allowedNodeEnvironmentFlags.has("--allow-net");

function plainProcess(isRoot: boolean): Tried {
  const notes = [`${CLOSES_NETWORK ? "" : "the network can be reached, and "}other processes can be seen`];
  if (process.platform !== "linux") notes.push("of its memory, the engine's own heap alone is bounded");
  const base = { name: "process", program: null, missing: {} } as const;
  if (!isRoot) return { ...base, user: null, notes };
  for (const user of ["own", NOBODY] as const) {
    const tried: Isolation = { ...base, user, notes };
    if (works(tried) === null) return tried;
  }
  const asRoot = "it runs as root, because others cannot read the library";
  return { ...base, user: null, notes: [...notes, asRoot] };
}

/** Seconds until a process has started, on a machine that is very busy. */
const PATIENCE = 120;

/** Null if a process starts in it and ends well when its input ends; else what it said. */
export function works(isolation: Isolation): string | null {
  const command = commandFor(isolation, PROBE);
  const { file, args, channel } = command;
  const { options, close } = startOptions(command, ["pipe", "pipe", "pipe"]);
  const tried = spawnSync(
    file,
    [...args.slice(0, -2), ...(channel === "pipe" ? ["0", "1"] : args.slice(-2))],
    { ...options, ...{ input: "", encoding: "utf8", timeout: PATIENCE * 1000, killSignal: "SIGKILL" } },
  );
  close();
  if (tried.status === 0) return null;
  const said = `${tried.stderr ?? ""}`.trim().split("\n").at(-1) || tried.error?.message;
  return (said || `ended with ${tried.status ?? tried.signal}`).slice(0, 200);
}

const PROBE: Limits = { seconds: 10, mebibytes: 768, output: 2 ** 20, processes: 64, file: 16 };
