/** How soon models agree, and how far apart learning keeps them. */

import { degree, type Graph } from '../../topology/graph.js';
import { mixingRate, mixingSpectrum, spectralGap } from '../../topology/spectrum.js';
import { metropolis, type Weights } from '../../topology/weights.js';
import { isComplete } from '../complete.js';
import { consensusFactor, largestGamma, type Mode, provedConsensus } from '../compressed.js';
import { consensusDecay, type Decay } from '../consensus.js';
import type { Gossip } from '../flow.js';
import { mostPushing, pushSumRadius } from '../pushsum.js';
import { ringOrder } from '../ring.js';
import { springDecay } from '../springs.js';
import { meanRate, type Network } from './network.js';
import { type Kind, kindOf, type Said, type Statement, sayer } from './statement.js';

const say = sayer('mixing');
const balance = 'own derivation: an exchange takes 2w(1-w)|d|^2 off Gamma, or half of that and a little when one side moves';

/** `spread`: trace of the covariance of a batch's gradient, where it is known. Throws CONFIG_RANGE. */
export function plannedMixing(network: Network, spread?: number): Said {
  const { scheme, graph, nodes, link } = network;
  if (nodes < 2) return { statements: [], notes: [] };
  if (scheme.kind === 'shared') return { statements: [], notes: ['mixing: there is one model, nothing mixes'] };
  if (scheme.kind === 'alone')
    return {
      statements: [say('time constant of the distance', Number.POSITIVE_INFINITY, 's', 'theorem', 'nobody exchanges anything')],
      notes: [],
    };
  if (scheme.kind === 'rounds') {
    if (scheme.heard && !scheme.server)
      return { statements: [], notes: ['mixing: with links that come and go the rate of FedPBC is not known in closed form'] };
    return { statements: [say('distance after a round', 0, '', 'theorem', 'all have the same model then')], notes: [] };
  }
  if (scheme.kind === 'pushes') return byPushes(scheme);
  if (scheme.kind === 'compressed') return byCopies(graph, scheme);
  if (scheme.kind === 'springs') return onSprings(network, scheme.alpha);
  if (scheme.kind === 'broadcasts') return byBroadcasts(scheme);
  if (scheme.kind === 'masses')
    return {
      statements: [],
      notes: [
        'mixing: of masses that are halved and sent to drawn peers no rate is known in closed form; in rounds (overlap=false) it is',
      ],
    };
  if (scheme.kind === 'neighbourhoods') return byRounds(network, scheme, spread !== undefined);
  if (graph.directed)
    return { statements: [], notes: [`mixing: topology ${graph.name} is directed; it can be planned for undirected graphs`] };
  const { lambda2, method } = spectralGap(graph);
  const gap = say('spectral gap, lambda_2', lambda2, '', 'theorem', `second smallest eigenvalue of the Laplacian, by ${method}`);
  if (scheme.kind === 'opportunistic')
    return {
      statements: [gap],
      notes: ['mixing: of opportunistic sending it is not known, as who sends depends on who has updated'],
    };

  const Lambda = meanRate(network);
  const { share = 1 } = scheme.kind === 'work' ? scheme : {};
  const gossip: Gossip = { mix: scheme.mix, rate: (scheme.kind === 'clocks' ? scheme.rate : Lambda * share) * (1 - link.loss) };
  if (gossip.rate === 0) return { statements: [gap], notes: ['mixing: every message is lost'] };
  const decay = consensusDecay(graph, gossip, scheme.weight);
  const isPoisson = scheme.kind === 'clocks' || (network.memoryless && share === 1);
  const { rounded } = network.carriage;
  const kind: Kind = decay.how === 'approximate' || !isPoisson || rounded ? 'approximation' : 'theorem';
  const ground = `${balance}; ${meaning[decay.how]}${isPoisson ? '' : '; exchanges are taken as a Poisson process'}${rounded ? '; as if models travelled as floats' : ''}`;
  const statements: Statement[] = [
    gap,
    say('time in which Gamma falls by e', 1 / decay.rate, 's', kind, ground),
    say(
      'time to a thousandth of the distance',
      Math.log(1e6) / decay.rate,
      's',
      kind,
      'from the same rate; the distance is the root of Gamma',
    ),
  ];
  if (spread !== undefined && isPlain(network)) statements.push(apart(network, decay, Lambda, spread));
  const notes = link.mean > 0 ? ['mixing: as if messages took no time'] : [];
  return {
    statements,
    notes: rounded ? [...notes, 'mixing: how far apart rounding on the way keeps models is not known'] : notes,
  };
}

const meaning: Readonly<Record<Decay['how'], string>> = {
  exact: 'exact on the complete graph',
  bound: 'an upper bound of the time: lambda_2 is the slowest mode',
  approximate: 'degrees differ, so that one-sided exchanges favour some nodes',
};

