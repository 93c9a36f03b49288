/** Two sides of a wall in one thread: what one sends, the other has; who waits lets the other one work. */
import { type Frame, frameLength, packed, unpacked } from "../../../src/grading/wall/frames";
import { Peer } from "../../../src/grading/wall/peer";

export interface Pair {
  /** Where the checks are. */
  readonly judge: Peer;
  readonly student: Peer;
  /** All that has crossed, in bytes. */
  readonly crossed: { bytes: number };
}

export function pair(): Pair {
  const inbox = { judge: [] as Uint8Array[], student: [] as Uint8Array[] };
  const crossed = { bytes: 0 };
  const other = { judge: "student", student: "judge" } as const;
  const transport = (side: "judge" | "student") => ({
    send(frame: Frame) {
      const data = packed(frame);
      if (frameLength(data) !== data.length) throw new Error("the length is wrong");
      crossed.bytes += data.length;
      inbox[other[side]].push(data);
    },
    receive(): Frame {
      while (inbox[side].length === 0) sides[other[side]].step();
      return unpacked(inbox[side].shift() as Uint8Array);
    },
  });
  const sides = {
    judge: new Peer(transport("judge"), { guards: true }),
    student: new Peer(transport("student"), { guards: false }),
  };
  return { ...sides, crossed };
}

/** `fn`, as the checks' side calls it across the wall. */
export function walled<F extends (...args: never[]) => unknown>(fn: F): F {
  const { judge, student } = pair();
  student.open(() => fn);
  return judge.call(0, undefined, []) as F;
}
