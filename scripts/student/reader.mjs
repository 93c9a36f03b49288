/** In which language a student is told things: the one that was chosen with `npm start -- --lang`. */

/** @type {import("./place.mjs").Language} */
let language = "en";

/** @param {import("./place.mjs").Language} wanted */
export function setReader(wanted) {
  language = wanted;
}

/** @param {{ en: string, ru: string }} text */
export const say = (text) => text[language];
