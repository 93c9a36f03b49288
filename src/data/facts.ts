import { nodeModule, readText } from "../tensor";
import { packageFolder } from "./packages";

export interface Country {
  name: string;
  capital: string;
  /** "Europe" */
  continent: string;
  /** What people pay with: "Czech Koruna". */
  currency: string;
  /** The first of its languages: "Czech". */
  language: string;
}

/**
 * Countries and territories with a capital, a currency and a language, from the npm package `countries-list` (MIT; Annexare
 * Studio). Reads from disk, only when called, and only in Node.
 */
export function readCountries(): Country[] {
  const folder = packageFolder("readCountries", "countries-list");
  const { join } = nodeModule("node:path");
  const table = <Row>(name: string): Record<string, Row> =>
    JSON.parse(readText(join(folder, `${name}.min.json`)));
  const continents = table<string>("continents");
  const currencies = table<string | { name: string }>("currencies");
  const languages = table<{ name: string }>("languages");
  const nameOf = (entry: string | { name: string } | undefined) =>
    typeof entry === "string" ? entry : entry?.name;
  return Object.values(
    table<{
      name: string;
      capital: string;
      continent: string;
      currency: string[] | string;
      languages: string[];
    }>("countries"),
  ).flatMap((country) => {
    const { name, capital } = country;
    const [code] = Array.isArray(country.currency) ? country.currency : country.currency.split(",");
    const [continent, currency, language] = [
      continents[country.continent],
      nameOf(currencies[code]),
      nameOf(languages[country.languages[0]]),
    ];
    return capital && continent && currency && language
      ? [{ name, capital, continent, currency, language }]
      : [];
  });
}

export interface ChemicalElement {
  name: string;
  symbol: string;
  atomicNumber: number;
  /** "noble gas", "transition metal" … */
  group: string;
  /** At room temperature: "solid", "liquid", "gas", or "unknown". */
  state: string;
  /** "1898", or "Ancient". */
  discovered: string;
}

/**
 * The 118 chemical elements, from the npm package `periodic-table` (ISC). Reads from disk, only when called, and only in
 * Node.
 */
export function readElements(): ChemicalElement[] {
  const folder = packageFolder("readElements", "periodic-table");
  const rows: {
    name: string;
    symbol: string;
    atomicNumber: number;
    groupBlock: string;
    standardState: string;
    yearDiscovered: string | number;
  }[] = JSON.parse(readText(nodeModule("node:path").join(folder, "data.json")));
  return rows.map((row) => ({
    name: row.name,
    symbol: row.symbol,
    atomicNumber: row.atomicNumber,
    group: row.groupBlock,
    state: row.standardState || "unknown",
    discovered: String(row.yearDiscovered),
  }));
}
