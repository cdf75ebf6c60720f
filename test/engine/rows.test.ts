/** The verbs, on the real guard, rows and kernels, against a model of plain arrays that follows the text of the rules. */

import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import type { AlgorithmFactory, Row, RowKernel } from '../../src/engine/algorithm.js';
import { Control, controlWord } from '../../src/engine/layout.js';
import { hull, potential, squaredDistance, sums } from '../../src/testing/invariants.js';
import { rehearse } from '../../src/testing/rehearsal.js';
import { cases } from '../support/cases.js';

const sizes = { nodes: fc.integer({ min: 2, max: 32 }), parameters: fc.integer({ min: 1, max: 257 }) };
const schedule = fc.array(fc.nat(1023), { minLength: 1, maxLength: 40 });

/** An algorithm of one verb at the end of a piece; it notes the partners. */
function noting(end: 'mixAndCommit' | 'mixAndCommitBoth' | 'commit', weight: number, partners: Row[]): AlgorithmFactory {
  return () => ({
    name: 'noting',
    begin: (node, rows) => rows.descend(node, { steps: 1 }),
    finish(node, rows, world) {
      if (end === 'commit') rows.commit(node);
      else if (end === 'mixAndCommit') partners.push(rows.mixAndCommit(node, world.peer(node), weight));
      else return rows.mixAndCommitBoth(node, world.peer(node), weight);
      return true;
    },
  });
}

test('swaps and +1 commits in any order keep the sum exact, and turns count the ops (13.1, 13.12)', () => {
  fc.assert(
    fc.property(sizes.nodes, sizes.parameters, fc.nat(), schedule, (nodes, parameters, seed, events) => {
      const partners: Row[] = [];
      const stage = rehearse({
        algorithm: noting('mixAndCommit', 1, partners),
        nodes,
        parameters,
        seed,
        start: (row, k) => row * 3 - k,
        descent: (weights, _node, step) => {
          weights[step % parameters] += 1;
        },
      });
      const model = Array.from({ length: nodes }, (_, row) => Float32Array.from({ length: parameters }, (_, k) => row * 3 - k));
      const turns = new Array<number>(nodes).fill(0);
      const commits = new Array<number>(nodes).fill(0);
      for (const event of events) {
        const node = event % nodes;
        if (!stage.isPending(node)) {
          stage.begin(node);
          turns[node]++;
          continue;
        }
        stage.finish(node);
        const partner = partners.at(-1)!;
        [model[node], model[partner]] = [model[partner], model[node]];
        model[node][commits[node]++ % parameters] += 1;
        turns[node]++;
        turns[partner]++;
      }
      for (let row = 0; row < nodes; row++) {
        assert.deepEqual(stage.params(row), model[row]);
        assert.equal(stage.turn(row), turns[row]);
        assert.equal(stage.steps(row), commits[row]);
      }
      stage.requireClean();
    }),
    cases(12_000),
  );
});

test('two wakes that cross, each with the other as its partner and both begun before either is finished, give what the rule says', () => {
  const stage = rehearse({
    algorithm: noting('mixAndCommit', 0.5, []),
    nodes: 2,
    parameters: 3,
    start: (row, k) => (row === 0 ? 16 : 48) + 8 * k,
    descent: (weights, node) => {
      weights[node] += node === 0 ? 4 : 8;
    },
  });
  stage.begin(0);
  stage.begin(1);
  assert.deepEqual([stage.turn(0), stage.turn(1)], [1, 1]);
  stage.finish(0); // 0: (16 + 48) / 2 + delta; 1: the average
  assert.deepEqual([...stage.params(0)], [36, 40, 48]);
  assert.deepEqual([...stage.params(1)], [32, 40, 48]);
  stage.finish(1); // its delta is counted from 48, not from the 32 that its row has become
  assert.deepEqual([...stage.params(1)], [34, 48, 48]);
  assert.deepEqual([...stage.params(0)], [34, 40, 48]);
  assert.deepEqual([stage.turn(0), stage.turn(1)], [3, 3]);
  assert.deepEqual([stage.steps(0), stage.steps(1)], [1, 1]);
  stage.requireClean();
});

test('averages keep the hull and the sum, and lower the potential by half the squared distance (13.1-13.3)', () => {
  fc.assert(
    fc.property(sizes.nodes, sizes.parameters, fc.nat(), schedule, (nodes, parameters, seed, events) => {
      const stage = rehearse({
        algorithm: noting('commit', 0.5, []),
        nodes,
        parameters,
        seed,
        start: (row, k) => Math.fround(Math.sin(seed + row * 131 + k)),
      });
      const read = () => Array.from({ length: nodes }, (_, row) => stage.params(row));
      let before = read();
      const first = { sums: sums(before), hull: hull(before) };
      for (const event of events.slice(0, 12)) {
        const node = event % nodes;
        const partner = stage.rows.mix(node, stage.world.peer(node));
        const after = read();
        const drop = potential(before) - potential(after);
        const expected = squaredDistance(before[node], before[partner]) / 2;
        assert.ok(Math.abs(drop - expected) <= 1e-5 * expected + 1e-6, `the potential fell by ${drop}, not ${expected}`);
        before = after;
      }
      const last = { sums: sums(before), hull: hull(before) };
      for (let k = 0; k < parameters; k++) {
        assert.ok(first.hull.low[k] <= last.hull.low[k] && last.hull.high[k] <= first.hull.high[k], 'left the hull');
        assert.ok(Math.abs(first.sums[k] - last.sums[k]) <= 2 * 2 ** -24 * 12, 'the sum drifted');
      }
      stage.requireClean();
    }),
    cases(5_000),
  );
});

