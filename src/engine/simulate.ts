/**
 * The simulation: an event loop in virtual time over the same verbs and the same algorithms as a live run. A node's work takes time:
 * its second half comes the drawn duration after the first, and meanwhile others mix its row. One thread makes all decisions, in the
 * order of the queue; who does the arithmetic is not its business (the verbs may only note what is to be done: see agenda.ts).
 *
 * Time, randomness and the memory come in as arguments; nothing here looks at a clock on the wall.
 */

import { HearsayError } from '../errors.js';
import { exponential, source, uniform } from '../random.js';
import { arc, type Graph } from '../topology/graph.js';
import type { Row, World } from './algorithm.js';
import { sumOf } from './barrier.js';
import { openDelivery } from './delivery.js';
import { Control, controlWord, Header, type Layout, Thread, threadWord } from './layout.js';
import { openLines } from './lines.js';
import type { Nature } from './nature.js';
import { openPartners } from './partners.js';
import { openPopulation } from './population.js';
import type { Instead, Seat } from './seat.js';
import { openSlots } from './slots.js';
import { idsOf, Of, Phase, Scalar, type Timeline } from './timeline.js';

/** How often each node is asked again while all are waiting, before that is taken for an error. */
const rounds = 1000;

export interface Simulation {
  readonly seat: Seat;
  /** Nodes that are alive, ascending; it changes in place. */
  readonly live: readonly Row[];
  /** Virtual seconds. */
  readonly time: () => number;
  /** Wakes and deliveries so far. */
  readonly events: () => number;
  /**
   * Goes on until the next event is later than `until`, or so many local steps are done over all nodes, or `events`
   * events have happened. True when there is nothing more to do before `until`, or the steps are done.
   */
  run(until: number, steps: number, events: number): boolean;
}

/**
 * `initially` nodes take part from the start; the rows beyond them wait for newcomers. `open` gives the seat that the verbs run on, with
 * what a simulation puts in place of what a live thread has.
 */
