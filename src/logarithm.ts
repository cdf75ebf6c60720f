/**
 * The natural logarithm of a positive, finite, normal number, from additions, multiplications and one division alone, so that it
 * gives the same bits in every engine (Math.log may not). Error below 2 units in the last place. Method: x = 2^k m with m in
 * [sqrt(1/2), sqrt(2)), log m = 2 artanh((m - 1) / (m + 1)) by its power series.
 */
export function logarithm(x: number): number {
  float[0] = x;
  const biased = (bits[1] >>> 20) & 0x7ff;
  let exponent = biased - 1023;
  // Scaled by a power of two from a table: writing half of a float and reading the whole would stall the processor.
  let m = x * powers[biased];
  if (m > Math.SQRT2) {
    m *= 0.5;
    exponent++;
  }
  const s = (m - 1) / (m + 1);
  const z = s * s;
  // The sum over k = 3, 5 ... 23 of z^((k-1)/2) / k, innermost first; written out, as the divisions would cost more than all the rest.
  let series = (c23 * z + c21) * z;
  series = ((series + c19) * z + c17) * z;
  series = ((series + c15) * z + c13) * z;
  series = ((series + c11) * z + c9) * z;
  series = ((series + c7) * z + c5) * z;
  series = (series + c3) * z;
  return exponent * Math.LN2 + 2 * s + 2 * s * series;
}

const [c3, c5, c7, c9, c11, c13] = [1 / 3, 1 / 5, 1 / 7, 1 / 9, 1 / 11, 1 / 13];
const [c15, c17, c19, c21, c23] = [1 / 15, 1 / 17, 1 / 19, 1 / 21, 1 / 23];

/** 2^(1023 - k): exact, as a product with it is. */
const powers = Float64Array.from({ length: 2047 }, (_, k) => 2 ** (1023 - k));
const float = new Float64Array(1);
const bits = new Uint32Array(float.buffer); // little-endian, as every platform of Node is