test('the blocking rule commits both deltas before the average', () => {
  fc.assert(
    fc.property(sizes.nodes, sizes.parameters, fc.nat(), schedule, (nodes, parameters, seed, events) => {
      const stage = rehearse({
        algorithm: noting('mixAndCommitBoth', 0.5, []),
        nodes,
        parameters,
        seed,
        start: row => row * 8,
        descent: (weights, node) => {
          weights[node % parameters] += 4;
        },
      });
      let committed = 0;
      for (const event of events) {
        const node = event % nodes;
        if (!stage.isPending(node)) {
          stage.begin(node);
          continue;
        }
        const before = Array.from({ length: nodes }, (_, row) => stage.params(row));
        const pending = before.map((_, row) => stage.isPending(row));
        if (!stage.finish(node)) continue;
        const changed = before.flatMap((_, row) => (pending[row] && !stage.isPending(row) ? [row] : []));
        assert.equal(changed.length, 2, 'two pieces are committed together');
        const [a, b] = changed;
        const expected = before[a].map((value, k) => {
          const other = before[b][k] + (b % parameters === k ? 4 : 0);
          return Math.fround((Math.fround(value + (a % parameters === k ? 4 : 0)) + other) / 2);
        });
        assert.deepEqual(stage.params(a), expected);
        assert.deepEqual(stage.params(b), expected);
        committed += 2;
      }
      const steps = Array.from({ length: nodes }, (_, row) => stage.steps(row)).reduce((sum, value) => sum + value, 0);
      assert.equal(steps, committed);
      stage.requireClean();
    }),
    cases(2_000),
  );
});

test('combine agrees with the fused verbs, and one with a delta commits it', () => {
  fc.assert(
    fc.property(sizes.nodes, sizes.parameters, fc.nat(), fc.constantFrom(0.5, 0.25, 1), (nodes, parameters, seed, w) => {
      const run = (whole: boolean): Float32Array[] => {
        const node = seed % nodes;
        const partner = partnerOf(nodes, seed, node);
        const stage = rehearse({
          algorithm: noting('mixAndCommit', w, []),
          nodes,
          parameters,
          seed,
          start: (row, k) => ((row * 7 + k) % 11) * 0.125,
          descent: weights => {
            for (let k = 0; k < parameters; k++) weights[k] += 0.5;
          },
        });
        stage.begin(node);
        if (whole) stage.finish(node);
        else {
          stage.rows.combine([node, partner], [node, partner, stage.rows.delta(node)], [1 - w, w, 1, w, 1 - w, 0]);
        }
        assert.equal(stage.isPending(node), false);
        assert.equal(stage.steps(node), 1);
        stage.requireClean();
        return Array.from({ length: nodes }, (_, row) => stage.params(row));
      };
      assert.deepEqual(run(false), run(true)); // all values are small multiples of 1/32: nothing is rounded
    }),
    cases(1_500),
  );
});

/** The first partner that `node` draws. (A rehearsal ends when the next one is opened.) */
function partnerOf(nodes: number, seed: number, node: Row): Row {
  const partners: Row[] = [];
  const stage = rehearse({ algorithm: noting('mixAndCommit', 1, partners), nodes, parameters: 1, seed });
  stage.begin(node);
  stage.finish(node);
  return partners[0];
}

test('apply writes the planes that it names, and no other', () => {
  const kernels: Record<string, RowKernel> = {
    double({ to, from }) {
      for (let k = 0; k < to.params.length; k++) to.params[k] = 2 * from.params[k];
    },
    nines({ to }) {
      assert.deepEqual(Object.keys(to), ['moment']);
      to.moment.fill(9);
    },
  };
  const stage = rehearse({
    algorithm: (options, setting) => ({ ...noting('commit', 0.5, [])(options, setting), kernels }),
    nodes: 3,
    parameters: 5,
    start: row => row + 1,
    state: [{ name: 'moment', keep: 1 }],
  });
  stage.rows.apply(1, 'double');
  assert.deepEqual([...stage.params(1)], [4, 4, 4, 4, 4]);
  assert.deepEqual([...stage.params(0)], [1, 1, 1, 1, 1]);
  stage.rows.apply(1, 'nines', ['moment']);
  assert.deepEqual([...stage.params(1)], [4, 4, 4, 4, 4]);
  assert.equal(stage.turn(1), 2);
});

