/** Random experiments of a few nodes and a few hundred steps: every algorithm with its options, and whatever they may run on. */

import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after } from 'node:test';
import fc from 'fast-check';
import type { ExperimentInput } from '../../src/engine/experiment.js';
import { below, normal, source } from '../../src/random.js';
import { poisons } from './poison.js';
import { drawnSparse, libsvmText } from './sparse.js';

const folder = mkdtempSync(join(tmpdir(), 'hearsay-'));
after(() => rmSync(folder, { recursive: true }));

/** A file of sparse rows, some of them empty. */
function sparseRows(classes: 0 | 2, features: number): string {
  const path = join(folder, `${classes}-${features}.svm`);
  writeFileSync(path, libsvmText(drawnSparse({ seed: features, rows: 110, features, density: 3 / features, classes })));
  return path;
}

const [fewLabels, manyLabels, reals] = [sparseRows(2, 12), sparseRows(2, 90), sparseRows(0, 15)];

/** A file of ratings: everybody and everything at least once. */
function drawnRatings(users: number, items: number): string {
  const path = join(folder, 'ratings.csv');
  const draws = source(7, 'ratings');
  const rating = (k: number) => {
    const [user, item] = [k < users ? k : below(draws, 0, k, users), k < items ? k : below(draws, 1, k, items)];
    return `u${user},i${item},${(3 + normal(draws, 2, user) + 0.5 * normal(draws, 3, item)).toFixed(2)}\n`;
  };
  writeFileSync(path, Array.from({ length: 110 }, (_, k) => rating(k)).join(''));
  return path;
}

const ratings = drawnRatings(9, 14);

/** `key=value` settings, each there or not, behind a name. */
function named(name: string, settings: Readonly<Record<string, readonly string[]>>): fc.Arbitrary<string> {
  const keys = Object.keys(settings);
  return fc.tuple(...keys.map(key => fc.option(fc.constantFrom(...settings[key]), { nil: undefined }))).map(values => {
    const given = keys.flatMap((key, k) => (values[k] === undefined ? [] : [`${key}=${values[k]}`]));
    return given.length === 0 ? name : `${name}:${given.join(',')}`;
  });
}

const steps = ['1', '2', '3', 'geometric:2'];
const weight = ['0', '0.3', '0.5', '1'];

/** Those that run on the clock of the wall too. */
const withCompressor = (text: string) =>
  fc
    .constantFrom('none', 'topk:0.3', 'randk:0.5', 'qsgd:8', 'sign', 'lattice:8')
    .map(compress => `${text}${text.includes(':') ? ',' : ':'}compress=${compress}`);

