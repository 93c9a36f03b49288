/** Zips that were handed in: nothing of what they say is used as a path, and nothing in them is taken beyond its limits. */
import type { Readable } from "node:stream";
import yauzl, { type Entry } from "yauzl";
import { say } from "../../notebook";
import { nodeModule } from "../../tensor";
import { LARGEST } from "../submission/read";

const fs = nodeModule("node:fs");
const paths = nodeModule("node:path");
const stream = nodeModule("node:stream/promises");

/** A zip that is not opened; the message says why. */
export class Refused extends Error {
  override name = "Refused";
}

/** A file of a zip, lying in a folder of ours under a name of ours. */
export interface Unpacked {
  /** What the zip calls it, part by part. */
  readonly parts: readonly string[];
  readonly file: string;
  readonly time: Date;
}

const MOST_ENTRIES = 20_000;
/** So many bytes all that is wanted of one zip, and of the zips in it, may have. */
const MOST_BYTES = 1024 * 1024 * 1024;

/** What one zip has taken so far, with those that are in it. */
export interface Taken {
  entries: number;
  bytes: number;
}

let count = 0;

/**
 * Those of its files whose names are wanted, in `folder`.
 * @returns the files, and what was left out, in words
 * @throws Refused
 */
export async function unpack(
  file: string,
  folder: string,
  wants: (parts: readonly string[]) => boolean,
  taken: Taken = { entries: 0, bytes: 0 },
): Promise<{ files: Unpacked[]; notes: string[] }> {
  const files: Unpacked[] = [];
  const notes: string[] = [];
  try {
    // (The reader compares what comes out with what the entry says, and refuses names that climb.)
    const zip = await yauzl.openPromise(file);
    taken.entries += zip.entryCount;
    if (taken.entries > MOST_ENTRIES) {
      zip.close();
      throw new Refused(
        say({
          en: `it has ${taken.entries} entries; more than ${MOST_ENTRIES} are not looked at`,
          ru: `в нём ${taken.entries} записей; больше ${MOST_ENTRIES} не просматривается`,
        }),
      );
    }
    for await (const entry of zip.eachEntry()) {
      const parts = entry.fileName.split("/").filter((part) => part !== "" && part !== ".");
      if (entry.fileName.endsWith("/") || !wants(parts)) continue;
      const why = refusal(entry);
      if (why) {
        notes.push(why);
        continue;
      }
      taken.bytes += entry.uncompressedSize;
      if (taken.bytes > MOST_BYTES)
        throw new Refused(
          say({ en: "unpacked it would have more than 1 GiB", ru: "распакованным он занял бы больше 1 ГиБ" }),
        );
      const target = paths.join(folder, `${++count}`);
      const from = (await zip.openReadStreamPromise(entry)) as Readable;
      await stream.pipeline(from, fs.createWriteStream(target));
      files.push({ parts, file: target, time: entry.getLastModDate() });
    }
  } catch (error) {
    if (error instanceof Refused) throw error;
    const { message } = error as Error;
    const climbs = /relative path|absolute path/.test(message);
    throw new Refused(
      climbs
        ? say({
            en: `a path in it climbs out of it (${message})`,
            ru: `путь в нём ведёт за его пределы (${message})`,
          })
        : say({ en: `it cannot be unpacked: ${message}`, ru: `он не распаковывается: ${message}` }),
    );
  }
  return { files, notes };
}

/** The upper half of its attributes is what Unix knows of a file. */
const isLink = ({ externalFileAttributes }: Entry): boolean =>
  ((externalFileAttributes >>> 16) & 0o170000) === 0o120000;

/** Why an entry is left out; null if it is not. */
function refusal(entry: Entry): string | null {
  const [en, ru] = [`${shown(entry.fileName)} in the zip`, `${shown(entry.fileName)} в архиве`];
  if (isLink(entry))
    return say({ en: `${en} is a link; it was not followed`, ru: `${ru} — ссылка; по ней не ходили` });
  if (entry.generalPurposeBitFlag & 1)
    return say({ en: `${en} is locked with a password`, ru: `${ru} закрыт паролем` });
  const size = Math.round(entry.uncompressedSize / 2 ** 20);
  if (entry.uncompressedSize > LARGEST)
    return say({
      en: `${en} would have ${size} MiB unpacked; it was left out`,
      ru: `${ru} распакованным занял бы ${size} МиБ; он пропущен`,
    });
  return null;
}

const shown = (name: string): string => (name.length > 80 ? `${name.slice(0, 79)}…` : name);
