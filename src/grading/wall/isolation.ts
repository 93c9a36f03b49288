/**
 * How a student's code is kept from the rest of the machine, by what the machine has. Every way is a process of its own with
 * Node's permission model (no files but the library, no children, no threads) and limits; bubblewrap and a container engine add a
 * machine of its own: no network, nothing to see but the library, a user without rights.
 */
import { nodeModule } from "../../tensor";
import { filterFor, isFiltered } from "./filter";
import type { Limits } from "./limits";

/** A program to start. */
export interface Command {
  readonly file: string;
  readonly args: readonly string[];
  readonly env: Readonly<Record<string, string>>;
  readonly folder: string;
  /** Whom to start it as; null for who we are. */
  readonly user: number | null;
  /** It expects its filter of system calls on descriptor 4; null if it expects none. */
  readonly filter: Uint8Array | null;
  /** Frames go over descriptor 3, or over standard input and output. */
  readonly channel: "pipe" | "stdio";
  /** Whether it ends, with its group, as soon as nobody holds the other end of descriptor 4. */
  readonly hasLifeline?: boolean;
}

export type IsolationName = "bubblewrap" | "container" | "process";

export interface Isolation {
  readonly name: IsolationName;
  /** bubblewrap's file, or the engine's. */
  readonly program: string | null;
  /** Whom the process runs as: a user that no other process has, a certain one, or whoever we are. */
  readonly user: "own" | number | null;
  /** Arguments of bubblewrap that not every version has. */
  readonly flags?: readonly string[];
  /** Whether Linux filters system calls inside. */
  readonly isFiltered?: boolean;
  /** Whether the system counts processes inside apart from all others of the user. */
  readonly isCounted?: boolean;
  /** What is different here from the best that this way can be. */
  readonly notes: readonly string[];
  /** Why a stronger way is not used, by its name. */
  readonly missing: Readonly<Partial<Record<IsolationName, string>>>;
  /** The image that a container is made of. */
  readonly image?: string;
  /** Folders that the code may read besides: none, but in tests of the wall itself. */
  readonly readable?: readonly string[];
}

const paths = nodeModule("node:path");
const fs = nodeModule("node:fs");
const os = nodeModule("node:os");

/** "nobody", wherever there is one. */
export const NOBODY = 65534;

/**
 * Users that nobody is: numbers that systems leave alone. Each judge has its own, and has one process walled off at a time: what
 * the system allows a user to do to others of the same number (signals, shares of a limit) meets nobody.
 */
const FIRST_USER = 1_900_000_000;

const userOf = ({ user }: Isolation): number | null => (user === "own" ? FIRST_USER + process.pid : user);

/** The folder that holds `dist` and `node_modules`. */
export const projectFolder = (): string => paths.resolve(__dirname, "..", "..", "..");

/** Where the built files of the wall lie: processes start from them. */
export const builtWall = (): string => paths.join(projectFolder(), "dist", "grading", "wall");

/** Of the library, everything but the lectures: their solutions, their models, their exercises. */
function libraryPaths(): string[] {
  const dist = paths.join(projectFolder(), "dist");
  return fs
    .readdirSync(dist)
    .filter((name) => name !== "lectures" && name !== "exercises.json" && !name.startsWith("."))
    .map((name) => paths.join(dist, name));
}

/** Where the packages lie that the library needs. */
const packagesFolder = (): string => paths.join(projectFolder(), "node_modules");

/** Each package by itself: the permission model follows links, and one of them leads back to the project. */
const packagePaths = (): string[] =>
  fs
    .readdirSync(packagesFolder(), { withFileTypes: true })
    .filter((entry) => entry.isDirectory() && !entry.name.startsWith("."))
    .map(({ name }) => paths.join(packagesFolder(), name));

const libraryFiles = ({ readable = [] }: Isolation): string[] => [
  ...libraryPaths(),
  paths.join(projectFolder(), "package.json"),
  ...readable,
];

