/**
 * The built-in models by name: `linear`, `linear:bias=false`, `neuron:tanh`, `logistic`, `softmax`, `mlp:128,64`, `mlp:128,64,tanh`,
 * `layers:conv-8-3,relu,max-2`, `lenet`, `resnet8`, `transformer:2,4,64`, `noise:16`, `coupled:4`, `none`. A saved model of TensorFlow.js
 * (`tfjs:PATH/model.json`) has a name here, and is opened elsewhere, because its package comes with the first that asks.
 */

import { readNumber } from '../decimal.js';
import { HearsayError } from '../errors.js';
import { suggestion } from '../nearest.js';
import { flag, type Named, numeric, oneOf, optional, readSettings, type Settings, type Values } from '../settings.js';
import { expectSettings, parseSpec, quote, type Spec, savedModelOf } from '../spec.js';
import { type ActivationName, activations } from './activation.js';
import { coupled } from './coupled.js';
import { logistic, softmax, squared } from './head.js';
import { layerForms, listed } from './layers/list.js';
import type { Model, Task } from './model.js';
import { lenet, resnet, transformer } from './nets.js';
import { network, perceptron } from './network.js';
import { noise } from './noise.js';

/**
 * The model that `text` names, for the given data; `where` names the option in messages. Throws CONFIG_RANGE for an unknown name, a bad
 * width or data that the model cannot learn, CONFIG_MISSING for an mlp without widths, CONFIG_UNKNOWN_KEY for a setting that it has not.
 */
export function namedModel(text: string, task: Task, where = 'model'): Model {
  const spec = parseSpec(text, where);
  if (!Object.hasOwn(table, spec.name)) {
    const names = Object.keys(table);
    throw new HearsayError(
      'CONFIG_RANGE',
      `${where}: found ${quote(spec.name)}, allowed is ${names.join(' | ')} or a module ./mine.js${suggestion(spec.name, names)}`,
    );
  }
  return table[spec.name].build(text, spec, task, where);
}

/** Throws what `namedModel` throws whatever the data are: a check that needs none. */
export function checkModel(text: string, where = 'model'): void {
  const spec = parseSpec(text, where);
  const { name } = spec;
  const classes = name === 'linear' || name === 'neuron' ? 0 : 2;
  if (savedModelOf(name) !== undefined) expectSettings(spec, [], where);
  else if (name === 'transformer') namedModel(text, { features: 3, shape: [3], classes, categories: [classes] }, where);
  else if (/^(lenet|resnet)/.test(name)) namedModel(text, { features: 1024, shape: [32, 32], classes }, where);
  else if (name === 'layers') checkLayers(text, where);
  else namedModel(text, { features: 1, shape: [1], classes }, where);
}

/** What a list of layers may be refused with before it knows what comes in. */
function checkLayers(text: string, where: string): void {
  const { args } = parseSpec(text, where);
  if (args.length === 0)
    throw new HearsayError('CONFIG_MISSING', `${where}: ${quote(text)} has no layers; write layers:fc-128,relu`);
  listed(args, 1, false, where);
}

interface NamedModel extends Named {
  build(text: string, spec: Spec, task: Task, where: string): Model;
}

/** One entry of the table. `plain` is how many plain values it takes. */
function entry<Table extends Settings>(
  form: string,
  about: string,
  settings: Table,
  plain: number,
  build: (wanted: Wanted<Table>) => Model,
): NamedModel {
  return {
    form,
    about,
    settings,
    build: (text, spec, task, where) =>
      build({ text, args: spec.args, values: readSettings(spec, settings, where, plain), task, where }),
  };
}

interface Wanted<Table extends Settings> {
  readonly text: string;
  readonly args: readonly string[];
  readonly values: Values<Table>;
  readonly task: Task;
  readonly where: string;
}

