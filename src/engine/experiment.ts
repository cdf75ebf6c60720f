/**
 * An experiment as plain data: everything that decides what a run does. One table of options gives the types, the checks, the
 * command line's flags and help, and the JSON Schema. A resolved experiment is valid input again.
 */

import { z } from 'zod';
import { checkPartition } from '../data/partition.js';
import { readNumber } from '../decimal.js';
import { type ErrorCode, HearsayError } from '../errors.js';
import { checkModel } from '../models/named.js';
import { namedOptimizer } from '../models/optimizer/named.js';
import { suggestion } from '../nearest.js';
import { quote } from '../spec.js';
import { namedAlgorithm } from './algorithms/table.js';
import { choice, number, numberSchema, type Option, optionalNumber, optionalPath, path, show, spec, written } from './option.js';

/** Most nodes of one run; the 4 GiB of shared memory end earlier for all but the smallest models. */
const mostNodes = 10_000_000;
/** Most threads of one run: the owner of a lock is a small number. */
const mostThreads = 256;
const mostSteps = Number.MAX_SAFE_INTEGER;

const positive = { above: 0, max: 1e9 };
const untilShape = z.strictObject({ metric: z.enum(['accuracy', 'loss']), value: numberSchema({ min: 0, max: 1e9 }) });
const everyShape = z.strictObject({ value: numberSchema(positive), unit: z.enum(['steps', 'seconds', 'epochs']) });
const stragglerShape = z.strictObject({
  node: numberSchema({ whole: true, min: 0, max: mostNodes - 1 }),
  factor: numberSchema({ min: 1, max: 1e6 }),
});

