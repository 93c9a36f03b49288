/**
 * What happens to the library when a call is cut short from outside: by the stop button of a notebook, or by a
 * time limit. Then not even `finally` runs, so whatever a module set for the length of a call stays set.
 */

type Restore = () => void;

const savers: (() => Restore)[] = [];
const initial: Restore[] = [];

/**
 * Tell of state that a module changes for the length of a call, by how it is read and put back. Call it when the
 * module loads: what the state is then, a stopped notebook goes back to.
 * @internal
 */
export function survivesHalt<T>(get: () => T, put: (was: T) => void): void {
  const save = () => {
    const was = get();
    return () => put(was);
  };
  savers.push(save);
  initial.push(save());
}

/**
 * Note the state of all modules now; calling the result puts it back.
 * @internal
 */
export function saveState(): Restore {
  const restores = savers.map((save) => save());
  return () => {
    for (const restore of restores) restore();
  };
}

// The notebook's kernel calls this after it has cut a cell short: between cells nothing is under way.
Object.defineProperty(globalThis, Symbol.for("gradschool.halted"), {
  configurable: true,
  value: () => {
    for (const restore of initial) restore();
  },
});
