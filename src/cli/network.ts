/** From an experiment to what the theory plans for: the scheme of its algorithm, its clock as a law, its links. */

import { contraction, stepOf as stepTowards } from '../engine/algorithms/compressed.js';
import { inTurn } from '../engine/algorithms/sgp.js';
import { weightOf } from '../engine/algorithms/swarm.js';
import { algorithms, stepsOfPiece } from '../engine/algorithms/table.js';
import { attackText } from '../engine/attack.js';
import { type Compressor, delta } from '../engine/compress/compressor.js';
import type { Experiment } from '../engine/experiment.js';
import type { Nature } from '../engine/nature.js';
import type { Recipe } from '../engine/recipe.js';
import { bytesOnLink } from '../engine/traffic.js';
import { HearsayError } from '../errors.js';
import { readSgd } from '../models/optimizer/named.js';
import { readSettings } from '../settings.js';
import { isModule, parseSpec, quote, type Spec } from '../spec.js';
import { type Delay, exponentialDelay, fixedDelay, sampledDelay, shiftedDelay } from '../theory/delay/law.js';
import { graphRounds } from '../theory/plan/arcs.js';
import type { Carriage, Network, Scheme, Step, Way } from '../theory/plan/network.js';
import { periodOf, type Rounds } from '../theory/rounds.js';
import { roundOf, sampledRound } from '../theory/waiting.js';
import type { Draft } from '../threads/prepare.js';
import type { Graph } from '../topology/graph.js';

