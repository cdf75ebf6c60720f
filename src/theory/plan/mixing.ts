/** How soon models agree, and how far apart learning keeps them. */

import { degree, type Graph } from '../../topology/graph.js';
import { mixingRate, spectralGap } from '../../topology/spectrum.js';
import { metropolis, type Weights } from '../../topology/weights.js';
import { consensusDecay, type Decay } from '../consensus.js';
import type { Gossip } from '../flow.js';
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
  const gossip: Gossip = { mix: scheme.mix, rate: (scheme.kind === 'clocks' ? scheme.rate : Lambda) * (1 - link.loss) };
  if (gossip.rate === 0) return { statements: [gap], notes: ['mixing: every message is lost'] };
  const decay = consensusDecay(graph, gossip, scheme.weight);
  const isPoisson = scheme.kind === 'clocks' || network.memoryless;
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
  if (spread !== undefined) statements.push(apart(network, decay, Lambda, spread));
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
