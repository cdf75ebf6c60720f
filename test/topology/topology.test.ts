import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import fc from 'fast-check';
import { components } from '../../src/topology/components.js';
import { erdosRenyi } from '../../src/topology/erdos.js';
import { degree, edges, type Graph, neighbour } from '../../src/topology/graph.js';
import { regular } from '../../src/topology/regular.js';
import { smallWorld } from '../../src/topology/smallworld.js';
import { topology } from '../../src/topology/topology.js';
import { requireValid } from '../../src/topology/validity.js';
import { cases } from '../support/cases.js';
import { connectedGraph } from './arbitrary.js';

const rows = (graph: Graph) =>
  Array.from({ length: graph.nodes }, (_, node) =>
    Array.from({ length: degree(graph, node) }, (_, k) => neighbour(graph, node, k)),
  );
const degrees = (graph: Graph) => rows(graph).map(row => row.length);
const refused = (code: string, spec: string, nodes: number, message?: RegExp, text?: string) =>
  assert.throws(
    () => topology(spec, nodes, 1, text === undefined ? undefined : () => text),
    message ? { code, message } : { code },
  );

test('small graphs of every family are as drawn by hand', () => {
  const drawn: [string, number[][]][] = [
    ['complete', [[]]],
    ['ring', [[]]],
    ['star', [[]]],
    ['hypercube', [[]]],
    ['exponential', [[]]],
    ['regular:1', [[1], [0]]],
    ['complete', [[1], [0]]],
    ['ring', [[1], [0]]],
    ['star', [[1], [0]]],
    ['hypercube', [[1], [0]]],
    ['exponential', [[1], [0]]],
    ['erdos-renyi:1', [[1], [0]]],
    ['erdos-renyi:0', [[]]],
    [
      'ring',
      [
        [1, 2],
        [0, 2],
        [0, 1],
      ],
    ],
    ['star', [[1, 2, 3], [0], [0], [0]]],
    [
      'torus',
      [
        [1, 2],
        [0, 3],
        [0, 3],
        [1, 2],
      ],
    ],
    [
      'torus:2x3',
      [
        [1, 2, 3],
        [0, 2, 4],
        [0, 1, 5],
        [0, 4, 5],
        [1, 3, 5],
        [2, 3, 4],
      ],
    ],
    [
      'torus:3x2',
      [
        [1, 2, 4],
        [0, 3, 5],
        [0, 3, 4],
        [1, 2, 5],
        [0, 2, 5],
        [1, 3, 4],
      ],
    ],
    [
      'hypercube',
      [
        [1, 2, 4],
        [0, 3, 5],
        [0, 3, 6],
        [1, 2, 7],
        [0, 5, 6],
        [1, 4, 7],
        [2, 4, 7],
        [3, 5, 6],
      ],
    ],
    [
      'exponential',
      [
        [1, 2, 3, 4],
        [0, 2, 3, 4],
        [0, 1, 3, 4],
        [0, 1, 2, 4],
        [0, 1, 2, 3],
      ],
    ],
    [
      'small-world:2,0',
      [
        [1, 3],
        [0, 2],
        [1, 3],
        [0, 2],
      ],
    ],
  ];
  for (const [spec, expected] of drawn) assert.deepEqual(rows(topology(spec, expected.length, 7)), expected, spec);
  assert.deepEqual(rows(topology('exponential', 16, 0))[0], [1, 2, 4, 8, 12, 14, 15]);
});

