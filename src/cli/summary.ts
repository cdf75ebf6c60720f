/** What a run, or several, came to, for people. */

import type { Experiment } from '../engine/experiment.js';
import type { Done, Played, StopReason, Summary } from '../engine/observer.js';
import type { Recorded } from '../threads/history.js';
import { bytes, count, duration, figure, many, percent } from './figures.js';
import { hasLoss, hasParameters, hasRating } from './progress.js';

/**
 * The end of a run of `experiment` in a few lines: those that say something of a run of its kind. `kept` is the folder that holds it, or
 * null; `history` is what was recorded of it.
 */
export function doneLines(done: Done, kept: string | null, experiment: Experiment, history: Recorded | null = null): string[] {
  const lines = doneRows(done, experiment).map(([name, text]) => `${name.padEnd(10)} ${text}`);
  if (history) lines.push(historyText(history));
  if (kept !== null) lines.push(`kept in ${kept}`);
  else if (history) lines.push('the model was not kept; use --out DIR to keep it');
  else lines.push('nothing was written; use --out DIR to keep it');
  return lines;
}

/** The numbers of that end: what each is of, and its words. */
export function doneRows(done: Done, experiment: Experiment): [name: string, text: string][] {
  const worst = `${many(done.worstOf.nodes, 'node')}, ${many(done.worstOf.rows, 'row')}`;
  const deaths =
    done.deaths === 0
      ? 'no thread died'
      : `${many(done.deaths, 'thread')} died and ${done.deaths === 1 ? 'was' : 'were'} replaced`;
  const leftOut =
    done.quarantined.length === 0 ? '' : `; left out for killing three threads in a row: node ${done.quarantined.join(', ')}`;
  const [learns, moves] = [hasLoss(experiment), hasParameters(experiment)];
  const rows: [string, string][] = [];
  if (done.accuracy !== null) {
    const worstNode = done.worstAccuracy === null ? '' : `, ${percent(done.worstAccuracy)} worst node (of ${worst})`;
    rows.push(['accuracy', `${percent(done.accuracy)} mean model${worstNode}`]);
  }
  if (learns) rows.push(['loss', `${figure(done.loss)} mean model, ${figure(done.worstLoss)} worst node (of ${worst})`]);
  if (hasRating(experiment))
    rows.push(['rmse', `${figure(Math.sqrt(2 * done.loss))} mean model, ${figure(Math.sqrt(2 * done.worstLoss))} worst node`]);
  if (done.target) rows.push(['target', targetText(done.target, done.secondsToTarget)]);
  rows.push(
    [
      'time',
      `${duration(done.seconds)} training, ${duration(done.secondsEvaluating)} evaluating, ${duration(done.wallSeconds)} in all; ${reasons[done.stopReason]}`,
    ],
    [
      'speed',
      `${count(done.stepsPerSecond)} steps/s, ${count(done.samplesPerSecond)} samples/s; ${many(done.steps, 'step')}, ${done.epoch.toFixed(2)} epochs`,
    ],
    ['exchanges', exchangesText(done)],
    [
      'nodes',
      `${moves ? `consensus ${figure(done.consensus)}; ` : ''}staleness ${figure(done.staleness.mean)} mean, ${figure(done.staleness.p99)} p99`,
    ],
    ...virtualRows(done),
    ...droppedRow(done),
  );
  if (!done.virtual) {
    const shares = `gossip ${percent(done.gossipShare, 1)}, blocked ${percent(done.blockedShare)} of their time`;
    rows.push(['threads', `${shares}; ${deaths}${leftOut}`]);
  } else if (done.deaths > 0) rows.push(['threads', `${deaths}${leftOut}`]);
  if (moves) rows.push(['hash', `sha256 ${done.parametersHash}`]);
  return rows;
}

/** In virtual time no neighbour is busy, and a node goes alone where a link loses its exchange, or it has no neighbour. */
function exchangesText({ exchanges, bytes: moved, busy, alone, ignored, quantizer, virtual }: Done): string {
  const text = `${count(exchanges)}, ${bytes(moved)}${quantizer ? ` (${quantizedText(quantizer)})` : ''}${ignored ? `; ${many(ignored, 'message')} not taken` : ''}`;
  const wentAlone = `${many(alone, 'commit')} went alone`;
  if (virtual) return alone > 0 ? `${text}; ${wentAlone}` : text;
  return `${text}; ${count(busy)} met a busy neighbour, ${wentAlone}`;
}

