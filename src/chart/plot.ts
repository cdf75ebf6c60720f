/** A chart of lines and points as the text of an SVG image: a pure function, for 800 pixels, in the reader's light or dark theme. */

import { HearsayError } from '../errors.js';
import { quote } from '../spec.js';
import { drawable, scaleOf } from './axis.js';
import { drawFrame, uncrowded, widthOf } from './frame.js';
import { drawLegend, type Entry, sampleWidth } from './legend.js';
import { element, short } from './markup.js';
import { styleSheet } from './palette.js';
import { barEnds, drawSeries, expectedSample, type Point, type Series, seriesSample } from './series.js';
import { cut, words } from './text.js';

export interface Plot {
  readonly title: string;
  readonly x: Axis;
  readonly y: Axis;
  /** From 8 on their colours repeat, but no colour with the same mark. */
  readonly series: readonly Series[];
  /** What dashed lines are, for the legend; 'expected' when it is not given. */
  readonly expected?: string;
}

export interface Axis {
  readonly label: string;
  /** Written behind the label, in brackets. */
  readonly unit?: string;
  readonly log?: boolean;
}

const width = 800;
const height = 360; // of the field between the axes

/**
 * The chart. A point that has no place is left out, its line is broken there, and a note below the chart counts such points: not
 * finite, beyond 1e150, or (on a logarithmic axis) not above 0. So one zero or one infinite loss costs a point and not the chart.
 * Where the lower end of a bar has no place, the bar runs to the axis. Throws CONFIG_RANGE when no point at all has a place.
 */
export function plot({ title, x, y, series, expected = 'expected' }: Plot): string {
  const fits = (point: Point) => drawable(point.x, x.log === true) && drawable(point.y, y.log === true);
  const points = series.flatMap(one => [...one.points, ...(one.expected ?? [])]);
  const shown = points.filter(fits);
  if (shown.length === 0)
    throw new HearsayError(
      'CONFIG_RANGE',
      `plot ${quote(title)}: found ${points.length} points, none of which has a place; allowed are finite numbers, above 0 on a logarithmic axis`,
    );

  const top = title === '' ? 20 : 52;
  const bottom = top + height;
  const heights = [...shown.map(point => point.y), ...shown.flatMap(barEnds).filter(end => drawable(end, y.log === true))];
  const upward = scaleOf(heights, y.log === true, bottom, top, 6);
  const left = 46 + Math.max(...upward.ticks.map(widthOf));
  const right = width - 24;
  const lengths = shown.map(point => point.x);
  const across = uncrowded(count => scaleOf(lengths, x.log === true, left, right, count), width);

  const entries: Entry[] = series.map((one, k) => ({ name: one.name, sample: seriesSample(one, k, sampleWidth) }));
  if (series.some(one => one.expected)) entries.push({ name: expected, sample: expectedSample(sampleWidth) });
  const legend = drawLegend(entries, left, right, bottom + 74);
  const note = missingNote(points.length - shown.length, points.length);
  const end = legend.bottom + (note === '' ? 0 : 20);

  return `${element(
    'svg',
    {
      xmlns: 'http://www.w3.org/2000/svg',
      class: scope,
      width,
      height: end,
      viewBox: `0 0 ${width} ${short(end)}`,
      role: 'img',
      'aria-label': title,
    },
    element('style', {}, styleSheet(scope)),
    element('rect', { class: 'ground', width, height: end }),
    drawFrame(across, upward, { left, right, top, bottom }, width),
    words(cut(title, width - 48, 17), { class: 'ink', x: 24, y: 30, 'font-size': 17, 'font-weight': 600 }),
    words(labelOf(x, right - left), { class: 'ink', x: (left + right) / 2, y: bottom + 46, 'text-anchor': 'middle' }),
    words(labelOf(y, height), { class: 'ink', x: -(top + bottom) / 2, y: 24, 'text-anchor': 'middle', transform: 'rotate(-90)' }),
    ...series.map((one, k) => drawSeries(one, k, across, upward, fits)),
    legend.markup,
    note === '' ? '' : words(note, { class: 'faint', x: left, y: end - 12, 'font-size': 12 }),
  )}\n`;
}

const scope = 'hearsay-plot';

function labelOf({ label, unit }: Axis, room: number): string {
  return cut(unit === undefined ? label : `${label} (${unit})`, room);
}

function missingNote(missing: number, all: number): string {
  return missing === 0 ? '' : `${missing} of ${all} points left out: not finite, or not above 0 on a logarithmic axis`;
}
