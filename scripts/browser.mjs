/**
 * `npm run test:browser [-- page | start | notebook.ipynb ...]`: the library in a web page of its own, then what a student
 * sees first, then notebooks in the real JupyterLab, all in a real Chromium: runs all cells, and looks at what a reader would see. Screenshots go to out/.
 * The notebooks themselves stay as they are: copies are opened.
 */
import { copyFileSync, existsSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { lookAtPages } from "./browser-page.mjs";
import { lookAtStart } from "./browser-start.mjs";
import { build } from "./build.mjs";
import { findChromium, launchChromium } from "./chromium.mjs";
import { startLab } from "./lab.mjs";
import { notebooksIn } from "./notebooks/files.mjs";
import { setup } from "./setup.mjs";
import { bold, dim, green, inRoot, Problem, red, report, seconds } from "./steps.mjs";

/** @typedef {import("playwright-core").Page} Page */
/** @typedef {{ name: string, below: string }} Copy `below` is relative to the project's root */

const minutes = 60_000;

/** Copies of the notebooks that were asked for. @param {readonly string[]} args @returns {Copy[]} */
function copies(args) {
  const given = args.map((name) => path.resolve(process.env.INIT_CWD ?? process.cwd(), name));
  const all = notebooksIn("notebooks/solutions").map((name) =>
    inRoot("notebooks", "solutions", `${name}.ipynb`),
  );
  const files = given.length > 0 ? given : all;
  if (files.length === 0) throw new Problem("notebooks/solutions has no notebooks yet; name one.");
  const folder = inRoot("out", "browser");
  mkdirSync(folder, { recursive: true });
  return files.map((file) => {
    if (!existsSync(file)) throw new Problem(`There is no notebook ${file}.`);
    copyFileSync(file, path.join(folder, path.basename(file)));
    return { name: path.basename(file, ".ipynb"), below: `out/browser/${path.basename(file)}` };
  });
}

/** Settings for this run alone: every cell drawn although it is out of sight, and no trace in the user's own. @param {string} folder */
function settings(folder) {
  const write = (/** @type {string} */ plugin, /** @type {object} */ values) => {
    const file = path.join(folder, "settings", "@jupyterlab", ...plugin.split("/"));
    mkdirSync(path.dirname(file), { recursive: true });
    writeFileSync(file, JSON.stringify(values));
  };
  write("notebook-extension/tracker.jupyterlab-settings", { windowingMode: "none" });
  write("apputils-extension/notification.jupyterlab-settings", {
    fetchNews: "false",
    checkForUpdates: false,
  });
  return {
    JUPYTERLAB_SETTINGS_DIR: path.join(folder, "settings"),
    JUPYTERLAB_WORKSPACES_DIR: path.join(folder, "workspaces"),
  };
}

/**
 * Open one notebook and run all its cells; resolves with complaints, empty when all is well.
 * @param {import("playwright-core").BrowserContext} context
 * @param {import("./lab.mjs").Server} server
 * @param {Copy} copy
 */
async function look(context, server, { name, below }) {
  const page = await context.newPage();
  /** @type {string[]} */
  const complaints = [];
  page.on("pageerror", (error) => complaints.push(`the page threw: ${error.message}`));
  try {
    await page.goto(`${server.origin}/lab/workspaces/test-${name}/tree/${below}?token=${server.token}&reset`);
    await page.waitForFunction(kernelIsIdle, null, { timeout: 2 * minutes, polling: 200 });
    await page.evaluate(() =>
      /** @type {any} */ (window).jupyterapp.commands.execute("notebook:run-all-cells"),
    );
    await page.waitForFunction(kernelIsIdle, null, { timeout: 15 * minutes, polling: 200 });
    await page.waitForFunction(figuresAreDrawn, null, { timeout: 30_000, polling: 200 }).catch(() => {});
    complaints.push(...(await page.evaluate(findFaults)), ...(await page.evaluate(findSilence)));
  } catch (error) {
    complaints.push(/** @type {Error} */ (error).message.split("\n")[0]);
  }
  await photograph(page, name);
  const figures = await page.evaluate(() =>
    document.querySelectorAll(".js-plotly-plot svg.main-svg").length > 0
      ? document.querySelectorAll(".js-plotly-plot").length
      : 0,
  );
  await page.close();
  return { complaints, figures };
}

// The next four run in the page.

function kernelIsIdle() {
  const panel = /** @type {any} */ (window).jupyterapp?.shell.currentWidget;
  return panel?.sessionContext?.isReady && panel.sessionContext.session?.kernel?.status === "idle";
}

function figuresAreDrawn() {
  const hosts = [...document.querySelectorAll("[data-gradschool-figure]")];
  return hosts.every((host) =>
    host.closest(".js-plotly-plot, .jp-OutputArea-output")?.querySelector("svg.main-svg"),
  );
}

function findFaults() {
  const faults = [];
  const panel = /** @type {any} */ (window).jupyterapp.shell.currentWidget;
  let number = 0;
  for (const cell of panel.content.model.cells) {
    if (cell.type !== "code" || cell.sharedModel.getSource().trim() === "") continue;
    number += 1;
    if (cell.executionCount === null) faults.push(`cell ${number} did not run`);
    for (const output of cell.outputs.toJSON()) {
      if (output.output_type === "error")
        faults.push(`cell ${number} failed: ${output.ename}: ${output.evalue}`);
      if (output.name === "stderr")
        faults.push(`cell ${number} wrote to stderr: ${String(output.text).slice(0, 200)}`);
    }
  }
  const hosts = document.querySelectorAll("[data-gradschool-figure]");
  hosts.forEach((host, index) => {
    const output = host.closest(".js-plotly-plot, .jp-OutputArea-output");
    if (!output?.querySelector("svg.main-svg"))
      faults.push(`figure ${index + 1} of ${hosts.length} is not live`);
  });
  return faults;
}

/** Sounds without a player, and players without a sound: each is decoded, as the browser would to play it. */
async function findSilence() {
  const faults = [];
  const outputs = [...document.querySelectorAll(".jp-OutputArea-output")];
  const players = [...document.querySelectorAll("audio")];
  if (players.length === 0 && outputs.some(({ textContent }) => textContent?.includes("[audio]")))
    faults.push("a sound has no player");
  const context = new OfflineAudioContext(1, 1, 44100);
  for (const [index, player] of players.entries()) {
    try {
      const file = await (await fetch(player.src)).arrayBuffer();
      const { duration } = await context.decodeAudioData(file);
      if (!(duration > 0 && player.controls)) throw new Error(`${duration} s, controls: ${player.controls}`);
    } catch (error) {
      faults.push(`sound ${index + 1} of ${players.length} does not play: ${error}`);
    }
  }
  return faults;
}

/**
 * The whole notebook in pictures: a tall window, scrolled from the first cell (running has gone to the last).
 * @param {Page} page
 * @param {string} name
 */
async function photograph(page, name) {
  await page.setViewportSize({ width: 1280, height: 4000 });
  const scroll = (/** @type {number} */ top) =>
    page.evaluate((top) => {
      const outer = document.querySelector(".jp-WindowedPanel-outer");
      outer?.scrollTo(0, top);
      return { shown: outer?.clientHeight ?? 0, all: outer?.scrollHeight ?? 0 };
    }, top);
  const { shown, all } = await scroll(0);
  for (let top = 0, number = 1; number === 1 || top < all; top += shown, number++) {
    await scroll(top);
    await page.waitForTimeout(500);
    await page.screenshot({ path: inRoot("out", `${name}.browser${number > 1 ? `-${number}` : ""}.png`) });
  }
}

/**
 * Prints one line for a page or notebook, and what is wrong with it. Answers 1 if anything is.
 * @param {string} name
 * @param {string} line
 * @param {readonly string[]} complaints
 */
function verdict(name, line, complaints) {
  console.log(`  ${complaints.length > 0 ? red("✗") : green("✓")} ${name}: ${line} → out/${name}.png`);
  for (const complaint of complaints) console.log(`    ${complaint}`);
  return complaints.length > 0 ? 1 : 0;
}

async function pages() {
  await build();
  const browser = await launchChromium();
  try {
    const results = await lookAtPages(browser);
    return results.map(({ name, complaints, facts, time }) => {
      const failed = verdict(name, time, complaints);
      for (const fact of facts) console.log(`      ${dim(fact)}`);
      return failed;
    });
  } finally {
    await browser.close();
  }
}

async function first() {
  const jupyter = await setup();
  const start = performance.now();
  const browser = await launchChromium();
  try {
    const complaints = await lookAtStart(browser, jupyter);
    return verdict("start.browser", seconds(start), complaints);
  } finally {
    await browser.close();
  }
}

/** @param {readonly string[]} args */
async function notebooks(args) {
  const jupyter = await setup();
  const opened = copies(args);
  const folder = mkdtempSync(path.join(tmpdir(), "gradschool-lab-"));
  const env = { ...jupyter.env, ...settings(folder) };
  const server = await startLab(
    { ...jupyter, env },
    { silent: true, more: ["--LabApp.expose_app_in_browser=True"] },
  );
  const browser = await launchChromium();
  const context = await browser.newContext({ viewport: { width: 1280, height: 1000 } });
  const failed = [];
  try {
    for (const notebook of opened) {
      const start = performance.now();
      const { complaints, figures } = await look(context, server, notebook);
      const line = `${figures} live figures, ${seconds(start)}`;
      failed.push(verdict(`${notebook.name}.browser`, line, complaints));
    }
  } finally {
    await browser.close();
    await server.stop();
    rmSync(folder, { recursive: true, force: true });
  }
  return failed;
}

/** @param {readonly string[]} args */
async function main(args) {
  console.log(bold("gradschool in a browser"));
  findChromium(); // before anything that takes time
  const names = args.filter((name) => name !== "page" && name !== "start");
  const failed = [];
  if (args.length === 0 || args.includes("page")) failed.push(...(await pages()));
  if (args.length === 0 || args.includes("start")) failed.push(await first());
  if (args.length === 0 || names.length > 0) failed.push(...(await notebooks(names)));
  const count = failed.reduce((sum, one) => sum + one, 0);
  console.log(`\n${failed.length - count} passed, ${count} failed`);
  return count > 0 ? 1 : 0;
}

main(process.argv.slice(2)).then(
  (code) => process.exit(code),
  (error) => process.exit(report(error)),
);
