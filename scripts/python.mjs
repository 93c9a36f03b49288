/** Python: the course's own environment in .venv, or a Jupyter that is there already. */
import { createHash } from "node:crypto";
import { existsSync, mkdirSync, readFileSync, realpathSync, rmSync, writeFileSync } from "node:fs";
import path from "node:path";
import { ask, call, inRoot, Problem, windows } from "./steps.mjs";

const requirements = inRoot("scripts", "requirements.txt");
const venv = inRoot(".venv");
/** Written last: an environment without it is half-made. */
const stampFile = path.join(venv, "gradschool.json");
export const venvPython = windows
  ? path.join(venv, "Scripts", "python.exe")
  : path.join(venv, "bin", "python");

/** Where the kernel is registered for a Jupyter that is not ours: see kernelspec.mjs. */
export const borrowed = inRoot(".cache", "jupyter");

const oldest = [3, 10];
/** Says the version of JupyterLab if everything needed is there. Imports nothing: that would take seconds. */
const question =
  "from importlib.metadata import version as v; print([v(name) for name in ('nbclient', 'nbconvert', 'jupyterlab')][-1])";

/** {version, command, ensurepip} of every Python that answers, in the order we would take them. */
export function findPythons() {
  const names = windows ? ["python", "python3"] : ["python3", "python"];
  const numbered = [14, 13, 12, 11, 10].map((minor) => `python3.${minor}`);
  const commands = [process.env.PYTHON, ...names, ...numbered].filter(Boolean).map((name) => [name]);
  if (windows) commands.push(["py", "-3"]);
  const probe =
    "import sys, importlib.util as u; print(*sys.version_info[:3], bool(u.find_spec('venv') and u.find_spec('ensurepip')))";
  const found = [];
  for (const [command, ...first] of commands) {
    const answer = ask(command, [...first, "-c", probe]);
    if (!answer) continue;
    const [major, minor, patch, whole] = answer.split(" ");
    const version = [Number(major), Number(minor), Number(patch)];
    found.push({ command: [command, ...first], version, text: version.join("."), whole: whole === "True" });
    if (isNewEnough(version) && whole === "True") break;
  }
  return found;
}

const isNewEnough = ([major, minor]) => major > oldest[0] || (major === oldest[0] && minor >= oldest[1]);

const wanted = () => createHash("sha256").update(readFileSync(requirements)).digest("hex");

export function venvUpToDate() {
  if (!existsSync(stampFile)) return false;
  try {
    if (JSON.parse(readFileSync(stampFile, "utf8")).requirements !== wanted()) return false;
  } catch {
    return false;
  }
  return ask(venvPython, ["-c", question]) === pinned("jupyterlab");
}

/** A Python whose Jupyter can open and run the course without our environment, or null. */
export function findJupyter() {
  const pythons = findPythons().map((python) => python.command);
  const onPath = ask(windows ? "where" : "which", ["jupyter"])
    ?.split("\n")[0]
    .trim();
  if (onPath)
    pythons.push([path.join(path.dirname(realpathSync(onPath)), windows ? "python.exe" : "python3")]);
  for (const [command, ...first] of pythons) {
    const version = ask(command, [...first, "-c", question]);
    if (version && Number.parseInt(version, 10) >= 4) return { command: [command, ...first], version };
  }
  return null;
}

/**
 * The Jupyter to use: `{ command, version, own }`. Makes `.venv` where it is missing, outdated or half-made.
 * If that is impossible, takes a Jupyter that is there already.
 */
export async function prepareJupyter(note) {
  if (venvUpToDate()) {
    note("up to date");
    return ownJupyter();
  }
  // An earlier start could not make .venv and took this machine's Jupyter: do not make anyone wait again.
  const settled = existsSync(borrowed) && findJupyter();
  if (settled) {
    note(`${settled.version} of this machine`);
    return { ...settled, own: false };
  }
  try {
    const python = choosePython();
    const state = await makeVenv(python);
    note(`Python ${python.text}, .venv ${state}`);
    return ownJupyter();
  } catch (problem) {
    const other = problem instanceof Problem && findJupyter();
    if (!other) throw problem;
    note(`${other.version} of this machine. ${problem.message.split("\n")[0]}`);
    return { ...other, own: false };
  }
}

