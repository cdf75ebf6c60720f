/**
 * Who takes part in a simulation: nodes join, leave and crash.
 *
 *   join    a copy of a random node that is alive. It takes the row, and the place, of one that is gone, the lowest first; when none is, a
 *           row that was kept free (capacity), and then it has the neighbours and the data of the node that it copied
 *   leave   the piece of work in hand is committed at once, alone: its steps were made when it began. Then a drawn partner averages the
 *           model in, heir = (heir + leaver) / 2, so that half of each goes: a mean over one node less can't keep both. Who has no partner
 *           takes all along. By push-sum the heir gets all of it, (m x, m) = (m x, m) + (m' x', m'): sums and masses stay what they were
 *   crash   the model is lost, and the piece in hand; counted in LostPieces and LostSteps
 *
 * What can't be does not happen, and is counted in Refused: no row is free for a newcomer, or the last node would go.
 */

import { source, uniform } from '../random.js';
import type { Row } from './algorithm.js';
import { clearCounters } from './counters.js';
import { Control, controlWord, type Layout } from './layout.js';
import type { Lines } from './lines.js';
import type { Nature } from './nature.js';
import type { Partners } from './partners.js';
import type { Seat } from './seat.js';
import { type idsOf, Of, Phase, Scalar, type Timeline } from './timeline.js';

interface PopulationContext {
  readonly layout: Layout;
  readonly timeline: Timeline;
  readonly partners: Partners;
  readonly lines: Lines;
  readonly nature: Nature;
  readonly seat: Seat;
  readonly ids: ReturnType<typeof idsOf>;
  pair(a: Row, b: Row, meet: () => void): void;
  start(node: Row): void;
  /** Told when a node has gone. */
  departed(): void;
}

export interface Population {
  /** Puts the first change into the queue. */
  start(): void;
  /** The change that is due happens, and the next one goes into the queue. */
  change(): void;
}

export function openPopulation(context: PopulationContext): Population {
  const { layout, timeline, partners, lines, nature, seat, ids } = context;
  const { queue, scalars, nodes: state, onItsWay } = timeline;
  const { churn, seed } = nature;
  const { nodes } = layout.shape;
  const { rows, words } = seat;
  const who = source(seed, 'churn: who');

  const { sharedRow, mass } = seat.recipe.algorithm;
  const read = (node: Row, word: number) => words.load(controlWord(layout, node, word));

  /** `named`: the row that a trace asks for, or -1. */
  function join(draw: number, named: Row): void {
    let node = Math.max(0, named);
    while (named < 0 && node < nodes && partners.isLive(node)) node++;
    if (node === nodes || partners.isLive(node)) {
      scalars[Scalar.Refused]++;
      return;
    }
    const model = partners.live[Math.floor(uniform(who, 1, draw) * partners.live.length)];
    rows.adopt(node, model);
    const place = partners.placeOf(node);
    partners.join(node, place >= 0 ? place : partners.placeOf(model));
    words.store(controlWord(layout, node, Control.Alive), 1);
    clearCounters(words, layout, node);
    scalars[Scalar.Joined]++;
    context.start(node);
  }

  /** The piece that the node has begun and not committed. */
  function pieceInHand(node: Row, isKept: boolean): void {
    if (read(node, Control.Begun) !== read(node, Control.Committed) + 1) return;
    if (isKept) rows.commit(node, { into: sharedRow });
    else {
      scalars[Scalar.LostPieces]++;
      scalars[Scalar.LostSteps] += read(node, Control.PieceSteps);
    }
  }

  function inherit(heir: Row, node: Row): void {
    if (mass === 'push-sum') rows.combine([heir], [heir, node], [1, 1]);
    else context.pair(heir, node, () => void rows.pull(heir, seat.world.peer(heir)));
  }

  function go(node: Row, handsOver: boolean): void {
    pieceInHand(node, handsOver);
    const heir = handsOver ? partners.choose(node, read(node, Control.Draws)) : -1;
    if (heir >= 0) inherit(heir, node);
    if (queue.has(node)) queue.remove(node);
    for (let id = ids.clock + node; id < ids.delivery; id += nodes) {
      if (queue.has(id)) queue.remove(id);
      onItsWay[id - ids.clock] = 0;
    }
    if (state[4 * node + Of.phase] === Phase.waiting) scalars[Scalar.Waiting]--;
    else if (state[4 * node + Of.phase] === Phase.idle && seat.recipe.algorithm.meet) scalars[Scalar.Arrived]--; // it stood at the barrier
    state[4 * node + Of.phase] = Phase.idle;
    lines.clear(node);
    partners.leave(node);
    words.store(controlWord(layout, node, Control.Alive), 0);
    scalars[handsOver ? Scalar.Left : Scalar.Crashed]++;
    context.departed();
  }

  return {
    start() {
      if (Number.isFinite(churn.time(0))) queue.push(ids.churn, churn.time(0));
    },
    change() {
      const k = scalars[Scalar.Changes]++;
      const kind = churn.kind(k);
      if (kind === 'join') join(k, churn.node(k));
      else {
        const named = churn.node(k);
        const node = named >= 0 ? named : partners.live[Math.floor(churn.draw(k) * partners.live.length)];
        // The last one stays: a network of nobody has no model.
        if (partners.isLive(node) && partners.live.length > 1) go(node, kind === 'leave');
        else scalars[Scalar.Refused]++;
      }
      const then = churn.time(k + 1);
      if (Number.isFinite(then)) queue.push(ids.churn, then);
    },
  };
}
