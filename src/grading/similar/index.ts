/** Which students' answers are alike: a hint where to look, no proof of anything. For Node alone. */
import type { Course } from "../batch/course";
import type { Graded } from "../batch/results";
import { typeScriptOf } from "../submission";
import { type Fingerprint, fingerprints } from "./fingerprints";

export { similarPage, similarRows } from "./page";

/** Two answers to one exercise. */
export interface Alike {
  readonly exercise: string;
  readonly notebook: string;
  readonly students: readonly [string, string];
  /** From 0 to 1: of what is particular in the shorter of both, how much the other has too. */
  readonly share: number;
  /** How many places they share that nobody was given. */
  readonly places: number;
  readonly sources: readonly [string, string];
  /** By side, the lines that both have. */
  readonly lines: readonly [ReadonlySet<number>, ReadonlySet<number>];
}

export interface SimilarOptions {
  /** Pairs that share less are left out. */
  readonly least?: number;
  /** So many shared places at least: in a short answer there is little to write otherwise. */
  readonly places?: number;
  /** What students were given to write into, by exercise: it makes nobody alike. */
  readonly given: ReadonlyMap<string, string>;
}

interface Author {
  readonly student: string;
  readonly source: string;
  readonly prints: readonly Fingerprint[];
  readonly hashes: ReadonlySet<number>;
}

/**
 * All pairs that are alike, the most alike first. What many have written counts less: a stretch that n of N answers hold weighs
 * ln(N / n), so that the obvious way to solve an exercise points at nobody.
 */
export function similar(all: readonly Graded[], course: Course, options: SimilarOptions): Alike[] {
  const ts = typeScriptOf(course.root);
  const found: Alike[] = [];
  for (const { notebook, exercises } of course.lectures)
    for (const { id } of exercises) {
      const own = all.filter(
        ({ submission: s, sources }) =>
          s.notebook === notebook &&
          sources[id] &&
          !["empty", "missing"].includes(s.exercises.find((mark) => mark.id === id)?.status ?? "missing"),
      );
      const given = new Set(fingerprints(ts, options.given.get(id) ?? "").map(({ hash }) => hash));
      const authors = own.map(({ submission: { student }, sources }): Author => {
        const prints = fingerprints(ts, sources[id]).filter(({ hash }) => !given.has(hash));
        return { student, source: sources[id], prints, hashes: new Set(prints.map(({ hash }) => hash)) };
      });
      for (const pair of pairs(authors, options)) found.push({ ...pair, exercise: id, notebook });
    }
  return found.sort((a, b) => b.share * Math.sqrt(b.places) - a.share * Math.sqrt(a.places));
}

function pairs(
  authors: readonly Author[],
  { least = 0.5, places: fewest = 6 }: SimilarOptions,
): Omit<Alike, "exercise" | "notebook">[] {
  const holders = new Map<number, number[]>();
  authors.forEach(({ hashes }, i) => {
    for (const hash of hashes) holders.set(hash, [...(holders.get(hash) ?? []), i]);
  });
  // Of two answers alone nothing can be said about what is usual.
  const total = Math.max(authors.length, 4);
  const weight = (hash: number) => Math.log(total / holders.get(hash)!.length) + 0.05;
  const shared = new Map<string, { weight: number; places: number }>();
  for (const [hash, list] of holders) {
    for (let i = 0; i < list.length; i++)
      for (let j = i + 1; j < list.length; j++) {
        const key = `${list[i]} ${list[j]}`;
        const { weight: sum, places } = shared.get(key) ?? { weight: 0, places: 0 };
        shared.set(key, { weight: sum + weight(hash), places: places + 1 });
      }
  }
  const whole = authors.map(({ hashes }) => [...hashes].reduce((sum, hash) => sum + weight(hash), 0));
  return [...shared].flatMap(([key, { weight: sum, places }]) => {
    const [i, j] = key.split(" ").map(Number);
    const share = sum / Math.max(1e-9, Math.min(whole[i], whole[j]));
    const rare = sum / places;
    // Where all have written the same, nobody is alike.
    if (share < least || places < fewest || rare < Math.min(0.5, Math.log(total / 3))) return [];
    const [a, b] = [authors[i], authors[j]];
    return [
      {
        students: [a.student, b.student] as const,
        ...{ share: Math.min(1, share), places },
        sources: [a.source, b.source] as const,
        lines: [linesOf(a, b), linesOf(b, a)] as const,
      },
    ];
  });
}

function linesOf(one: Author, other: Author): Set<number> {
  const lines = new Set<number>();
  for (const { hash, from, to } of one.prints)
    if (other.hashes.has(hash)) for (let line = from; line <= to; line++) lines.add(line);
  return lines;
}
