/**
 * The verbs. Nothing else touches a row. Every verb but the literal Hogwild is an op of one shape, whatever the number of rows (see
 * op.ts). Those of two rows are in pairs.ts, sums in sums.ts, messages in messages.ts, an algorithm's own kernels in apply.ts, copies of whole
 * models in adoption.ts; here are those of one node.
 */

import { HearsayError } from '../errors.js';
import { type Adoption, openAdoption } from './adoption.js';
import type { Row, Rows } from './algorithm.js';
import { begin, gained, take } from './along.js';
import { openApply } from './apply.js';
import { nextMeeting } from './barrier.js';
import { cellNamed, deltaCell } from './cell.js';
import { combineColumns } from './combine.js';
import { openDrops } from './drops.js';
import { turnOf } from './guard.js';
import { hold, holdPair, release } from './hold.js';
import { perform, target, targetTurn } from './intent.js';
import { Control, controlWord } from './layout.js';
import { massOf, targetMass } from './mass.js';
import { openMessages } from './messages.js';
import { notPending, openOps, type RowsContext, Verb } from './op.js';
import { openPairs } from './pairs.js';
import { openSums, type Sums } from './sums.js';

const none: readonly number[] = [];

/** What a player needs beside the verbs. */
export interface PlayedRows extends Rows, Adoption, Pick<Sums, 'conclude'> {
  /** The first part of a `descend`: a copy of row `from`. Returns the turn after it. */
  snapshot(node: Row, from: Row, steps: number): number;
  /** The copy that another has taken and died over: it is kept in the plane `base`. */
  takeUp(node: Row): void;
  /** The second part: local steps on the copy. */
  learn(node: Row, steps: number, snapshotTurn: number): void;
  /** An arrival at a meeting, the number of which is decided. */
  meetAs(node: Row, meeting: number): void;
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
  const { intent, sum, read, current, spare, baseOf, deltaOf, isPending, stalenessOf, targetCommit, targetOwn, targetTotal } =
    ops;

  const moving = (context.along ?? []).flatMap(({ plane, moving }) => (moving ? [{ plane, moving }] : []));
  const { adopt, restart } = openAdoption(context, ops);
  const drops = openDrops(context, ops, moving);

  /**
   * The optimizer's state, copied to where local steps move it: to its spare sides, which are the serving thread's own until its commit
   * flips them; or, of what others may average meanwhile, from the snapshot into a plane beside it.
   */
  function stateOf(node: Row): readonly number[] {
    const copies = moving.map(one => begin(kernels, layout, one.moving, node));
    if (context.state.length === 0) return none;
    return context.state.map(plane => {
      const beside = moving.findIndex(one => one.plane === plane);
      if (beside >= 0) return copies[beside];
      kernels.copy(spare(node, plane), current(node, plane), stride);
      return spare(node, plane);
    });
  }

  /** A copy of the row to work on, and to subtract. Returns the turn after it. */
  function snapshot(node: Row, from: Row, steps: number): number {
    scribe?.reserve(0);
    hold(holder, from);
    kernels.snapshot(context.work, baseOf(node), current(from), stride);
    context.beside?.take(kernels, node, plane => current(from, plane));
    for (const one of moving) take(kernels, layout, one.moving, node, current(from, one.plane));
    targetTurn(intent, from, 0);
    scribe?.note(intent, Verb.descend, node, from, steps, 0, 0, 0);
    perform(intent);
    const turn = turnOf(read(from, Control.Turn));
    release(holder, from);
    return turn;
  }