/** Every option of an experiment, in the order of the help. */
export const options = {
  data: path({
    about: 'what is learnt',
    range: 'digits | digits:ROWS | FILE (CSV, LIBSVM; .gz too) | FOLDER (MNIST: four IDX files)',
    default: 'digits',
  }),
  test: optionalPath({
    about: 'rows to test on, of a table',
    range: 'a FILE',
    fallback: 'the file beside it (PATH.t, PATH.test, train -> test in its name), else a fifth of the rows',
  }),
  target: optionalPath({
    about: 'column to predict, of a CSV',
    range: 'a name, or a number from 1',
    fallback: 'the last column',
  }),
  standardize: choice({
    about: 'shift and scale each feature to mean 0 and variance 1 over the training rows; auto does it for CSV',
    words: ['auto', 'features', 'none'],
  }),
  validation: number({
    about: 'part of the training rows that is held out and watched instead of the test rows',
    unit: 'share of the rows',
    range: { min: 0, max: 0.9 },
    default: 0,
  }),
  model: spec({
    about: 'what learns',
    range: 'linear | logistic | softmax | mlp:WIDTH,...[,relu | tanh | gelu] | MODULE',
    default: 'mlp:128',
    module: true,
    known: checkModel,
  }),
  nodes: number({ about: 'models that learn', unit: 'nodes', range: { whole: true, min: 1, max: mostNodes }, default: 16 }),
  threads: optionalNumber({
    about: 'threads that do the work',
    unit: 'threads',
    range: { whole: true, min: 1, max: mostThreads },
    fallback: 'every core, within the cgroup quota',
  }),
  topology: spec({
    about: 'who may talk to whom',
    range:
      'complete | ring | torus | hypercube | star | exponential | regular:K | erdos-renyi:P | small-world:K,P | an edge-list FILE',
    default: 'complete',
  }),
  algorithm: spec({
    about: 'what a node does with its neighbours',
    range: 'swarm | adpsgd | local | allreduce | hogwild | none | MODULE, with :key=value,...',
    default: 'swarm:steps=4',
    module: true,
    known: (_, spec) => namedAlgorithm(spec, { nodes: 2, parameters: 1 }),
  }),
  blocking: choice({ about: 'at a busy neighbour: try another one, or wait for it', words: ['try', 'wait'] }),
  optimizer: spec({
    about: 'the local step',
    range: 'sgd with :rate=R,momentum=M,nesterov=B,decay=D and schedule=constant|step|cosine,warmup=N',
    default: 'sgd:rate=0.1',
  }),
  batch: number({ about: 'rows of one local step', unit: 'rows', range: { whole: true, min: 1, max: 1_000_000 }, default: 32 }),
  partition: spec({
    about: 'which node gets which training rows',
    range: 'iid | shards:K | dirichlet:A',
    default: 'iid',
    known: checkPartition,
  }),
  weights: choice({
    about: 'weight of a node in the mean model: the same for all, or its number of rows',
    words: ['equal', 'samples'],
  }),
  epochs: optionalNumber({
    about: 'stop after so many passes over the training rows, all nodes together',
    unit: 'epochs',
    range: positive,
    fallback: '5; 100 with --until; none with --steps or --seconds',
  }),
  steps: optionalNumber({
    about: 'stop after so many local steps, over all nodes',
    unit: 'steps',
    range: { whole: true, min: 1, max: mostSteps },
    fallback: 'none',
  }),
  seconds: optionalNumber({
    about: 'stop after so much training time on the clock',
    unit: 'seconds',
    range: positive,
    fallback: 'none',
  }),
  until: written(
    {
      about: 'stop as soon as the mean model reaches a target',
      range: 'accuracy=A (above 0, up to 1) | loss=L (at least 0)',
      fallback: 'none',
      placeholder: '<target>',
      default: null,
    },
    untilShape.nullable(),
    readUntil,
  ),
  evaluateEvery: written(
    {
      about: 'time between two evaluations',
      unit: 'steps over all nodes, or seconds, or epochs',
      range: 'N | Ts | Eepochs, a number above 0 (a whole one for steps)',
      fallback: '1epochs',
      placeholder: '<n>',
      default: { value: 1, unit: 'epochs' },
    },
    everyShape,
    readEvery,
    z.union([z.string(), z.number()]),
  ),
  evaluate: choice({
    about: 'worst node: over a sample of at most 16 nodes and 1,000 rows, or over everything',
    words: ['sample', 'full'],
  }),
  kernels: choice({
    about: 'who does the arithmetic; auto takes the fastest here',
    words: ['auto', 'simd', 'relaxed', 'reference', 'blas'],
  }),
  stragglers: {
    ...written(
      {
        about: 'a node whose work takes factor times as long; may be repeated',
        range: 'node=I,factor=F (a node of the run; F from 1 to 1000000)',
        fallback: 'none',
        placeholder: '<which>',
        default: [],
      },
      z.array(stragglerShape).max(mostNodes),
      readStragglers,
    ),
    repeatedFlag: 'straggler',
  },
  seed: number({ about: 'start of all randomness', range: { whole: true, min: 0, max: Number.MAX_SAFE_INTEGER }, default: 1 }),
} satisfies Record<string, Option>;

type Key = keyof typeof options;
type Schemas = { [K in Key]: (typeof options)[K]['schema'] };

export const experimentSchema = z.strictObject(schemasOf(options) as Schemas);

/** The schemas of a table, each with its line of help as description. */
export function schemasOf(table: Readonly<Record<string, Option>>): Record<string, z.ZodType> {
  const described = (option: Option) =>
    option.schema.meta({ description: `${option.about}: ${option.range}${option.unit ? ` (${option.unit})` : ''}` });
  return Object.fromEntries(Object.entries(table).map(([key, option]) => [key, described(option)]));
}

/** Every option with its resolved value. `threads: null` is every core; exactly one of epochs, steps and seconds is not null. */
export type Experiment = Readonly<z.output<typeof experimentSchema>>;

/** What a user may write: everything is optional, a module may be a URL, `until` and the like may be text. */
export type ExperimentInput = {
  readonly [K in keyof z.input<typeof experimentSchema>]:
    | z.input<typeof experimentSchema>[K]
    | (K extends 'model' | 'algorithm' ? URL : never);
};

