import type { Address } from '../memory.js';

/**
 * A rating z of a user and an item, the two numbers of a row of `inputs` (f32): z = mu + b(user) + b(item) + p(user).q(item). Weights are mu,
 * the biases of users and of items, p (users x rank) and q (items x rank). Sums of products as those of sparse rows; the same bits in
 * every set.
 */
export interface FactorKernels {
  /** scores (rows) = z of the rows of `inputs` whose numbers stand in `numbers` (i32). */
  factorScores(
    scores: Address,
    weights: Address,
    users: number,
    items: number,
    rank: number,
    inputs: Address,
    numbers: Address,
    rows: number,
  ): void;
  /** Row after row: into += slope x dz/dw, and l2 w of the biases and factors of its user and its item. */
  factorAdd(
    into: Address,
    slopes: Address,
    weights: Address,
    users: number,
    items: number,
    rank: number,
    inputs: Address,
    numbers: Address,
    rows: number,
    l2: number,
  ): void;
  /**
   * Steps of SGD, of `batch` rows each: w -= rate / batch x (the sum of (z - target) dz/dw + l2 w, the latter of what a row's user and item
   * have), all by the weights before the step (Koren, Bell, Volinsky 2009). `work` has batch (2 rank + 3) floats. Returns the sum over steps
   * of the mean of (z - target)^2 / 2.
   */
  factorSweep(
    weights: Address,
    users: number,
    items: number,
    rank: number,
    inputs: Address,
    targets: Address,
    numbers: Address,
    rates: Address,
    steps: number,
    batch: number,
    l2: number,
    work: Address,
  ): number;
}
