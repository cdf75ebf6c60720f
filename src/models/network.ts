/**
 * Layers and a head as a model. The flat vector holds the parameters of a layer after the other.
 *
 *   forward     a0 = x, a(l) = layer l of a(l-1), scores = a(L)
 *   backward    d(L) = scale dloss/dscores, then every layer from the last: d(l-1), and what its own weights become
 *
 * The scale goes in at the top: 1 / rows gives the gradient of the mean loss, -rate / rows a step of plain SGD whose products land in
 * the weights themselves, so that no gradient is ever stored.
 */

import { HearsayError } from '../errors.js';
import { type ActivationName, activations, type StartName, starts } from './activation.js';
import type { Head } from './head.js';
import type { Address, Kernels } from './kernels/kernels.js';
import { chain } from './layers/chain.js';
import { dense, flatten } from './layers/dense.js';
import { activation } from './layers/elementwise.js';
import { type Layer, type LayerOf, padded, parametersOf, sizeOf } from './layers/layer.js';
import type { Batch, Chance, Model, Session, Task } from './model.js';

/**
 * The network of `layers` for `task`. Their output is the scores of the head: classes, or one value. With `tokens`, a row is a text of so
 * many tokens and one more, each token is to be told from those before it (so the layers look at no later one), and the loss of a row is
 * the mean over its tokens.
 */
export function network(name: string, task: Task, layers: readonly LayerOf[], head: Head, tokens = 1): Model {
  const body = chain(layers)(task.shape, name);
  const scores = tokens * head.scores(task.classes);
  if (sizeOf(body.output) !== scores) {
    throw new HearsayError(
      'CONFIG_RANGE',
      `${name}: its layers end with ${body.output.join(' x ')} values, the data ask for ${scores}; end with a dense layer of ${head.scores(task.classes)}`,
    );
  }
  const parameters = parametersOf(body);
  let offset = 0;
  const ranges = body.tensors.map(({ name, shape }) => {
    offset += sizeOf(shape);
    return { name, shape, offset: offset - sizeOf(shape) };
  });
  const workspace = (rows: number) => places(body, head, task, tokens, rows).floats;

  return {
    name,
    parameters,
    layers: ranges,
    graph:
      body.operation?.kind === 'chain' ? { input: task.shape, steps: body.operation.steps, head: head.kind, tokens } : undefined,
    outputs: head.outputs(task.classes),
    workspace,
    initialize(weights, random, normal) {
      weights.fill(0);
      body.initialize(weights, random, normal);
    },
    open(kernels, work, rows) {
      const floats = workspace(rows);
      if (work.length < floats || (work.buffer as ArrayBufferLike) !== kernels.memory.buffer) {
        throw new HearsayError('STATE', `${name}: work memory of ${work.length} floats, ${floats} needed in the kernels' memory`);
      }
      return openSession(kernels, body, head, task, tokens, work.byteOffset, rows);
    },
  };
}

/** The layers of a perceptron: dense layers of these widths, an activation behind each but the last, unless that is `activated` too. */
export function perceptron(
  hidden: readonly number[],
  scores: number,
  name: ActivationName,
  { start, bias = true, activated = false }: PerceptronSettings = {},
): LayerOf[] {
  const widths = [...hidden, scores];
  const law = (usual: StartName) => starts[start ?? usual];
  return [
    flatten,
    ...widths.flatMap((width, l) => {
      const isActive = activated || l < hidden.length;
      // A model without hidden layers starts at zero, where no direction is preferred.
      const first = hidden.length === 0 ? () => 0 : law(isActive ? activations[name].start : 'glorot');
      const layer = dense(width, { start: first, bias });
      return isActive ? [layer, activation(name)] : [layer];
    }),
  ];
}

export interface PerceptronSettings {
  /** Law of the starting weights of every layer, instead of the activation's own. */
  readonly start?: StartName;
  /** False for a network without biases. */
  readonly bias?: boolean;
  /** True when the activation follows the last layer too. */
  readonly activated?: boolean;
}

