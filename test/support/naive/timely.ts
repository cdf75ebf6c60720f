/**
 * The system of Mitra and Ulukus (arXiv 2404.19749) in virtual time, as plainly as it can be written. Each of n nodes has two processes
 * that do not wait for each other:
 *
 *   updates   one after the other, each taking a random time
 *   gossip    a Poisson clock of rate lambda; at a tick the node and a uniformly chosen neighbour exchange
 *             push: the neighbour takes in what the node knows; pull: the node takes in; pairwise: both do
 *
 * The opportunistic schemes have one clock of rate n lambda for all; at a tick the node that made the last update sends to another one
 *             direct: its own version alone; relay: all that it knows
 */

import { agenda } from './agenda.js';
import type { Graph } from './graph.js';
import { type Random, random } from './random.js';
import { type Versions, versions } from './versions.js';

export type Scheme = 'push' | 'pull' | 'pairwise' | 'direct' | 'relay';

/** Time of one update: constant + exponential of the given mean. */
export interface Duration {
  readonly constant: number;
  readonly exponential: number;
}

/** What happens to models; the simulation itself only counts versions. */
export interface Learner {
  begin(node: number): void;
  finish(node: number): void;
  /** `to` averages with what `from` sends; both at once when `both`. */
  mix(from: number, to: number, both: boolean): void;
}

export interface Timely {
  readonly graph: Graph;
  readonly duration: Duration;
  /** Gossip rate of a node; 0 for none. */
  readonly lambda: number;
  readonly scheme: Scheme;
  /** Averages are taken over [from, until]. */
  readonly from: number;
  readonly until: number;
  readonly seed: number;
  readonly learner?: Learner;
  /** Called at `every`, 2 `every`, ... up to `until`. */
  readonly every?: number;
  readonly watch?: (time: number, versions: Versions) => void;
}

interface Event {
  readonly kind: 'finish' | 'tick' | 'watch';
  readonly node: number;
}

/** Runs the system from time 0, when every node begins an update, to `until`. */
export function timely(options: Timely): Versions {
  const { graph, lambda, scheme, until, learner, every, watch } = options;
  const n = graph.neighbours.length;
  const known = versions(n, options.from, until);
  const opportunistic = scheme === 'direct' || scheme === 'relay';
  const draw = random(options.seed);
  const events = agenda<Event>();
  let lastUpdater = 0;

  const begin = (node: number, time: number) => {
    learner?.begin(node);
    events.add(time + duration(options.duration, draw), { kind: 'finish', node });
  };
  const tick = (node: number, time: number) => {
    const rate = opportunistic ? n * lambda : lambda;
    if (rate > 0) events.add(time + draw.exponential(1 / rate), { kind: 'tick', node });
  };

  for (let node = 0; node < n; node++) begin(node, 0);
  if (opportunistic) tick(0, 0);
  else for (let node = 0; node < n; node++) tick(node, 0);
  if (every && watch) events.add(every, { kind: 'watch', node: 0 });

  // The watch and the updates go on for ever, so there is always a next event.
  for (let { time, event } = events.next(); time <= until; { time, event } = events.next()) {
    const { kind, node } = event;
    if (kind === 'finish') {
      learner?.finish(node);
      known.update(node, time);
      lastUpdater = node;
      begin(node, time);
    } else if (kind === 'tick') {
      const sender = opportunistic ? lastUpdater : node;
      const other = graph.neighbours[sender][draw.below(graph.neighbours[sender].length)];
      const [from, to] = scheme === 'pull' ? [other, sender] : [sender, other];
      known.tell(from, to, time, scheme === 'direct');
      if (scheme === 'pairwise') known.tell(to, from, time);
      learner?.mix(from, to, scheme === 'pairwise');
      tick(node, time);
    } else {
      watch?.(time, known);
      events.add(time + every!, { kind: 'watch', node: 0 });
    }
  }
  return known;
}

function duration({ constant, exponential }: Duration, draw: Random): number {
  return constant + (exponential > 0 ? draw.exponential(exponential) : 0);
}
