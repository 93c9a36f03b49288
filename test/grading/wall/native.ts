/** Programs that are no JavaScript, in the wall: what would be left to an answer that had got out of Node. */
import { spawn } from "node:child_process";
import { existsSync } from "node:fs";
import { startOptions, wrapped } from "../../../src/grading/wall";
import { commandFor, type Isolation } from "../../../src/grading/wall/isolation";
import { LIMITS } from "../../../src/grading/wall/limits";

/** Perl calls the system by number; nearly every Linux has it. */
const PERL = ["/usr/bin/perl", "/bin/perl"].find((file) => existsSync(file));

/** Why there can be no such test here, or null. */
export const noPerl: string | null =
  process.platform !== "linux" ? "for Linux" : PERL === undefined ? "perl is not installed" : null;

/** A program in the wall, or beside it as the same user. */
export function startPerl(isolation: Isolation, program: string) {
  const command =
    isolation.name === "bubblewrap"
      ? wrapped(isolation, LIMITS, { command: [PERL as string, "-e", program], readable: [], env: {} })
      : besides(isolation, [PERL as string, "-e", program]);
  const { options, close } = startOptions(command, ["ignore", "pipe", "pipe", "pipe"]);
  const child = spawn(command.file, [...command.args], { ...options, detached: true });
  close();
  return child;
}

/** What it prints. */
export async function runPerl(isolation: Isolation, program: string): Promise<string> {
  const child = startPerl(isolation, program);
  let said = "";
  for (const stream of [child.stdout, child.stderr])
    stream?.on("data", (chunk) => {
      said += chunk;
    });
  await new Promise((resolve) => child.once("close", resolve));
  return said;
}

/** The same limits and user, another program. */
function besides(isolation: Isolation, program: readonly string[]) {
  const command = commandFor(isolation, LIMITS);
  return { ...command, args: [...command.args.slice(0, command.args.indexOf(process.execPath)), ...program] };
}
