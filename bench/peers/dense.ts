/** What the peers in JavaScript share: dense layers from a sample file, whether two models are one, and steps a second. */

import { readFileSync } from 'node:fs';
import { readSafetensors } from '../../src/models/formats/safetensors.js';

export interface Dense {
  readonly model: string;
  readonly widths: readonly number[];
  readonly layers: readonly { readonly weights: Float32Array; readonly bias: Float32Array }[];
  readonly rows: number;
  /** rows x widths[0] */
  readonly inputs: Float32Array;
  /** rows x classes: 1 where the label is. */
  readonly chosen: Float32Array;
  readonly loss: number;
  /** Flat: the weights of a layer, inputs x outputs, then its bias; as `layers` are. */
  readonly gradient: Float32Array;
}

/** A sample of `softmax` or `mlp:WIDTH,...` with 10 classes. */
export function readDense(path: string): Dense {
  const { tensors, metadata } = readSafetensors(readFileSync(path), path);
  const [weights, gradient, inputs, targets, loss] = ['weights', 'gradient', 'inputs', 'targets', 'loss'].map(
    name => tensors.find(tensor => tensor.name === name)!,
  );
  const model = metadata.get('model')!;
  const classes = 10;
  const [rows, features] = inputs.shape;
  const widths = [features, ...(model.startsWith('mlp:') ? model.slice(4).split(',').map(Number) : []), classes];
  let place = 0;
  const take = (count: number) => weights.values.slice(place, (place += count));
  const layers = widths.slice(1).map((outputs, l) => ({ weights: take(widths[l] * outputs), bias: take(outputs) }));
  if (place !== weights.values.length) throw new Error(`${model}: ${place} weights expected, ${weights.values.length} found`);
  const chosen = new Float32Array(rows * classes);
  for (const [row, label] of targets.values.entries()) chosen[row * classes + label] = 1;
  return { model, widths, layers, rows, inputs: inputs.values, chosen, loss: loss.values[0], gradient: gradient.values };
}

/** Throws unless loss and gradient are those of the sample, up to 1e-4 of the largest element. */
export function sameModel(name: string, sample: Dense, loss: number, gradient: readonly Float32Array[]): void {
  const found = Float32Array.from(gradient.flatMap(part => [...part]));
  const largest = sample.gradient.reduce((most, x) => Math.max(most, Math.abs(x)), 0);
  const apart = sample.gradient.reduce((most, x, k) => Math.max(most, Math.abs(x - found[k])), 0) / largest;
  const lossApart = Math.abs(loss / sample.loss - 1);
  if (found.length !== sample.gradient.length || !(apart <= 1e-4) || !(lossApart <= 1e-4))
    throw new Error(`${name}, ${sample.model}: not the same model: loss off by ${lossApart}, gradient by ${apart}`);
}

/** Steps a second over at least `seconds`, after half as long to warm up. `settle` waits until all steps are really done. */
export async function stepsPerSecond(step: () => void, settle: () => Promise<unknown>, seconds: number): Promise<number> {
  const run = async (seconds: number) => {
    const start = performance.now();
    for (let steps = 1; ; steps++) {
      step();
      if (steps % 8 > 0) continue;
      await settle();
      const spent = (performance.now() - start) / 1000;
      if (spent >= seconds) return steps / spent;
    }
  };
  await run(seconds / 2);
  return run(seconds);
}