/**
 * Checks and completes an experiment. The result is a fresh object of known keys. `where` names a key in messages (a flag, a place
 * in a file). Throws HearsayError CONFIG_UNKNOWN_KEY, CONFIG_TYPE, CONFIG_RANGE or KERNELS_UNAVAILABLE: at the first fault.
 */
export function parseExperiment(input: unknown, where: (key: string) => string = key => key): Experiment {
  return reconcile(parseOptions<Experiment>(input, options, where), where);
}

/** Checks `input` against any table of options: the part of `parseExperiment` that knows no option by name. */
export function parseOptions<Resolved>(
  input: unknown,
  table: Readonly<Record<string, Option>>,
  where: (key: string) => string,
): Resolved {
  if (typeof input !== 'object' || input === null || Array.isArray(input)) {
    throw new HearsayError(
      'CONFIG_TYPE',
      `experiment: found ${show(input)}, allowed is an object of options, {} for the defaults`,
    );
  }
  for (const key of Reflect.ownKeys(input)) {
    if (typeof key === 'string' && Object.hasOwn(table, key)) continue;
    const name = String(key);
    throw new HearsayError(
      'CONFIG_UNKNOWN_KEY',
      `${where(name)}: there is no option ${quote(name)}${suggestion(name, Object.keys(table)) || `; known are ${Object.keys(table).join(', ')}`}`,
    );
  }
  const resolved: Record<string, unknown> = {};
  for (const [key, option] of Object.entries(table)) {
    const given = Object.hasOwn(input, key) ? (input as Record<string, unknown>)[key] : undefined;
    resolved[key] = resolve(given, option, where(key));
  }
  return resolved as Resolved;
}

function resolve(given: unknown, option: Option, where: string): unknown {
  let value = given;
  if (option.module && value instanceof URL) value = value.href;
  if (option.written && (typeof value === 'string' || typeof value === 'number')) value = option.read(String(value), where);
  const checked = option.schema.safeParse(value);
  if (!checked.success) throw refusal(checked.error.issues[0], value, option, where);
  option.check?.(checked.data, where);
  return checked.data;
}

function refusal(issue: z.core.$ZodIssue, value: unknown, option: Option, where: string): HearsayError {
  // Of a value with a text form, the shape's own issue says more than 'neither'.
  while (issue.code === 'invalid_union') issue = issue.errors[0][0];
  let found = value;
  for (const step of issue.path) found = (found as Record<PropertyKey, unknown> | undefined)?.[step];
  const at = [where, ...issue.path].join('.');
  if (typeof found === 'function') {
    const remedy = "a function can't travel to a thread: put it in a module and give new URL('./mine.js', import.meta.url)";
    return new HearsayError('CONFIG_TYPE', `${at}: found a function, allowed is ${option.range}; ${remedy}`);
  }
  const message = `${at}: found ${show(found)}, allowed is ${option.range}; left out it is ${option.fallback}`;
  if (issue.code === 'unrecognized_keys')
    return new HearsayError('CONFIG_UNKNOWN_KEY', `${message} (unknown: ${issue.keys.join(', ')})`);
  return new HearsayError(codeOf(issue, found), message);
}

/** A wrong type is CONFIG_TYPE; NaN, infinity, 2.5 nodes and a word that is not in the list are CONFIG_RANGE. */
function codeOf(issue: z.core.$ZodIssue, found: unknown): ErrorCode {
  if (issue.code === 'invalid_value') return typeof found === 'string' ? 'CONFIG_RANGE' : 'CONFIG_TYPE';
  if (issue.code !== 'invalid_type') return 'CONFIG_RANGE';
  return typeof found === 'number' && ['number', 'int'].includes(issue.expected) ? 'CONFIG_RANGE' : 'CONFIG_TYPE';
}

