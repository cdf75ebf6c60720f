/** How large a step may be, and how fast errors fade. */

import { degree } from '../../topology/graph.js';
import { broadcastRate, windowShare } from '../broadcasts.js';
import { type Answer, calculate } from '../delay/calculator.js';
import { centreDecay } from '../springs.js';
import { isEven, meanRate, type Network, type Step } from './network.js';
import { type Said, type Statement, sayer } from './statement.js';

/** Smallest and largest eigenvalue of the Hessian; the smallest may be negative. */
export interface Spectrum {
  readonly min: number;
  readonly max: number;
  /** Both were measured: at one place, and from within. */
  readonly measured?: boolean;
}

const say = sayer('stability');
/** The share of the error that shall be left. */
const accuracy = 1e-3;

/** `noise`: standard deviation of a batch's gradient along each axis, where it is known. Throws CONFIG_RANGE. */
export function plannedStability(network: Network, spectrum: Spectrum | undefined, noise = 0): Said {
  const { step, scheme } = network;
  if (!spectrum)
    return { statements: [], notes: ['stability: no curvature is known; give --curvature H or LOW..HIGH, or --measure it'] };
  const { measured = false } = spectrum;
  const [min, max] = [spectrum.min + step.decay, spectrum.max + step.decay];
  const digits = (value: number) => Number(value.toPrecision(3));
  if (!(max > 0))
    return { statements: [], notes: [`stability: the largest curvature is ${digits(max)}: nothing bounds the step`] };
  const bowl = min > 0;
  const notes = bowl ? [] : [`stability: ${digits(min)} is a curvature of no minimum: how fast errors fade is not known`];
  const curvatures = bowl && min < max ? [min, max] : [max];
  const alone = largestAlone(step, max);
  const tuned = [
    step.decay > 0 ? ', weight decay added to h' : '',
    step.divisor === undefined || step.divisor === 1
      ? ''
      : ', times the least scale alpha: stable whatever D is, as Dhat >= alpha',
    step.pace === undefined ? '' : ', at pace 1, the largest',
  ].join('');
  const theorem: Exactly = (what, value, unit, ground) =>
    measured
      ? say(what, value, unit, 'approximation', `${ground}; with the curvature that was measured, which changes on the way`)
      : say(what, value, unit, 'theorem', ground);
  const local: Statement[] = [
    theorem('largest stable step of a node alone', alone, '', `${aloneForm(step)}${tuned}, on a quadratic with whole gradients`),
    theorem('margin: that over the step', alone / step.rate, 'times', 'above 1 is stable'),
  ];
  if (step.pace !== undefined) {
    const ground =
      'gradients that differ slow steps down, never below this part and never above eta: what is stable at pace 1 is stable';
    local.push(theorem('least step', step.rate * step.pace, '', ground));
  }
  if (step.divisor !== undefined && step.divisor !== 1) {
    const said =
      alone > step.rate ? 'no step up to that diverges' : 'with scales near alpha a node alone diverges; larger ones allow more';
    return {
      statements: local,
      notes: [
        ...notes,
        `stability: ${said}; how fast errors fade hangs on the scale that is found on the way, and is not known beforehand`,
      ],
    };
  }
  if (alone <= step.rate)
    return { statements: local, notes: [...notes, 'stability: a node alone diverges; others can only share that'] };
  const facts: Facts = { network, curvatures, bowl, noise };
  switch (scheme.kind) {
    case 'alone':
      return { statements: local, notes };
    case 'shared':
      return { statements: [...local, ...shared(facts)], notes };
    case 'rounds':
      return { statements: [...local, ...(bowl ? rounds(facts, scheme.round.value, theorem) : [])], notes };
    case 'pushes':
      return { statements: [...local, ...ofTheMean(facts, scheme.round.value, scheme.even ? theorem : near)], notes };
    case 'compressed':
      if (scheme.memory === undefined) return { statements: [...local, ...ofTheMean(facts, scheme.round.value, theorem)], notes };
      return {
        statements: local,
        notes: [...notes, 'stability: adagossip keeps no mean, and how it moves with steps that adapt is not known'],
      };
    case 'springs':
      return { statements: [...local, ...springs(facts, scheme.alpha, theorem)], notes };
    case 'broadcasts':
      return { statements: [...local, ...received(facts, scheme)], notes: [...notes, broadcastNote(scheme)] };
    case 'neighbourhoods':
      if (scheme.order === 'mix')
        return {
          statements: local,
          notes: [...notes, 'stability: with order=mix steps of all are not known; they are with order=commit'],
        };
      return { statements: [...local, ...(bowl ? rounds(facts, scheme.round.value, theorem) : [])], notes };
    default:
      return { statements: [...local, ...together(facts)], notes };
  }
}

