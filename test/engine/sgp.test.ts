/** Push-sum SGD against plain arrays: what masses and models times masses must keep, in rounds and in messages. */

import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import type { AlgorithmFactory, Slot } from '../../src/engine/algorithm.js';
import { pushing } from '../../src/engine/algorithms/mixing.js';
import { algorithms } from '../../src/engine/algorithms/table.js';
import { massOf } from '../../src/engine/mass.js';
import { simulate } from '../../src/index.js';
import { potential, type Rehearsal, rehearse } from '../../src/testing.js';
import { degree, type Graph, neighbour } from '../../src/topology/graph.js';
import { directed } from '../../src/topology/rows.js';
import { topology } from '../../src/topology/topology.js';
import { cases } from '../support/cases.js';
import { refused } from '../support/refused.js';

const range = (n: number) => Array.from({ length: n }, (_, k) => k);
const start = (row: number, k: number) => Math.fround(Math.cos(row * 17 + k * 3));
const neighboursOf = (graph: Graph, node: number) => range(degree(graph, node)).map(k => neighbour(graph, node, k));
const mass = ({ words, arena }: Rehearsal, row: number) => massOf(words, arena.layout, row);

/** A noiseless step towards the node's own optimum. */
const pull = (weights: Float32Array, node: number) => {
  for (let k = 0; k < weights.length; k++) weights[k] -= (weights[k] - node) / 4;
};

/** A graph whose edges go one way, with a way between any two nodes: a ring through all of them and any further arcs. */
const oneWay: fc.Arbitrary<Graph> = fc
  .integer({ min: 2, max: 9 })
  .chain(nodes =>
    fc.tuple(fc.constant(nodes), fc.array(fc.tuple(fc.nat(nodes - 1), fc.nat(nodes - 1)), { maxLength: 2 * nodes })),
  )
  .map(([nodes, more]) => {
    const around = range(nodes).flatMap(node => [node, (node + 1) % nodes]);
    return directed('any', nodes, [...around, ...more.filter(([a, b]) => a !== b).flat()]);
  });

function round(stage: Rehearsal, nodes: number): void {
  for (const node of range(nodes)) {
    stage.begin(node);
    assert.ok(stage.finish(node));
  }
  assert.ok(stage.meet());
}

test('columns of a push sum to 1: half to the one who is in turn, or equal parts to all (13.11)', () => {
  fc.assert(
    fc.property(oneWay, graph => {
      const matrix = pushing(range(graph.nodes), node => neighboursOf(graph, node));
      for (const from of range(graph.nodes)) {
        const column = matrix.map(row => row[from]);
        assert.ok(Math.abs(column.reduce((a, b) => a + b, 0) - 1) < 1e-12);
        for (const to of range(graph.nodes)) assert.equal(column[to] > 0, to === from || neighboursOf(graph, from).includes(to));
      }
    }),
    cases(100),
  );
});

/** What node `from` sends to in round `number`, in plain words: nearest above it first. */
function receivers(graph: Graph, from: number, peers: string, number: number): number[] {
  const { nodes } = graph;
  const distance = (to: number) => (to - from + nodes) % nodes;
  const order = neighboursOf(graph, from).sort((a, b) => distance(a) - distance(b));
  return peers === 'one' ? [order[number % order.length]] : order;
}

