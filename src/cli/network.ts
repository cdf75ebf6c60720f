/** From an experiment to what the theory plans for: the scheme of its algorithm, its clock as a law, its links. */

import { algorithms } from '../engine/algorithms/table.js';
import type { Experiment } from '../engine/experiment.js';
import type { Nature } from '../engine/nature.js';
import type { Recipe } from '../engine/recipe.js';
import { bytesOnLink } from '../engine/traffic.js';
import { HearsayError } from '../errors.js';
import { readSgd } from '../models/optimizer/named.js';
import { readSettings } from '../settings.js';
import { isModule, parseSpec, quote, type Spec } from '../spec.js';
import { type Delay, exponentialDelay, fixedDelay, sampledDelay, shiftedDelay } from '../theory/delay/law.js';
import type { Carriage, Network, Scheme, Step, Way } from '../theory/plan/network.js';
import { roundOf, sampledRound } from '../theory/waiting.js';
import type { Draft } from '../threads/prepare.js';

/** Throws CONFIG_RANGE, naming what can be planned, for what can't. */
export function networkOf({ experiment, graph, recipe, nature }: Draft): Network {
  const { nodes } = experiment;
  if (experiment.churn !== 'none')
    throw unplanned('churn', experiment.churn, 'none: the theory is of a network that stays as it is');
  if (recipe.correction) throw unplanned('average', experiment.average, 'plain');
  if (experiment.weights !== 'equal') throw unplanned('weights', experiment.weights, 'equal');
  const text = experiment.clock ?? recipe.algorithm.clock ?? 'exponential:mean=1';
  const clock = nature!.clock;
  if (!clock) throw unplanned('clock', text, 'a clock of each node, as exponential:mean=1');
  const speeds = Array.from({ length: nodes }, (_, node) => clock.mean / meanDuration(nature!, node));
  const rates = speeds.map(speed => speed / clock.mean);
  const slowing = nodes / speeds.reduce((sum, speed) => sum + speed, 0);
  const even = speeds.every(speed => speed === speeds[0]);
  const pace: Pace = { text, law: lawOf(text, nature!, slowing), nature: nature!, nodes, even };
  return {
    ...{ graph, nodes, rates, law: pace.law, memoryless: /^exponential(:|$)/.test(text) },
    scheme: schemeOf(parseSpec(experiment.algorithm, 'algorithm'), pace),
    link: wayOf(experiment, nature!),
    parameters: recipe.model.parameters,
    carriage: carriageOf(recipe),
    step: stepOf(experiment),
  };
}

/** How long work takes. */
interface Pace {
  readonly text: string;
  readonly law: Delay;
  readonly nature: Nature;
  readonly nodes: number;
  /** All nodes are equally fast. */
  readonly even: boolean;
}

type Values = Readonly<Record<string, unknown>>;

/** What can be planned of each built-in algorithm. */
const schemes: Readonly<Record<string, (values: Values, pace: Pace) => Scheme>> = {
  swarm(values) {
    if (values.both) throw unplanned('algorithm', 'swarm with both=true', 'swarm with both=false');
    return { kind: 'work', mix: 'pairwise', order: (values.order as 'mix' | 'commit') ?? 'mix', weight: values.weight as number };
  },
  adpsgd: ({ weight }) => ({ kind: 'work', mix: 'pairwise', order: 'mix', weight: weight as number }),
  'swarm-pull': ({ weight }) => ({ kind: 'work', mix: 'pull', order: 'commit', weight: weight as number }),
  gossip(values, pace) {
    if (values.merge === 'age') throw unplanned('algorithm', 'gossip with merge=age', 'gossip with merge=average');
    return gossiping({ ...values, weight: values.weight ?? 0.5 }, pace);
  },
  timely(values, pace) {
    const { opportunistic, sources, relay } = values;
    if ((sources as number) < pace.nodes)
      throw unplanned('algorithm', `timely with sources=${sources}`, 'timely with sources=all');
    if (opportunistic === 'asuman')
      throw unplanned('algorithm', 'timely with opportunistic=asuman', 'timely with opportunistic=false | true');
    if (opportunistic === 'false') return gossiping(values, pace);
    return { kind: 'opportunistic', rate: rateOf(values, pace), relay: relay !== 'false' };
  },
  local: (_, pace) => rounds(pace),
  allreduce: (_, pace) => rounds(pace),
  dpsgd: ({ order, weights }, pace) => neighbourhoods(pace, order as 'mix' | 'commit', weights as Edges),
  cdsa({ ratio, weights }, pace) {
    if (ratio !== 1) throw unplanned('algorithm', `cdsa with ratio=${ratio}`, 'cdsa with ratio=1');
    return neighbourhoods(pace, 'commit', weights as Edges);
  },
  fedavg(values, pace) {
    if (values.who === 'all') throw unplanned('algorithm', 'fedavg with who=all', 'fedavg with who=active');
    return { ...rounds(pace), heard: chances(values, pace), server: true };
  },
  fedpbc: (values, pace) => ({ ...rounds(pace), heard: chances(values, pace) }),
  asgd: () => ({ kind: 'shared' }),
  hogwild({ mode }) {
    if (mode === 'racy') throw unplanned('algorithm', 'hogwild with mode=racy', 'hogwild with mode=guarded');
    return { kind: 'shared' };
  },
  none: () => ({ kind: 'alone' }),
};

