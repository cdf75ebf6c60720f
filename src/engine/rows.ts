/**
 * The verbs. Nothing else touches a row. Every verb but the literal Hogwild is an op of one shape, whatever the number of rows:
 * hold the rows in ascending order, write their spare sides, perform one intent (turns, sides and counters), release.
 */

import { HearsayError } from '../errors.js';
import type { Address, RowKernels } from '../models/kernels/kernels.js';
import type { Peer, Row, Rows } from './algorithm.js';
import { combineColumns, requireSum, type Sum } from './combine.js';
import { turnOf, turnsBetween } from './guard.js';
import { type Holder, hold, holdAll, holdPair, release, releaseAll } from './hold.js';
import { type Intent, openIntent, perform, target, targetTurn } from './intent.js';
import { Control, controlWord, Header, type Layout, type Plane, planeNamed, rowAddress, Thread, threadWord } from './layout.js';

/** What the verbs need of the thread that they run on. */
export interface RowsContext {
  readonly holder: Holder;
  readonly kernels: RowKernels;
  readonly thread: number;
  readonly live: readonly Row[];
  /** True: a busy lock is waited for. False: another partner is drawn. */
  readonly wait: boolean;
  /** Stride floats: local steps run here. */
  readonly work: Address;
  /** Stride floats, or undefined when deltas are kept in the plane `delta`. */
  readonly delta?: Address;
  /** Room for the operand list of a combine: rows x 2 words for addresses, as many for weights. */
  readonly list: Address;
  /** Planes of the optimizer's state, private to the thread that serves the node. */
  readonly state: readonly Plane[];
  /** Local steps in place at `weights`, the first being step number `first` of the node. Returns the sum of losses; NaN if it blew up. */
  descent(node: Row, steps: number, first: number, weights: Address, state: readonly Address[]): number;
  /** Candidate partner for a draw, or -1 for a node without neighbours. */
  choose(node: Row, draw: number): Row;
  degree(node: Row): number;
  /** Neighbour number k < degree, ascending. */
  neighbour(node: Row, k: number): Row;
  /** The shared memory. */
  readonly buffer: ArrayBufferLike;
  /** Told of each commit: how many ops the row has seen since the snapshot, and whether another row was averaged in. */
  committed(node: Row, staleness: number, exchanged: boolean): void;
  /** Told of each average without a commit. */
  mixed(): void;
  busy(): void;
  alone(): void;
  /** A loss or a delta that is not finite; `spread` when others may have seen it. Never returns. */
  diverged(node: Row, step: number, spread: boolean): never;
}