/** Of what is exact elsewhere. */
const near: Exactly = (what, value, unit, ground) =>
  say(what, value, unit, 'approximation', `${ground}; degrees differ, so that some nodes weigh more`);

/** Makes a statement that is exact where the curvature is. */
type Exactly = (what: string, value: number, unit: string, ground: string) => Statement;

interface Facts {
  readonly network: Network;
  readonly curvatures: readonly number[];
  /** All curvatures are above 0: errors fade. */
  readonly bowl: boolean;
  readonly noise: number;
}

/** Polyak 1964; Nesterov's form by the same quadratic. */
function largestAlone({ momentum, nesterov, divisor = 1 }: Step, h: number): number {
  return ((2 + 2 * momentum) / (h * (nesterov ? 1 + 2 * momentum : 1))) * divisor;
}

function aloneForm({ momentum, nesterov }: Step): string {
  if (momentum === 0) return '2 / h_max';
  return nesterov ? '2 (1 + beta) / ((1 + 2 beta) h_max)' : '2 (1 + beta) / h_max';
}

/** p: the part of the error that a piece of work takes off. Exact without momentum, which counts as a step of eta / (1 - beta). */
function taken({ rate, steps, momentum }: Step, h: number): number {
  return 1 - (1 - Math.min(1, (rate * h) / (1 - momentum))) ** steps;
}

/** The step whose pieces take off the part p along h; that of a node alone where no part up to 1 is too much. */
function stepOf(step: Step, p: number, h: number): number {
  if (p >= 1) return largestAlone(step, h);
  return ((1 - (1 - p) ** (1 / step.steps)) * (1 - step.momentum)) / h;
}

/** What `calculate` says when each piece takes the part p / `share` off the vector that all work on. */
function answerTo({ network, curvatures, noise }: Facts, share: number): Answer {
  const parts = curvatures.map(h => taken(network.step, h) / share);
  const scatter = noise * network.step.rate * Math.sqrt(network.step.steps); // of a piece
  return calculate({ step: 1, curvatures: parts, workers: network.nodes, compute: network.law, accuracy, noise: scatter });
}

const equation = 'dx/dt = -nu p E[x(t - tau)], p = 1 - (1 - eta h)^H, nu pieces a second: near for many workers and small p';

function shared(facts: Facts): Statement[] {
  const { network, curvatures, bowl, noise } = facts;
  const { step } = network;
  const answer = answerTo(facts, 1);
  const steepest = Math.max(...curvatures);
  const z = Math.max(...answer.directions.map(direction => direction.z));
  const most = taken(step, steepest);
  const near = (what: string, value: number, unit: string, ground: string) => say(what, value, unit, 'approximation', ground);
  const statements = [
    near(`all on one model, ${answer.verdict}: damping z = M p`, z, '', `${equation}; eta h M for H = 1`),
    near(
      'margin: critical z less that',
      answer.margin,
      '',
      'pi/2 for a fixed delay (Hayes 1950), none for an exponential one, else followed numerically',
    ),
    near(
      'largest stable step of all',
      stepOf(step, answer.largestStep * most, steepest),
      '',
      'pi / (2 h_max M) for fixed delays and H = 1',
    ),
    near(
      'largest step that does not swing',
      stepOf(step, answer.criticalStep * most, steepest),
      '',
      '1 / (e h_max M) for fixed delays and H = 1 (Győri and Ladas 1991)',
    ),
  ];
  if (bowl) {
    statements.push(
      near('decay of the error', answer.rate, '/s', 'least -Re s over the curvatures, s the dominant root of the equation'),
      near(`time to ${accuracy} of the error`, answer.time, 's', 'from that decay'),
      near(
        'number of workers with the best decay',
        answer.bestWorkers.value,
        'workers',
        'about 1 / (e eta h) for one curvature and fixed delays; a scan',
      ),
    );
    if (noise > 0)
      statements.push(
        near(
          'variance of a weight',
          answer.variance / curvatures.length,
          '',
          'Küchler and Mensch 1992, mean over the curvatures; white noise',
        ),
      );
  }
  return statements;
}

