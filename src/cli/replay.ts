/** `hearsay replay`: plays a recorded run again, and says whether it came to the same. */

import type { ReplayDone, ReplayEvent, ReplayOptions } from '../threads/replay.js';
import { bytes, count, duration, figure, many } from './figures.js';
import type { Surroundings } from './program.js';
import { playedText } from './summary.js';

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

const endings: Readonly<Record<ReplayDone['stopReason'], string>> = {
  end: 'same       every check agrees, bit for bit',
  cut: 'same       up to the last check; the recording was cut off behind it',
  aborted: 'stopped    by hand; every check so far agrees',
};

function doneLines(done: ReplayDone): string[] {
  return [
    endings[done.stopReason],
    `ops        ${count(done.ops)} (${playedText(done.played)}), ${figure(done.bytesPerOp)} bytes each`,
    `time       ${duration(done.seconds)}; the recorded run took ${duration(done.recordedSeconds)}`,
    `hash       sha256 ${done.parametersHash}`,
  ];
}
