/** Long lines with fewer points, that look the same: of each stretch stay its lowest and its highest point. */

import type { Point } from './series.js';

/** At most `most` (4 or more) of the points, in their order: the first, the last, every peak and every gap. */
export function thinned(points: readonly Point[], most: number): readonly Point[] {
  if (points.length <= most) return points;
  const stretches = Math.floor((most - 2) / 2);
  const inner = points.length - 2;
  const kept: Point[] = [points[0]];
  for (let stretch = 0; stretch < stretches; stretch++) {
    const from = 1 + Math.floor((stretch * inner) / stretches);
    const to = 1 + Math.floor(((stretch + 1) * inner) / stretches);
    let [low, high] = [from, from];
    for (let k = from + 1; k < to; k++) {
      if (depth(points[k]) < depth(points[low])) low = k;
      if (points[k].y > points[high].y || Number.isNaN(points[high].y)) high = k;
    }
    for (const k of low === high ? [low] : [Math.min(low, high), Math.max(low, high)]) kept.push(points[k]);
  }
  kept.push(points[points.length - 1]);
  return kept;
}

/** A gap lies below everything. */
function depth({ y }: Point): number {
  return Number.isNaN(y) ? Number.NEGATIVE_INFINITY : y;
}
