/**
 * Nodes that attack (--attack): they learn from their own data as any other, and then commit something else. What others see of a node is its
 * row, and a row changes by what its node commits, so that is where an attack enters, in every algorithm, live and in virtual time. With D
 * the difference that the node has learnt from s:
 *
 *   sign       -scale D           it climbs where others descend
 *   noise      D + scale z        z from N(0, 1), fresh for each number and piece, from the seed of the run
 *   constant   scale - s          every number of its model is `scale`, but for what others mix into it meanwhile
 *   nan        not a number, everywhere
 *
 * Averages still move the row of such a node, and it commits no more often than others do: it is a node with a fault, or a bad one that keeps to
 * the protocol of exchanges. Worse ones tell every neighbour something else. It is left out of every figure, and of the mean model.
 */

import { HearsayError } from '../errors.js';
import type { Address } from '../models/kernels/kernels.js';
import { normal, source } from '../random.js';
import { numeric, oneOf, readSettings } from '../settings.js';
import { parseSpec, quote } from '../spec.js';
import type { Row } from './algorithm.js';
import type { Layout } from './layout.js';

export const attackKinds = ['sign', 'noise', 'constant', 'nan'] as const;

export interface AttackSettings {
  readonly node: number;
  readonly kind: (typeof attackKinds)[number];
  readonly scale: number;
}

export const attackSyntax =
  'node=I,kind=sign | noise | constant | nan[,scale=S] (a node of the run; S above 0, up to 1e9; left out it is 1)';

export const scaleRange = { above: 0, max: 1e9 };

/** Reads node=I,kind=K,scale=S, with a node below `nodes`. Throws CONFIG_RANGE, CONFIG_TYPE, CONFIG_UNKNOWN_KEY. */
export function readAttack(text: string, where: string, nodes: number): AttackSettings {
  const settings = {
    node: numeric('', { whole: true, min: 0, max: nodes - 1 }, -1),
    kind: oneOf('', attackKinds),
    scale: numeric('', scaleRange, 1),
  };
  const isOfPairs = text.split(',').every(part => part.includes('='));
  const spec = isOfPairs ? parseSpec(`attack:${text}`, where) : undefined;
  const read = spec && readSettings(spec, settings, where);
  if (read && read.node >= 0 && spec.options.kind !== undefined) return read;
  const remedy = `write ${where} node=3,kind=sign`;
  throw new HearsayError('CONFIG_RANGE', `${where}: found ${quote(text)}, allowed is ${attackSyntax}; ${remedy}`);
}

export function attackText({ node, kind, scale }: AttackSettings): string {
  return `node=${node},kind=${kind},scale=${scale}`;
}

/** What nodes that attack do to what they have learnt. */
export interface Attack {
  /** True for a node that attacks. */
  has(node: Row): boolean;
  /** Puts what the node would have come to, for what it commits in its piece number `piece`, in the place of what it has: from `base` to `work`. */
  strike(node: Row, work: Address, base: Address, piece: number): void;
}

/** Undefined when nobody attacks. */
export function openAttack(
  buffer: ArrayBufferLike,
  { shape }: Pick<Layout, 'shape'>,
  attacks: readonly AttackSettings[],
  seed: number,
): Attack | undefined {
  if (attacks.length === 0) return undefined;
  const { parameters } = shape;
  const noise = source(seed, 'attack');
  const byNode = new Map(attacks.map(attack => [attack.node, attack]));
  return {
    has: node => byNode.has(node),
    strike(node, work, base, piece) {
      const { kind, scale } = byNode.get(node)!;
      const w = new Float32Array(buffer, work, parameters);
      const s = new Float32Array(buffer, base, parameters);
      for (let k = 0; k < parameters; k++) {
        const d = Number.isFinite(w[k]) ? w[k] - s[k] : 0; // its own numbers may have run away: that is another matter
        if (kind === 'sign') w[k] = s[k] - scale * d;
        else if (kind === 'noise') w[k] = s[k] + d + scale * normal(noise, node, Math.imul(piece, parameters) + k);
        else w[k] = kind === 'constant' ? scale : Number.NaN;
      }
    },
  };
}
