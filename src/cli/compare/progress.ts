/** What people see while a comparison goes on: which run it is, how far it is, and when all will be done. */

import type { Experiment } from '../../engine/experiment.js';
import type { RunEvent, Sample } from '../../engine/observer.js';
import { duration, figure, percent } from '../figures.js';
import type { Line } from '../line.js';
import { shareDone, startLine } from '../progress.js';

export interface ComparisonProgress {
  /** The next run begins. */
  begin(experiment: Experiment): void;
  show(event: RunEvent): void;
  /** What is being done before a run starts; seen on a terminal only. */
  say(what: string): void;
  /** The run in hand has ended. */
  end(): void;
}

/** `of` is the number of runs; `now` gives milliseconds. Where lines stay, there is one for each run, and one every ten seconds. */
export function comparisonProgress(line: Line, of: number, now = () => performance.now()): ComparisonProgress {
  const took = new Map<string, number[]>();
  let run = 0;
  let began = 0;
  let printed = 0;
  let current: Experiment;
  let last: Sample | undefined;

  const all = () => [...took.values()].flat();
  const mean = (list: readonly number[]) => list.reduce((sum, value) => sum + value, 0) / list.length;

  /** Seconds that all the rest will take, at the speed so far. */
  function remaining(share: number): number | undefined {
    const spent = (now() - began) / 1000;
    const known = took.get(current.algorithm);
    const whole = share > 0 ? spent / share : known ? mean(known) : undefined;
    if (whole === undefined) return undefined;
    return Math.max(0, whole - spent) + (of - run) * mean([...all(), whole]);
  }

  const title = () => `run ${run} of ${of}  ${current.algorithm}, seed ${current.seed}`;

  function state(sample: Sample, share = Math.min(1, shareDone(sample, current))): string {
    const left = remaining(share);
    const numbers = [
      `loss ${figure(sample.loss)}`,
      sample.accuracy !== null && `accuracy ${percent(sample.accuracy)}`,
      `epoch ${sample.epoch.toFixed(2)}`,
    ];
    return [title(), left !== undefined && left > 0 && `ETA ${duration(left)}`, ...numbers].filter(Boolean).join('  ');
  }

  return {
    begin(experiment) {
      current = experiment;
      run++;
      began = now();
      printed = began;
      last = undefined;
      if (line.live) line.renew(title());
    },
    show(event) {
      if (event.event === 'start' && run === 1) line.print(startLine(event).replace(` | ${current.algorithm}`, ''));
      if (event.event !== 'sample') return;
      last = event;
      if (line.live) line.renew(state(event));
      else if (now() - printed >= 10_000) {
        line.print(state(event));
        printed = now();
      }
    },
    say(what) {
      if (line.live) line.renew(`${title()}  ${what} ...`);
    },
    end() {
      took.set(current.algorithm, [...(took.get(current.algorithm) ?? []), (now() - began) / 1000]);
      // The rest of a run that ended early, at its target, will not come.
      if (last) line.print(`${state(last, 1)}  in ${duration((now() - began) / 1000)}`);
    },
  };
}
