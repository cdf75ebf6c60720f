/**
 * Which nodes the server can hear in a round: their links go on and off with unknown probabilities, each on its own (Xiang, Ioannidis, Yeh,
 * Joe-Wong and Su, arXiv 2404.10091: Bernoulli, Markov and cyclic links). A pure function of seed, node and round.
 *
 *   bernoulli  on with probability p in every round
 *   markov     goes on with probability 0.05 a round, and off so often that it is on a share p of the rounds
 *   cyclic     on for the first p of every `period` rounds (one at least), which begin somewhere else for each node
 *
 * p is one number, or LOW..HIGH: from node 0 to the last evenly. With swing=g it changes in time: p ((1 - g) + g sin(2 pi round / period)).
 */

import { readNumber } from '../../decimal.js';
import { HearsayError } from '../../errors.js';
import { numeric, oneOf, optional, type Setting, type Values } from '../../settings.js';
import { sineOfTurns } from '../../sine.js';
import { quote } from '../../spec.js';
import type { Meeting, Row } from '../algorithm.js';

/** The probability of node `node` of `nodes`. */
type Probability = (node: Row, nodes: number) => number;

const share = { min: 1e-6, max: 1 };

const probability: Setting<Probability> = {
  about: 'probability that a link is on; LOW..HIGH: evenly from the first node to the last',
  range: 'a number from 0.000001 to 1, or two: LOW..HIGH',
  otherwise: () => 0.5,
  fallback: '0.5',
  read(text, where) {
    const [low, high = low, ...more] = text.split('..').map(part => readNumber(part, share, `${where} (a number, or LOW..HIGH)`));
    if (more.length > 0)
      throw new HearsayError('CONFIG_RANGE', `${where}: found ${quote(text)}, allowed is a number, or LOW..HIGH`);
    return (node, nodes) => (nodes === 1 ? low : low + ((high - low) * node) / (nodes - 1));
  },
};

export const linkSettings = {
  links: oneOf('how links go on and off', ['bernoulli', 'markov', 'cyclic']),
  p: probability,
  swing: numeric('how much the probabilities change in time', { min: 0, max: 0.5 }, 0),
  period: optional(numeric('rounds of a cycle of links=cyclic, or of swing', { whole: true, min: 1, max: 1e6 }, 0), '100'),
};

/** The chance of a link to go on, of a round that it was off in. */
const goesOn = 0.05;

/** Says who is on in a meeting, ascending. Throws CONFIG_RANGE, naming `where`, for a period of nothing. */
export function openActivity(
  { links, p, swing, period: given }: Values<typeof linkSettings>,
  nodes: number,
  where: string,
): (meeting: Meeting) => Row[] {
  if (given !== undefined && swing === 0 && links !== 'cyclic')
    throw new HearsayError(
      'CONFIG_RANGE',
      `${where}: found period with links=${links} and swing=0, where nothing has one; take links=cyclic, add swing=0.3, or leave period out`,
    );
  const period = given ?? 100;
  const at = (node: Row, round: number) => {
    const steady = p(node, nodes);
    return swing === 0 ? steady : steady * (1 - swing + swing * sineOfTurns(round / period));
  };

  const isOn: Record<typeof links, (meeting: Meeting, node: Row) => boolean> = {
    bernoulli: ({ random, number }, node) => random(node, 'link', number) < at(node, number),
    markov: chain,
    cyclic({ random, number }, node) {
      const offset = Math.floor(random(node, 'link', 0) * period);
      return (number + offset) % period < Math.max(1, Math.round(at(node, number) * period));
    },
  };

  /** What a chain was in the round before, for nodes that were asked about. It is told again from its beginning when that was not there. */
  const states = new Map<Row, { round: number; on: boolean }>();
  function chain({ random, number }: Meeting, node: Row): boolean {
    let state = states.get(node);
    if (!state || state.round > number) state = { round: 0, on: random(node, 'link', 0) < at(node, 0) };
    for (; state.round < number; state.round++) {
      const share = at(node, state.round + 1);
      // Off with q, on with r: the share of time on is r / (q + r). A link that is nearly always on must come back sooner than usual.
      const off = Math.min(1, (goesOn * (1 - share)) / share);
      const on = share === 1 ? 1 : (off * share) / (1 - share);
      const draw = random(node, 'link', state.round + 1);
      state.on = state.on ? draw >= off : draw < on;
    }
    states.set(node, state);
    return state.on;
  }

  return meeting => meeting.live.filter(node => isOn[links](meeting, node));
}
