/** What goes over the wires, and what it takes of the time. */

import { degree } from '../../topology/graph.js';
import { broadcastRate, takenOf } from '../broadcasts.js';
import { isEven, meanRate, type Network, usesLinks } from './network.js';
import { kindOf, type Said, type Statement, sayer } from './statement.js';

/** Seconds on one thread of this machine. */
export interface Times {
  readonly step: number;
  /** NaN where none happened. */
  readonly exchange: number;
}

const say = sayer('cost');

/** Models that reach another node per unit of time, and how many exchanges those are: those that a link loses are not counted. */
export interface Traffic {
  readonly exchanges: number;
  readonly models: number;
}

export function traffic(network: Network): Traffic {
  const { scheme, nodes } = network;
  const { exchanges, models } = sent(network);
  const arriving = usesLinks(network) ? 1 - network.link.loss : 1;
  if (scheme.kind !== 'broadcasts') return { exchanges: exchanges * arriving, models: models * arriving };
  // a model that unifies goes over no link, to all others
  const each = exchanges * arriving * takenShare(network, scheme) + (nodes - 1) / scheme.period;
  return { exchanges: each, models: each };
}

/** The same with those that are lost on the way. */
function sent(network: Network): Traffic {
  const { scheme, nodes } = network;
  const pieces = meanRate(network) * nodes;
  switch (scheme.kind) {
    case 'alone':
      return { exchanges: 0, models: 0 };
    case 'clocks': {
      const exchanges = nodes < 2 ? 0 : scheme.rate * nodes;
      return { exchanges, models: exchanges * (scheme.mix === 'pairwise' ? 2 : 1) };
    }
    case 'opportunistic':
      return { exchanges: scheme.rate * nodes, models: scheme.rate * nodes };
    case 'work': {
      const exchanges = nodes < 2 ? 0 : pieces * (scheme.share ?? 1);
      return { exchanges, models: exchanges * (scheme.mix === 'pairwise' ? 2 : 1) };
    }
    case 'rounds': {
      const heard = scheme.heard?.reduce((sum, p) => sum + p, 0) ?? nodes;
      const silent = scheme.heard?.reduce((product, p) => product * (1 - p), 1) ?? 0;
      // the models that are summed go to one place, the sums from there
      const models = scheme.server ? heard + nodes : 2 * (heard - (1 - silent));
      const part = scheme.measured && !scheme.measured.sums ? 1 - scheme.measured.share : 1;
      return { exchanges: 1 / scheme.round.value, models: (part * models) / scheme.round.value };
    }
    case 'masses': {
      const exchanges = nodes < 2 ? 0 : pieces;
      return { exchanges, models: exchanges };
    }
    case 'pushes': {
      const { rounds, round } = scheme;
      let sum = 0;
      for (let r = 0; r < rounds.period; r++)
        for (let node = 0; node < nodes; node++) sum += rounds.receivers(node, r).length / rounds.period;
      // where all take the same sum, it may go to one place and from there
      const models = sum === nodes * (nodes - 1) ? Math.min(sum, 2 * (nodes - 1)) : sum;
      return { exchanges: 1 / round.value, models: models / round.value };
    }
    case 'springs':
      return { exchanges: pieces, models: 2 * pieces };
    case 'broadcasts': {
      const models = arcsOf(network) * broadcastsOf(network, scheme);
      return { exchanges: models, models };
    }
    case 'compressed':
    case 'neighbourhoods': {
      const arcs = arcsOf(network);
      return { exchanges: 1 / scheme.round.value, models: arcs / scheme.round.value };
    }
    case 'shared':
      return { exchanges: pieces, models: 2 * pieces };
  }
}

/** Messages for which a line is taken: a broadcast takes it once. */
function started(network: Network): number {
  const { scheme, nodes } = network;
  return scheme.kind === 'broadcasts' ? nodes * broadcastsOf(network, scheme) : sent(network).exchanges;
}

function arcsOf({ graph, nodes }: Network): number {
  return graph.offsets ? graph.targets!.length : nodes * (nodes - 1);
}

type Broadcasts = Extract<Network['scheme'], { kind: 'broadcasts' }>;

/** Of a node, a second: each unification throws a backlog away, which would have been sent. */
function broadcastsOf(network: Network, { rate, period }: Broadcasts): number {
  const mean = 1 / meanRate(network);
  const sent = broadcastRate(rate, network.law, mean);
  return Math.max(0, sent - sent / rate / period);
}

