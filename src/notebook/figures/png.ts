import { nodeModule } from "../../tensor";

const zlib = nodeModule("node:zlib");

/** Pixels in rows from the top: red, green, blue, one byte each. */
export interface Raster {
  readonly width: number;
  readonly height: number;
  readonly rgb: Uint8Array;
}

/**
 * A PNG file (24-bit colour) of `raster`, each pixel a square of `scale`×`scale`.
 * Rows are stored as differences to the row above, so the repeated rows cost nothing.
 */
export function encodePng({ width, height, rgb }: Raster, scale = 1): Buffer {
  const stride = 1 + 3 * width * scale;
  const rows = Buffer.alloc(stride * height * scale);
  for (let y = 0; y < height; y++) {
    const at = y * scale * stride;
    rows[at] = 2; // filter "Up"; the scale − 1 rows that follow differ by zero
    for (let repeat = 1; repeat < scale; repeat++) rows[at + repeat * stride] = 2;
    for (let x = 0; x < width; x++) {
      for (let channel = 0; channel < 3; channel++) {
        const index = 3 * (y * width + x) + channel;
        const above = y > 0 ? rgb[index - 3 * width] : 0;
        const difference = rgb[index] - above;
        for (let repeat = 0; repeat < scale; repeat++) {
          rows[at + 1 + 3 * (x * scale + repeat) + channel] = difference;
        }
      }
    }
  }
  const header = Buffer.alloc(13);
  header.writeUInt32BE(width * scale, 0);
  header.writeUInt32BE(height * scale, 4);
  header.set([8, 2, 0, 0, 0], 8); // bits per channel, colour type RGB, default methods
  return Buffer.concat([
    Buffer.from([137, 80, 78, 71, 13, 10, 26, 10]),
    chunk("IHDR", header),
    chunk("IDAT", zlib.deflateSync(rows)),
    chunk("IEND", Buffer.alloc(0)),
  ]);
}

function chunk(type: string, data: Buffer): Buffer {
  const body = Buffer.concat([Buffer.from(type, "latin1"), data]);
  const length = Buffer.alloc(4);
  length.writeUInt32BE(data.length);
  const check = Buffer.alloc(4);
  check.writeUInt32BE(crc32(body));
  return Buffer.concat([length, body, check]);
}

const crcTable = Uint32Array.from({ length: 256 }, (_, byte) => {
  let value = byte;
  for (let bit = 0; bit < 8; bit++) value = value & 1 ? 0xedb88320 ^ (value >>> 1) : value >>> 1;
  return value;
});

/** The checksum of a PNG chunk (Node's own came with 20.15; the course runs on every Node 20). */
function crc32(bytes: Uint8Array): number {
  let value = 0xffffffff;
  for (const byte of bytes) value = crcTable[(value ^ byte) & 255] ^ (value >>> 8);
  return ~value >>> 0;
}

/** `data:` address of a PNG of `raster`. */
export const pngDataUri = (raster: Raster, scale = 1): string =>
  `data:image/png;base64,${encodePng(raster, scale).toString("base64")}`;
