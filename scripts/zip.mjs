/** Zip files, written whole or not at all. */
import { createWriteStream, renameSync, rmSync } from "node:fs";
import { pipeline } from "node:stream/promises";

/** What a zip file holds: the name inside, with `/` between folders, and the bytes. @typedef {{ name: string, bytes: Buffer, time?: Date }} Entry */

/** @param {string} file @param {readonly Entry[]} entries */
export async function writeZip(file, entries) {
  const { default: yazl } = await import("yazl"); // only now: whoever calls this may have installed it just before
  const aside = `${file}.${process.pid}.tmp`;
  const zip = new yazl.ZipFile();
  for (const { name, bytes, time = new Date() } of entries) zip.addBuffer(bytes, name, { mtime: time });
  zip.end();
  try {
    await pipeline(zip.outputStream, createWriteStream(aside));
    renameSync(aside, file);
  } catch (error) {
    rmSync(aside, { force: true });
    throw error;
  }
}
