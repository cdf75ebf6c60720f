/** How soon models agree, and how far apart learning keeps them. */

import { spectralGap } from '../../topology/spectrum.js';
import { consensusDecay, type Decay } from '../consensus.js';
import type { Gossip } from '../flow.js';
import { springDecay } from '../springs.js';
import { byCopies } from './copies.js';
import { meanRate, type Network } from './network.js';
import { byPushes, byRounds } from './rounds.js';
import { type Kind, type Said, type Statement, sayer } from './statement.js';

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
