import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { components } from '../../src/topology/components.js';
import { eigenvalues } from '../../src/topology/eigenvalues.js';
import { degree, edges, type Graph } from '../../src/topology/graph.js';
import { laplacianSpectrum, mixingRate, spectralGap } from '../../src/topology/spectrum.js';
import { topology } from '../../src/topology/topology.js';
import {
  metropolis,
  requireDoublyStochastic,
  requireStochastic,
  requireSymmetric,
  selfWeight,
  uniformWeights,
} from '../../src/topology/weights.js';
import { cases } from '../support/cases.js';
import { anyGraph, connectedGraph, relabelled } from './arbitrary.js';

const near = (found: number, expected: number, tolerance = 1e-9) =>
  assert.ok(Math.abs(found - expected) <= tolerance * Math.max(1, Math.abs(expected)), `found ${found}, expected ${expected}`);
const wave = (k: number, n: number) => 2 - 2 * Math.cos((2 * Math.PI * k) / n);
const ascending = (values: number[]) => Float64Array.from(values).sort();
const count = (n: number) => Array.from({ length: n }, (_, k) => k);

test('eigenvalues of a rotated diagonal matrix are its diagonal', () => {
  fc.assert(
    fc.property(
      fc.array(fc.double({ min: -100, max: 100, noNaN: true }), { minLength: 1, maxLength: 12 }),
      fc.array(fc.double({ min: 0, max: 7, noNaN: true }), { minLength: 40, maxLength: 40 }),
      (values, angles) => {
        const n = values.length;
        const a = new Float64Array(n * n);
        for (let i = 0; i < n; i++) a[i * n + i] = values[i];
        angles.forEach((angle, r) => {
          const [p, q] = [r % n, (r * 7 + 1) % n];
          if (p === q) return;
          const [c, s] = [Math.cos(angle), Math.sin(angle)];
          for (const [row, column] of [
            [n, 1],
            [1, n],
          ])
            for (let k = 0; k < n; k++) {
              const [x, y] = [a[p * row + k * column], a[q * row + k * column]];
              a[p * row + k * column] = c * x - s * y;
              a[q * row + k * column] = s * x + c * y;
            }
        });
        const found = eigenvalues(a, n);
        ascending(values).forEach((value, k) => void assert.ok(Math.abs(found[k] - value) < 1e-10, `${found} for ${values}`));
      },
    ),
    cases(500),
  );
});

test('Laplacian spectra agree with their closed forms, all of each', () => {
  const cases: [string, number, number[]][] = [
    ['complete', 9, [0, ...Array(8).fill(9)]],
    ['ring', 11, count(11).map(k => wave(k, 11))],
    ['ring', 12, count(12).map(k => wave(k, 12))],
    ['star', 10, [0, ...Array(8).fill(1), 10]],
    ['hypercube', 16, count(16).map(node => 2 * count(4).filter(bit => node & (1 << bit)).length)],
    ['torus:4x5', 20, count(20).map(node => wave(node % 4, 4) + wave(node % 5, 5))],
    ['exponential', 16, count(16).map(m => [1, 2, 4].reduce((sum, step) => sum + wave(m * step, 16), wave(m * 8, 16) / 2))],
    ['exponential', 23, count(23).map(m => [1, 2, 4, 8, 16].reduce((sum, step) => sum + wave(m * step, 23), 0))],
  ];
  for (const [spec, nodes, expected] of cases) {
    const found = laplacianSpectrum(topology(spec, nodes, 0));
    ascending(expected).forEach((value, k) => {
      near(found[k], value, 1e-12 * nodes);
    });
  }
});

