/**
 * The barrier of the synchronous methods. A node arrives with its commit, or with its piece pending (the word Met is a target of that
 * intent). When all live nodes have arrived, each thread computes its range of columns of the meeting's sums into the spare sides; the
 * leader, once every range is there, performs one intent over all rows and the meeting's number. All words are absolute numbers, so a
 * thread that died is simply followed by one that looks at them again. No lock is kept while waiting: nobody serves a node that has
 * arrived.
 */

import { HearsayError } from '../errors.js';
import type { Address } from '../models/kernels/kernels.js';
import type { Meeting, Row } from './algorithm.js';
import { cellNamed, deltaCell, isDelta, rowOf } from './cell.js';
import { combineAlong, combineCells, requireSum, type Sum } from './combine.js';
import type { Holder } from './hold.js';
import { target } from './intent.js';
import { Control, controlWord, Header, type Layout, type Plane, planeNamed, rowAddress, Thread, threadWord } from './layout.js';
import { type MassRule, massOf, weigh } from './mass.js';
import type { Lists } from './op.js';
import type { Sums } from './sums.js';
import { ring, type Words } from './words.js';

export interface BarrierContext {
  readonly holder: Holder;
  readonly thread: number;
  readonly threads: number;
  readonly live: readonly Row[];
  readonly sum: Sum;
  readonly meet: (meeting: Meeting) => void;
  readonly random: Meeting['random'];
  readonly neighbours: Meeting['neighbours'];
  /** Told how many models a meeting moves from one place to another. */
  readonly moved: (models: number) => void;
  /** The leader's last act: one op over every row that the meeting has written or read. */
  readonly conclude: Sums['conclude'];
  /** What weighs the models. */
  readonly mass?: MassRule;
  /** True when the leader sums alone, as what comes after needs whole rows. */
  readonly isWhole?: boolean;
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

function computeColumns(context: BarrierContext, meeting: number): void {
  if (context.isWhole) return;
  const { holder, thread, threads, sum, mass } = context;
  const { words, layout } = holder;
  const [from, to] = columnsOf(layout.stride, thread, threads);
  const lists = sumOf(context, meeting);
  if (lists.targets.length === 0) return;
  const { targets, operands, weights } = lists;
  requireSum(targets.length, operands.length, weights.length, layout.models);
  const read = (row: Row, word: number) => words.load(controlWord(layout, row, word));
  const weighed =
    mass &&
    weigh(
      mass,
      lists,
      layout.rows,
      row => massOf(words, layout, row),
      row => read(row, Control.PieceSteps),
    );
  const deltas = planeNamed(layout, 'delta');
  const all = weighed ? { ...lists, ...weighed } : lists;
  combineCells(sum, words, layout, all, row => deltaIn(deltas, layout, row), from, to);
  combineAlong(sum, words, layout, all, from, to);
}

/** Another thread sums it too: it must lie in a plane. */
function deltaIn(deltas: Plane | undefined, layout: Layout, node: Row): Address {
  if (deltas) return rowAddress(layout, deltas, node, 0);
  throw new HearsayError('STATE', `the meeting sums the delta of node ${node}: add keepsDelta: true to the algorithm`);
}

/** The leader: one op over every row that the meeting has written or read. */
function conclude(context: BarrierContext, meeting: number): void {
  const { words } = context.holder;
  const lists = sumOf(context, meeting);
  context.moved(context.conclude(lists, true, intent => target(intent, Header.Generation, meeting)));
  ring(words, Header.Arrivals);
}

/** What the meeting sums: one combine at most, as its sums lie in the spare sides until it is held. Throws STATE. */
export function sumOf(
  { holder, live, meet, random, neighbours }: Pick<BarrierContext, 'holder' | 'live' | 'meet' | 'random' | 'neighbours'>,
  meeting: number,
): Lists {
  const { layout } = holder;
  let lists: Lists | undefined;
  meet({
    nodes: layout.shape.nodes,
    live,
    number: meeting - 1,
    random,
    neighbours,
    delta: node => deltaCell(node, layout.rows),
    plane: (row, name) => cellNamed(layout, row, name),
    combine(targets, operands, weights) {
      if (lists) throw new HearsayError('STATE', 'combine: the second one in a meeting, allowed is one; sum all rows in one');
      lists = withoutAbsent({ targets, operands, weights }, layout.rows, node => hasArrived(holder.words, layout, node, meeting));
    },
  });
  return lists ?? { targets: [], operands: [], weights: [] };
}

/** A node that is left out, as its work killed its threads, does not come, and has no delta. */
function withoutAbsent(lists: Lists, rows: number, hasCome: (node: Row) => boolean): Lists {
  const { targets, operands, weights } = lists;
  const isThere = operands.map(cell => !isDelta(cell, rows) || hasCome(rowOf(cell, rows)));
  if (isThere.every(Boolean)) return lists;
  return {
    targets,
    operands: operands.filter((_, k) => isThere[k]),
    weights: weights.filter((_, k) => isThere[k % operands.length]),
  };
}
