/** What every format owes to a standardized model: raw rows in, the same predictions out. */

import assert from 'node:assert/strict';
import type { Kind } from '../../src/threads/modelfile.js';
import type { TrainedModel } from '../../src/threads/trained.js';
import { apart, kindOf, made, rowsFor } from './made.js';

/** Units that are large, shifted, constant and tiny; and bytes. */
const kinds = (() => {
  const mean = Float64Array.of(1.6e9 + 37, -3, 0, 7e-6);
  const factor = Float64Array.of(1e-3, 2, 0, 3e5);
  const whole = { mean: Float64Array.of(0.13), factor: Float64Array.of(3.2) };
  return [
    kindOf([4], 3, { standard: { mean, factor } }),
    kindOf([2, 2], 3, { standard: { mean, factor } }),
    kindOf([2, 2], 3, { standard: whole, scale: 1 / 255 }),
    kindOf([2, 2], 3, { scale: -1 / 255, shift: 1 }),
  ];
})();

/** `predicted` writes the model, and has other software read it and tell what it makes of the rows. */
export async function requireRawRows(
  predicted: (model: TrainedModel, kind: Kind, inputs: Float32Array | Uint8Array) => Promise<Float32Array>,
): Promise<void> {
  for (const kind of kinds) {
    const model = await made('mlp:6', kind);
    const inputs = rowsFor(kind, 50);
    assert.ok(apart(await predicted(model, kind, inputs), model.predict(inputs)) < 1e-5);
    if (kind.scale === 1) continue;
    const bytes = Uint8Array.from({ length: 200 }, (_, k) => (k * 37) % 256);
    const own = model.predict(bytes);
    assert.ok(apart(await predicted(model, kind, bytes), own) < 1e-5);
    assert.ok(apart(model.predict(Float32Array.from(bytes)), own) > 1e-2, 'bytes are no numbers');
  }
}
