/** The legend: entries in columns, as many as fit. */

import { element, short } from './markup.js';
import { cut, textWidth, words } from './text.js';

export interface Entry {
  readonly name: string;
  /** Markup, `sampleWidth` wide. */
  readonly sample: string;
}

export const sampleWidth = 28;

/** Entries in columns between `left` and `right`, the first row centred on `top`; and where the next thing below may begin. */
export function drawLegend(
  entries: readonly Entry[],
  left: number,
  right: number,
  top: number,
): { markup: string; bottom: number } {
  const labels = entries.map(({ name }) => cut(name, right - left - sampleWidth - gap));
  const column = Math.max(...labels.map(label => sampleWidth + 2.5 * gap + textWidth(label)));
  const columns = Math.max(1, Math.floor((right - left) / column));
  const drawn = entries.map(({ sample }, k) => {
    const place = `translate(${short(left + (k % columns) * column)},${top + rowHeight * Math.floor(k / columns)})`;
    const caption = words(labels[k], { class: 'ink', x: sampleWidth + gap, y: 4.5 });
    return element('g', { transform: place }, sample, caption);
  });
  return { markup: element('g', {}, ...drawn), bottom: top + rowHeight * Math.ceil(entries.length / columns) };
}

const gap = 8;
const rowHeight = 22;
