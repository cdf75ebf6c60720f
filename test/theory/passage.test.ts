/** First passage: closed forms, the recursion over sets, and sampling, each against another way to the same number. */

import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { completeBroadcast, completePassage } from '../../src/theory/complete.js';
import type { Estimate } from '../../src/theory/estimate.js';
import { type Flow, flow, type Gossip, type Mix } from '../../src/theory/flow.js';
import { averagePassage, passageFrom } from '../../src/theory/passage.js';
import { sampledAverage, sampledPassage } from '../../src/theory/percolation.js';
import { ringPassage } from '../../src/theory/ring.js';
import { mostNodes, subsetPassage } from '../../src/theory/subsets.js';
import { complete, ring } from '../../src/topology/families.js';
import { degree, type Graph, neighbour } from '../../src/topology/graph.js';
import { undirected } from '../../src/topology/rows.js';
import { topology } from '../../src/topology/topology.js';
import { cases } from '../support/cases.js';
import { connectedGraph, relabelled } from '../topology/arbitrary.js';

const near = (found: number, expected: number, tolerance = 1e-11) =>
  assert.ok(Math.abs(found - expected) <= tolerance * Math.max(1, Math.abs(expected)), `found ${found}, expected ${expected}`);
const within = ({ value, error, how }: Estimate, expected: number, errors = 4) => {
  assert.equal(how, 'monte carlo');
  assert.ok(Math.abs(value - expected) <= errors * error, `found ${value} +- ${error}, expected ${expected}`);
};
const mixes = ['push', 'pull', 'pairwise'] as const;
const anyGossip = fc.record<Gossip>({ mix: fc.constantFrom(...mixes), rate: fc.double({ min: 0.1, max: 10, noNaN: true }) });
const mean = (times: ArrayLike<number>) => Array.from(times).reduce((sum, time) => sum + time, 0) / (times.length - 1);

test('sets of nodes give the closed forms of the complete graph and of the ring', () => {
  for (const mix of mixes)
    for (let nodes = 2; nodes <= 12; nodes++) {
      const gossip = { mix, rate: 0.7 };
      const rate = mix === 'pairwise' ? 1.4 : 0.7;
      const everyone = subsetPassage(flow(complete(nodes), gossip), 1);
      for (let node = 0; node < nodes; node++) near(everyone.times[node], node === 1 ? 0 : completePassage(nodes, rate));
      near(everyone.broadcast, completeBroadcast(nodes, rate));
      if (nodes < 3) continue;
      const around = subsetPassage(flow(ring(nodes), gossip), 0);
      ringPassage(nodes, rate).forEach((time, node) => void near(around.times[node], time));
      near(mean(around.times), nodes / (2 * rate));
      near(around.broadcast, (nodes - 1) / rate);
    }
});

test('the ring of thousands of nodes has its mean, its symmetry, and grows toward its far side', () => {
  for (const nodes of [3, 100, 4001, 100_000]) {
    const times = ringPassage(nodes, 2);
    near(mean(times), nodes / 4);
    for (let d = 1; d < nodes; d++) {
      assert.equal(times[d], times[nodes - d]);
      if (2 * d <= nodes) assert.ok(times[d] >= times[d - 1] && times[d] <= d, `${d} of ${nodes}`);
    }
  }
});

test('on a tree information waits once on every edge of the only path', () => {
  fc.assert(
    fc.property(fc.array(fc.nat(), { minLength: 1, maxLength: 11 }), anyGossip, fc.nat(), (parents, gossip, pick) => {
      const tree = treeOf(parents);
      const source = pick % tree.nodes;
      const expected = pathSums(tree, gossip, source);
      const { times, broadcast } = subsetPassage(flow(tree, gossip), source);
      times.forEach((time, node) => void near(time, expected[node]));
      assert.ok(broadcast >= Math.max(...times) * (1 - 1e-12));
    }),
    cases(100),
  );
});

test('what a push brings from i to j, a pull brings from j to i', () => {
  fc.assert(
    fc.property(connectedGraph(8), graph => {
      const times = (mix: Mix) =>
        Array.from({ length: graph.nodes }, (_, source) => subsetPassage(flow(graph, { mix, rate: 1 }), source).times);
      const [push, pull, both] = [times('push'), times('pull'), times('pairwise')];
      for (let i = 0; i < graph.nodes; i++)
        for (let j = 0; j < graph.nodes; j++) {
          near(push[i][j], pull[j][i]);
          near(both[i][j], both[j][i]);
          assert.ok(both[i][j] <= push[i][j] * (1 + 1e-12));
        }
    }),
    cases(100),
  );
});

test('labels do not matter, and twice the rate is half the time', () => {
  fc.assert(
    fc.property(connectedGraph(9), anyGossip, fc.infiniteStream(fc.nat()), (graph, gossip, numbers) => {
      const keys = Array.from({ length: graph.nodes }, () => numbers.next().value!);
      const to = keys.map((_, node) => node).sort((a, b) => keys[a] - keys[b]);
      const { to: times, broadcast } = passageFrom(graph, gossip, 0);
      const renamed = passageFrom(relabelled(graph, to), gossip, to[0]);
      const faster = passageFrom(graph, { ...gossip, rate: 2 * gossip.rate }, 0);
      near(renamed.broadcast.value, broadcast.value);
      for (let node = 0; node < graph.nodes; node++) {
        near(renamed.to[to[node]].value, times[node].value);
        near(2 * faster.to[node].value, times[node].value);
      }
    }),
    cases(100),
  );
});

