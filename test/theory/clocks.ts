/** Gossip as it is told, event by event, with a version vector and a table of ages for every node: the oracle of the closed forms. */

import { below, exponential, source } from '../../src/random.js';
import { type Estimate, Tally } from '../../src/theory/estimate.js';
import type { Mix } from '../../src/theory/flow.js';
import { degree, type Graph, neighbour } from '../../src/topology/graph.js';

export interface Play {
  readonly graph: Graph;
  readonly lambda: number;
  /** Duration of the next piece of work; `draw` is an exponential with mean 1. */
  readonly duration: (draw: number) => number;
  readonly mix: Mix;
  /** The last updater makes all calls; without relay only its own version counts. */
  readonly opportunistic?: { readonly relay: boolean };
  /** Time units, after a tenth of it as warm-up. */
  readonly horizon: number;
  readonly seed: number;
}

export interface Played {
  /** Staleness and age averaged over time and ordered pairs; staleness of the worst receiver, averaged over sources. */
  readonly mean: Estimate;
  readonly worst: Estimate;
  readonly age: Estimate;
  /** Least staleness among nodes 1, 2 and 3 with respect to node 0. */
  readonly bestOfThree: Estimate;
}

/**
 * Averages over 40 stretches of time, whose scatter gives the standard errors. Calls are Poisson, so every n-th of them looks at a
 * random instant.
 */
export function play({ graph, lambda, duration, mix, opportunistic, horizon, seed }: Play): Played {
  const { nodes } = graph;
  const draws = source(seed, 'play');
  let draw = 0;
  const fresh = () => exponential(draws, 0, draw++);
  const version = new Int32Array(nodes * nodes); // version[j * nodes + i]: the newest of i that j has heard of
  const made = new Float64Array(nodes * nodes); // when that was made
  const due = Float64Array.from({ length: nodes }, () => duration(fresh()) * (below(draws, 1, draw++, 1000) / 1000));
  const tallies = { mean: new Tally(), worst: new Tally(), age: new Tally(), bestOfThree: new Tally() };
  let sums = { mean: 0, worst: 0, age: 0, bestOfThree: 0 };
  let looks = 0;
  let last = 0;
  let stretch = 0;

  const learn = (to: number, from: number, i: number) => {
    if (version[from * nodes + i] <= version[to * nodes + i]) return;
    version[to * nodes + i] = version[from * nodes + i];
    made[to * nodes + i] = made[from * nodes + i];
  };
  const look = (now: number) => {
    looks++;
    for (let i = 0; i < nodes; i++) {
      let worst = 0;
      for (let j = 0; j < nodes; j++) {
        if (i === j) continue;
        const stale = version[i * nodes + i] - version[j * nodes + i];
        worst = Math.max(worst, stale);
        sums.mean += stale / (nodes * (nodes - 1));
        sums.age += (now - made[j * nodes + i]) / (nodes * (nodes - 1));
      }
      sums.worst += worst / nodes;
    }
    if (nodes > 3) sums.bestOfThree += version[0] - Math.max(version[nodes], version[2 * nodes], version[3 * nodes]);
  };

  let called = 0;
  for (let now = fresh() / (nodes * lambda); now < 1.1 * horizon; now += fresh() / (nodes * lambda)) {
    // the updates that fall due before this call, in order
    for (;;) {
      let next = 0;
      for (let i = 1; i < nodes; i++) if (due[i] < due[next]) next = i;
      if (due[next] > now) break;
      version[next * nodes + next]++;
      made[next * nodes + next] = due[next];
      last = next;
      due[next] += duration(fresh());
    }
    if (now > 0.1 * horizon) {
      if (called++ % nodes === 0) look(now);
      if (now > horizon * (0.1 + (stretch + 1) / 40) && stretch < 39) {
        stretch++;
        flush();
      }
    }
    const caller = opportunistic ? last : below(draws, 2, draw++, nodes);
    const callee = neighbour(graph, caller, below(draws, 3, draw++, degree(graph, caller)));
    if (opportunistic && !opportunistic.relay) {
      learn(callee, caller, caller);
      continue;
    }
    for (let i = 0; i < nodes; i++) {
      if (mix !== 'pull') learn(callee, caller, i);
      if (mix !== 'push') learn(caller, callee, i); // after a push both know the newer: taking it back changes nothing
    }
  }
  flush();
  return {
    mean: tallies.mean.estimate(),
    worst: tallies.worst.estimate(),
    age: tallies.age.estimate(),
    bestOfThree: tallies.bestOfThree.estimate(),
  };

  function flush(): void {
    for (const key of Object.keys(sums) as (keyof typeof sums)[]) tallies[key].add(sums[key] / looks);
    sums = { mean: 0, worst: 0, age: 0, bestOfThree: 0 };
    looks = 0;
  }
}

/** Laws of a piece of work with mean 1. */
export const durations: Readonly<Record<'poisson' | 'deterministic' | 'shifted', (draw: number) => number>> = {
  poisson: draw => draw,
  deterministic: () => 1,
  shifted: draw => 0.5 + draw / 2,
};
