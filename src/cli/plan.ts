/**
 * `hearsay plan`: what the theory says of an experiment before it runs, how far each number may be trusted, and, if asked, a calibration.
 */

import { z } from 'zod';
import { readNumber } from '../decimal.js';
import { stepsOfPiece } from '../engine/algorithms/table.js';
import type { Experiment } from '../engine/experiment.js';
import { layout } from '../engine/layout.js';
import { numberSchema, type Option, toggle, written } from '../engine/option.js';
import { dense } from '../engine/wake.js';
import { HearsayError } from '../errors.js';
import { quote } from '../spec.js';
import { curvatures, differences } from '../theory/hessian.js';
import { type Known, plan } from '../theory/plan/plan.js';
import { type Said, type Statement, sayer } from '../theory/plan/statement.js';
import type { Calibrating, Calibration } from '../threads/calibration.js';
import type { Draft, Preparing } from '../threads/prepare.js';
import { bytes, count, figure, many } from './figures.js';
import { openLine } from './line.js';
import { networkOf } from './network.js';
import type { Surroundings } from './program.js';

const curvature = { min: -1e9, max: 1e9 };
const spectrumShape = z.strictObject({ min: numberSchema(curvature), max: numberSchema(curvature) });

/** Seconds that a calibration trains. */
const training = 2;
/** Products with the Hessian, two gradients each. */
const products = 24;

export const planOptions = {
  curvature: written(
    {
      about: 'curvature of the loss: the largest eigenvalue of its Hessian, or the smallest and the largest',
      range: 'H | LOW..HIGH, from -1e9 to 1e9',
      fallback: 'what --measure finds; without it nothing is said of steps',
      placeholder: '<h>',
      default: null,
      write: ({ min, max }) => [`${min}..${max}`],
    },
    spectrumShape.nullable(),
    readSpectrum,
  ),
  measure: toggle({
    about: `first train for ${training} s, and look at times, gradients and curvature: some ${training + 3} s, more for large models`,
  }),
  json: toggle({ about: 'one JSON object on stdout, for programs; null is without bound' }),
} satisfies Record<string, Option>;

export interface PlanSettings {
  readonly experiment: Experiment;
  readonly curvature: z.output<typeof spectrumShape> | null;
  readonly measure: boolean;
  readonly json: boolean;
}

/** What the command needs: `draft` of threads/prepare.ts and `calibrate` of threads/calibration.ts. */
export interface Planner {
  draft(experiment: Experiment, preparing?: Preparing): Promise<Draft>;
  calibrate(draft: Draft, calibrating: Calibrating): Promise<Calibration>;
}

/** Returns the exit status: 0, or 130 when a signal ended the calibration. Throws HearsayError. */
export async function planCommand(settings: PlanSettings, around: Surroundings): Promise<number> {
  const { experiment, json, measure } = settings;
  const print = (text: string) => around.stdout.write(`${text}\n`);
  const { draft, calibrate } = await around.loadPlanner();
  const drawn = await draft(experiment);
  const network = networkOf(drawn);
  const threads = drawn.likely === 'alone' ? 1 : drawn.asked;
  const given = settings.curvature ?? undefined;
  let known: Known = { memory: layout(drawn.shapeOf(drawn.likely, threads)).bytes, spectrum: given };
  let measured: Statement[] = [];
  if (measure) {
    const line = openLine(around.stderr, around.env);
    const abort = new AbortController();
    const forget = [around.onSignal(() => abort.abort()), around.onBrokenPipe(() => abort.abort())];
    const say = (what: string) => (line.live ? line.renew(`measuring: ${what}`) : line.print(`measuring: ${what}`));
    try {
      const found = await calibrate(drawn, { seconds: training, signal: abort.signal, say });
      say('curvature');
      const spectrum = curvatures(network.parameters, differences(found.slope), products);
      measured = measurements(found, spectrum);
      known = { ...known, spectrum: given ?? { ...spectrum, measured: true }, scatter: found, times: found };
    } catch (error) {
      if (abort.signal.aborted) return around.brokenPipe() ? 0 : 130;
      throw error;
    } finally {
      line.close();
      for (const undo of forget) undo();
    }
  }
  const said = plan(network, known, { seed: experiment.seed });
  const statements = [...said.statements, ...ofWake(drawn), ...measured];
  if (json) print(JSON.stringify({ event: 'plan', experiment, statements, notes: said.notes }));
  else for (const text of report(drawn, { ...said, statements })) print(text);
  return 0;
}

