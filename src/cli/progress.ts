/** What people see while a run goes on: one line that renews itself on a terminal, plain lines elsewhere. */

import type { Experiment } from '../engine/experiment.js';
import type { RunEvent, Sample, Start } from '../engine/observer.js';
import { bytes, count, duration, figure, many, percent } from './figures.js';

/** A stream that text goes to: process.stderr, or a list in a test. */
export interface Output {
  write(text: string): unknown;
  readonly isTTY?: boolean;
  readonly columns?: number;
}

export interface Progress {
  show(event: RunEvent): void;
  /** What is being done before the start; seen on a terminal only. */
  say(what: string): void;
  /** Ends the line that renews itself, so that something else may be written. */
  close(): void;
}

/** Prints start and samples to `output`. `env` is asked for NO_COLOR and TERM. */
export function progress(output: Output, experiment: Experiment, env: Readonly<Record<string, string | undefined>>): Progress {
  const live = Boolean(output.isTTY) && env.TERM !== 'dumb';
  const colour = live && !env.NO_COLOR;
  let open = false;
  const renew = (line: string) => {
    // A terminal that does not know its width says 0.
    output.write(`\r\x1b[K${paint(line.slice(0, (output.columns || 80) - 1), colour)}`);
    open = true;
  };
  const close = () => {
    if (open) output.write('\n');
    open = false;
  };
  let before: Sample | undefined;
  return {
    show(event) {
      if (event.event === 'start') {
        output.write(`${open ? '\r\x1b[K' : ''}${startLine(event)}\n`);
        open = false;
      } else if (event.event === 'sample') {
        const line = sampleLine(event, before, experiment);
        if (live) renew(line);
        else output.write(`${line}\n`);
        before = event;
      } else {
        close();
      }
    },
    say(what) {
      if (live) renew(`${what} ...`);
    },
    close,
  };
}

/** What runs, on what. */
export function startLine({ data, model, graph, threads, kernels, memoryBytes, experiment }: Start): string {
  return [
    `${data.name}: ${count(data.train)} + ${count(data.test)} rows`,
    `${model.name}: ${many(model.parameters, 'parameter')}`,
    `${many(graph.nodes, 'node')} on ${many(threads, 'thread')}, ${graph.name}`,
    `${experiment.algorithm}`,
    `kernels ${kernels.set}${kernels.note ? ` (${kernels.note})` : ''}`,
    `${bytes(memoryBytes)} shared`,
  ].join(' | ');
}

/** One line for one evaluation. `before` is the sample before it, for the speed in between. */
export function sampleLine(sample: Sample, before: Sample | undefined, experiment: Experiment): string {
  const seconds = sample.seconds - (before?.seconds ?? 0);
  const rows = (sample.steps - (before?.steps ?? 0)) * experiment.batch;
  const left = remaining(sample, experiment);
  const parts = [
    sample.virtual && `time ${figure(sample.virtual.time)}`,
    `epoch ${sample.epoch.toFixed(2)}${experiment.epochs === null ? '' : `/${experiment.epochs}`}`,
    seconds > 0 ? `${count(rows / seconds)} samples/s` : undefined,
    `loss ${figure(sample.loss)}`,
    sample.accuracy === null ? undefined : `accuracy ${percent(sample.accuracy)}`,
    `consensus ${figure(sample.consensus)}`,
    sample.virtual && sample.versions
      ? `versions behind ${figure(sample.versions.mean)}, at most ${figure(sample.versions.max)}`
      : `staleness ${figure(sample.staleness.mean)}`,
    left === undefined ? undefined : `ETA ${duration(left)}`,
  ];
  return parts.filter(Boolean).join('  ');
}

/** Seconds to the limit at the speed so far. */
function remaining(sample: Sample, { epochs, steps, seconds, time }: Experiment): number | undefined {
  const share =
    epochs !== null
      ? sample.epoch / epochs
      : steps !== null
        ? sample.steps / steps
        : time !== null
          ? (sample.virtual?.time ?? 0) / time
          : sample.seconds / seconds!;
  return share > 0 && share < 1 ? sample.seconds * (1 / share - 1) : undefined;
}

/** The accuracy stands out. */
function paint(line: string, colour: boolean): string {
  return colour ? line.replace(/accuracy [\d.]+ %/, found => `\x1b[1m${found}\x1b[22m`) : line;
}
