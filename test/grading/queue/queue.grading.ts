/** Submissions over many machines, some of which go away in the middle. */
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { Command, classOf, missing, Redis, until } from "./redis";

describe.skipIf(missing !== null)(missing ?? "a queue in Redis", () => {
  let redis: Redis;
  const folders: string[] = [];
  const commands: Command[] = [];
  beforeAll(async () => {
    redis = await Redis.start();
  });
  afterAll(async () => {
    for (const command of commands) command.kill("SIGKILL");
    await redis.end();
    for (const folder of folders) rmSync(folder, { recursive: true, force: true });
  });

  const newOut = () => {
    const folder = mkdtempSync(join(tmpdir(), "gradschool-grades-"));
    folders.push(folder);
    return folder;
  };
  const start = (script: string, ...args: string[]) => {
    const command = new Command(script, args);
    commands.push(command);
    return command;
  };
  const worker = async () => {
    const one = start(
      "grade-worker.mjs",
      "--queue",
      redis.url,
      "--jobs",
      "1",
      "--patience",
      "6000",
      "--trust",
    );
    await until(() => one.output.includes("waiting for submissions"));
    return one;
  };
  /** Students whose submissions a worker says it has done. */
  const done = ({ output }: Command) =>
    [...output.matchAll(/^ +\d+ {2}(student \d+) /gm)].map(([, name]) => name);
  const resultsIn = (out: string) => JSON.parse(readFileSync(join(out, "results.json"), "utf8"));

  it("gives the results of one machine, though a worker is killed and Redis restarts: nothing lost, nothing twice", async () => {
    const folder = classOf(24);
    folders.push(folder);
    const [here, there] = [newOut(), newOut()];
    const alone = start("grade.mjs", folder, "--out", here, "--seed", "11", "--trust");
    expect(await alone.ended).toBe(0);

    const workers = await Promise.all([worker(), worker(), worker()]);
    const grading = start("grade.mjs", folder, "--out", there, "--seed", "11", "--queue", redis.url);
    await until(() => workers.every((one) => done(one).length > 0));
    workers[0].kill("SIGKILL");
    await redis.down();
    await new Promise((resolve) => setTimeout(resolve, 1000));
    await redis.up();
    expect(await grading.ended, grading.output).toBe(0);

    expect(resultsIn(there)).toEqual(resultsIn(here));
    const finished = workers.slice(1).flatMap(done);
    expect(new Set(finished).size).toBe(finished.length);
    expect(new Set(workers.flatMap(done)).size).toBe(24);
    for (const one of workers.slice(1)) {
      one.kill("SIGTERM");
      expect(await one.ended).toBe(0);
    }
  });

  it("says how many submissions a minute 1, 2 and 3 workers do", async () => {
    const folder = classOf(24);
    folders.push(folder);
    const workers: Command[] = [];
    const rates: string[] = [];
    for (const count of [1, 2, 3]) {
      workers.push(await worker());
      const grading = start(
        "grade.mjs",
        folder,
        "--out",
        newOut(),
        "--seed",
        String(20 + count),
        "--queue",
        redis.url,
      );
      expect(await grading.ended, grading.output).toBe(0);
      const [, rate] = /, (\d+) a minute/.exec(grading.output) ?? [];
      rates.push(`${count} worker${count > 1 ? "s" : ""}: ${rate} submissions a minute`);
    }
    for (const one of workers) one.kill("SIGTERM");
    console.log(rates.join("\n"));
    expect(rates.every((rate) => /: \d+ sub/.test(rate))).toBe(true);
  });

  it("is told what it is when it is none", async () => {
    const wrong = start("grade.mjs", classOf(1), "--out", newOut(), "--queue", "localhost");
    expect(await wrong.ended).toBe(1);
    expect(wrong.output).toContain(
      "--queue: expected an address such as redis://localhost:6379, got localhost",
    );
  });
});
