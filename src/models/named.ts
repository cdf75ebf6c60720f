/** The built-in models by name: `linear`, `linear:bias=false`, `neuron:tanh`, `logistic`, `softmax`, `mlp:128,64`, `mlp:128,64,tanh`, `noise:16`, `none`. */

import { readNumber } from '../decimal.js';
import { HearsayError } from '../errors.js';
import { suggestion } from '../nearest.js';
import { expectSettings, numberSetting, parseSpec, quote, type Spec, wordSetting } from '../spec.js';
import { type ActivationName, activations, type StartName, starts } from './activation.js';
import { logistic, softmax, squared } from './head.js';
import type { Model, Task } from './model.js';
import { network } from './network.js';
import { noise } from './noise.js';

/**
 * The model that `text` names, for the given data. Throws CONFIG_RANGE for an unknown name, a bad width or data that the model
 * cannot learn, CONFIG_MISSING for an mlp without widths, CONFIG_UNKNOWN_KEY for a key=value setting.
 */
export function namedModel(text: string, task: Task): Model {
  const spec = parseSpec(text, 'model');
  const build = Object.hasOwn(builders, spec.name) ? builders[spec.name] : undefined;
  if (!build) {
    const names = Object.keys(builders);
    throw new HearsayError(
      'CONFIG_RANGE',
      `model: found ${quote(spec.name)}, allowed is ${names.join(' | ')} or a module ./mine.js${suggestion(spec.name, names)}`,
    );
  }
  return build(text, spec, task);
}

/** Throws what `namedModel` throws whatever the data are: a check that needs none. */
export function checkModel(text: string): void {
  const { name } = parseSpec(text, 'model');
  namedModel(text, { features: 1, shape: [1], classes: name === 'linear' || name === 'neuron' ? 0 : 2 });
}

const builders: Record<string, (text: string, spec: Spec, task: Task) => Model> = {
  linear(text, spec, task) {
    expectSettings(spec, ['bias'], 'model');
    const bias = wordSetting(spec, 'bias', ['true', 'false'], 'model') === 'true';
    need(task.classes === 0, 'linear', 'real targets', task, 'softmax');
    return network(text, task, [], activations.relu, squared, { bias });
  },

  /** One unit without bias, tanh(w.x), under squared error. */
  neuron(text, spec, task) {
    expectSettings(spec, [], 'model', 1);
    if (spec.args.length === 0) throw new HearsayError('CONFIG_MISSING', `model: 'neuron' has no activation; write neuron:tanh`);
    if (spec.args[0] !== 'tanh') {
      throw new HearsayError('CONFIG_RANGE', `model: neuron: found ${quote(spec.args[0])}, allowed is tanh; write neuron:tanh`);
    }
    need(task.classes === 0, 'neuron', 'real targets', task, 'softmax');
    return network(text, task, [], activations.tanh, squared, { bias: false, activated: true });
  },

  logistic(text, spec, task) {
    expectSettings(spec, [], 'model');
    need(task.classes === 2, 'logistic', 'labels of 2 classes', task, task.classes === 0 ? 'linear' : 'softmax');
    return network(text, task, [], activations.relu, logistic);
  },

  softmax(text, spec, task) {
    expectSettings(spec, [], 'model');
    need(task.classes >= 2, 'softmax', 'class labels', task, 'linear');
    return network(text, task, [], activations.relu, softmax);
  },

  mlp(text, spec, task) {
    expectSettings(spec, ['start'], 'model', 64);
    const start = spec.options.start && wordSetting(spec, 'start', Object.keys(starts) as StartName[], 'model');
    const args = [...spec.args];
    const name = isActivation(args.at(-1)) ? (args.pop() as ActivationName) : 'relu';
    if (args.length === 0) throw new HearsayError('CONFIG_MISSING', `model: ${quote(text)} has no widths; write mlp:128`);
    const widths = args.map((arg, l) => {
      if (/^[A-Za-z]/.test(arg)) {
        const known = Object.keys(activations);
        throw new HearsayError(
          'CONFIG_RANGE',
          `model: mlp: found ${quote(arg)}, allowed at the end is ${known.join(' | ')}${suggestion(arg, known)}`,
        );
      }
      return readNumber(arg, { whole: true, min: 1, max: 65536 }, `model: mlp: width ${l + 1}`);
    });
    return network(text, task, widths, activations[name], task.classes === 0 ? squared : softmax, { start: start || undefined });
  },

  noise(text, spec) {
    expectSettings(spec, ['variance', 'curvature'], 'model', 1);
    const parameters = readNumber(spec.args[0] ?? '16', { whole: true, min: 1, max: 1e8 }, 'model: noise: parameters');
    const setting = (key: string, fallback: number) => numberSetting(spec, key, { min: 0, max: 1e12 }, fallback, 'model');
    return noise(text, parameters, setting('variance', 1), setting('curvature', 0));
  },

  none(text, spec) {
    expectSettings(spec, [], 'model');
    return noise(text, 0, 0);
  },
};

function isActivation(word: string | undefined): boolean {
  return word !== undefined && Object.hasOwn(activations, word);
}

function need(holds: boolean, name: string, what: string, { classes }: Task, remedy: string): void {
  if (holds) return;
  const found = classes === 0 ? 'real targets' : `labels of ${classes} classes`;
  throw new HearsayError('CONFIG_RANGE', `model: ${name} needs ${what}, the data has ${found}; use ${remedy} or mlp:WIDTH`);
}
