/** What leaves a run: numbers. The engine knows no printer, no file and no dashboard; they read these events. */

import type { Bins } from '../bins.js';

/** The first event: the whole resolved experiment, enough to run it again. */
export interface Start {
  readonly event: 'start';
  /** Every option with its resolved value. */
  readonly experiment: Readonly<Record<string, unknown>>;
  readonly threads: number;
  readonly kernels: { readonly set: string; readonly note: string };
  readonly model: {
    readonly name: string;
    readonly parameters: number;
    /** Who computes it, when not the kernels: a name, and a line for people. */
    readonly backend?: { readonly name: string; readonly note: string };
  };
  /**
   * sha256 of the file of each module of the user's own, of `model`, `algorithm`, `topology` and `link`, and of the weights that all
   * start from, `init`. Empty when all are built in.
   */
  readonly modules: Readonly<Record<string, string>>;
  readonly data: {
    readonly name: string;
    readonly train: number;
    readonly test: number;
    readonly features: number;
    readonly classes: number;
  };
  readonly graph: { readonly name: string; readonly nodes: number; readonly edges: number; readonly gap: number | null };
  readonly memoryBytes: number;
  readonly versions: { readonly hearsay: string; readonly node: string; readonly v8: string };
}

/** Mean and percentiles of a count. */
export interface Spread {
  readonly mean: number;
  readonly p50: number;
  readonly p99: number;
}

/** The same, with the largest. */
export interface WideSpread extends Spread {
  readonly max: number;
}

/** What a run in virtual time has beside a live one. */
export interface VirtualNumbers {
  /** Virtual seconds. */
  readonly time: number;
  /** Wakes and deliveries. */
  readonly events: number;
  readonly live: number;
  readonly joined: number;
  readonly left: number;
  readonly crashed: number;
  /** Messages and exchanges that a link lost, or that found nobody. */
  readonly lost: number;
  /** Pieces of work that nodes had in hand when they crashed, and their local steps; their models are gone too. */
  readonly lostPieces: number;
  readonly lostSteps: number;
  /** Newcomers for whom no row was free, and departures of the last node: they did not happen. */
  readonly refused: number;
}

/** Numbers of the run so far. Times are seconds of training: the clock stands still during an evaluation. */
export interface Sample {
  readonly event: 'sample';
  readonly seconds: number;
  /** Passes over the training data, all nodes together. */
  readonly epoch: number;
  /** Local steps over all nodes. */
  readonly steps: number;
  /** Averages of two or more rows. */
  readonly exchanges: number;
  /** Bytes that the exchanges would have moved between machines. */
  readonly bytes: number;
  /** Mean training loss of the steps since the sample before; null before the first step. */
  readonly trainLoss: number | null;
  /** Of the mean model on the test split. */
  readonly loss: number;
  /** Of the mean model on the test split, 0..1; null for regression. */
  readonly accuracy: number | null;
  /** Lowest accuracy of a single node, over `worstOf`; null for regression. */
  readonly worstAccuracy: number | null;
  /** Highest loss of a single node, over `worstOf`. */
  readonly worstLoss: number;
  /** Mean over those nodes of the loss of each: what a node can do by itself, where `loss` is what they can do together. */
  readonly meanLoss: number;
  readonly worstOf: { readonly nodes: number; readonly rows: number };
  /** Mean over nodes of the squared distance to the mean model. */
  readonly consensus: number;
  /** Ops of others on a row between its snapshot and its commit. */
  readonly staleness: Spread;
  /**
   * S_i^j = N_i^i - N_i^j: updates of a tracked node i, one that has work of its own, that node j's model does not contain yet, over all
   * pairs; null when none are tracked.
   */
  readonly versions: WideSpread | null;
  /**
   * Seconds, of training or virtual, since the newest update of node i that node j's model contains was made, over the same pairs. The
   * starting weights were made at 0, so no age is larger than the time of the run; evaluations do not count.
   */
  readonly age: WideSpread | null;
  /** Only of a run in virtual time. */
  readonly virtual?: VirtualNumbers;
}

/**
 * A thread has died. What it had committed stays, what it had not never happened; a successor takes its seat, unless the run ends over it.
 */
