/** Zips that were handed in: nothing of what they say is used as a path, and nothing in them is taken beyond its limits. */
import type { Readable } from "node:stream";
import yauzl, { type Entry } from "yauzl";
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
/** So many bytes all that is wanted of one zip may have. */
const MOST_BYTES = 1024 * 1024 * 1024;

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
): Promise<{ files: Unpacked[]; notes: string[] }> {
  const files: Unpacked[] = [];
  const notes: string[] = [];
  let bytes = 0;
  try {
    // (The reader compares what comes out with what the entry says, and refuses names that climb.)
    const zip = await yauzl.openPromise(file);
    if (zip.entryCount > MOST_ENTRIES) {
      zip.close();
      throw new Refused(`it has ${zip.entryCount} entries; more than ${MOST_ENTRIES} are not looked at`);
    }
    for await (const entry of zip.eachEntry()) {
      const parts = entry.fileName.split("/").filter((part) => part !== "" && part !== ".");
      if (entry.fileName.endsWith("/") || !wants(parts)) continue;
      const why = refusal(entry);
      if (why) {
        notes.push(`${shown(entry.fileName)} in the zip ${why}`);
        continue;
      }
      bytes += entry.uncompressedSize;
      if (bytes > MOST_BYTES) throw new Refused("unpacked it would have more than 1 GiB");
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
      climbs ? `a path in it climbs out of it (${message})` : `it cannot be unpacked: ${message}`,
    );
  }
  return { files, notes };
}

/** The upper half of its attributes is what Unix knows of a file. */
const isLink = ({ externalFileAttributes }: Entry): boolean =>
  ((externalFileAttributes >>> 16) & 0o170000) === 0o120000;

function refusal(entry: Entry): string | null {
  if (isLink(entry)) return "is a link; it was not followed";
  if (entry.generalPurposeBitFlag & 1) return "is locked with a password";
  if (entry.uncompressedSize > LARGEST)
    return `would have ${Math.round(entry.uncompressedSize / 2 ** 20)} MiB unpacked; it was left out`;
  return null;
}

const shown = (name: string): string => (name.length > 80 ? `${name.slice(0, 79)}…` : name);