test('one more arc delays nobody', () => {
  fc.assert(
    fc.property(
      connectedGraph(8).filter(graph => graph.nodes > 1),
      anyGossip,
      fc.nat(),
      fc.nat(),
      fc.double({ min: 0.01, max: 10, noNaN: true }),
      (graph, gossip, pick, step, rate) => {
        const from = pick % graph.nodes;
        const before = flow(graph, gossip);
        const to = (from + 1 + (step % (graph.nodes - 1))) % graph.nodes;
        const after = withArc(before, from, to, rate);
        const [slow, fast] = [subsetPassage(before, 0), subsetPassage(after, 0)];
        fast.times.forEach((time, node) => void assert.ok(time <= slow.times[node] * (1 + 1e-12)));
        assert.ok(fast.broadcast <= slow.broadcast * (1 + 1e-12));
      },
    ),
    cases(200),
  );
});

test('sampling is within four standard errors of the sets, on any connected graph', () => {
  fc.assert(
    fc.property(
      connectedGraph(9).filter(graph => graph.nodes > 1),
      anyGossip,
      fc.nat(),
      (graph, gossip, seed) => {
        const moves = flow(graph, gossip);
        const { times, broadcast } = subsetPassage(moves, 0);
        const found = sampledPassage(moves, 0, { seed, samples: 2000 });
        within(found.broadcast, broadcast);
        within(found.mean, mean(times));
        within(found.to[graph.nodes - 1], times[graph.nodes - 1]);
        assert.deepEqual(found.to[0], { value: 0, how: 'exact', error: 0, samples: 0 });
        const average = averagePassage(graph, gossip);
        within(sampledAverage(moves, { seed, samples: 2000 }).mean, average.mean.value);
        within(sampledAverage(moves, { seed, samples: 2000 }).broadcast, average.broadcast.value);
      },
    ),
    cases(40),
  );
});

test('standard errors are those of repeated sampling', () => {
  const moves = flow(topology('small-world:4,.2', 30, 1), { mix: 'push', rate: 1 });
  const found = Array.from({ length: 200 }, (_, seed) => sampledPassage(moves, 3, { seed, samples: 50 }));
  for (const pick of ['mean', 'broadcast'] as const) {
    const values = found.map(passage => passage[pick].value);
    const centre = values.reduce((sum, value) => sum + value) / values.length;
    const scatter = Math.sqrt(values.reduce((sum, value) => sum + (value - centre) ** 2, 0) / (values.length - 1));
    const stated = found.reduce((sum, passage) => sum + passage[pick].error, 0) / found.length;
    assert.ok(stated / scatter > 0.8 && stated / scatter < 1.25, `${pick}: ${stated} for ${scatter}`);
  }
});

test('large trees and rings are sampled to within four standard errors of their closed forms', () => {
  const tree = treeOf(Array.from({ length: 199 }, (_, k) => k * 7 + 3));
  for (const mix of mixes) {
    const expected = pathSums(tree, { mix, rate: 1 }, 5);
    const found = passageFrom(tree, { mix, rate: 1 }, 5, { samples: 500 });
    within(found.mean, mean(expected));
    for (const node of [0, 77, 199]) within(found.to[node], expected[node]);
  }
  within(sampledAverage(flow(ring(101), { mix: 'pull', rate: 3 })).mean, 101 / 6);
  within(sampledAverage(flow(complete(60), { mix: 'pairwise', rate: 3 })).broadcast, completeBroadcast(60, 6));
});

test('a seed gives the same numbers again, another seed others', () => {
  const graph = topology('regular:3', 40, 1);
  const average = (seed: number) => averagePassage(graph, { mix: 'push', rate: 1 }, { seed, samples: 20 });
  assert.deepEqual(average(7), average(7));
  assert.notEqual(average(7).mean.value, average(8).mean.value);
});

test('what is exact says so, whatever the graph is called', () => {
  const gossip: Gossip = { mix: 'push', rate: 1 };
  const renamed = { ...relabelled(ring(40), shuffle(40)), name: 'mine.txt' };
  const pairs = Array.from({ length: 30 }, (_, a) => Array.from({ length: a }, (_, b) => [a, b]));
  const stored = undirected('mine.txt', 30, pairs.flat(2));
  assert.deepEqual(averagePassage(renamed, gossip).mean, { value: 20, how: 'exact', error: 0, samples: 0 });
  assert.equal(averagePassage(stored, gossip).mean.value, completePassage(30, 1));
  assert.equal(averagePassage(topology('star', mostNodes, 0), gossip).mean.how, 'exact');
  assert.equal(averagePassage(topology('star', mostNodes + 1, 0), gossip).mean.how, 'monte carlo');
  const place = passageFrom(renamed, gossip, 9);
  for (let k = 0; k < 2; k++) near(place.to[neighbour(renamed, 9, k)].value, ringPassage(40, 1)[1]);
});