/** What the process is told of the machine. */
const environment = (home: string): Record<string, string> => ({
  ...{ HOME: home, PATH: "/usr/bin:/bin", LANG: "C.UTF-8", UV_THREADPOOL_SIZE: "1" },
  ...{
    GRADSCHOOL_DEVICE: "wasm,reference",
    GRADSCHOOL_THREADS: "1",
    GRADSCHOOL_PROGRESS: "0",
    GRADSCHOOL_MEMORY: "512",
  },
});

/** The arguments of Node: what its permission model lets the code read, and how large its heap may be. */
function nodeArguments(isolation: Isolation, { mebibytes }: Limits, channel: Command["channel"]): string[] {
  const flag = process.allowedNodeEnvironmentFlags.has("--permission")
    ? "--permission"
    : "--experimental-permission";
  const isFolder = (path: string) => fs.statSync(path).isDirectory();
  const agent = paths.join(builtWall(), "agent.js");
  return [
    `--max-old-space-size=${Math.ceil(mebibytes / 2)}`,
    "--v8-pool-size=1",
    "--no-warnings",
    flag,
    ...[...libraryFiles(isolation), ...packagePaths()].map(
      (path) => `--allow-fs-read=${isFolder(path) ? paths.join(path, "*") : path}`,
    ),
    agent,
    ...(channel === "pipe" ? ["3", "3"] : ["0", "1"]),
  ];
}

/** A shell that sets limits before it becomes the program; those that it does not know are passed over. */
const shell = (limits: readonly string[]): string[] => [
  "-c",
  `${limits.map((one) => `{ ${one}; } 2>/dev/null; `).join("")}exec "$@"`,
  "sh",
];

/**
 * Beside the program a shell waits for the end of descriptor 4, which comes when the grader is gone, and ends the group then: a
 * program that sleeps would not see it. (Where the descriptor is not open, this shell ends at once.)
 */
const LIFELINE =
  '(exec <&4 3<&- 4<&- >/dev/null 2>&1; read -r none; kill -KILL "-$$") 2>/dev/null & exec "$@" 4<&-';

/** (Shells have two names for it.) */
const most = (processes: number): string => `ulimit -u ${processes} || ulimit -p ${processes}`;

function limited({ name, user }: Isolation, { seconds, processes, file, mebibytes }: Limits): string[] {
  return shell([
    "ulimit -c 0",
    `ulimit -t ${Math.ceil(3 * seconds + 20)}`,
    `ulimit -f ${file * 2048}`,
    `ulimit -d ${(mebibytes + 2048) * 1024}`,
    "ulimit -n 256",
    // The system counts all processes of a user: no limit for one of them, unless that is all there is.
    ...(name === "process" && user === "own" ? [most(processes)] : []),
  ]);
}

/**
 * The command that starts a program of ours, in which a student's code runs, in a bubblewrap: it sees the system, the paths
 * that are named, and nothing else. It talks over descriptor 3.
 */
export function wrapped(
  isolation: Isolation,
  limits: Limits,
  program: {
    readonly command: readonly string[];
    readonly readable: readonly string[];
    readonly env: Readonly<Record<string, string>>;
  },
): Command {
  const { command, readable, env } = program;
  const args = bubblewrapArguments(isolation, limits, readable, { ...environment("/tmp"), ...env });
  // Inside, processes of its own namespace count alone.
  const counted = isolation.isCounted ? ["/bin/sh", ...shell([most(limits.processes)])] : [];
  return {
    ...{ file: "/bin/sh", folder: "/", user: userOf(isolation), channel: "pipe", env: {} },
    filter: isolation.isFiltered && isFiltered(process.arch) ? filterFor(process.arch) : null,
    args: [...limited(isolation, limits), isolation.program as string, ...args, ...counted, ...command],
  };
}

