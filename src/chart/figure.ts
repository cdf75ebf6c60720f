/** One chart within a page: as wide as its place, with a name and a description for readers who do not see it. */

import { scaleOf } from './axis.js';
import { inPage, labelOf, missingNote } from './image.js';
import { drawLegend, type Entry, sampleWidth } from './legend.js';
import { element, escaped, short } from './markup.js';
import { colours } from './palette.js';
import { drawPanel, missing, type Panel, panelHeight, panelWidth } from './panels.js';
import { seriesSample } from './series.js';
import { cut, textWidth, words } from './text.js';

/** The chart of a panel, with a legend when it has several series. `description` is said, not shown. */
export function figure(panel: Panel, description: string): string {
  const entries: Entry[] = panel.series.map((one, k) => ({ name: one.name, sample: seriesSample(one, k, sampleWidth) }));
  const counts = missing(panel);
  return framed(panel.title, description, drawPanel(panel), entries, missingNote(counts.missing, counts.all));
}

/** Quantities that are made of parts, as bars from left to right. */
export interface Bars {
  readonly title: string;
  readonly label: string;
  readonly unit?: string;
  readonly parts: readonly string[];
  /** A bar each; `values` in the order of `parts`, at least 0. */
  readonly bars: readonly { readonly name: string; readonly values: readonly number[] }[];
}

const barHeight = 18;
const barStep = 28;

export function barFigure({ title, label, unit, parts, bars }: Bars, description: string): string {
  const names = bars.map(({ name }) => cut(name, panelWidth / 3));
  const left = 10 + Math.max(0, ...names.map(name => textWidth(name)));
  const right = panelWidth - 8;
  const totals = bars.map(({ values }) => values.reduce((sum, value) => sum + value, 0));
  const most = Math.max(...totals, 0);
  const scale = scaleOf([0, most], false, left, right, 5);
  const bottom = 32 + bars.length * barStep;
  const rows = bars.map(({ values }, row) => {
    const top = 32 + row * barStep;
    let done = 0;
    const pieces = values.map((value, k) => {
      const from = scale.at(done);
      done += value;
      const size = { x: from, y: top, width: scale.at(done) - from, height: barHeight };
      return element('rect', { class: colourOf(k), fill: 'currentColor', ...size });
    });
    const caption = { class: 'ink', x: left - 8, y: top + 13.5, 'text-anchor': 'end' };
    return words(names[row], caption) + pieces.join('');
  });
  const ticks = scale.ticks.map(({ at, label }) =>
    words(label, {
      class: 'faint',
      x: Math.min(at, panelWidth - 4 - textWidth(label) / 2),
      y: bottom + 14,
      'text-anchor': 'middle',
    }),
  );
  const axis = labelOf({ label, unit }, right - left);
  const entries = parts.map((name, k) => ({
    name,
    sample: element('rect', { class: colourOf(k), fill: 'currentColor', x: 0, y: -6, width: sampleWidth, height: 12 }),
  }));
  const markup = [
    words(cut(title, panelWidth), { class: 'ink', x: 0, y: 18, 'font-weight': 600 }),
    element('path', { class: 'faint', d: `M${short(left)},26V${bottom}H${right}`, fill: 'none', stroke: 'currentColor' }),
    ...rows,
    ...ticks,
    words(axis, { class: 'ink', x: (left + right) / 2, y: bottom + 34, 'text-anchor': 'middle' }),
  ].join('');
  return framed(title, description, markup, entries, '', bottom + 46);
}

function colourOf(k: number): string {
  return `c${k % colours}`;
}

function framed(
  title: string,
  description: string,
  drawn: string,
  entries: readonly Entry[],
  note: string,
  height: number = panelHeight,
): string {
  const legend = entries.length > 1 ? drawLegend(entries, 4, panelWidth, height + 8) : { markup: '', bottom: height };
  const end = legend.bottom + (note === '' ? 4 : 24);
  return inPage(
    panelWidth,
    end,
    element('title', {}, escaped(title)),
    element('desc', {}, escaped(description)),
    drawn,
    legend.markup,
    note === '' ? '' : words(cut(note, panelWidth, 12), { class: 'faint', x: 4, y: end - 8, 'font-size': 12 }),
  );
}
