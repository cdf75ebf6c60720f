/**
 * The verbs. Nothing else touches a row. Every verb but the literal Hogwild is an op of one shape, whatever the number of rows (see
 * op.ts). Those of two rows are in pairs.ts, sums in sums.ts, messages in messages.ts; here are those of one node.
 */

import { HearsayError } from '../errors.js';
import type { Row, Rows } from './algorithm.js';
import { turnOf } from './guard.js';
import { hold, holdPair, release } from './hold.js';
import { perform, target, targetTurn } from './intent.js';
import { Control, controlWord, Header, type Plane, planeNamed } from './layout.js';
import { openMessages } from './messages.js';
import { notPending, openOps, type RowsContext, Verb } from './op.js';
import { openPairs } from './pairs.js';
import { maskOf } from './sides.js';
import { openSums } from './sums.js';

const none: readonly number[] = [];

/** What a player needs beside the verbs. */
export interface PlayedRows extends Rows {
  /** The first part of a `descend`: a copy of row `from`. Returns the turn after it. */
  snapshot(node: Row, from: Row, steps: number): number;
  /** The copy that another has taken and died over: it is kept in the plane `base`. */
  takeUp(node: Row): void;
  /** The second part: local steps on the copy. */
  learn(node: Row, steps: number, snapshotTurn: number): void;
  /** A commit with its draws and its meeting decided (-1 and 0: none). */
  commitAs(node: Row, draws: number, meeting: number, into: Row): void;
}

/** A piece of no steps would be begun again for ever. */
function noSteps(verb: string, node: Row, found: unknown): HearsayError {
  return new HearsayError(
    'STATE',
    `${verb}: node ${node}: found steps ${found}, allowed is a whole number from 1 to ${2 ** 31 - 1}`,
  );
}