/** What no single option can say. */
function reconcile(experiment: Experiment, where: (key: string) => string): Experiment {
  const { epochs, steps, seconds, until, stragglers, nodes, kernels } = experiment;
  const limits = Object.entries({ epochs, steps, seconds }).filter(([, value]) => value !== null);
  if (limits.length > 1) {
    const names = limits.map(([key]) => where(key)).join(' and ');
    throw new HearsayError('CONFIG_RANGE', `${names}: found both, allowed is one limit of epochs, steps and seconds; keep one`);
  }
  if (until?.metric === 'accuracy' && !(until.value > 0 && until.value <= 1)) {
    throw new HearsayError(
      'CONFIG_RANGE',
      `${where('until')}: found accuracy=${until.value}, allowed is above 0 and up to 1; 98 % is 0.98`,
    );
  }
  if (experiment.evaluateEvery.unit === 'steps' && !Number.isSafeInteger(experiment.evaluateEvery.value)) {
    const found = experiment.evaluateEvery.value;
    throw new HearsayError(
      'CONFIG_RANGE',
      `${where('evaluateEvery')}: found ${found} steps, allowed is a whole number; seconds are written ${found}s`,
    );
  }
  const slowed = new Set<number>();
  for (const { node } of stragglers) {
    if (node >= nodes) {
      throw new HearsayError(
        'CONFIG_RANGE',
        `${where('stragglers')}: found node ${node}, allowed is 0 to ${nodes - 1}, as there are ${nodes} nodes`,
      );
    }
    if (slowed.has(node))
      throw new HearsayError('CONFIG_TYPE', `${where('stragglers')}: node ${node} is given twice; give it once`);
    slowed.add(node);
  }
  if (kernels === 'blas') {
    throw new HearsayError(
      'KERNELS_UNAVAILABLE',
      `${where('kernels')}: blas is not built in yet, allowed is auto | simd | relaxed | reference`,
    );
  }
  // Some schedules must know how long the run is, and a run by the clock does not.
  namedOptimizer(experiment.optimizer, seconds === null ? 1 : Number.POSITIVE_INFINITY);
  return limits.length > 0 ? experiment : { ...experiment, epochs: until ? 100 : 5 };
}

function readUntil(text: string, where: string): z.output<typeof untilShape> {
  const [metric, value, ...rest] = text.split('=');
  if (!(metric === 'accuracy' || metric === 'loss') || value === undefined || rest.length > 0) {
    throw new HearsayError(
      'CONFIG_RANGE',
      `${where}: found ${quote(text)}, allowed is accuracy=A or loss=L; write ${where} accuracy=0.98`,
    );
  }
  return {
    metric,
    value: readNumber(value, metric === 'accuracy' ? { above: 0, max: 1 } : { min: 0, max: 1e9 }, `${where} ${metric}`),
  };
}

function readEvery(text: string, where: string): z.output<typeof everyShape> {
  const suffix = /(s|epochs?)?$/.exec(text)![0];
  const unit = suffix === '' ? 'steps' : suffix === 's' ? 'seconds' : 'epochs';
  const range = unit === 'steps' ? { whole: true, min: 1, max: positive.max } : positive;
  return { value: readNumber(text.slice(0, text.length - suffix.length), range, where), unit };
}

function readStragglers(text: string, where: string): z.output<typeof stragglerShape>[] {
  const match = /^node=([^,]*),factor=([^,]*)$/.exec(text);
  if (!match) {
    throw new HearsayError(
      'CONFIG_RANGE',
      `${where}: found ${quote(text)}, allowed is node=I,factor=F; write ${where} node=3,factor=10`,
    );
  }
  const node = readNumber(match[1], { whole: true, min: 0, max: mostNodes - 1 }, `${where} node`);
  return [{ node, factor: readNumber(match[2], { min: 1, max: 1e6 }, `${where} factor`) }];
}