test('rounds are what the formula says, on any graph whose edges go one way; masses and models times masses are kept', () => {
  const options = fc.record({ peers: fc.constantFrom('all', 'one'), steps: fc.constantFrom('1', '3') });
  fc.assert(
    fc.property(oneWay, fc.integer({ min: 1, max: 40 }), options, fc.boolean(), (graph, parameters, options, learns) => {
      const { nodes } = graph;
      const descent = learns ? pull : undefined;
      const stage = rehearse({ algorithm: algorithms.sgp, options, nodes, parameters, graph, start, descent });
      let masses = range(nodes).map(() => 1);
      let biased = range(nodes).map(row => range(parameters).map(k => start(row, k)));
      for (let number = 0; number < 5; number++) {
        const before = range(parameters).map(k => biased.reduce((sum, row) => sum + row[k], 0));
        round(stage, nodes);
        const stepped = biased.map((row, node) =>
          row.map(value => {
            let z = value / masses[node];
            if (learns) for (let step = 0; step < Number(options.steps); step++) z -= (z - node) / 4;
            return value + z - value / masses[node];
          }),
        );
        const [from, theirs] = [stepped, masses];
        biased = range(nodes).map(() => range(parameters).map(() => 0));
        masses = range(nodes).map(() => 0);
        for (const sender of range(nodes)) {
          const to = [sender, ...receivers(graph, sender, options.peers, number)];
          for (const node of to) {
            masses[node] += theirs[sender] / to.length;
            for (const k of range(parameters)) biased[node][k] += from[sender][k] / to.length;
          }
        }
        for (const node of range(nodes)) {
          assert.ok(Math.abs(mass(stage, node) / masses[node] - 1) < 1e-5);
          for (const [k, found] of stage.params(node).entries()) {
            const expected = biased[node][k] / masses[node];
            assert.ok(Math.abs(found - expected) <= 2e-5 * (1 + Math.abs(expected)), `${found}, must be ${expected}`);
          }
        }
        const total = range(nodes).reduce((sum, node) => sum + mass(stage, node), 0);
        assert.ok(Math.abs(total - nodes) < nodes * 2 ** -24 * 20, `${total}`);
        if (learns) continue;
        for (const k of range(parameters)) {
          const sum = range(nodes).reduce((sum, node) => sum + mass(stage, node) * stage.params(node)[k], 0);
          assert.ok(Math.abs(sum - before[k]) < 1e-5 * nodes);
        }
      }
      stage.requireClean();
    }),
    cases(150),
  );
});

test('all come to the mean of where they were, although one hears more than another', () => {
  const graph = directed('lopsided', 5, [0, 1, 1, 2, 2, 3, 3, 4, 4, 0, 0, 2, 0, 3, 1, 3]);
  const stage = rehearse({ algorithm: algorithms.sgp, nodes: 5, parameters: 8, graph, start });
  for (let number = 0; number < 80; number++) round(stage, 5);
  const masses = range(5).map(node => mass(stage, node));
  assert.ok(Math.max(...masses) > 1.5 * Math.min(...masses), 'masses differ, or nothing is shown');
  for (const k of range(8)) {
    const mean = range(5).reduce((sum, row) => sum + start(row, k), 0) / 5;
    for (const node of range(5)) assert.ok(Math.abs(stage.params(node)[k] - mean) < 1e-5);
  }
});

test('on the exponential graph of 2^k nodes, one peer a round: k rounds make all models the mean', () => {
  for (const nodes of [2, 4, 8, 16]) {
    const graph = topology('exponential:directed=true', nodes, 1);
    const stage = rehearse({ algorithm: algorithms.sgp, options: { peers: 'one' }, nodes, parameters: 9, graph, start });
    for (let number = 0; 2 ** number < nodes; number++) {
      assert.ok(potential(range(nodes).map(stage.params)) > 1e-3);
      round(stage, nodes);
    }
    assert.ok(potential(range(nodes).map(stage.params)) < 1e-10);
    for (const node of range(nodes)) assert.equal(mass(stage, node), 1);
  }
});

/** The algorithm with the messages in the hands of a test. */
function posted(flight: Slot[]): AlgorithmFactory {
  return (options, setting) => {
    const algorithm = algorithms.sgp({ ...options, overlap: 'true' }, setting);
    return {
      ...algorithm,
      finish: (node, rows, world) => algorithm.finish(node, rows, { ...world, send: (_, slot) => void flight.push(slot) }),
    };
  };
}

