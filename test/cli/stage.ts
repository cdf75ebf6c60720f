/** A command without a process: its surroundings are recorded, and a run of a few prepared events takes the place of the engine. */

import type { Planner } from '../../src/cli/plan.js';
import { program } from '../../src/cli/program.js';
import type { Replayer } from '../../src/cli/replay.js';
import type { Running, Trainer } from '../../src/cli/train.js';
import type { Experiment } from '../../src/engine/experiment.js';
import type { Done, RunEvent, Sample, Start } from '../../src/engine/observer.js';
import { filesOf } from '../../src/reproduce/report.js';
import type { Reproduction } from '../../src/reproduce/reproduction.js';
import { reproduce } from '../../src/reproduce/run.js';
import { reproductions as realReproductions } from '../../src/reproduce/table.js';
import { calibrate } from '../../src/threads/calibration.js';
import { readCheckpoint } from '../../src/threads/checkpointfile.js';
import { draft } from '../../src/threads/prepare.js';
import { replay } from '../../src/threads/replay.js';
import { resumed } from '../../src/threads/resume.js';

export interface Played {
  readonly status: number;
  readonly stdout: string;
  readonly stderr: string;
  /** How often the trainer was loaded: a refusal must not. */
  readonly loads: number;
  readonly experiments: readonly Experiment[];
  /** Statuses that the process was ended with at once. */
  readonly exits: readonly number[];
}

export interface Play {
  readonly trainer?: Trainer;
  readonly replayer?: Replayer;
  readonly planner?: Planner;
  readonly reproductions?: readonly Reproduction[];
  readonly env?: Record<string, string>;
  readonly isTTY?: boolean;
  readonly columns?: number;
  /** Called with the means to interrupt, before the first event. */
  during?(signal: () => void, breakPipe: () => void): void;
}

/** Runs `hearsay ...words`. */
export async function play(
  words: readonly string[],
  {
    trainer = fakeTrainer(),
    replayer = replay,
    planner = { draft, calibrate },
    reproductions = realReproductions,
    env = {},
    isTTY,
    columns,
    during,
  }: Play = {},
): Promise<Played> {
  let stdout = '';
  let stderr = '';
  let loads = 0;
  let broken = false;
  const exits: number[] = [];
  const experiments: Experiment[] = [];
  const signals = new Set<() => void>();
  const pipes = new Set<() => void>();
  const interrupt = () =>
    during?.(
      () => signals.forEach(handle => void handle()),
      () => {
        broken = true;
        pipes.forEach(handle => void handle());
      },
    );
  const status = await program(words, {
    stdout: { write: text => (stdout += text), columns },
    stderr: { write: text => (stderr += text), isTTY, columns },
    env,
    async loadTrainer() {
      loads++;
      return (experiment, beside) => {
        experiments.push(experiment);
        const running = trainer(experiment, beside);
        queueMicrotask(interrupt);
        return running;
      };
    },
    loadResumer: async () => ({ readCheckpoint, resumed }),
    async loadReproducer() {
      loads++;
      return {
        reproductions,
        filesOf,
        reproduce(reproduction, circumstances) {
          queueMicrotask(interrupt);
          return reproduce(reproduction, circumstances);
        },
      };
    },
    async loadPlanner() {
      loads++;
      queueMicrotask(interrupt);
      return planner;
    },
    async loadModels() {
      loads++;
      return {
        ...(await import('../../src/threads/opened.js')),
        ...(await import('../../src/threads/confusion.js')),
        ...(await import('../../src/threads/continuation.js')),
      };
    },
    async loadReplayer() {
      loads++;
      return replayer;
    },
    onSignal(handle) {
      signals.add(handle);
      return () => signals.delete(handle);
    },
    onBrokenPipe(handle) {
      pipes.add(handle);
      return () => pipes.delete(handle);
    },
    brokenPipe: () => broken,
    exit: code => exits.push(code),
  });
  if (signals.size + pipes.size > 0) throw new Error('a listener was left behind');
  return { status, stdout, stderr, loads, experiments, exits };
}

