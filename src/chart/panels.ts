/** Small charts of the same series in rows and columns, with one legend, as the text of an SVG image: a pure function. */

import { scaleOf } from './axis.js';
import { drawFrame, uncrowded, widthOf } from './frame.js';
import { type Axis, image, labelOf, missingNote, placed } from './image.js';
import { drawLegend, sampleWidth } from './legend.js';
import { element } from './markup.js';
import { drawSeries, type Series, seriesSample } from './series.js';
import { cut, words } from './text.js';

export interface Panels {
  readonly title: string;
  /** Below the title. */
  readonly note?: string;
  /** Charts from left to right, row by row. Each has the same series in the same order; one of them may have no points. */
  readonly rows: readonly (readonly Panel[])[];
}

export interface Panel {
  readonly title: string;
  readonly x: Axis;
  readonly y: Axis;
  readonly series: readonly Series[];
}

const margin = 24;
const gap = 20;
export const panelWidth = 350;
export const panelHeight = 284;

/** The image. What `plot` says of points that have no place holds here too; a panel without any point says so. */
export function panels({ title, note = '', rows }: Panels): string {
  const all = rows.flat();
  const columns = Math.max(1, ...rows.map(row => row.length));
  const width = 2 * margin + columns * panelWidth + (columns - 1) * gap;
  const entries = (all[0]?.series ?? []).map((one, k) => {
    // the widest sample: of a series that has points somewhere
    const shown = all.map(({ series }) => series[k]).find(({ points }) => points.length > 0) ?? one;
    return { name: one.name, sample: seriesSample(shown, k, sampleWidth) };
  });
  const legend = drawLegend(entries, margin, width - margin, note === '' ? 62 : 84);
  const top = legend.bottom + 6;
  const drawn = rows.flatMap((row, r) =>
    row.map((panel, c) => {
      const place = `translate(${margin + c * (panelWidth + gap)},${top + r * panelHeight})`;
      return element('g', { transform: place }, drawPanel(panel));
    }),
  );
  const counts = all.map(missing);
  const left = missingNote(sum(counts.map(count => count.missing)), sum(counts.map(count => count.all)));
  const end = top + rows.length * panelHeight + (left === '' ? 0 : 24);
  return image(
    title,
    width,
    end,
    words(cut(title, width - 2 * margin, 17), { class: 'ink', x: margin, y: 34, 'font-size': 17, 'font-weight': 600 }),
    note === '' ? '' : words(cut(note, width - 2 * margin), { class: 'faint', x: margin, y: 56 }),
    entries.length === 0 ? '' : legend.markup,
    ...drawn,
    left === '' ? '' : words(left, { class: 'faint', x: margin, y: end - 14, 'font-size': 12 }),
  );
}

/** One panel, from (0, 0), without a legend. */
export function drawPanel({ title, x, y, series }: Panel): string {
  const fits = placed(x, y);
  const shown = series.flatMap(({ points, runs = [] }) => [...points, ...runs.flat()]).filter(fits);
  const heading = words(cut(title, panelWidth), { class: 'ink', x: 0, y: 18, 'font-weight': 600 });
  if (shown.length === 0) return heading + words('nothing to show', { class: 'faint', x: 0, y: 48 });
  const [top, bottom, right] = [32, panelHeight - 58, panelWidth - 8];
  const heights = shown.map(point => point.y);
  const upward = scaleOf(heights, y.log === true, bottom, top, 5);
  const left = 10 + Math.max(...upward.ticks.map(widthOf));
  const lengths = shown.map(point => point.x);
  const across = uncrowded(count => scaleOf(lengths, x.log === true, left, right, Math.min(count, 6)), panelWidth);
  const label = labelOf(x, right - left);
  return [
    heading,
    drawFrame(across, upward, { left, right, top, bottom }, panelWidth),
    words(label, { class: 'ink', x: (left + right) / 2, y: bottom + 40, 'text-anchor': 'middle' }),
    ...series.map((one, k) => drawSeries(one, k, across, upward, fits)),
  ].join('');
}

/** How many of the points of a panel have no place. */
export function missing({ x, y, series }: Panel): { missing: number; all: number } {
  const points = series.flatMap(one => one.points);
  return { missing: points.length - points.filter(placed(x, y)).length, all: points.length };
}

function sum(values: readonly number[]): number {
  return values.reduce((a, b) => a + b, 0);
}
