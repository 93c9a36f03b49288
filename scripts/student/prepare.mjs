/** What `npm start` does for a student before JupyterLab opens: the folder, the language, the copies. */
import { step, yellow } from "../steps.mjs";
import { makeCopies } from "./copies.mjs";
import { choosePlace, makePlace, readSettings, studentPlace } from "./place.mjs";
import { tell, update } from "./update.mjs";

/**
 * Resolves with the student's folder.
 * @param {{ place?: string, language?: import("./place.mjs").Language }} options what the command line named
 */
export async function prepare({ place: named, language }) {
  const place = studentPlace(named);
  const { newer } = await step("your notebooks", () => {
    makePlace(place);
    if (named !== undefined) choosePlace(place);
    const { made, newer } = makeCopies(place);
    return { newer, note: made > 0 ? `${made} copied to ${place}` : place };
  });
  if (language && language !== readSettings(place).language) {
    console.log(`  your notebooks in ${language === "ru" ? "Russian" : "English"}:`);
    tell(await update(place, { language }));
  } else if (newer.length > 0)
    console.log(
      yellow(
        `  – The course has a new version of ${newer.join(", ")}. To bring it to your copies: npm run update`,
      ),
    );
  return place;
}