/** The command that starts a walled-off process. */
export function commandFor(isolation: Isolation, limits: Limits): Command {
  const { name, program } = isolation;
  const channel = name === "container" ? "stdio" : "pipe";
  const node = [process.execPath, ...nodeArguments(isolation, limits, channel)];
  const shared = { file: "/bin/sh", folder: "/", user: userOf(isolation), filter: null, channel } as const;
  if (name === "bubblewrap")
    return wrapped(isolation, limits, {
      command: node,
      readable: [...libraryFiles(isolation), packagesFolder()],
      env: {},
    });
  if (name === "container")
    return {
      ...shared,
      user: null,
      args: [
        ...limited(isolation, limits),
        program as string,
        ...containerArguments(isolation, limits),
        ...node.slice(1),
      ],
      env: engineEnvironment(),
    };
  if (process.platform === "win32")
    return {
      ...shared,
      file: node[0],
      args: node.slice(1),
      folder: os.tmpdir(),
      env: environment(os.tmpdir()),
    };
  const args = [...limited(isolation, limits), "/bin/sh", "-c", LIFELINE, "sh", ...node];
  return { ...shared, args, env: environment("/nonexistent"), hasLifeline: true };
}

/** Folders of the system that Node needs to start, where they are. */
const SYSTEM = [
  "/usr",
  "/lib",
  "/lib64",
  "/lib32",
  "/bin",
  "/sbin",
  "/etc/ld.so.cache",
  "/etc/alternatives",
  "/nix/store",
];

function bubblewrapArguments(
  { flags = [], isFiltered }: Isolation,
  { file }: Limits,
  visible: readonly string[],
  env: Readonly<Record<string, string>>,
): string[] {
  const system = SYSTEM.filter((path) => fs.existsSync(path)).flatMap((path) =>
    fs.lstatSync(path).isSymbolicLink()
      ? ["--symlink", fs.readlinkSync(path), path]
      : ["--ro-bind", path, path],
  );
  const node = paths.dirname(process.execPath);
  const readable = [...(node.startsWith("/usr/") ? [] : [node]), ...visible];
  const settings = Object.entries(env).flatMap(([key, value]) => ["--setenv", key, value]);
  return [
    ...["--unshare-all", ...flags, "--die-with-parent", "--new-session", "--cap-drop", "ALL", "--clearenv"],
    ...(isFiltered ? ["--seccomp", "4"] : []),
    ...["--uid", `${NOBODY}`, "--gid", `${NOBODY}`, "--hostname", "wall"],
    ...system,
    ...["--proc", "/proc", "--dev", "/dev", "--size", `${file * 2 ** 20}`, "--tmpfs", "/tmp"],
    ...readable.flatMap((path) => ["--ro-bind", path, path]),
    // Both are made of memory: nothing is to be kept there.
    ...["--remount-ro", "/dev", "--remount-ro", "/"],
    ...settings,
    ...["--chdir", "/tmp", "--"],
  ];
}

/** An engine is spoken to through its own socket, so that it needs the user's environment. */
const engineEnvironment = (): Record<string, string> =>
  Object.fromEntries(
    Object.entries(process.env).filter((entry): entry is [string, string] => entry[1] !== undefined),
  );

function containerArguments(isolation: Isolation, { mebibytes, processes, file }: Limits): string[] {
  const settings = Object.entries(environment("/tmp")).flatMap(([key, value]) => [
    "--env",
    `${key}=${value}`,
  ]);
  return [
    ...["run", "--rm", "--interactive", "--network", "none", "--read-only", "--cap-drop", "ALL"],
    ...["--security-opt", "no-new-privileges", "--user", `${NOBODY}:${NOBODY}`, "--cpus", "1"],
    ...["--memory", `${mebibytes}m`, "--memory-swap", `${mebibytes}m`, "--pids-limit", `${processes}`],
    ...["--tmpfs", `/tmp:size=${file}m`, "--workdir", "/tmp"],
    ...[...libraryFiles(isolation), packagesFolder()].flatMap((path) => ["--volume", `${path}:${path}:ro`]),
    ...settings,
    ...["--entrypoint", "node", isolation.image ?? IMAGE],
  ];
}

/** The image is asked for by the Node that runs here. */
export const IMAGE = `node:${process.versions.node}-slim`;