export interface Death {
  readonly event: 'death';
  /** Of training, so far. */
  readonly seconds: number;
  readonly thread: number;
  /** How many have had its seat before it. */
  readonly incarnation: number;
  /** The node that it worked on; null for none. */
  readonly node: number | null;
  /** True for one that was terminated from outside: it counts for no budget, and against no node. */
  readonly asked: boolean;
  /** What it died of, as Node says it. */
  readonly reason: string;
  /** Rows that it held, which are free again. */
  readonly freed: number;
  /** True where it had committed an op, which was completed for it. */
  readonly completed: boolean;
  /** True where its node is left out from now on: the third death in a row over the same piece of work. */
  readonly quarantined: boolean;
}

/** Who did the ops of a run, where players did them. */
export interface Played {
  /** Ops of each thread. */
  readonly perThread: readonly number[];
  /** Share of the ops that were done before one that comes earlier in the order of the queue, 0..1. */
  readonly overtaking: number;
}

/**
 * Which limit ended a run: passes over the data, local steps, the target, seconds on the wall, virtual seconds; or it was
 * stopped.
 */
export type StopReason = 'epochs' | 'steps' | 'until' | 'seconds' | 'time' | 'aborted';

/** The last event of a run that did not fail. */
export interface Done extends Omit<Sample, 'event'> {
  readonly event: 'done';
  readonly stopReason: StopReason;
  readonly stepsPerSecond: number;
  readonly samplesPerSecond: number;
  readonly secondsEvaluating: number;
  /** From start to end, loading included. */
  readonly wallSeconds: number;
  /** What `until` asks for, and the best of all samples (null when none has that metric); null when nothing is asked for. */
  readonly target: { readonly metric: 'accuracy' | 'loss'; readonly value: number; readonly best: number | null } | null;
  /** Training seconds to the target; null when there was none or it was not reached. */
  readonly secondsToTarget: number | null;
  /** Mean versions behind, and mean age in seconds, of each node's model, for nodes that are alive, ascending; null for more than 2,000. */
  readonly perNode: { readonly versions: readonly number[]; readonly age: readonly number[] } | null;
  /** Commits by their staleness: the least of a bucket, and how many are in it, ascending, of those that are not empty (see histogram.ts). */
  readonly stalenessCounts: Bins;
  /** Of a live run. In virtual time no thread owns a node or a step: empty; see `played`. */
  readonly perThread: readonly ThreadTimes[];
  /** Only of a run whose work players did: one in virtual time on several threads. */
  readonly played?: Played;
  /** Shares of the threads' time, 0..1; 0 in virtual time. */
  readonly gossipShare: number;
  readonly blockedShare: number;
  /** Exchanges that found a neighbour busy and drew another; commits made alone, because all draws were busy or there was no neighbour. */
  readonly busy: number;
  readonly alone: number;
  /** Messages that reached their node and were not taken, being too late or too many. Only where there were some. */
  readonly ignored?: number;
  /** Pieces of work that were dropped, as what came of them was not finite, by what their nodes then did. Only where there were some. */
  readonly diverged?: { readonly resets: number; readonly skips: number };
  /** Only of a run whose pairs exchange quantized models: messages that were seen to arrive wrong, and models that went as they are. */
  readonly quantizer?: { readonly retries: number; readonly plain: number };
  /** Threads that died and were replaced. */
  readonly deaths: number;
  /** Nodes that are no longer served, because their work killed three threads in a row. */
  readonly quarantined: readonly number[];
  /** sha256 of the current side of params: nodes and extra rows in order, unpadded, little-endian. */
  readonly parametersHash: string;
  /** The same of the other planes that outlive a piece of work: `momentum`, and those of an algorithm. Empty when there is none. */
  readonly planeHashes: Readonly<Record<string, string>>;
}

/** Where the time of one thread went, in seconds. */
export interface ThreadTimes {
  readonly thread: number;
  readonly steps: number;
  /** Local steps. */
  readonly working: number;
  /** Snapshot, commit and mix. */
  readonly gossip: number;
  /** Waiting for locks, barriers and neighbours. */
  readonly blocked: number;
}

/** With `repeats`: after the last run. */
export interface Summary {
  readonly event: 'summary';
  readonly repeats: number;
  /** For each number of `done` that all runs have, inner ones as outer.inner: mean, standard deviation (n - 1) and worst. */
  readonly metrics: Readonly<Record<string, { readonly mean: number; readonly deviation: number; readonly worst: number }>>;
}

/** What a run says: `start` once, a `sample` at each evaluation, a `death` of each thread that died, `done` at the end of one that did not fail. */
export type RunEvent = Start | Sample | Death | Done;