/** W is symmetric, and the same in every round. */
function byRounds({ graph }: Network, { round, weights }: Neighbourhoods, noisy: boolean): Said {
  const { rho, method, converged } = mixingRate(weights === 'metropolis' ? metropolis(graph) : alike(graph));
  const kind: Kind = converged ? 'theorem' : 'approximation';
  const found = `rho, by ${method}: the second largest absolute eigenvalue of W (Xiao and Boyd 2004)`;
  const time = (2 * Math.abs(Math.log(rho))) / round.value;
  const statements = [
    say('part of Gamma that a round leaves, at most', rho ** 2, '', kind, `rho^2; ${found}`),
    say('time in which Gamma falls by e', 1 / time, 's', kindOf(round, kind), 'the same, and the mean time of a round'),
  ];
  return {
    statements,
    notes: noisy ? ['mixing: how far apart noise keeps models that meet by rounds is not worked out here'] : [],
  };
}

/** Push-sum, round by round. */
function byPushes({ round, rounds }: Pushes): Said {
  const { nodes, period } = rounds;
  if (nodes > mostPushing)
    return {
      statements: [],
      notes: [`mixing: the matrix of push-sum is looked at for ${mostPushing} nodes at most, here are ${nodes}`],
    };
  const left = pushSumRadius(rounds);
  const ground = `second largest absolute eigenvalue of the matrix of column sums 1${period > 1 ? `, the ${period}th root of that of ${period} rounds` : ''}, by squaring`;
  if (left === 0)
    return {
      statements: [
        say(
          'rounds after which all have the same model',
          period,
          'rounds',
          'theorem',
          `the product of ${period === 1 ? 'one' : period} is the mean of all`,
        ),
        say('time until then', period * round.value, 's', kindOf(round), `${period} times the mean time of a round`),
      ],
      notes: [],
    };
  const statements = [
    say('part of Gamma that a round leaves, in the long run', left ** 2, '', 'theorem', `its square; ${ground}`),
    say(
      'time in which Gamma falls by e',
      round.value / (2 * -Math.log(left)),
      's',
      kindOf(round),
      'the same, and the mean time of a round',
    ),
  ];
  return { statements: left < 1 ? statements : statements.slice(0, 1), notes: [] };
}

type Pushes = Extract<Network['scheme'], { kind: 'pushes' }>;

/** Nodes up to which all eigenvalues of W are taken. */
const mostCopies = 256;

/** Steps towards compressed copies. */
function byCopies(graph: Graph, scheme: Compressed): Said {
  const { delta, how, gamma, memory } = scheme;
  if (graph.nodes > mostCopies)
    return {
      statements: [],
      notes: [`mixing: of compressed copies it is computed for ${mostCopies} nodes at most, here are ${graph.nodes}`],
    };
  const mode: Mode = { eigenvalues: mixingSpectrum(metropolis(graph)), delta };
  const proved = provedConsensus(mode);
  const source = 'Koloskova, Stich, Jaggi 2019, arXiv 1902.00340, for any compressor with this delta (constants from memory)';
  const statements: Statement[] = [
    say(
      'delta: part of a difference that a message tells, at least',
      delta,
      '',
      'theorem',
      'E |C(x) - x|^2 <= (1 - delta) |x|^2',
    ),
  ];
  const notes: string[] = [];
  if (how === 'other') notes.push('mixing: of this compressor no more is known than what is proved for any with its delta');
  else statements.push(...byMoments(mode, graph, scheme));
  if (memory !== undefined) {
    const most = gamma / Math.sqrt(1 - memory);
    statements.push(
      say(
        'largest move of a number in the first round',
        gamma,
        '',
        'theorem',
        'gamma |G| / sqrt(v / (1 - beta)), v = (1 - beta) G^2 after one message',
      ),
      say(
        'largest move of a number in a round',
        most,
        '',
        'theorem',
        'gamma / sqrt(1 - beta), as v >= (1 - beta) G^2 (own derivation)',
      ),
    );
    return { statements, notes: [...notes, 'mixing: of steps that adapt no rate is proved for this rule'] };
  }
  statements.push(
    say('gamma* that is proved to converge', proved.gamma, '', 'theorem', source),
    say(
      'part of sum |x - mean|^2 + |x - h|^2 that a round leaves with gamma*, at most',
      proved.left,
      '',
      'theorem',
      `1 - rho^2 delta / 82; ${source}`,
    ),
  );
  return { statements, notes };
}

