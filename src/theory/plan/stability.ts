/** How large a step may be, and how fast errors fade. */

import { type Answer, calculate } from '../delay/calculator.js';
import type { Network, Step } from './network.js';
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
  const theorem: Exactly = (what, value, unit, ground) =>
    measured
      ? say(what, value, unit, 'approximation', `${ground}; with the curvature that was measured, which changes on the way`)
      : say(what, value, unit, 'theorem', ground);
  const local: Statement[] = [
    theorem(
      'largest stable step of a node alone',
      alone,
      '',
      `${aloneForm(step)}${step.decay > 0 ? ', weight decay added to h' : ''}, on a quadratic with whole gradients`,
    ),
    theorem('margin: that over the step', alone / step.rate, 'times', 'above 1 is stable'),
  ];
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
function largestAlone({ momentum, nesterov }: Step, h: number): number {
  return (2 + 2 * momentum) / (h * (nesterov ? 1 + 2 * momentum : 1));
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
