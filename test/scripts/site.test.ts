import { execFileSync } from "node:child_process";
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { extname, join, normalize } from "node:path";
import { fileURLToPath, pathToFileURL } from "node:url";
import type { Browser, Page } from "playwright-core";
import { afterAll, beforeAll, describe, expect, it } from "vitest";

const root = fileURLToPath(new URL("../..", import.meta.url));
const script = (name: string) => import(/* @vite-ignore */ pathToFileURL(`${root}scripts/${name}.mjs`).href);
const { prose, render } = await script("site/render");
const { findChromium, launchChromium } = await script("chromium");

const words = { cut: "more lines" };
const code = (source: string, outputs: object[] = [], id = "a") => ({
  ...{ cell_type: "code", id, metadata: {}, source, outputs },
});

describe("a notebook as a page", () => {
  it("has its formulas drawn, and gives their TeX no room", () => {
    const html: string = prose(
      "With $x^2$, and\n\n$$\\frac{1}{N} \\sum_i \\text{loss}_i$$\n\nfor \\$5 and `$PATH`.",
    );
    expect(html.match(/class="katex"/g)).toHaveLength(2);
    expect(html).toContain("katex-display");
    expect(html).not.toContain("katex-error");
    expect(html).toContain("for $5 and <code>$PATH</code>");
  });

  it("has addresses for its headings, links to pages, and folded pieces", () => {
    const sections: { id: string; level: number; title: string; text: string }[] = [];
    const html: string = prose(
      "## Two `words`\n\nSome text.\n\n## Two words\n\n[next](06-vit.ipynb#top) and [out](https://nodejs.org)\n\n" +
        "<details><summary>Hint</summary>\n\nThe **plan**.\n\n</details>",
      sections,
    );
    expect(sections).toEqual([
      { id: "two-words", level: 2, title: "Two words", text: "Some text. " },
      { id: "two-words-2", level: 2, title: "Two words", text: expect.stringContaining("next") },
    ]);
    expect(html).toContain('<h2 id="two-words">Two <code>words</code></h2>');
    expect(html).toContain('<a href="06-vit.html#top">');
    expect(html).toContain('<a href="https://nodejs.org">');
    expect(html).toMatch(/<details><summary>Hint<\/summary>\s*<p>The <strong>plan<\/strong>/);
    expect(prose("## Шаг 1")).toContain('id="шаг-1"');
  });

  it("shows what cells have shown, and escapes what is not markup", () => {
    const outputs = [
      { output_type: "stream", name: "stdout", text: ["a < b\n"] },
      { output_type: "display_data", data: { "text/html": ["<b>bold</b>"], "text/plain": "bold" } },
      { output_type: "display_data", data: { "image/png": "AAAA\n", "text/plain": 'a "line"' } },
      {
        output_type: "display_data",
        data: { "text/markdown": ["*a*\n\n", "| b |\n| - |\n| 1 |"], "text/plain": "*a*" },
      },
      { output_type: "display_data", data: { "image/svg+xml": '<svg id="#1"/>', "text/plain": "a circle" } },
      { output_type: "execute_result", data: { "text/plain": "<1>" } },
      { output_type: "error", traceback: ["\u001b[31mError\u001b[0m: <no>"] },
      { output_type: "stream", name: "stdout", text: "x\n".repeat(100) },
    ];
    const { html } = render({ cells: [code("const x = 1 < 2;", outputs)], metadata: {} }, { words });
    expect(html).toContain(
      '<span class="hljs-keyword">const</span> x = <span class="hljs-number">1</span> &lt;',
    );
    expect(html).toContain('<pre class="printed">a &lt; b\n</pre>');
    expect(html).toContain("<b>bold</b>");
    expect(html).toContain('<img src="data:image/png;base64,AAAA" alt="a &quot;line&quot;">');
    expect(html).toContain("<p><em>a</em></p>");
    expect(html).toContain("<td>1</td>");
    expect(html).toContain('<img src="data:image/svg+xml,%3Csvg%20id%3D%22%231%22%2F%3E" alt="a circle">');
    expect(html).toContain('<pre class="printed">&lt;1&gt;</pre>');
    expect(html).toContain("Error: &lt;no&gt;</pre>");
    expect(html).toContain("… more lines (101)");
  });

  it("has the hole where a student writes", () => {
    const cells = [code("return 1;", [], "f-answer"), code("f();", [], "b")];
    const { html } = render(
      { cells, metadata: {} },
      { holes: new Map([["f-answer", "// YOUR CODE HERE"]]), words },
    );
    expect(html).toContain("YOUR CODE HERE");
    expect(html).not.toContain("return");
    expect(html).toContain("f</span>();");
  });
});

const chromium = (() => {
  try {
    return Boolean(findChromium());
  } catch {
    return false;
  }
})();
const types: Record<string, string> = { ".html": "text/html", ".js": "text/javascript", ".css": "text/css" };

