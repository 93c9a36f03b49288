/**
 * Writes exercises.json into the built library, dist/ unless another folder is named: of every exercise's check a version, which changes with what is asked and not with the words
 * around it. A student's progress remembers it: see src/grading/progress.
 */
import { createHash } from "node:crypto";
import { existsSync, readdirSync, readFileSync } from "node:fs";
import path from "node:path";
import ts from "typescript";
import { inRoot, isMain, report, writeWhole } from "./steps.mjs";

/** What an exercise says, and other solutions of it: none of these decides whether a solution passes. */
const words = [
  ...["title", "minutes", "prose", "hints", "mutants", "variants", "says", "because", "en", "ru"],
];

/** `{ [exercise's id]: version }` of the exercises in a lecture's folder. @param {string} folder */
export function versionsIn(folder) {
  /** @type {Record<string, string>} */
  const versions = {};
  if (!existsSync(folder)) return versions;
  const files = readdirSync(folder).filter((name) => /(?<!\.answers|\.hidden)\.ts$/.test(name));
  for (const file of files.map((name) => path.join(folder, name))) {
    const id = idIn(parse(file));
    if (!id) continue;
    const hash = createHash("sha256");
    for (const part of withHelpers(file)) hash.update(`${essence(parse(part))}\0`);
    versions[id] = hash.digest("hex").slice(0, 12);
  }
  return versions;
}

/** @param {string} file */
const parse = (file) => ts.createSourceFile(file, readFileSync(file, "utf8"), ts.ScriptTarget.ES2022, true);

/** The id in the file's `exercise(solution, { id: "…" })`. @param {ts.SourceFile} source */
function idIn(source) {
  /** @type {string | undefined} */
  let id;
  const visit = (/** @type {ts.Node} */ node) => {
    if (ts.isCallExpression(node) && node.expression.getText() === "exercise") {
      const about = node.arguments[1];
      const field = about && ts.isObjectLiteralExpression(about) ? about.properties.find(isId) : undefined;
      if (field && ts.isPropertyAssignment(field) && ts.isStringLiteralLike(field.initializer))
        id = field.initializer.text;
    }
    ts.forEachChild(node, visit);
  };
  visit(source);
  return id;
}

/** @param {ts.ObjectLiteralElementLike} field */
const isId = (field) => field.name?.getText() === "id";

/** The file, and those beside it that it imports. @param {string} file @param {string[]} [seen] @returns {string[]} */
function withHelpers(file, seen = []) {
  if (seen.includes(file) || !existsSync(file) || /\.(answers|hidden)\.ts$/.test(file)) return seen;
  seen.push(file);
  for (const node of parse(file).statements)
    if (ts.isImportDeclaration(node) && ts.isStringLiteral(node.moduleSpecifier))
      if (/^\.\/[^/]+$/.test(node.moduleSpecifier.text))
        withHelpers(path.join(path.dirname(file), `${node.moduleSpecifier.text}.ts`), seen);
  return seen;
}

/** The code without comments, layout and words. @param {ts.SourceFile} source */
function essence(source) {
  const { transformed } = ts.transform(source, [
    (context) => (file) => {
      /** @param {ts.Node} node @returns {ts.Node} */
      const visit = (node) => {
        const seen = ts.visitEachChild(node, visit, context);
        if (!ts.isObjectLiteralExpression(seen)) return seen;
        const kept = seen.properties.filter(({ name }) => !name || !words.includes(nameOf(name)));
        return context.factory.updateObjectLiteralExpression(seen, kept);
      };
      return /** @type {ts.SourceFile} */ (visit(file));
    },
  ]);
  return ts.createPrinter({ removeComments: true }).printFile(transformed[0]).replace(/\s+/g, " ");
}

/** @param {ts.PropertyName} name */
const nameOf = (name) => (ts.isIdentifier(name) || ts.isStringLiteralLike(name) ? name.text : "");

function main() {
  const lectures = readdirSync(inRoot("src", "lectures"), { withFileTypes: true });
  const folders = lectures.filter((entry) => entry.isDirectory()).map(({ name }) => name);
  const versions = folders.map((name) => versionsIn(inRoot("src", "lectures", name, "exercises")));
  writeWhole(
    inRoot(process.argv[2] ?? "dist", "exercises.json"),
    `${JSON.stringify(Object.assign({}, ...versions), null, 1)}\n`,
  );
}

if (isMain(import.meta.url)) {
  try {
    main();
  } catch (error) {
    process.exitCode = report(error);
  }
}
