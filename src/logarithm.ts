/**
 * The natural logarithm of a positive, finite, normal number, from additions, multiplications and one division alone, so that it
 * gives the same bits in every engine (Math.log may not). Error below 2 units in the last place. Method: x = 2^k m with m in
 * [sqrt(1/2), sqrt(2)), log m = 2 artanh((m - 1) / (m + 1)) by its power series.
 */
export function logarithm(x: number): number {
  float[0] = x;
  let exponent = ((bits[1] >>> 20) & 0x7ff) - 1023;
  bits[1] = (bits[1] & 0x000fffff) | 0x3ff00000;
  let m = float[0];
  if (m > Math.SQRT2) {
    m *= 0.5;
    exponent++;
  }
  const s = (m - 1) / (m + 1);
  const z = s * s;
  let series = 0;
  for (let k = 23; k >= 3; k -= 2) series = (series + 1 / k) * z;
  return exponent * Math.LN2 + 2 * s + 2 * s * series;
}

const float = new Float64Array(1);
const bits = new Uint32Array(float.buffer); // little-endian, as every platform of Node is
