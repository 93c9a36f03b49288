/**
 * `npm run test:browser -- page`: the library in a plain web page, in a real Chromium, with cross-origin isolation and
 * without: a small GPT learns as it does in Node, bit for bit or nearly, on as many threads as the page may have;
 * memory stays bounded; the page still answers, and rests, afterwards. Screenshots go to out/.
 */

import { bundle, serve } from "./page.mjs";
import { inRoot, seconds } from "./steps.mjs";

const minute = 60_000;
const STEPS = 60;

/** Losses may differ where engines differ in FMA or in the number of threads: by rounding, which training amplifies. */
const NEARLY = 0.01;
const GPU_ERROR = 1e-5;
/** Bytes outside of the wasm heap that a page may hold when all is done. */
const ORDINARY = 256 * 2 ** 20;

/** @typedef {import("playwright-core").Browser} Browser */
/** @typedef {{ complaints: string[], facts: string[] }} Judged */

/**
 * Opens both pages.
 * @param {Browser} browser
 * @returns {Promise<(Judged & { name: string, time: string })[]>}
 */
export async function lookAtPages(browser) {
  const folder = inRoot("out", "page");
  await bundle(inRoot("scripts", "page"), folder);
  const server = await serve(folder);
  const { losses } = await import("./page/train.mjs");
  const inNode = losses(STEPS);
  const results = [];
  try {
    for (const place of ["isolated", "plain"]) {
      const start = performance.now();
      const { complaints, facts } = await look(
        browser,
        `${server.origin}/${place}/?steps=${STEPS}`,
        place,
        inNode,
      );
      results.push({ name: `page-${place}`, complaints, facts, time: seconds(start) });
    }
  } finally {
    server.stop();
  }
  return results;
}

/**
 * @param {Browser} browser
 * @param {string} url
 * @param {string} place
 * @param {readonly number[]} inNode  The losses of the same training in Node.
 */
async function look(browser, url, place, inNode) {
  const context = await browser.newContext({ viewport: { width: 900, height: 900 } });
  const page = await context.newPage();
  /** @type {string[]} */
  const complaints = [];
  /** @type {string[]} */
  let facts = [];
  page.on("pageerror", (error) => complaints.push(`the page threw: ${error.message}`));
  page.on("console", (message) => {
    if (message.type() === "error") complaints.push(`the console says: ${message.text()}`);
  });
  page.setDefaultTimeout(2 * minute);
  try {
    await page.goto(url);
    await page.waitForFunction(() => "done" in window, null, { timeout: minute / 2 });
    const found = await page.evaluate(() => /** @type {any} */ (window).done);
    const workers = page.workers().length;
    const { backingStorageSize = 0 } = await (await context.newCDPSession(page)).send("Runtime.getHeapUsage");
    const more = { workers, ordinary: backingStorageSize, ...(await rest(browser, page)) };
    const judged = judge(place, { ...found, ...more }, inNode);
    complaints.push(...judged.complaints);
    facts = judged.facts;
  } catch (error) {
    complaints.push(/** @type {Error} */ (error).message.split("\n")[0]);
  }
  await page.screenshot({ path: inRoot("out", `page-${place}.png`), fullPage: true });
  await context.close();
  return { complaints, facts };
}

/**
 * Whether the page still answers, and the processor time of all pages' processes during a second in which none has work.
 * @param {Browser} browser
 * @param {import("playwright-core").Page} page
 */
async function rest(browser, page) {
  const session = await browser.newBrowserCDPSession();
  const used = async () => {
    const { processInfo } = await session.send("SystemInfo.getProcessInfo");
    return processInfo.reduce((sum, { type, cpuTime }) => sum + (type === "renderer" ? cpuTime : 0), 0);
  };
  const frame = page.evaluate(() => new Promise((resolve) => requestAnimationFrame(() => resolve(true))));
  const late = page.waitForTimeout(5000).then(() => false);
  const answers = await Promise.race([frame, late]);
  const before = await used();
  await page.waitForTimeout(1000);
  const idle = (await used()) - before;
  await session.detach();
  return { answers, idle };
}

