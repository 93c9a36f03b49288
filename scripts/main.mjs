/** What `npm start` was asked for. */
import { parse } from "./arguments.mjs";
import { isReleased } from "./build.mjs";
import { check } from "./check.mjs";
import { openCourse } from "./lab.mjs";
import { fetchOptional, OPTIONAL } from "./optional.mjs";
import { choose, runNotebooks } from "./run.mjs";
import { setup } from "./setup.mjs";
import { bold, report, step } from "./steps.mjs";
import { prepare } from "./student/prepare.mjs";

const help = `
${bold("npm start")}                       set up what is missing and open your copies of the notebooks in JupyterLab
                  ${bold("--in FOLDER")}     where your copies lie (my-course/ here), kept for the next time
                  ${bold("--lang ru")}       in Russian, where there is a translation; kept too (back: --lang en)
${bold("npm start -- --check")}            set up, then say what is there: one line each, with the remedy
${bold("npm start -- --run gpt")}          run a lecture's notebook without a browser; results in out/
                                may be given several times; \`--run all\` runs every lecture;
                                a path to an .ipynb file runs that notebook
${isReleased() ? "" : `                  ${bold("--students")}      the version with holes instead of the solutions\n`}                  ${bold("--jobs 2")}        how many notebooks at once
${bold("npm start -- --with minilm")}      fetch what is too large to come with the course: ${Object.keys(OPTIONAL).join(", ")}
${bold("npm start -- --setup")}            set up, open nothing
${bold("npm start -- --help")}             this page

${bold("npm run progress")}                which exercises you have passed
${bold("npm run update")}                  after you got a new version of the course: brings it to your copies
${bold("npm run reset")} -- 05-gpt [causalAttention]   a notebook, or one exercise, as the course gives it
${bold("npm run hand-in")} [-- 05-gpt]     runs your notebooks once and packs them into one file, to be sent

${
  isReleased()
    ? `${bold("npm test")}                        sets up, then runs every notebook once, short: does the course work here?`
    : `${bold("npm test")}                        all checks and tests
${bold("npm run test:browser")}            the notebooks in a real browser, with screenshots`
}
`;

/** Resolves with the exit code. @param {readonly string[]} args */
export async function main(args) {
  const options = parse(args);
  if (options.mode === "help") {
    console.log(help);
    return 0;
  }
  const notebooks = options.mode === "run" ? choose(options) : [];
  console.log(bold("gradschool"));
  if (options.mode === "check") {
    // What a fresh clone lacks is installed first; what cannot be had, the lines below name with its remedy.
    await setup().catch(report);
    console.log("");
    return check();
  }
  const jupyter = await setup();
  if (options.mode === "setup") return 0;
  if (options.mode === "with") return fetchAll(options.wanted, jupyter);
  if (options.mode === "open") return openCourse(jupyter, await prepare(options));
  console.log("");
  return runNotebooks(jupyter, notebooks, options);
}

/** @param {readonly string[]} names @param {import("./setup.mjs").Ready} jupyter */
async function fetchAll(names, jupyter) {
  for (const name of names) {
    await step(name, () => fetchOptional(name, jupyter));
    const { use, licence } = OPTIONAL[/** @type {keyof typeof OPTIONAL} */ (name)];
    console.log(`    ${use} (${licence})`);
  }
  return 0;
}
