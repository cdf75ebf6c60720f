/** How soon models agree that meet in rounds, by the matrix of a round. */

import { degree, type Graph } from '../../topology/graph.js';
import { mixingRate } from '../../topology/spectrum.js';
import { metropolis, type Weights } from '../../topology/weights.js';
import { mostPushing, pushSumRadius } from '../pushsum.js';
import type { Network } from './network.js';
import { type Kind, kindOf, type Said, sayer } from './statement.js';

const say = sayer('mixing');

type Neighbourhoods = Extract<Network['scheme'], { kind: 'neighbourhoods' }>;

type Pushes = Extract<Network['scheme'], { kind: 'pushes' }>;

/** W is symmetric, and the same in every round. */
export function byRounds({ graph }: Network, { round, weights }: Neighbourhoods, noisy: boolean): Said {
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
export function byPushes({ round, rounds }: Pushes): Said {
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
