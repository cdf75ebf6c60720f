/** Layers that go element by element: activations, and dropout. */

import { word } from '../../random.js';
import { type ActivationName, activations } from '../activation.js';
import { type LayerOf, plain, sizeOf } from './layer.js';

export function activation(name: ActivationName): LayerOf {
  const { apply, keep, back } = activations[name];
  return input => {
    const size = sizeOf(input);
    return {
      ...plain,
      name,
      operation: { kind: 'activation', name },
      output: input,
      looksAt: { input: false, output: !keep },
      inPlace: true,
      kept: most => (keep ? most * size : 0),
      forward({ kernels, rows, chance }, { x, y, kept }) {
        if (keep && chance) keep(kernels, y, kept, x, rows * size);
        else apply(kernels, y, x, rows * size);
      },
      backward({ kernels, rows }, { y, dx, dy, kept }) {
        if (dx === 0) return;
        if (dx !== dy) kernels.copy(dx, dy, rows * size);
        back(kernels, dx, keep ? kept : y, rows * size);
      },
    };
  };
}

/**
 * Zeroes a share `rate` of the values in training, at random, and scales the others up (Srivastava et al. 2014, inverted). `place` tells
 * this layer's draws from those of others. The way back draws the same again.
 */
export function dropout(rate: number, place: number): LayerOf {
  return input => {
    const size = sizeOf(input);
    return {
      ...plain,
      name: 'dropout',
      operation: { kind: 'dropout', rate },
      output: input,
      looksAt: { input: false, output: false },
      inPlace: true,
      forward({ kernels, rows, chance }, { x, y }) {
        if (!chance) {
          if (x !== y) kernels.copy(y, x, rows * size);
          return;
        }
        const [a, b] = keyOf(chance);
        kernels.dropout(y, x, rows * size, rate, a, b);
      },
      backward({ kernels, rows, chance }, { dx, dy }) {
        if (dx === 0) return;
        const [a, b] = keyOf(chance!);
        kernels.dropout(dx, dy, rows * size, rate, a, b);
      },
    };
  };

  function keyOf({ source, node, step }: { source: { a: number; b: number }; node: number; step: number }): [number, number] {
    const drawn = word(source, node, step);
    return [Math.imul(drawn ^ place, 0x9e3779b1), word(source, drawn, place)];
  }
}