/** Where things lie in the work memory, in bytes from its start. */
function places(body: Layer, head: Head, task: Task, tokens: number, rows: number) {
  let floats = 0;
  const take = (count: number) => {
    const place = 4 * floats;
    floats += padded(count);
    return place;
  };
  const scores = take(rows * tokens * head.scores(task.classes));
  // The gradient of the scores takes their place, unless the last layer looks at them.
  const top = body.looksAt.output ? take(rows * tokens * head.scores(task.classes)) : scores;
  const labels = take(tokens > 1 ? rows * tokens : 0);
  const kept = take(body.kept(rows));
  const work = take(body.work(rows));
  return { floats, scores, top, labels, kept, work };
}

function openSession(
  kernels: Kernels,
  body: Layer,
  head: Head,
  task: Task,
  tokens: number,
  start: Address,
  most: number,
): Session {
  const { classes } = task;
  const at = places(body, head, task, tokens, most);
  const [scores, top, kept, work] = [at.scores, at.top, at.kept, at.work].map(place => start + place);
  const labels = new Int32Array(kernels.memory.buffer, start + at.labels, tokens > 1 ? most * tokens : 0);

  function forward(weights: Address, x: Address, rows: number, chance?: Chance): void {
    if (rows > most) throw new HearsayError('STATE', `a batch of ${rows} rows, but the session was opened for at most ${most}`);
    body.forward({ kernels, rows, most, chance }, { x, y: scores, weights, kept, work });
  }

  /** What is to be told: of a text, the token behind each. */
  function targetsOf({ rows, inputs, targets }: Batch): Address {
    if (tokens === 1) return targets.byteOffset;
    for (let row = 0, k = 0; row < rows; row++) for (let t = 1; t <= tokens; t++) labels[k++] = inputs[row * task.features + t];
    return labels.byteOffset;
  }

  /** One pass forward and back. What the weights become goes to `into`: added to it, or instead of it. Returns the mean loss. */
  function pass(weights: Address, into: Address, batch: Batch, scale: number, keep: 0 | 1): number {
    const { rows, chance } = batch;
    const x = batch.inputs.byteOffset;
    forward(weights, x, rows, chance ?? noChance);
    const all = rows * tokens;
    const loss = head.loss(kernels, top, scores, targetsOf(batch), all, classes, scale / all);
    const back = { x, y: scores, dx: 0, dy: top, weights, into, kept, work };
    body.backward({ kernels, rows, most, chance: chance ?? noChance }, back, keep);
    return loss / all;
  }

  function predictAfter(weights: Float32Array, { rows, inputs }: Batch, known: number, predictions: Float32Array): void {
    forward(weights.byteOffset, inputs.byteOffset, rows);
    if (tokens > 1) keepAfter(kernels, scores, rows, tokens, known, head.scores(classes));
    head.predict(kernels, predictions, scores, rows, classes);
  }

  return {
    gradient: (weights, gradient, batch) => pass(weights.byteOffset, gradient.byteOffset, batch, 1, 0),
    descend: (weights, batch, rate) => pass(weights.byteOffset, weights.byteOffset, batch, -rate, 1),

    evaluate(weights, batch) {
      const { rows, inputs } = batch;
      forward(weights.byteOffset, inputs.byteOffset, rows);
      const targets = targetsOf(batch);
      const correct = head.correct(kernels, scores, targets, rows * tokens, classes) / tokens;
      return { loss: head.loss(kernels, scores, scores, targets, rows * tokens, classes, 0) / tokens, correct };
    },

    predict: (weights, batch, predictions) => predictAfter(weights, batch, tokens, predictions),
    ...(tokens > 1 && { predictAfter }),
  };
}

/** Draws of a batch that brings none: those of step 0. */
const noChance: Chance = { source: { a: 0, b: 0 }, node: 0, step: 0 };

/** Of the scores of each row's tokens, those of the last that is known come first: what follows the text. */
function keepAfter({ memory }: Kernels, scores: Address, rows: number, tokens: number, known: number, classes: number): void {
  const all = new Float32Array(memory.buffer, scores, rows * tokens * classes);
  for (let row = 0; row < rows; row++) {
    const last = (row * tokens + known - 1) * classes;
    all.copyWithin(row * classes, last, last + classes);
  }
}
