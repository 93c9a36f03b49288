import { fileURLToPath } from "node:url";
import ts from "typescript";

/** What a parameter takes, as far as the types say; enough to make a value of it. */
export type Kind =
  | { k: "any" | "number" | "string" | "boolean" | "bigint" }
  | { k: "literal"; value: string | number | boolean | null }
  | { k: "union"; of: Kind[] }
  | { k: "list"; of: Kind }
  | { k: "tuple"; of: Kind[] }
  | { k: "map"; of: Kind }
  /** Something with a name: a class of the library, or an interface for which there is a specimen. */
  | { k: "named"; name: string }
  | { k: "function"; returns: Kind }
  | { k: "object"; fields: Record<string, Kind> };

export interface Param {
  readonly name: string;
  readonly kind: Kind;
  readonly rest: boolean;
}

/** Something public that can be called, constructed, read or written. */
export interface Callable {
  readonly how: "call" | "new" | "method" | "get" | "set";
  /** Where it is found in the library: `nd.zeros`, `Linear`; for a member the class, and its name in `member`. */
  readonly path: readonly string[];
  readonly member?: string;
  readonly params: readonly Param[];
}

const root = fileURLToPath(new URL("../..", import.meta.url));

/** Whether this is `export type { Name }`: there is nothing to call under that name. */
const isTypeAlone = (declaration: ts.Declaration): boolean =>
  ts.isExportSpecifier(declaration) && (declaration.isTypeOnly || declaration.parent.parent.isTypeOnly);

