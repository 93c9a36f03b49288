/** Everything the course needs before it can run; each part is skipped when it is up to date. */
import { build } from "./build.mjs";
import { registerKernel } from "./kernelspec.mjs";
import { installPackages } from "./packages.mjs";
import { prepareJupyter } from "./python.mjs";
import { step } from "./steps.mjs";

/** Returns the Jupyter to use: `{ command, version, own, env }`. */
export async function setup() {
  let jupyter;
  await step("npm packages", installPackages);
  await step("JupyterLab", async () => {
    let said = "";
    jupyter = await prepareJupyter((note) => {
      said = note;
    });
    return said;
  });
  await step("TypeScript kernel", async () => {
    const { env, note } = registerKernel(jupyter);
    jupyter = { ...jupyter, env };
    return note;
  });
  await step("library", build);
  return jupyter;
}
