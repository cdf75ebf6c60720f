/** How to property-test a model of one's own: its gradient against finite differences. */

import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import hinge from '../../examples/hinge.js';
import { cases } from '../support/cases.js';

test('hinge: the gradient is the slope of the loss', () => {
  fc.assert(
    fc.property(fc.integer({ min: 1, max: 6 }), fc.integer({ min: 2, max: 4 }), fc.nat(), (features, classes, seed) => {
      const model = hinge({}, { features, shape: [features], classes });
      const noise = (k: number) => Math.sin(seed + k * 12.9898) / 2;
      const session = model.open(undefined as never, new Float32Array(0), 3); // it uses no kernels and no work memory
      const batch = {
        rows: 3,
        inputs: Float32Array.from({ length: 3 * features }, (_, k) => noise(k)),
        targets: Int32Array.from({ length: 3 }, (_, row) => (row + seed) % classes),
      };
      const weights = Float32Array.from({ length: model.parameters }, (_, k) => noise(k + 100));
      const gradient = new Float32Array(model.parameters);
      const scratch = new Float32Array(model.parameters);
      session.gradient(weights, gradient, batch);
      for (let k = 0; k < model.parameters; k++) {
        const at = (step: number) => {
          const moved = weights.slice();
          moved[k] += step;
          return session.gradient(moved, scratch, batch);
        };
        const [low, high] = [at(-1 / 512), at(1 / 512)];
        const [left, right] = [256 * (at(0) - low) * 2, 256 * (high - at(0)) * 2];
        if (Math.abs(left - right) > 1e-3) continue; // a kink of the loss lies between
        assert.ok(Math.abs((left + right) / 2 - gradient[k]) < 2e-3, `${(left + right) / 2} against ${gradient[k]}`);
      }
    }),
    cases(1_000),
  );
});