export function openRows(context: RowsContext): Rows {
  const { holder, kernels, thread } = context;
  const { words, layout } = holder;
  const { stride } = layout;
  const params = layout.planes[0];
  const paramsMask = maskOf(params);
  const stateMask = context.state.reduce((mask, plane) => mask | maskOf(plane), 0);
  const deltas = planeNamed(layout, 'delta');
  const intent: Intent = openIntent(words, layout, thread);
  const sum: Sum = { kernels, list: context.list, buffer: context.buffer };

  const read = (row: Row, word: number) => words.load(controlWord(layout, row, word));
  const deltaOf = (node: Row): Address => (deltas ? rowAddress(layout, deltas, node, 0) : context.delta!);
  const current = (row: Row, plane: Plane = params) => sideAddress(row, plane, 0);
  const spare = (row: Row, plane: Plane = params) => sideAddress(row, plane, 1);

  function sideAddress(row: Row, plane: Plane, other: 0 | 1): Address {
    return rowAddress(layout, plane, row, ((read(row, Control.Turn) >>> plane.bit) & 1) ^ other);
  }

  const view = (address: Address) => new Float32Array(context.buffer, address, layout.shape.parameters);

  const notPending = (node: Row) =>
    new HearsayError('STATE', `node ${node} has no pending piece of work: descend begins one, and it is committed once`);

  /** The targets of an op that commits the pending piece of a held node, onto its own row unless `into` says another. */
  function targetCommit(node: Row, steps: number, draws = -1, meeting = 0, into = node): void {
    if (into === node) targetTurn(intent, node, paramsMask | stateMask);
    else {
      targetTurn(intent, into, paramsMask);
      targetTurn(intent, node, stateMask);
    }
    target(intent, controlWord(layout, node, Control.Committed), read(node, Control.Committed) + 1);
    target(intent, controlWord(layout, node, Control.Steps), (read(node, Control.Steps) + steps) | 0);
    if (draws >= 0) target(intent, controlWord(layout, node, Control.Draws), draws);
    if (meeting > 0) target(intent, controlWord(layout, node, Control.Met), meeting);
  }

  /** The thread's total of steps moves with the op, so that a death neither loses nor repeats one. */
  function targetTotal(steps: number): void {
    const total = threadWord(layout, thread, Thread.Steps);
    target(intent, total, (words.load(total) + steps) | 0);
  }

  const stalenessOf = (node: Row, into = node) =>
    turnsBetween(read(node, Control.SnapshotTurn), turnOf(read(into, Control.Turn)));

  /** Holds the node and a drawn neighbour. Returns the neighbour, or -1 when all draws were busy; `draws` is then the next one. */
  let draws = 0;
  function holdDrawn(node: Row, peer: Peer): Row {
    const degree = context.degree(node);
    const tries = degree === 0 ? 0 : context.wait ? 1 : degree < 4 ? degree : 4;
    draws = peer;
    for (let k = 0; k < tries; k++) {
      const partner = context.choose(node, draws++);
      if (holdPair(holder, node, partner, context.wait)) return partner;
      context.busy();
    }
    return -1;
  }

  /** The same, for a neighbour whose own piece is done. Tries that fail are not counted in the node's draws, but here: it asks others. */
  let asked = 0;
  function holdReady(node: Row, peer: Peer): Row {
    const tries = Math.min(context.degree(node), 8);
    for (let k = 0; k < tries; k++) {
      const partner = context.choose(node, peer + asked++);
      if (!isReady(partner)) continue; // a look without the guard, to spare both rows; it counts only under it
      if (!holdPair(holder, node, partner, context.wait)) {
        context.busy();
        continue;
      }
      if (isReady(partner)) return partner;
      releasePair(node, partner);
    }
    return -1;
  }

  const isPending = (row: Row) => read(row, Control.Begun) === read(row, Control.Committed) + 1;
  /** Pending, and not held back because its node is slowed. */
  const isReady = (row: Row) => isPending(row) && read(row, Control.Held) !== read(row, Control.Begun);

  /** True when some neighbour still takes part: a piece that waits for a partner will meet one. */
  function hasPartner(node: Row): boolean {
    const degree = context.degree(node);
    for (let k = 0; k < degree; k++) if (read(context.neighbour(node, k), Control.Alive) === 1) return true;
    return false;
  }

  function releasePair(a: Row, b: Row): void {
    release(holder, a > b ? a : b);
    release(holder, a > b ? b : a);
  }

  function commit(node: Row, drawn: number, meeting: number, into: Row): void {
    if (!isPending(node)) throw notPending(node);
    if (into === node) hold(holder, node);
    else holdPair(holder, node, into, true);
    const steps = read(node, Control.PieceSteps);
    const staleness = stalenessOf(node, into);
    kernels.commit(spare(into), current(into), deltaOf(node), stride);
    targetCommit(node, steps, drawn, meeting, into);
    targetTotal(steps);
    perform(intent);
    if (into === node) release(holder, node);
    else releasePair(node, into);
    context.committed(node, staleness, false);
  }

  const rows: Rows = {
    nodes: layout.shape.nodes,
    live: context.live,

    descend(node, { steps, from = node }) {
      const delta = deltaOf(node);
      hold(holder, from);
      kernels.snapshot(context.work, delta, current(from), stride);
      targetTurn(intent, from, 0);
      perform(intent);
      const snapshotTurn = turnOf(read(from, Control.Turn));
      release(holder, from);
      const first = read(node, Control.Steps);

      // The spare side of a private plane is the serving thread's own until its commit flips it.
      const state = context.state.map(plane => {
        kernels.copy(spare(node, plane), current(node, plane), stride);
        return spare(node, plane);
      });
      const loss = context.descent(node, steps, first, context.work, state);
      if (kernels.difference(delta, context.work, stride) !== 0 || !Number.isFinite(loss)) context.diverged(node, first, false);
      words.store(controlWord(layout, node, Control.PieceSteps), steps);
      words.store(controlWord(layout, node, Control.SnapshotTurn), snapshotTurn);
      words.store(controlWord(layout, node, Control.Begun), read(node, Control.Committed) + 1);
    },

    commit(node, options) {
      commit(node, -1, options?.meet ? words.load(Header.Generation) + 1 : 0, options?.into ?? node);
    },

    mixAndCommit(node, peer, weight = 0.5) {
      if (!isPending(node)) throw notPending(node);
      const partner = holdDrawn(node, peer);
      if (partner < 0) {
        context.alone();
        commit(node, draws, 0, node);
        return -1;
      }
      const steps = read(node, Control.PieceSteps);
      const staleness = stalenessOf(node);
      kernels.mixAndCommit(spare(node), spare(partner), current(node), current(partner), deltaOf(node), weight, stride);
      targetCommit(node, steps, draws);
      targetTurn(intent, partner, paramsMask);
      targetTotal(steps);
      perform(intent);
      releasePair(node, partner);
      context.committed(node, staleness, true);
      return partner;
    },

    mixAndCommitBoth(node, peer, weight = 0.5) {
      const partner = holdReady(node, peer);
      if (partner < 0) {
        if (hasPartner(node)) return false;
        context.alone();
        commit(node, -1, 0, node);
        return true;
      }
      if (!isPending(node)) {
        releasePair(node, partner); // a partner has committed it meanwhile
        return true;
      }
      const steps = read(node, Control.PieceSteps);
      const partnerSteps = read(partner, Control.PieceSteps);
      const staleness = stalenessOf(node);
      const partnerStaleness = stalenessOf(partner);
      const [a, b] = [current(node), current(partner)];
      kernels.mixAndCommitBoth(spare(node), spare(partner), a, b, deltaOf(node), deltaOf(partner), weight, stride);
      targetCommit(node, steps, peer + 1);
      targetCommit(partner, partnerSteps);
      targetTotal(steps + partnerSteps);
      perform(intent);
      releasePair(node, partner);
      context.committed(node, staleness, true);
      context.committed(partner, partnerStaleness, false);
      return true;
    },

    mix(node, peer, weight = 0.5) {
      const partner = holdDrawn(node, peer);
      if (partner < 0) {
        context.alone();
        return -1;
      }
      kernels.mix(spare(node), spare(partner), current(node), current(partner), weight, stride);
      targetTurn(intent, node, paramsMask);
      targetTurn(intent, partner, paramsMask);
      target(intent, controlWord(layout, node, Control.Draws), draws);
      perform(intent);
      releasePair(node, partner);
      context.mixed();
      return partner;
    },

    delta: node => layout.rows + node,

    combine(targets, operands, weights) {
      requireSum(targets.length, operands.length, weights.length, 2 * layout.rows);
      const touched = new Set<Row>(targets);
      const deltasUsed = new Set<Row>();
      for (const operand of operands) {
        touched.add(operand % layout.rows);
        if (operand >= layout.rows) deltasUsed.add(operand - layout.rows);
      }
      const committing = [...deltasUsed];
      for (const node of committing) {
        if (!targets.includes(node))
          throw new HearsayError('STATE', `combine: the delta of node ${node} is used, but the node is no target`);
      }
      const held = [...touched].sort((a, b) => a - b);
      holdAll(holder, held);
      const idle = committing.find(node => !isPending(node));
      if (idle !== undefined) {
        releaseAll(holder, held);
        throw notPending(idle);
      }
      const addresses = operands.map(operand => (operand < layout.rows ? current(operand) : deltaOf(operand - layout.rows)));
      combineColumns(
        sum,
        targets.map(row => spare(row)),
        addresses,
        weights,
        0,
        stride,
      );
      const staleness = committing.map(node => stalenessOf(node));
      let total = 0;
      for (const row of targets) {
        if (!committing.includes(row)) targetTurn(intent, row, paramsMask);
      }
      for (const node of committing) {
        const steps = read(node, Control.PieceSteps);
        targetCommit(node, steps);
        total += steps;
      }
      if (total > 0) targetTotal(total);
      perform(intent);
      releaseAll(holder, held);
      committing.forEach((node, k) => {
        context.committed(node, staleness[k], touched.size > 1);
      });
    },

    apply(row, kernel, planes = ['params']) {
      const changed = planes.map(name => {
        const plane = planeNamed(layout, name);
        if (plane?.sides === 2) return plane;
        const two = layout.planes.filter(({ sides }) => sides === 2).map(({ name }) => name);
        throw new HearsayError('STATE', `apply: '${name}' is no two-sided plane of this run; there are ${two.join(', ')}`);
      });
      hold(holder, row);
      let mask = 0;
      for (const plane of changed) {
        kernel(view(spare(row, plane)), view(current(row, plane)), plane.name);
        mask |= maskOf(plane);
      }
      targetTurn(intent, row, mask);
      perform(intent);
      release(holder, row);
    },

    hogwild(node, row, steps) {
      const first = read(node, Control.Steps);
      // The optimizer's state is the node's own, and nobody else's: it too moves in place.
      const state = context.state.map(plane => current(node, plane));
      const loss = context.descent(node, steps, first, current(row), state);
      if (!Number.isFinite(loss)) context.diverged(node, first, true);
      hold(holder, node);
      targetTurn(intent, node, 0);
      target(intent, controlWord(layout, node, Control.Committed), read(node, Control.Committed) + 1);
      target(intent, controlWord(layout, node, Control.Steps), (first + steps) | 0);
      targetTotal(steps);
      perform(intent);
      release(holder, node);
      context.committed(node, 0, false);
    },
  };
  return rows;
}

/** The bit that a plane has in the turn word. */
export function maskOf(plane: Plane): number {
  return plane.bit < 0 ? 0 : 1 << plane.bit;
}

/** Address of the current side of a plane of a row: for whoever holds it, or while everybody is parked. */
export function currentSide(words: { load(index: number): number }, layout: Layout, row: Row, plane: Plane): Address {
  const turn = words.load(controlWord(layout, row, Control.Turn));
  return rowAddress(layout, plane, row, plane.bit < 0 ? 0 : (turn >>> plane.bit) & 1);
}