export interface Fake {
  /** Thrown after the first sample. */
  readonly failure?: Error;
  /** Goes on until it is stopped. */
  readonly endless?: boolean;
  /** Does not listen to stop: only a terminate ends it. */
  readonly deaf?: boolean;
  /** Called for save(path). */
  save?(path: string): Promise<void>;
  accuracy?(experiment: Experiment): number;
}

/** A trainer whose runs give a start, samples and a done. */
export function fakeTrainer({ failure, endless, deaf, save = async () => {}, accuracy = () => 0.9712 }: Fake = {}): Trainer {
  return experiment => {
    let stop = () => {};
    const stopped = new Promise<void>(resolve => {
      stop = resolve;
    });
    let settle: (done: Done) => void = () => {};
    let fail: (error: Error) => void = () => {};
    const finished = new Promise<Done>((resolve, reject) => {
      settle = resolve;
      fail = reject;
    });
    async function* events(): AsyncGenerator<RunEvent> {
      yield start(experiment);
      yield sample({ epoch: 1, seconds: 0.5, steps: 625, accuracy: 0.93 });
      if (failure) {
        fail(failure);
        throw failure;
      }
      if (endless) await stopped;
      yield sample({ epoch: 2, seconds: 1, steps: 1250, accuracy: accuracy(experiment) });
      const last = done({ accuracy: accuracy(experiment), stopReason: endless ? 'aborted' : 'epochs' });
      settle(last);
      yield last;
    }
    const running: Running = {
      [Symbol.asyncIterator]: () => events(),
      result: finished.then(last => ({ done: last, model: { save } })),
      stop: () => (deaf ? undefined : stop()),
      terminate: async () => stop(),
    };
    return running;
  };
}

export function start(experiment: Experiment): Start {
  return {
    event: 'start',
    experiment: { ...experiment },
    threads: 2,
    kernels: { set: 'relaxed', note: 'fastest of 3' },
    model: { name: 'mlp:128', parameters: 101_770 },
    modules: {},
    data: { name: 'digits', train: 20_000, test: 4000, features: 784, classes: 10 },
    graph: { name: 'complete', nodes: experiment.nodes, edges: 120, gap: 1 },
    memoryBytes: 27_682_406,
    versions: { hearsay: '0.1.0', node: '20.20.2', v8: '11.3' },
  };
}

export function sample(part: Partial<Sample> = {}): Sample {
  return {
    event: 'sample',
    seconds: 1,
    epoch: 2,
    steps: 1250,
    exchanges: 312,
    bytes: 254_017_920,
    trainLoss: 0.31,
    loss: 0.0912,
    accuracy: 0.9712,
    worstAccuracy: 0.9641,
    worstLoss: 0.12,
    meanLoss: 0.1,
    worstOf: { nodes: 16, rows: 1000 },
    versions: null,
    age: null,
    consensus: 0.00314,
    staleness: { mean: 1.25, p50: 1, p99: 4 },
    ...part,
  };
}

export function done(part: Partial<Done> = {}): Done {
  return {
    ...sample(),
    event: 'done',
    stopReason: 'epochs',
    stepsPerSecond: 1250,
    samplesPerSecond: 40_000,
    secondsEvaluating: 0.08,
    wallSeconds: 1.4,
    target: null,
    secondsToTarget: null,
    perNode: null,
    perThread: [{ thread: 0, steps: 1250, working: 0.9, gossip: 0.03, blocked: 0.001 }],
    gossipShare: 0.031,
    blockedShare: 0.0012,
    busy: 3,
    alone: 0,
    deaths: 0,
    quarantined: [],
    parametersHash: 'ab'.repeat(32),
    planeHashes: {},
    ...part,
  };
}
