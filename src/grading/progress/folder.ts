import { environment, findNodeModule } from "../../tensor";

/**
 * Where a student's progress lies: in `progress/` of the folder that `npm start` has made for them. The file
 * `course.json` in it marks it as such; notebooks anywhere below that folder find it.
 */
export const MARK = "course.json";

/** Why nothing is remembered. */
export type Nowhere = "off" | "browser" | "elsewhere";

/**
 * The student's progress folder, or why there is none: GRADSCHOOL_PROGRESS=0 (a run without a reader), a browser, or a
 * notebook outside of a student's folder. GRADSCHOOL_PROGRESS may name another folder.
 * @internal
 */
export function findProgressFolder(): { readonly folder: string } | { readonly none: Nowhere } {
  const fs = findNodeModule("node:fs");
  const paths = findNodeModule("node:path");
  if (!fs || !paths) return { none: "browser" };
  const named = environment("GRADSCHOOL_PROGRESS");
  if (named === "0") return { none: "off" };
  if (named) return { folder: paths.resolve(named) };
  try {
    for (let place = process.cwd(); ; place = paths.dirname(place)) {
      const folder = paths.join(place, "progress");
      if (fs.existsSync(paths.join(folder, MARK))) return { folder };
      if (place === paths.dirname(place)) return { none: "elsewhere" };
    }
  } catch {
    return { none: "elsewhere" }; // the notebook's folder is gone
  }
}
