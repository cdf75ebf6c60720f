import type { Address } from '../memory.js';

/** Element-wise functions of a layer (`to` may be `from`) and their derivatives, multiplied into `d`. */
export interface ActivationKernels {
  /** to = max(0, from). */
  relu(to: Address, from: Address, n: number): void;
  /** d = 0 where the output y is not positive. */
  reluGradient(d: Address, y: Address, n: number): void;
  /** to = tanh(from). */
  tanh(to: Address, from: Address, n: number): void;
  /** d *= 1 - y^2 for the output y. */
  tanhGradient(d: Address, y: Address, n: number): void;
  /** to = z Phi(z), Phi the normal distribution function (Hendrycks and Gimpel 2016, the exact form). */
  gelu(to: Address, from: Address, n: number): void;
  /** The same, and its derivative: slope = Phi(z) + z phi(z). It takes less time to keep than to find again. */
  geluKept(to: Address, slope: Address, from: Address, n: number): void;
  /** to *= by */
  multiply(to: Address, by: Address, n: number): void;
}
