/**
 * The course on a JupyterHub: one installation, which its users cannot write, and each of them with their own copies.
 *
 *     npm run hub                          once, by whoever owns the installation: sets everything up
 *     node scripts/hub.mjs single …        what JupyterHub starts for a user, as that user (docs/jupyterhub.md)
 */
import { accessSync, chmodSync, constants, realpathSync, statSync } from "node:fs";
import { homedir } from "node:os";
import path from "node:path";
import { courseOptions, plotlyForLab, studentsPlace } from "./lab.mjs";
import { start } from "./processes.mjs";
import { inRoot, isMain, Problem, report, root, windows, yellow } from "./steps.mjs";
import { prepare } from "./student/prepare.mjs";

/** Resolves with the exit code. @param {readonly string[]} args */
async function main([mode, ...more]) {
  if (mode === "single") return single(more);
  if (mode !== undefined)
    throw new Problem(`There is no ${mode}.`, "npm run hub: sets up what a JupyterHub needs.");
  const { setup } = await import("./setup.mjs");
  await setup();
  plotlyForLab();
  const needed = [root, process.execPath, ...(windows ? [] : [inRoot(".venv", "bin", "python")])];
  for (const [place, folder] of needed.flatMap(closedTo))
    console.log(yellow(`\n${place} cannot be reached by other users: ${folder} is closed to them.`));
  console.log(
    `\nFor jupyterhub_config.py:\n  c.Spawner.cmd = ["${process.execPath}", "${inRoot("scripts", "hub.mjs")}", "single"]`,
  );
  return 0;
}

/** The first folder on the way to a file that only its owner may enter. @param {string} file @returns {[string, string][]} */
function closedTo(file) {
  const real = realpathSync(file);
  const parts = real.split(path.sep);
  const ways = parts.map((_, i) => parts.slice(0, i + 1).join(path.sep) || path.sep);
  const closed = windows ? undefined : ways.slice(0, -1).find((folder) => (statSync(folder).mode & 1) === 0);
  return closed ? [[real, closed]] : [];
}

/**
 * Makes the user's copies and becomes the user's server. The hub's own environment has `jupyterhub-singleuser` and JupyterLab;
 * it finds the course's kernel beside the course's Python.
 * @param {readonly string[]} args the hub's
 */
async function single(args) {
  process.env.GRADSCHOOL_COURSE ??= path.join(homedir(), "gradschool-course");
  const folder = await prepare({});
  chmodSync(folder, 0o700); // home folders often are for all to read, and answers are not
  const { page, env } = studentsPlace(folder);
  const data = inRoot(".venv", "share", "jupyter");
  const child = start("jupyterhub-singleuser", [...args, ...courseOptions()], {
    cwd: folder,
    stdio: "inherit",
    env: {
      ...process.env,
      ...env,
      JUPYTER_PATH: [data, process.env.JUPYTER_PATH].filter(Boolean).join(path.delimiter),
      JUPYTERHUB_ROOT_DIR: folder,
      JUPYTERHUB_DEFAULT_URL: page,
      // Packages that a student installs for cells of their own.
      ...(isWritable(root) ? {} : { GRADSCHOOL_PACKAGES: path.join(folder, "packages") }),
    },
  });
  return new Promise((resolve, reject) => {
    child.once("error", ({ message }) =>
      reject(
        new Problem(
          `jupyterhub-singleuser cannot be started: ${message}.`,
          "The hub's environment must be on the user's PATH (c.Spawner.environment), and its Python where every user may read it.",
        ),
      ),
    );
    child.once("exit", (code) => resolve(code ?? 1));
  });
}

/** @param {string} place */
function isWritable(place) {
  try {
    accessSync(place, constants.W_OK);
    return true;
  } catch {
    return false;
  }
}

if (isMain(import.meta.url))
  main(process.argv.slice(2)).then(
    (code) => process.exit(code),
    (error) => process.exit(report(error)),
  );
