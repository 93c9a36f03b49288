/** PNGs beside the pictures of a notebook that was run: GitHub shows neither scripts nor SVG. */
import { launchChromium } from "../chromium.mjs";

/** The static picture inside of a figure's HTML. */
const SVG = /<img src="(data:image\/svg\+xml[^"]*)"/;

/** The notebook with an `image/png` in every output that holds an SVG. @param {import("./ipynb.mjs").Notebook} nb */
export async function withPngs(nb) {
  const browser = await launchChromium();
  try {
    const page = await browser.newPage({ deviceScaleFactor: 1.5 });
    const cells = [];
    for (const cell of nb.cells) {
      const outputs = [];
      for (const output of cell.outputs ?? []) outputs.push(await withPng(output, page));
      cells.push(cell.outputs ? { ...cell, outputs } : cell);
    }
    return { ...nb, cells };
  } finally {
    await browser.close();
  }
}

/** @param {any} output @param {import("playwright-core").Page} page */
async function withPng(output, page) {
  const html = output.data?.["text/html"];
  const [, uri] = SVG.exec(Array.isArray(html) ? html.join("") : (html ?? "")) ?? [];
  if (!uri || output.data["image/png"]) return output;
  await page.setContent(`<body style="margin:0"><img src="${uri}"></body>`);
  const png = await page.locator("img").screenshot();
  return { ...output, data: { ...output.data, "image/png": `${png.toString("base64")}\n` } };
}
