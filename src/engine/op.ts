/**
 * What every op is made of: the sides of the rows that it holds, the targets of its intent, and the note that a history keeps of it.
 * An op is: hold the rows in ascending order, write their spare sides, put one intent together (turns, sides, counters), note it,
 * perform it, release.
 */

import { HearsayError } from '../errors.js';
import type { RowKernels } from '../models/kernels/contract/rows.js';
import type { Address, Kernels } from '../models/kernels/kernels.js';
import type { Row, RowKernel } from './algorithm.js';
import { type Along, commitGain } from './along.js';
import type { Attack } from './attack.js';
import type { Averaging } from './averaging.js';
import type { Beside, BesideOf } from './beside.js';
import type { Sum } from './combine.js';
import { turnOf, turnsBetween } from './guard.js';
import type { Holder } from './hold.js';
import { type Intent, openIntent, target, targetTurn } from './intent.js';
import { Control, controlWord, type Plane, planeNamed, rowAddress, Thread, threadWord } from './layout.js';
import type { MassRule } from './mass.js';
import type { Quantizer } from './quantizer.js';
import { maskOf, sideOf } from './sides.js';
import type { Slots } from './slots.js';
import type { Versions } from './versions.js';

/** What the verbs need of the thread that they run on. */
export interface RowsContext {
  readonly holder: Holder;
  readonly kernels: RowKernels;
  readonly thread: number;
  readonly live: readonly Row[];
  /** True: a busy lock is waited for. False: another partner is drawn. */
  readonly wait: boolean;
  /** The whole set, for the algorithm's own kernels; not needed where these are idle. */
  readonly set?: Kernels;
  /** Stride floats, and no fewer than a kernel of an algorithm has for its own: local steps run here, and it is free between them. */
  readonly work: Address;
  /** Stride floats, or undefined when deltas are kept in the plane `delta`. */
  readonly delta?: Address;
  /** Room for the operand list of a combine: models x 2 words for addresses, as many for weights. */
  readonly list: Address;
  /** Planes of the optimizer's state, private to the thread that serves the node but for those that travel. */
  readonly state: readonly Plane[];
  /** Kernels that the algorithm brings, by name. */
  readonly elements: Readonly<Record<string, RowKernel>>;
  /** Of all randomness. */
  readonly seed: number;
  /** What weighs the models. */
  readonly mass?: MassRule;
  /** What goes along with params in averages: see along.ts. */
  readonly along?: readonly Along[];
  readonly fresh?: readonly string[];
  /** How models are averaged, when that is more than a sum. */
  readonly averaging?: Averaging;
  readonly beside?: BesideOf;
  /** Carries the rows of a pair, when they do not travel as they are. */
  readonly quantizer?: Quantizer;
  /** Where messages wait; undefined when nothing is sent. */
  readonly slots?: Slots;
  /** Of a simulation: asked when all slots are taken. */
  readonly crowded?: () => Crowd;
  /** Version vectors, when they are tracked. */
  readonly versions?: Versions;
  /** Nodes that have a place in the graph and a part of the data of their own; rows beyond them take another's. */
  readonly places: number;
  /** Keeps a history. */
  readonly scribe?: Scribe;
  /** Local steps in place at `weights`, the first being step number `first` of the node. Returns the sum of losses; NaN if it blew up. */
  descent(node: Row, steps: number, first: number, weights: Address, state: readonly Address[], beside?: Beside): number;
  /** Told of the local steps of a piece, and the sum of their losses. */
  learned(node: Row, steps: number, loss: number): void;
  /** Candidate partner for a draw, or -1 for a node without neighbours. */
  choose(node: Row, draw: number): Row;
  degree(node: Row): number;
  /** Neighbour number k < degree, ascending. */
  neighbour(node: Row, k: number): Row;
  /** The shared memory. */
  readonly buffer: ArrayBufferLike;
  /**
   * Told of each commit: how many ops the row has seen since the snapshot, and how many models went from one node to another for it, as
   * they are. `isExchange`: some went, or what was left of them.
   */
  committed(node: Row, staleness: number, models: number, isExchange?: boolean): void;
  /** Told of each average without a commit. */
  mixed(models: number): void;
  busy(): void;
  alone(): void;
  /** Told of each message that its node has not taken. */
  ignored(): void;
  /**
   * What becomes of a piece of work that is not finite, where the run goes on: its node keeps its model, or begins again from a neighbour's.
   * When left out, `diverged` ends the run.
   */
  readonly drops?: 'skip' | 'reset';
  /** Ops are planned before anybody knows what comes of them, or played as they were: none may depend on what is dropped. */
  readonly planned?: boolean;
  /** Nodes that commit something else than what they have learnt. */
  readonly attack?: Attack;
  /** Told of each piece that is dropped. */
  dropped(node: Row): void;
  /** A loss or a delta that is not finite; `spread` when others may have seen it. Never returns. */
  diverged(node: Row, step: number, spread: boolean): never;
}

/** When it was that all slots were taken, in virtual seconds, and how many may do. */
export interface Crowd {
  readonly time?: number;
  readonly slots?: number;
}

/** The verbs, as a history numbers them. */
export const Verb = {
  descend: 1,
  commit: 2,
  mixAndCommit: 3,
  mixAndCommitBoth: 4,
  mix: 5,
  combine: 6,
  apply: 7,
  stow: 8,
  absorb: 9,
  adopt: 10,
  pull: 11,
  meet: 12,
} as const;

/** Many rows at once: what a combine sums, and where it puts it. */
export interface Lists {
  readonly targets: readonly Row[];
  readonly operands: readonly number[];
  readonly weights: readonly number[];
}