export function openSimulation(
  layout: Layout,
  timeline: Timeline,
  graph: Graph,
  initially: number,
  nature: Nature,
  open: (instead: Instead) => Seat,
): Simulation {
  const { queue, scalars, nodes: state, ticks, onItsWay } = timeline;
  const { nodes } = layout.shape;
  const { clock, factor, link, seed } = nature;
  if (scalars[Scalar.Started] === 0) for (let node = 0; node < initially; node++) state[4 * node + Of.place] = node + 1;
  const partners = openPartners(graph, source(seed, 'partner'), state);
  let time = scalars[Scalar.Time];
  /** The other end of the edge that interacts now; -1 elsewhere: partners are drawn. */
  let other = -1;
  let self = -1;
  /** The exchange under way got lost on its link. */
  let lost = false;
  /** Nodes that committed in the call under way. */
  const committed: Row[] = [];
  let commits = 0;

  const seat = open({
    live: partners.live,
    planned: true,
    choose: (node, draw) => (lost ? -1 : other < 0 ? partners.choose(node, draw) : node === self ? other : self),
    // A piece that waits for a partner is committed alone when its exchange is lost, as if there were none.
    degree: node => (lost && algorithm.keepsDelta ? 0 : partners.degree(node)),
    neighbour: partners.neighbour,
    slots: layout.shape.slots ? openSlots(timeline.free, layout.models, layout.shape.slots) : undefined,
    crowded: () => delivery.crowd(),
    onCommit(node) {
      committed[commits++] = node;
    },
    time: () => time,
  });
  const { rows, words } = seat;
  const { algorithm } = seat.recipe;
  const { clocks = [] } = algorithm;
  const ids = idsOf({ nodes, clocks: clocks.length, slots: layout.shape.slots ?? 0 });
  const tickers = clocks.map(({ name }) => source(seed, `clock ${name}`));
  const lines = openLines(timeline.lines, link.bandwidth);
  const edges = source(seed, 'edges');
  const totalSteps = threadWord(layout, seat.thread, Thread.Steps);
  const read = (row: Row, word: number) => words.load(controlWord(layout, row, word));

  const world: World = {
    ...seat.world,
    time: () => time,
    degree: node => partners.degree(node),
    neighbours: node => Array.from({ length: partners.degree(node) }, (_, k) => partners.neighbour(node, k)),
    send: (node, slot, to, wait) => delivery.send(node, slot, to, wait),
    broadcast: (node, slot) => delivery.broadcast(node, slot),
    age: slot => delivery.age(slot),
    after(node, delay, which) {
      const id = ids.clock + which * nodes + node;
      if (queue.has(id)) queue.remove(id);
      if (delay < Number.POSITIVE_INFINITY) queue.push(id, time + delay);
    },
  };
  const delivery = openDelivery({ layout, timeline, partners, lines, nature, seat, ids, world, time: () => time });
  const population = openPopulation({ layout, timeline, partners, lines, nature, seat, ids, pair, start, departed });

  // Work

  /** An average with a drawn partner takes the time of its link. True when it is put off by that; a lost one happens at once, alone. */
  function travels(node: Row, id: number): boolean {
    if (link.ideal || !algorithm.pairwise) return false;
    const target = partners.choose(node, read(node, Control.Draws));
    const delay = target < 0 ? 0 : delivery.wayTo(node, target);
    lost = delay < 0;
    if (lost) scalars[Scalar.Lost]++;
    if (delay <= 0) return false;
    queue.push(id, time + delay);
    return true;
  }

  /** No partner commits it before its time is over. */
  function holdBack(node: Row): void {
    if (algorithm.keepsDelta) words.store(controlWord(layout, node, Control.Held), read(node, Control.Begun));
  }

  function begin(node: Row): void {
    state[4 * node + Of.phase] = Phase.working;
    algorithm.begin(node, rows, world);
    holdBack(node);
    queue.push(node, time + clock!.duration(node, state[4 * node + Of.begun]++) * factor(node));
  }

  function finish(node: Row): void {
    if (state[4 * node + Of.phase] === Phase.working && setsOut(node)) return;
    if (!complete(node)) askAgainIfAll();
  }

  /** True when the link to its partner keeps the node on the way; else it may complete its piece now, alone if the link has lost it. */
  function setsOut(node: Row): boolean {
    if (clocks.length > 0 || !travels(node, node)) return false;
    if (isWaiting(node)) scalars[Scalar.Waiting]--;
    state[4 * node + Of.phase] = Phase.travelling;
    return true;
  }

  /** The second half of a piece. False: the node waits for a partner. */
  function complete(node: Row): boolean {
    if (isWaiting(node)) scalars[Scalar.Waiting]--;
    commits = 0;
    if (algorithm.keepsDelta) words.store(controlWord(layout, node, Control.Held), 0);
    const done = algorithm.finish(node, rows, world) !== false;
    lost = false;
    state[4 * node + Of.phase] = done ? Phase.idle : Phase.waiting;
    if (!done) scalars[Scalar.Waiting]++;
    if (done) {
      scalars[Scalar.InVain] = 0;
      next(node);
    }
    if (scalars[Scalar.Waiting] > 0) goOn(node);
    return done;
  }

  function isUnderWay(node: Row): boolean {
    const phase = state[4 * node + Of.phase];
    return phase === Phase.working || phase === Phase.travelling;
  }

  function isWaiting(node: Row): boolean {
    return state[4 * node + Of.phase] === Phase.waiting;
  }

  /** Partners that were waiting for this node, and committed with it, go on as well. */
  function goOn(node: Row): void {
    const freed = committed.slice(0, commits).filter(partner => partner !== node && isWaiting(partner));
    for (const partner of freed) {
      state[4 * partner + Of.phase] = Phase.idle;
      scalars[Scalar.Waiting]--;
    }
    for (const partner of freed) next(partner);
  }

  /** All are waiting for a partner: each draws others, over its link, until somebody finds one. */
  function askAgainIfAll(): void {
    const { length } = partners.live;
    if (scalars[Scalar.Waiting] === 0 || scalars[Scalar.Waiting] < length) return;
    while (scalars[Scalar.InVain] < rounds * length) {
      const node = partners.live[scalars[Scalar.InVain]++ % length];
      if (setsOut(node) || complete(node)) return;
    }
    throw new HearsayError(
      'STATE',
      `simulate: all ${length} nodes wait: algorithm ${algorithm.name} finishes none of their pieces; its finish must return true in the end`,
    );
  }

  /** Somebody has gone for whom others may be waiting: at the meeting, or as the last of their neighbours. */
  function departed(): void {
    meetIfAll();
    if (scalars[Scalar.Waiting] === 0) return;
    for (const node of [...partners.live]) if (isWaiting(node) && partners.choose(node, 0) < 0) complete(node);
    askAgainIfAll();
  }

  function next(node: Row): void {
    if (!algorithm.meet) begin(node);
    else {
      scalars[Scalar.Arrived]++;
      meetIfAll();
    }
  }

  /** The meeting of all, once the last of those who are alive has arrived. */
  function meetIfAll(): void {
    if (!algorithm.meet || partners.live.length === 0 || scalars[Scalar.Arrived] < partners.live.length) return;
    scalars[Scalar.Arrived] = 0;
    const number = words.load(Header.Generation);
    const barrier = seat.barrier!;
    barrier.moved(rows.conclude(sumOf(barrier, number + 1), false));
    words.store(Header.Generation, number + 1);
    for (const node of [...partners.live]) begin(node);
  }

  /** Runs `meet` as an interaction of these two nodes: each is the partner that the other draws. */
  function pair(a: Row, b: Row, meet: () => void): void {
    self = a;
    other = b;
    meet();
    self = other = -1;
  }

  /** One random edge: its two ends begin and finish together (the interaction model in which the theory of SwarmSGD is stated). */
  function interact(): void {
    const draw = scalars[Scalar.Edges]++;
    const [a, b] = arc(graph, uniform(edges, 0, draw));
    scalars[Scalar.Events]++; // two wake
    pair(a, b, () => {
      algorithm.begin(a, rows, world);
      if (algorithm.keepsDelta) algorithm.begin(b, rows, world);
      algorithm.finish(a, rows, world);
    });
    queue.push(ids.edge, time + exponential(edges, 1, draw) / initially);
  }

  // Clocks

  function tick(node: Row, which: number, id: number): void {
    const k = id - ids.clock;
    if (onItsWay[k] === 0 && travels(node, id)) {
      onItsWay[k] = 1;
      return;
    }
    onItsWay[k] = 0;
    algorithm.tick!(node, which, rows, world, clocks[which].regular ? ticks[k] : 0);
    lost = false;
    if (clocks[which].rate > 0) wind(node, which);
  }

  /** The next tick of a clock that ticks by itself. */
  function wind(node: Row, which: number): void {
    const k = which * nodes + node;
    const { rate, regular } = clocks[which];
    if (regular) queue.push(ids.clock + k, ++ticks[k] / rate);
    else queue.push(ids.clock + k, time + exponential(tickers[which], node, ticks[k]++) / rate);
  }

  function start(node: Row): void {
    clocks.forEach(({ rate, regular }, which) => {
      if (regular) ticks[which * nodes + node] = Math.floor(time * rate);
      if (rate > 0) wind(node, which);
    });
    if (clock) begin(node);
  }

  function happen(id: number): void {
    scalars[Scalar.Events]++;
    if (id < nodes) finish(id);
    else if (id < ids.delivery) tick((id - nodes) % nodes, Math.floor((id - nodes) / nodes), id);
    else if (id < ids.edge) {
      scalars[Scalar.Events]--; // the delivery counts it
      delivery.arrive(id - ids.delivery);
    } else if (id === ids.edge) interact();
    else population.change();
  }

  if (scalars[Scalar.Started] === 0) {
    scalars[Scalar.Started] = 1;
    for (const node of [...partners.live]) start(node);
    if (!clock) queue.push(ids.edge, exponential(edges, 1, -1) / initially);
    population.start();
  } else for (const node of partners.live) if (isUnderWay(node)) holdBack(node); // players know nothing of it

  return {
    seat,
    live: partners.live,
    time: () => time,
    events: () => scalars[Scalar.Events],
    run(until, steps, events) {
      const last = scalars[Scalar.Events] + events;
      while (scalars[Scalar.Events] < last) {
        if (scalars[Scalar.Steps] >= steps) return true;
        const next = queue.peek();
        if (next > until || next === Number.POSITIVE_INFINITY) {
          if (Number.isFinite(until)) time = scalars[Scalar.Time] = until;
          return true;
        }
        const id = queue.pop();
        time = queue.timeOf(id);
        const before = words.load(totalSteps);
        happen(id);
        scalars[Scalar.Steps] += (words.load(totalSteps) - before) | 0; // the word wraps
        scalars[Scalar.Time] = time;
      }
      return false;
    },
  };
}