function schemeOf(spec: Spec, pace: Pace): Scheme {
  if (isModule(spec.name) || !Object.hasOwn(schemes, spec.name))
    throw unplanned('algorithm', spec.name, Object.keys(schemes).join(' | '));
  return schemes[spec.name](readSettings(spec, algorithms[spec.name].settings, 'algorithm'), pace);
}

function gossiping(values: Values, pace: Pace): Scheme {
  const mix = values.mix === 'push-pull' ? 'pairwise' : ((values.mix as 'push' | 'pull') ?? 'push');
  return { kind: 'clocks', mix, rate: rateOf(values, pace), weight: values.weight as number };
}

function rateOf({ rate }: Values, { nodes }: Pace): number {
  return (rate as (nodes: number) => number)(nodes);
}

/** How often each node is heard; with a swing, on average over its period. */
function chances({ p, swing }: Values, { nodes }: Pace): number[] {
  const chance = p as (node: number, nodes: number) => number;
  return Array.from({ length: nodes }, (_, node) => chance(node, nodes) * (1 - (swing as number)));
}

function rounds({ law, nature, nodes, even, text }: Pace): Extract<Scheme, { kind: 'rounds' }> {
  const known = even && /^(constant|exponential|shifted)(:|$)/.test(text);
  const round = known
    ? roundOf(nodes, law.starts[0], law.tail)
    : sampledRound(nodes, (node, k) => nature.clock!.duration(node, k) * nature.factor(node));
  return { kind: 'rounds', round, server: false };
}

type Edges = Extract<Scheme, { kind: 'neighbourhoods' }>['weights'];

function neighbourhoods(pace: Pace, order: 'mix' | 'commit', weights: Edges): Scheme {
  return { kind: 'neighbourhoods', round: rounds(pace).round, order, weights };
}

/** Draws that stand for a law which has no form of its own: each the middle of so many, in order. */
const [quantiles, drawsEach] = [64, 15];

/** The clock as a law, with its times multiplied by `slowing`. */
function lawOf(text: string, { clock }: Nature, slowing: number): Delay {
  const mean = clock!.mean * slowing;
  if (/^constant(:|$)/.test(text)) return fixedDelay(mean);
  if (/^exponential(:|$)/.test(text)) return exponentialDelay(mean);
  const deviation = Math.sqrt(clock!.secondMoment - clock!.mean ** 2) * slowing; // of the exponential part, which is its mean
  if (/^shifted(:|$)/.test(text)) return shiftedDelay(Math.max(0, mean - deviation), 1 / deviation);
  const draws = Float64Array.from({ length: quantiles * drawsEach }, (_, k) => clock!.duration(0, k)).sort();
  const middles = Array.from({ length: quantiles }, (_, k) => draws[k * drawsEach + (drawsEach >> 1)]);
  const found = middles.reduce((sum, value) => sum + value, 0) / quantiles;
  return sampledDelay(middles.map(value => (value * mean) / found));
}

/** E[D] of a node. */
function meanDuration({ clock, factor, speeds }: Nature, node: number): number {
  return (clock!.mean * factor(node)) / speeds[node];
}

function wayOf({ link: text }: Experiment, { link }: Nature): Way {
  const spec = parseSpec(text, 'link');
  if (spec.name !== 'ideal' && spec.name !== 'delay') throw unplanned('link', text, 'ideal | delay');
  return { loss: Number(spec.options.loss ?? 0), mean: link.mean ?? 0, bandwidth: link.bandwidth ?? Number.POSITIVE_INFINITY };
}

function stepOf({ optimizer, algorithm }: Experiment): Step {
  const sgd = readSgd(optimizer);
  if (!sgd) throw unplanned('optimizer', parseSpec(optimizer, 'optimizer').name, 'sgd: steps that are sums of rate x gradient');
  const { rate, momentum, nesterov, decay, schedule, warmup, clip } = sgd;
  if (clip !== undefined) throw unplanned('optimizer', `clip=${clip}`, 'no clip: steps in proportion to the gradient');
  if (schedule !== 'constant') throw unplanned('optimizer', `schedule=${schedule}`, 'schedule=constant: the rate of all steps');
  if (warmup > 0) throw unplanned('optimizer', `warmup=${warmup}`, 'warmup=0: the rate of all steps');
  const { name, options: own } = parseSpec(algorithm, 'algorithm');
  const steps = own.steps ?? algorithms[name]?.settings.steps?.fallback ?? '1';
  return { rate, steps: Number(steps.replace(/^geometric:/, '')), momentum, decay, nesterov };
}

function carriageOf({ algorithm, model: { parameters } }: Recipe): Carriage {
  const bytes = bytesOnLink(algorithm, parameters);
  if (!algorithm.quantize) return { bytes, rounded: false, as: `${parameters} 32-bit floats, uncompressed` };
  const first = 'first ones, which go as floats, and what is sent again are not in it';
  return {
    bytes,
    rounded: true,
    as: `${parameters} codes of ${algorithm.quantize.bits} bits, side and stamp included; ${first}`,
  };
}

function unplanned(what: string, found: string, allowed: string): HearsayError {
  return new HearsayError('CONFIG_RANGE', `plan: ${what}: found ${quote(found)}, which can't be planned, allowed is ${allowed}`);
}