test('the gap that a family states is the one that is computed, exactly and iteratively', () => {
  for (const [spec, sizes] of [
    ['complete', [2, 3, 17]],
    ['ring', [2, 3, 4, 50]],
    ['star', [2, 3, 40]],
    ['hypercube', [2, 4, 64]],
    ['torus', [4, 6, 9, 10, 30, 64]],
    ['torus:2x9', [18]],
    ['torus:9x2', [18]],
  ] as [string, number[]][])
    for (const nodes of sizes) {
      const graph = topology(spec, nodes, 0);
      const stated = spectralGap(graph);
      assert.equal(stated.method, 'closed form');
      near(spectralGap(graph, 'exact').lambda2, stated.lambda2, 1e-11);
      const iterative = spectralGap(graph, 'lanczos');
      assert.ok(iterative.converged);
      near(iterative.lambda2, stated.lambda2, 1e-8);
    }
  assert.deepEqual(spectralGap(topology('ring', 1, 0)), {
    lambda2: Number.POSITIVE_INFINITY,
    method: 'closed form',
    converged: true,
  });
});

test('trace 2|E|, zeros one a component, everything between 0 and min(n, twice the largest degree)', () => {
  fc.assert(
    fc.property(anyGraph(16), ({ graph }) => {
      const values = laplacianSpectrum(graph);
      near(
        values.reduce((sum, value) => sum + value, 0),
        2 * edges(graph),
        1e-11,
      );
      near(
        values.reduce((sum, value) => sum + value * value, 0),
        count(graph.nodes).reduce((sum, node) => sum + degree(graph, node) ** 2 + degree(graph, node), 0),
        1e-11,
      );
      assert.equal(values.filter(value => Math.abs(value) < 1e-9).length, components(graph).length);
      const bound = Math.min(graph.nodes, 2 * Math.max(...count(graph.nodes).map(node => degree(graph, node))));
      assert.ok(values.every(value => value > -1e-9 && value < bound + 1e-9));
      if (graph.nodes > 1) near(spectralGap(graph).lambda2, values[1], 1e-9);
    }),
    cases(500),
  );
});

test('the spectrum does not depend on the labels, and Lanczos finds the exact gap', () => {
  fc.assert(
    fc.property(connectedGraph(24), fc.infiniteStream(fc.nat()), (graph, keys) => {
      const ranked = count(graph.nodes)
        .map(node => [keys.next().value!, node])
        .sort((a, b) => a[0] - b[0]);
      const exact = laplacianSpectrum(graph);
      laplacianSpectrum(
        relabelled(
          graph,
          ranked.map(([, node]) => node),
        ),
      ).forEach((value, k) => {
        near(value, exact[k], 1e-11);
      });
      if (graph.nodes > 1) near(spectralGap(graph, 'lanczos').lambda2, exact[1], 1e-7);
    }),
    cases(300),
  );
});

test('large graphs: Lanczos agrees with the dense answer and with closed forms', () => {
  for (const spec of ['regular:4', 'erdos-renyi:0.03', 'small-world:6,0.2', 'exponential'])
    for (const nodes of [200, 300]) {
      const graph = topology(spec, nodes, 3);
      near(spectralGap(graph, 'lanczos').lambda2, spectralGap(graph, 'exact').lambda2, 1e-7);
    }
  near(spectralGap(topology('ring', 2000, 0), 'lanczos').lambda2 * 2000 ** 2, 2000 ** 2 * wave(1, 2000), 1e-5);
  near(spectralGap(topology('hypercube', 4096, 0), 'lanczos').lambda2, 2, 1e-8);
  const sparse = spectralGap(topology('regular:4', 20_000, 1));
  assert.equal(sparse.method, 'lanczos');
  assert.ok(sparse.converged && Math.abs(sparse.lambda2 - (4 - 2 * Math.sqrt(3))) < 0.02, String(sparse.lambda2)); // Friedman 2003
  assert.equal(spectralGap(topology('complete', 1_000_000, 0)).lambda2, 1_000_000);
});