describe("the site", () => {
  const folder = mkdtempSync(join(tmpdir(), "gradschool-site-"));
  const site = join(folder, "site");
  const build = () =>
    execFileSync(process.execPath, ["scripts/site.mjs", "--out", site], {
      cwd: root,
      encoding: "utf8",
      stdio: "pipe",
    });
  let server: Server;
  let browser: Browser;
  let origin: string;
  beforeAll(async () => {
    build();
    server = createServer((request, response) => {
      const file = join(site, normalize(decodeURIComponent(new URL(request.url ?? "", "http://x").pathname)));
      if (!existsSync(file)) return void response.writeHead(404).end();
      response.writeHead(200, { "Content-Type": types[extname(file)] ?? "" }).end(readFileSync(file));
    });
    await new Promise<void>((done) => server.listen(0, "127.0.0.1", done));
    origin = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
    if (chromium) browser = await launchChromium();
  }, 180_000);
  afterAll(async () => {
    await browser?.close();
    server?.close();
    rmSync(folder, { recursive: true, force: true });
  });

  const pages = () => [
    ...["index.html", "ru/index.html", "glossary.html", "instructors.html"],
    ...["en", "ru"].flatMap((language) =>
      readdirSync(join(site, language))
        .filter((name) => name.startsWith("0"))
        .map((name) => `${language}/${name}`),
    ),
  ];

  it("has a page for every lecture with a notebook, in both languages, and nothing half-written", () => {
    const notebooks = readdirSync(join(root, "notebooks")).filter((name) => name.endsWith(".ipynb"));
    const wanted = notebooks.map((name) => name.replace(".ipynb", ".html")).sort();
    expect(readdirSync(join(site, "en")).sort()).toEqual(wanted);
    expect(readdirSync(join(site, "ru")).sort()).toEqual([...wanted, "index.html"]);
    expect(readdirSync(folder)).toEqual(["site"]);
  });

  it("takes nothing from elsewhere, and gives every picture its words", () => {
    for (const name of pages()) {
      const html = readFileSync(join(site, name), "utf8");
      const markup = html.replace(/<script>[\s\S]*?<\/script>/g, "");
      expect(markup, name).not.toMatch(/<(script|img|link|iframe)[^>]+(src|href)="?(https?:)?\/\//);
      expect(markup, name).not.toContain("katex-error");
      for (const [image] of markup.matchAll(/<img [^>]*>/g)) expect(image, name).toMatch(/ alt="[^"]+"/);
    }
  });

  it("has the glossary and the page for instructors, linked from both home pages, and every link leads somewhere", () => {
    for (const [name, up] of [
      ["index.html", ""],
      ["ru/index.html", "../"],
    ]) {
      const html = readFileSync(join(site, name), "utf8");
      for (const document of ["glossary", "instructors"])
        expect(html, name).toContain(`<a href="${up}${document}.html">`);
    }
    const glossary = readFileSync(join(site, "glossary.html"), "utf8");
    expect(glossary).toContain("<td>backpropagation</td>\n<td>обратное распространение ошибки</td>");
    expect(readFileSync(join(site, "instructors.html"), "utf8")).toContain(
      '<a href="glossary.html">glossary</a>',
    );
    for (const name of pages().filter((one) => !/\d\d-/.test(one))) {
      const html = readFileSync(join(site, name), "utf8");
      for (const [, href] of html.matchAll(/<a [^>]*href="([^"#:]+)(?:#[^"]*)?"/g))
        expect(existsSync(join(site, name, "..", href)), `${name}: ${href}`).toBe(true);
    }
    const index = readFileSync(join(site, "assets", "search-ru.js"), "utf8");
    expect(index).toContain("glossary.html#learning");
  });

  it("does not remove a folder that is something else", () => {
    const other = join(folder, "mine");
    execFileSync(process.execPath, ["-e", `require("fs").mkdirSync(${JSON.stringify(other)})`]);
    writeFileSync(join(other, "thesis.txt"), "years of work");
    const ours = ["scripts/site.mjs", "--out", other];
    expect(() => execFileSync(process.execPath, ours, { cwd: root, stdio: "pipe" })).toThrow(
      /holds something else than a site/,
    );
    expect(readFileSync(join(other, "thesis.txt"), "utf8")).toBe("years of work");
    rmSync(other, { recursive: true });
  });

  describe.skipIf(!chromium)(`in a browser${chromium ? "" : " (no Chromium was found)"}`, () => {
    const complaints: string[] = [];
    const blank = async (width: number): Promise<Page> => {
      const page = await browser.newPage({ viewport: { width, height: 900 } });
      page.on("console", (message) => void (message.type() === "error" && complaints.push(message.text())));
      page.on("pageerror", (error) => void complaints.push(error.message));
      page.on("request", (request) => {
        if (!request.url().startsWith(origin) && !request.url().startsWith("data:"))
          complaints.push(request.url());
      });
      return page;
    };

    it("opens every page, at a laptop's width and at a phone's", { timeout: 180_000 }, async () => {
      for (const width of [1366, 390]) {
        const page = await blank(width);
        for (const name of pages()) {
          await page.goto(`${origin}/${name}`);
          const wide = await page.evaluate(() => document.documentElement.scrollWidth);
          expect(wide, `${name} at ${width}`).toBeLessThanOrEqual(width);
        }
        await page.close();
      }
      expect(complaints).toEqual([]);
    });

    it("makes figures live, finds words, and changes its colours", { timeout: 120_000 }, async () => {
      const page = await blank(1366);
      await page.goto(`${origin}/en/05-gpt.html`);
      await page.locator("[data-gradschool-figure]").first().scrollIntoViewIfNeeded();
      await page.waitForFunction(
        () =>
          document.querySelectorAll(".js-plotly-plot .main-svg").length > 0 &&
          document.querySelectorAll("[data-gradschool-figure]").length ===
            document.querySelectorAll(".js-plotly-plot").length,
      );
      await page.fill("header input", "causal atention");
      const first = page.locator("header form li a").first();
      await first.waitFor();
      expect(await first.textContent()).toContain("ausal");

      const ink = () => page.evaluate(() => getComputedStyle(document.body).color);
      const before = await ink();
      await page.click("header .theme");
      expect(await ink()).not.toBe(before);
      await page.close();
      expect(complaints).toEqual([]);
    });
  });
});