test('every family gives a valid, connected graph with the degrees of its name', () => {
  const size = fc.integer({ min: 4, max: 60 });
  const seed = fc.nat();
  const check = (spec: string, nodes: number, drawnFrom: number, expected: (graph: Graph) => void) => {
    const graph = topology(spec, nodes, drawnFrom);
    requireValid(graph);
    assert.equal(graph.nodes, nodes);
    assert.deepEqual(components(graph), [nodes]);
    expected(graph);
  };
  const all = (k: number) => (graph: Graph) => assert.ok(degrees(graph).every(found => found === k));
  fc.assert(
    fc.property(size, seed, fc.nat(), fc.double({ min: 0, max: 1, noNaN: true }), (nodes, seed, any, p) => {
      check('complete', nodes, seed, all(nodes - 1));
      check('ring', nodes, seed, all(2));
      check('star', nodes, seed, graph => assert.deepEqual(degrees(graph), [nodes - 1, ...Array(nodes - 1).fill(1)]));
      check('hypercube', 2 ** (any % 7), seed, all(any % 7));
      check(
        'exponential',
        nodes,
        seed,
        all(
          new Set(
            Array.from({ length: 6 }, (_, k) => 2 ** k)
              .filter(s => s < nodes)
              .flatMap(s => [s, nodes - s]),
          ).size,
        ),
      );
      const [height, width] = [3 + (any % 5), 3 + (nodes % 7)];
      check(`torus:${height}x${width}`, height * width, seed, all(4));
      let k = 3 + (any % (nodes - 3));
      if ((k * nodes) % 2 !== 0) k--;
      if (k > 2) check(`regular:${k}`, nodes, seed, all(k));
      const near = 4 + 2 * (any % 3);
      if (near < nodes)
        check(`small-world:${near},${p}`, nodes, seed, graph => {
          assert.equal(edges(graph), (nodes * near) / 2);
          assert.ok(degrees(graph).every(found => found >= near / 2));
        });
      check(`erdos-renyi:${0.5 + p / 2}`, nodes, seed, () => {});
    }),
    cases(300),
  );
});

test('the torus is as square as it can be, and no number without two factors has one', () => {
  for (const [nodes, lambda2] of [
    [36, 1],
    [12, 2],
    [2 * 31, 4 * Math.sin(Math.PI / 31) ** 2],
  ])
    assert.ok(Math.abs(topology('torus', nodes, 0).lambda2! - lambda2) < 1e-12);
  for (const nodes of [1, 2, 3, 31]) refused('GRAPH_INVALID', 'torus', nodes, /rows x columns/);
});

test('a seed gives the same random graph again, another seed or attempt another one', () => {
  const draws: ((seed: number, attempt: number) => Graph)[] = [
    (seed, attempt) => regular(40, 4, seed, attempt),
    (seed, attempt) => erdosRenyi(40, 0.2, seed, attempt),
    (seed, attempt) => smallWorld(40, 4, 0.3, seed, attempt),
  ];
  for (const draw of draws) {
    assert.deepEqual(draw(3, 0), draw(3, 0));
    assert.notDeepEqual(draw(3, 0), draw(4, 0));
    assert.notDeepEqual(draw(3, 0), draw(3, 1));
    assert.notDeepEqual(draw(3, 0), draw(3 + 2 ** 40, 0));
  }
});

test('random regular graphs: every one on 6 nodes comes up, the connected ones of degree 2 equally often', () => {
  // Degree 2: 60 hexagons, and 10 pairs of triangles, which switching leaves rarer. Degree 3: the complements of these.
  for (const degree of [2, 3]) {
    const counts = new Map<string, number>();
    for (let attempt = 0; attempt < 14_000; attempt++) {
      const graph = regular(6, degree, 5, attempt);
      const key = `${components(graph).length} ${graph.targets!.join()}`;
      counts.set(key, (counts.get(key) ?? 0) + 1);
    }
    assert.equal(counts.size, 70);
    const hexagons = [...counts].filter(([key]) => degree === 2 && key.startsWith('1')).map(([, count]) => count);
    const mean = hexagons.reduce((sum, count) => sum + count, 0) / 60;
    for (const count of hexagons) assert.ok(Math.abs(count - mean) < 5 * Math.sqrt(mean), `${count}, expected ${mean}`);
  }
});

test('Erdos-Renyi: edges come with their probability, each pair as often as any other', () => {
  const counts = new Float64Array(100);
  for (let attempt = 0; attempt < 4000; attempt++) {
    const graph = erdosRenyi(10, 0.3, 9, attempt);
    rows(graph).forEach((row, node) => {
      for (const other of row) counts[10 * node + other]++;
    });
  }
  for (let a = 0; a < 10; a++)
    for (let b = 0; b < 10; b++) {
      if (a === b) assert.equal(counts[11 * a], 0);
      else
        assert.ok(Math.abs(counts[10 * a + b] - 1200) < 5 * Math.sqrt(4000 * 0.3 * 0.7), `pair ${a} ${b}: ${counts[10 * a + b]}`);
    }
  const thin = edges(erdosRenyi(100_000, 1e-6, 2)); // mean 5000, deviation 71
  assert.ok(Math.abs(thin - 5000) < 360, String(thin));
});

