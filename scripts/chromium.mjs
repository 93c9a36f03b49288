/** A real browser for what only a browser can do: look at notebooks, and turn pictures into pixels. */
import { existsSync } from "node:fs";
import { ask } from "./processes.mjs";
import { Problem, windows } from "./steps.mjs";

/** Where Chromium is; CHROMIUM names another place. */
export function findChromium() {
  const names = ["chromium", "chromium-browser", "google-chrome", "google-chrome-stable"];
  const places = [
    process.env.CHROMIUM,
    ...names.map((name) =>
      ask(windows ? "where" : "which", [name])
        ?.split("\n")[0]
        .trim(),
    ),
    "/Applications/Google Chrome.app/Contents/MacOS/Google Chrome",
    "C:\\Program Files\\Google\\Chrome\\Application\\chrome.exe",
  ];
  const found = places.find((place) => place && existsSync(place));
  if (found) return found;
  throw new Problem(
    "No Chromium was found.",
    "Debian or Ubuntu: sudo apt install chromium. Elsewhere install Chrome, or set CHROMIUM=/path/to/it.",
  );
}

const chromiumFlags = [
  "--disable-quic",
  "--no-first-run",
  "--disable-background-networking",
  "--disable-component-update",
  "--disable-sync",
];

/** A Chromium as playwright drives it; `headed`: with a window, and the machine's GPU. */
export async function launchChromium({ headed = false } = {}) {
  const { chromium } = await import("playwright-core");
  const gpu = headed ? ["--ignore-gpu-blocklist"] : ["--disable-gpu"];
  const asRoot = process.getuid?.() === 0 ? ["--no-sandbox"] : [];
  return chromium.launch({
    executablePath: findChromium(),
    headless: !headed,
    args: [...gpu, ...chromiumFlags, ...asRoot],
  });
}
