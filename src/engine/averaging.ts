/**
 * How models are averaged (--average), where that is more than a weighted sum: with the variance of each layer restored (correct.ts), with
 * what is far from a node shortened (clipped.ts), or number by number, without the outermost (trimmed.ts). It takes the place of the
 * averages of every verb: pairs and messages by row kernels, neighbourhoods by what comes after a sum.
 */

import { HearsayError } from '../errors.js';
import type { RowKernels } from '../models/kernels/contract/rows.js';
import type { Layer } from '../models/model.js';
import { numeric, oneOf, optional, readSettings } from '../settings.js';
import { parseSpec, quote } from '../spec.js';
import type { Algorithm } from './algorithm.js';
import { type Clip, clippedSum, clipping } from './clipped.js';
import { type CorrectionSettings, correcting, correctionSettings, openCorrection } from './correct.js';
import { correctSums, type Places, withoutDeltas } from './correctedsum.js';
import { sumsByWhole } from './neighbourhood.js';
import type { Lists } from './op.js';
import { trimmedSum } from './trimmed.js';

export type AverageSettings =
  | ({ readonly kind: 'corrected' } & CorrectionSettings)
  | ({ readonly kind: 'clipped' } & Clip)
  /** `cut` of each number are left out at either end: as many as there are, but for the middle, where it is infinite. */
  | { readonly kind: 'trimmed'; readonly cut: number };

export const averageSyntax = 'plain | corrected, with :own=C,eps=E | clipped:radius=R | clipped:cut=K | median | trimmed:cut=K';

const kinds = {
  plain: {},
  corrected: correctionSettings,
  clipped: {
    radius: optional(numeric('how far another model may be that is taken whole', { above: 0, max: 1e30 }, 1), '1'),
    cut: optional(numeric('neighbours that may be farther than the radius', { whole: true, min: 1, max: 1000 }, 1), 'none'),
  },
  median: {},
  trimmed: { cut: numeric('numbers that are left out at either end', { whole: true, min: 1, max: 1000 }, 1) },
};

/** Undefined for `plain`. Throws CONFIG_RANGE or CONFIG_UNKNOWN_KEY. */
export function readAverage(text: string, where = 'average'): AverageSettings | undefined {
  const spec = parseSpec(text, where);
  const kind = oneOf('', ['plain', 'corrected', 'clipped', 'median', 'trimmed']).read(spec.name, where);
  if (kind === 'corrected') return { kind, ...readSettings(spec, kinds.corrected, where) };
  if (kind === 'clipped') return { kind, ...clipOf(readSettings(spec, kinds.clipped, where), text, where) };
  if (kind === 'trimmed') return { kind, ...readSettings(spec, kinds.trimmed, where) };
  readSettings(spec, {}, where);
  return kind === 'median' ? { kind: 'trimmed', cut: Number.POSITIVE_INFINITY } : undefined;
}

function clipOf({ radius, cut }: { radius?: number; cut?: number }, text: string, where: string): Clip {
  if (cut === undefined) return { radius: radius ?? 1 };
  if (radius === undefined) return { cut };
  throw new HearsayError(
    'CONFIG_RANGE',
    `${where}: found ${quote(text)}, allowed is a radius, or a cut from which it follows; leave one of them out`,
  );
}

/** Throws CONFIG_RANGE for an average that the algorithm has no place for. */
export function requireAverage(text: string, settings: AverageSettings, { name, averages, among }: Algorithm): void {
  const refuse = (what: string, those: string) => {
    const remedy = `leave it out, or take one that does: ${those}`;
    return new HearsayError('CONFIG_RANGE', `average: found ${quote(text)}, but algorithm ${name} ${what}; ${remedy}`);
  };
  if (settings.kind === 'corrected') {
    if (!averages) throw refuse('averages no models', 'swarm, gossip, local');
  } else if (settings.kind === 'clipped') {
    if (!among)
      throw refuse('has no averages of models as they are, that each node centres on its own', 'swarm, gossip, dpsgd, local');
    if (settings.cut !== undefined && among === 'pair')
      throw refuse('knows no neighbours to compare one with: write clipped:radius=R', 'dpsgd, local, allreduce');
  } else if (among === undefined || among === 'pair')
    throw refuse('averages no more than two models at once', 'dpsgd, local, allreduce');
}

/** The fewest models that a median, or a mean without the outermost, takes: one bad among them is then outvoted. */
const fewest = 4;

/**
 * Throws CONFIG_RANGE where some node has too few neighbours for it: `degree` is that of a node. With `cut` bad models of 2 cut + 1, what
 * is left lies between good ones.
 */
export function requireNeighbours(
  text: string,
  { cut }: { readonly cut: number },
  { among }: Algorithm,
  nodes: number,
  degree: (node: number) => number,
): void {
  const need = Math.max(fewest, Number.isFinite(cut) ? 2 * cut + 1 : 0);
  for (let node = 0; node < nodes; node++) {
    const models = among === 'all' ? nodes : degree(node) + 1;
    if (models >= need) continue;
    const found = among === 'all' ? `a mean of ${models} models` : `node ${node} with ${models - 1} neighbours`;
    const allowed = `allowed is ${need - 1} neighbours and more`;
    throw new HearsayError(
      'CONFIG_RANGE',
      `average: found ${quote(text)} and ${found}, ${allowed}: take more nodes, topology complete or regular:K, or average clipped, which has no such bound`,
    );
  }
}

export interface Averaging {
  /** Row kernels whose averages of two models are such. */
  of(kernels: RowKernels): RowKernels;
  /** The sum as it is to be made before `after` is called, by one thread, with all of it in place. */
  before(lists: Lists, rows: number): Lists;
  after(lists: Lists, rows: number, places: Places): void;
}

/** `buffer` holds the models, `layers` their tensors. */
export function openAveraging(buffer: ArrayBufferLike, layers: readonly Layer[], settings: AverageSettings): Averaging {
  if (settings.kind === 'corrected') {
    const correction = openCorrection(buffer, layers, settings);
    return {
      of: kernels => correcting(kernels, correction),
      before: withoutDeltas,
      after: (lists, rows, places) => correctSums(correction, lists, rows, places),
    };
  }
  const rule = settings.kind === 'clipped' ? clippedSum(settings) : trimmedSum(settings.cut);
  return {
    of: kernels => (settings.kind === 'clipped' && settings.radius !== undefined ? clipping(kernels, settings.radius) : kernels),
    before: withoutDeltas,
    after: (lists, rows, places) => sumsByWhole(rule, lists, rows, places, buffer),
  };
}
