/** The table of options: every one that decides what a run does. Types, checks, flags, help and the JSON Schema come from it. */

import { checkData } from '../data/kinds.js';
import { checkPartition } from '../data/partition.js';
import { syntheticWords } from '../data/synthetic.js';
import { readPlan } from '../models/kernels/plan.js';
import { checkModel } from '../models/named.js';
import { optimizers } from '../models/optimizer/named.js';
import { checkTopology, topologySyntax } from '../topology/topology.js';
import { algorithms, namedAlgorithm } from './algorithms/table.js';
import { augmentSyntax, readAugmentation } from './augment.js';
import { averageSyntax, readAverage } from './averaging.js';
import { mostNodes } from './capacity.js';
import { churnSyntax, openChurn } from './churn.js';
import { clockSyntax, openClock } from './clock.js';
import { attacks, evaluateEvery, positive, stragglers, until } from './compound.js';
import { linkSyntax, namedLink } from './link.js';
import { choice, number, type Option, optionalNumber, optionalPath, optionalSpec, path, spec, toggle } from './option.js';
import { openSpeeds, speedsSyntax } from './speeds.js';
import { exactNodes, trackedBeyond, trackedLive } from './versions.js';

/** Most threads of one run: the owner of a lock is a small number. */
const mostThreads = 256;
const mostSteps = Number.MAX_SAFE_INTEGER;

/** How many threads a command uses, and what for. */
export function threads(about: string) {
  const range = { whole: true, min: 1, max: mostThreads };
  return optionalNumber({ about, unit: 'threads', range, fallback: 'every core, within the cgroup quota' });
}