export function openRows(context: RowsContext): PlayedRows {
  const { holder, kernels, scribe, versions } = context;
  const { words, layout } = holder;
  const { stride } = layout;
  const ops = openOps(context);
  const {
    intent,
    paramsMask,
    stateMask,
    read,
    current,
    spare,
    baseOf,
    deltaOf,
    isPending,
    stalenessOf,
    targetCommit,
    targetTotal,
  } = ops;
  const view = (address: number, plane: Plane) =>
    new Float32Array(context.buffer, address, plane.width ?? layout.shape.parameters);

  /** The optimizer's state, copied to its spare sides: they are the serving thread's own until its commit flips them. */
  function stateOf(node: Row): readonly number[] {
    if (context.state.length === 0) return none;
    return context.state.map(plane => {
      kernels.copy(spare(node, plane), current(node, plane), stride);
      return spare(node, plane);
    });
  }

  /** A copy of the row to work on, and to subtract. Returns the turn after it. */
  function snapshot(node: Row, from: Row, steps: number): number {
    scribe?.reserve(0);
    hold(holder, from);
    kernels.snapshot(context.work, baseOf(node), current(from), stride);
    targetTurn(intent, from, 0);
    scribe?.note(intent, Verb.descend, node, from, steps, 0, 0, 0);
    perform(intent);
    const turn = turnOf(read(from, Control.Turn));
    release(holder, from);
    return turn;
  }

  /** Local steps on the copy; the difference is complete when Begun says so. */
  function learn(node: Row, steps: number, snapshotTurn: number): void {
    const delta = deltaOf(node);
    const first = read(node, Control.Steps);
    const state = stateOf(node);
    const loss = context.descent(node, steps, first, context.work, state);
    context.learned(node, steps, loss);
    if (kernels.difference(delta, baseOf(node), context.work, stride) !== 0 || !Number.isFinite(loss))
      context.diverged(node, first, false);
    words.store(controlWord(layout, node, Control.PieceSteps), steps);
    words.store(controlWord(layout, node, Control.SnapshotTurn), snapshotTurn);
    words.store(controlWord(layout, node, Control.Begun), read(node, Control.Committed) + 1);
  }

  function commit(node: Row, drawn: number, meeting: number, into: Row): void {
    if (!isPending(node)) throw notPending(node);
    scribe?.reserve(0);
    if (into === node) hold(holder, node);
    else holdPair(holder, node, into, true);
    const steps = read(node, Control.PieceSteps);
    const staleness = stalenessOf(node, into);
    kernels.commit(spare(into), current(into), deltaOf(node), stride);
    versions?.own(into, node);
    targetCommit(node, steps, drawn, meeting, into);
    targetTotal(steps);
    scribe?.note(intent, Verb.commit, node, into, drawn, meeting, 0, 0);
    perform(intent);
    if (into === node) release(holder, node);
    else {
      release(holder, node > into ? node : into);
      release(holder, node > into ? into : node);
    }
    context.committed(node, staleness, 0);
  }

  /** The names of planes that `apply` may change. */
  function twoSided(name: string): Plane {
    const plane = planeNamed(layout, name);
    if (plane?.sides === 2 && plane.width === undefined) return plane;
    const two = layout.planes.filter(({ sides, width }) => sides === 2 && width === undefined).map(({ name }) => name);
    throw new HearsayError('STATE', `apply: '${name}' is no two-sided plane of this run; there are ${two.join(', ')}`);
  }

  return {
    nodes: layout.shape.nodes,
    live: context.live,
    ...openPairs(context, ops, (node, draws) => commit(node, draws, 0, node)),
    ...openSums(context, ops),
    ...openMessages(context, ops),

    descend(node, { steps, from = node }) {
      if ((steps | 0) !== steps || steps < 1) throw noSteps('descend', node, steps);
      const snapshotTurn = snapshot(node, from, steps);
      learn(node, steps, snapshotTurn);
    },

    snapshot,
    takeUp: node => kernels.copy(context.work, baseOf(node), stride),
    learn,

    commit(node, options) {
      commit(node, -1, options?.meet ? words.load(Header.Generation) + 1 : 0, options?.into ?? node);
    },

    commitAs: commit,

    delta: node => layout.rows + node,

    apply(row, name, planes = ['params']) {
      const kernel = context.elements[name];
      if (!kernel) {
        const known = Object.keys(context.elements);
        throw new HearsayError(
          'STATE',
          `apply: '${name}' is no element kernel of this algorithm; it brings ${known.length > 0 ? known.join(', ') : 'none: add kernels: { ... }'}`,
        );
      }
      const changed = planes.map(twoSided);
      scribe?.reserve(0);
      hold(holder, row);
      let mask = 0;
      for (const plane of changed) {
        kernel(view(spare(row, plane), plane), view(current(row, plane), plane), plane.name);
        mask |= maskOf(plane);
      }
      if ((mask & paramsMask) !== 0) {
        versions?.keep(row);
        mask |= paramsMask;
      }
      targetTurn(intent, row, mask);
      scribe?.note(intent, Verb.apply, row, -1, Object.keys(context.elements).indexOf(name), mask, 0, 0);
      perform(intent);
      release(holder, row);
    },

    adopt(node, from) {
      scribe?.reserve(0);
      holdPair(holder, node, from, true);
      kernels.copy(spare(node), current(from), stride);
      for (const plane of context.state) kernels.zero(spare(node, plane), stride);
      versions?.copy(node, from);
      const place = read(from, Control.Place);
      targetTurn(intent, node, paramsMask | stateMask);
      targetTurn(intent, from, 0);
      if (node >= context.places) target(intent, controlWord(layout, node, Control.Place), place > 0 ? place : from + 1);
      scribe?.note(intent, Verb.adopt, node, from, 0, 0, 0, 0);
      perform(intent);
      release(holder, node > from ? node : from);
      release(holder, node > from ? from : node);
    },

    hogwild(node, row, steps) {
      if ((steps | 0) !== steps || steps < 1) throw noSteps('hogwild', node, steps);
      const first = read(node, Control.Steps);
      // The optimizer's state is the node's own, and nobody else's: it too moves in place.
      const state = context.state.map(plane => current(node, plane));
      const loss = context.descent(node, steps, first, current(row), state);
      context.learned(node, steps, loss);
      if (!Number.isFinite(loss)) context.diverged(node, first, true);
      hold(holder, node);
      targetTurn(intent, node, 0);
      target(intent, controlWord(layout, node, Control.Committed), read(node, Control.Committed) + 1);
      target(intent, controlWord(layout, node, Control.Steps), (first + steps) | 0);
      targetTotal(steps);
      perform(intent);
      release(holder, node);
      context.committed(node, 0, 0);
    },
  };
}
