import type { FactorKernels } from '../contract/factor.js';
import type { Memory } from '../memory.js';

const f32 = Math.fround;

/** Factorizations in plain TypeScript. Each operation is rounded in the written order; every other set gives the same bits. */
export function factorKernels(memory: Memory): FactorKernels {
  const floats = new Float32Array(memory.buffer);
  const words = new Uint32Array(memory.buffer);

  /** Where the weights of a row's user and item lie: biases, and the first of their factors. */
  function placesOf(weights: number, users: number, items: number, rank: number, inputs: number, number: number) {
    const [u, i] = [floats[inputs + 2 * number], floats[inputs + 2 * number + 1]];
    const factors = weights + 1 + users + items;
    return {
      biases: [weights + 1 + u, weights + 1 + users + i],
      p: factors + u * rank,
      q: factors + (users + i) * rank,
    };
  }

  function scoreOf(weights: number, { biases: [b, c], p, q }: ReturnType<typeof placesOf>, rank: number): number {
    const s = [0, 0, 0, 0];
    for (let k = 0; k < rank; k++) s[k & 3] = f32(s[k & 3] + f32(floats[p + k] * floats[q + k]));
    const sum = f32(f32(s[0] + s[2]) + f32(s[1] + s[3]));
    return f32(sum + f32(f32(floats[weights] + floats[b]) + floats[c]));
  }

  return {
    factorScores(scores, weights, users, items, rank, inputs, numbers, rows) {
      [scores, weights, inputs, numbers] = [scores, weights, inputs, numbers].map(address => address >>> 2);
      for (let r = 0; r < rows; r++)
        floats[scores + r] = scoreOf(weights, placesOf(weights, users, items, rank, inputs, words[numbers + r]), rank);
    },

    factorAdd(into, slopes, weights, users, items, rank, inputs, numbers, rows, l2) {
      [into, slopes, weights, inputs, numbers] = [into, slopes, weights, inputs, numbers].map(address => address >>> 2);
      const pull = f32(l2);
      for (let r = 0; r < rows; r++) {
        const d = floats[slopes + r];
        const { biases, p, q } = placesOf(weights, users, items, rank, inputs, words[numbers + r]);
        const to = into - weights;
        floats[into] += d;
        for (const at of biases) floats[to + at] += f32(d + f32(pull * floats[at]));
        for (let k = 0; k < rank; k++) {
          floats[to + p + k] += f32(f32(d * floats[q + k]) + f32(pull * floats[p + k]));
          floats[to + q + k] += f32(f32(d * floats[p + k]) + f32(pull * floats[q + k]));
        }
      }
    },

    factorSweep(weights, users, items, rank, inputs, targets, numbers, rates, steps, batch, l2) {
      [weights, inputs, targets, numbers, rates] = [weights, inputs, targets, numbers, rates].map(address => address >>> 2);
      const share = f32(1 / batch);
      const pull = f32(l2);
      let loss = 0;
      for (let step = 0, first = numbers; step < steps; step++, first += batch) {
        const rows = Array.from({ length: batch }, (_, r) => {
          const number = words[first + r];
          const at = placesOf(weights, users, items, rank, inputs, number);
          const e = f32(scoreOf(weights, at, rank) - floats[targets + number]);
          loss += 0.5 * e * e;
          const before = at.biases.map(b => floats[b]);
          return { ...at, e, before, oldP: floats.slice(at.p, at.p + rank), oldQ: floats.slice(at.q, at.q + rank) };
        });
        const pace = f32(floats[rates + step] * share);
        for (const { biases, before, p, q, e, oldP, oldQ } of rows) {
          floats[weights] -= f32(pace * e);
          biases.forEach((at, k) => {
            floats[at] -= f32(pace * f32(e + f32(pull * before[k])));
          });
          for (let k = 0; k < rank; k++) {
            floats[p + k] -= f32(pace * f32(f32(e * oldQ[k]) + f32(pull * oldP[k])));
            floats[q + k] -= f32(pace * f32(f32(e * oldP[k]) + f32(pull * oldQ[k])));
          }
        }
      }
      return loss / batch;
    },
  };
}
