import type { LatticeKernels } from '../contract/lattice.js';
import { centred, draw } from '../dither.js';
import type { Memory } from '../memory.js';

const f32 = Math.fround;

/**
 * The lattice kernels in plain TypeScript. Every floating-point operation is rounded to f32 in the written order; every other set
 * gives the same bits.
 *
 * Floats are enough. The side s is a power of two, so x/s is exact; up to 2^21 its difference from u is off by at most 2^-4, and the sum
 * of that and 3 2^22 rounds to a whole number that is read from its bits. So z is within 1/2 + |x/s| 2^-24 of x/s - u, a whole number
 * below 2^22 that f32 and i32 both hold, and everything modulo q is done on integers. s (z + u) adds one rounding more:
 * |Q(x) - x| <= s/2 + 2 2^-24 |x|, up to terms of second order.
 */
export function latticeKernels(memory: Memory): LatticeKernels {
  const { buffer } = memory;
  const floats = (address: number, n: number) => new Float32Array(buffer, address, n);
  const bytes = (address: number, n: number, bits: number) => new Uint8Array(buffer, address, Math.ceil((n * bits) / 8));
  const words = (address: number) => new Int32Array(buffer, address, 2);
  return {
    encodeLattice: (codes, stamp, from, n, bits, side, a, b) =>
      encodeLattice(bytes(codes, n, bits), words(stamp), floats(from, n), bits, side, a, b),

    decodeLattice: (to, codes, stamp, near, n, bits, side, a, b, dithered) =>
      decodeLattice(floats(to, n), bytes(codes, n, bits), words(stamp), floats(near, n), bits, side, a, b, dithered),

    farthest(a, b, n) {
      const [x, y] = [floats(a, n), floats(b, n)];
      let largest = 0;
      for (let k = 0; k < n; k++) largest = Math.max(largest, magnitude(f32(x[k] - y[k])));
      return ofMagnitude(largest);
    },
  };
}

/** See LatticeKernels. Code k lies in bits k b to (k+1) b - 1 of the bytes, lowest first. */
export function encodeLattice(
  codes: Uint8Array,
  stamp: Int32Array,
  from: Float32Array,
  bits: number,
  side: number,
  a: number,
  b: number,
): number {
  const scale = f32(1 / side);
  const mask = 2 ** bits - 1;
  let largest = 0;
  let [sum, total, pending, filled, at] = [0, 0, 0, 0, 0];
  for (let k = 0; k < from.length; k++) {
    const word = draw(a, b, k);
    largest = Math.max(largest, magnitude(from[k]));
    const z = whole(f32(f32(from[k] * scale) - centred(word)));
    sum = (sum + Math.imul(turned(z, bits), word | 1)) | 0;
    total = (total + Math.abs(z)) | 0;
    pending |= (z & mask) << filled;
    for (filled += bits; filled >= 8; filled -= 8, pending >>>= 8) codes[at++] = pending;
  }
  if (filled > 0) codes[at] = pending;
  stamp[0] = sum;
  stamp[1] = total;
  return ofMagnitude(largest);
}

export function decodeLattice(
  to: Float32Array,
  codes: Uint8Array,
  stamp: Int32Array,
  near: Float32Array,
  bits: number,
  side: number,
  a: number,
  b: number,
  dithered: 0 | 1,
): number {
  const scale = f32(1 / side);
  const mask = 2 ** bits - 1;
  const shift = 32 - bits;
  let farthest = 0;
  let [sum, total, pending, filled, at] = [0, 0, 0, 0, 0];
  for (let k = 0; k < to.length; k++) {
    for (; filled < bits; filled += 8) pending |= codes[at++] << filled;
    const code = pending & mask;
    pending >>>= bits;
    filled -= bits;
    const word = draw(a, b, k);
    const u = dithered ? centred(word) : 0;
    // of the whole numbers that are the code modulo q, the one in [r - q/2, r + q/2): the nearest to y/s - u
    const r = whole(Math.ceil(f32(f32(near[k] * scale) - u)));
    const z = (r + (((code - r) << shift) >> shift)) | 0;
    sum = (sum + Math.imul(turned(z, bits), word | 1)) | 0;
    total = (total + Math.abs(z)) | 0;
    const value = f32(f32(z + u) * side);
    farthest = Math.max(farthest, magnitude(f32(value - near[k])));
    to[k] = value;
  }
  return sum === stamp[0] && total === stamp[1] ? ofMagnitude(farthest) : -1;
}

/** The whole number nearest to t, ties to even; for |t| < 2^22. */
function whole(t: number): number {
  float[0] = t + 12582912;
  return (bitsOf[0] - 0x4b400000) | 0;
}

/** The bits of z turned right by `bits`: the part that is not sent comes to the low end, where a product keeps all of it. */
function turned(z: number, bits: number): number {
  return (z >>> bits) | (z << (32 - bits));
}

/** |x| as an integer that grows with it; that of NaN is above all. */
function magnitude(x: number): number {
  float[0] = x;
  return bitsOf[0] & 0x7fffffff;
}

function ofMagnitude(bits: number): number {
  bitsOf[0] = bits;
  return float[0];
}

const float = new Float32Array(1);
const bitsOf = new Int32Array(float.buffer);
