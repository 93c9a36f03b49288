/**
 * `npm run test:browser -- start`: what a student sees after `npm start`, in a real Chromium, in a folder whose name has a
 * space and Cyrillic letters: the first notebook opens, the file browser has what a student needs and nothing else, an
 * exercise is written and passes, is remembered, and the map leads to the next lecture. Screenshots go to out/.
 */
import { existsSync, mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { startLab } from "./lab.mjs";
import { inRoot } from "./steps.mjs";
import { makeCopies } from "./student/copies.mjs";

/** @typedef {import("playwright-core").Page} Page */
/** @typedef {import("./setup.mjs").Ready} Ready */

const minute = 60_000;
const answer = `function myCentre(x: Tensor): Tensor {
  const mean = x.mean();
  return x.sub(mean);
}`;

/**
 * Resolves with complaints, empty when all is well.
 * @param {import("playwright-core").Browser} browser
 * @param {Ready} jupyter
 */
export async function lookAtStart(browser, jupyter) {
  const outer = mkdtempSync(path.join(tmpdir(), "gradschool-start-"));
  const student = path.join(outer, "мой курс");
  makeCopies(student);
  const server = await startLab(jupyter, {
    student,
    silent: true,
    more: ["--LabApp.expose_app_in_browser=True"],
  });
  const context = await browser.newContext({ viewport: { width: 1280, height: 900 } });
  /** @type {string[]} */
  const complaints = [];
  try {
    const page = await context.newPage();
    page.on("pageerror", (error) => complaints.push(`the page threw: ${error.message}`));
    await page.goto(server.url);
    await look(page, student, complaints);
  } catch (error) {
    complaints.push(/** @type {Error} */ (error).message.split("\n")[0]);
  } finally {
    await context.close();
    await server.stop();
    rmSync(outer, { recursive: true, force: true });
  }
  return complaints;
}

/** @param {Page} page @param {string} student @param {string[]} complaints */
async function look(page, student, complaints) {
  const expect = (/** @type {boolean} */ holds, /** @type {string} */ text) => holds || complaints.push(text);
  await page.waitForFunction(isReady, "00-start-here.ipynb", { timeout: 2 * minute, polling: 200 });
  const listed = page.locator(".jp-DirListing-itemText");
  await listed.filter({ hasText: "00-start-here" }).waitFor({ timeout: minute });
  const names = (await listed.allTextContents()).map((name) => name.trim());
  const stray = names.filter((name) => !/^(progress|solutions|\d\d-[\w-]+\.ipynb)$/.test(name));
  expect(stray.length === 0, `the file browser shows ${stray.join(", ")}`);
  await page.screenshot({ path: inRoot("out", "start.browser.png") });

  await page.evaluate(write, answer);
  await page.evaluate(() =>
    /** @type {any} */ (window).jupyterapp.commands.execute("notebook:run-all-cells"),
  );
  await page.waitForFunction(isReady, "00-start-here.ipynb", { timeout: 3 * minute, polling: 500 });
  const { errors, texts } = await page.evaluate(read);
  for (const error of errors) complaints.push(error);
  expect(
    texts.some((text) => /Likely cause/.test(text)),
    "the try with a mistake is not explained",
  );
  expect(
    texts.some((text) => /2 of 2 points/.test(text)),
    "the answer does not pass",
  );
  const kept = path.join(student, "progress", "centre.ts");
  expect(
    existsSync(kept) && readFileSync(kept, "utf8").includes("x.sub(mean)"),
    "the answer is not remembered",
  );
  expect(
    texts.some((text) => /1 of \d+ exercises passed/.test(text)),
    "the progress does not show it",
  );
  await page.waitForFunction(isLive, null, { timeout: minute, polling: 500 }).catch(() => {
    complaints.push("the figure is not live");
  });
  await photograph(page);

  const link = page.locator(".jp-OutputArea-output a", { hasText: /^05/ }).first();
  if ((await link.count()) > 0) {
    await link.click();
    await page.waitForFunction(isReady, "05-gpt.ipynb", { timeout: 2 * minute, polling: 200 });
    await page.screenshot({ path: inRoot("out", "start.browser-next.png") });
  } else complaints.push("the map has no link to 05-gpt");
}

/** @param {Page} page */
async function photograph(page) {
  await page.setViewportSize({ width: 1280, height: 5200 });
  await page.evaluate(() => document.querySelector(".jp-WindowedPanel-outer")?.scrollTo(0, 0));
  await page.waitForTimeout(1500);
  await page.screenshot({ path: inRoot("out", "start.browser-whole.png") });
}

// The rest runs in the page.

/** @param {string} name */
function isReady(name) {
  const panel = /** @type {any} */ (window).jupyterapp?.shell.currentWidget;
  if (!panel?.context?.path.endsWith(name) || !panel.sessionContext?.isReady) return false;
  return panel.sessionContext.session?.kernel?.status === "idle";
}

/** @param {string} source */
function write(source) {
  const panel = /** @type {any} */ (window).jupyterapp.shell.currentWidget;
  for (const cell of panel.content.model.cells)
    if (cell.type === "code" && cell.sharedModel.getSource().includes("YOUR CODE HERE"))
      cell.sharedModel.setSource(source);
}

function read() {
  const panel = /** @type {any} */ (window).jupyterapp.shell.currentWidget;
  /** @type {string[]} */
  const errors = [];
  /** @type {string[]} */
  const texts = [];
  for (const cell of panel.content.model.cells) {
    if (cell.type !== "code") continue;
    for (const output of cell.outputs.toJSON()) {
      if (output.output_type === "error") errors.push(`a cell failed: ${output.ename}: ${output.evalue}`);
      const text = output.data?.["text/plain"];
      texts.push(Array.isArray(text) ? text.join("") : String(text ?? ""));
    }
  }
  return { errors, texts };
}

function isLive() {
  const hosts = [...document.querySelectorAll("[data-gradschool-figure]")];
  return hosts.length > 0 && hosts.every((host) => host.querySelector("svg.main-svg"));
}
