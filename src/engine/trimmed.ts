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

import type { Average, Rule } from './neighbourhood.js';

/** More than there may be rows. */
const all = 2 ** 30;

export function trimmedSum(cut: number): Rule {
  return (averages, { kernels, list, work, stride, integers }) => {
    for (const average of averages) {
      const { to, own, models } = average;
      // Where all are neighbours of all, it is the same for all.
      const twin = averages.find(other => other === average || isAlike(other, average))!;
      if (twin !== average) {
        kernels.copy(to, twin.to, stride);
        continue;
      }
      const taken = [...models, own];
      const addresses = integers(list, 2 * taken.length);
      taken.forEach(({ params, delta }, k) => {
        addresses[k] = params;
        addresses[taken.length + k] = delta;
      });
      kernels.trim(to, list, list + 4 * taken.length, models.length, Math.min(cut, all), work, stride);
    }
  };
}

/** Of the same models, each its own among them: then nothing is left of none alone. */
function isAlike(a: Average, b: Average): boolean {
  const isAmong = ({ own, models }: Average) => models.some(({ row }) => row === own.row);
  if (a.models.length !== b.models.length) return false;
  const isSame = a.models.every(({ params, delta }, k) => params === b.models[k].params && delta === b.models[k].delta);
  return isSame && isAmong(a) && isAmong(b);
}
