/** Harm that programs do to others beside them, and the marks of those. */
import { expect } from "vitest";
import { endGroup, findIsolation, type Isolation, markAnswer, works } from "../../../src/grading/wall";
import { startPerl } from "./native";

const strongest = findIsolation();
export const isRoot = process.getuid?.() === 0;
const plain: Isolation = { name: "process", program: null, user: "own", notes: [], missing: {} };

export const ways: [string, Isolation][] = [
  ...(strongest.name === "bubblewrap" ? ([["bubblewrap", strongest]] as [string, Isolation][]) : []),
  // Who is not root cannot start it as anybody else: then it is for one's own code.
  ...(isRoot && works(plain) === null ? ([["process", plain]] as [string, Isolation][]) : []),
];

/** It takes some time, in which others do what they can. */
const patient = `const answer = (x) => { const end = Date.now() + 150; while (Date.now() < end); return x.sub(x.mean()); };`;
const marks = (isolation: Isolation) =>
  Promise.all(
    [1, 2, 3].map((seed) =>
      markAnswer(
        { lecture: "start", id: "centre", code: patient, name: "answer", own: {}, seed },
        { isolation },
      ),
    ),
  );

const forEver = (what: string) => `while (1) { ${what} }`;

/** It goes on until it is ended. (A signal to everybody, -1, spares who sends it.) */
export const HARM = {
  "killing everybody": forEver("kill 9, -1;"),
  "asking everybody to end": forEver("kill 15, -1; kill 1, -1; kill 10, -1;"),
  "killing every number": forEver("kill 9, grep { $_ != $$ } 2 .. 32768;"),
  "stopping everybody": forEver("kill 19, -1;"),
  "a fork bomb": forEver("fork;"),
  "the lowest priority for others": forEver("for my $id (2 .. 32768) { eval { setpriority 0, $id, 19 } }"),
} as const;

/** Right answers get all points meanwhile. */
export async function expectUnharmed(isolation: Isolation, program: string): Promise<void> {
  const harm = startPerl(isolation, program);
  try {
    for (const mark of await marks(isolation))
      expect(mark).toMatchObject({ status: "passed", earned: mark.points, reason: null });
    expect(harm.exitCode ?? harm.signalCode).toBeNull(); // it was there all the time
  } finally {
    endGroup(harm);
  }
}
