/** The histogram of staleness: the share of commits that each staleness has. */

import { atShare, barsOf, meanOf, totalOf } from './bins.js';
import { fitted, ink } from './colours.js';
import { count, percent } from './figures.js';

const bottom = 20;

/** `bins`: [lowest staleness, commits]. */
export function drawBars(canvas, note, bins) {
  const total = totalOf(bins);
  if (total === 0) {
    note.textContent = 'No commit yet.';
    return;
  }
  const bars = barsOf(bins);
  const shares = bars.map(bar => bar.count / total);
  const { context, width, height } = fitted(canvas);
  const high = Math.max(...shares);
  const each = Math.min(60, width / bars.length);
  const left = (width - each * bars.length) / 2;
  context.font = '11px system-ui, sans-serif';
  context.textAlign = 'center';
  context.strokeStyle = ink('grid');
  context.beginPath();
  context.moveTo(0, height - bottom + 0.5);
  context.lineTo(width, height - bottom + 0.5);
  context.stroke();
  bars.forEach(({ name }, k) => {
    const share = shares[k];
    const tall = (share / high) * (height - bottom - 18);
    const x = left + k * each;
    context.fillStyle = ink('c0');
    context.fillRect(x + 1, height - bottom - tall, Math.max(1, each - 2), tall);
    context.fillStyle = ink('faint');
    if (each >= 16 || k % Math.ceil(22 / each) === 0) context.fillText(name, x + each / 2, height - 5);
    if (each >= 34 && share >= 0.0005)
      context.fillText(percent(share, share < 0.095 ? 1 : 0), x + each / 2, height - bottom - tall - 5);
  });
  const [half, high99] = [0.5, 0.99].map(share => atShare(bins, share));
  const text = `Changes that others made to a row between its copy and its commit. ${count(total)} commits: mean ${meanOf(bins).toFixed(2)}, median ${half}, 99 % at most ${high99}.`;
  note.textContent = text;
  canvas.setAttribute('aria-label', `Histogram of staleness. ${text}`);
}
