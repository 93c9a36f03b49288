/**
 * A pass over a compiled module: constants of all four lanes that a loop uses are loaded from memory before it.
 *
 * V8 before 13 does much the same by itself. V8 13 (Node 24) builds a `v128.const` anew at each use, by an integer
 * register and two shuffles: a polynomial, such as that of the exponential, then took three times as long.
 */

/** Where the constants lie: in the module's own 64 KiB, above its static data. */
const BASE = 32768;

/** Four times the same 32 bits, or twice the same 64. */
const SPLAT = /^\s*v128\.const i32x4 (0x[0-9a-f]+) (0x[0-9a-f]+) \1 \2$/;

/** These cost one instruction and no memory. */
const FREE = ["0x00000000", "0xffffffff"];

/**
 * @param {string} text a module in WebAssembly's text format, instructions in a row as `asc` writes them
 * @returns {string}
 */
export function constantsFromMemory(text) {
  /** Words and pairs of words, as they lie one after the other. */
  /** @type {Map<string, number>} */
  const addresses = new Map();
  let end = BASE;
  const addressOf = (/** @type {string} */ words) => {
    if (!addresses.has(words)) {
      addresses.set(words, end);
      end += 4 * words.split("_").length;
    }
    return /** @type {number} */ (addresses.get(words));
  };
  const module = text.replace(/^ \(func .*?^ \)$/gms, (body) => hoist(body.split("\n"), addressOf));
  const starts = [...text.matchAll(/^ \(data \$\S+ \(i32\.const (\d+)\)/gm)].map(([, start]) =>
    Number(start),
  );
  if (starts.some((start) => start >= BASE / 2))
    throw new Error("build-wasm: static data come near the place of the constants");
  const bytes = Buffer.alloc(end - BASE);
  for (const [words, address] of addresses)
    words.split("_").forEach((word, i) => {
      bytes.writeUInt32LE(Number(word), address - BASE + 4 * i);
    });
  const data = [...bytes].map((byte) => `\\${byte.toString(16).padStart(2, "0")}`).join("");
  return module.replace(/\)\s*$/, ` (data (i32.const ${BASE}) "${data}")\n)\n`);
}

/**
 * One function, its header and its end included.
 * @param {string[]} lines
 * @param {(word: string) => number} addressOf
 */
function hoist(lines, addressOf) {
  /** @type {(string[] | null)[]} */
  const open = []; // for each construct that is open: the lines to put before it if it is a loop, else null
  /** @type {(string | string[])[]} */
  const out = [];
  /** @type {Set<string>} */
  const used = new Set();
  for (const line of lines) {
    const [word] = line.trim().split(" ");
    const loop = open.findLast((before) => before !== null);
    const [, low, high] = SPLAT.exec(line) ?? [];
    const constant = low === high ? low : `${low}_${high}`;
    if (word === "loop") {
      /** @type {string[]} */
      const before = [];
      out.push(before, line);
      open.push(before);
    } else if (constant && loop && !FREE.includes(constant)) {
      used.add(constant);
      const load = `i32.const ${addressOf(constant)}\nv128.load${low === high ? 32 : 64}_splat\nlocal.set $c${constant}`;
      if (!loop.includes(load)) loop.push(load);
      out.push(`local.get $c${constant}`);
    } else {
      if (word === "block" || word === "if") open.push(null);
      if (word === "end") open.pop();
      out.push(line);
    }
  }
  if (open.length > 0) throw new Error(`build-wasm: a construct is not closed in ${lines[0]}`);
  const locals = [...used].map((constant) => `(local $c${constant} v128)`);
  return [lines[0], ...locals, ...out.flat().slice(1)].join("\n");
}
