/**
 * How a student's code is kept from the rest of the machine, by what the machine has. Every way is a process of its own with
 * Node's permission model (no files but the library, no children, no threads) and limits; bubblewrap and a container engine add a
 * machine of its own: no network, nothing to see but the library, a user without rights.
 */
import { nodeModule } from "../../tensor";
import type { Limits } from "./limits";

/** A program to start. */
export interface Command {
  readonly file: string;
  readonly args: readonly string[];
  readonly env: Readonly<Record<string, string>>;
  readonly folder: string;
  /** Whom to start it as; null for who we are. */
  readonly user: number | null;
  /** Frames go over descriptor 3, or over standard input and output. */
  readonly channel: "pipe" | "stdio";
}

export type IsolationName = "bubblewrap" | "container" | "process";

export interface Isolation {
  readonly name: IsolationName;
  /** bubblewrap's file, or the engine's. */
  readonly program: string | null;
  /** Whom the process runs as, where it may be another; null where it may not. */
  readonly user: number | null;
  /** Arguments of bubblewrap that not every version has. */
  readonly flags?: readonly string[];
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
const { spawnSync } = nodeModule("node:child_process");

/** "nobody", wherever there is one. */
const NOBODY = 65534;

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

/** Limits that a shell sets before it becomes the program; those that it does not know are passed over. */
function limited({ seconds, processes, file, mebibytes }: Limits): string[] {
  // The system counts all processes of a user, and answers are marked side by side.
  const together = processes * Math.max(4, os.cpus().length);
  const set = [
    "ulimit -c 0",
    `ulimit -t ${Math.ceil(3 * seconds + 20)}`,
    `ulimit -f ${file * 2048}`,
    `ulimit -d ${(mebibytes + 2048) * 1024}`,
    `{ ulimit -u ${together} || ulimit -p ${together}; }`,
    "ulimit -n 256",
  ];
  return ["-c", `${set.map((one) => `${one} 2>/dev/null`).join("; ")}; exec "$@"`, "sh"];
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
  return {
    ...{ file: "/bin/sh", folder: "/", user: isolation.user, channel: "pipe", env: {} },
    args: [...limited(limits), isolation.program as string, ...args, ...command],
  };
}

/** The command that starts a walled-off process. */
export function commandFor(isolation: Isolation, limits: Limits): Command {
  const { name, program, user } = isolation;
  const channel = name === "container" ? "stdio" : "pipe";
  const node = [process.execPath, ...nodeArguments(isolation, limits, channel)];
  const shared = { file: "/bin/sh", folder: "/", user, channel } as const;
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
        ...limited(limits),
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
  return { ...shared, args: [...limited(limits), ...node], env: environment("/nonexistent") };
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
  { flags = [] }: Isolation,
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
    ...["--uid", `${NOBODY}`, "--gid", `${NOBODY}`, "--hostname", "wall"],
    ...system,
    ...["--proc", "/proc", "--dev", "/dev", "--size", `${file * 2 ** 20}`, "--tmpfs", "/tmp"],
    ...readable.flatMap((path) => ["--ro-bind", path, path]),
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

const NO_FILTER = "no system-call filter (seccomp): bubblewrap brings none";

function bubblewrap(isRoot: boolean): Tried | string {
  const program = find("bwrap");
  if (process.platform !== "linux") return `there is none for ${process.platform}`;
  if (!program) return "bwrap is not installed";
  const notes = [NO_FILTER];
  const base = { name: "bubblewrap", program, missing: {} } as const;
  let why = "";
  // Since 0.8 it can forbid further namespaces inside.
  for (const flags of [["--unshare-user", "--disable-userns"], []])
    for (const user of isRoot ? [NOBODY, null] : [null]) {
      const asRoot = isRoot && user === null;
      const tried: Isolation = { ...base, flags, user, notes: asRoot ? [...notes, AS_ROOT] : notes };
      const refused = works(tried);
      if (refused === null) return tried;
      why ||= refused;
    }
  return why;
}

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

function plainProcess(isRoot: boolean): Tried {
  const notes = ["the network can be reached, and other processes of the user seen"];
  if (process.platform !== "linux") notes.push("of its memory, the engine's own heap alone is bounded");
  const base = { name: "process", program: null, missing: {} } as const;
  if (!isRoot) return { ...base, user: null, notes };
  const asNobody: Isolation = { ...base, user: NOBODY, notes };
  if (works(asNobody) === null) return asNobody;
  return {
    ...base,
    user: null,
    notes: [...notes, "it runs as root, because others cannot read the library"],
  };
}

/** Null if a process starts in it and ends well when its input ends; else what it said. */
export function works(isolation: Isolation): string | null {
  const { file, args, env, folder, user, channel } = commandFor(isolation, PROBE);
  const [given, options] = [
    { input: "", encoding: "utf8", timeout: 20_000 } as const,
    { env: { ...env }, cwd: folder },
  ];
  const tried = spawnSync(
    file,
    [...args.slice(0, -2), ...(channel === "pipe" ? ["0", "1"] : args.slice(-2))],
    {
      ...given,
      ...options,
      ...(user === null ? {} : { uid: user, gid: user }),
    },
  );
  if (tried.status === 0) return null;
  const said = `${tried.stderr ?? ""}`.trim().split("\n").at(-1) || tried.error?.message;
  return (said || `ended with ${tried.status ?? tried.signal}`).slice(0, 200);
}

const PROBE: Limits = { seconds: 10, mebibytes: 768, output: 2 ** 20, processes: 64, file: 16 };
