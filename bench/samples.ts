/** Weights, a batch, the loss and the gradient of compared models as files, by which a peer shows that its model is the same. */

import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { writeSafetensors } from '../src/models/formats/safetensors.js';
import type { Compared } from './compared.js';
import { opened } from './opened.js';

/** Largest difference to a peer's gradient, as a part of the largest element of each tensor, at which two models count as one. */
export const tolerance = 1e-4;

/** Writes FOLDER/NAME.safetensors: flat vectors 'weights' and 'gradient', 'inputs', 'targets' and 'loss', and the model as metadata. Returns its path. */
export function writeSample(folder: string, compared: Compared, set: string, rows: number): string {
  const { model, session, weights, gradient, batch } = opened(compared, rows, set);
  const loss = session.gradient(weights, gradient, batch);
  const bytes = writeSafetensors(
    [
      { name: 'weights', shape: [model.parameters], values: weights },
      { name: 'gradient', shape: [model.parameters], values: gradient },
      { name: 'inputs', shape: [rows, compared.task.features], values: batch.inputs },
      { name: 'targets', shape: [rows], values: Float32Array.from(batch.targets) },
      { name: 'loss', shape: [1], values: Float32Array.of(loss) },
    ],
    { model: compared.model },
  );
  const path = join(folder, `${compared.model.replace(/\W+/g, '-')}.safetensors`);
  writeFileSync(path, bytes);
  return path;
}
