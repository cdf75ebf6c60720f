/** One series on a chart: its marks, bars and lines, and the sample of them in the legend. */

import {
  line,
  symbol,
  symbolCircle,
  symbolCross,
  symbolDiamond,
  symbolSquare,
  symbolStar,
  symbolTriangle,
  symbolWye,
} from 'd3-shape';
import type { Scale } from './axis.js';
import { element, short } from './markup.js';
import { colours } from './palette.js';

export interface Series {
  readonly name: string;
  readonly points: readonly Point[];
  /** A line to compare with: dashed, in the colour of the series, without marks. */
  readonly expected?: readonly Point[];
  /** The single runs of which `points` are the mean: thin lines. */
  readonly runs?: readonly (readonly Point[])[];
  /**
   * 'line' has a mark here and there. When it is not given: 'line' from 40 points on, else 'points' beside an expected line, else 'both'.
   */
  readonly draw?: 'points' | 'line' | 'both';
}

export interface Point {
  readonly x: number;
  readonly y: number;
  /** Half the length of an upright bar, a standard error say; no bar unless above 0. */
  readonly error?: number;
}

/** The two ends of the bar of a point, none without an error. */
export function barEnds({ y, error }: Point): readonly number[] {
  return error !== undefined && error > 0 ? [y - error, y + error] : [];
}

/** Series number `k`. Points for which `fits` is false are left out; lines are broken there. */
export function drawSeries(series: Series, k: number, x: Scale, y: Scale, fits: (point: Point) => boolean): string {
  const curve = line<Point>()
    .x(point => x.at(point.x))
    .y(point => y.at(point.y))
    .defined(fits);
  const shown = series.points.filter(fits);
  const bars = shown.flatMap(point => {
    const [low, high] = barEnds(point).map(end => short(y.at(end)));
    if (low === undefined) return [];
    const at = x.at(point.x);
    return `M${short(at)},${low}V${high}M${short(at - 4)},${low}h8M${short(at - 4)},${high}h8`;
  });
  const { lined, stride } = manner(series);
  const start = ((k % 4) * stride) >> 2; // lines close to each other have their marks apart
  const marks = shown.filter((_, at) => at % stride === start).map(point => mark(k, x.at(point.x), y.at(point.y)));
  return element(
    'g',
    { class: colour(k), fill: 'none', stroke: 'currentColor', 'stroke-width': 2, 'stroke-linejoin': 'round' },
    ...(series.expected ? [element('path', { d: curve(series.expected) ?? '', ...dashed })] : []),
    ...(series.runs ?? []).map(run => element('path', { d: curve(run) ?? '', 'stroke-width': 1, opacity: 0.4 })),
    ...(bars.length > 0 ? [element('path', { d: bars.join(''), 'stroke-width': 1.3 })] : []),
    ...(lined ? [element('path', { d: curve(series.points) ?? '' })] : []),
    ...marks,
  );
}

/** What stands for series number `k` in the legend, `width` wide, from (0, 0) to the right. */
export function seriesSample(series: Series, k: number, width: number): string {
  const lonely = series.points.length === 0;
  return element(
    'g',
    { class: colour(k), fill: 'none', stroke: 'currentColor', 'stroke-width': 2 },
    ...(lonely ? [expectedPath(width)] : manner(series).lined ? [element('path', { d: `M0,0H${width}` })] : []),
    ...(lonely ? [] : [mark(k, width / 2, 0)]),
  );
}

/** What stands for dashed lines in the legend. */
export function expectedSample(width: number): string {
  return element('g', { class: 'faint', fill: 'none', stroke: 'currentColor', 'stroke-width': 2 }, expectedPath(width));
}

const dashed = { 'stroke-dasharray': '6 5', 'stroke-width': 1.6 };
const shapes = [symbolCircle, symbolSquare, symbolTriangle, symbolDiamond, symbolCross, symbolStar, symbolWye];

function expectedPath(width: number): string {
  return element('path', { d: `M0,0H${width}`, ...dashed });
}

/** Whether the points are joined, and every how many of them have a mark. */
function manner({ draw, points, expected }: Series): { lined: boolean; stride: number } {
  const way = draw ?? (points.length >= 40 ? 'line' : expected ? 'points' : 'both');
  return { lined: points.length > 0 && way !== 'points', stride: way === 'line' ? Math.ceil(points.length / 6) : 1 };
}

/** The colours repeat after a while; then the shapes have moved on by one, so that the two together do not. */
function mark(k: number, x: number, y: number): string {
  const shape = shapes[(k + Math.floor(k / colours)) % shapes.length];
  const transform = `translate(${short(x)},${short(y)})`;
  return element('path', { d: symbol(shape, 48)() ?? '', transform, fill: 'currentColor', stroke: 'none' });
}

function colour(k: number): string {
  return `c${k % colours}`;
}
