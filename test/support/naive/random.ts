/**
 * A stateful generator for the naive simulations, on purpose not the counted one of src/random.ts: sfc32 (Doty-Humphrey's small fast
 * counting generator of PractRand), with Box-Muller normals.
 */

export interface Random {
  /** Uniform in (0, 1). */
  uniform(): number;
  /** A whole number from 0 to bound - 1. */
  below(bound: number): number;
  exponential(mean: number): number;
  /** Mean 0, variance 1. */
  normal(): number;
}

export function random(seed: number): Random {
  let [a, b, c, counter] = [seed | 0, Math.floor(seed / 2 ** 32) | 0, 0x243f6a88, 1];
  const word = () => {
    const sum = (a + b + counter) | 0;
    counter = (counter + 1) | 0;
    a = b ^ (b >>> 9);
    b = (c + (c << 3)) | 0;
    c = ((c << 21) | (c >>> 11)) + sum;
    return sum >>> 0;
  };
  for (let k = 0; k < 20; k++) word();
  const uniform = () => (word() + 0.5) / 2 ** 32;
  return {
    uniform,
    below: bound => Math.floor(uniform() * bound),
    exponential: mean => -mean * Math.log(uniform()),
    normal: () => Math.sqrt(-2 * Math.log(uniform())) * Math.cos(2 * Math.PI * uniform()),
  };
}
