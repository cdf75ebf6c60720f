/**
 * The parameters of a model as tensors under the names and in the shapes of PyTorch or Keras. Each is a permutation of a range of the
 * flat vector, so nothing is rounded on the way, out or in.
 *
 *                 here and Keras                  PyTorch
 *   dense         inputs x outputs                outputs x inputs
 *   convolution   size x size x channels x filters   filters x channels x size x size
 *   an image      height x width x channels       channels x height x width
 *
 * So the rows of a dense layer behind a flattened image come in another order in PyTorch, and what normalizes that vector does too.
 */

import { HearsayError } from '../../errors.js';
import type { Range, Step } from '../layers/operation.js';
import type { Model } from '../model.js';

/** hearsay: as they lie in the vector, under our names. */
export type Layout = 'pytorch' | 'keras' | 'hearsay';

export const layouts: readonly Layout[] = ['pytorch', 'keras', 'hearsay'];

export interface Arranged {
  /** In the layout, and here. */
  readonly name: string;
  readonly own: string;
  readonly shape: readonly number[];
  /** Values that it has. */
  readonly size: number;
  /** Where value k of the tensor, row-major, lies in the flat vector. */
  places(): Uint32Array;
}

/**
 * The tensors, in the order of the flat vector. Throws CONFIG_RANGE for a model whose layers are not known, unless the layout is ours,
 * and for one that PyTorch can't have: a normalization of more than one group over a flattened image, whose groups would be others.
 */
export function arranged({ name, layers, graph }: Pick<Model, 'name' | 'layers' | 'graph'>, layout: Layout): Arranged[] {
  if (layout === 'hearsay') return layers.map(range => arrange(range, range.name));
  if (!graph) throw unknownLayers(name, `the layout of ${layout}`, 'allowed is hearsay');
  const tensors: Arranged[] = [];
  walk(graph.steps, { isImage: false }, (step, { flat }) => {
    tensors.push(...(layout === 'keras' ? inKeras(step) : inPyTorch(step, flat, name)));
  });
  return tensors;
}

/** The values of a tensor. */
export function valuesOf({ places }: Arranged, weights: Float32Array): Float32Array {
  const from = places();
  return Float32Array.from(from, place => weights[place]);
}

/** CONFIG_RANGE for a model of which it is only known how long its vector is. */
export function unknownLayers(model: string, what: string, remedy: string): HearsayError {
  return new HearsayError('CONFIG_RANGE', `export: ${what} needs a network of layers, found the model ${model}, ${remedy}`);
}

/** What comes into a layer: an image with its channels last, or one that was flattened, of the shape `flat`. */
interface State {
  readonly isImage: boolean;
  readonly flat?: readonly number[];
}

function walk(steps: readonly Step[], from: State, visit: (step: Step, state: State) => void): State {
  let state = from;
  for (const step of steps) {
    const { operation, input, output } = step;
    if (operation.kind === 'chain') state = walk(operation.steps, state, visit);
    else if (operation.kind === 'residual') {
      walk(operation.shortcut, state, () => {});
      const after = walk(operation.body, state, visit);
      walk(operation.shortcut, state, visit);
      state = after;
    } else {
      visit(step, state);
      state = behind(operation.kind, input, output, state);
    }
  }
  return state;
}

function behind(kind: string, input: readonly number[], output: readonly number[], state: State): State {
  if (kind === 'channels-last') return { isImage: true };
  if (kind === 'dense') return { isImage: false };
  if (output.length === 3) return { isImage: state.isImage || kind === 'reshape' };
  if (kind !== 'reshape' || !state.isImage || input.length !== 3) return { isImage: false, flat: state.flat };
  const [height, width, channels] = input;
  // With one place or one channel both orders are the same.
  return { isImage: false, flat: height * width > 1 && channels > 1 ? input : undefined };
}

function inPyTorch({ operation, tensors }: Step, flat: readonly number[] | undefined, model: string): Arranged[] {
  if (operation.kind === 'normalization' && flat && operation.groups > 1) {
    const found = `a normalization of ${operation.groups} groups over a flattened image of ${flat.join(' x ')}, whose groups are others in PyTorch's order`;
    throw new HearsayError('CONFIG_RANGE', `export: ${model}: found ${found}, allowed is one group; export with --layout keras`);
  }
  return tensors.map(range => {
    const { prefix, last } = split(range.name);
    const { shape } = range;
    switch (`${operation.kind} ${last}`) {
      case 'dense weight':
        return flat
          ? arrange(range, range.name, [...flat, shape[1]], [3, 2, 0, 1], [shape[1], shape[0]])
          : arrange(range, range.name, shape, [1, 0]);
      case 'convolution weight':
        return arrange(range, range.name, shape, [3, 2, 0, 1]);
      case 'normalization weight':
      case 'normalization bias':
        return flat ? arrange(range, range.name, flat, [2, 0, 1], shape) : arrange(range, range.name);
      case 'embedding token':
      case 'embedding position':
        return arrange(range, `${range.name}.weight`);
      case 'attention in_weight':
        return arrange(range, `${prefix}in_proj_weight`, shape, [1, 0]);
      case 'attention in_bias':
        return arrange(range, `${prefix}in_proj_bias`);
      case 'attention out_weight':
        return arrange(range, `${prefix}out_proj.weight`, shape, [1, 0]);
      case 'attention out_bias':
        return arrange(range, `${prefix}out_proj.bias`);
      default:
        return arrange(range, range.name);
    }
  });
}

const kerasNames: Readonly<Record<string, string>> = {
  'dense weight': 'kernel',
  'convolution weight': 'kernel',
  'normalization weight': 'gamma',
  'normalization bias': 'beta',
  'embedding token': 'token.embeddings',
  'embedding position': 'position.embeddings',
  'attention in_weight': 'in_kernel',
  'attention out_weight': 'out_kernel',
};

function inKeras({ operation, tensors }: Step): Arranged[] {
  return tensors.map(range => {
    const { prefix, last } = split(range.name);
    return arrange(range, prefix + (kerasNames[`${operation.kind} ${last}`] ?? last));
  });
}

function split(name: string): { prefix: string; last: string } {
  const at = name.lastIndexOf('.') + 1;
  return { prefix: name.slice(0, at), last: name.slice(at) };
}

/** The range read as `parts`, its axes in the order `axes`, as a tensor of `shape`. */
function arrange(
  range: Range,
  name: string,
  parts = range.shape,
  axes = parts.map((_, k) => k),
  shape?: readonly number[],
): Arranged {
  const size = range.shape.reduce((product, n) => product * n, 1);
  const sides = axes.map(axis => parts[axis]);
  const strides = axes.map(axis => parts.slice(axis + 1).reduce((product, n) => product * n, 1));
  return {
    name,
    own: range.name,
    shape: shape ?? sides,
    size,
    places() {
      const places = new Uint32Array(size);
      const index = sides.map(() => 0);
      let place = range.offset;
      for (let k = 0; k < size; k++) {
        places[k] = place;
        for (let d = sides.length - 1; d >= 0; d--) {
          place += strides[d];
          if (++index[d] < sides[d]) break;
          place -= strides[d] * sides[d];
          index[d] = 0;
        }
      }
      return places;
    },
  };
}
