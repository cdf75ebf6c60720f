/** The axes of a chart: lines, and numbers beside them. */

import type { Scale, Tick } from './axis.js';
import { element, short } from './markup.js';
import { textWidth, words } from './text.js';

/** The field between the axes, in pixels. */
export interface Field {
  readonly left: number;
  readonly right: number;
  readonly top: number;
  readonly bottom: number;
}

/** Both axes of a chart that is `width` wide, with a line through the field for every number and a stub for what lies between. */
export function drawFrame(across: Scale, upward: Scale, { left, right, top, bottom }: Field, width: number): string {
  const upright = across.ticks.map(({ at, label }) => [label, `M${short(at)},${bottom}v${label ? top - bottom : -4}`]);
  const level = upward.ticks.map(({ at, label }) => [label, `M${short(left)},${short(at)}h${label ? short(right - left) : 4}`]);
  const lines = (named: boolean) =>
    [...upright, ...level].flatMap(([label, path]) => ((label !== '') === named ? [path] : [])).join('');
  const stroke = { fill: 'none', stroke: 'currentColor' };
  return [
    element('path', { class: 'grid', d: lines(true), ...stroke }),
    element('path', { class: 'faint', d: `M${short(left)},${top}V${bottom}H${right}${lines(false)}`, ...stroke }),
    ...across.ticks.map(tick => number(tick.label, { x: centreOf(tick, width), y: bottom + 20, 'text-anchor': 'middle' })),
    ...upward.ticks.map(({ at, label }) => number(label, { x: left - 8, y: at + 4.5, 'text-anchor': 'end' })),
  ].join('');
}

/** The horizontal scale with the most numbers, up to 10, that do not touch each other in a chart that is `width` wide. */
export function uncrowded(scale: (count: number) => Scale, width: number): Scale {
  for (let count = 10; ; count--) {
    const found = scale(count);
    const named = found.ticks.filter(({ label }) => label !== '');
    const touch = named.some(
      (tick, k) =>
        k > 0 && centreOf(tick, width) - centreOf(named[k - 1], width) < (widthOf(tick) + widthOf(named[k - 1])) / 2 + 8,
    );
    if (!touch || count === 2) return found;
  }
}

export function widthOf({ label }: Tick): number {
  return textWidth(label);
}

function number(label: string, place: Readonly<Record<string, string | number>>): string {
  return label === '' ? '' : words(label, { class: 'faint', ...place });
}

/** Where the number below a tick stands: under it, and within the chart. */
function centreOf(tick: Tick, width: number): number {
  return Math.min(tick.at, width - 4 - widthOf(tick) / 2);
}
