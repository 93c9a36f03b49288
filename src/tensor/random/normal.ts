/**
 * Logarithm and normal quantile from + − × ÷ √ alone, which IEEE 754 fixes to the last bit. `Math.log` and
 * `Math.cos` may differ between engines in that bit, and with them every weight drawn from a seed.
 */

const float = new Float64Array(1);
const words = new Uint32Array(float.buffer);
float[0] = 1;
const HIGH = words[1] === 0 ? 0 : 1; // which of the two words holds the exponent

/** Natural logarithm of a positive number, below 1 ulp: fdlibm's e_log (Sun Microsystems, 1993). */
export function log(x: number): number {
  if (x === Number.POSITIVE_INFINITY) return x;
  let exponent = 0;
  float[0] = x;
  if (words[HIGH] < 0x00100000) {
    float[0] = x * 18014398509481984; // 2⁵⁴: subnormal numbers
    exponent = -54;
  }
  // x = 2ᵏ · (1 + f) with 1 + f between √½ and √2
  const mantissa = words[HIGH] & 0xfffff;
  const carry = (mantissa + 0x95f64) & 0x100000;
  exponent += (words[HIGH] >>> 20) - 1023 + (carry >>> 20);
  words[HIGH] = mantissa | (carry ^ 0x3ff00000);
  const f = float[0] - 1;
  // log(1 + f) = f − s · (f − R), s = f / (2 + f), R an even polynomial of s
  const s = f / (2 + f);
  const z = s * s;
  const w = z * z;
  const even = w * (0.3999999999940942 + w * (0.22222198432149784 + w * 0.15313837699209373));
  const odd =
    z * (0.6666666666666735 + w * (0.2857142874366239 + w * (0.1818357216161805 + w * 0.14798198605116586)));
  const half = 0.5 * f * f;
  const low = s * (half + odd + even) + exponent * 1.9082149292705877e-10;
  return exponent * 0.6931471803691238 - (half - low - f);
}

/**
 * z with Φ(z) = p, for p in (0, 1), to about 1e-16 relative: algorithm AS241 (Wichura 1988,
 * doi:10.2307/2347330), three rational functions.
 */
export function normalQuantile(p: number): number {
  const q = p - 0.5;
  if (Math.abs(q) <= 0.425)
    return (q * poly(CENTRE, 0.180625 - q * q)) / poly(CENTRE_BELOW, 0.180625 - q * q);
  const r = Math.sqrt(-log(q < 0 ? p : 1 - p));
  const z =
    r <= 5 ? poly(TAIL, r - 1.6) / poly(TAIL_BELOW, r - 1.6) : poly(FAR, r - 5) / poly(FAR_BELOW, r - 5);
  return q < 0 ? -z : z;
}

/** Σ cᵢ xⁱ by Horner's rule; eight coefficients. */
function poly(c: readonly number[], x: number): number {
  return ((((((c[7] * x + c[6]) * x + c[5]) * x + c[4]) * x + c[3]) * x + c[2]) * x + c[1]) * x + c[0];
}

const CENTRE = [
  3.3871328727963665, 133.14166789178438, 1971.5909503065513, 13731.69376550946, 45921.95393154987,
  67265.7709270087, 33430.57558358813, 2509.0809287301227,
];
const CENTRE_BELOW = [
  1, 42.31333070160091, 687.1870074920579, 5394.196021424751, 21213.794301586597, 39307.89580009271,
  28729.085735721943, 5226.495278852854,
];
const TAIL = [
  1.4234371107496835, 4.630337846156546, 5.769497221460691, 3.6478483247632045, 1.2704582524523684,
  0.2417807251774506, 0.022723844989269184, 0.0007745450142783414,
];
const TAIL_BELOW = [
  1, 2.053191626637759, 1.6763848301838038, 0.6897673349851, 0.14810397642748008, 0.015198666563616457,
  0.0005475938084995345, 1.0507500716444169e-9,
];
const FAR = [
  6.657904643501103, 5.463784911164114, 1.7848265399172913, 0.29656057182850487, 0.026532189526576124,
  0.0012426609473880784, 2.7115555687434876e-5, 2.0103343992922881e-7,
];
const FAR_BELOW = [
  1, 0.599832206555888, 0.1369298809227358, 0.014875361290850615, 0.0007868691311456133,
  1.8463183175100548e-5, 1.421511758316446e-7, 2.0442631033899397e-15,
];