/** What nodes take of what arrives: psi messages a period at most. */
function takenShare(network: Network, scheme: Broadcasts): number {
  const { period, most } = scheme;
  if (most === Number.POSITIVE_INFINITY) return 1;
  const { graph, nodes, link } = network;
  const each = broadcastsOf(network, scheme) * (1 - link.loss) * period;
  if (period === Number.POSITIVE_INFINITY || each === 0) return each === 0 ? 1 : 0;
  let [arriving, taken] = [0, 0];
  for (let node = 0; node < nodes; node++) {
    const mean = degree(graph, node) * each;
    arriving += mean;
    taken += takenOf(mean, most);
  }
  return arriving === 0 ? 1 : taken / arriving;
}

/** `memory`: bytes of the layout. */
export function plannedCost(network: Network, memory: number, times?: Times): Said {
  const { scheme, carriage, step, nodes } = network;
  const { exchanges, models } = traffic(network);
  const inRounds = 'round' in scheme;
  const unified = scheme.kind === 'broadcasts' && (scheme.period < Number.POSITIVE_INFINITY || !isEven(network));
  const kind = inRounds ? kindOf(scheme.round) : unified ? 'approximation' : 'theorem';
  const lost = usesLinks(network) && network.link.loss > 0 ? '; those that arrive, as a run counts them: lost ones are not' : '';

  const statements: Statement[] = [
    say('exchanges, all nodes', exchanges, inRounds ? 'rounds/s' : '/s', kind, `mean of ${words[scheme.kind]}${lost}`),
    say(
      'bytes between nodes',
      models * carriage.bytes,
      'bytes/s',
      carriage.rounded ? 'approximation' : kind,
      `${words[scheme.kind]}, models of ${carriage.as}${lost}; as if each node were a machine`,
    ),
    say('shared memory', memory, 'bytes', 'theorem', 'the layout that the run would allocate'),
  ];
  const { bandwidth } = network.link;
  if (bandwidth < Number.POSITIVE_INFINITY && usesLinks(network)) {
    const busy = (started(network) * carriage.bytes) / nodes / bandwidth;
    const ground =
      'bytes of the model that whoever starts an exchange sends, lost ones too, over its bandwidth; the waiting that this makes is in no other number, and from 100 % on it grows without bound';
    statements.push(say("part of the time in which a node's line is taken", 100 * busy, '%', kind, ground));
  }
  const notes: string[] = [];
  const perfect = network.link.mean === 0 && network.link.loss === 0 && bandwidth === Number.POSITIVE_INFINITY;
  if (!perfect && !usesLinks(network) && exchanges > 0)
    notes.push('cost: no link is in it: in a run too, meetings of all and a model of all go over none');
  if (!times) return { statements, notes };
  const work = meanRate(network) * nodes * step.steps * times.step;
  statements.push(
    say('time of a local step', times.step, 'wall s', 'measurement', 'local steps of a calibration run, one thread'),
  );
  if (Number.isFinite(times.exchange)) {
    const share = (exchanges * times.exchange) / (work + exchanges * times.exchange);
    statements.push(
      say(
        'time of an exchange',
        times.exchange,
        'wall s',
        'measurement',
        'the rest of the time of a piece in the same run, per exchange: copies, locks and average',
      ),
      say(
        'exchanges, part of the time of the threads',
        100 * share,
        '%',
        'approximation',
        'from both times and the rates above; caches and waiting are those of the calibration',
      ),
    );
    if (scheme.kind === 'clocks') {
      const most = (0.05 * work) / (0.95 * times.exchange * nodes);
      statements.push(
        say('rate at which exchanges take 5 % of the time', most, 'exchanges a node', 'approximation', 'from both times'),
      );
    }
    if (scheme.kind === 'work') {
      const least = Math.max(1, Math.ceil((0.95 * times.exchange) / (0.05 * times.step)));
      statements.push(
        say('least H with which exchanges take 5 % of the time', least, 'steps', 'approximation', 'from both times'),
      );
    }
  } else if (exchanges > 0) notes.push('cost: the calibration run had no exchange to time');
  return { statements, notes };
}

const words: Readonly<Record<Network['scheme']['kind'], string>> = {
  alone: 'no exchange',
  clocks: 'Poisson clocks, n lambda exchanges',
  opportunistic: 'n lambda messages of whoever updated last',
  work: 'one exchange a piece of work',
  rounds: 'one sum a round, to one place and from there',
  neighbourhoods: 'one round, a model along each edge both ways',
  masses: 'a message with half of a mass a piece of work',
  pushes: 'one round, a model to each receiver, or one sum where all receive from all',
  compressed: 'one round, a message along each edge both ways',
  springs: 'a read and a write of the centre a piece of work',
  broadcasts:
    'a message to each neighbour at a tick before which something was learnt, those that nodes take, and models that unify',
  shared: 'a read and a write of the model an update',
};
