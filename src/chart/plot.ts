/** A chart of lines and points as the text of an SVG image: a pure function, for 800 pixels, in the reader's light or dark theme. */

import { HearsayError } from '../errors.js';
import { quote } from '../spec.js';
import { drawable, scaleOf } from './axis.js';
import { drawFrame, uncrowded, widthOf } from './frame.js';
import { type Axis, image, labelOf, missingNote, placed } from './image.js';
import { drawLegend, type Entry, sampleWidth } from './legend.js';
import { barEnds, drawSeries, expectedSample, type Series, seriesSample } from './series.js';
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

const width = 800;
const height = 360; // of the field between the axes

/**
 * The chart. A point that has no place is left out, its line is broken there, and a note below the chart counts such points: not
 * finite, beyond 1e150, or (on a logarithmic axis) not above 0. So one zero or one infinite loss costs a point and not the chart.
 * Where the lower end of a bar has no place, the bar runs to the axis. Throws CONFIG_RANGE when no point at all has a place.
 */
export function plot({ title, x, y, series, expected = 'expected' }: Plot): string {
  const fits = placed(x, y);
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

  return image(
    title,
    width,
    end,
    drawFrame(across, upward, { left, right, top, bottom }, width),
    words(cut(title, width - 48, 17), { class: 'ink', x: 24, y: 30, 'font-size': 17, 'font-weight': 600 }),
    words(labelOf(x, right - left), { class: 'ink', x: (left + right) / 2, y: bottom + 46, 'text-anchor': 'middle' }),
    words(labelOf(y, height), { class: 'ink', x: -(top + bottom) / 2, y: 24, 'text-anchor': 'middle', transform: 'rotate(-90)' }),
    ...series.map((one, k) => drawSeries(one, k, across, upward, fits)),
    legend.markup,
    note === '' ? '' : words(note, { class: 'faint', x: left, y: end - 12, 'font-size': 12 }),
  );
}
