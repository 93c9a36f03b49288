/** What has been found once, by a hash of all that it depends on: a run that was interrupted goes on, a second one is quick. */
import { nodeModule, replaceFile } from "../../tensor";

const fs = nodeModule("node:fs");
const paths = nodeModule("node:path");
const crypto = nodeModule("node:crypto");

export class Cache {
  constructor(
    private readonly folder: string,
    /** Read nothing: all is found anew, and remembered. */
    private readonly isFresh: boolean,
  ) {}

  /** What was remembered under this key, or what `find` gives now. */
  async get<T>(key: unknown, find: () => Promise<T>, keeps: (found: T) => boolean = () => true): Promise<T> {
    const hash = hashOf(JSON.stringify(key));
    const folder = paths.join(this.folder, hash.slice(0, 2));
    const file = paths.join(folder, `${hash}.json`);
    if (!this.isFresh) {
      try {
        return JSON.parse(fs.readFileSync(file, "utf8")) as T;
      } catch {
        // not there, or not whole
      }
    }
    const found = await find();
    if (keeps(found)) {
      fs.mkdirSync(folder, { recursive: true });
      replaceFile(file, [JSON.stringify(found)]);
    }
    return found;
  }
}

export const hashOf = (data: string | Uint8Array): string =>
  crypto.createHash("sha256").update(data).digest("hex").slice(0, 32);

/** Of a file, however large. */
export async function hashOfFile(file: string): Promise<string> {
  const hash = crypto.createHash("sha256");
  for await (const part of fs.createReadStream(file)) hash.update(part as Uint8Array);
  return hash.digest("hex").slice(0, 32);
}
