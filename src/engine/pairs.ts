/** The verbs of two rows: a node draws a neighbour, holds both, and the pair averages. */

import type { Address } from '../models/kernels/kernels.js';
import type { Order, Peer, Row, Rows } from './algorithm.js';
import { holdPair, release } from './hold.js';
import { perform, target, targetTurn } from './intent.js';
import { Control, controlWord, Thread, threadWord } from './layout.js';
import { notPending, type Ops, type RowsContext, Verb } from './op.js';

/** `alone` commits a node whose draws were all busy, or that has no neighbour. */
export function openPairs(
  context: RowsContext,
  ops: Ops,
  alone: (node: Row, draws: number) => void,
): Pick<Rows, 'mixAndCommit' | 'mixAndCommitBoth' | 'mix' | 'pull'> {
  const { holder, kernels: plain, averaging, quantizer, scribe, versions } = context;
  /** Models that a pair exchanges; quantized ones are counted by whoever quantizes them. */
  const models = quantizer ? 0 : 2;
  const { words, layout } = holder;
  const { stride } = layout;
  const { intent, read, current, spare, deltaOf, isPending, stalenessOf, targetCommit, targetTotal, targetParams } = ops;
  const kernels = averaging?.of(plain) ?? plain;
  /** What an average flips. */
  const mask = ops.averageMask;

  /** What goes along with params, into spare sides, from where `x` and `y` say that it lies. `isMutual`: the partner's changes too. */
  function mixAlong(a: Row, b: Row, weight: number, isMutual: boolean, x = current, y = current): void {
    for (const { plane, moving } of ops.sum.along ?? []) {
      const from = moving ? x(a, plane) : current(a, plane);
      const other = moving ? y(b, plane) : current(b, plane);
      if (isMutual) plain.mix(spare(a, plane), spare(b, plane), from, other, weight, plane.stride);
      else plain.blend(spare(a, plane), from, other, weight, plane.stride);
    }
  }

  /** The same where pieces are committed, that of `a`, and that of `b` too for `both`: before the average or after it. */
  function mixAndCommitAlong(a: Row, b: Row, order: Order, weight: number, both: boolean): void {
    if (order === 'commit') {
      ops.commitMoving(a);
      if (both) ops.commitMoving(b);
      mixAlong(a, b, weight, true, spare, both ? spare : current);
    } else {
      mixAlong(a, b, weight, true);
      ops.commitMoving(a, spare);
      if (both) ops.commitMoving(b, spare);
    }
  }

  /** Holds the node and a drawn neighbour. Returns the neighbour, or -1 when all draws were busy; `draws` is then the next one. */
  let draws = 0;
  function holdDrawn(node: Row, peer: Peer): Row {
    const degree = context.degree(node);
    const tries = degree === 0 ? 0 : context.wait ? 1 : degree < 4 ? degree : 4;
    draws = peer;
    for (let k = 0; k < tries; k++) {
      const partner = context.choose(node, draws++);
      if (partner < 0) return -1;
      if (holdPair(holder, node, partner, context.wait)) return partner;
      context.busy();
    }
    return -1;
  }

  /** The same, for a neighbour whose own piece is done. Tries that fail are not counted in the node's draws, but here: it asks others. */
  const asked = threadWord(layout, context.thread, Thread.Asked);
  function holdReady(node: Row, peer: Peer): Row {
    const tries = Math.min(context.degree(node), 8);
    for (let k = 0; k < tries; k++) {
      const count = words.get(asked);
      words.set(asked, count + 1);
      const partner = context.choose(node, peer + count);
      if (partner < 0 || !isReady(partner)) continue; // a look without the guard, to spare both rows; it counts only under it
      if (!holdPair(holder, node, partner, context.wait)) {
        context.busy();
        continue;
      }
      if (isReady(partner)) return partner;
      releasePair(node, partner);
    }
    return -1;
  }

  /** Pending, and not held back because its node is slowed. */
  const isReady = (row: Row) => isPending(row) && read(row, Control.Held) !== read(row, Control.Begun);

  /** True when some neighbour still takes part: a piece that waits for a partner will meet one. */
  function hasPartner(node: Row): boolean {
    const degree = context.degree(node);
    for (let k = 0; k < degree; k++) if (read(context.neighbour(node, k), Control.Alive) === 1) return true;
    return false;
  }

  /** The two models once the nodes have met, as both see them: as they are, or what the lattice leaves of them. */
  let first: Address = 0;
  let second: Address = 0;
  function meet(node: Row, partner: Row, x: Address, y: Address): void {
    first = x;
    second = y;
    if (!quantizer) return;
    quantizer.exchange(node, partner, x, y);
    first = quantizer.first;
    second = quantizer.second;
  }

  /** The average of the two models x and y, which have met. */
  function average(toA: Address, toB: Address, x: Address, y: Address, weight: number): void {
    if (quantizer?.apart) {
      kernels.blend(toA, x, second, weight, stride);
      kernels.blend(toB, y, first, weight, stride);
    } else kernels.mix(toA, toB, first, second, weight, stride);
  }

  /** The same, then the delta of the first. */
  function averageAndCommit(toA: Address, toB: Address, x: Address, y: Address, delta: Address, weight: number): void {
    if (quantizer?.apart) {
      average(toA, toB, x, y, weight);
      kernels.commit(toA, toA, delta, stride);
    } else kernels.mixAndCommit(toA, toB, first, second, delta, weight, stride);
  }

  function releasePair(a: Row, b: Row): void {
    release(holder, a > b ? a : b);
    release(holder, a > b ? b : a);
  }

  return {
    mixAndCommit(node, peer, weight = 0.5, order: Order = 'mix') {
      if (!isPending(node)) throw notPending(node);
      scribe?.reserve(0);
      const partner = holdDrawn(node, peer);
      if (partner < 0) {
        context.alone();
        alone(node, draws);
        return -1;
      }
      const steps = read(node, Control.PieceSteps);
      const staleness = stalenessOf(node);
      if (order === 'mix') {
        const [x, y] = [current(node), current(partner)];
        meet(node, partner, x, y);
        averageAndCommit(spare(node), spare(partner), x, y, deltaOf(node), weight);
      } else {
        kernels.commit(spare(node), current(node), deltaOf(node), stride);
        const [x, y] = [spare(node), current(partner)];
        meet(node, partner, x, y);
        average(x, spare(partner), x, y, weight);
      }
      mixAndCommitAlong(node, partner, order, weight, false);
      versions?.merge(node, partner, node, -1, order === 'commit');
      targetCommit(node, steps, draws, 0, node, mask);
      targetParams(partner, mask);
      targetTotal(steps);
      quantizer?.target(intent);
      scribe?.note(intent, Verb.mixAndCommit, node, partner, draws, order === 'mix' ? 0 : 1, weight, 0);
      perform(intent);
      releasePair(node, partner);
      context.committed(node, staleness, models, true);
      return partner;
    },

    mixAndCommitBoth(node, peer, weight = 0.5, order: Order = 'commit') {
      if (!isPending(node)) return true; // a partner has committed it already
      scribe?.reserve(0);
      const partner = holdReady(node, peer);
      if (partner < 0) {
        if (hasPartner(node)) return false;
        context.alone();
        alone(node, -1);
        return true;
      }
      if (!isPending(node)) {
        releasePair(node, partner); // one has committed it since
        return true;
      }
      const steps = read(node, Control.PieceSteps);
      const partnerSteps = read(partner, Control.PieceSteps);
      const staleness = stalenessOf(node);
      const partnerStaleness = stalenessOf(partner);
      const [a, b] = [current(node), current(partner)];
      if (order === 'mix') {
        meet(node, partner, a, b);
        averageAndCommit(spare(node), spare(partner), a, b, deltaOf(node), weight);
        kernels.commit(spare(partner), spare(partner), deltaOf(partner), stride);
      } else if (quantizer) {
        kernels.commit(spare(node), a, deltaOf(node), stride);
        kernels.commit(spare(partner), b, deltaOf(partner), stride);
        const [x, y] = [spare(node), spare(partner)];
        meet(node, partner, x, y);
        average(x, y, x, y, weight);
      } else kernels.mixAndCommitBoth(spare(node), spare(partner), a, b, deltaOf(node), deltaOf(partner), weight, stride);
      mixAndCommitAlong(node, partner, order, weight, true);
      versions?.merge(node, partner, node, partner, order === 'commit');
      targetCommit(node, steps, peer + 1, 0, node, mask);
      targetCommit(partner, partnerSteps, -1, 0, partner, mask);
      targetTotal(steps + partnerSteps);
      quantizer?.target(intent);
      scribe?.note(intent, Verb.mixAndCommitBoth, node, partner, peer + 1, order === 'mix' ? 0 : 1, weight, 0);
      perform(intent);
      releasePair(node, partner);
      context.committed(node, staleness, models, true);
      context.committed(partner, partnerStaleness, 0);
      return true;
    },

    mix(node, peer, weight = 0.5) {
      scribe?.reserve(0);
      const partner = holdDrawn(node, peer);
      if (partner < 0) {
        context.alone();
        return -1;
      }
      const [x, y] = [current(node), current(partner)];
      meet(node, partner, x, y);
      average(spare(node), spare(partner), x, y, weight);
      mixAlong(node, partner, weight, true);
      versions?.merge(node, partner, -1, -1, false);
      targetParams(node, mask);
      targetParams(partner, mask);
      target(intent, controlWord(layout, node, Control.Draws), draws);
      quantizer?.target(intent);
      scribe?.note(intent, Verb.mix, node, partner, draws, 0, weight, 0);
      perform(intent);
      releasePair(node, partner);
      context.mixed(models);
      return partner;
    },

    pull(node, peer, weight = 0.5) {
      scribe?.reserve(0);
      const partner = holdDrawn(node, peer);
      if (partner < 0) {
        context.alone();
        return -1;
      }
      kernels.blend(spare(node), current(node), current(partner), weight, stride);
      mixAlong(node, partner, weight, false);
      versions?.absorb(node, partner, -1);
      targetParams(node, mask);
      targetTurn(intent, partner, 0);
      target(intent, controlWord(layout, node, Control.Draws), draws);
      scribe?.note(intent, Verb.pull, node, partner, draws, 0, weight, 0);
      perform(intent);
      releasePair(node, partner);
      context.mixed(1);
      return partner;
    },
  };
}