function measurements({ step: _, exchange: __, ...found }: Calibration, spectrum: ReturnType<typeof curvatures>): Statement[] {
  const where = `after ${figure(found.seconds)} s of training here, when the loss was ${figure(found.loss)} on ${many(found.rows, 'row')}`;
  const settled = spectrum.converged ? 'both ends have settled' : 'an end may lie farther out';
  const hessian = `Lanczos' iteration on ${many(spectrum.products, 'product')} with the Hessian, by differences of gradients, ${where}; ${settled}`;
  const scatter = `${found.batches} batches, ${where}`;
  const steep = sayer('stability');
  const wide = sayer('scale');
  return [
    steep('largest curvature', spectrum.max, '', 'measurement', hessian),
    steep('smallest curvature', spectrum.min, '', 'measurement', hessian),
    wide(
      'squared length of the gradient',
      found.squared,
      '',
      'measurement',
      `${scatter}; what noise adds is taken off, so that it may be below 0`,
    ),
    wide('scatter of a batch gradient, tr(Sigma)', found.trace, '', 'measurement', scatter),
  ];
}

/** Why a piece of work is so long, of a model whose steps touch few parameters. */
function ofWake({ experiment, recipe: { model, wake } }: Draft): Statement[] {
  if (!wake) return [];
  const say = sayer('cost');
  const steps = stepsOfPiece(experiment.algorithm, wake);
  const isGiven = steps !== wake.steps;
  const least = wake.isPass
    ? 'two passes over the rows of a node: longer it does not go without hearing of others'
    : `so many that this comes to ${100 * dense} %`;
  const why = isGiven ? `as asked for; left out it would be ${count(wake.steps)}` : `none are asked for: ${least}`;
  return [
    say('local steps of a piece', steps, 'steps', 'approximation', `${why}; a step moves what its rows touch, and no more`),
    say(
      'copies, commits and mixes of whole rows, part of the time',
      100 * wake.shareOf(steps),
      '%',
      'approximation',
      `${many(model.parameters, 'parameter')} a piece, against ${many(steps * experiment.batch, 'row')} learnt, by round costs of one core`,
    ),
  ];
}

const topics: Readonly<Record<Statement['topic'], string>> = {
  staleness: 'staleness',
  mixing: 'agreement',
  stability: 'steps',
  scale: 'number of nodes',
  cost: 'cost',
};

/** For people: topic by topic a line for each statement, with its kind and its ground. Times are virtual seconds. */
export function report({ experiment, graph, split, recipe }: Draft, { statements, notes }: Said): string[] {
  const { model } = recipe;
  const clock = experiment.clock ?? recipe.algorithm.clock ?? 'exponential:mean=1';
  const rows = experiment.data === 'none' ? 'no data' : `${split.train.name}: ${count(split.train.rows)} rows`;
  const head = [
    many(experiment.nodes, 'node'),
    graph.name,
    experiment.algorithm,
    `${model.name}: ${many(model.parameters, 'parameter')}`,
    rows,
    clock,
  ];
  const width = Math.max(...statements.map(({ what }) => what.length));
  const values = statements.map(shownValue);
  const wide = Math.max(...values.map(value => value.length));
  const lines = Object.entries(topics).flatMap(([topic, title]) => {
    const own = statements.flatMap((statement, k) => (statement.topic === topic ? [{ ...statement, shown: values[k] }] : []));
    if (own.length === 0) return [];
    return [
      title,
      ...own.map(
        ({ what, shown, kind, ground }) => `  ${what.padEnd(width)}  ${shown.padEnd(wide)}  ${kind.padEnd(13)}  ${ground}`,
      ),
    ];
  });
  return [head.join(' | '), ...lines, ...(notes.length > 0 ? ['not said', ...notes.map(note => `  ${note}`)] : [])];
}

function shownValue({ value, unit, error }: Statement): string {
  if (value === Number.POSITIVE_INFINITY) return 'without bound';
  if (unit === 'bytes' || unit === 'bytes/s') return bytes(Math.round(value)) + unit.slice('bytes'.length);
  return `${figure(value)}${error === null ? '' : ` +- ${figure(error)}`}${unit === '' ? '' : ` ${unit}`}`;
}

function readSpectrum(text: string, where: string): z.output<typeof spectrumShape> {
  const [low, high = low, ...more] = text.split('..').map(part => readNumber(part, curvature, `${where} (H, or LOW..HIGH)`));
  if (more.length === 0 && low <= high) return { min: low, max: high };
  throw new HearsayError('CONFIG_RANGE', `${where}: found ${quote(text)}, allowed is H, or LOW..HIGH with LOW up to HIGH`);
}