const bias = flag('a constant is learnt too', true);
const start = optional(
  oneOf('how weights are drawn', ['he', 'glorot', 'lecun']),
  'of the activation: glorot with tanh, else he; the last layer glorot',
);
const spread = { min: 0, max: 1e12 };
const noiseSettings = {
  variance: numeric('of each component of a gradient', spread, 1),
  curvature: numeric('of the quadratic that pulls to the optimum, which is 0', spread, 0),
  start: numeric('every weight at the start', { min: -1e6, max: 1e6 }, 0),
  apart: numeric('from the optimum of a node to that of the next; then only node 0 has it at 0', { min: -1e6, max: 1e6 }, 0),
};

const table: Readonly<Record<string, NamedModel>> = {
  linear: entry('linear', 'one real value, squared error', { bias }, 0, ({ text, values, task, where }) => {
    need(task.classes === 0, 'linear', 'real targets', task, 'softmax', where);
    return network(text, task, perceptron([], 1, 'relu', values), squared);
  }),

  logistic: entry('logistic', 'two classes', {}, 0, ({ text, task, where }) => {
    need(task.classes === 2, 'logistic', 'labels of 2 classes', task, task.classes === 0 ? 'linear' : 'softmax', where);
    return network(text, task, perceptron([], 1, 'relu'), logistic);
  }),

  softmax: entry('softmax', 'any number of classes, without hidden units', {}, 0, ({ text, task, where }) => {
    need(task.classes >= 2, 'softmax', 'class labels', task, 'linear', where);
    return network(text, task, perceptron([], task.classes, 'relu'), softmax);
  }),

  /** tanh(w.x). */
  neuron: entry('neuron:tanh', 'one unit without bias, squared error', {}, 1, ({ text, args, task, where }) => {
    if (args.length === 0) throw new HearsayError('CONFIG_MISSING', `${where}: 'neuron' has no activation; write neuron:tanh`);
    if (args[0] !== 'tanh') {
      throw new HearsayError('CONFIG_RANGE', `${where}: neuron: found ${quote(args[0])}, allowed is tanh; write neuron:tanh`);
    }
    need(task.classes === 0, 'neuron', 'real targets', task, 'softmax', where);
    return network(text, task, perceptron([], 1, 'tanh', { bias: false, activated: true }), squared);
  }),

  mlp: entry(
    `mlp:WIDTH,...[,${Object.keys(activations).join(' | ')}]`,
    'dense layers of these widths (1 to 65536; relu), classes or a real value',
    { start },
    64,
    ({ text, args: given, values, task, where }) => {
      const args = [...given];
      const name = isActivation(args.at(-1)) ? (args.pop() as ActivationName) : 'relu';
      if (args.length === 0) throw new HearsayError('CONFIG_MISSING', `${where}: ${quote(text)} has no widths; write mlp:128`);
      const widths = args.map((arg, l) => {
        if (/^[A-Za-z]/.test(arg)) {
          const known = Object.keys(activations);
          throw new HearsayError(
            'CONFIG_RANGE',
            `${where}: mlp: found ${quote(arg)}, allowed at the end is ${known.join(' | ')}${suggestion(arg, known)}`,
          );
        }
        return readNumber(arg, { whole: true, min: 1, max: 65536 }, `${where}: mlp: width ${l + 1}`);
      });
      const head = headOf(task);
      return network(text, task, perceptron(widths, head.scores(task.classes), name, values), head);
    },
  ),

  layers: entry(
    'layers:LAYER,...',
    `a list of layers, the scores behind them: ${layerForms.join(', ')}`,
    {},
    64,
    ({ text, args, task, where }) => {
      checkLayers(text, where);
      const head = headOf(task);
      return network(text, task, listed(args, head.scores(task.classes), task.shape.length > 1, where), head);
    },
  ),

  lenet: entry('lenet', 'two convolutions, three dense layers, for images', {}, 0, ({ text, task, where }) => {
    needImages(text, task, where);
    return network(text, task, lenet(task.shape.at(-2)!, headOf(task).scores(task.classes)), headOf(task));
  }),

  ...Object.fromEntries(
    ([1, 3] as const).map(n => [
      `resnet${6 * n + 2}`,
      entry(`resnet${6 * n + 2}`, 'a residual network with group normalization, for small square images', {}, 0, given => {
        const { text, task, where } = given;
        needImages(text, task, where, true);
        return network(text, task, resnet(n, headOf(task).scores(task.classes)), headOf(task));
      }),
    ]),
  ),

  transformer: entry(
    'transformer:LAYERS,HEADS,WIDTH',
    'tells each character of a text from those before it (2 layers, 4 heads, 64 wide)',
    { dropout: numeric('share of the values that are dropped in training', { min: 0, max: 0.99 }, 0) },
    3,
    ({ text, args, values, task, where }) => {
      const sizes = ['layers', 'heads', 'width'].map((what, k) =>
        readNumber(args[k] ?? ['2', '4', '64'][k], { whole: true, min: 1, max: 4096 }, `${where}: transformer: ${what}`),
      );
      const [layers, heads, width] = sizes;
      if (task.features < 2 || !task.categories?.every(count => count === task.classes))
        throw new HearsayError('CONFIG_RANGE', `${where}: transformer needs a text, found other data; use --data text:FILE`);
      const tokens = task.features - 1;
      const vocabulary = task.classes;
      const body = transformer({ layers, heads, width, tokens, vocabulary, dropout: values.dropout });
      return network(text, task, body, softmax, tokens);
    },
  ),

  noise: entry(
    'noise:PARAMETERS',
    'gradients that are drawn (16 parameters; 1 to 1e8), for the theory of gossip',
    noiseSettings,
    1,
    ({ text, args, values, where }) => {
      const parameters = readNumber(args[0] ?? '16', { whole: true, min: 1, max: 1e8 }, `${where}: noise: parameters`);
      return noise(text, parameters, values);
    },
  ),

  coupled: entry(
    'coupled:UNKNOWNS',
    'two coupled problems with drawn gradients (1 unknown each; 1 to 5e7), for the theory of cdsa',
    { variance: numeric('of each component of a gradient', spread, 1) },
    1,
    ({ text, args, values, where }) => {
      const unknowns = readNumber(args[0] ?? '1', { whole: true, min: 1, max: 5e7 }, `${where}: coupled: unknowns`);
      return coupled(text, unknowns, values);
    },
  ),

  tfjs: entry('tfjs:PATH/model.json', 'a saved tf.LayersModel, by TensorFlow.js', {}, 64, ({ text, where }) => {
    throw new HearsayError(
      'CONFIG_RANGE',
      `${where}: found ${quote(text)}, allowed is tfjs:PATH/model.json, the file of a saved model`,
    );
  }),

  none: entry('none', 'nothing to learn: who met whom', {}, 0, ({ text }) => noise(text, 0, { variance: 0 })),
};

/** What may be asked for, for help texts. */
export const models: readonly Named[] = Object.values(table);

function headOf({ classes }: Task) {
  return classes === 0 ? squared : softmax;
}

/** Throws CONFIG_RANGE for data that are no images, or not `square`. */
function needImages(name: string, { shape }: Task, where: string, square = false): void {
  const [height, width] = shape.slice(-2);
  if (shape.length > 1 && (!square || height === width)) return;
  const found = shape.length > 1 ? `images of ${height} x ${width}` : `rows of ${shape[0]} numbers`;
  throw new HearsayError(
    'CONFIG_RANGE',
    `${where}: ${name} needs ${square ? 'square images' : 'images'}, the data has ${found}; use ${square ? 'lenet or ' : ''}mlp:WIDTH, or other data`,
  );
}

function isActivation(word: string | undefined): boolean {
  return word !== undefined && Object.hasOwn(activations, word);
}

function need(holds: boolean, name: string, what: string, { classes }: Task, remedy: string, where: string): void {
  if (holds) return;
  const found = classes === 0 ? 'real targets' : `labels of ${classes} classes`;
  throw new HearsayError('CONFIG_RANGE', `${where}: ${name} needs ${what}, the data has ${found}; use ${remedy} or mlp:WIDTH`);
}
