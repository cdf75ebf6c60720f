/** A model with a problem beside it: each gradient is that of its own problem, and both are solved by nodes that talk to two neighbours. */

import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import centred from '../../examples/centred.js';
import { train } from '../../src/index.js';
import { cases } from '../support/cases.js';

test('centred: x has the slope of its loss, theta the way to the mean input', () => {
  fc.assert(
    fc.property(fc.integer({ min: 1, max: 5 }), fc.nat(), (features, seed) => {
      const model = centred({ ridge: '0.1' }, { features, shape: [features], classes: 0 });
      const noise = (k: number) => Math.sin(seed + k * 12.9898) / 2;
      const session = model.open(undefined as never, new Float32Array(0), 3);
      const batch = {
        rows: 3,
        inputs: Float32Array.from({ length: 3 * features }, (_, k) => noise(k)),
        targets: Float32Array.from({ length: 3 }, (_, row) => noise(row + 50)),
      };
      const weights = Float32Array.from({ length: model.parameters }, (_, k) => noise(k + 100));
      const gradient = new Float32Array(model.parameters);
      const scratch = new Float32Array(model.parameters);
      session.gradient(weights, gradient, batch);
      for (let k = 0; k <= features; k++) {
        const at = (step: number) => {
          const moved = weights.slice();
          moved[k] += step;
          return session.gradient(moved, scratch, batch);
        };
        const slope = 128 * (at(1 / 256) - at(-1 / 256));
        assert.ok(Math.abs(slope - gradient[k]) < 2e-3, `${slope} against ${gradient[k]}`);
      }
      for (let k = 0; k < features; k++) {
        const mean = [0, 1, 2].reduce((sum, row) => sum + batch.inputs[row * features + k], 0) / 3;
        assert.ok(Math.abs(gradient[features + 1 + k] - (weights[features + 1 + k] - mean)) < 1e-6);
      }
    }),
    cases(300),
  );
});

test('cdsa solves both: the loss falls, live and in virtual time, and so it does again', async () => {
  const model = `${new URL('../../examples/centred.js', import.meta.url).href}:ridge=0.001`;
  const input = {
    ...{ data: 'synthetic:task=linear,rows=400,features=4,test=200', model, nodes: 6, topology: 'ring', batch: 4, threads: 2 },
    ...{ algorithm: 'cdsa:ratio=2', optimizer: 'sgd:rate=4,schedule=harmonic,offset=20', epochs: 20 },
  };
  for (const deterministic of [false, true]) {
    const [first, second] = [await train({ ...input, deterministic }).result, await train({ ...input, deterministic }).result];
    const losses = first.samples.map(({ loss }) => loss);
    assert.ok(losses.at(-1)! < 0.005, `${losses}`); // at zero it is about 1
    if (deterministic) assert.equal(first.done.parametersHash, second.done.parametersHash);
  }
});