/** Everything public in these modules (name → file), with what it takes. `specimens` are the names not to look into. */
export function callables(
  modules: Readonly<Record<string, string>>,
  specimens: ReadonlySet<string>,
): Callable[] {
  const files = Object.values(modules).map((file) => root + file);
  const program = ts.createProgram(files, {
    target: ts.ScriptTarget.ES2022,
    module: ts.ModuleKind.ESNext,
    moduleResolution: ts.ModuleResolutionKind.Bundler,
    lib: ["lib.es2023.d.ts"],
    types: [],
    strict: true,
    skipLibCheck: true,
    noEmit: true,
  });
  const checker = program.getTypeChecker();
  const found: Callable[] = [];
  const seen = new Set<ts.Symbol>();

  function walk(symbol: ts.Symbol, path: readonly string[]): void {
    if (symbol.declarations?.some(isTypeAlone)) return;
    const real = symbol.flags & ts.SymbolFlags.Alias ? checker.getAliasedSymbol(symbol) : symbol;
    if (real.flags & ts.SymbolFlags.ValueModule) {
      for (const inner of checker.getExportsOfModule(real)) walk(inner, [...path, inner.name]);
      return;
    }
    if (!(real.flags & ts.SymbolFlags.Value) || seen.has(real)) return;
    seen.add(real);
    const type = checker.getTypeOfSymbol(real);
    const [signature] = type.getCallSignatures();
    if (signature) found.push({ how: "call", path, params: paramsOf(signature) });
    if (real.flags & ts.SymbolFlags.Class) walkClass(real, type, path);
    else if (!signature && path.length < 3) {
      for (const field of type.getProperties()) {
        const declared = field.declarations?.[0]?.getSourceFile().fileName ?? "";
        if (declared.startsWith(`${root}src/`)) walk(field, [...path, field.name]);
      }
    }
  }

  function walkClass(symbol: ts.Symbol, type: ts.Type, path: readonly string[]): void {
    const declaration = symbol.valueDeclaration as ts.ClassDeclaration;
    const isAbstract = declaration.modifiers?.some(({ kind }) => kind === ts.SyntaxKind.AbstractKeyword);
    const [maker] = type.getConstructSignatures();
    if (maker && !isAbstract) found.push({ how: "new", path, params: paramsOf(maker) });
    for (const field of type.getProperties()) {
      const [signature] = checker.getTypeOfSymbol(field).getCallSignatures();
      if (field.name !== "prototype" && signature && isPublic(field) && field.valueDeclaration)
        found.push({ how: "call", path: [...path, field.name], params: paramsOf(signature) });
    }
    for (const member of checker.getDeclaredTypeOfSymbol(symbol).getProperties()) {
      const at = member.valueDeclaration as ts.ClassElement | undefined;
      if (!at?.name || at.parent !== declaration || !isPublic(member)) continue;
      if (ts.isPrivateIdentifier(at.name) || ts.isComputedPropertyName(at.name)) continue;
      const here = { path, member: member.name };
      const memberType = checker.getTypeOfSymbol(member);
      if (member.flags & ts.SymbolFlags.Method) {
        const [signature] = memberType.getCallSignatures();
        const isAbstractMethod = ts.getCombinedModifierFlags(at) & ts.ModifierFlags.Abstract;
        if (signature && !isAbstractMethod)
          found.push({ how: "method", ...here, params: paramsOf(signature) });
      } else if (member.flags & ts.SymbolFlags.Accessor) {
        found.push({ how: "get", ...here, params: [] });
        if (member.flags & ts.SymbolFlags.SetAccessor)
          found.push({
            how: "set",
            ...here,
            params: [{ name: member.name, kind: kindOf(memberType, 0), rest: false }],
          });
      }
    }
  }

  const isPublic = (symbol: ts.Symbol): boolean => {
    const at = symbol.valueDeclaration ?? symbol.declarations?.[0];
    const hidden = ts.ModifierFlags.Private | ts.ModifierFlags.Protected;
    return !!at && !(ts.getCombinedModifierFlags(at as ts.Declaration) & hidden);
  };

  const paramsOf = (signature: ts.Signature): Param[] =>
    signature.getParameters().map((symbol) => {
      const at = symbol.valueDeclaration as ts.ParameterDeclaration;
      const rest = !!at?.dotDotDotToken;
      const kind = kindOf(checker.getTypeOfSymbol(symbol), 0);
      const name = symbol.name.startsWith("__") ? "options" : symbol.name;
      return { name, rest, kind: rest && kind.k === "list" ? kind.of : kind };
    });

  function kindOf(type: ts.Type, depth: number): Kind {
    if (depth > 5) return { k: "any" };
    const name = (type.aliasSymbol ?? type.getSymbol())?.name ?? "";
    if (specimens.has(name)) return { k: "named", name };
    if (type.isUnion()) {
      const of = type.types.filter(({ flags }) => !(flags & ts.TypeFlags.Undefined));
      if (of.every(({ flags }) => flags & ts.TypeFlags.BooleanLike)) return { k: "boolean" };
      const kinds = of.map((one) => kindOf(one, depth + 1));
      return kinds.length === 1 ? kinds[0] : { k: "union", of: kinds };
    }
    if (type.isStringLiteral() || type.isNumberLiteral()) return { k: "literal", value: type.value };
    if (type.flags & ts.TypeFlags.Null) return { k: "literal", value: null };
    if (type.flags & ts.TypeFlags.NumberLike) return { k: "number" };
    if (type.flags & ts.TypeFlags.StringLike) return { k: "string" };
    if (type.flags & ts.TypeFlags.BooleanLike) return { k: "boolean" };
    if (type.flags & ts.TypeFlags.BigIntLike) return { k: "bigint" };
    if (type.flags & ts.TypeFlags.TypeParameter) {
      const constraint = checker.getBaseConstraintOfType(type);
      return constraint ? kindOf(constraint, depth + 1) : { k: "any" };
    }
    const inner = () =>
      checker.getTypeArguments(type as ts.TypeReference).map((one) => kindOf(one, depth + 1));
    if (checker.isTupleType(type)) return { k: "tuple", of: inner() };
    if (checker.isArrayType(type) || ["ArrayLike", "Iterable", "Set", "ReadonlySet"].includes(name))
      return { k: "list", of: inner()[0] ?? { k: "any" } };
    if (name === "Map" || name === "ReadonlyMap") return { k: "map", of: inner()[1] ?? { k: "any" } };
    const [signature] = type.getCallSignatures();
    if (signature) return { k: "function", returns: kindOf(signature.getReturnType(), depth + 1) };
    if (!(type.flags & ts.TypeFlags.Object)) return { k: "any" };
    if (type.isClass()) return { k: "named", name };
    const fields: Record<string, Kind> = {};
    for (const field of type.getProperties())
      fields[field.name] = kindOf(checker.getTypeOfSymbol(field), depth + 1);
    return { k: "object", fields };
  }

  for (const [name, file] of Object.entries(modules)) {
    const symbol = checker.getSymbolAtLocation(program.getSourceFile(root + file) as ts.SourceFile);
    for (const inner of checker.getExportsOfModule(symbol as ts.Symbol))
      walk(inner, name === "" ? [inner.name] : [name, inner.name]);
  }
  return found;
}
