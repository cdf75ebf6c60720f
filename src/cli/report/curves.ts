/** The curves of a run: what was measured again and again, as panels of charts, each with what it says in words. */

import type { Axis } from '../../chart/image.js';
import type { Panel } from '../../chart/panels.js';
import type { Point, Series } from '../../chart/series.js';
import { thinned } from '../../chart/thin.js';
import type { Sample, Spread, WideSpread } from '../../engine/observer.js';
import { type Against, clock, type Read, steps, virtualTime, visible } from '../axes.js';
import { figure as digits, percent } from '../figures.js';

export interface Curve {
  readonly panel: Panel;
  /** For those who do not see it. */
  readonly description: string;
}

/** What is known of a run, which decides what can be shown of it. */
export interface Kind {
  /** It has a loss, and parameters that may differ from node to node. */
  readonly learns: boolean;
  readonly moves: boolean;
  readonly virtual: boolean;
  readonly churns: boolean;
}

/** Most points of one line: more can't be told apart in a chart of this width. */
const mostPoints = 300;

/** Those of one run that have something to show. */
export function curvesOf(samples: readonly Sample[], { learns, moves, virtual, churns }: Kind): Curve[] {
  const time = virtual ? virtualTime : clock;
  const several = samples.some(({ worstOf }) => worstOf.nodes > 1);
  const shares =
    (read: Read): Read =>
    sample =>
      hundredfold(read(sample));
  const curve = (title: string, axis: Against, y: Axis, lines: readonly (readonly [string, Read])[]) =>
    curveOf(
      y.unit === undefined ? title : `${title} (${y.unit})`,
      axis,
      y,
      lines.map(([name, read]) => seriesOf(name, samples, axis[1], read)),
    );
  const spread = (read: (sample: Sample) => Spread | WideSpread | null): (readonly [string, Read])[] => [
    ['mean', sample => read(sample)?.mean ?? null],
    ['median', sample => read(sample)?.p50 ?? null],
    ['99 %', sample => read(sample)?.p99 ?? null],
    ['largest', sample => largest(read(sample))],
  ];
  const ofNodes = (name: string, read: Read): (readonly [string, Read])[] => (several ? [[name, read]] : []);
  const wanted: (Curve | false)[] = [
    learns &&
      curve('Loss', steps, { label: 'loss', log: true }, [
        ['mean model', sample => sample.loss],
        ...ofNodes('mean of nodes', sample => sample.meanLoss),
        ...ofNodes('worst node', sample => sample.worstLoss),
        ['training', sample => sample.trainLoss],
      ]),
    curve('Accuracy', steps, { label: 'accuracy', unit: '%' }, [
      ['mean model', shares(sample => sample.accuracy)],
      ...ofNodes(
        'worst node',
        shares(sample => sample.worstAccuracy),
      ),
    ]),
    several &&
      moves &&
      curve('Consensus distance', steps, { label: 'distance', log: true }, [
        ['to the mean model', visible(sample => sample.consensus, samples)],
      ]),
    curve(
      'Staleness: ops of others on a row meanwhile',
      steps,
      { label: 'ops' },
      spread(sample => sample.staleness),
    ),
    curve(
      'Versions behind',
      steps,
      { label: 'updates' },
      spread(sample => sample.versions),
    ),
    curve(
      'Age of what models contain',
      steps,
      { label: 'age', unit: 's' },
      spread(sample => sample.age),
    ),
    churns && curve('Nodes alive', time, { label: 'nodes' }, [['alive', sample => sample.virtual?.live ?? null]]),
    rateCurve('Local steps a second', samples, clock, sample => sample.steps),
    rateCurve('Exchanges a second', samples, clock, sample => sample.exchanges),
  ];
  return wanted.filter(one => one !== false).filter(({ panel }) => panel.series.some(({ points }) => points.length > 0));
}

/** A line with the points that are there; null is none, NaN one without a place. */
export function seriesOf(name: string, samples: readonly Sample[], x: Read, y: Read): Series {
  const points = samples.flatMap((sample): Point[] => {
    const [across, upward] = [x(sample), y(sample)];
    return across === null || upward === null ? [] : [{ x: across, y: upward }];
  });
  return { name, points: thinned(points, mostPoints), draw: points.length >= 12 ? 'line' : 'both' };
}

