/** The slope of a model's loss along a direction, by its gradient and by finite differences. */

import type { Opened } from './open.js';

/**
 * By how much the two differ, relative above 1; undefined where a kink (of relu, of the largest in a window) lies between the points, so
 * that the differences say nothing. The weights are changed. Losses are those of training: what is dropped is dropped each time.
 */
export function slopeError(
  { session, weights, gradient, state, batch }: Pick<Opened, 'session' | 'weights' | 'gradient' | 'state' | 'batch'>,
  seed: number,
): number | undefined {
  session.gradient(weights, gradient, batch);
  const start = weights.slice();
  const direction = Float64Array.from(gradient, (g, i) => g + 0.1 * Math.cos(seed + 7 * i));
  const length = Math.sqrt(direction.reduce((sum, d) => sum + d * d, 0));
  const slope = direction.reduce((sum, d, i) => sum + (d / length) * gradient[i], 0);
  const h = 2 ** -7;
  const move = (by: number) => {
    for (let i = 0; i < weights.length; i++) weights[i] = start[i] + (by * direction[i]) / length;
    return session.gradient(weights, state, batch);
  };
  // Richardson's extrapolation: the error of the central difference falls with h^4
  const wide = (move(h) - move(-h)) / (2 * h);
  const near = (move(h / 2) - move(-h / 2)) / h;
  const measured = (4 * near - wide) / 3;
  // a kink among the five points shows in first or second differences
  const bend = move(h) - 2 * move(0) + move(-h) - 4 * (move(h / 2) - 2 * move(0) + move(-h / 2));
  if (Math.abs(near - wide) >= 2e-3 * (1 + Math.abs(near)) || Math.abs(bend) >= 2e-3 * h) return undefined;
  return Math.abs(measured - slope) / (1 + Math.abs(slope));
}
