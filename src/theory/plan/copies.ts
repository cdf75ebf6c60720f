/** How soon models agree that step towards compressed copies of their neighbours. */

import type { Graph } from '../../topology/graph.js';
import { mixingSpectrum } from '../../topology/spectrum.js';
import { metropolis } from '../../topology/weights.js';
import { isComplete } from '../complete.js';
import { consensusFactor, largestGamma, type Mode, provedConsensus } from '../compressed.js';
import { ringOrder } from '../ring.js';
import type { Network } from './network.js';
import { type Kind, kindOf, type Said, type Statement, sayer } from './statement.js';

const say = sayer('mixing');

type Compressed = Extract<Network['scheme'], { kind: 'compressed' }>;

/** Nodes up to which all eigenvalues of W are taken. */
const mostCopies = 256;

/** Steps towards compressed copies. */
export function byCopies(graph: Graph, scheme: Compressed): Said {
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
