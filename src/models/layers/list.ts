/** A network as a short list of layers: `conv-6-5-same,relu,max-2,flatten,fc-120,relu,fc`. */

import { readNumber } from '../../decimal.js';
import { HearsayError } from '../../errors.js';
import { suggestion } from '../../nearest.js';
import { quote } from '../../spec.js';
import { activations, starts } from '../activation.js';
import { convolution, image } from './convolution.js';
import { dense, flatten } from './dense.js';
import { activation, dropout } from './elementwise.js';
import { type LayerOf, type Shape, sizeOf } from './layer.js';
import { groupNorm, layerNorm } from './normalization.js';
import { averagePool, globalAverage, maxPool } from './pooling.js';

interface Kind {
  /** How it is written. */
  readonly form: string;
  /** Numbers that must, and that may be given. */
  readonly numbers: readonly [number, number];
  readonly words: readonly string[];
  build(numbers: readonly number[], words: readonly string[], place: number): LayerOf | readonly LayerOf[];
}

const kinds: Readonly<Record<string, Kind>> = {
  conv: {
    form: 'conv-FILTERS-SIZE[-STRIDE][-same]',
    numbers: [2, 3],
    words: ['same', 'valid'],
    build: ([filters, size, stride], [padding = 'valid']) =>
      convolution(filters, size, { stride, padding: padding as 'same' | 'valid' }),
  },
  max: { form: 'max-SIZE[-STRIDE]', numbers: [1, 2], words: [], build: ([size, stride]) => maxPool(size, stride) },
  mean: {
    form: 'mean[-SIZE[-STRIDE]]',
    numbers: [0, 2],
    words: [],
    build: ([size, stride]) => (size === undefined ? globalAverage : averagePool(size, stride)),
  },
  groupnorm: { form: 'groupnorm-GROUPS', numbers: [1, 1], words: [], build: ([groups]) => groupNorm(groups) },
  layernorm: { form: 'layernorm', numbers: [0, 0], words: [], build: () => layerNorm },
  fc: { form: 'fc-WIDTH', numbers: [1, 1], words: [], build: ([width]) => [flat, dense(width, { start: starts.he })] },
  flatten: { form: 'flatten', numbers: [0, 0], words: [], build: () => flatten },
  dropout: {
    form: 'dropout-PERCENT',
    numbers: [1, 1],
    words: [],
    build: ([percent], _, place) => dropout(percent / 100, place),
  },
  ...Object.fromEntries(
    Object.keys(activations).map(name => [
      name,
      { form: name, numbers: [0, 0], words: [], build: () => activation(name as keyof typeof activations) } satisfies Kind,
    ]),
  ),
};

/** How layers are written, for help. */
export const layerForms: readonly string[] = Object.values(kinds).map(({ form }) => form);

/**
 * The layers that `words` name, and behind them a dense one that gives the scores; `fc` alone at the end is that one. Throws CONFIG_RANGE
 * for an unknown layer or a number out of its range.
 */
export function listed(words: readonly string[], scores: number, isImage: boolean, where: string): LayerOf[] {
  const given = words.at(-1) === 'fc' ? words.slice(0, -1) : words;
  const layers = given.flatMap((text, k) => {
    const [name, ...parts] = text.split('-');
    const at = `${where}: layer ${k + 1}`;
    if (!Object.hasOwn(kinds, name)) {
      const known = Object.keys(kinds);
      throw new HearsayError(
        'CONFIG_RANGE',
        `${at}: found ${quote(text)}, allowed is ${layerForms.join(' | ')}${suggestion(name, known)}`,
      );
    }
    const { form, numbers, words: allowed, build } = kinds[name];
    const said = parts.filter(part => allowed.includes(part));
    const rest = parts.filter(part => !allowed.includes(part));
    if (rest.length < numbers[0] || rest.length > numbers[1] || said.length > 1)
      throw new HearsayError('CONFIG_RANGE', `${at}: found ${quote(text)}, allowed is ${form}`);
    const limit = name === 'dropout' ? 99 : 65536;
    const built = build(
      rest.map(part => readNumber(part, { whole: true, min: 1, max: limit }, `${at}: ${form}`)),
      said,
      k,
    );
    return [built].flat().map(layer => (input: Shape) => layer(input, at));
  });
  return [...(isImage ? [image] : []), ...layers, flatten, dense(scores)];
}

/** An image becomes a vector before a dense layer; a text keeps its tokens apart. */
const flat: LayerOf = input => (input.length === 3 ? [sizeOf(input)] : input);
