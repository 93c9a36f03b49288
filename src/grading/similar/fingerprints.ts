/**
 * What code is like, whatever its names and its layout: hashes of a few tokens in a row, of which the smallest of every stretch is
 * kept (winnowing: Schleimer, Wilkerson, Aiken, SIGMOD 2003), so that any copied stretch of `WINDOW + LENGTH − 1` tokens shares one.
 */
import type ts from "typescript";
import type { TypeScript } from "../slicing";

/** Tokens in a hash, and hashes of which one is kept. */
const [LENGTH, WINDOW] = [9, 4];

export interface Fingerprint {
  readonly hash: number;
  /** Lines of the code, from 0. */
  readonly from: number;
  readonly to: number;
}

interface Token {
  readonly text: string;
  readonly line: number;
}

export function fingerprints(ts: TypeScript, source: string): Fingerprint[] {
  const tokens = tokensOf(ts, source);
  const hashes = tokens.slice(0, Math.max(0, tokens.length - LENGTH + 1)).map((_, i) => {
    const part = tokens.slice(i, i + LENGTH);
    return {
      hash: hashOf(part.map(({ text }) => text).join(" ")),
      from: part[0].line,
      to: part[LENGTH - 1].line,
    };
  });
  const kept = new Set<Fingerprint>();
  for (let i = 0; i + Math.min(WINDOW, hashes.length) <= hashes.length && hashes.length > 0; i++) {
    const stretch = hashes.slice(i, i + WINDOW);
    kept.add(stretch.reduce((least, one) => (one.hash <= least.hash ? one : least)));
  }
  return [...kept];
}

/**
 * Names that the code has chosen itself become one word; what it calls of others (`.matmul`) stays. Types, comments and layout are
 * left out, and `const`, `let` and `var` are one.
 */
function tokensOf(ts: TypeScript, source: string): Token[] {
  const file = ts.createSourceFile("a.ts", source, ts.ScriptTarget.ES2022, true);
  const found: Token[] = [];
  const visit = (node: ts.Node): void => {
    if (node.kind === ts.SyntaxKind.JSDoc) return;
    if (node.getChildCount(file) === 0) {
      const token = wordOf(ts, node, file);
      if (token !== null)
        found.push({ text: token, line: file.getLineAndCharacterOfPosition(node.getStart(file)).line });
    } else for (const child of node.getChildren(file)) if (!isType(ts, child)) visit(child);
  };
  visit(file);
  return found;
}

const isType = (ts: TypeScript, node: ts.Node): boolean =>
  ts.isTypeNode(node) ||
  ts.isInterfaceDeclaration(node) ||
  ts.isTypeAliasDeclaration(node) ||
  ts.isImportDeclaration(node);

function wordOf(ts: TypeScript, node: ts.Node, file: ts.SourceFile): string | null {
  const text = node.getText(file);
  if (text === "" || text === ";" || text === ",") return null;
  if (/^(const|let|var)$/.test(text)) return "let";
  if (ts.isIdentifier(node)) {
    const { parent } = node;
    return ts.isPropertyAccessExpression(parent) && parent.name === node ? `.${text}` : "name";
  }
  if (ts.isStringLiteralLike(node)) return "text";
  return text;
}

/** FNV-1a. */
function hashOf(text: string): number {
  let hash = 0x811c9dc5;
  for (let i = 0; i < text.length; i++) hash = Math.imul(hash ^ text.charCodeAt(i), 0x01000193) >>> 0;
  return hash;
}
