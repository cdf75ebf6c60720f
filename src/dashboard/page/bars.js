/** The histogram of staleness: the share of commits that each staleness has. */

import { fitted, ink } from './colours.js';
import { count, percent } from './figures.js';

const bottom = 20;

/**
 * `bins`: [lowest staleness, commits]. Small numbers have a bar each; from 16 on doublings share one; the last has what is left, one in a
 * thousand.
 */
export function drawBars(canvas, note, bins) {
  const total = bins.reduce((sum, [, commits]) => sum + commits, 0);
  if (total === 0) {
    note.textContent = 'No commit yet.';
    return;
  }
  const groups = groupsUpTo(bins.at(-1)[0], atShare(bins, total, 0.999));
  const sums = groups.map(([from, to]) => bins.reduce((sum, [at, n]) => (at >= from && at < to ? sum + n : sum), 0) / total);
  const { context, width, height } = fitted(canvas);
  const high = Math.max(...sums);
  const each = Math.min(60, width / groups.length);
  const left = (width - each * groups.length) / 2;
  context.font = '11px system-ui, sans-serif';
  context.textAlign = 'center';
  context.strokeStyle = ink('grid');
  context.beginPath();
  context.moveTo(0, height - bottom + 0.5);
  context.lineTo(width, height - bottom + 0.5);
  context.stroke();
  groups.forEach(([from, to], k) => {
    const tall = (sums[k] / high) * (height - bottom - 18);
    const x = left + k * each;
    context.fillStyle = ink('c0');
    context.fillRect(x + 1, height - bottom - tall, Math.max(1, each - 2), tall);
    context.fillStyle = ink('faint');
    if (each >= 16 || k % Math.ceil(22 / each) === 0)
      context.fillText(to - from > 1 ? `${from}+` : String(from), x + each / 2, height - 5);
    if (each >= 34 && sums[k] >= 0.0005)
      context.fillText(percent(sums[k], sums[k] < 0.095 ? 1 : 0), x + each / 2, height - bottom - tall - 5);
  });
  const mean = bins.reduce((sum, [at, n]) => sum + at * n, 0) / total;
  const half = atShare(bins, total, 0.5);
  const high99 = atShare(bins, total, 0.99);
  const text = `Changes that others made to a row between its copy and its commit. ${count(total)} commits: mean ${mean.toFixed(2)}, median ${half}, 99 % at most ${high99}.`;
  note.textContent = text;
  canvas.setAttribute('aria-label', `Histogram of staleness. ${text}`);
}

function groupsUpTo(most, nearly) {
  const groups = [];
  for (let from = 0; from <= most; ) {
    const to = from > nearly ? most + 1 : from < 16 ? from + 1 : from * 2;
    groups.push([from, to]);
    from = to;
  }
  return groups;
}

function atShare(bins, total, share) {
  let seen = 0;
  for (const [at, n] of bins) {
    seen += n;
    if (seen >= share * total) return at;
  }
  return bins.at(-1)[0];
}
