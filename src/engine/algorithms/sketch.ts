/**
 * A gradient in 16 numbers, from which squared lengths and distances can be told: the gradient itself where it has no more, else its
 * products with 16 vectors of random signs, the same for all nodes, divided by 4. The sum of their squares is |g|^2 on average (Johnson
 * and Lindenstrauss 1984, with signs as in Achlioptas 2003), with a relative standard deviation of at most sqrt(2 / 16).
 */

import { source, word } from '../../random.js';

export const sketchWidth = 16;

/** `sketch(gradient, to)` writes 16 numbers. */
export type Sketch = (gradient: Float32Array, to: Float32Array) => void;

export function openSketch(parameters: number): Sketch {
  if (parameters <= sketchWidth) {
    return (gradient, to) => {
      to.fill(0);
      to.set(gradient);
    };
  }
  const draws = source(0, 'sketch');
  let signs: Uint16Array | undefined; // of a parameter, one bit a number
  const low = new Float64Array(256);
  const high = new Float64Array(256);
  return (gradient, to) => {
    const bits = (signs ??= Uint16Array.from({ length: parameters }, (_, k) => word(draws, 0, k)));
    // Sums over the parameters that share eight signs; of those the sixteen sums are made.
    low.fill(0);
    high.fill(0);
    for (let k = 0; k < parameters; k++) {
      const [x, eights] = [gradient[k], bits[k]];
      low[eights & 255] += x;
      high[eights >> 8] += x;
    }
    for (let bit = 0; bit < 8; bit++) {
      to[bit] = signed(low, bit) / 4;
      to[8 + bit] = signed(high, bit) / 4;
    }
  };
}

function signed(sums: Float64Array, bit: number): number {
  let sum = 0;
  for (let k = 0; k < 256; k++) sum += (k >> bit) & 1 ? sums[k] : -sums[k];
  return sum;
}