const algorithm = fc.oneof(
  named('swarm', { steps, both: ['true'], order: ['mix', 'commit'], weight }),
  named('swarm', {
    both: ['true'],
    order: ['mix', 'commit'],
    weight,
    rounding: ['dither', 'stochastic'],
    rotation: ['true'],
  }).chain(text => fc.constantFrom('4', '5', '8', '16').map(bits => `${text}${text.includes(':') ? ',' : ':'}bits=${bits}`)),
  named('swarm', { steps, both: ['true'], order: ['mix', 'commit'], bits: ['2', '3'] }),
  named('adpsgd', { weight }),
  named('gossip', { steps, rate: ['0.5', '1', 'log'], mix: ['push', 'pull', 'push-pull'], weight }),
  named('gossip', { steps, rate: ['1', 'log'], merge: ['age'] }),
  named('local', { steps }),
  fc.constant('allreduce'),
  named('sgp', { steps, overlap: ['true', 'false'] }),
  named('cdsa', { weights: ['metropolis', 'uniform'] }),
  named('dpsgd', { steps, order: ['mix', 'commit'], weights: ['metropolis', 'uniform'] }),
  named('choco', { steps, gamma: ['0.05', '0.3'], quasi: ['0', '0.5'] }).chain(withCompressor),
  named('adagossip', { steps, gamma: ['0.01', '0.1'], beta: ['0.5', '0.999'] }).chain(withCompressor),
  fc.constantFrom('swarm-pull', 'asgd', 'asgd:steps=2', 'easgd', 'easgd:alpha=0.5,steps=2'),
  fc.constantFrom('fedavg:p=0.5', 'fedavg:who=all,links=cyclic,period=3', 'fedpbc:links=markov,p=0.2..0.9', 'fedpbc:swing=0.5'),
  named('savic', { steps, over: ['gossip'], beta1: ['0.9'] }).map(
    text => `${text}${text.includes(':') ? ',' : ':'}rule=identity`,
  ),
  named('savic', {
    ...{ steps, rule: ['adam', 'rmsprop', 'oasis', 'adahessian'], b: ['0.5'], clip: ['add'], every: ['2'] },
    ...{ scaling: ['local'], over: ['gossip'], beta1: ['0.5'] },
  }).map(text => `${text}${text.includes(':') ? ',' : ':'}alpha=0.5`), // a least scale of 0.01 blows up on batches of one row, as it should
  named('draco', {
    steps,
    rate: ['0.5', '2'],
    window: ['0.1', '1.5'],
    period: ['3', '10', 'inf'],
    psi: ['1', '4'],
    form: ['model'],
    hub: ['random'],
  }),
  named('stardust', {
    steps,
    rate: ['0.5', 'log'],
    weight,
    pace: ['inverse', 'absolute'],
    per: ['coordinate'],
    carry: ['both'],
    delay: ['0', '1.5'],
    momentum: ['0.5'],
  }),
  named('stardust', { steps, delay: ['0.5', '1.5'], per: ['coordinate'], carry: ['both'] }).map(
    text => `${text}${text.includes(':') ? ',' : ':'}coalesce=true,momentum=0.5,average=true`,
  ),
  named('stardust', { steps, share: ['0.3', '1'], delay: ['0.5'], coalesce: ['true'], momentum: ['0.5'] }).map(
    text => `${text}${text.includes(':') ? ',' : ':'}carry=gradient`,
  ),
  named('none', { steps }),
  named('hogwild', { steps }).map(text => `${text}${text.includes(':') ? ',' : ':'}mode=guarded`),
);

const virtualAlgorithm = fc.oneof(
  { weight: 7, arbitrary: algorithm },
  named('timely', { steps, rate: ['1', 'log'], mix: ['push', 'pull', 'push-pull'], weight, sources: ['1', '2'] }),
  fc.constantFrom('timely:opportunistic=true', 'timely:opportunistic=true,relay=false'),
  fc.constantFrom(...steps).map(each => `timely:opportunistic=asuman,steps=${each}`),
);

const poison = new URL('./poison.js', import.meta.url).href;

const learnt = fc.oneof(
  fc
    .record({
      task: fc.constantFrom('linear', 'tanh'),
      features: fc.integer({ min: 1, max: 9 }),
      rows: fc.integer({ min: 60, max: 120 }),
      model: fc.constantFrom('linear', 'linear:bias=false', 'neuron:tanh', 'mlp:5', 'mlp:6,3,tanh', 'mlp:4,gelu'),
    })
    .map(({ task, features, rows, model }) => ({
      data: `synthetic:task=${task},rows=${rows},features=${features},test=40`,
      model,
    })),
  fc.record({
    data: fc.constantFrom(fewLabels, manyLabels),
    model: fc.constantFrom('logistic', 'logistic:l2=1e-2', 'hinge', 'hinge:l2=1e-2'),
  }),
  fc.record({ data: fc.constant(reals), model: fc.constantFrom('ridge', 'ridge:l2=1e-2') }),
  fc.record({
    data: fc.constant(`ratings:${ratings}`),
    model: fc.constantFrom('factorization:1', 'factorization:5', 'factorization:3,l2=1e-2'),
  }),
  fc.record({
    data: fc.constant('synthetic:rows=60,features=3,test=5'),
    model: fc
      .tuple(fc.constantFrom(...Object.keys(poisons)), fc.constantFrom(3, 7))
      .map(([how, every]) => `${poison}:how=${how},node=1,every=${every}`),
  }),
  fc.record({
    data: fc.constant('none'),
    model: fc.constantFrom('noise:1', 'noise:40', 'noise:33,curvature=0.5', 'none'),
  }),
);