test('a combine that takes the delta of a node that is no target is refused', () => {
  const stage = rehearse({ algorithm: noting('commit', 0.5, []), nodes: 3, parameters: 4 });
  stage.begin(2);
  assert.throws(() => stage.rows.combine([0], [0, stage.rows.delta(2)], [1, 1]), { code: 'STATE' });
});

test('apply names the planes and the kernels that there are when it is given another', () => {
  const kernels = { double() {} };
  const stage = rehearse({
    algorithm: (options, setting) => ({ ...noting('commit', 0.5, [])(options, setting), kernels }),
    nodes: 2,
    parameters: 4,
  });
  assert.throws(() => stage.rows.apply(0, 'half'), { code: 'STATE', message: /it brings double/ });
  for (const plane of ['delta', 'nothing']) {
    assert.throws(() => stage.rows.apply(0, 'double', [plane]), { code: 'STATE', message: /there are params/ });
  }
});

test('a node without a neighbour commits alone, under the blocking rule too', () => {
  const stage = rehearse({ algorithm: noting('mixAndCommitBoth', 0.5, []), nodes: 1, parameters: 4 });
  stage.begin(0);
  assert.equal(stage.finish(0), true);
  assert.equal(stage.steps(0), 1);
});

test('under the blocking rule a node whose neighbours take no part commits alone', () => {
  const stage = rehearse({ algorithm: noting('mixAndCommitBoth', 0.5, []), nodes: 3, parameters: 4 });
  const alive = (node: number) => controlWord(stage.arena.layout, node, Control.Alive);
  stage.words.store(alive(1), 0);
  stage.begin(0);
  assert.equal(stage.finish(0), false, 'node 2 may still come');
  stage.words.store(alive(2), 0);
  assert.equal(stage.finish(0), true);
  assert.equal(stage.steps(0), 1);
  stage.requireClean();
});

test('a piece of work of no steps, or of no number of them, is refused: it would be begun for ever', () => {
  const stage = rehearse({ algorithm: noting('commit', 0.5, []), nodes: 2, parameters: 4 });
  for (const steps of [0, -1, 0.5, 1.5, Number.NaN, Number.POSITIVE_INFINITY, 2 ** 31, '1', undefined]) {
    const message = /found steps .*, allowed is a whole number from 1/;
    assert.throws(() => stage.rows.descend(0, { steps: steps as number }), { code: 'STATE', message }, String(steps));
    assert.throws(() => stage.rows.hogwild(0, 0, steps as number), { code: 'STATE', message }, String(steps));
    stage.requireClean();
  }
  stage.begin(0);
  assert.equal(stage.steps(0), 0);
  stage.finish(0);
  assert.equal(stage.steps(0), 1);
});

test('under the blocking rule a node that its partner has committed with is done, whoever else is ready', () => {
  const stage = rehearse({ algorithm: noting('mixAndCommitBoth', 0.5, []), nodes: 2, parameters: 4 });
  stage.begin(0);
  stage.begin(1);
  assert.equal(stage.finish(0), true);
  const turns = [stage.turn(0), stage.turn(1)];
  assert.equal(stage.finish(1), true);
  assert.deepEqual([stage.turn(0), stage.turn(1)], turns, 'nothing happens twice');
  assert.deepEqual([stage.steps(0), stage.steps(1)], [1, 1]);
  stage.requireClean();
});

test('a combine of the wrong size and a commit of nothing are refused, and no row stays held', () => {
  const stage = rehearse({ algorithm: noting('commit', 0.5, []), nodes: 3, parameters: 4 });
  const { rows } = stage;
  const refused = (what: () => void, message: RegExp) => {
    assert.throws(what, { code: 'STATE', message });
    stage.requireClean();
  };
  refused(() => rows.combine([0, 1], [0, 1], [0.5, 0.5, 0.5]), /found 3 weights, allowed are 2 .* or 4/);
  refused(() => rows.combine([0], [], []), /found 0 operands/);
  refused(() => rows.combine([0], Array(23).fill(1), Array(23).fill(0)), /found 23 operands, allowed are 1 to 22/);
  refused(() => rows.combine([0], [0, rows.delta(0)], [1, 1]), /node 0 has no pending piece/);
  refused(() => rows.commit(0), /node 0 has no pending piece/);
  refused(() => void rows.mixAndCommit(1, 0), /node 1 has no pending piece/);
  stage.begin(0);
  rows.combine([0], [0, rows.delta(0), rows.delta(0)], [1, 0.5, 0.5]);
  assert.equal(stage.isPending(0), false);
});

test('a meeting sums no delta that was committed before it', () => {
  const algorithm: AlgorithmFactory = () => ({
    name: 'hasty',
    begin: (node, rows) => rows.descend(node, { steps: 1 }),
    finish(node, rows) {
      rows.commit(node, { meet: true });
      return true;
    },
    meet: rows => rows.combine(rows.live, [0, rows.nodes], [0.5, 0.5]),
  });
  const stage = rehearse({ algorithm, nodes: 2, parameters: 4 });
  for (const node of [0, 1]) {
    stage.begin(node);
    stage.finish(node);
  }
  assert.throws(() => stage.meet(), { code: 'STATE', message: /node 0 has no pending piece/ });
});
