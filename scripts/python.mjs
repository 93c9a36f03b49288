/** Python: the course's own environment in .venv, or a Jupyter that is there already. */
import { createHash } from "node:crypto";
import { existsSync, mkdirSync, readFileSync, realpathSync, rmSync, writeFileSync } from "node:fs";
import path from "node:path";
import { locked } from "./lock.mjs";
import { ask, call } from "./processes.mjs";
import { inRoot, inWords, Problem, tail, windows, writeWhole } from "./steps.mjs";

/** @typedef {[string, ...string[]]} Command a program and its first arguments */
/** @typedef {{ command: Command, version: number[], text: string, whole: boolean }} Python `whole`: it can make environments */
/** @typedef {{ command: Command, version: string, own: boolean }} Jupyter */

const requirements = inRoot("scripts", "requirements.txt");
const venv = inRoot(".venv");
/** Written last: an environment without it is half-made. */
const stampFile = path.join(venv, "gradschool.json");
const venvPython = windows ? path.join(venv, "Scripts", "python.exe") : path.join(venv, "bin", "python");
/** `-E`: PYTHONPATH, PYTHONHOME and their kin are meant for other Pythons than ours. */
const ownCommand = /** @type {Command} */ ([venvPython, "-E"]);

/** Where the kernel is registered for a Jupyter that is not ours: see kernelspec.mjs. */
export const borrowed = inRoot(".cache", "jupyter");

const oldest = [3, 10];
/** Says the version of JupyterLab if everything needed is there. Imports nothing: that would take seconds. */
const question =
  "from importlib.metadata import version as v; print([v(name) for name in ('nbclient', 'nbconvert', 'jupyterlab')][-1])";

/** Every Python that answers, in the order we would take them. @returns {Python[]} */
export function findPythons() {
  const names = windows ? ["python", "python3"] : ["python3", "python"];
  const numbered = [14, 13, 12, 11, 10].map((minor) => `python3.${minor}`);
  const named = process.env.PYTHON ? [process.env.PYTHON] : [];
  const commands = [...named, ...names, ...numbered].map((name) => /** @type {Command} */ ([name]));
  if (windows) commands.push(["py", "-3"]);
  const probe =
    "import sys, importlib.util as u; print(*sys.version_info[:3], bool(u.find_spec('venv') and u.find_spec('ensurepip')))";
  /** @type {Python[]} */
  const found = [];
  for (const [command, ...first] of commands) {
    const answer = ask(command, [...first, "-E", "-c", probe]);
    if (!answer) continue;
    const [major, minor, patch, whole] = answer.split(" ");
    const version = [Number(major), Number(minor), Number(patch)];
    found.push({ command: [command, ...first], version, text: version.join("."), whole: whole === "True" });
    if (isNewEnough(version) && whole === "True") break;
  }
  return found;
}

/** @param {readonly number[]} version */
const isNewEnough = ([major, minor]) => major > oldest[0] || (major === oldest[0] && minor >= oldest[1]);

const wanted = () => createHash("sha256").update(readFileSync(requirements)).digest("hex");

export function venvUpToDate() {
  if (!existsSync(stampFile)) return false;
  try {
    if (JSON.parse(readFileSync(stampFile, "utf8")).requirements !== wanted()) return false;
  } catch {
    return false;
  }
  return venvWorks();
}

const venvWorks = () => ask(venvPython, ["-E", "-c", question]) === pinned("jupyterlab");

/**
 * A Python whose Jupyter can open and run the course without our environment, or null.
 * @returns {Omit<Jupyter, "own"> | null}
 */
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
 * The Jupyter to use, and how we came by it. Makes `.venv` where it is missing, outdated or half-made. If that is
 * impossible, takes a Jupyter that is there already.
 * @returns {Promise<Jupyter & { note: string }>}
 */
export async function prepareJupyter() {
  if (venvUpToDate()) return { ...ownJupyter(), note: "up to date" };
  // An earlier start could not make .venv and took this machine's Jupyter: do not make anyone wait again.
  const settled = existsSync(borrowed) && findJupyter();
  if (settled) return { ...settled, own: false, note: `${settled.version} of this machine` };
  try {
    const python = choosePython();
    const state = await locked("JupyterLab", "made", venvUpToDate, () => makeVenv(python));
    return { ...ownJupyter(), note: `Python ${python.text}, .venv ${state}` };
  } catch (problem) {
    const other = problem instanceof Problem ? findJupyter() : null;
    if (!other) throw problem;
    const [why] = /** @type {Problem} */ (problem).message.split("\n");
    return { ...other, own: false, note: `${other.version} of this machine. ${why}` };
  }
}

