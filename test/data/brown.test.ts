import { describe, expect, it } from "vitest";
import { BROWN_GENRES, type BrownGenre, brownText, documentText, readBrown } from "../../src/data";
import { parseBrown } from "../../src/data/brown";

const textOf = (tagged: string) => documentText({ name: "x", genre: "news", sentences: parseBrown(tagged) });

describe("readBrown", () => {
  it("reads what the corpus is known to hold", () => {
    const documents = readBrown();
    const sentences = documents.flatMap((document) => document.sentences);
    expect(documents.length).toBe(500);
    expect(sentences.length).toBe(57_340);
    expect(sentences.reduce((sum, { tokens }) => sum + tokens.length, 0)).toBe(1_161_192);
    expect(sentences.every(({ tokens, tags }) => tokens.length === tags.length && !tags.includes(""))).toBe(
      true,
    );
    expect(new Set(documents.map(({ genre }) => genre))).toEqual(new Set(BROWN_GENRES));
    expect(documents[0]!.name).toBe("ca01");
    expect(documents[0]!.sentences[0]!.tokens.slice(0, 4)).toEqual(["The", "Fulton", "County", "Grand"]);
    expect(documents[0]!.sentences[0]!.tags.slice(0, 4)).toEqual(["at", "np-tl", "nn-tl", "jj-tl"]);
  });

  it("picks genres", () => {
    const documents = readBrown({ genres: ["science_fiction", "humor"] });
    expect(documents.length).toBe(15);
    expect(new Set(documents.map(({ genre }) => genre))).toEqual(new Set(["science_fiction", "humor"]));
    expect(readBrown({ genres: ["news"], limit: 2 }).map(({ name }) => name)).toEqual(["ca01", "ca02"]);
    expect(() => readBrown({ genres: ["poetry" as BrownGenre] })).toThrow(
      "expected genres among news, editorial",
    );
    expect(() => readBrown({ limit: 0 })).toThrow("expected a limit above 0, got 0");
  });
});

describe("documentText", () => {
  it("puts spaces, quotes and paragraphs where a reader expects them", () => {
    expect(
      textOf(
        "\n\n\tThe/at jury/nn said/vbd ``/`` no/at evidence/nn ''/'' ,/, see/vb Atlanta's/np$ (/( new/jj )/) law/nn ./.\nI/ppss can't/md* ./.\n\n\n\tNext/ap ./.",
      ),
    ).toBe("The jury said \"no evidence,\" see Atlanta's (new) law. I can't.\n\nNext.");
  });

  it("sets headlines apart", () => {
    expect(textOf("Merger/nn-hl proposed/vbn-hl \nHowever/wrb ./.\nIt/pps is/bez ./.")).toBe(
      "Merger proposed\n\nHowever. It is.",
    );
  });

  it("ends quotations as American print does", () => {
    expect(textOf("``/`` Why/wrb ''/'' ?/. ?/.")).toBe('"Why?"');
    expect(textOf("He/pps said/vbd ,/, ``/`` Go/vb ''/'' ./.")).toBe('He said, "Go."');
    expect(textOf("What/wdt is/bez ``/`` matter/nn ''/'' ?/. ?/.")).toBe('What is "matter"?');
    expect(textOf("``/`` It's/pps+bez '/' See/vb Joe/np '/' ''/'' ,/, he/pps says/vbz ./.")).toBe(
      "\"It's 'See Joe,'\" he says.",
    );
  });

  it("prints doubled marks, abbreviations, dashes and inches once and well", () => {
    expect(textOf("Go/vb !/. !/. white/jj skins/nns ;/. ;/.")).toBe("Go! white skins;");
    expect(textOf("Ivan/np Allen/np Jr./np ./.")).toBe("Ivan Allen Jr.");
    expect(textOf("now/rb --/-- but/cc 12''/nns wide/jj ;/. ;/.")).toBe('now -- but 12" wide;');
    expect(textOf("B./np -/in O./np at/in 1/cd :/in 512/cd ./.")).toBe("B.-O. at 1:512.");
  });

  it("leaves no stray spaces anywhere in the corpus", () => {
    const text = brownText({ genres: ["romance", "learned", "humor"] });
    expect(text.length).toBeGreaterThan(1_000_000);
    expect(text.match(/ [,.;!?)]|\( |``|''|\t| \n|\n{3}| {2}/g)).toBe(null);
  });
});
