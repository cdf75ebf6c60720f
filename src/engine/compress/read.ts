/** Compressors as people write them. */

import { decimal, type Range, rangeWords, within } from '../../decimal.js';
import { HearsayError } from '../../errors.js';
import { suggestion } from '../../nearest.js';
import { parseSpec, quote } from '../../spec.js';
import { type Compressor, identity } from './compressor.js';
import { lattice } from './lattice.js';
import { qsgd } from './qsgd.js';
import { randk } from './randk.js';
import { sign } from './sign.js';
import { topk } from './topk.js';

interface Kind {
  /** What its number is, and may be; none for one without a number. */
  readonly what?: string;
  readonly range?: Range;
  readonly example: string;
  make(value: number): Compressor;
}

const share: Range = { above: 0, max: 1 };

const kinds: Readonly<Record<string, Kind>> = {
  topk: { what: 'share of coordinates', range: share, example: 'topk:0.1', make: topk },
  randk: { what: 'share of coordinates', range: share, example: 'randk:0.1', make: randk },
  qsgd: { what: 'levels', range: { whole: true, min: 1, max: 65535 }, example: 'qsgd:16', make: qsgd },
  sign: { example: 'sign', make: () => sign },
  lattice: { what: 'bits', range: { whole: true, min: 2, max: 16 }, example: 'lattice:8', make: lattice },
  none: { example: 'none', make: () => identity },
};

/** How compressors are written, for help and messages. */
export const compressorSyntax = Object.values(kinds)
  .map(({ example }) => example)
  .join(' | ');

/** The compressor that `text` writes; `where` names it in messages. Throws CONFIG_RANGE or CONFIG_UNKNOWN_KEY. */
export function readCompressor(text: string, where: string): Compressor {
  const { name, args, options } = parseSpec(text, where);
  const refuse = (allowed: string) => new HearsayError('CONFIG_RANGE', `${where}: found ${quote(text)}, allowed is ${allowed}`);
  if (!Object.hasOwn(kinds, name)) throw refuse(`${compressorSyntax}${suggestion(name, Object.keys(kinds))}`);
  const { what, range, example, make } = kinds[name];
  const [key] = Object.keys(options);
  if (key !== undefined) {
    const message = `${where}: ${name} has no setting ${quote(key)}, it is written ${example}`;
    throw new HearsayError('CONFIG_UNKNOWN_KEY', message);
  }
  if (!range) {
    if (args.length > 0) throw refuse(`${example}, without a number`);
    return make(0);
  }
  const value = args.length === 1 ? decimal(args[0], range.whole) : Number.NaN;
  if (!within(value, range)) throw refuse(`${name}:N, N the ${what}, ${rangeWords(range)}, as in ${example}`);
  return make(value);
}