/** A graph that a number of nodes has. */
function topology(nodes: number): fc.Arbitrary<string> {
  const names = ['complete'];
  if (nodes >= 3) names.push('ring', 'star', 'erdos-renyi:0.7');
  if (nodes >= 4) names.push('exponential', 'regular:3'.replace('3', nodes % 2 === 0 ? '3' : '2'));
  if (nodes >= 5) names.push('small-world:2,0.3');
  if (nodes === 4 || nodes === 8) names.push('hypercube');
  return fc.constantFrom(...names);
}

const attackOf = (nodes: number) =>
  fc.record({ node: fc.nat(nodes - 1), kind: fc.constantFrom('sign', 'noise', 'constant'), scale: fc.constantFrom(0.2, 1e-7) });

const usual = fc
  .record({
    learnt,
    nodes: fc.integer({ min: 1, max: 9 }),
    batch: fc.integer({ min: 1, max: 3 }),
    optimizer: fc.constantFrom(
      ...['sgd:rate=0.02', 'sgd:rate=0.05,decay=0.01', 'sgd:rate=0.01,momentum=0.5'],
      ...[
        'sgd:rate=0.01,momentum=0.9,nesterov=true',
        'sgd:rate=0.05,warmup=5',
        'sgd:rate=0.05,schedule=step,every=10,factor=0.5',
        'sgd:rate=0.02,momentum=0.5,clip=0.3',
      ],
      ...['adam:rate=0.002', 'adamw:rate=0.002,beta1=0.5,clip=1', 'rmsprop:rate=0.001,decay=0.01'],
      ...['adagrad:rate=0.01,warmup=5', 'lamb:rate=0.01'],
      ...['sgd:rate=0.01,momentum=0.5,travels=all', 'adam:rate=0.002,travels=mean', 'rmsprop:rate=0.001,travels=all'],
    ),
    partition: fc.constantFrom('iid', 'iid', 'dirichlet:0.5'),
    weights: fc.constantFrom('equal', 'samples'),
    evaluate: fc.constantFrom('sample', 'full'),
    kernels: fc.constantFrom('simd', 'simd', 'reference'),
    track: fc.constantFrom(null, null, 0, 1),
    diverged: fc.constantFrom('stop', 'skip', 'reset'),
    average: fc.constantFrom(
      'plain',
      'plain',
      'clipped:radius=0.2',
      'clipped:radius=3',
      'clipped:cut=1',
      'median',
      'trimmed:cut=1',
    ),
    seed: fc.nat(1e6),
  })
  .chain(({ learnt: { data, model }, ...rest }) =>
    fc.record({
      ...fcConstants({ ...rest, data, model, partition: data === 'none' ? 'iid' : rest.partition }),
      // A model that goes wrong would end most runs before they are of interest.
      ...(model.startsWith(poison) && rest.diverged === 'stop' && { diverged: fc.constantFrom('skip', 'skip', 'reset') }),
      topology: topology(rest.nodes),
      stragglers: fc.oneof(
        { weight: 4, arbitrary: fc.constant([]) },
        fc.record({ node: fc.nat(rest.nodes - 1), factor: fc.constantFrom(2, 5) }).map(one => [one]),
      ),
      attacks: rest.nodes === 1 ? fc.constant([]) : fc.array(attackOf(rest.nodes), { maxLength: 1 }),
    }),
  );

function fcConstants<T extends object>(values: T): { [K in keyof T]: fc.Arbitrary<T[K]> } {
  return Object.fromEntries(Object.entries(values).map(([key, value]) => [key, fc.constant(value)])) as never;
}

const clock = fc.constantFrom(
  ...[null, 'exponential:mean=1', 'constant:mean=1', 'shifted:c=0.5,mu=2', 'lognormal:mean=1,sigma=0.5', 'pareto:mean=1,shape=2'],
);

/**
 * Quasi-global momentum, and a first moment, take the place of the optimizer's: one of them. They and a scale go with gradients that are
 * not divided.
 */
