/**
 * Stochastic gradient push: push-sum over edges that may go one way. Every row has a mass m beside its model z; what is averaged is m z,
 * and a local step D, taken at z, is one of m z (see ../mass.ts). A round, behind a barrier:
 *
 *   m_i z_i = sum over j of p_ij (m_j z_j + D_j),   m_i = sum over j of p_ij m_j
 *
 * Columns of P sum to 1: who sends to r others gives each of them, and keeps, 1 / (r + 1). So the sum of m is n for ever, and the sum of m
 * z moves by what all learn, on any strongly connected graph. peers=one: in round k to one only, the next in turn; on the exponential
 * graph that is i + 2^(k mod log2 n).
 *
 * overlap=true: nobody waits. A node commits its piece, and sends half of its mass along a drawn edge; what arrives is added. The sum of m
 * holds with what is in flight.
 */

import { HearsayError } from '../../errors.js';
import { flag, oneOf, optional, type Values } from '../../settings.js';
import type { Algorithm, Meeting, Row } from '../algorithm.js';
import { builtIn, steps } from './builtin.js';
import { pushing, sumOfBoth } from './mixing.js';

const description = {
  name: 'sgp',
  about: 'push-sum: models with masses, along edges that may go one way',
  source: {
    method: 'SGP',
    authors: 'Assran, Loizou, Ballas, Rabbat',
    venue: 'ICML',
    year: 2019,
    arxiv: '1811.10792',
    provenance:
      "the rule and its graphs from memory and the authors' public code; overlap=true is our own, after its overlapped form; more than one step is our own",
  },
  keeps: { what: ['hull'], note: 'the sum of m z and that of the masses m, with what is in flight' },
  settings: {
    steps: steps(1),
    peers: optional(oneOf('in a round, to all or to one in turn', ['all', 'one']), 'all; a drawn one with overlap=true'),
    overlap: flag('nobody waits: half of the mass in a message'),
  },
} as const;

type Sgp = Values<typeof description.settings>;

export const sgp = builtIn(description, (values, _, where) => {
  if (!values.overlap) return inRounds(values);
  if (values.peers === undefined) return overlapped(values);
  throw new HearsayError(
    'CONFIG_RANGE',
    `${where}: peers belongs to overlap=false, found overlap=true, which sends to one drawn peer; leave it out`,
  );
});

function inRounds({ steps, peers }: Sgp): Algorithm {
  const receivers = (node: Row, { neighbours, number }: Meeting) =>
    peers === 'one' ? inTurn(node, neighbours(node), number) : neighbours(node);
  return {
    name: 'sgp',
    averages: true,
    keepsDelta: true,
    mass: 'push-sum',
    begin(node, rows, world) {
      rows.descend(node, { steps: steps(node, world) });
    },
    finish(node, rows) {
      rows.meet(node);
      return true;
    },
    meet(meeting) {
      const { live } = meeting;
      const pushes = pushing(live, node => receivers(node, meeting));
      meeting.combine(live, [...live, ...live.map(meeting.delta)], sumOfBoth(pushes, pushes));
    },
    requireGraph({ name, directed }) {
      if (directed || peers !== 'one') return;
      throw new HearsayError(
        'GRAPH_INVALID',
        `topology ${name}: its edges go both ways, sgp:peers=one sends in turn along edges that go one way; take exponential:directed=true, or peers=all, or dpsgd`,
      );
    },
  };
}

/** One of those that the node may send to, the next ones above it first. */
export function inTurn(node: Row, others: readonly Row[], round: number): Row[] {
  const order = [...others.filter(other => other > node), ...others.filter(other => other < node)];
  return order.length === 0 ? [] : [order[round % order.length]];
}

function overlapped({ steps }: Sgp): Algorithm {
  return {
    name: 'sgp',
    averages: true,
    mass: 'push-sum',
    sends: true,
    begin(node, rows, world) {
      rows.descend(node, { steps: steps(node, world) });
    },
    finish(node, rows, world) {
      rows.commit(node);
      world.send(node, rows.stow(node), world.peer(node));
      return true;
    },
    arrive(node, slot, rows) {
      rows.merge(node, slot);
    },
    requireGraph() {},
  };
}
