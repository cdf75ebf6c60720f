/** How far behind models will be. */

import { degree } from '../../topology/graph.js';
import { isComplete } from '../complete.js';
import { dispersion } from '../delay/transform.js';
import { type Estimate, type Sampling, scaled, shifted } from '../estimate.js';
import type { Gossip } from '../flow.js';
import { harmonic } from '../harmonic.js';
import { opportunisticStaleness } from '../opportunistic.js';
import { averagePassage } from '../passage.js';
import { meanArrival } from '../rounds.js';
import { graphRounds } from './arcs.js';
import { isEven, meanRate, type Network, usesLinks } from './network.js';
import { errorOf, kindOf, type Said, type Statement, sayer } from './statement.js';

const say = sayer('staleness');
const passages =
  'E[S] = Lambda E[X], X the first passage time of information (own derivation of the model of Mitra and Ulukus, arXiv 2404.19749)';

/** Throws CONFIG_RANGE and GRAPH_DISCONNECTED. */
export function plannedStaleness(network: Network, sampling?: Sampling): Said {
  const { scheme, nodes, link } = network;
  const Lambda = meanRate(network);
  if (nodes < 2 && scheme.kind !== 'shared') return { statements: [], notes: ['staleness: one node has nobody to be behind'] };
  if (link.loss === 1 && usesLinks(network))
    return { statements: [say('mean', Number.POSITIVE_INFINITY, 'versions', 'theorem', 'every message is lost')], notes: [] };
  switch (scheme.kind) {
    case 'alone':
      return {
        statements: [say('mean', Number.POSITIVE_INFINITY, 'versions', 'theorem', 'nobody hears of anybody: it grows with time')],
        notes: [],
      };
    case 'shared':
      return {
        statements: [
          say(
            'of an applied update',
            nodes - 1,
            'updates',
            'theorem',
            'M - 1 for any law of the times: each update makes the M - 1 others one staler',
          ),
        ],
        notes: [],
      };
    case 'rounds': {
      const { round, heard } = scheme;
      if (heard)
        return {
          statements: [],
          notes: ['staleness: of nodes that are not heard in every round it is not known; what is known is where they settle'],
        };
      const { mean, error } = waitingFor(network, round);
      const more = scheme.measured?.share ?? 0;
      const ground = `a version waits for the end of its round: 1 - E[D] / E[largest D]${more > 0 ? '; what a round of measuring counts as a version comes a round later' : ''}`;
      return { statements: [say('mean', mean + more, 'versions', kindOf(round), ground, error)], notes: [] };
    }
    case 'neighbourhoods':
      return roundByRound(meanArrival(graphRounds(network.graph), sampling), scheme.order === 'mix' ? 0 : 1, 'theorem');
    case 'pushes':
      return roundByRound(meanArrival(scheme.rounds, sampling), 1, 'theorem');
    case 'compressed': {
      if (scheme.memory !== undefined)
        return {
          statements: [],
          notes: [
            'staleness: a run counts none of adagossip, whose step towards neighbours goes number by number and carries no versions',
          ],
        };
      const { statements } = roundByRound(meanArrival(graphRounds(network.graph), sampling), 1, 'theorem');
      const [{ value, kind, ground, error }] = statements;
      const wait = waitingFor(network, scheme.round);
      const errors = error === null && wait.error === null ? null : Math.hypot(error ?? 0, wait.error ?? 0);
      return {
        statements: [
          say(
            'mean',
            value + wait.mean,
            'versions',
            kindOf(scheme.round, kind),
            `${ground}, after 1 - E[D] / E[largest D] for the end of the round; a version counts as soon as some of it is there`,
            errors,
          ),
        ],
        notes: [],
      };
    }
    case 'springs': {
      const isRandom = network.law.tail > 0 || network.law.starts.length > 1;
      return {
        statements: [
          say(
            'mean',
            dispersion(network.law) / 2,
            'versions',
            isEven(network) && isRandom ? 'theorem' : 'approximation',
            'the centre has a version at once, a worker when its own piece ends: E[D^2] / (2 E[D]^2) of independent workers (own derivation)',
          ),
        ],
        notes: [],
      };
    }
    case 'broadcasts':
      return broadcasts(network, scheme, Lambda);
    case 'masses': {
      const kind = network.memoryless && isEven(network) ? 'theorem' : 'approximation';
      const ground = `${passages}; less 1, as a version leaves with the message that ends its piece; exact where work is exponential`;
      const gossip: Gossip = { mix: 'push', rate: Lambda * (1 - link.loss) };
      return { statements: passageStatements(network, gossip, Lambda, kind, ground, -1, sampling), notes: delayNote(network) };
    }
    case 'opportunistic': {
      if (!isComplete(network.graph))
        return {
          statements: [],
          notes: ['staleness: opportunistic sending is known on the complete graph alone; plan it there'],
        };
      const { value } = opportunisticStaleness({
        nodes,
        callRate: scheme.rate * (1 - link.loss),
        updateRate: Lambda,
        relay: scheme.relay,
      });
      const kind = network.memoryless && isEven(network) ? 'theorem' : 'approximation';
      return {
        statements: [
          say(
            'mean',
            value,
            'versions',
            kind,
            'balance of the stationary state, exact for exponential work (own derivation); within 1 % for half fixed work',
          ),
        ],
        notes: [],
      };
    }
    case 'clocks': {
      const gossip: Gossip = { mix: scheme.mix, rate: scheme.rate * (1 - link.loss) };
      const statements = passageStatements(
        network,
        gossip,
        Lambda,
        isEven(network) || isComplete(network.graph) ? 'theorem' : 'approximation',
        `${passages}; for any law of the work`,
        0,
        sampling,
      );
      const unit = averagePassage(network.graph, { ...gossip, rate: 1 - link.loss }, sampling).mean;
      return {
        statements: [
          ...statements,
          say(
            'rate with which models are one version behind',
            Lambda * unit.value,
            'exchanges a node',
            kindOf(unit),
            'Lambda E[X] at rate 1',
            errorOf(scaled(unit, Lambda)),
          ),
        ],
        notes: delayNote(network),
      };
    }
    case 'work': {
      const { share = 1 } = scheme;
      const gossip: Gossip = { mix: scheme.mix, rate: Lambda * share * (1 - link.loss) };
      const isRegular = regular(network);
      const early = scheme.mix === 'pairwise' && scheme.order === 'commit';
      const kind = network.memoryless && isEven(network) && (isRegular || !early) && share === 1 ? 'theorem' : 'approximation';
      const ground = `${passages}; exchanges at the ends of the work, exact where that is exponential${early ? '; less 1/2, as half of the last steps carry the version that is made with them' : ''}`;
      return {
        statements: passageStatements(network, gossip, Lambda, kind, ground, early ? -0.5 : 0, sampling),
        notes: delayNote(network),
      };
    }
  }
}

