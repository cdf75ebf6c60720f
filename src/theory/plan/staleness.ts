/** How far behind models will be. */

import { degree } from '../../topology/graph.js';
import { isComplete } from '../complete.js';
import { type Estimate, type Sampling, scaled, shifted } from '../estimate.js';
import type { Gossip } from '../flow.js';
import { harmonic } from '../harmonic.js';
import { opportunisticStaleness } from '../opportunistic.js';
import { averagePassage } from '../passage.js';
import { isEven, meanRate, type Network } from './network.js';
import { errorOf, kindOf, type Said, type Statement, sayer } from './statement.js';

const say = sayer('staleness');
const passages =
  'E[S] = Lambda E[X], X the first passage time of information (own derivation of the model of Mitra and Ulukus, arXiv 2404.19749)';

/** Throws CONFIG_RANGE and GRAPH_DISCONNECTED. */
export function plannedStaleness(network: Network, sampling?: Sampling): Said {
  const { scheme, nodes, link } = network;
  const Lambda = meanRate(network);
  if (nodes < 2 && scheme.kind !== 'shared') return { statements: [], notes: ['staleness: one node has nobody to be behind'] };
  if (link.loss === 1 && ['clocks', 'work', 'opportunistic'].includes(scheme.kind))
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
      const waiting = (rate: number) => 1 - 1 / (rate * round.value);
      const mean = network.rates.reduce((sum, rate) => sum + waiting(rate), 0) / nodes;
      const ground = 'a version waits for the end of its round: 1 - E[D] / E[largest D]';
      const error = errorOf(round);
      return {
        statements: [say('mean', mean, 'versions', kindOf(round), ground, error && (error * (1 - mean)) / round.value)],
        notes: [],
      };
    }
    case 'neighbourhoods':
      return {
        statements: [],
        notes: ['staleness: of averages with neighbours, round by round, it is not known: progress goes one edge a round'],
      };
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
      const gossip: Gossip = { mix: scheme.mix, rate: Lambda * (1 - link.loss) };
      const isRegular = regular(network);
      const early = scheme.mix === 'pairwise' && scheme.order === 'commit';
      const kind = network.memoryless && isEven(network) && (isRegular || !early) ? 'theorem' : 'approximation';
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
    ...(less === 0 ? [row('of the worst receiver', of(broadcast), `the same with the time of a broadcast${samples}`)] : []),
  ];
}

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
