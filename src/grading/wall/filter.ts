/**
 * System calls that no answer needs, refused by Linux: a filter (seccomp) as the machine reads it, in classic BPF. What is
 * refused looks into other processes, changes what is mounted or in which namespaces one is, loads code into Linux itself, or is a
 * large part of it that programs like ours never enter. The list follows that of Docker.
 */

/** By name, the numbers on x86-64 and on aarch64; null where the machine has no such call. */
export const REFUSED: Readonly<Record<string, readonly [number | null, number | null]>> = {
  // Other processes.
  ptrace: [101, 117],
  process_vm_readv: [310, 270],
  process_vm_writev: [311, 271],
  kcmp: [312, 272],
  pidfd_getfd: [438, 438],
  perf_event_open: [298, 241],
  lookup_dcookie: [212, 18],
  // Keys.
  add_key: [248, 217],
  request_key: [249, 218],
  keyctl: [250, 219],
  // Code in Linux itself, and calls by other ways than calls.
  bpf: [321, 280],
  init_module: [175, 105],
  finit_module: [313, 273],
  delete_module: [176, 106],
  kexec_load: [246, 104],
  kexec_file_load: [320, 294],
  io_uring_setup: [425, 425],
  io_uring_enter: [426, 426],
  io_uring_register: [427, 427],
  userfaultfd: [323, 282],
  memfd_secret: [447, 447],
  // What is mounted, and namespaces.
  mount: [165, 40],
  umount2: [166, 39],
  pivot_root: [155, 41],
  chroot: [161, 51],
  open_tree: [428, 428],
  move_mount: [429, 429],
  fsopen: [430, 430],
  fsconfig: [431, 431],
  fsmount: [432, 432],
  fspick: [433, 433],
  mount_setattr: [442, 442],
  open_tree_attr: [467, 467],
  unshare: [272, 97],
  setns: [308, 268],
  name_to_handle_at: [303, 264],
  open_by_handle_at: [304, 265],
  fanotify_init: [300, 262],
  quotactl: [179, 60],
  quotactl_fd: [443, 443],
  swapon: [167, 224],
  swapoff: [168, 225],
  // The machine as a whole.
  acct: [163, 89],
  reboot: [169, 142],
  syslog: [103, 116],
  vhangup: [153, 58],
  sethostname: [170, 161],
  setdomainname: [171, 162],
  settimeofday: [164, 170],
  clock_settime: [227, 112],
  adjtimex: [159, 171],
  clock_adjtime: [305, 266],
  personality: [135, 92],
  iopl: [172, null],
  ioperm: [173, null],
  modify_ldt: [154, null],
};

/** How Linux names a machine, and its numbers of calls whose arguments are looked at. */
const MACHINES = {
  x64: { column: 0, audit: 0xc000003e, clone: 56, socket: 41 },
  arm64: { column: 1, audit: 0xc00000b7, clone: 220, socket: 198 },
} as const;

export const isFiltered = (arch: string): arch is keyof typeof MACHINES => Object.hasOwn(MACHINES, arch);

const CLONE3 = 435;
/** Flags of `clone` that make a namespace. */
const NEW_NAMESPACES = 0x7e020000;
/** Kinds of sockets: within a machine, internet, and what asks for the network's own settings. (Others leave namespaces.) */
const SOCKETS = [1, 2, 10, 16];
/** On x86-64, numbers from here on are a second door to the same calls. */
const X32 = 0x40000000;

/** Of the record that a filter is given: the call's number, the machine, the lower half of the first argument. */
const [NUMBER, ARCH, FIRST] = [0, 4, 16];
const [ALLOW, KILL, ERROR] = [0x7fff0000, 0x80000000, 0x00050000];
const [EPERM, ENOSYS, EAFNOSUPPORT] = [1, 38, 97];
const [LOAD, EQUAL, AT_LEAST, ANY_BIT, RETURN] = [0x20, 0x15, 0x35, 0x45, 0x06];

/** The program: 8 bytes an instruction. Calls of another machine (32 bits on 64) end the process. */
export function filterFor(arch: keyof typeof MACHINES): Uint8Array {
  const { column, audit, clone, socket } = MACHINES[arch];
  const lines: { code: number; value: number; yes?: string; no?: string; label?: string }[] = [
    { code: LOAD, value: ARCH },
    { code: EQUAL, value: audit, no: "kill" },
    { code: LOAD, value: NUMBER },
    ...(arch === "x64" ? [{ code: AT_LEAST, value: X32, yes: "deny" }] : []),
    ...Object.values(REFUSED).flatMap((numbers) => {
      const value = numbers[column];
      return value === null ? [] : [{ code: EQUAL, value, yes: "deny" }];
    }),
    // Its flags lie in memory, where no filter looks: who is told that there is none asks `clone`.
    { code: EQUAL, value: CLONE3, yes: "none" },
    { code: EQUAL, value: clone, yes: "clone" },
    { code: EQUAL, value: socket, yes: "socket" },
    { code: RETURN, value: ALLOW },
    { code: LOAD, value: FIRST, label: "clone" },
    { code: ANY_BIT, value: NEW_NAMESPACES, yes: "deny" },
    { code: RETURN, value: ALLOW },
    { code: LOAD, value: FIRST, label: "socket" },
    ...SOCKETS.map((value) => ({ code: EQUAL, value, yes: "allow" })),
    { code: RETURN, value: ERROR | EAFNOSUPPORT },
    { code: RETURN, value: ALLOW, label: "allow" },
    { code: RETURN, value: ERROR | EPERM, label: "deny" },
    { code: RETURN, value: ERROR | ENOSYS, label: "none" },
    { code: RETURN, value: KILL, label: "kill" },
  ];
  const program = new DataView(new ArrayBuffer(lines.length * 8));
  lines.forEach(({ code, value, yes, no }, i) => {
    const to = (label?: string) =>
      label === undefined ? 0 : lines.findIndex((one) => one.label === label) - i - 1;
    program.setUint16(8 * i, code, true);
    program.setUint8(8 * i + 2, to(yes));
    program.setUint8(8 * i + 3, to(no));
    program.setUint32(8 * i + 4, value, true);
  });
  return new Uint8Array(program.buffer);
}
