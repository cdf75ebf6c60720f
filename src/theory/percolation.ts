/**
 * First passage on any graph, by sampling. A Poisson arc has no memory, so information that reaches its tail waits an exponential
 * time there, whenever it comes: a sample is one exponential for every arc, and shortest paths (Richardson's model of growth, 1973).
 */

import { below, exponential, source } from '../random.js';
import { type Estimate, exact, type Passage, type Sampling, Tally } from './estimate.js';
import type { Flow } from './flow.js';
import { requireNumber } from './range.js';

/** Passage from `from` in a flow that reaches all. Throws CONFIG_RANGE (sampling). */
export function sampledPassage(flow: Flow, from: number, sampling: Sampling = {}): Passage {
  const { mean, broadcast, each } = sampled(flow, () => from, sampling, true);
  return { to: each.map((tally, node) => (node === from ? exact(0) : tally.estimate())), mean, broadcast };
}

/** Mean and broadcast time averaged over sources: every sample begins at a node drawn anew. Throws CONFIG_RANGE (sampling). */
export function sampledAverage(flow: Flow, sampling: Sampling = {}): { mean: Estimate; broadcast: Estimate } {
  return sampled(flow, undefined, sampling, false);
}

function sampled(flow: Flow, from: (() => number) | undefined, { seed = 1, samples = 1000 }: Sampling, keep: boolean) {
  requireNumber('sampling: seed', seed, { whole: true, min: 0 });
  requireNumber('sampling: samples', samples, { whole: true, min: 2, max: 1e6 });
  const { nodes, rates } = flow;
  const draws = source(seed, 'first passage');
  const paths = shortestPaths(flow);
  const each = Array.from({ length: keep ? nodes : 0 }, () => new Tally());
  const [means, broadcasts] = [new Tally(), new Tally()];
  for (let sample = 0; sample < samples; sample++) {
    // one draw for each arc; the one after them is for the source
    const start = from ? from() : below(draws, sample, rates.length, nodes);
    const times = paths(start, arc => exponential(draws, sample, arc) / rates[arc]);
    let sum = 0;
    let last = 0;
    for (let node = 0; node < nodes; node++) {
      sum += times[node];
      last = Math.max(last, times[node]);
      if (keep) each[node].add(times[node]);
    }
    means.add(sum / (nodes - 1));
    broadcasts.add(last);
  }
  return { mean: means.estimate(), broadcast: broadcasts.estimate(), each };
}

/**
 * Distances from a node under the given length of each arc, which is asked for once or never (Dijkstra 1959, with a binary heap that
 * may hold a node more than once). The result is overwritten by the next call.
 */
function shortestPaths({ nodes, offsets, targets }: Flow): (from: number, length: (arc: number) => number) => Float64Array {
  const distance = new Float64Array(nodes);
  const keys = new Float64Array(targets.length + 1);
  const held = new Uint32Array(targets.length + 1);
  let size = 0;

  const push = (key: number, node: number) => {
    let at = size++;
    while (at > 0) {
      const parent = (at - 1) >> 1;
      if (keys[parent] <= key) break;
      keys[at] = keys[parent];
      held[at] = held[parent];
      at = parent;
    }
    keys[at] = key;
    held[at] = node;
  };
  const dropFirst = () => {
    const [key, node] = [keys[--size], held[size]];
    let at = 0;
    for (let child = 1; child < size; child = 2 * at + 1) {
      if (child + 1 < size && keys[child + 1] < keys[child]) child++;
      if (keys[child] >= key) break;
      keys[at] = keys[child];
      held[at] = held[child];
      at = child;
    }
    keys[at] = key;
    held[at] = node;
  };

  return (from, length) => {
    distance.fill(Number.POSITIVE_INFINITY);
    distance[from] = 0;
    size = 0;
    push(0, from);
    while (size > 0) {
      const [time, node] = [keys[0], held[0]];
      dropFirst();
      if (time > distance[node]) continue; // reached on a shorter way since
      for (let arc = offsets[node]; arc < offsets[node + 1]; arc++) {
        const other = targets[arc];
        if (distance[other] <= time) continue;
        const arrival = time + length(arc);
        if (arrival < distance[other]) push((distance[other] = arrival), other);
      }
    }
    return distance;
  };
}