/** The Jupyter that an earlier `npm start` prepared, or one of this machine; null if there is none. @returns {Jupyter | null} */
export function presentJupyter() {
  if (venvUpToDate()) return ownJupyter();
  const other = findJupyter();
  return other && { ...other, own: false };
}

const ownJupyter = () => ({ command: ownCommand, version: pinned("jupyterlab"), own: true });

/** The version of a Python package that the course asks for. @param {string} name */
const pinned = (name) =>
  readFileSync(requirements, "utf8").match(new RegExp(`^${name}==(\\S+)`, "m"))?.[1] ?? "";

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

/** Make .venv, or bring it up to date; resolves with what was done. @param {Python} python */
async function makeVenv({ command: [command, ...first] }) {
  const before = existsSync(stampFile) && readFileSync(stampFile, "utf8");
  const whole = before && ask(venvPython, ["-E", "-c", "0"]) !== null;
  rmSync(stampFile, { force: true });
  const done = whole ? "brought up to date" : existsSync(venv) ? "made anew" : "made";
  if (!whole) {
    rmSync(venv, { recursive: true, force: true });
    mkdirSync(venv, { recursive: true });
    const made = await call(command, [...first, "-E", "-m", "venv", venv]);
    if (made.code !== 0) {
      rmSync(venv, { recursive: true, force: true });
      throw inWords(made.output) ?? new Problem(`python -m venv failed:\n${tail(made.output, 15)}`);
    }
  }
  const flags = ["--quiet", "--disable-pip-version-check", "--retries=2"];
  const installed = await call(venvPython, ["-E", "-m", "pip", "install", ...flags, "-r", requirements], {
    env: pipEnv(),
  });
  const complete = installed.code === 0 && venvWorks();
  if (!complete && whole && !inWords(installed.output)) {
    writeFileSync(stampFile, before);
    return "kept as it was: the package index cannot be reached";
  }
  if (!complete) {
    rmSync(venv, { recursive: true, force: true });
    throw pipProblem(installed);
  }
  writeWhole(stampFile, JSON.stringify({ requirements: wanted() }));
  return done;
}

/** Settings of the user's that would install elsewhere, or only a part. Where to install from is theirs to say. */
export function pipEnv() {
  const elsewhere = [
    "TARGET",
    "PREFIX",
    "ROOT",
    "NO_DEPS",
    "DRY_RUN",
    "REQUIREMENT",
    "EDITABLE",
    "REQUIRE_HASHES",
  ];
  const unset = Object.fromEntries(elsewhere.map((name) => [`PIP_${name}`, undefined]));
  return { ...unset, PIP_USER: "0" };
}

/** @param {{ code: number, output: string }} result */
function pipProblem({ code, output }) {
  const disk = inWords(output);
  if (disk) return disk;
  const words = tail(output, 15);
  if (code === 0)
    return new Problem(
      `pip called it a success, but JupyterLab ${pinned("jupyterlab")} is not in .venv.\n${words}`,
      "A setting of pip's may send packages elsewhere: see `python3 -m pip config list` (target, prefix, root).",
    );
  if (/CERTIFICATE_VERIFY_FAILED|SSLError/i.test(output))
    return new Problem(
      `pip does not trust the certificate of the package index, or of a proxy on the way:\n${words}`,
      "Name your organisation's certificate: PIP_CERT=/path/to/ca.pem npm start",
    );
  const offline = /connection|network|resolve|timed out|No matching distribution|Max retries/i.test(output);
  if (!offline) return new Problem(`pip install failed:\n${words}`);
  return new Problem(
    "The Python package index cannot be reached.",
    `No JupyterLab 4 is on this machine either. Connect to the network once and run \`npm start\` again\n` +
      "(behind a proxy: set HTTPS_PROXY; an index of your own: `python3 -m pip config set global.index-url <address>`),\n" +
      `or install one by hand where \`python3\` finds it:\n` +
      `  python3 -m pip install jupyterlab==${pinned("jupyterlab")} nbclient==${pinned("nbclient")} nbconvert==${pinned("nbconvert")}`,
  );
}