test('one node is everyone, and two nodes are one edge', () => {
  for (const mix of mixes) {
    const alone = averagePassage(complete(1), { mix, rate: 1 });
    assert.deepEqual([alone.mean.value, alone.broadcast.value], [0, 0]);
    assert.equal(averagePassage(ring(2), { mix, rate: 1 }).mean.value, mix === 'pairwise' ? 0.5 : 1);
  }
});

test('on a directed cycle information goes around one way', () => {
  for (const nodes of [5, 30]) {
    const cycle: Graph = {
      name: 'cycle',
      nodes,
      directed: true,
      offsets: Uint32Array.from({ length: nodes + 1 }, (_, node) => node),
      targets: Uint32Array.from({ length: nodes }, (_, node) => (node + 1) % nodes),
    };
    const [ahead, behind] = (['push', 'pull'] as const).map(mix => passageFrom(cycle, { mix, rate: 1 }, 0).to);
    for (let d = 1; d < nodes; d++)
      for (const { value, error } of [ahead[d], behind[nodes - d]])
        assert.ok(Math.abs(value - d) <= 4.5 * error + 1e-12, `${value} +- ${error} for ${d}`);
  }
});

test('graphs in pieces are refused, with the sizes of the pieces', () => {
  const pieces = undirected('pieces', 7, [0, 1, 1, 2, 3, 4, 4, 5, 5, 6]);
  for (const ask of [
    () => averagePassage(pieces, { mix: 'push', rate: 1 }),
    () => passageFrom(pieces, { mix: 'push', rate: 1 }, 0),
  ])
    assert.throws(ask, { code: 'GRAPH_DISCONNECTED', message: /sizes 4, 3;/ });
  const oneWay: Graph = {
    name: 'one way',
    nodes: 3,
    directed: true,
    offsets: Uint32Array.of(0, 1, 2, 3),
    targets: Uint32Array.of(1, 2, 1),
  };
  const refused = (mix: Mix, message: RegExp) =>
    assert.throws(() => averagePassage(oneWay, { mix, rate: 1 }), { code: 'GRAPH_DISCONNECTED', message });
  refused('push', /no way to node 0 from node 1/);
  refused('pull', /no way to node 0 from node 1/);
  assert.equal(averagePassage(oneWay, { mix: 'pairwise', rate: 1 }).mean.how, 'exact');
});

test('rates, nodes and samples that are none are refused', () => {
  const graph = topology('star', 20, 0);
  for (const rate of [0, -1, Number.NaN, Number.POSITIVE_INFINITY])
    assert.throws(() => averagePassage(graph, { mix: 'push', rate }), { code: 'CONFIG_RANGE', message: /gossip rate: found / });
  assert.throws(() => averagePassage(graph, { mix: 'shove' as Mix, rate: 1 }), { code: 'CONFIG_RANGE', message: /shove/ });
  for (const source of [-1, 20, 0.5])
    assert.throws(() => passageFrom(graph, { mix: 'push', rate: 1 }, source), { code: 'CONFIG_RANGE', message: /source/ });
  for (const sampling of [{ samples: 1 }, { samples: 2.5 }, { samples: 1e7 }, { seed: -1 }])
    assert.throws(() => averagePassage(graph, { mix: 'push', rate: 1 }, sampling), { code: 'CONFIG_RANGE', message: /sampling/ });
});

/** Node k + 1 hangs on node parents[k] mod (k + 1). */
function treeOf(parents: readonly number[]): Graph {
  const ends = parents.flatMap((parent, k) => [k + 1, parent % (k + 1)]);
  return undirected('tree', parents.length + 1, ends);
}

/** Sum of mean waits along the path from `source` in a tree. */
function pathSums(tree: Graph, { mix, rate }: Gossip, source: number): Float64Array {
  const sums = new Float64Array(tree.nodes).fill(-1);
  sums[source] = 0;
  const queue = [source];
  for (const node of queue)
    for (let k = 0; k < degree(tree, node); k++) {
      const other = neighbour(tree, node, k);
      if (sums[other] >= 0) continue;
      const [forth, back] = [rate / degree(tree, node), rate / degree(tree, other)];
      sums[other] = sums[node] + 1 / (mix === 'push' ? forth : mix === 'pull' ? back : forth + back);
      queue.push(other);
    }
  return sums;
}

function withArc({ nodes, offsets, targets, rates }: Flow, from: number, to: number, rate: number): Flow {
  const at = offsets[from];
  return {
    nodes,
    offsets: offsets.map((offset, node) => (node > from ? offset + 1 : offset)),
    targets: Uint32Array.of(...targets.subarray(0, at), to, ...targets.subarray(at)),
    rates: Float64Array.of(...rates.subarray(0, at), rate, ...rates.subarray(at)),
  };
}

function shuffle(nodes: number): number[] {
  return Array.from({ length: nodes }, (_, node) => (node * 17 + 3) % nodes);
}