/** The Jupyter that an earlier `npm start` prepared, or one of this machine; null if there is none. */
export function presentJupyter() {
  if (venvUpToDate()) return ownJupyter();
  const other = findJupyter();
  return other && { ...other, own: false };
}

const ownJupyter = () => ({ command: [venvPython], version: pinned("jupyterlab"), own: true });

export const pinned = (name) =>
  readFileSync(requirements, "utf8").match(new RegExp(`^${name}==(\\S+)`, "m"))?.[1];

export function choosePython() {
  const found = findPythons();
  const get = "Get Python from https://www.python.org/downloads (or your package manager) and try again.";
  if (found.length === 0)
    throw new Problem("No Python was found; JupyterLab needs Python 3.10 or newer.", get);
  const newEnough = found.filter(({ version }) => isNewEnough(version));
  if (newEnough.length === 0)
    throw new Problem(
      `Python ${found[0].text} is too old; JupyterLab needs Python 3.10 or newer.`,
      `${get} To name one: PYTHON=/path/to/python3.12 npm start`,
    );
  const whole = newEnough.find((python) => python.whole);
  if (!whole)
    throw new Problem(
      `Python ${newEnough[0].text} is here without its venv module.`,
      "On Debian or Ubuntu: sudo apt install python3-venv. Elsewhere: install Python from https://www.python.org/downloads.",
    );
  return whole;
}

/** Make .venv, or bring it up to date; resolves with what was done. */
async function makeVenv({ command: [command, ...first] }) {
  const before = existsSync(stampFile) && readFileSync(stampFile, "utf8");
  const whole = before && ask(venvPython, ["-c", "0"]) !== null;
  rmSync(stampFile, { force: true });
  const done = whole ? "brought up to date" : existsSync(venv) ? "made anew" : "made";
  if (!whole) {
    rmSync(venv, { recursive: true, force: true });
    mkdirSync(venv, { recursive: true });
    const made = await call(command, [...first, "-m", "venv", venv]);
    if (made.code !== 0)
      throw new Problem(
        `python -m venv failed:\n${made.output.trim()}`,
        "Is the disk full, or the folder read-only?",
      );
  }
  const pip = [
    "-m",
    "pip",
    "install",
    "--quiet",
    "--disable-pip-version-check",
    "--retries=2",
    "-r",
    requirements,
  ];
  const installed = await call(venvPython, pip);
  if (installed.code !== 0 && whole) {
    writeFileSync(stampFile, before);
    return "kept as it was: the package index cannot be reached";
  }
  if (installed.code !== 0) {
    rmSync(venv, { recursive: true, force: true });
    throw pipProblem(installed.output);
  }
  quietLab();
  writeFileSync(stampFile, JSON.stringify({ requirements: wanted() }));
  return done;
}

function pipProblem(output) {
  const offline = /connection|network|resolve|timed out|No matching distribution|Max retries/i.test(output);
  if (!offline) return new Problem(`pip install failed:\n${output.trim().split("\n").slice(-15).join("\n")}`);
  return new Problem(
    "The Python package index cannot be reached.",
    `No JupyterLab 4 is on this machine either. Connect to the network once and run \`npm start\` again,\n` +
      `or install one by hand where \`python3\` finds it:\n` +
      `  python3 -m pip install jupyterlab==${pinned("jupyterlab")} nbclient==${pinned("nbclient")} nbconvert==${pinned("nbconvert")}`,
  );
}

/** No news and no update questions on a student's first screen. */
function quietLab() {
  const folder = path.join(venv, "share", "jupyter", "lab", "settings");
  mkdirSync(folder, { recursive: true });
  const settings = {
    "@jupyterlab/apputils-extension:notification": {
      fetchNews: "false",
      checkForUpdates: false,
      doNotDisturbMode: false,
    },
  };
  writeFileSync(path.join(folder, "overrides.json"), JSON.stringify(settings, null, 2));
}