/**
 * Told of each op while its rows are held, when its intent is put together, before it happens. `a` and `b` are its rows (b = -1: one
 * row), `x` and `y` whole numbers, `w` and `v` weights; see the callers for what they mean. May add targets to the intent: they are
 * its last.
 */
export interface Scribe {
  note(intent: Intent, verb: number, a: Row, b: Row, x: number, y: number, w: number, v: number, lists?: Lists): void;
  /** Makes sure that there is room for one more op, before a row is held. */
  reserve(words: number): void;
}

/** The toolbox of one thread. */
export interface Ops {
  readonly intent: Intent;
  readonly sum: Sum;
  readonly paramsMask: number;
  /** The same, with what goes along with params in an average. */
  readonly averageMask: number;
  /** What flips when a piece of the node is committed, beside params. */
  readonly stateMask: number;
  /** A control word of a row. */
  read(row: Row, word: number): number;
  deltaOf(node: Row): Address;
  /** Where the copy lies that the node's next delta is counted from: in the place of the delta, unless a plane `base` keeps it. */
  baseOf(node: Row): Address;
  /** The side of a row that is current, and the one that an op writes. `params` when no plane is named. */
  current(row: Row, plane?: Plane): Address;
  spare(row: Row, plane?: Plane): Address;
  /** The planes that the pending piece has moved, after it: from `from` into the spare sides. */
  commitMoving(node: Row, from?: (row: Row, plane: Plane) => Address): void;
  isPending(node: Row): boolean;
  /** Ops that `into` has seen since the node's snapshot of it. */
  stalenessOf(node: Row, into?: Row): number;
  /** The targets of an op that commits the pending piece of a held node, onto its own row unless `into` says another. */
  targetCommit(node: Row, steps: number, draws: number, meeting?: number, into?: Row, mask?: number): void;
  /** The thread's total of steps moves with the op, so that a death neither loses nor repeats one. */
  targetTotal(steps: number): void;
  /** The op is one of the node's own between its snapshot and its commit: it makes the piece no staler. */
  targetOwn(node: Row): void;
  /** The next turn of a row whose params an op has written, or all planes of `mask`. */
  targetParams(row: Row, mask?: number): void;
}

export function openOps(context: RowsContext): Ops {
  const { holder, kernels, thread, versions } = context;
  const { words, layout } = holder;
  const params = layout.planes[0];
  const paramsMask = maskOf(params) | (versions?.mask ?? 0);
  const moving = (context.along ?? []).filter(({ moving }) => moving);
  const stateMask = [...context.state, ...moving.map(({ plane }) => plane)].reduce((mask, plane) => mask | maskOf(plane), 0);
  const deltas = planeNamed(layout, 'delta');
  const bases = planeNamed(layout, 'base');
  const intent: Intent = openIntent(words, layout, thread, context.scribe !== undefined);
  const { along = [] } = context;
  const sum: Sum = { kernels, list: context.list, buffer: context.buffer, along };
  const averageMask = along.reduce((mask, { plane }) => mask | maskOf(plane), paramsMask);

  const read = (row: Row, word: number) => words.load(controlWord(layout, row, word));
  /** Whose difference lies in the scratch; -1 while that is not known, as a predecessor may have left one. */
  let learnt = -1;
  const deltaOf = (node: Row): Address => {
    if (deltas) return rowAddress(layout, deltas, node, 0);
    if (learnt < 0 || learnt === node) return context.delta!;
    throw new HearsayError(
      'STATE',
      `the delta of node ${node} is not kept beyond its piece of work: add keepsDelta: true to the algorithm`,
    );
  };
  const current = (row: Row, plane: Plane = params) => sideOf(words, layout, row, plane, 0);
  const spare = (row: Row, plane: Plane = params) => sideOf(words, layout, row, plane, 1);

  function targetCommit(node: Row, steps: number, draws: number, meeting = 0, into = node, mask = paramsMask): void {
    if (into === node) targetTurn(intent, node, mask | stateMask);
    else {
      targetTurn(intent, into, mask);
      targetTurn(intent, node, stateMask);
    }
    target(intent, controlWord(layout, node, Control.Committed), read(node, Control.Committed) + 1);
    target(intent, controlWord(layout, node, Control.Steps), (read(node, Control.Steps) + steps) | 0);
    if (draws >= 0) target(intent, controlWord(layout, node, Control.Draws), draws);
    if (meeting > 0) target(intent, controlWord(layout, node, Control.Met), meeting);
  }

  function targetTotal(steps: number): void {
    const total = threadWord(layout, thread, Thread.Steps);
    target(intent, total, (words.load(total) + steps) | 0);
  }

  return {
    intent,
    sum,
    paramsMask,
    averageMask,
    stateMask,
    read,
    deltaOf,
    baseOf(node) {
      learnt = node;
      return bases ? rowAddress(layout, bases, node, 0) : deltaOf(node);
    },
    current,
    spare,
    commitMoving(node, from = current) {
      for (const { plane, moving: one } of moving)
        commitGain(sum, layout, one!, node, read(node, Control.PieceSteps), spare(node, plane), from(node, plane));
    },
    isPending: node => read(node, Control.Begun) === read(node, Control.Committed) + 1,
    stalenessOf: (node, into = node) => turnsBetween(read(node, Control.SnapshotTurn), turnOf(read(into, Control.Turn))),
    targetCommit,
    targetTotal,
    targetOwn: node =>
      target(intent, controlWord(layout, node, Control.SnapshotTurn), (read(node, Control.SnapshotTurn) + 1) & 0xffffff),
    targetParams: (row, mask = paramsMask) => targetTurn(intent, row, mask),
  };
}

export function notPending(node: Row): HearsayError {
  return new HearsayError('STATE', `node ${node} has no pending piece of work: descend begins one, and it is committed once`);
}
