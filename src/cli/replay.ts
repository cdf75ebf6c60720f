/** `hearsay replay`: plays a recorded run again, and says whether it came to the same. */

import { toggle } from '../engine/option.js';
import { threads } from '../engine/options.js';
import type { ReplayDone, ReplayEvent, ReplayOptions } from '../threads/replay.js';
import { bytes, count, duration, figure, many } from './figures.js';
import { json, quiet } from './options.js';
import type { Surroundings } from './program.js';
import { playedText } from './summary.js';

export const replayOptions = {
  threads: threads('threads that play'),
  partial: toggle({ about: 'play what is there of a recording that was cut off, up to its last check' }),
  json: json('start, a check each, done'),
  quiet: quiet('summary'),
};

export interface ReplaySettings {
  readonly file: string;
  readonly threads: number | null;
  readonly partial: boolean;
  readonly json: boolean;
  readonly quiet: boolean;
}

/** What the command needs of a replay: `replay` of threads/replay.ts gives more. */
export interface Replaying extends AsyncIterable<ReplayEvent> {
  readonly result: Promise<ReplayDone>;
  stop(): void;
}

export type Replayer = (path: string, options?: ReplayOptions) => Replaying;

/** Returns the exit status: 0, or 130 when a signal ended it early. Throws HearsayError. */
export async function replayCommand(settings: ReplaySettings, around: Surroundings): Promise<number> {
  const { file, threads, partial, json, quiet } = settings;
  const player = await around.loadReplayer();
  const people = !json && !quiet;
  const running = player(file, { threads: threads ?? undefined, partial });
  running.result.catch(() => {}); // it also reaches whoever iterates
  let stopped = false;
  const forget = around.onSignal(() => {
    if (stopped) around.exit(130);
    stopped = true;
    running.stop();
  });
  try {
    for await (const event of running) {
      if (json) around.stdout.write(`${JSON.stringify(event)}\n`);
      else if (people && event.event !== 'done') around.stderr.write(`${line(event)}\n`);
    }
    const done = await running.result;
    if (people) for (const text of doneLines(done)) around.stdout.write(`${text}\n`);
    return done.stopReason === 'aborted' ? 130 : 0;
  } finally {
    forget();
  }
}

function line(event: Exclude<ReplayEvent, { event: 'done' }>): string {
  if (event.event === 'check') {
    return `step ${count(event.steps)}  op ${count(event.ops)}  ${duration(event.seconds)} (recorded ${duration(event.recordedSeconds)})  the same so far`;
  }
  const { experiment, threads, recordedBy, kernels, checks, steps } = event;
  return [
    `${experiment.algorithm} on ${experiment.data}, ${experiment.model}, ${experiment.nodes} nodes, seed ${experiment.seed}`,
    `${many(steps, 'step')}, ${many(checks, 'check')}, ${bytes(event.bytes)}`,
    `recorded by hearsay ${recordedBy.hearsay} on Node ${recordedBy.node}, kernels ${kernels}`,
    `played on ${many(threads, 'thread')}`,
  ].join(' | ');
}

/** What the checks found. */
function verdict({ stopReason, parameters, parametersHash, steps, ofSteps }: ReplayDone): string {
  const way = `step ${count(steps)} of ${count(ofSteps)}`;
  if (parametersHash === null) return 'stopped    by hand, before the first check: nothing was compared';
  if (stopReason === 'aborted') return `stopped    by hand; every check up to ${way} agrees${bitForBit(parameters)}`;
  if (stopReason === 'cut')
    return `same       every check up to the last agrees${bitForBit(parameters)}; the recording was cut off behind it`;
  return `same       every check agrees${bitForBit(parameters)}`;
}

function bitForBit(parameters: number): string {
  return parameters > 0 ? ', bit for bit' : ' in its steps; there are no parameters to compare';
}

/** The end of a replay, for people. */
export function doneLines(done: ReplayDone): string[] {
  const { stopReason, ops, played, bytesPerOp, seconds, recordedSeconds, parametersHash, parameters } = done;
  const all = played.perThread.reduce((sum, one) => sum + one, 0);
  const whole = stopReason !== 'aborted';
  const lines = [verdict(done)];
  if (whole) lines.push(`ops        ${count(ops)} (${playedText(played)}), ${figure(bytesPerOp!)} bytes each`);
  else lines.push(`ops        ${count(all)} played (${playedText(played)}), ${count(ops)} of them checked`);
  lines.push(`time       ${duration(seconds)}${whole ? `; the recorded run took ${duration(recordedSeconds)}` : ''}`);
  if (parametersHash !== null && parameters > 0) lines.push(`hash       sha256 ${parametersHash}`);
  return lines;
}
