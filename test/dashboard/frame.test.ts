/** A glance on its way to the page: bytes that mean what the numbers were. */

import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { type Look, openFrames } from '../../src/dashboard/frame.js';
import { mostEdges, mostNodes, viewOf } from '../../src/dashboard/view.js';
import { topology } from '../../src/topology/topology.js';
import { cases } from '../support/cases.js';

const bytes = (text: string) => new Uint8Array(Buffer.from(text, 'base64'));
const pairs = (text: string) => new Uint16Array(bytes(text).buffer);

function lookOf(losses: readonly number[], drew: readonly number[]): Look {
  const count = losses.length;
  return {
    ...{ state: 'training', seconds: 1, time: null, steps: 10, exchanges: 5, seats: [] },
    staleness: new Float64Array(128),
    nodes: {
      steps: new Uint32Array(count).fill(7),
      loss: Float32Array.from(losses),
      behind: new Uint16Array(count),
      alive: new Uint8Array(count).fill(1),
      drew: Int32Array.from(drew),
    },
  };
}

test('losses come back within half a step of the scale or stand at its ends, and what is not known stays so', () => {
  const loss = fc.oneof(fc.double({ min: 1e-3, max: 1e3, noNaN: true }), fc.constant(Number.NaN));
  fc.assert(
    fc.property(fc.array(loss, { minLength: 3, maxLength: 50 }), losses => {
      const view = viewOf(topology('ring', losses.length, 1));
      const {
        loss: spread,
        scale,
        nodes,
      } = openFrames(view)(
        lookOf(
          losses,
          losses.map(() => -1),
        ),
      );
      const known = losses.filter(value => !Number.isNaN(value));
      assert.equal(spread === null, known.length === 0);
      const codes = bytes(nodes.loss);
      if (!scale) return;
      const [low, high] = scale.map(Math.log);
      const inside = (value: number) => Math.min(high, Math.max(low, Math.log(value)));
      losses.forEach((value, k) => {
        if (Number.isNaN(value)) assert.equal(codes[k], 255);
        else assert.ok(Math.abs(low + (codes[k] / 254) * (high - low) - inside(value)) <= (high - low) / 508 + 1e-4);
      });
      const beyond = known.filter(value => Math.abs(inside(value) - Math.log(value)) > 1e-4);
      assert.ok(
        beyond.every(value => value < scale[1] / 9999) || known.length > 50,
        'of few nodes only a loss of nothing is beyond',
      );
    }),
    cases(200),
  );
});

test('exchanges are those between nodes that are shown, sampled evenly where they are many', () => {
  const graph = topology('ring', 900, 1);
  const drew = Array.from({ length: 900 }, (_, node) => (node + 1) % 900);
  const { flashes, of } = openFrames(viewOf(graph))(
    lookOf(
      drew.map(() => 1),
      drew,
    ),
  );
  const found = pairs(flashes);
  assert.equal(of, 900);
  assert.ok(found.length > 700 && found.length <= 800, `${found.length}`);
  for (let k = 0; k < found.length; k += 2) assert.equal(found[k + 1], (found[k] + 1) % 900);
  assert.ok(found.includes(0) && found.at(-1)! > 880, 'from one end to the other');
});

test('of ten thousand nodes a connected thousand is drawn, and every one is a cell', () => {
  for (const name of ['ring', 'torus', 'regular:4', 'complete']) {
    const graph = topology(name, 10_000, 1);
    const view = viewOf(graph);
    assert.equal(view.shown.length, mostNodes);
    assert.ok(view.edges.length <= 2 * mostEdges);
    assert.ok(view.shown.every((node, k) => k === 0 || node > view.shown[k - 1]));
    if (name !== 'complete') assert.ok(view.edges.length / 2 >= mostNodes - 1, `${name}: ${view.edges.length / 2} edges`);
    const losses = Array.from({ length: 10_000 }, (_, node) => 1 + node);
    const look = lookOf(
      losses,
      losses.map(() => -1),
    );
    const frame = openFrames(view)(look);
    assert.equal(frame.cells!.each, 1);
    assert.equal(bytes(frame.cells!.loss).length, 10_000);
    assert.deepEqual(
      frame.worst.map(([node]) => node),
      [9999, 9998, 9997, 9996, 9995, 9994, 9993, 9992],
    );
    assert.ok(JSON.stringify(frame).length < 24_000, `${JSON.stringify(frame).length} characters`);
  }
});

test('steps of a node since the frame before', () => {
  const frames = openFrames(viewOf(topology('ring', 3, 1)));
  const look = lookOf([1, 1, 1], [-1, -1, -1]);
  frames(look);
  look.nodes.steps[1] += 4;
  look.nodes.steps[2] += 4000;
  assert.deepEqual([...bytes(frames(look).nodes.moved)], [0, 4, 255]);
});
