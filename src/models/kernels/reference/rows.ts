import type { RowKernels } from '../contract/rows.js';
import type { Memory } from '../memory.js';

const f32 = Math.fround;

/** The row kernels in plain TypeScript. Each operation is rounded to f32 in the written order; every other set gives the same bits. */
export function rowKernels(memory: Memory): RowKernels {
  const floats = new Float32Array(memory.buffer);
  const words = new Uint32Array(memory.buffer);
  return {
    copy(to, from, n) {
      to >>>= 2;
      from >>>= 2;
      for (let i = 0; i < n; i++) floats[to + i] = floats[from + i];
    },

    snapshot(work, base, from, n) {
      work >>>= 2;
      base >>>= 2;
      from >>>= 2;
      for (let i = 0; i < n; i++) floats[work + i] = floats[base + i] = floats[from + i];
    },

    difference(to, base, work, n) {
      to >>>= 2;
      base >>>= 2;
      work >>>= 2;
      let finite = 0;
      for (let i = 0; i < n; i++) {
        const d = f32(floats[work + i] - floats[base + i]);
        floats[to + i] = d;
        const far = f32(d * 2 ** 28); // infinite from 2^100 on
        finite += far - far; // NaN unless it is finite
      }
      return finite;
    },

    commit(to, from, delta, n) {
      to >>>= 2;
      from >>>= 2;
      delta >>>= 2;
      for (let i = 0; i < n; i++) floats[to + i] = floats[from + i] + floats[delta + i];
    },

    zero(to, n) {
      floats.fill(0, to >>> 2, (to >>> 2) + n);
    },

    blend(to, a, b, w, n) {
      w = f32(w);
      to >>>= 2;
      a >>>= 2;
      b >>>= 2;
      for (let i = 0; i < n; i++) floats[to + i] = average(floats[a + i], floats[b + i], w);
    },

    mix(toA, toB, a, b, w, n) {
      w = f32(w);
      toA >>>= 2;
      toB >>>= 2;
      a >>>= 2;
      b >>>= 2;
      for (let i = 0; i < n; i++) {
        const x = floats[a + i];
        const y = floats[b + i];
        floats[toA + i] = average(x, y, w);
        floats[toB + i] = average(y, x, w);
      }
    },

    mixAndCommit(toA, toB, a, b, delta, w, n) {
      w = f32(w);
      toA >>>= 2;
      toB >>>= 2;
      a >>>= 2;
      b >>>= 2;
      delta >>>= 2;
      for (let i = 0; i < n; i++) {
        const x = floats[a + i];
        const y = floats[b + i];
        floats[toA + i] = average(x, y, w) + floats[delta + i];
        floats[toB + i] = average(y, x, w);
      }
    },

    mixAndCommitBoth(toA, toB, a, b, deltaA, deltaB, w, n) {
      w = f32(w);
      toA >>>= 2;
      toB >>>= 2;
      a >>>= 2;
      b >>>= 2;
      deltaA >>>= 2;
      deltaB >>>= 2;
      for (let i = 0; i < n; i++) {
        const x = f32(floats[a + i] + floats[deltaA + i]);
        const y = f32(floats[b + i] + floats[deltaB + i]);
        floats[toA + i] = average(x, y, w);
        floats[toB + i] = average(y, x, w);
      }
    },

    combine(to, rows, weights, count, n) {
      to >>>= 2;
      rows >>>= 2;
      weights >>>= 2;
      for (let i = 0; i < n; i++) {
        let sum = 0;
        for (let k = 0; k < count; k++) {
          sum = f32(sum + f32(floats[weights + k] * floats[(words[rows + k] >>> 2) + i]));
        }
        floats[to + i] = sum;
      }
    },

    trim(to, rows, deltas, count, cut, work, n) {
      to >>>= 2;
      rows >>>= 2;
      deltas >>>= 2;
      const value = (k: number, i: number) => {
        const x = floats[(words[rows + k] >>> 2) + i];
        return words[deltas + k] === 0 ? x : f32(x + floats[(words[deltas + k] >>> 2) + i]);
      };
      const ascending = floats.subarray(work >>> 2, (work >>> 2) + count);
      for (let i = 0; i < n; i++) {
        let found = 0;
        for (let k = 0; k < count; k++) {
          const x = value(k, i);
          if (Number.isFinite(x)) insert(ascending, found++, x);
        }
        const out = Math.min(cut, (found - 1) >> 1);
        let sum = 0;
        for (let j = out; j < found - out; j++) sum += ascending[j];
        floats[to + i] = found === 0 ? value(count, i) : sum / (found - 2 * out);
      }
    },

    squaredDistance(a, b, n) {
      a >>>= 2;
      b >>>= 2;
      const square = (i: number) => (floats[a + i] - floats[b + i]) ** 2;
      const lanes = [0, 0, 0, 0];
      const whole = n - (n % 4);
      for (let i = 0; i < whole; i++) lanes[i % 4] += square(i);
      let sum = lanes[0] + lanes[2] + (lanes[1] + lanes[3]); // the order of the vectors: the same bits
      for (let i = whole; i < n; i++) sum += square(i);
      return sum;
    },
  };
}

/** (1-w) x + w y; for w = 1/2 the mean, rounded once. */
function average(x: number, y: number, w: number): number {
  return w === 0.5 ? f32(0.5 * f32(x + y)) : f32(f32(f32(1 - w) * x) + f32(w * y));
}

/** Puts a number among the first `count`, which ascend. */
function insert(numbers: Float32Array, count: number, x: number): void {
  let place = count;
  for (; place > 0 && numbers[place - 1] > x; place--) numbers[place] = numbers[place - 1];
  numbers[place] = x;
}
