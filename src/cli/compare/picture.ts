/** The picture of a comparison: what was reached against time, steps and bytes. */

import { type Panel, panels } from '../../chart/panels.js';
import type { Point, Series } from '../../chart/series.js';
import type { Experiment } from '../../engine/experiment.js';
import type { Sample } from '../../engine/observer.js';
import { type Against, clock, type Read, steps, virtualTime, visible } from '../axes.js';
import { many } from '../figures.js';
import { hasLoss, hasParameters } from '../progress.js';
import { type Outcome, ofSeveral } from './table.js';

type Ran = Pick<Outcome, 'algorithm' | 'samples'>;

/** The SVG, or undefined when there is nothing to draw. */
export function picture(algorithms: readonly string[], outcomes: readonly Outcome[], experiment: Experiment): string | undefined {
  const rows = panelRows(algorithms, outcomes, experiment);
  if (rows.length === 0) return undefined;
  const seeds = new Set(outcomes.filter(({ samples }) => samples.length > 0).map(({ seed }) => seed)).size;
  const { data, model, nodes, topology } = experiment;
  const note = `${topology}, batch ${experiment.batch}, ${experiment.optimizer}${seeds > 1 ? `; means of ${many(seeds, 'run')}, thin lines are the single ones` : ''}`;
  return panels({ title: `${data}, ${model}, ${many(nodes, 'node')}`, note, rows });
}

/** The charts, row by row, with a line for each of the algorithms; none when there is nothing to draw. */
export function panelRows(algorithms: readonly string[], outcomes: readonly Ran[], experiment: Experiment): Panel[][] {
  const shown = outcomes.filter(({ samples }) => samples.length > 0);
  const samples = shown.flatMap(one => one.samples);
  if (samples.length === 0) return [];
  const across = [experiment.deterministic ? virtualTime : clock, steps, byteAxis(shown)];
  const panel = (title: string, [x, read]: Against, y: Read, log: boolean): Panel => ({
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
  return [
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
}

/** The mean over the runs of sample after sample, as long as all of them have one. */
function seriesOf(algorithm: string, outcomes: readonly Ran[], x: Read, y: Read): Series {
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

/** Logarithmic when some send much more than others; who sends nothing is then not on it. */
function byteAxis(outcomes: readonly Ran[]): Against {
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