function passageStatements(
  { graph }: Network,
  gossip: Gossip,
  Lambda: number,
  kind: 'theorem' | 'approximation',
  ground: string,
  less: number,
  sampling?: Sampling,
): Statement[] {
  const { mean, broadcast } = averagePassage(graph, gossip, sampling);
  const of = (estimate: Estimate) => shifted(scaled(estimate, Lambda), less);
  const samples = mean.how === 'monte carlo' ? `; E[X] from ${mean.samples} samples` : '';
  const row = (what: string, estimate: Estimate, ground: string) =>
    say(what, estimate.value, 'versions', kindOf(estimate, kind), ground, errorOf(estimate));
  return [
    row('mean', of(mean), ground + samples),
    ...(less !== -0.5 ? [row('of the worst receiver', of(broadcast), `the same with the time of a broadcast${samples}`)] : []),
  ];
}

/** How long a version waits for the end of its round, in versions, with the error of that. */
function waitingFor({ rates, nodes }: Network, round: Estimate): { mean: number; error: number | null } {
  const mean = rates.reduce((sum, rate) => sum + 1 - 1 / (rate * round.value), 0) / nodes;
  const error = errorOf(round);
  return { mean, error: error && (error * (1 - mean)) / round.value };
}

/** `arrival`: rounds to the mean node, of which `at` are over when a version first counts. */
function roundByRound(arrival: Estimate, at: 0 | 1, kind: 'theorem'): Said {
  const ground = `progress goes one edge a round: rounds to the mean other node${at === 1 ? ', less the one in which it is made' : ''} (own derivation)`;
  return {
    statements: [say('mean', arrival.value - at, 'versions', kindOf(arrival, kind), ground, errorOf(arrival))],
    notes: [],
  };
}

function broadcasts(network: Network, { rate, window, period, most, models }: Broadcasts, Lambda: number): Said {
  const { link, graph } = network;
  if (!isComplete(graph) || link.loss > 0)
    return {
      statements: [],
      notes: [
        `staleness: of broadcasts it is known where all hear all and nothing is lost${models ? '' : '; elsewhere progress of nodes that are no neighbours comes by unification alone'}`,
      ],
    };
  if (most < Number.POSITIVE_INFINITY)
    return {
      statements: [],
      notes: [
        'staleness: of nodes that take psi messages and no more it is not known: after those they hear nothing until a unification',
      ],
    };
  const kind = period === Number.POSITIVE_INFINITY && isEven(network) ? 'theorem' : 'approximation';
  const rest = period === Number.POSITIVE_INFINITY ? '' : '; as if nothing were ever unified';
  const until = Lambda / rate + Lambda * link.mean;
  return {
    statements: [
      say(
        'mean',
        until,
        'versions',
        kind,
        `Lambda (1 / rate + mean delay): a version waits for a tick of its node (own derivation)${rest}`,
      ),
      say('mean, when it is applied', until + (Lambda * window) / 2, 'versions', kind, 'the same, and half a window'),
    ],
    notes: [],
  };
}

type Broadcasts = Extract<Network['scheme'], { kind: 'broadcasts' }>;

/** Following the fastest path of messages that take no time only adds their times. */
function delayNote({ link, graph, nodes, rates }: Network): string[] {
  if (link.mean === 0) return [];
  const Lambda = rates.reduce((sum, rate) => sum + rate, 0) / nodes;
  const hops = (nodes / (nodes - 1)) * (harmonic(nodes) - 1);
  const more = isComplete(graph)
    ? `at most ${Number((Lambda * link.mean * hops).toPrecision(3))} versions more (Lambda x mean x E[hops])`
    : 'more, by an amount that is not known on this graph';
  return [`staleness: it is that of messages that take no time; with a mean of ${link.mean} on the way, ${more}`];
}

function regular({ graph, nodes }: Network): boolean {
  for (let node = 1; node < nodes; node++) if (degree(graph, node) !== degree(graph, 0)) return false;
  return true;
}
