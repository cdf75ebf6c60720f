/** Who may be a partner while nodes come and go. */

import assert from 'node:assert/strict';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, test } from 'node:test';
import fc from 'fast-check';
import { openPartners } from '../../src/engine/partners.js';
import { Of } from '../../src/engine/timeline.js';
import { source } from '../../src/random.js';
import { simulate } from '../../src/threads/train.js';
import { degree, neighbour } from '../../src/topology/graph.js';
import { topology } from '../../src/topology/topology.js';
import { cases } from '../support/cases.js';

const folder = mkdtempSync(join(tmpdir(), 'hearsay-'));
after(() => rmSync(folder, { recursive: true }));

test('the partners of a node are all who are alive at a place beside its own, whoever comes and goes', () => {
  const [nodes, capacity] = [6, 10];
  const change = fc.record({ node: fc.nat(capacity - 1), copied: fc.nat(capacity - 1) });
  const names = fc.constantFrom('ring', 'star', 'complete', 'regular:3');
  fc.assert(
    fc.property(names, fc.array(change, { maxLength: 30 }), fc.nat(1e6), (name, changes, seed) => {
      const graph = topology(name, nodes, seed);
      const state = new Int32Array(4 * capacity);
      for (let node = 0; node < nodes; node++) state[4 * node + Of.place] = node + 1;
      const partners = openPartners(graph, source(seed, 'partner'), state);
      const places = new Map(Array.from({ length: nodes }, (_, node) => [node, node]));
      for (const { node, copied } of changes) {
        if (places.has(node)) {
          places.delete(node);
          partners.leave(node);
        } else if (node < nodes || places.has(copied)) {
          places.set(node, node < nodes ? node : places.get(copied)!);
          partners.join(node, places.get(node)!);
        }
        for (const [a, place] of places) {
          const beside = Array.from({ length: degree(graph, place) }, (_, k) => neighbour(graph, place, k));
          const isPartner = (b: number) => a !== b && (graph.offsets ? beside.includes(places.get(b)!) : true);
          const expected = [...places.keys()].filter(isPartner).sort((x, y) => x - y);
          assert.deepEqual(
            Array.from({ length: partners.degree(a) }, (_, k) => partners.neighbour(a, k)),
            expected,
          );
          const drawn = new Set(Array.from({ length: 20 * expected.length + 1 }, (_, draw) => partners.choose(a, draw)));
          if (expected.length === 0) assert.deepEqual([...drawn], [-1]);
          else for (const partner of drawn) assert.ok(expected.includes(partner), `${partner} of ${expected}`);
          if (expected.length > 0 && expected.length < 4) assert.equal(drawn.size, expected.length);
        }
      }
    }),
    cases(100),
  );
});

test('a newcomer on a ring hears of the others, and they of it', async () => {
  const churn = join(folder, 'join');
  writeFileSync(churn, '1 join 10\n');
  const { done } = await simulate({
    ...{ data: 'none', model: 'none', batch: 1, nodes: 10, topology: 'ring', capacity: 11, churn: `trace:${churn}` },
    ...{ algorithm: 'gossip:rate=1', time: 500, evaluateEvery: '500s', parallel: 'never', threads: 1 },
  }).result;
  const { versions } = done.perNode!;
  assert.equal(versions.length, 11);
  for (const behind of versions) assert.ok(behind < 40, `${versions}`);
});
