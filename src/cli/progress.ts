/** What people see while a run goes on: one line that renews itself on a terminal, plain lines elsewhere. */

import type { Experiment } from '../engine/experiment.js';
import type { RunEvent, Sample, Start } from '../engine/observer.js';
import { readPlan } from '../models/kernels/plan.js';
import { bytes, count, duration, figure, many, percent } from './figures.js';
import { type Output, openLine } from './line.js';

export interface Progress {
  show(event: RunEvent): void;
  /** What is being done before the start; seen on a terminal only. */
  say(what: string): void;
  /** Ends the line that renews itself, so that something else may be written. */
  close(): void;
}

/**
 * Prints start and samples to `output`. `env` is asked for NO_COLOR and TERM. Where lines stay, no two samples are printed within a tenth
 * of a second, nor within a hundredth of the time so far; the last one always is. `now` gives milliseconds.
 */
export function progress(
  output: Output,
  experiment: Experiment,
  env: Readonly<Record<string, string | undefined>>,
  now = () => performance.now(),
): Progress {
  const line = openLine(output, env);
  const renew = (text: string) => line.renew(text, cut => paint(cut, line.colour));
  const began = now();
  let printed = Number.NEGATIVE_INFINITY;
  let before: Sample | undefined;
  let waiting: Sample | undefined;

  function print(sample: Sample): void {
    const text = sampleLine(sample, before, experiment);
    if (line.live) renew(text);
    else line.print(text);
    before = sample;
    waiting = undefined;
    printed = now();
  }

  return {
    show(event) {
      if (event.event === 'start') {
        line.print(startLine(event));
        if (event.model.backend) line.print(event.model.backend.note);
      } else if (event.event === 'sample') {
        if (line.live || now() - printed >= Math.max(100, (now() - began) / 100)) print(event);
        else waiting = event;
      } else {
        if (waiting) print(waiting);
        line.close();
      }
    },
    say(what) {
      if (line.live) renew(`${what} ...`);
    },
    close: line.close,
  };
}

/** What runs, on what. */
export function startLine({ data, model, graph, threads, kernels, memoryBytes, experiment }: Start): string {
  return [
    `${data.name}: ${count(data.train)} + ${count(data.test)} rows`,
    `${model.name}: ${many(model.parameters, 'parameter')}`,
    `${many(graph.nodes, 'node')} on ${many(threads, 'thread')}, ${graph.name}`,
    `${experiment.algorithm}`,
    `kernels ${shortly(kernels.set)}${kernels.note ? ` (${kernels.note})` : ''}`,
    `${bytes(memoryBytes)} shared`,
  ].join(' | ');
}

/**
 * One line for one evaluation, what matters most first: a narrow terminal drops the end. `before` is the sample before it, for the speed
 * in between.
 */
export function sampleLine(sample: Sample, before: Sample | undefined, experiment: Experiment): string {
  const seconds = sample.seconds - (before?.seconds ?? 0);
  const rows = (sample.steps - (before?.steps ?? 0)) * experiment.batch;
  const left = remaining(sample, experiment);
  const parts = [
    sample.virtual && `time ${figure(sample.virtual.time)}`,
    `epoch ${sample.epoch.toFixed(2)}${experiment.epochs === null ? '' : `/${experiment.epochs}`}`,
    left === undefined ? undefined : `ETA ${duration(left)}`,
    hasLoss(experiment) && `loss ${figure(sample.loss)}`,
    hasRating(experiment) && `rmse ${figure(Math.sqrt(2 * sample.loss))}`,
    sample.accuracy === null ? undefined : `accuracy ${percent(sample.accuracy)}`,
    sample.virtual && sample.versions
      ? `versions behind ${figure(sample.versions.mean)}, at most ${figure(sample.versions.max)}`
      : `staleness ${figure(sample.staleness.mean)}`,
    seconds > 0 ? `${count(rows / seconds)} samples/s` : undefined,
    hasParameters(experiment) && `consensus ${figure(sample.consensus)}`,
  ];
  return parts.filter(Boolean).join('  ');
}

/** Without a parameter nothing is learned, and models are never apart. */
export function hasParameters({ model }: Experiment): boolean {
  return model !== 'none';
}

/** True for a model of ratings, whose error is read in their unit: the root of the mean square, not half of that. */
export function hasRating({ model }: Pick<Experiment, 'model'>): boolean {
  return /^factorization(:|$)/.test(model);
}

/** A model of noise learns nothing either, though it moves. */
export function hasLoss(experiment: Experiment): boolean {
  return hasParameters(experiment) && !/^noise(:|$)/.test(experiment.model);
}

/** How much of the way to its limit a run has gone, 0..1 or a little more. */
export function shareDone(sample: Sample, { epochs, steps, seconds, time }: Experiment): number {
  if (epochs !== null) return sample.epoch / epochs;
  if (steps !== null) return sample.steps / steps;
  if (time !== null) return (sample.virtual?.time ?? 0) / time;
  return sample.seconds / seconds!;
}

/** Seconds to the limit at the speed so far. */
function remaining(sample: Sample, experiment: Experiment): number | undefined {
  const share = shareDone(sample, experiment);
  return share > 0 && share < 1 ? sample.seconds * (1 / share - 1) : undefined;
}

/** The accuracy stands out. */
function paint(line: string, colour: boolean): string {
  return colour ? line.replace(/accuracy [\d.]+ %/, found => `\x1b[1m${found}\x1b[22m`) : line;
}

/** A plan that gives products to other sets: how many to each, instead of all their sizes. */
function shortly(kernels: string): string {
  const { set, others } = readPlan(kernels);
  const sets = [...new Set(others.map(other => other.set))];
  return [set, ...sets.map(name => `${many(others.filter(other => other.set === name).length, 'product')} by ${name}`)].join(
    ', ',
  );
}