/** Every option of an experiment, in the order of the help. */
export const options = {
  data: path({
    about: 'what is learnt',
    range: `digits | digits:ROWS | ${syntheticWords} | FILE (CSV, LIBSVM, .npy, .npz, .parquet, CIFAR's .bin, .txt; .gz too) | text:FILE,context=N | ratings:FILE | FOLDER (MNIST: four IDX files; CIFAR: .bin files) | none`,
    default: 'digits',
    known: checkData,
  }),
  test: optionalPath({
    about: 'rows to test on, of a file',
    range: 'a FILE',
    fallback: 'the file beside it (PATH.t, PATH.test, train -> test in its name), else a fifth of the rows',
  }),
  target: optionalPath({
    about: 'column to predict, of a table (CSV, .npy, .parquet)',
    range: 'a name, or a number from 1',
    fallback: 'the last column',
  }),
  standardize: choice({
    about:
      'shift and scale to mean 0 and variance 1 over the training rows: each feature, or the whole; auto: images as a whole, features of a CSV',
    words: ['auto', 'features', 'whole', 'none'],
  }),
  validation: number({
    about: 'part of the training rows that is held out and watched instead of the test rows',
    unit: 'share of the rows',
    range: { min: 0, max: 0.9 },
    default: 0,
  }),
  model: spec({
    about: 'what learns',
    range:
      'linear | ridge | logistic | hinge | softmax | factorization:RANK | neuron:tanh | mlp:WIDTH,...[,relu | tanh | gelu] | layers:LAYER,... | lenet | resnet8 | resnet20 | transformer:LAYERS,HEADS,WIDTH | noise:PARAMETERS | coupled:UNKNOWNS | none | tfjs:PATH/model.json | MODULE',
    default: 'mlp:128',
    module: true,
    known: checkModel,
  }),
  nodes: number({ about: 'models that learn', unit: 'nodes', range: { whole: true, min: 1, max: mostNodes }, default: 16 }),
  threads: threads('threads that do the work'),
  topology: spec({
    about: 'who may talk to whom',
    range: topologySyntax,
    default: 'complete',
    module: true,
    known: checkTopology,
  }),
  algorithm: spec({
    about: 'what a node does with its neighbours',
    range: `${Object.keys(algorithms).join(' | ')} | MODULE, with :key=value,...`,
    default: 'swarm',
    module: true,
    known: (_, where, spec) => namedAlgorithm(spec, { nodes: 2, capacity: 2, parameters: 1, rate: 1 }, where),
  }),
  start: choice({
    about: 'weights that nodes start from: the same for all, or each its own draw',
    words: ['same', 'own'],
  }),
  init: optionalPath({
    about: 'weights that all nodes start from',
    range: 'a FILE (safetensors or npz, of hearsay, PyTorch or Keras), or the --out FOLDER of a run',
    fallback: 'none: drawn from the seed',
  }),
  average: spec({
    about:
      'averages of models: as they are; with the variance of each layer restored; or robust: far models shortened, or the middle of each number',
    range: averageSyntax,
    default: 'plain',
    known: (text, where) => readAverage(text, where),
  }),
  diverged: choice({
    about:
      "at a loss or weight that is not finite: end the run, or drop that piece of work, its node keeping its model or beginning again from a neighbour's",
    words: ['stop', 'skip', 'reset'],
  }),
  busy: choice({ about: 'at a busy neighbour: draw another one, or wait for it', words: ['redraw', 'wait'], only: 'live' }),
  optimizer: spec({
    about: 'the local step',
    range: `${optimizers.map(({ form }) => form).join(' | ')}, with :rate=R,...`,
    default: 'sgd:rate=0.1',
  }),
  batch: number({ about: 'rows of one local step', unit: 'rows', range: { whole: true, min: 1, max: 1_000_000 }, default: 32 }),
  augment: spec({
    about: 'what is done to the images of a batch at random: flipped from left to right, shifted by up to PAD pixels each way',
    range: augmentSyntax,
    default: 'none',
    known: (text, where) => readAugmentation(text, where),
  }),
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
    only: 'live',
  }),
  until,
  time: optionalNumber({
    about: 'stop after so much virtual time',
    unit: 'virtual seconds',
    range: positive,
    fallback: 'none',
    only: 'virtual',
  }),
  evaluateEvery,
  evaluate: choice({
    about: 'worst node: over a sample of at most 16 nodes and 1,000 rows, or over everything',
    words: ['sample', 'full'],
  }),
  kernels: path({
    about: 'who does the arithmetic; auto takes the fastest here, product by product, and simd in virtual time',
    range: 'auto | simd | relaxed | blas | reference, and products that others do: relaxed,forward:784x128=blas',
    default: 'auto',
    known: (text, where) => text === 'auto' || readPlan(text, where),
  }),
  stragglers,
  attacks,
  deterministic: toggle({
    about:
      'schedule by virtual clocks (with the options of hearsay simulate), and do the work on all threads: the same bytes every time, on any number of threads',
  }),
  clock: optionalSpec({
    about: 'how long a piece of work takes, in virtual time',
    range: `${clockSyntax} | edges (one random edge an event, both ends at once)`,
    fallback: "the algorithm's own, else exponential:mean=1",
    only: 'virtual',
    known: (text, where) => text === 'edges' || isFile(text) || openClock(text, { seed: 0, purpose: 'work' }, where),
  }),
  speeds: spec({
    about:
      'how many times as fast as its clock each node is: a speed of 2 halves its durations; the mean of a file is taken as 1',
    range: speedsSyntax,
    default: 'same',
    only: 'virtual',
    known: (text, where) => /[./\\]/.test(text.split(':', 1)[0]) || openSpeeds(text, 1, 0, undefined, where),
  }),
  link: spec({
    about: 'how long messages and exchanges take, and which get lost',
    range: linkSyntax,
    default: 'ideal',
    module: true,
    only: 'virtual',
    known: (text, where) => namedLink(text, { seed: 0, nodes: 2 }, where),
  }),
  churn: spec({
    about: 'nodes that join, leave and crash',
    range: churnSyntax,
    default: 'none',
    only: 'virtual',
    known: (text, where) => isFile(text) || openChurn(text, { seed: 0, nodes: 1, capacity: 1 }, where),
  }),
  capacity: optionalNumber({
    about: 'room for nodes, newcomers included',
    unit: 'nodes',
    range: { whole: true, min: 1, max: mostNodes },
    fallback: 'the nodes; twice as many when some may join',
    only: 'virtual',
  }),
  slots: optionalNumber({
    about: 'messages that may be on their way at once',
    unit: 'messages',
    range: { whole: true, min: 1, max: mostNodes },
    fallback: 'the nodes, and a few more',
    only: 'virtual',
  }),
  parallel: choice({
    about: 'the work of a simulation on all threads, or on one; auto: on all when a piece of work is long enough to gain',
    words: ['auto', 'always', 'never'],
    only: 'virtual',
  }),
  track: optionalNumber({
    about: 'nodes whose versions are followed through all models, for the staleness of each',
    unit: 'nodes',
    range: { whole: true, min: 0, max: mostNodes },
    fallback: `all of at most ${exactNodes}; of more, ${trackedBeyond}; in a live run at most ${trackedLive}`,
  }),
  seed: number({ about: 'start of all randomness', range: { whole: true, min: 0, max: Number.MAX_SAFE_INTEGER }, default: 1 }),
} satisfies Record<string, Option>;

/** A trace is looked at later: the check of an experiment opens no file. */
function isFile(text: string): boolean {
  return text.startsWith('trace:');
}
