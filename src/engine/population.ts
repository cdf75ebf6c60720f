/**
 * Who takes part in a simulation: nodes join (a copy of a random one that is alive), leave (their model is averaged into a partner's)
 * and crash (what they had is lost). A newcomer takes the row, and the place, of one that is gone, the lowest first; when none is, a row
 * that was kept free (capacity), and then it has the neighbours and the data of the node that it copied.
 */

import { source, uniform } from '../random.js';
import type { Row } from './algorithm.js';
import { Control, controlWord, type Layout } from './layout.js';
import type { Nature } from './nature.js';
import type { Partners } from './partners.js';
import type { Seat } from './seat.js';
import { type idsOf, Of, Phase, Scalar, type Timeline } from './timeline.js';

interface PopulationContext {
  readonly layout: Layout;
  readonly timeline: Timeline;
  readonly partners: Partners;
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
  const { layout, timeline, partners, nature, seat, ids } = context;
  const { queue, scalars, nodes: state, onItsWay } = timeline;
  const { churn, seed } = nature;
  const { nodes } = layout.shape;
  const { rows, words } = seat;
  const who = source(seed, 'churn: who');

  function join(draw: number): void {
    let node = 0;
    while (node < nodes && partners.isLive(node)) node++;
    if (node === nodes) return; // there is no room: counted as nothing that happened
    const model = partners.live[Math.floor(uniform(who, 1, draw) * partners.live.length)];
    rows.adopt(node, model);
    const place = state[4 * node + Of.place];
    partners.join(node, (place > 0 ? place : state[4 * model + Of.place]) - 1);
    words.store(controlWord(layout, node, Control.Alive), 1);
    scalars[Scalar.Joined]++;
    context.start(node);
  }

  function go(node: Row, handsOver: boolean): void {
    const heir = handsOver ? partners.choose(node, words.load(controlWord(layout, node, Control.Draws))) : -1;
    if (heir >= 0) context.pair(heir, node, () => void rows.pull(heir, seat.world.peer(heir)));
    if (queue.has(node)) queue.remove(node);
    for (let id = ids.clock + node; id < ids.slot; id += nodes) {
      if (queue.has(id)) queue.remove(id);
      onItsWay[id - ids.clock] = 0;
    }
    if (state[4 * node + Of.phase] === Phase.waiting) scalars[Scalar.Waiting]--;
    else if (state[4 * node + Of.phase] === Phase.idle && seat.recipe.algorithm.meet) scalars[Scalar.Arrived]--; // it stood at the barrier
    state[4 * node + Of.phase] = Phase.idle;
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
      if (kind === 'join') join(k);
      else {
        const named = churn.node(k);
        const node = named >= 0 ? named : partners.live[Math.floor(churn.draw(k) * partners.live.length)];
        // The last one stays: a network of nobody has no model.
        if (partners.isLive(node) && partners.live.length > 1) go(node, kind === 'leave');
      }
      const then = churn.time(k + 1);
      if (Number.isFinite(then)) queue.push(ids.churn, then);
    },
  };
}
