/**
 * Layers one after the other, as one layer. It lays out where outputs are kept until the way back: an output may lie where its input
 * did, when nobody will look at that one again; and gradients take turns in two places.
 */

import {
  type Back,
  type Forth,
  type Layer,
  type LayerOf,
  padded,
  parametersOf,
  type Shape,
  sizeOf,
  type Tensor,
} from './layer.js';
import { moved, type Operation, type Step } from './operation.js';

/** The layers for this input. Throws what they throw. */
export function chain(layers: readonly LayerOf[], name = 'block'): (input: Shape, where: string) => Layer {
  return (input, where) => {
    const built: Layer[] = [];
    const parts: Part[] = [];
    let shape = input;
    for (const [k, layer] of layers.entries()) {
      const made = layer(shape, `${where}: layer ${k + 1}`);
      const output = 'output' in made ? made.output : made;
      if ('output' in made) built.push(made);
      parts.push({ layer: 'output' in made ? made : undefined, input: shape, output });
      shape = output;
    }
    return chained(built, described(parts), shape, name);
  };
}

/** What a chain was made of; without a layer, the same numbers in another shape. */
interface Part {
  readonly layer?: Layer;
  readonly input: Shape;
  readonly output: Shape;
}

/** Floats from the start of what the chain is given. */
interface Plan {
  /** In `kept`: each output but the last; -1: where the chain's own output is. */
  readonly outputs: readonly number[];
  readonly kepts: readonly number[];
  readonly kept: number;
  /** In `work`: the gradient of each output but the last; -1: where the chain's own dy is. */
  readonly deltas: readonly number[];
  /** In `work`: what the layers use up in turns. */
  readonly shared: number;
  readonly work: number;
}

function chained(layers: readonly Layer[], operation: Operation | undefined, output: Shape, name: string): Layer {
  const last = layers.length - 1;
  const offsets: number[] = [];
  let parameters = 0;
  for (const layer of layers) {
    offsets.push(parameters);
    parameters += parametersOf(layer);
  }
  const plans = new Map<number, Plan>();
  const planFor = (most: number) => {
    let plan = plans.get(most);
    if (!plan) plans.set(most, (plan = lay(layers, most)));
    return plan;
  };

  function forth(plan: Plan, l: number, { x, y, weights, kept, work }: Forth): Forth {
    const outputOf = (k: number) => (k < 0 ? x : k === last || plan.outputs[k] < 0 ? y : kept + 4 * plan.outputs[k]);
    return {
      x: outputOf(l - 1),
      y: outputOf(l),
      weights: weights + 4 * offsets[l],
      kept: kept + 4 * plan.kepts[l],
      work: work + 4 * plan.shared,
    };
  }

  return {
    name,
    operation,
    output,
    tensors: named(layers),
    looksAt: { input: layers[0].looksAt.input, output: layers[last].looksAt.output },
    inPlace: false,
    kept: most => planFor(most).kept,
    work: most => planFor(most).work,

    initialize(weights, random, normal) {
      for (const [l, layer] of layers.entries())
        layer.initialize(weights.subarray(offsets[l], offsets[l] + parametersOf(layer)), random, normal);
    },

    forward(pass, at) {
      const plan = planFor(pass.most);
      for (let l = 0; l <= last; l++) layers[l].forward(pass, forth(plan, l, at));
    },

    backward(pass, at, keep) {
      const plan = planFor(pass.most);
      const deltaOf = (k: number) => (k < 0 ? at.dx : k === last || plan.deltas[k] < 0 ? at.dy : at.work + 4 * plan.deltas[k]);
      // Where nobody asks for dx, layers below the first parameters have nothing to do.
      const first = at.dx === 0 ? layers.findIndex(({ tensors }) => tensors.length > 0) : 0;
      if (first < 0) return;
      for (let l = last; l >= first; l--) {
        const dx = at.dx === 0 && l === first ? 0 : deltaOf(l - 1);
        const here: Back = { ...forth(plan, l, at), dx, dy: deltaOf(l), into: at.into + 4 * offsets[l] };
        layers[l].backward(pass, here, keep);
      }
    },
  };
}

function named(layers: readonly Layer[]): Tensor[] {
  const prefixes = prefixesOf(layers);
  return layers.flatMap((layer, k) => layer.tensors.map(tensor => ({ ...tensor, name: prefixes[k] + tensor.name })));
}

/** Names of one kind are numbered in their order, fc1 and fc2, unless there is one layer of parameters alone. */
function prefixesOf(layers: readonly Layer[]): string[] {
  const alone = layers.filter(({ tensors }) => tensors.length > 0).length === 1;
  const counts = new Map<string, number>();
  return layers.map(({ name, tensors }) => {
    if (tensors.length === 0 || alone) return '';
    counts.set(name, (counts.get(name) ?? 0) + 1);
    return `${name}${counts.get(name)}.`;
  });
}

/** Undefined when a layer does not say what it computes. */
function described(parts: readonly Part[]): Operation | undefined {
  const prefixes = prefixesOf(parts.flatMap(({ layer }) => layer ?? []));
  const steps: Step[] = [];
  let offset = 0;
  let k = 0;
  for (const { layer, input, output } of parts) {
    if (!layer) {
      if (input.join() !== output.join())
        steps.push({ name: 'flatten', operation: { kind: 'reshape' }, input, output, tensors: [] });
      continue;
    }
    if (!layer.operation) return undefined;
    const prefix = prefixes[k++];
    const name = prefix.slice(0, -1) || layer.name;
    let at = 0;
    const tensors = layer.tensors.map(({ name, shape }) => {
      at += sizeOf(shape);
      return { name, shape, offset: at - sizeOf(shape) };
    });
    const [step] = moved([{ name: '', operation: layer.operation, input, output, tensors }], prefix, offset);
    steps.push({ ...step, name });
    offset += at;
  }
  return { kind: 'chain', steps };
}

function lay(layers: readonly Layer[], most: number): Plan {
  const last = layers.length - 1;
  let kept = 0;
  const keep = (floats: number) => {
    kept += padded(floats);
    return kept - padded(floats);
  };
  const sizes = layers.map(({ output }) => padded(most * sizeOf(output)));
  const outputs = new Array<number>(last + 1).fill(-1);
  for (let l = last; l > 0; l--) {
    const isOver = layers[l].inPlace && !layers[l].looksAt.input && !layers[l - 1].looksAt.output;
    outputs[l - 1] = isOver ? outputs[l] : keep(sizes[l - 1]);
  }
  const kepts = layers.map(layer => keep(layer.kept(most)));

  // 0 and 1 are the two places, -1 is the chain's own dy.
  const turns = new Array<number>(last + 1).fill(-1);
  const rooms = [0, 0];
  for (let l = last; l > 0; l--) {
    turns[l - 1] = layers[l].inPlace ? turns[l] : turns[l] === 0 ? 1 : 0;
    if (turns[l - 1] >= 0) rooms[turns[l - 1]] = Math.max(rooms[turns[l - 1]], sizes[l - 1]);
  }
  const deltas = turns.map(turn => (turn < 0 ? -1 : turn * rooms[0]));
  const shared = rooms[0] + rooms[1];
  const widest = Math.max(...layers.map(layer => padded(layer.work(most))));
  return { outputs, kepts, kept, deltas, shared, work: shared + widest };
}
