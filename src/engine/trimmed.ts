/**
 * Averages number by number, without the outermost: the trimmed mean and the median of a closed neighbourhood (Yin, Chen, Ramchandran,
 * Bartlett 2018, arXiv 1803.01498, who have it of gradients, from memory). All models weigh alike.
 *
 *   trimmed:cut=K   the mean of what is left when the K smallest and the K largest are taken out
 *   median          the middle one; of an even number the mean of the two in the middle
 *
 * With at most K bad models among m > 2K, each number of the result lies between numbers of good models, whatever the bad ones hold: of
 * what is left, each has K beyond it on either side, or is good. What is not finite is left out before. Where nothing is left, a node
 * keeps its own. The mean over nodes is not kept, and bad numbers that are all at one end move the middle.
 */

import type { Rule } from './neighbourhood.js';

export function trimmedSum(cut: number): Rule {
  return averages => {
    for (const { to, own, models } of averages) {
      const values = new Float64Array(models.length);
      for (let k = 0; k < to.length; k++) {
        let count = 0;
        for (const { model } of models) if (Number.isFinite(model[k])) insert(values, count++, model[k]);
        // With too few, as neighbours have left: the middle.
        const out = Math.min(cut, Math.floor((count - 1) / 2));
        let sum = 0;
        for (let j = out; j < count - out; j++) sum += values[j];
        to[k] = count > 0 ? sum / (count - 2 * out) : own[k];
      }
    }
  };
}

/** Puts a value among the first `count`, which ascend. */
function insert(values: Float64Array, count: number, x: number): void {
  let place = count;
  for (; place > 0 && values[place - 1] > x; place--) values[place] = values[place - 1];
  values[place] = x;
}
