/** The picture of a comparison: what was reached against time, steps and bytes. */

import type { Axis } from '../../chart/image.js';
import { type Panel, panels } from '../../chart/panels.js';
import type { Point, Series } from '../../chart/series.js';
import type { Experiment } from '../../engine/experiment.js';
import type { Sample } from '../../engine/observer.js';
import { many } from '../figures.js';
import { hasLoss, hasParameters } from '../progress.js';
import { type Outcome, ofSeveral } from './table.js';

type Read = (sample: Sample) => number | null;

/** The SVG, or undefined when there is nothing to draw. */
export function picture(algorithms: readonly string[], outcomes: readonly Outcome[], experiment: Experiment): string | undefined {
  const shown = outcomes.filter(({ samples }) => samples.length > 0);
  const samples = shown.flatMap(one => one.samples);
  if (samples.length === 0) return undefined;
  const across = [timeAxis(experiment), stepAxis, byteAxis(shown)];
  const panel = (title: string, [x, read]: readonly [Axis, Read], y: Read, log: boolean): Panel => ({
    title,
    x,
    y: { label: title, log },
    series: algorithms.map(name => seriesOf(name, shown, read, y)),
  });
  const consensus = ofSeveral((sample: Sample) => sample.consensus);
  const several = samples.some(sample => consensus(sample) !== null);
  const classifies = samples.some(({ accuracy }) => accuracy !== null);
  const worst: Panel = classifies
    ? panel(
        'accuracy of the worst node',
        across[0],
        ofSeveral((sample: Sample) => sample.worstAccuracy),
        false,
      )
    : panel(
        'loss of the worst node',
        across[0],
        ofSeveral((sample: Sample) => sample.worstLoss),
        true,
      );
  const behind = panel('staleness: ops of others on a row meanwhile', across[1], sample => sample.staleness.mean, false);
  const rows = [
    hasLoss(experiment) ? across.map(axis => panel('loss of the mean model', axis, sample => sample.loss, true)) : [],
    classifies ? across.map(axis => panel('accuracy of the mean model', axis, sample => sample.accuracy, false)) : [],
    [
      ...(several && hasLoss(experiment) ? [worst] : []),
      ...(several && hasParameters(experiment)
        ? [panel('consensus distance', across[1], visible(consensus, samples), true)]
        : []),
      behind,
    ],
  ].filter(row => row.length > 0);
  const seeds = new Set(shown.map(({ seed }) => seed)).size;
  const { data, model, nodes, topology } = experiment;
  const note = `${topology}, batch ${experiment.batch}, ${experiment.optimizer}${seeds > 1 ? `; means of ${many(seeds, 'run')}, thin lines are the single ones` : ''}`;
  return panels({ title: `${data}, ${model}, ${many(nodes, 'node')}`, note, rows });
}

/** The mean over the runs of sample after sample, as long as all of them have one. */
function seriesOf(algorithm: string, outcomes: readonly Outcome[], x: Read, y: Read): Series {
  const runs = outcomes
    .filter(one => one.algorithm === algorithm)
    .map(({ samples }) =>
      samples.flatMap((sample): Point[] => {
        const [across, upward] = [x(sample), y(sample)];
        return across === null || upward === null ? [] : [{ x: across, y: upward }];
      }),
    );
  const length = runs.length === 0 ? 0 : Math.min(...runs.map(run => run.length));
  const points = Array.from({ length }, (_, k) => ({
    x: runs.reduce((sum, run) => sum + run[k].x, 0) / runs.length,
    y: runs.reduce((sum, run) => sum + run[k].y, 0) / runs.length,
  }));
  return { name: algorithm, points, ...(runs.length > 1 ? { runs } : {}), draw: length >= 12 ? 'line' : 'both' };
}

function timeAxis({ deterministic }: Experiment): [Axis, Read] {
  if (deterministic) return [{ label: 'virtual time', unit: 's' }, sample => sample.virtual?.time ?? null];
  return [{ label: 'training time', unit: 's' }, sample => sample.seconds];
}

const stepAxis: [Axis, Read] = [{ label: 'local steps, all nodes' }, sample => sample.steps];

/** Logarithmic when some send much more than others; who sends nothing is then not on it. */
function byteAxis(outcomes: readonly Outcome[]): [Axis, Read] {
  const ends = outcomes.map(({ samples }) => samples.at(-1)!.bytes).filter(bytes => bytes > 0);
  const log = ends.length > 0 && Math.max(...ends) > 20 * Math.min(...ends);
  const [unit, size] = largest(Math.max(0, ...ends));
  return [{ label: 'sent between nodes', unit, log }, sample => (log && sample.bytes === 0 ? null : sample.bytes / size)];
}

function largest(bytes: number): [unit: string, size: number] {
  const units: [string, number][] = [
    ['GiB', 2 ** 30],
    ['MiB', 2 ** 20],
    ['KiB', 2 ** 10],
  ];
  return units.find(([, size]) => bytes >= 2 * size) ?? ['bytes', 1];
}

/** Without what is 0 but for rounding: one meeting of all nodes would take twenty decades of the axis. */
function visible(read: Read, samples: readonly Sample[]): Read {
  const most = samples.reduce((most, sample) => Math.max(most, read(sample) ?? 0), 0);
  return sample => {
    const value = read(sample);
    return value !== null && value > 1e-6 * most ? value : null;
  };
}
