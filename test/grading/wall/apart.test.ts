/**
 * What the kernel keeps apart, where no permission model of Node's holds a program back: processes side by side, and system calls.
 */
import { afterAll, describe, expect, it } from "vitest";
import { closeJudges, findIsolation, type Isolation } from "../../../src/grading/wall";
import { filterFor, isFiltered, REFUSED } from "../../../src/grading/wall/filter";
import { expectUnharmed, HARM, isRoot, ways } from "./harm";
import { noPerl, runPerl } from "./native";

afterAll(closeJudges);

const strongest = findIsolation();
describe.skipIf(noPerl !== null)(`side by side${noPerl ? ` (${noPerl})` : ""}`, () => {
  // One of several: `apart.grading.ts` has them all.
  it.each(ways)("%s: killing everybody costs nobody else a mark", (_, isolation) =>
    expectUnharmed(isolation, HARM["killing everybody"]),
  );

  it.runIf(strongest.name === "bubblewrap")(
    "each has its own processes, files and limit of processes",
    async () => {
      const look = (name: string) => `
      open(my $file, ">", "/tmp/${name}"); close $file;
      my @children; while (@children < 200) { my $child = fork; last unless defined $child; if ($child == 0) { sleep 3; exit } push @children, $child; }
      select undef, undef, undef, 1.5;
      opendir(my $tmp, "/tmp"); my @files = grep { !/^\\./ } readdir $tmp;
      opendir(my $proc, "/proc"); my %users = map { (stat "/proc/$_")[4] => 1 } grep { /^\\d+$/ } readdir $proc;
      my @written = grep { open(my $out, ">", "$_/gradschool-was-here") } "/", "/dev", "/dev/shm", "/usr", "/etc", "/proc";
      print scalar(@children), " children; files @files; users ", join(",", sort keys %users), "; written @written\\n";`;
      const said = await Promise.all(["first", "second"].map((name) => runPerl(strongest, look(name))));
      for (const [i, name] of ["first", "second"].entries()) {
        const [, children, rest] = /(\d+) children; (.*)/.exec(said[i]) ?? [];
        expect(rest, said[i]).toBe(`files ${name}; users 65534; written `);
        if (strongest.isCounted && isRoot) expect(Number(children)).toBeGreaterThan(55);
        if (strongest.isCounted) expect(Number(children)).toBeLessThan(64);
      }
    },
  );
});

const noFilter =
  noPerl ?? (strongest.isFiltered && isFiltered(process.arch) ? null : "no filter of system calls here");

describe.skipIf(noFilter !== null)(`system calls${noFilter ? ` (${noFilter})` : ""}`, () => {
  const column = process.arch === "x64" ? 0 : 1;
  const calls: [string, number][] = Object.entries(REFUSED).flatMap(([name, numbers]) =>
    numbers[column] === null ? [] : [[name, numbers[column]] as [string, number]],
  );
  const [clone, socket] = process.arch === "x64" ? [56, 41] : [220, 198];
  const program = `
    my %calls = (${calls.map(([name, number]) => `${name} => ${number}`).join(", ")});
    for my $name (sort keys %calls) { $! = 0; my $got = syscall($calls{$name}, 0, 0, 0, 0, 0, 0); print "$name ", $got < 0 ? $! + 0 : "ok", "\\n"; }
    for my $flag (0x20000, 0x10000000, 0x20000000, 0x40000000) { my $got = syscall(${clone}, $flag | 17, 0, 0, 0, 0); exit if $got == 0; print "clone$flag ", $got < 0 ? $! + 0 : "ok", "\\n"; }
    my $got = syscall(435, 0, 0); print "clone3 ", $! + 0, "\\n";
    for my $kind (1, 2, 10, 16, 17, 38, 40) { $! = 0; my $got = syscall(${socket}, $kind, 1, 0); print "socket$kind ", $got < 0 ? $! + 0 : "ok", "\\n"; }`;
  const answers = async (isolation: Isolation) =>
    Object.fromEntries(
      (await runPerl(isolation, program))
        .trim()
        .split("\n")
        .map((line) => line.split(" ")),
    );

  it("that no answer needs are refused", async () => {
    const got = await answers(strongest);
    for (const [name] of calls) expect([name, got[name]]).toEqual([name, "1"]);
    for (const flag of [0x20000, 0x10000000, 0x20000000, 0x40000000]) expect(got[`clone${flag}`]).toBe("1");
    expect(got.clone3).toBe("38");
    for (const kind of [17, 38, 40]) expect([kind, got[`socket${kind}`]]).toEqual([kind, "97"]);
    for (const kind of [1, 2, 10]) expect(got[`socket${kind}`]).toBe("ok");
    // It is the filter that refuses: without it some would be answered.
    const open = await answers({ ...strongest, isFiltered: false });
    const answered = calls.filter(([name]) => open[name] !== "1" && open[name] !== "38");
    expect(answered.map(([name]) => name)).toEqual(expect.arrayContaining(["ptrace", "personality"]));
  });
});

describe("the filter", () => {
  it.each(["x64", "arm64"] as const)("of %s is a program that ends, whatever it is asked", (arch) => {
    const bytes = filterFor(arch);
    const view = new DataView(bytes.buffer);
    const run = (record: { number: number; machine: number; first?: number }): number => {
      let value = 0;
      for (let at = 0; at < bytes.length / 8; at++) {
        const [code, k] = [view.getUint16(8 * at, true), view.getUint32(8 * at + 4, true)];
        const [yes, no] = [view.getUint8(8 * at + 2), view.getUint8(8 * at + 3)];
        if (code === 0x20) value = k === 0 ? record.number : k === 4 ? record.machine : (record.first ?? 0);
        else if (code === 0x06) return k;
        else if (code === 0x15) at += value === k ? yes : no;
        else if (code === 0x35) at += value >= k ? yes : no;
        else if (code === 0x45) at += (value & k) !== 0 ? yes : no;
        else throw new Error(`instruction ${code}`);
      }
      throw new Error("it does not end");
    };
    const [machine, column] = arch === "x64" ? [0xc000003e, 0] : [0xc00000b7, 1];
    const refused = new Set(Object.values(REFUSED).map((numbers) => numbers[column]));
    const [clone, socket] = arch === "x64" ? [56, 41] : [220, 198];
    for (let number = 0; number < 600; number++) {
      const [what] = [run({ number, machine, first: 1 })];
      expect([number, what]).toEqual([
        number,
        refused.has(number) ? 0x50001 : number === 435 ? 0x50026 : 0x7fff0000,
      ]);
    }
    expect(run({ number: clone, machine, first: 0x10000011 })).toBe(0x50001);
    expect(run({ number: clone, machine, first: 0x3d0f00 })).toBe(0x7fff0000); // a thread
    expect(run({ number: socket, machine, first: 40 })).toBe(0x50061);
    expect(run({ number: 0, machine: 0x40000003 })).toBe(0x80000000); // 32 bits
    if (arch === "x64") expect(run({ number: 0x40000000, machine })).toBe(0x50001);
  });
});