/** @param {string} place @param {any} found what the page and {@link rest} say @param {readonly number[]} inNode @returns {Judged} */
function judge(place, found, inNode) {
  const { info, curve, again, used, garbage, after, gpu, trained, cores } = found;
  /** @type {string[]} */
  const complaints = [];
  const expect = (/** @type {boolean} */ holds, /** @type {string} */ text) => holds || complaints.push(text);

  if (place === "isolated") {
    expect(info.sharedMemory === "yes", `expected shared memory, got: ${info.sharedMemory}`);
    const wanted = Math.min(8, cores);
    expect(info.threads === wanted, `expected ${wanted} threads, got ${info.threads}: ${info.threadsOff}`);
    expect(found.workers === info.threads - 1, `expected ${info.threads - 1} workers, got ${found.workers}`);
  } else {
    expect(info.threads === 1, `expected one thread, got ${info.threads}`);
    expect(
      /cross-origin isolation/.test(info.threadsOff),
      `expected the reason for one thread, got: ${info.threadsOff}`,
    );
  }

  const apart = (/** @type {number[]} */ list) =>
    list.reduce((most, loss, i) => Math.max(most, Math.abs(loss - inNode[i]) / inNode[i]), 0);
  const difference = Math.max(apart(curve), apart(again));
  expect(curve.at(-1) < curve[0] / 4, `the loss did not fall: ${curve[0]} to ${curve.at(-1)}`);
  expect(difference <= NEARLY, `losses differ from Node's by ${(100 * difference).toFixed(2)} %`);

  expect(after.heapPeakMiB <= after.heapMiB, `the heap of ${after.heapMiB} MiB held ${after.heapPeakMiB}`);
  const most = Math.max(...used);
  expect(Math.max(...used.slice(used.length >> 1)) < 0.75 * after.heapMiB, `memory grows: ${used} MiB`);
  expect(Math.abs(garbage - 1) < 1e-6, `the loop of dead arrays gave ${garbage}, not 1`);
  expect(
    found.ordinary < ORDINARY,
    `${Math.round(found.ordinary / 2 ** 20)} MiB of ordinary memory are still held`,
  );
  expect(found.answers, "the page does not answer any more");
  expect(found.idle < 0.3, `an idle page used ${found.idle.toFixed(2)} s of processor time in a second`);

  if (!gpu.skipped) {
    expect(gpu.info.callsFellBack === 0, `GPU.js left work undone: ${gpu.info.lastFallback}`);
    for (const [op, error] of Object.entries(gpu.errors))
      expect(error < GPU_ERROR, `GPU.js: ${op} is off by ${error}`);
    for (const [op, error] of Object.entries(gpu.errorsWhenLost))
      expect(error < GPU_ERROR, `GPU.js, context lost: ${op} is off by ${error}`);
    const { lastFallback } = gpu.infoWhenLost;
    expect(/lost/.test(lastFallback), `a lost context goes unnoticed: ${lastFallback}`);
  }
  const facts = [
    `${info.threads} thread${info.threads > 1 ? "s" : ""}${info.threadsOff ? ` (${info.threadsOff})` : ""}, FMA ${info.fma}`,
    `loss ${curve[0].toFixed(3)} → ${curve.at(-1).toFixed(3)} in ${curve.length} steps, ${trained.toFixed(0)} ms; Node's losses ${difference === 0 ? "exactly" : `within ${(100 * difference).toExponential(0)} %`}`,
    `heap at most ${most} MiB over ${20 * used.length} more steps; ${Math.round(found.ordinary / 2 ** 20)} MiB of ordinary memory at the end`,
    gpu.skipped
      ? `GPU.js not tried: ${gpu.skipped}`
      : `GPU.js in mode ${gpu.info.mode} computes ${Object.keys(gpu.errors).length} kernels, on ${gpu.renderer}`,
  ];
  return { complaints, facts };
}