/** Lines without a point are left out. */
export function curveOf(title: string, [x]: Against, y: Axis, all: readonly Series[]): Curve {
  const series = all.filter(({ points }) => points.length > 0);
  return { panel: { title, x, y, series }, description: describe(x, series) };
}

/** What happened a second, between two looks. */
export function ratesOf(name: string, samples: readonly Sample[], [, clock]: Against, read: (sample: Sample) => number): Series {
  const before = new Map(samples.slice(1).map((sample, k) => [sample, samples[k]]));
  return seriesOf(name, samples, clock, sample => {
    const last = before.get(sample);
    const seconds = sample.seconds - (last?.seconds ?? 0);
    return seconds > 0 ? Math.max(0, read(sample) - (last ? read(last) : 0)) / seconds : null;
  });
}

function rateCurve(title: string, samples: readonly Sample[], clock: Against, read: (sample: Sample) => number): Curve {
  const rates = ratesOf('since the look before', samples, clock, read);
  const some = samples.some(sample => read(sample) > 0);
  return curveOf(title, clock, { label: 'a second' }, some ? [rates] : []);
}

function largest(spread: Spread | WideSpread | null): number | null {
  return spread && 'max' in spread ? spread.max : null;
}

function hundredfold(value: number | null): number | null {
  return value === null ? null : 100 * value;
}

/** Of each line where it begins, where it ends and how far it reaches. */
export function describe(x: Axis, series: readonly Series[]): string {
  const lines = series.map(({ name, points }) => {
    const finite = points.filter(point => Number.isFinite(point.x) && Number.isFinite(point.y));
    if (finite.length === 0) return `${name}: nothing to show.`;
    const [first, last] = [finite[0], finite[finite.length - 1]];
    const low = finite.reduce((low, { y }) => Math.min(low, y), Number.POSITIVE_INFINITY);
    const high = finite.reduce((high, { y }) => Math.max(high, y), Number.NEGATIVE_INFINITY);
    const from = `${digits(first.y)} at ${digits(first.x)}`;
    return `${name}: from ${from} to ${digits(last.y)} at ${digits(last.x)}; lowest ${digits(low)}, highest ${digits(high)}.`;
  });
  return `Over ${x.label}${x.unit ? ` in ${x.unit}` : ''}. ${lines.join(' ')}`;
}

/** Names and words of the numbers of a sample, for a table. */
export const columns: readonly (readonly [name: string, read: Read, text: (value: number) => string])[] = [
  ['steps', sample => sample.steps, digitsOrWhole],
  ['epoch', sample => sample.epoch, value => value.toFixed(2)],
  ['seconds', sample => sample.seconds, value => value.toFixed(2)],
  ['virtual s', sample => sample.virtual?.time ?? null, digits],
  ['loss', sample => sample.loss, digits],
  ['loss, mean of nodes', sample => sample.meanLoss, digits],
  ['loss, worst node', sample => sample.worstLoss, digits],
  ['loss, training', sample => sample.trainLoss, digits],
  ['accuracy', sample => sample.accuracy, value => percent(value)],
  ['accuracy, worst node', sample => sample.worstAccuracy, value => percent(value)],
  ['consensus', sample => sample.consensus, digits],
  ['staleness, mean', sample => sample.staleness.mean, digits],
  ['staleness, p99', sample => sample.staleness.p99, digits],
  ['versions, mean', sample => sample.versions?.mean ?? null, digits],
  ['age, mean s', sample => sample.age?.mean ?? null, digits],
  ['exchanges', sample => sample.exchanges, digitsOrWhole],
  ['bytes', sample => sample.bytes, digitsOrWhole],
  ['nodes alive', sample => sample.virtual?.live ?? null, digitsOrWhole],
];

function digitsOrWhole(value: number): string {
  return Number.isInteger(value) ? value.toLocaleString('en-US') : digits(value);
}
