/**
 * A vector on its way to someone who has a vector near it, through the lattice: the side follows from how far apart such vectors were
 * before. What arrives wrong is seen, by its stamp; the receiver says so, and the sender doubles the side, four times, and then sends
 * the floats as they are.
 */

import type { LatticeKernels } from '../../models/kernels/contract/lattice.js';
import type { RowKernels } from '../../models/kernels/contract/rows.js';
import type { Address } from '../../models/kernels/kernels.js';
import { enough, reachOf } from './few.js';
import { latticeBits, latticeReach, powerOfTwo, sideFor } from './lattice.js';

/** How models travel through a lattice, in fewer bits than floats (after Davies et al. 2021, as SwarmSGD uses it). */
export interface Quantization {
  /** Bits of a coordinate, 2 to 16. */
  readonly bits: number;
  /**
   * How a coordinate finds its point of the lattice: by a dither that both sides know, or at random. Unbiased both; the first is closer.
   */
  readonly rounding: 'dither' | 'stochastic';
  /** Random signs and a Hadamard transform before: differences in few coordinates are then spread over all. Few bits need it. */
  readonly rotation: boolean;
}

/** How many times the running measure of a distance a radius is at least; at most twice that, as sides are powers of two. */
export const safety = 2;

/** Doublings of the side before a vector goes as it is. */
export const doublings = 4;

/** The running measure: up at once, down by an eighth of the way. A distance that is no number leaves it as it is. */
export function measure(before: number, distance: number): number {
  if (!Number.isFinite(distance)) return before;
  return distance > before ? distance : Math.fround(before + (distance - before) / 8);
}

/** Coordinates that travel: of a rotated vector a power of two, 4 at least. */
export function travelling(parameters: number, { rotation }: Quantization): number {
  return rotation ? 2 ** Math.max(2, 32 - Math.clz32(Math.max(parameters - 1, 0))) : parameters;
}

/** Bytes of one message of codes, its side and its stamp included. */
export function messageBytes(parameters: number, quantization: Quantization): number {
  return latticeBits(travelling(parameters, quantization), quantization.bits) / 8;
}

export interface Transfer {
  /** Since it was opened: messages of codes, those of retries included; answers that one was too far; vectors that went as they are. */
  messages: number;
  retries: number;
  plain: number;
  /**
   * Of the last vector: the largest difference between what arrived and what the receiver had; with few bits the root mean square of the
   * differences between what was sent and that.
   */
  distance: number;
  /**
   * Sends the vector `from` to the holder of `near`, whose distance is measured as `measured` (0: not yet, so that it goes as it is). True:
   * what arrives is in `to`. False: it went as it is, and `to` is void. `a` and `b` are the key of the draws.
   */
  send(to: Address, from: Address, near: Address, measured: number, a: number, b: number): boolean;
}

/** For vectors of n coordinates. `codes` has room for the codes, `stamp` for two words. */
export function openTransfer(
  kernels: LatticeKernels & Pick<RowKernels, 'squaredDistance'>,
  n: number,
  { bits, rounding }: Quantization,
  codes: Address,
  stamp: Address,
): Transfer {
  const dithered = rounding === 'dither' ? 1 : 0;
  const few = bits < enough;
  /** What must decode rightly, in distances as they are measured. */
  const radius = few ? reachOf(n) : safety;

  /** The lattice adds side^2/12 to the mean square of what arrives; what is left may be anything down to 0, of which a side must stay. */
  function rootMeanSquare(a: Address, b: Address, side: number): number {
    const found = kernels.squaredDistance(a, b, n) / n - side ** 2 / 12;
    return found > 0 ? Math.fround(Math.sqrt(found)) : found <= 0 ? Math.fround(side * 2 ** -8) : found;
  }

  /** Encodes with the side, or the least larger one that the vector fits; 0: it fits none. */
  function encode(from: Address, side: number, a: number, b: number): number {
    const largest = kernels.encodeLattice(codes, stamp, from, n, bits, side, a, b);
    if (largest <= latticeReach * side) return side;
    if (!Number.isFinite(largest)) return 0;
    const fitting = powerOfTwo(largest / latticeReach);
    kernels.encodeLattice(codes, stamp, from, n, bits, fitting, a, b);
    return fitting;
  }

  const transfer: Transfer = {
    messages: 0,
    retries: 0,
    plain: 0,
    distance: 0,
    send(to, from, near, measured, a, b) {
      let side = measured > 0 ? encode(from, sideFor(radius * measured, bits), a, b) : 0;
      for (let doubled = 0; side > 0; doubled++) {
        transfer.messages++;
        transfer.distance = kernels.decodeLattice(to, codes, stamp, near, n, bits, side, a, b, dithered);
        if (transfer.distance >= 0) {
          if (few) transfer.distance = rootMeanSquare(to, near, side);
          return true;
        }
        transfer.retries++;
        if (doubled === doublings) break;
        a = (a + 0x9e3779b9) | 0;
        side = encode(from, 2 * side, a, b);
      }
      transfer.plain++;
      transfer.distance = few ? rootMeanSquare(from, near, 0) : kernels.farthest(from, near, n);
      return false;
    },
  };
  return transfer;
}