test('small world: p = 0 is the ring lattice, p = 1 moves nearly every edge, the share moved is p', () => {
  const lattice = new Set(rows(smallWorld(200, 6, 0, 1)).flatMap((row, node) => row.map(other => `${node} ${other}`)));
  assert.equal(lattice.size, 1200);
  for (const p of [0.1, 0.5, 1]) {
    let kept = 0;
    for (let attempt = 0; attempt < 20; attempt++)
      rows(smallWorld(200, 6, p, 1, attempt)).forEach((row, node) => {
        kept += row.filter(other => lattice.has(`${node} ${other}`)).length;
      });
    const moved = 1 - kept / 20 / 1200;
    assert.ok(Math.abs(moved - p) < 0.04, `${moved} moved at p = ${p}`);
  }
});

test('redraws are counted, and given up after a hundred', () => {
  const redraws = Array.from({ length: 20 }, (_, seed) => topology('erdos-renyi:0.12', 30, seed).redraws!);
  assert.ok(redraws.some(count => count > 0) && redraws.every(count => count <= 100), String(redraws));
  assert.equal(topology('regular:4', 30, 1).redraws, 0);
  refused(
    'GRAPH_DISCONNECTED',
    'erdos-renyi:0.01',
    60,
    /after 100 redraws: found \d+ components of sizes [\d, .]+; allowed is one; take a larger P/,
  );
});

test('edge lists are read back, whatever their layout', () => {
  fc.assert(
    fc.property(
      connectedGraph(15),
      fc.constantFrom('\n', '\r\n', ' \n\n'),
      fc.constantFrom(' ', '\t', '  '),
      (graph, newline, gap) => {
        const lines = rows(graph).flatMap((row, node) => row.map(other => `${node}${gap}${other} # ${node}`));
        if (graph.nodes === 1) return;
        const read = topology('./some.txt', graph.nodes, 0, () => `# a comment${newline}${lines.join(newline)}`);
        assert.deepEqual([read.offsets, read.targets], [graph.offsets, graph.targets]);
        assert.equal(read.name, './some.txt');
      },
    ),
    cases(200),
  );
});

test('the edge-list reader is total: a graph or a named error, for any text', () => {
  const line = fc.oneof(
    fc.string(),
    fc.tuple(fc.nat(6), fc.nat(6)).map(pair => pair.join(' ')),
  );
  fc.assert(
    fc.property(
      fc.array(line).map(lines => lines.join('\n')),
      text => {
        try {
          requireValid(topology('a.txt', 5, 0, () => text));
        } catch (error) {
          assert.match((error as { code: string }).code, /^GRAPH_/);
        }
      },
    ),
    cases(3000),
  );
});

test('a file is read from disk; a missing one, a folder and a FIFO are named errors', () => {
  const folder = mkdtempSync(join(tmpdir(), 'hearsay-'));
  try {
    writeFileSync(join(folder, 'edges.txt'), '0 1\n1 2\n');
    assert.deepEqual(rows(topology(join(folder, 'edges.txt'), 3, 0)), [[1], [0, 2], [1]]);
    refused('DATA_NOT_FOUND', join(folder, 'none.txt'), 3);
    refused('DATA_NOT_FOUND', folder, 3, /not a plain file/);
    spawnSync('mkfifo', [join(folder, 'pipe.txt')]);
    refused('DATA_NOT_FOUND', join(folder, 'pipe.txt'), 3);
  } finally {
    rmSync(folder, { recursive: true });
  }
});

test('what cannot be a graph is refused with its code and where it stands', () => {
  refused('GRAPH_INVALID', 'a.txt', 3, /line 2: found '1 1'/, '0 1\n1 1\n');
  refused('GRAPH_INVALID', 'a.txt', 3, /line 1: found '0 3'.*0 to 2/, '0 3');
  refused('GRAPH_INVALID', 'a.txt', 3, /line 1: found '0 <- 1'/, '0 <- 1\n1 2\n');
  refused('GRAPH_INVALID', 'a.txt', 3, /line 1: found '0 1 0.5'/, '0 1 0.5');
  refused('GRAPH_INVALID', 'a.txt', 3, /line 1: found '-1 1'/, '-1 1');
  refused('GRAPH_INVALID', 'a.txt', 3, /node 2 has no edge/, '0 1');
  refused('GRAPH_INVALID', 'a.txt', 3, /node 0 has no edge/, '');
  refused('GRAPH_DISCONNECTED', 'a.txt', 5, /2 components of sizes 3, 2/, '0 1\n2 3\n3 4');
  refused('GRAPH_INVALID', 'regular:3', 5, /odd number of edge ends/);
  refused('GRAPH_INVALID', 'regular:5', 5, /0 to 4/);
  refused('GRAPH_INVALID', 'regular:1', 4);
  refused('GRAPH_INVALID', 'hypercube', 12, /power of two.*nearest is 16/);
  refused('GRAPH_INVALID', 'torus:3x3', 10, /9 places for 10 nodes/);
  refused('GRAPH_INVALID', 'small-world:3,0.1', 10);
  refused('GRAPH_INVALID', 'small-world:10,0.1', 10);
});