/** Throws CONFIG_RANGE, naming what can be planned, for what can't. */
export function networkOf({ experiment, graph, recipe, nature }: Draft): Network {
  const { nodes } = experiment;
  if (experiment.churn !== 'none')
    throw unplanned('churn', experiment.churn, 'none: the theory is of a network that stays as it is');
  if (recipe.average) throw unplanned('average', experiment.average, 'plain');
  if (experiment.attacks.length > 0)
    throw unplanned('attacks', attackText(experiment.attacks[0]), 'none: the theory is of nodes that keep to the rule');
  if (experiment.weights !== 'equal') throw unplanned('weights', experiment.weights, 'equal');
  const text = experiment.clock ?? recipe.algorithm.clock ?? 'exponential:mean=1';
  const clock = nature!.clock;
  if (!clock) throw unplanned('clock', text, 'a clock of each node, as exponential:mean=1');
  const speeds = Array.from({ length: nodes }, (_, node) => clock.mean / meanDuration(nature!, node));
  const rates = speeds.map(speed => speed / clock.mean);
  const slowing = nodes / speeds.reduce((sum, speed) => sum + speed, 0);
  const even = speeds.every(speed => speed === speeds[0]);
  const pace: Pace = {
    text,
    law: lawOf(text, nature!, slowing),
    nature: nature!,
    nodes,
    even,
    parameters: recipe.model.parameters,
    graph,
  };
  return {
    ...{ graph, nodes, rates, law: pace.law, memoryless: /^exponential(:|$)/.test(text) },
    scheme: schemeOf(parseSpec(experiment.algorithm, 'algorithm'), pace),
    link: waitingOf(experiment, wayOf(experiment, nature!)),
    parameters: recipe.model.parameters,
    carriage: carriageOf(recipe),
    step: stepOf(experiment, recipe),
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
  readonly parameters: number;
  readonly graph: Graph;
}

type Values = Readonly<Record<string, unknown>>;

/** What can be planned of each built-in algorithm. */
const schemes: Readonly<Record<string, (values: Values, pace: Pace) => Scheme>> = {
  swarm(values, { parameters }) {
    if (values.both) throw unplanned('algorithm', 'swarm with both=true', 'swarm with both=false');
    return {
      kind: 'work',
      mix: 'pairwise',
      order: (values.order as 'mix' | 'commit') ?? 'mix',
      weight: weightOf(values as Parameters<typeof weightOf>[0], parameters),
    };
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
  sgp: ({ overlap, peers }, pace) => (overlap ? { kind: 'masses' } : pushes(pace, peers === 'one')),
  choco: (values, pace) => copies('choco', values, pace),
  adagossip: (values, pace) => copies('adagossip', values, pace),
  savic({ over, every = 1, rule, scaling }, pace) {
    const share = rule === 'identity' ? 0 : 1 / (1 + (every as number));
    if (over === 'gossip') return { kind: 'work', mix: 'pairwise', order: 'mix', weight: 0.5, share: 1 - share };
    return { ...rounds(pace), measured: share > 0 ? { share, sums: scaling !== 'local' } : undefined };
  },
  easgd({ alpha }, { nodes }) {
    return { kind: 'springs', alpha: Number.isNaN(alpha) ? 0.9 / nodes : (alpha as number) };
  },
  draco({ rate, window, period, psi, form }) {
    const clocks = { rate: rate as number, window: window as number, period: period as number };
    return { kind: 'broadcasts', ...clocks, most: psi as number, models: form === 'model' };
  },
  stardust: (values, pace) => gossiping({ ...values, mix: 'push' }, pace),
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

/** The rounds of sgp. */
function pushes(pace: Pace, toOne: boolean): Scheme {
  const { nodes } = pace;
  const all = graphRounds(pace.graph);
  const rounded: Rounds = toOne
    ? {
        nodes,
        period: periodOf(Array.from({ length: nodes }, (_, node) => all.receivers(node, 0).length)),
        receivers: (node, round) => inTurn(node, all.receivers(node, 0), round),
      }
    : all;
  return { kind: 'pushes', round: rounds(pace).round, rounds: rounded, even: keepsMasses(rounded) };
}

/** In every round each node hears as many as every node tells: masses stay 1. */
function keepsMasses({ nodes, period, receivers }: Rounds): boolean {
  for (let round = 0; round < period; round++) {
    const heard = new Uint32Array(nodes);
    const told = receivers(0, round).length;
    for (let node = 0; node < nodes; node++) {
      const to = receivers(node, round);
      if (to.length !== told) return false;
      for (const other of to) heard[other]++;
    }
    if (heard.some(count => count !== told)) return false;
  }
  return true;
}

function copies(name: 'choco' | 'adagossip', { compress, gamma, beta, quasi }: Values, pace: Pace): Scheme {
  if (quasi !== 0) throw unplanned('algorithm', `${name} with quasi=${quasi}`, `${name} with quasi=0`);
  const compressor = contraction(compress as Compressor, pace.parameters, 'algorithm');
  const { name: kind, unbiased, error } = compress as Compressor;
  const chosen = kind.startsWith('randk') ? 'random' : kind.startsWith('topk') ? 'largest' : unbiased ? 'rounded' : 'other';
  const how = error(pace.parameters) === 0 ? 'whole' : chosen;
  return {
    kind: 'compressed',
    round: rounds(pace).round,
    delta: delta(compressor, pace.parameters)!,
    how,
    gamma: (gamma as number | undefined) ?? stepTowards(compressor, pace.parameters),
    ...(name === 'adagossip' && { memory: beta as number }),
  };
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

/** Messages of stardust wait at their receivers as if they were still on the way. */
function waitingOf({ algorithm }: Experiment, way: Way): Way {
  const spec = parseSpec(algorithm, 'algorithm');
  if (spec.name !== 'stardust') return way;
  const { delay } = readSettings(spec, algorithms.stardust.settings, 'algorithm') as { delay: number };
  return { ...way, mean: way.mean + delay };
}

/** What savic and stardust do to the step of the optimizer. */
function steered(step: Step, spec: Spec): Step {
  if (spec.name === 'savic') {
    const { rule, alpha } = readSettings(spec, algorithms.savic.settings, 'algorithm') as { rule: string; alpha?: number };
    return { ...step, divisor: rule === 'identity' ? 1 : (alpha ?? 0.01) };
  }
  if (spec.name !== 'stardust') return step;
  const { momentum, least } = readSettings(spec, algorithms.stardust.settings, 'algorithm') as {
    momentum: number;
    least: number;
  };
  if (momentum === 0) return { ...step, pace: least };
  const found = `stardust with momentum=${momentum}`;
  if (step.momentum > 0) throw unplanned('algorithm', `${found} beside that of the optimizer`, 'one of both');
  if (step.steps !== 1) throw unplanned('algorithm', `${found} and steps=${step.steps}`, 'stardust with steps=1, or momentum=0');
  return { ...step, pace: least, momentum };
}

function stepOf({ optimizer, algorithm }: Experiment, { wake }: Recipe): Step {
  const sgd = readSgd(optimizer);
  if (!sgd) throw unplanned('optimizer', parseSpec(optimizer, 'optimizer').name, 'sgd: steps that are sums of rate x gradient');
  const { rate, momentum, nesterov, decay, schedule, warmup, clip } = sgd;
  if (clip !== undefined) throw unplanned('optimizer', `clip=${clip}`, 'no clip: steps in proportion to the gradient');
  if (schedule !== 'constant') throw unplanned('optimizer', `schedule=${schedule}`, 'schedule=constant: the rate of all steps');
  if (warmup > 0) throw unplanned('optimizer', `warmup=${warmup}`, 'warmup=0: the rate of all steps');
  const steps = stepsOfPiece(algorithm, wake);
  return steered({ rate, steps, momentum, decay, nesterov }, parseSpec(algorithm, 'algorithm'));
}

function carriageOf(recipe: Recipe): Carriage {
  const {
    algorithm,
    model: { parameters },
  } = recipe;
  const bytes = bytesOnLink(recipe, parameters);
  if (algorithm.bits !== undefined) return { bytes, rounded: false, as: `${parameters} parameters in ${bytes} compressed bytes` };
  const along = bytes / 4 - parameters;
  const more = along > 0 ? `, and ${along} that go along` : '';
  if (!algorithm.quantize) return { bytes, rounded: false, as: `${parameters} 32-bit floats, uncompressed${more}` };
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
