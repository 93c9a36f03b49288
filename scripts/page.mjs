/** Pages for checks and measurements: bundled as a user's would be, served with or without cross-origin isolation. */
import { existsSync, readFileSync } from "node:fs";
import { createServer } from "node:http";
import path from "node:path";
import { Problem } from "./steps.mjs";

const isolation = {
  "Cross-Origin-Opener-Policy": "same-origin",
  "Cross-Origin-Embedder-Policy": "require-corp",
};
/** @type {Record<string, string>} */
const types = {
  ".html": "text/html",
  ".js": "text/javascript",
  ".mjs": "text/javascript",
  ".css": "text/css",
};

/** Bundles the page whose index.html lies in `folder` into `outDir`. @param {string} folder @param {string} outDir */
export async function bundle(folder, outDir) {
  const { build } = await import("vite");
  await build({
    root: folder,
    base: "./",
    configFile: false,
    logLevel: "error",
    build: { outDir, emptyOutDir: true, target: "esnext" },
  });
}

/** Serves `folder` under /isolated/ (with the headers that shared memory needs) and under /plain/. @param {string} folder */
export async function serve(folder) {
  const server = createServer((request, response) => {
    const { pathname } = new URL(request.url ?? "", "http://localhost");
    const [, place, ...rest] = decodeURIComponent(pathname).split("/");
    const file = path.join(folder, path.normalize(`/${rest.join("/") || "index.html"}`));
    if (!(place === "isolated" || place === "plain") || !existsSync(file)) {
      response.writeHead(404).end();
      return;
    }
    const type = types[path.extname(file)] ?? "application/octet-stream";
    response.writeHead(200, { "Content-Type": type, ...(place === "isolated" ? isolation : {}) });
    response.end(readFileSync(file));
  });
  await new Promise((resolve, reject) => {
    server.on("error", (error) => reject(new Problem(`No page can be served: ${error.message}`)));
    server.listen(0, "127.0.0.1", () => resolve(undefined));
  });
  const { port } = /** @type {import("node:net").AddressInfo} */ (server.address());
  return { origin: `http://127.0.0.1:${port}`, stop: () => server.close() };
}
