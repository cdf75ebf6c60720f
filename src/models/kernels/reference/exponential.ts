/** exp and log as the WebAssembly kernels compute them (simd/exponential.ts), for kernels whose bits are the same in every set. */

const f32 = Math.fround;
const bits = new DataView(new ArrayBuffer(8));

/** exp of a number that is at most 0, in f32 (Cephes expf). */
export function exponential(x: number): number {
  x = Math.max(f32(x), f32(-87.3));
  const whole = f32(f32(x * f32(Math.LOG2E)) + 12582912);
  const n = f32(whole - 12582912);
  let r = f32(x - f32(n * f32(0.693359375)));
  r = f32(r - f32(n * f32(-2.1219444e-4)));
  let p = f32(1.98756915e-4);
  for (const c of [1.3981999507e-3, 8.3334519073e-3, 4.1665795894e-2, 1.6666665459e-1, 5.0000001201e-1])
    p = f32(f32(p * r) + f32(c));
  p = f32(f32(f32(p * f32(r * r)) + r) + 1);
  bits.setFloat32(0, whole);
  bits.setInt32(0, (bits.getInt32(0) - 0x4b400000 + 127) << 23);
  return f32(p * bits.getFloat32(0));
}

/** log of a number from 1, or NaN, in f64. */
export function logarithmFrom1(x: number): number {
  if (!(x < Number.POSITIVE_INFINITY)) return x;
  bits.setFloat64(0, x);
  let k = (bits.getUint16(0) >>> 4) - 1023;
  bits.setUint16(0, (bits.getUint16(0) & 15) | 0x3ff0);
  let m = bits.getFloat64(0);
  if (m > Math.SQRT2) {
    m *= 0.5;
    k++;
  }
  const s = (m - 1) / (m + 1);
  const z = s * s;
  let series = 0;
  for (const d of [13, 11, 9, 7, 5, 3]) series = (series + 1 / d) * z;
  return k * Math.LN2 + 2 * s + 2 * s * series;
}
