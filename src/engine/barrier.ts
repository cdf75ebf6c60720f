/**
 * The barrier of the synchronous methods. A node arrives with its commit (the word Met is a target of that intent). When all live nodes
 * have arrived, each thread computes its range of columns of the meeting's sums into the spare sides; the leader, once every range
 * is there, performs one intent over all rows and the meeting's number. All words are absolute numbers, so a thread that died is
 * simply followed by one that looks at them again. No lock is kept while waiting: nobody serves a node that has arrived.
 */

import { HearsayError } from '../errors.js';
import type { Address } from '../models/kernels/kernels.js';
import type { Meeting, Row } from './algorithm.js';
import { combineColumns, requireSum, type Sum } from './combine.js';
import { type Holder, holdAll, releaseAll } from './hold.js';
import { openIntent, perform, target, targetTurn } from './intent.js';
import { Control, controlWord, Header, type Layout, rowAddress, Thread, threadWord } from './layout.js';
import { type Lists, type Scribe, Verb } from './op.js';
import { maskOf } from './sides.js';
import type { Versions } from './versions.js';
import { ring, type Words } from './words.js';

export interface BarrierContext {
  readonly holder: Holder;
  readonly thread: number;
  readonly threads: number;
  readonly live: readonly Row[];
  readonly sum: Sum;
  readonly meet: (meeting: Meeting) => void;
  readonly random: Meeting['random'];
  /** Told how many models a meeting moves from one place to another. */
  readonly moved: (models: number) => void;
  /** Keeps a history. */
  readonly scribe?: Scribe;
  /** Version vectors, when they are tracked: all are merged. */
  readonly versions?: Versions;
}

/** The number of the meeting that is to be held next. */
export function nextMeeting(words: Words): number {
  return words.load(Header.Generation) + 1;
}

/** True when the node has arrived for the meeting. */
export function hasArrived(words: Words, layout: Layout, node: Row, meeting = nextMeeting(words)): boolean {
  return words.load(controlWord(layout, node, Control.Met)) === meeting;
}

/**
 * One look at the barrier, for a thread whose own nodes have all arrived for `meeting`: does the part that is due. Returns true when it
 * has been held (nodes may go on), false when there is something to wait for: sleep on Arrivals, as it was before the call.
 * The meeting is an argument because it must be the one that the nodes were asked about: it may just have been held, and a thread
 * that then looked at the next one would say that its nodes are there.
 */
export function attend(context: BarrierContext, meeting: number): boolean {
  const { holder, thread } = context;
  const { words, layout } = holder;
  const phase = words.load(threadWord(layout, thread, Thread.Phase));
  if (phase < arrived(meeting)) advance(context, arrived(meeting));
  if (!everybody(context, arrived(meeting))) return false;
  if (phase < summed(meeting)) {
    computeColumns(context, meeting);
    advance(context, summed(meeting));
  }
  if (thread !== 0) return words.load(Header.Generation) === meeting;
  if (!everybody(context, summed(meeting))) return false;
  conclude(context, meeting);
  return true;
}

const arrived = (meeting: number) => 2 * meeting - 1;
const summed = (meeting: number) => 2 * meeting;

function everybody({ holder, threads }: BarrierContext, phase: number): boolean {
  for (let t = 0; t < threads; t++) {
    if (holder.words.load(threadWord(holder.layout, t, Thread.Phase)) < phase) return false;
  }
  return true;
}

function advance({ holder, thread }: BarrierContext, phase: number): void {
  holder.words.store(threadWord(holder.layout, thread, Thread.Phase), phase);
  ring(holder.words, Header.Arrivals);
}

/** This thread's range of columns, a multiple of 32 floats. */
export function columnsOf(stride: number, thread: number, threads: number): [from: number, to: number] {
  const lines = stride / 32;
  return [Math.floor((lines * thread) / threads) * 32, Math.floor((lines * (thread + 1)) / threads) * 32];
}

function computeColumns({ holder, thread, threads, live, sum, meet, random }: BarrierContext, meeting: number): void {
  const { words, layout } = holder;
  const params = layout.planes[0];
  const side = (row: Row, other: 0 | 1): Address =>
    rowAddress(layout, params, row, ((words.load(controlWord(layout, row, Control.Turn)) >>> params.bit) & 1) ^ other);
  const [from, to] = columnsOf(layout.stride, thread, threads);
  meet({
    nodes: layout.shape.nodes,
    live,
    number: meeting - 1,
    random,
    combine(targets, operands, weights) {
      requireSum(targets.length, operands.length, weights.length, 2 * layout.models);
      if (operands.some(operand => operand >= layout.rows)) {
        throw new HearsayError('STATE', 'combine: a delta among the operands of a meeting, where all are committed; use rows');
      }
      combineColumns(
        sum,
        targets.map(row => side(row, 1)),
        operands.map(row => side(row, 0)),
        weights,
        from,
        to,
      );
    },
  });
}

/** The leader: one op over every row that the meeting has written or read. */
function conclude(context: BarrierContext, meeting: number): void {
  const { holder, thread, scribe, versions } = context;
  const { words, layout } = holder;
  const intent = openIntent(words, layout, thread, true);
  const { targets, operands, weights } = sumOf(context, meeting);
  const written = new Set(targets);
  const touched = [...new Set([...targets, ...operands])].sort((a, b) => a - b);
  scribe?.reserve(targets.length + operands.length + weights.length);
  holdAll(holder, touched);
  versions?.sum(targets, operands, weights, layout.rows);
  const mask = maskOf(layout.planes[0]) | (versions?.mask ?? 0);
  for (const row of touched) targetTurn(intent, row, written.has(row) ? mask : 0);
  target(intent, Header.Generation, meeting);
  if (targets.length > 0) scribe?.note(intent, Verb.combine, -1, -1, 0, 0, 0, 0, { targets, operands, weights });
  perform(intent);
  releaseAll(holder, touched);
  context.moved(modelsMoved(targets.length, operands.length));
  ring(words, Header.Arrivals);
}

/** The models that are summed go to one of them, and the sums from there: what a ring all-reduce moves for the mean of all. */
export function modelsMoved(targets: number, operands: number): number {
  return Math.max(0, operands - 1) + Math.max(0, targets - 1);
}

/** What the meeting sums: one combine at most, as its sums lie in the spare sides until it is held. Throws STATE. */
function sumOf({ holder, live, meet, random }: BarrierContext, meeting: number): Lists {
  let lists: Lists | undefined;
  meet({
    nodes: holder.layout.shape.nodes,
    live,
    number: meeting - 1,
    random,
    combine(targets, operands, weights) {
      if (lists) throw new HearsayError('STATE', 'combine: the second one in a meeting, allowed is one; sum all rows in one');
      lists = { targets, operands, weights };
    },
  });
  return lists ?? { targets: [], operands: [], weights: [] };
}