/** What the second moments of models and copies say, and of whom. */
function byMoments(mode: Mode, graph: Graph, { round, how, gamma, memory }: Compressed): Statement[] {
  const alike = isComplete(graph) || ringOrder(graph, 0) !== undefined;
  const isExact = how === 'whole' || (how === 'random' && alike);
  const kind: Kind = isExact ? 'theorem' : 'approximation';
  const reservation = {
    whole: '',
    random: alike ? '' : '; as if all nodes were alike',
    largest: '; as if its numbers were drawn: the largest ones tell more, and leave less',
    rounded: '; with its largest error',
  }[how as 'whole'];
  const ground = `second moments of x and h along the eigenvectors of W (own derivation)${reservation}`;
  const drawn = how === 'largest' ? ', were its numbers drawn' : '';
  if (memory !== undefined) {
    const left = consensusFactor(mode, 1);
    const meaning =
      'where every step is at its bound of 1 it is choco with gamma=1; from 1 on models do not come nearer, and settle';
    return [say(`part of Gamma that a round leaves near agreement${drawn}`, left, '', 'approximation', `${meaning}; ${ground}`)];
  }
  const left = consensusFactor(mode, gamma);
  const fading = left > 0 && left < 1;
  return [
    say(`part of Gamma that a round leaves, in the long run${drawn}`, left, '', kind, `${ground}; from 1 on it grows`),
    ...(fading
      ? [
          say(
            'time in which Gamma falls by e',
            round.value / -Math.log(left),
            's',
            kindOf(round, kind),
            'the same, and the mean time of a round',
          ),
        ]
      : []),
    say(`first gamma that is unstable, or 1${drawn}`, largestGamma(mode), '', kind, `where that part is 1; ${ground}`),
  ];
}

type Compressed = Extract<Network['scheme'], { kind: 'compressed' }>;

function onSprings({ rates, nodes, memoryless }: Network, alpha: number): Said {
  const slowest = Math.min(...rates);
  const rate = springDecay({ nodes, alpha, rate: slowest });
  const kind: Kind = memoryless ? 'theorem' : 'approximation';
  const ground = `an exchange takes 2 alpha (1 - alpha) |x_i - c|^2 off Gamma of all workers and the centre, and lambda_2 of a star is 1: an upper bound of the time (own derivation)${memoryless ? '' : '; exchanges are taken as a Poisson process'}`;
  return {
    statements: [
      say('time in which Gamma falls by e', 1 / rate, 's', kind, ground),
      say(
        'time to a thousandth of the distance',
        Math.log(1e6) / rate,
        's',
        kind,
        'from the same rate; the distance is the root of Gamma',
      ),
    ],
    notes: [],
  };
}

function byBroadcasts({ period, models }: Broadcasts): Said {
  const never = period === Number.POSITIVE_INFINITY;
  return {
    statements: never
      ? []
      : [
          say('distance after a unification', 0, '', 'theorem', 'all take the same model over'),
          say('time between two unifications', period, 's', 'theorem', 'on average: each hub by its own clock'),
        ],
    notes: [
      models
        ? 'mixing: weights depend on what a window receives, and keep no mean: of the time between unifications no rate is known'
        : `mixing: sums of progress bring no two models together, and the mean of all is not kept${never ? ': without unification (period=inf) they drift apart' : '; only unification does'}`,
    ],
  };
}

type Broadcasts = Extract<Network['scheme'], { kind: 'broadcasts' }>;

/** Steps are eta times the gradient, as the noise of `apart` takes them. */
function isPlain({ step: { divisor, pace } }: Network): boolean {
  return divisor === undefined && pace === undefined;
}

type Neighbourhoods = Extract<Network['scheme'], { kind: 'neighbourhoods' }>;

/** The same weight on all edges, 1 / (1 + the largest degree). */
function alike(graph: Graph): Weights {
  if (!graph.offsets) return { graph };
  const { nodes, targets } = graph;
  const degrees = Array.from({ length: nodes }, (_, node) => degree(graph, node));
  const each = 1 / (1 + Math.max(...degrees));
  return {
    graph,
    self: Float64Array.from(degrees, count => 1 - count * each),
    edges: new Float64Array(targets!.length).fill(each),
  };
}

/** Gamma / n where the noise of the work and the exchanges balance. */
function apart({ nodes, step, scheme }: Network, { rate }: Decay, Lambda: number, spread: number): Statement {
  const noise = (step.rate / (1 - step.momentum)) ** 2 * step.steps * spread;
  const own = 1 - 1 / nodes;
  let added = own;
  if (scheme.kind === 'work' && scheme.order === 'commit') {
    const w = scheme.weight;
    added = scheme.mix === 'pairwise' ? own - 2 * w * (1 - w) : own * (1 - w) ** 2; // the exchange takes of it at once
  }
  const ground =
    'noise of the gradients against exchanges, (1 - 1/n) Lambda eta^2 H tr(Sigma) / rate, less what an exchange takes at once; work that only scatters, as near a minimum';
  return say('mean squared distance to the mean model', (added * Lambda * noise) / rate, '', 'approximation', ground);
}
