/** What theory says of gossip, checked on the real verbs: contraction, equivalences, symmetries, components. */

import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import type { AlgorithmFactory } from '../../src/engine/algorithm.js';
import { algorithms } from '../../src/engine/algorithms/table.js';
import { source, uniform } from '../../src/random.js';
import { potential, squaredDistance, sums } from '../../src/testing/invariants.js';
import { rehearse } from '../../src/testing/rehearsal.js';
import { simulate } from '../../src/threads/train.js';
import type { Graph } from '../../src/topology/graph.js';
import { cases } from '../support/cases.js';

const onlyMix: AlgorithmFactory = () => ({ name: 'mix', begin() {}, finish: () => true });
const start = (row: number, k: number) => Math.fround(Math.cos(row * 17 + k * 3));
const range = (n: number) => Array.from({ length: n }, (_, k) => k);

/** A graph of neighbour lists. */
function graphOf(name: string, lists: number[][]): Graph {
  const offsets = new Uint32Array(lists.length + 1);
  lists.forEach((list, node) => {
    offsets[node + 1] = offsets[node] + list.length;
  });
  return { name, nodes: lists.length, directed: false, offsets, targets: Uint32Array.from(lists.flat()) };
}

const ringOf = (n: number) =>
  graphOf(
    'ring',
    range(n).map(i => [(i + n - 1) % n, (i + 1) % n].sort((a, b) => a - b)),
  );

/** Mean ratio of the potential after one exchange of a random node with a random neighbour, and its standard error. */
function contraction(graph: Graph, draws: number): { mean: number; error: number } {
  const ratios: number[] = [];
  const nodes = graph.nodes;
  const chosen = source(5, 'initiator');
  for (let draw = 0; draw < draws; draw++) {
    const stage = rehearse({ algorithm: onlyMix, nodes, parameters: 8, graph, seed: draw, start });
    const before = potential(range(nodes).map(stage.params));
    const node = Math.floor(uniform(chosen, 0, draw) * nodes);
    stage.rows.mix(node, stage.world.peer(node));
    ratios.push(potential(range(nodes).map(stage.params)) / before);
  }
  const mean = ratios.reduce((sum, x) => sum + x, 0) / draws;
  const variance = ratios.reduce((sum, x) => sum + (x - mean) ** 2, 0) / (draws - 1);
  return { mean, error: Math.sqrt(variance / draws) };
}

test('one exchange on the complete graph lowers the potential by 1/(n-1) on average (13.4)', () => {
  for (const nodes of [4, 9, 16]) {
    const { mean, error } = contraction({ name: 'complete', nodes, directed: false }, 2500);
    assert.ok(Math.abs(mean - (1 - 1 / (nodes - 1))) < 3.5 * error, `n=${nodes}: ${mean} +- ${error}`);
  }
});

test('one exchange on a ring lowers it at least by lambda2 / (2 |E|) on average (13.4)', () => {
  for (const nodes of [5, 12]) {
    const { mean, error } = contraction(ringOf(nodes), 2500);
    const lambda2 = 2 - 2 * Math.cos((2 * Math.PI) / nodes);
    assert.ok(mean < 1 - lambda2 / (2 * nodes) + 3 * error, `n=${nodes}: ${mean} +- ${error}`);
  }
});

test('synchronous mixing with weights 1/3 on a ring contracts by rho^2 a round (13.4)', () => {
  const nodes = 16;
  const rho = (1 + 2 * Math.cos((2 * Math.PI) / nodes)) / 3;
  const stage = rehearse({ algorithm: onlyMix, nodes, parameters: 33, start });
  const all = range(nodes);
  const weights = all.flatMap(i => all.map(j => (Math.min((i - j + nodes) % nodes, (j - i + nodes) % nodes) <= 1 ? 1 / 3 : 0)));
  const first = potential(all.map(stage.params));
  for (let round = 1; round <= 40; round++) {
    stage.rows.combine(all, all, weights);
    assert.ok(potential(all.map(stage.params)) <= rho ** (2 * round) * first * (1 + 1e-5));
  }
});

/** A noiseless local step: towards the node's own optimum, rate 1/4. All numbers stay multiples of a power of two. */
const pull = (weights: Float32Array, node: number) => {
  for (let k = 0; k < weights.length; k++) weights[k] -= (weights[k] - node) / 4;
};

test('Local SGD with H = 1 is all-reduce SGD (13.13)', () => {
  fc.assert(
    fc.property(fc.integer({ min: 1, max: 8 }), fc.integer({ min: 1, max: 40 }), (nodes, parameters) => {
      const run = (name: 'local' | 'allreduce', options: Record<string, string>) => {
        const stage = rehearse({ algorithm: algorithms[name], options, nodes, parameters, start, descent: pull });
        for (let round = 0; round < 5; round++) {
          for (let node = 0; node < nodes; node++) {
            stage.begin(node);
            stage.finish(node);
          }
          assert.equal(stage.meet(), true);
        }
        stage.requireClean();
        return range(nodes).map(stage.params);
      };
      const rows = run('local', { steps: '1' });
      assert.deepEqual(rows, run('allreduce', {}));
      for (const row of rows) assert.deepEqual(row, rows[0]);
    }),
    cases(500),
  );
});