test('Metropolis weights are symmetric and doubly stochastic, uniform ones row stochastic, and equal on regular graphs', () => {
  fc.assert(
    fc.property(connectedGraph(20), graph => {
      const weights = metropolis(graph);
      requireDoublyStochastic(weights);
      requireSymmetric(weights);
      requireStochastic(uniformWeights(graph));
    }),
    cases(300),
  );
  for (const spec of ['ring', 'regular:4', 'hypercube', 'complete']) {
    const graph = topology(spec, 16, 1);
    assert.deepEqual(uniformWeights(graph), metropolis(graph));
    near(selfWeight(metropolis(graph), 3), 1 / (1 + degree(graph, 3)));
  }
  assert.throws(() => requireDoublyStochastic(uniformWeights(topology('star', 5, 0))), {
    code: 'GRAPH_INVALID',
    message: /column 0 sums to 2.2/,
  });
  assert.throws(() => mixingRate(uniformWeights(topology('star', 5, 0))), {
    code: 'GRAPH_INVALID',
    message: /0 weighs 1 by 0.2, 1 weighs 0 by 0.5/,
  });
});

test('weights whose rows do not sum to 1, or are negative, or not numbers, are refused', () => {
  fc.assert(
    fc.property(
      connectedGraph(10),
      fc.nat(),
      fc.constantFrom(1e-6, -1e-6, 0.5, -2, Number.NaN, Number.POSITIVE_INFINITY),
      (graph, at, change) => {
        if (graph.nodes < 2) return;
        const weights = metropolis(graph);
        weights.edges![at % weights.edges!.length] += change;
        assert.throws(() => requireStochastic(weights), { code: 'GRAPH_INVALID' });
      },
    ),
  );
  const graph = topology('ring', 4, 0);
  assert.throws(() => requireStochastic({ graph, self: new Float64Array(4), edges: new Float64Array(7) }), {
    code: 'GRAPH_INVALID',
  });
});

test('the rate of a ring with weights 1/3 is that of theory, and bounds how a mixing step shrinks distances', () => {
  const rate = (graph: Graph) => mixingRate(metropolis(graph));
  near(rate(topology('ring', 16, 0)).rho, 0.94925, 1e-5); // (1 + 2 cos(2 pi / 16)) / 3
  near(mixingRate(metropolis(topology('ring', 600, 0))).rho, (1 + 2 * Math.cos((2 * Math.PI) / 600)) / 3, 1e-9);
  assert.equal(rate(topology('complete', 9, 0)).rho, 0);
  near(rate(topology('regular:8', 9, 0)).rho, 0, 1e-9);
  near(rate(topology('hypercube', 16, 0)).rho, 0.6, 1e-9); // 1 - 2/5
  fc.assert(
    fc.property(
      connectedGraph(12),
      fc.array(fc.double({ min: -1, max: 1, noNaN: true }), { minLength: 12, maxLength: 12 }),
      (graph, values) => {
        if (graph.nodes < 2) return;
        const weights = metropolis(graph);
        const { rho } = mixingRate(weights);
        near(mixingRate(weights, 'lanczos').rho, rho, 1e-7);
        const mean = values.slice(0, graph.nodes).reduce((sum, x) => sum + x, 0) / graph.nodes;
        const x = values.slice(0, graph.nodes).map(value => value - mean);
        const mixed = x.map((own, node) => {
          let sum = weights.self![node] * own;
          for (let a = graph.offsets![node]; a < graph.offsets![node + 1]; a++) sum += weights.edges![a] * x[graph.targets![a]];
          return sum;
        });
        const square = (y: number[]) => y.reduce((sum, value) => sum + value * value, 0);
        assert.ok(square(mixed) <= rho ** 2 * square(x) * (1 + 1e-9) + 1e-15);
      },
    ),
    cases(300),
  );
});

test('a directed graph and a matrix that is too large are refused', () => {
  const graph = { name: 'mine', nodes: 2, directed: true, offsets: Uint32Array.of(0, 1, 1), targets: Uint32Array.of(1) };
  assert.throws(() => spectralGap(graph), { code: 'GRAPH_INVALID' });
  assert.throws(() => laplacianSpectrum(topology('ring', 5000, 0)), { code: 'CONFIG_RANGE' });
});