test('overlapped: the sum of masses is n, with what is in flight; none falls below 3/8; m z moves by what is learnt', () => {
  const act = fc.record({ what: fc.constantFrom('work', 'arrive'), row: fc.nat(3), k: fc.nat(9) });
  fc.assert(
    fc.property(fc.array(act, { maxLength: 60 }), acts => {
      const flight: Slot[] = [];
      const stage = rehearse({ algorithm: posted(flight), nodes: 4, parameters: 3, start, descent: pull });
      let masses = range(4).map(() => 1);
      const models = range(4).map(row => start(row, 1));
      const sent: [mass: number, model: number][] = [];
      for (const { what, row, k } of acts) {
        if (what === 'work' && flight.length < 4) {
          const begun = models[row];
          stage.begin(row);
          stage.finish(row);
          models[row] += (0.25 * (row - begun)) / masses[row];
          const goes = masses[row] / 2 >= 3 / 8 ? masses[row] / 2 : 0;
          sent.push([goes, models[row]]);
          masses = masses.with(row, masses[row] - goes);
        } else if (what === 'arrive' && flight.length > 0) {
          const [slot] = flight.splice(k % flight.length, 1);
          const [[theirs, model]] = sent.splice(k % sent.length, 1);
          stage.algorithm.arrive!(row, slot, stage.rows, stage.world);
          models[row] = (masses[row] * models[row] + theirs * model) / (masses[row] + theirs);
          masses = masses.with(row, masses[row] + theirs);
        }
        for (const node of range(4)) {
          assert.ok(Math.abs(mass(stage, node) - masses[node]) < 1e-5 * masses[node] && mass(stage, node) >= 3 / 8);
          assert.ok(Math.abs(stage.params(node)[1] - models[node]) < 1e-5 * (1 + Math.abs(models[node])));
        }
        const total = [...range(4), ...flight].reduce((sum, one) => sum + mass(stage, one), 0);
        assert.ok(Math.abs(total - 4) < 1e-5);
      }
      stage.requireClean();
    }),
    cases(300),
  );
});

test('a message that gets lost, or that nobody could get, goes back: its mass with it', async () => {
  const lonely: Graph = { name: 'lonely', nodes: 1, directed: false, offsets: new Uint32Array(2), targets: new Uint32Array(0) };
  const stage = rehearse({ algorithm: algorithms.sgp, options: { overlap: 'true' }, nodes: 1, parameters: 2, graph: lonely });
  for (let k = 0; k < 5; k++) {
    stage.begin(0);
    stage.finish(0);
  }
  assert.equal(mass(stage, 0), 1);
  const hash = async (algorithm: string, link: string) =>
    (
      await simulate({
        ...{ data: 'none', model: 'noise:20,curvature=1', batch: 1, nodes: 5, algorithm, link, track: 0 },
        ...{ time: 20, evaluateEvery: '20s', parallel: 'never', optimizer: 'sgd:rate=0.1' },
      }).result
    ).done.parametersHash;
  assert.equal(await hash('sgp:overlap=true', 'delay:loss=1'), await hash('none:steps=1', 'ideal'));
  assert.notEqual(await hash('sgp:overlap=true', 'ideal'), await hash('none:steps=1', 'ideal'));
});

const setting = { nodes: 4, capacity: 4, parameters: 1, rate: 1 };

test('wrong settings and wrong graphs are refused by name, and told what to take', async () => {
  refused(() => algorithms.sgp({ peers: 'two' }, setting), 'CONFIG_RANGE', 'sgp: peers', 'all | one');
  refused(
    () => algorithms.sgp({ overlap: 'true', peers: 'one' }, setting),
    'CONFIG_RANGE',
    'sgp: peers belongs to overlap=false',
  );
  const one = algorithms.sgp({ peers: 'one' }, setting);
  refused(
    () => one.requireGraph!(topology('ring', 4, 1)),
    'GRAPH_INVALID',
    'both ways',
    'exponential:directed=true',
    'peers=all',
  );
  one.requireGraph!(topology('ring:directed=true', 4, 1));
  algorithms.sgp({}, setting).requireGraph!(topology('ring', 4, 1));
  for (const algorithm of ['dpsgd', 'swarm', 'gossip:mix=pull', 'sgp', 'gossip', 'timely']) {
    const { result } = simulate({
      ...{
        data: 'none',
        model: 'none',
        batch: 1,
        nodes: 4,
        topology: 'ring:directed=true',
        algorithm,
        time: 3,
        parallel: 'never',
      },
    });
    if (/^(sgp|gossip|timely)$/.test(algorithm)) await result;
    else await assert.rejects(result, { code: 'GRAPH_INVALID', message: /ring:directed=true: its edges go one way.*take sgp/ });
  }
});