function droppedRow({ diverged }: Done): [string, string][] {
  if (!diverged) return [];
  const { resets, skips } = diverged;
  const then = resets > 0 ? "began again from a neighbour's model" : 'kept its model';
  return [['diverged', `${many(resets + skips, 'piece')} dropped as not finite; each time the node ${then}`]];
}

function quantizedText({ retries, plain }: NonNullable<Done['quantizer']>): string {
  return `quantized; ${count(retries)} arrived wrong and went again, ${count(plain)} went as they are`;
}

function historyText({ path, bytes: size, isWhole, steps }: Recorded): string {
  const file = `history in ${path} (${bytes(size)}`;
  if (isWhole) return `${file}); play it with hearsay replay ${path}`;
  if (steps === null) return `${file}, cut off before its first check: nothing of it can be played)`;
  return `${file}, cut off after step ${count(steps)}); play that with hearsay replay ${path} --partial`;
}

function targetText({ metric, value, best }: NonNullable<Done['target']>, seconds: number | null): string {
  const text = metric === 'accuracy' ? percent : figure;
  const reached = seconds === null ? 'not reached' : `reached after ${duration(seconds)} of training`;
  return `${reached} (best ${metric} ${best === null ? 'none' : text(best)}, wanted ${text(value)})`;
}

/** Who did the ops: 5,012 + 4,988 by thread; 31.2 % before an earlier one */
export function playedText({ perThread, overtaking }: Played): string {
  return `${perThread.map(count).join(' + ')} by thread; ${percent(overtaking, 1)} before an earlier one`;
}

/** What only a run in virtual time has to say, and how far behind models are. */
function virtualRows({ virtual, versions, age, seconds, played }: Done): [string, string][] {
  const rows: [string, string][] = [];
  if (versions && age) {
    const updates = `${figure(versions.mean)} mean, ${figure(versions.p99)} p99, ${figure(versions.max)} max`;
    rows.push(['versions', `behind by ${updates}; age ${figure(age.mean)} s mean, ${figure(age.p99)} s p99`]);
  }
  if (!virtual) return rows;
  const { time, events, live, joined, left, crashed, lost } = virtual;
  const changes = joined + left + crashed > 0 ? `; ${joined} joined, ${left} left, ${crashed} crashed` : '';
  const speed = `${count(events)} events, ${count(events / Math.max(seconds, 1e-9))} a second`;
  rows.push([
    'virtual',
    `${figure(time)} s of virtual time; ${speed}; ${many(live, 'node')} alive${changes}; ${count(lost)} lost`,
  ]);
  if (played) rows.push(['ops', playedText(played)]);
  return rows;
}

export const reasons: Readonly<Record<StopReason, string>> = {
  epochs: 'stopped at the last epoch',
  steps: 'stopped at the last step',
  until: 'stopped at the target',
  time: 'stopped at its last virtual second',
  seconds: 'stopped by the clock',
  aborted: 'stopped by hand',
};

/** The end of several runs. */
export function summaryLines(summary: Summary): string[] {
  const { repeats, metrics } = summary;
  const width = Math.max(...shown.map(([key]) => key.length));
  const lines = summaryRows(summary).map(({ key, mean, deviation, worst }) => {
    const reachedIn = `reached in ${Math.round(metrics[key].mean * repeats)} of ${repeats}`;
    if (key === 'targetReached') return `${'target'.padEnd(width)} ${reachedIn}`;
    return `${key.padEnd(width)} mean ${mean}, deviation ${deviation}, worst ${worst}`;
  });
  return [many(repeats, 'run'), ...lines];
}

/** The numbers of that end that people see, as text. */
export function summaryRows({ metrics }: Summary): { key: string; mean: string; deviation: string; worst: string }[] {
  return shown
    .filter(([key]) => Object.hasOwn(metrics, key))
    .map(([key, text]) => {
      const { mean, deviation, worst } = metrics[key];
      return { key, mean: text(mean), deviation: text(deviation), worst: text(worst) };
    });
}

const share = (value: number) => percent(value);

/** The numbers that people see, of those that all runs have, and how. */
const shown: readonly (readonly [key: string, text: (value: number) => string])[] = [
  ['accuracy', share],
  ['worstAccuracy', share],
  ['loss', figure],
  ['targetReached', share],
  ['secondsToTarget', figure],
  ['seconds', figure],
  ['stepsPerSecond', figure],
  ['samplesPerSecond', figure],
  ['consensus', figure],
  ['staleness.mean', figure],
  ['versions.mean', figure],
  ['age.mean', figure],
];
