/**
 * Counted randomness: a draw is a function of (seed, purpose, node, draw number) and of nothing else. There is no state, so any
 * thread may run any node, work that is redone draws the same numbers, and a seed replays a run. Our own construction: two rounds
 * of a 32-bit finalizer (constants of Chris Wellons' `triple32`), keyed by two words.
 */

import { logarithm } from './logarithm.js';

/** The key of one purpose under one seed. */
export interface Source {
  readonly a: number;
  readonly b: number;
}

/** The source of draws for `purpose` under `seed` (an integer, 0 to 2^53 - 1). Different purposes give unrelated draws. */
export function source(seed: number, purpose: string): Source {
  let hash = 0x811c9dc5; // FNV-1a
  for (let i = 0; i < purpose.length; i++) hash = Math.imul(hash ^ purpose.charCodeAt(i), 0x01000193);
  const low = mix((seed | 0) ^ mix(hash));
  const high = mix(Math.floor(seed / 2 ** 32) + 0x9e3779b9);
  return { a: mix(low + high), b: mix(low ^ Math.imul(high, 0x85ebca6b)) };
}

/** Draw number `draw` of `node`: an unsigned 32-bit word. */
export function word(source: Source, node: number, draw: number): number {
  const a = mix(source.a ^ node);
  const b = Math.imul(source.b + node, 0x9e3779b1);
  return mix(mix(draw ^ a) + b) >>> 0;
}

/** Uniform in [0, 1), in steps of 2^-32. */
export function uniform(source: Source, node: number, draw: number): number {
  return word(source, node, draw) * 2 ** -32;
}

/** A whole number in 0..bound-1. The bias is below bound / 2^32. */
export function below(source: Source, node: number, draw: number, bound: number): number {
  return Math.floor(uniform(source, node, draw) * bound);
}

/** Exponential with mean 1. */
export function exponential(source: Source, node: number, draw: number): number {
  return -logarithm((word(source, node, draw) + 0.5) * 2 ** -32);
}

/** Normal with mean 0 and variance 1, by the inverse distribution (Acklam's rational approximation, relative error 1.2e-9). */
export function normal(source: Source, node: number, draw: number): number {
  return quantile((word(source, node, draw) + 0.5) * 2 ** -32);
}

/**
 * The element at `position` of a pseudo-random permutation of 0..size-1, without storing the permutation: four rounds of a Feistel
 * network over the next power of two, walked on until the value falls inside. `round` selects the permutation (an epoch, say).
 * `size` is 1 to 2^30.
 */
export function permuted(source: Source, node: number, round: number, position: number, size: number): number {
  return permutedBy(word(source, node, round), position, size);
}

/** The same for the permutation that `key`, a draw, selects. */
export function permutedBy(key: number, position: number, size: number): number {
  const bits = 32 - Math.clz32(size - 1);
  const low = bits >>> 1;
  const lowMask = (1 << low) - 1;
  const highMask = (1 << (bits - low)) - 1;
  let value = position;
  do {
    let left = value >>> low;
    let right = value & lowMask;
    for (let k = 0; k < 4; k += 2) {
      left ^= mix(right + Math.imul(key + k, 0x9e3779b1)) & highMask;
      right ^= mix(left + Math.imul(key + k + 1, 0x9e3779b1)) & lowMask;
    }
    value = (left << low) | right;
  } while (value >= size);
  return value;
}

function mix(x: number): number {
  x ^= x >>> 17;
  x = Math.imul(x, 0xed5ad4bb);
  x ^= x >>> 11;
  x = Math.imul(x, 0xac4c1b51);
  x ^= x >>> 15;
  x = Math.imul(x, 0x31848bab);
  return x ^ (x >>> 14);
}

function quantile(p: number): number {
  if (p > 0.5) return -quantile(1 - p);
  if (p < 0.02425) {
    const q = Math.sqrt(-2 * logarithm(p));
    return (
      (((((-7.784894002430293e-3 * q - 3.223964580411365e-1) * q - 2.400758277161838) * q - 2.549732539343734) * q +
        4.374664141464968) *
        q +
        2.938163982698783) /
      ((((7.784695709041462e-3 * q + 3.224671290700398e-1) * q + 2.445134137142996) * q + 3.754408661907416) * q + 1)
    );
  }
  const q = p - 0.5;
  const r = q * q;
  return (
    ((((((-3.969683028665376e1 * r + 2.209460984245205e2) * r - 2.759285104469687e2) * r + 1.38357751867269e2) * r -
      3.066479806614716e1) *
      r +
      2.506628277459239) *
      q) /
    (((((-5.447609879822406e1 * r + 1.615858368580409e2) * r - 1.556989798598866e2) * r + 6.680131188771972e1) * r -
      1.328068155288572e1) *
      r +
      1)
  );
}
