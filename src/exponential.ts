/**
 * e^x, from additions and multiplications alone, so that it gives the same bits in every engine (Math.exp may not). Error below 1
 * unit in the last place; 0 below -745.2, Infinity above 709.8. Method: x = k ln 2 + r with |r| <= ln 2 / 2, ln 2 in two parts so
 * that no digit of r is lost; e^r by its power series; times 2^k.
 */
export function exp(x: number): number {
  if (!(x > -746 && x < 710)) return x < 0 ? 0 : x > 0 ? Number.POSITIVE_INFINITY : x;
  const k = Math.floor(x * Math.LOG2E + 0.5);
  const high = x - k * ln2High;
  const low = k * ln2Low;
  const r = high - low;
  const lost = high - r - low; // by the rounding of r
  let series = 1 / 6227020800; // 1 / 13!
  series = series * r + 1 / 479001600;
  series = series * r + 1 / 39916800;
  series = series * r + 1 / 3628800;
  series = series * r + 1 / 362880;
  series = series * r + 1 / 40320;
  series = series * r + 1 / 5040;
  series = series * r + 1 / 720;
  series = series * r + 1 / 120;
  series = series * r + 1 / 24;
  series = series * r + 1 / 6;
  series = series * r + 1 / 2;
  // In two factors, neither of which overflows: a result below 2^-1022 is rounded once, in the second product.
  const half = k >> 1;
  return (1 + (r + (r * r * series + lost))) * powerOf2(half) * powerOf2(k - half);
}

/** The first 32 bits of ln 2, and the rest. */
const ln2High = 0.6931471803691238;
const ln2Low = 1.9082149292705877e-10;

function powerOf2(k: number): number {
  bits[1] = (k + 1023) << 20;
  return float[0];
}

const float = new Float64Array(1);
const bits = new Uint32Array(float.buffer); // little-endian, as every platform of Node is