test('blocking swarm on two nodes is Local SGD with the same H (13.13)', () => {
  fc.assert(
    fc.property(fc.integer({ min: 1, max: 70 }), fc.integer({ min: 1, max: 5 }), (parameters, steps) => {
      const options = { steps: String(steps) };
      const swarm = rehearse({
        algorithm: algorithms.swarm,
        options: { ...options, both: 'true' },
        nodes: 2,
        parameters,
        start: () => 1,
        descent: pull,
      });
      for (let round = 0; round < 3; round++) {
        swarm.begin(0);
        swarm.begin(1);
        assert.equal(swarm.finish(0), true);
      }
      const gossip = range(2).map(swarm.params);
      const local = rehearse({ algorithm: algorithms.local, options, nodes: 2, parameters, start: () => 1, descent: pull });
      for (let round = 0; round < 3; round++) {
        for (const node of [0, 1]) {
          local.begin(node);
          local.finish(node);
        }
        local.meet();
      }
      const mean = range(2).map(local.params);
      for (const row of [0, 1]) {
        for (let k = 0; k < parameters; k++) assert.ok(Math.abs(gossip[row][k] - mean[row][k]) <= 1e-6 * Math.abs(mean[row][k]));
      }
    }),
    cases(500),
  );
});

test('without exchange, nodes are independent runs (13.13)', () => {
  const together = rehearse({ algorithm: algorithms.none, nodes: 5, parameters: 9, start, descent: pull });
  for (let round = 0; round < 4; round++) {
    for (let node = 0; node < 5; node++) {
      together.begin(node);
      together.finish(node);
    }
  }
  for (let node = 0; node < 5; node++) {
    const alone = Float32Array.from(range(9), k => start(node, k));
    for (let step = 0; step < 16; step++) pull(alone, node);
    // The row moves by the difference to its snapshot, so it may round once more than the run alone.
    assert.ok(squaredDistance(together.params(node), alone) <= 1e-10);
  }
});

test('relabelled nodes give relabelled results, and a translation moves all rows by itself (13.21)', () => {
  fc.assert(
    fc.property(
      fc.integer({ min: 3, max: 12 }),
      fc.nat(),
      fc.array(fc.nat(), { minLength: 3, maxLength: 30 }),
      (nodes, seed, events) => {
        const relabel = (node: number) => (node * 1 + (seed % nodes)) % nodes; // a rotation: the ring is the same graph
        const run = (label: (node: number) => number, shift: number) => {
          const unlabel = range(nodes).map(label);
          const place = (row: number, k: number) => start(unlabel.indexOf(row), k) + shift;
          const stage = rehearse({ algorithm: onlyMix, nodes, parameters: 5, start: place });
          for (const event of events) {
            const a = unlabel[event % nodes];
            const b = unlabel[(event + 1) % nodes];
            stage.rows.combine([a, b], [a, b], [0.5, 0.5]);
          }
          return range(nodes).map(node => stage.params(label(node)));
        };
        const plain = run(node => node, 0);
        assert.deepEqual(run(relabel, 0), plain);
        const moved = run(node => node, 16);
        for (let row = 0; row < nodes; row++) {
          for (let k = 0; k < 5; k++)
            assert.ok(Math.abs(moved[row][k] - 16 - plain[row][k]) <= 2 * 2 ** -24 * 17 * events.length);
        }
      },
    ),
    cases(500),
  );
});

test('a disconnected graph mixes each component to its own mean (13.23)', () => {
  const graph = graphOf('two', [[1, 2], [0, 2], [0, 1], [4], [3], []]);
  const stage = rehearse({ algorithm: onlyMix, nodes: 6, parameters: 4, graph, start });
  const before = range(6).map(stage.params);
  for (let k = 0; k < 600; k++) {
    const node = k % 6;
    assert.equal(stage.rows.mix(node, stage.world.peer(node)) === -1, node === 5);
  }
  for (const component of [[0, 1, 2], [3, 4], [5]]) {
    const mean = sums(component.map(node => before[node])).map(total => total / component.length);
    for (const node of component) assert.ok(squaredDistance(stage.params(node), Float32Array.from(mean)) < 1e-10);
  }
});

test('pairwise is another word for push-pull, of gossip and of timely', async () => {
  for (const algorithm of ['gossip', 'timely']) {
    const hash = async (mix: string) => {
      const input = { data: 'none', model: 'noise:4', batch: 1, nodes: 5, steps: 100, algorithm: `${algorithm}:mix=${mix}` };
      return (await simulate({ ...input, threads: 1 }).result).done.parametersHash;
    };
    assert.equal(await hash('pairwise'), await hash('push-pull'));
    assert.notEqual(await hash('pairwise'), await hash('pull'));
  }
});