  /** Local steps on the copy; the difference is complete when Begun says so. */
  function learn(node: Row, steps: number, snapshotTurn: number, from?: Row): void {
    const delta = deltaOf(node);
    const first = read(node, Control.Steps);
    const state = stateOf(node);
    const work = { node, state, beside: context.beside?.of(node) };
    const loss = context.descent(node, steps, first, context.work, state, work.beside);
    const piece = read(node, Control.Committed) + 1;
    const attack = context.attack?.has(node) ? context.attack : undefined;
    attack?.strike(node, context.work, baseOf(node), piece);
    const isFine = kernels.difference(delta, baseOf(node), context.work, stride) === 0 && Number.isFinite(loss);
    const isDropped = !isFine || drops.isBeyond(work);
    words.store(controlWord(layout, node, Control.PieceSteps), steps);
    words.store(controlWord(layout, node, Control.SnapshotTurn), snapshotTurn);
    if (attack) {
      if (isDropped) drops.takeBack(work); // it commits what it commits, and nobody else learns of its losses
    } else if (isDropped) {
      if (context.drops === undefined) context.diverged(node, first, false);
      kernels.zero(delta, stride);
      drops.takeBack(work);
      context.dropped(node);
      if (context.planned) words.store(controlWord(layout, node, Control.Dropped), piece);
      else beginAnew(node, from);
    } else context.learned(node, steps, loss);
    for (const one of moving) gained(sum, context.set, layout, one.moving, node, steps);
    words.store(controlWord(layout, node, Control.Begun), piece);
  }

  /** A node whose piece was begun from `from` begins again from a drawn neighbour's model, where a run wants that, and it is its own. */
  function beginAnew(node: Row, from?: Row): void {
    if (context.drops !== 'reset' || from !== node || context.degree(node) === 0) return;
    const partner = context.choose(node, -1 - read(node, Control.Committed));
    if (partner >= 0) restart(node, partner);
  }

  function meet(node: Row, meeting: number): void {
    if (!isPending(node)) throw notPending(node);
    scribe?.reserve(0);
    hold(holder, node);
    targetTurn(intent, node, 0);
    target(intent, controlWord(layout, node, Control.Met), meeting);
    targetOwn(node);
    scribe?.note(intent, Verb.meet, node, -1, meeting, 0, 0, 0);
    perform(intent);
    release(holder, node);
  }

  function commit(node: Row, drawn: number, meeting: number, into: Row): void {
    if (!isPending(node)) throw notPending(node);
    scribe?.reserve(0);
    if (into === node) hold(holder, node);
    else holdPair(holder, node, into, true);
    const steps = read(node, Control.PieceSteps);
    const staleness = stalenessOf(node, into);
    const mass = context.mass && massOf(words, layout, into);
    if (context.mass === 'push-sum')
      combineColumns(sum, [spare(into)], [current(into), deltaOf(node)], [1, 1 / mass!], 0, stride);
    else kernels.commit(spare(into), current(into), deltaOf(node), stride);
    ops.commitMoving(node);
    versions?.own(into, node);
    targetCommit(node, steps, drawn, meeting, into);
    if (context.mass === 'age') targetMass(intent, into, mass! + steps);
    targetTotal(steps);
    scribe?.note(intent, Verb.commit, node, into, drawn, meeting, 0, 0);
    perform(intent);
    if (into === node) release(holder, node);
    else {
      release(holder, node > into ? node : into);
      release(holder, node > into ? into : node);
    }
    context.committed(node, staleness, into === node ? 0 : 2); // the model of another row came, and its progress went
  }

  return {
    nodes: layout.shape.nodes,
    live: context.live,
    ...openPairs(context, ops, (node, draws) => commit(node, draws, 0, node)),
    ...openSums(context, ops),
    ...openMessages(context, ops),
    apply: openApply(context, ops),

    descend(node, { steps, from = node }) {
      if ((steps | 0) !== steps || steps < 1) throw noSteps('descend', node, steps);
      const snapshotTurn = snapshot(node, from, steps);
      learn(node, steps, snapshotTurn, from);
      if (context.planned) beginAnew(node, from); // nobody who plans can know whether it will have to
    },

    snapshot,
    takeUp: node => kernels.copy(context.work, baseOf(node), stride),
    learn,
    adopt,
    restart,

    commit(node, options) {
      commit(node, -1, options?.meet ? nextMeeting(words) : 0, options?.into ?? node);
    },

    commitAs: commit,

    meet: node => meet(node, nextMeeting(words)),
    meetAs: meet,
    delta: node => deltaCell(node, layout.rows),
    plane: (row, name) => cellNamed(layout, row, name),

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