function fitting(algorithm: string, drawn: string): { algorithm: string; optimizer: string } {
  const goesAlong = /^(swarm|swarm-pull|gossip|timely|asuman|adpsgd|local|allreduce|dpsgd|sgp|fed|easgd|savic)/;
  const optimizer = goesAlong.test(algorithm) && !algorithm.includes('bits=') ? drawn : drawn.replace(/,travels=\w+/, '');
  const without = algorithm.replace('quasi=0.5', 'quasi=0').replace(/beta1=[\d.]+/, 'beta1=0');
  if (optimizer.startsWith('sgd')) return { optimizer, algorithm: optimizer.includes('momentum') ? without : algorithm };
  const isFull = algorithm.startsWith('stardust'); // with all its options, and two moments, there are more planes than there may be
  if (isFull || (algorithm.startsWith('savic') && !algorithm.includes('rule=identity')))
    return { algorithm, optimizer: 'sgd:rate=0.02' };
  return { algorithm: without, optimizer };
}

/** The average that was drawn, where the algorithm has a place for it. */
function averaged(algorithm: string, { average, topology, nodes }: { average: string; topology: string; nodes: number }): string {
  const clips = /^(swarm|adpsgd|gossip|timely|dpsgd|local|allreduce)/.test(algorithm) && !/bits=[23]/.test(algorithm);
  if (average.startsWith('clipped:radius')) return clips ? average : 'plain';
  if (average.startsWith('clipped')) return /^(local|allreduce|dpsgd)/.test(algorithm) ? average : 'plain';
  const isAmongMany = /^(local|allreduce)/.test(algorithm) || (algorithm.startsWith('dpsgd') && topology === 'complete');
  return isAmongMany && nodes >= 4 ? average : 'plain';
}

/** A run in virtual time; it lasts some hundred local steps. */
export const virtualExperiment: fc.Arbitrary<ExperimentInput> = fc
  .record({
    usual,
    algorithm: virtualAlgorithm,
    clock,
    edges: fc.nat(5),
    speeds: fc.constantFrom('same', 'same', 'uniform:spread=0.5', 'lognormal:sigma=0.5'),
    link: fc.constantFrom(
      ...[
        'ideal',
        'ideal',
        'delay:mean=0.3',
        'delay:mean=0.4,law=exponential,loss=0.2',
        'delay:mean=0,loss=0.3',
        'sinr:interferers=2,band=100',
      ],
    ),
    churn: fc.constantFrom('none', 'none', 'rates:join=0.5,leave=0.4,crash=0.3', 'rates:crash=0.2', 'rates:join=1'),
    limit: fc.oneof(
      fc.record({ steps: fc.integer({ min: 1, max: 250 }), evaluateEvery: fc.constantFrom('30', '100', '2s') }),
      fc.record({ time: fc.constantFrom(1, 7.5, 20), evaluateEvery: fc.constantFrom('2.5s', '9s', '40') }),
    ),
  })
  .map(({ usual: common, algorithm: drawn, clock, edges, limit, churn, ...rest }) => {
    const { algorithm, optimizer } = fitting(drawn, common.optimizer);
    const average = optimizer.includes('travels') ? 'plain' : averaged(algorithm, common);
    const byEdges =
      edges === 0 && common.nodes > 1 && !/^(local|allreduce|dpsgd|cdsa|sgp|choco|adagossip|fed|savic)/.test(algorithm);
    // Nobody may be left who makes a step: such a run must end by the time.
    const mayStop = 'steps' in limit && algorithm.includes('sources');
    const link = /^(swarm|adpsgd)/.test(algorithm) ? { link: 'ideal' } : {};
    return {
      ...{ ...common, ...rest, ...limit, algorithm, optimizer, average },
      track: algorithm.includes('asuman') ? null : common.track, // it asks who has which version of whom
      clock: byEdges ? 'edges' : clock,
      churn: mayStop || byEdges ? 'none' : churn,
      ...(byEdges ? { speeds: 'same', stragglers: [], ...link } : {}),
    } as ExperimentInput;
  });

/** A run on the clock of the wall. */
export const liveExperiment: fc.Arbitrary<ExperimentInput> = fc
  .record({
    usual,
    algorithm,
    busy: fc.constantFrom('redraw', 'wait'),
    steps: fc.integer({ min: 1, max: 400 }),
    evaluateEvery: fc.constantFrom('50', '1000', '0.01s'),
  })
  .map(({ usual: common, algorithm: drawn, ...rest }) => {
    const { algorithm, optimizer } = fitting(drawn, common.optimizer);
    const average = optimizer.includes('travels') ? 'plain' : averaged(algorithm, common);
    return { ...common, ...rest, algorithm, optimizer, average } as ExperimentInput;
  });
