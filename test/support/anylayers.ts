/** Any list of layers that fits its data: convolutions and pools over images of any shape, then layers over what is left. */

import fc from 'fast-check';
import type { Kind } from '../../src/threads/modelfile.js';
import { kindOf } from './made.js';

interface Sized {
  readonly words: readonly string[];
  readonly side: number;
  readonly channels: number;
}

const small = fc.constantFrom('relu', 'tanh', 'gelu', 'dropout-10', 'layernorm');

/** One layer over an image that is at least so large; sizes only go down. */
function overImage({ words, side, channels }: Sized, [what, a, b]: readonly [number, number, number]): Sized {
  const filters = 2 * (1 + (a % 3));
  if (what === 0 && side >= 3) {
    const size = [1, 3][b % 2];
    return { words: [...words, `conv-${filters}-${size}`], side: side - size + 1, channels: filters };
  }
  if (what === 1) {
    const stride = 1 + (b % 2);
    return { words: [...words, `conv-${filters}-3-${stride}-same`], side: Math.ceil(side / stride), channels: filters };
  }
  if (what === 2 && side >= 4) {
    const kind = ['max', 'mean'][b % 2];
    return { words: [...words, `${kind}-2`], side: Math.floor(side / 2), channels };
  }
  if (what === 3 && side * channels > channels) {
    const groups = channels % 2 === 0 ? 1 + (a % 2) : 1;
    return { words: [...words, `groupnorm-${groups}`], side, channels };
  }
  return { words: [...words, channels > 1 ? 'layernorm' : 'relu'], side, channels };
}

const images = fc
  .record({
    side: fc.integer({ min: 5, max: 9 }),
    channels: fc.constantFrom(1, 2, 3),
    isFlat: fc.boolean(),
    layers: fc.array(fc.tuple(fc.nat(4), fc.nat(5), fc.nat(5)), { minLength: 1, maxLength: 4 }),
    behind: fc.array(fc.oneof(small, fc.constantFrom('groupnorm-1', 'groupnorm-2', 'fc-6', 'fc-4')), { maxLength: 4 }),
    isGlobal: fc.boolean(),
    classes: fc.constantFrom(0, 2, 4),
  })
  .map(({ side, channels, isFlat, layers, behind, isGlobal, classes }) => {
    const shape = isFlat || channels === 1 ? [side, side] : [channels, side, side];
    const start: Sized = { words: [], side, channels: isFlat ? 1 : channels };
    const last = layers.reduce(overImage, start);
    const width = isGlobal ? last.channels : last.side * last.side * last.channels;
    const ends = [isGlobal ? 'mean' : 'flatten', ...fitting(width, behind)];
    return { spec: `layers:${[...last.words, ...ends].join(',')}`, kind: kindOf(shape, classes) };
  });

/** Norms need two values, and groups that divide them. */
function fitting(width: number, words: readonly string[]): string[] {
  const fits: string[] = [];
  for (const word of words) {
    if (/^(layernorm|groupnorm-1)$/.test(word) && width < 2) continue;
    if (word === 'groupnorm-2' && (width % 2 !== 0 || width < 4)) continue;
    fits.push(word);
    if (word.startsWith('fc-')) width = Number(word.slice(3));
  }
  return fits;
}

export const anyLayers: fc.Arbitrary<{ spec: string; kind: Kind }> = images;