/** In the limit of fast gossip all rows are their mean, to which each piece adds an n-th of itself. */
function together(facts: Facts): Statement[] {
  const { network, bowl } = facts;
  const answer = answerTo(facts, network.nodes);
  const z = Math.max(...answer.directions.map(direction => direction.z));
  const limit =
    'in the limit of fast gossip: all rows are their mean, to which each of n workers adds an n-th, a piece of work late';
  const near = (what: string, value: number, unit: string, ground: string) => say(what, value, unit, 'approximation', ground);
  return [
    near(`the mean model, ${answer.verdict}: damping z = p`, z, '', `${limit}; p = 1 - (1 - eta h_max)^H`),
    near('margin: critical z less that', answer.margin, '', 'of the same equation as for asgd'),
    ...(bowl
      ? [
          near('decay of the error of the mean model', answer.rate, '/s', 'the same limit, slowest curvature'),
          near(`time to ${accuracy} of it`, answer.time, 's', 'from that decay'),
        ]
      : []),
  ];
}

function rounds({ network: { step }, curvatures }: Facts, round: number, theorem: Exactly): Statement[] {
  if (step.momentum > 0) return [];
  const kept = Math.max(...curvatures.map(h => Math.abs(1 - step.rate * h))) ** step.steps;
  const ground = 'largest |1 - eta h|^H; quadratics with one Hessian for all nodes, whole gradients';
  return [
    theorem('part of the error that a round leaves', kept, '', ground),
    theorem(
      `time to ${accuracy} of the error`,
      (-Math.log(accuracy) / -Math.log(kept)) * round,
      's',
      'from that, and the mean time of a round',
    ),
  ];
}

/** Weights that keep the mean: it takes the steps of all. */
function ofTheMean(facts: Facts, round: number, exactly: Exactly): Statement[] {
  if (!facts.bowl) return [];
  return rounds(facts, round, (what, value, unit, ground) => exactly(`the mean model: ${what}`, value, unit, ground));
}

/** Workers and a centre. An exchange has the eigenvalues 1 and 1 - 2 alpha: it makes nothing larger. */
function springs({ network, curvatures, bowl }: Facts, alpha: number, theorem: Exactly): Statement[] {
  const { step, nodes, memoryless } = network;
  const statements = [
    theorem(
      'largest stable step of all',
      largestAlone(step, Math.max(...curvatures)),
      '',
      'that of a node alone, for every alpha from 0 to 1: an exchange has the eigenvalues 1 and 1 - 2 alpha, and makes nothing larger (own derivation)',
    ),
  ];
  if (!bowl || step.momentum > 0) return statements;
  const rate = meanRate(network);
  const decay = Math.min(...curvatures.map(h => centreDecay({ nodes, alpha, rate }, (1 - step.rate * h) ** step.steps)));
  const exactly: Exactly =
    memoryless && isEven(network)
      ? theorem
      : (what, value, unit, ground) =>
          say(what, value, unit, 'approximation', `${ground}; pieces are taken as a Poisson process`);
  const ground =
    'slower eigenvalue of the means of workers and centre, least over the curvatures; whole gradients (own derivation)';
  return [
    ...statements,
    exactly('decay of the error of the centre', decay, '/s', ground),
    exactly(`time to ${accuracy} of it`, -Math.log(accuracy) / decay, 's', 'from that decay'),
  ];
}

type Broadcasts = Extract<Network['scheme'], { kind: 'broadcasts' }>;

/** How much more a node moves by what it receives. */
function received({ network }: Facts, { rate, window, models }: Broadcasts): Statement[] {
  if (models || network.nodes < 2) return [];
  const { graph, law, link } = network;
  const Lambda = meanRate(network);
  const sent = broadcastRate(rate, law, 1 / Lambda);
  let sum = 0;
  for (let node = 0; node < network.nodes; node++) sum += windowShare(degree(graph, node) * sent * window * (1 - link.loss));
  const steps = 1 + sum / network.nodes / (window * sent);
  const ground =
    '1 + E[K / (1 + K)] / (window x broadcasts a second), K Poisson, received in a window; without psi and deadline (own derivation)';
  return [say('steps that a node moves by, for one of its own', steps, 'steps', 'approximation', ground)];
}

function broadcastNote({ models }: Broadcasts): string {
  return models
    ? 'stability: what windows of models do to a step beyond that of a node alone is not known'
    : 'stability: of sums of progress no bound is proved; a step that many times smaller than that of a node alone moves as fast as one node does';
}