test('parameters out of range and unknown names are refused', () => {
  for (const spec of [
    '',
    'rings',
    'Ring',
    'constructor',
    '__proto__',
    'toString',
    'ring:2',
    'complete:',
    'regular',
    'regular:',
    'regular:0',
  ])
    refused('CONFIG_RANGE', spec, 8);
  for (const spec of [
    'regular:2.5',
    'regular:0x2',
    'regular:1e1',
    'regular:4,4',
    'regular:-2',
    'erdos-renyi',
    'erdos-renyi:1.5',
    'erdos-renyi:NaN',
  ])
    refused('CONFIG_RANGE', spec, 8);
  for (const spec of [
    'small-world:4',
    'small-world:4,2',
    'small-world:4,-0.1',
    'small-world:4,0.1,1',
    'torus:8',
    'torus:1x8',
    'torus:2x2x2',
    'torus:axb',
  ])
    refused('CONFIG_RANGE', spec, 8);
  for (const nodes of [0, -1, 2.5, 1e9, Number.NaN]) refused('CONFIG_RANGE', 'ring', nodes);
  refused('CONFIG_UNKNOWN_KEY', 'regular:degree=4', 8);
  refused('CONFIG_RANGE', 'rnig', 8, /did you mean ring/);
  refused('CONFIG_RANGE', 'erdos-renyi:0.9', 1_000_000, /edges/);
  refused('CONFIG_RANGE', 'exponential', 2 ** 25, /edges/);
});

test('100,000 nodes are built in under a second, a complete graph of a million takes no memory', () => {
  for (const spec of ['ring', 'regular:4', 'torus', 'erdos-renyi:0.0002', 'small-world:4,0.1']) {
    const start = process.cpuUsage();
    const graph = topology(spec, 100_000, 1);
    const seconds = process.cpuUsage(start).user / 1e6; // the time that counts when others use the machine too
    assert.deepEqual(components(graph), [100_000]);
    if (spec === 'ring' || spec === 'regular:4') assert.ok(seconds < 1, `${spec}: ${seconds} s`);
  }
  const everyone = topology('complete', 1_000_000, 1);
  assert.equal(everyone.targets, undefined);
  assert.equal(neighbour(everyone, 999_999, 999_998), 999_998);
});

test('edges that go one way: of a ring, of the exponential graph, of a file with arrows', () => {
  assert.deepEqual(rows(topology('ring:directed=true', 4, 1)), [[1], [2], [3], [0]]);
  assert.deepEqual(rows(topology('exponential:directed=true', 5, 1))[3], [0, 2, 4]);
  assert.deepEqual(rows(topology('exponential:directed=true', 8, 1))[6], [0, 2, 7]);
  const file = topology('a.txt', 3, 1, () => '0 -> 1\n1->2 # on\n2 0\n2 -> 0\n');
  assert.deepEqual([file.directed, rows(file)], [true, [[1, 2], [2], [0]]]);
  for (const nodes of [1, 2, 3, 8, 100]) {
    for (const name of ['ring', 'exponential']) {
      const graph = topology(`${name}:directed=true`, nodes, 1);
      requireValid(graph);
      assert.equal(graph.directed, true);
      assert.deepEqual(topology(`${name}:directed=false`, nodes, 1), topology(name, nodes, 1));
    }
  }
  refused('GRAPH_DISCONNECTED', 'a.txt', 3, /no way from node 0 to node 2/, '0 -> 1\n1 -> 0\n2 -> 0');
  refused('GRAPH_DISCONNECTED', 'a.txt', 3, /no way to node 0 from node 2/, '0 -> 1\n1 -> 0\n0 -> 2');
  refused('CONFIG_RANGE', 'ring:directed=yes', 3, /ring: directed: found 'yes', allowed is true . false/);
  refused('CONFIG_UNKNOWN_KEY', 'star:directed=true', 3, /star has no setting 'directed'/);
});
