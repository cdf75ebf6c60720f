/** R6: SwarmSGD with few bits a coordinate: nothing lost at 8, something at 4 (Nadiradze et al. 2021, arXiv 1910.12308). */

import type { ExperimentInput } from '../engine/experiment.js';
import type { Completed } from '../threads/crowd.js';
import { period } from './leaps.js';
import { average, type Measured, meanOf, sure } from './measured.js';
import type { Configuration, Finding, Mark, Reproduction } from './reproduction.js';
import { between, near, type Row, shown } from './row.js';

export interface QuantizedSizes {
  readonly nodes: number;
  readonly rows: number;
  readonly epochs: number;
  /** What is compared with floats: bits, and whether models are turned at random before. */
  readonly kinds: readonly Kind[];
  /** Runs of each kind, with the same seeds for all kinds. */
  readonly runs: number;
  /** Local steps of each node where steps leap. */
  readonly leapingSteps: number;
}

export interface Kind {
  readonly bits: number;
  readonly rotation: boolean;
}

const sizes: QuantizedSizes = {
  ...{ nodes: 8, rows: 4000, epochs: 15, runs: 6, leapingSteps: 3000 },
  kinds: [
    { bits: 8, rotation: false },
    { bits: 6, rotation: false },
    { bits: 5, rotation: false },
    { bits: 4, rotation: false },
    { bits: 4, rotation: true },
  ],
};

/** Bytes of a message beside its codes: side and stamp. */
const heading = 12;
/** Local steps between exchanges. */
const steps = 3;
const leaps = new URL('./leaps.js', import.meta.url).href;
/** Weights of the model that leaps. */
const leaping = 16;

export function quantized({ nodes, rows, epochs, kinds, runs, leapingSteps }: QuantizedSizes = sizes): Reproduction {
  return {
    id: 'R6',
    about: 'swarm that exchanges 8 bits a coordinate learns as with floats, for a quarter of the bytes; with 4 bits it loses',
    notes: [
      `${nodes} nodes, ${steps} local steps between exchanges, ${rows} digits, mlp:32, batch 32, sgd:rate=0.1, ${epochs} epochs; a piece of work takes three virtual seconds (lognormal, sigma 0.3). Same seed, same batches and partners: means of ${runs} ratios to the run with floats; a gap is the ratio less 1.`,
      'Training loss: of the local steps of the last epoch. Expected (shape): within 1 % of floats at 8 bits, visibly more at 4, less of that when models are turned at random before. With 2 and 3 bits pairs average by another rule, and with a smaller weight (docs/results.md).',
      'Bytes of a model (exact): bits / 32 of those of floats, and 12 for side and stamp (turned, it is as long as the next power of two); without models that went as floats (of pairs that have met nobody yet) and messages that arrived wrong; with them, of all.',
      `Leaps: every ${period}th step of a node moves a weight by fifty times the others, which no code fits that was measured before. Expected: the first message each way arrives wrong and is seen, so at least two a leap; sent again, it is all there: the models hold the sum of all steps (exact, in expectation). A message that is taken wrong without being seen does not show in that sum, as the errors of the two ways cancel: a test of the quantizer looks at each.`,
    ],
    charts: [
      {
        name: 'curves',
        title: 'Training loss, floats and quantized models',
        x: { label: 'epoch' },
        y: { label: 'training loss', log: true },
      },
      {
        name: 'gap',
        title: 'Training loss of the last epoch, over that of floats',
        x: { label: 'bits of a coordinate' },
        y: { label: 'ratio' },
      },
    ],
    configurations: ({ seed }) => [
      learners({ nodes, rows, epochs, kinds, runs }, seed),
      leapers({ nodes, leapingSteps, runs }, seed),
    ],
    conclude: marks => order(marks, kinds),
  };
}

function learners({ nodes, rows, epochs, kinds, runs }: Omit<QuantizedSizes, 'leapingSteps'>, first: number): Configuration {
  const base: ExperimentInput = {
    ...{ data: `digits:${rows}`, model: 'mlp:32', optimizer: 'sgd:rate=0.1', track: 0, nodes, epochs },
    ...{ clock: `lognormal:mean=${steps},sigma=0.3` },
  };
  const plain = `swarm:steps=${steps}`;
  const coded = kinds.map(({ bits, rotation }) => `${plain},bits=${bits}${rotation ? ',rotation=true' : ''}`);
  return {
    name: 'digits',
    work: 1,
    runs: [plain, ...coded].flatMap(algorithm =>
      Array.from({ length: runs }, (_, k) => ({ ...base, algorithm, seed: first + k })),
    ),
    read(done) {
      const floats = done.slice(0, runs);
      const found = kinds.map((kind, k) => compare(kind, floats, done.slice((k + 1) * runs, (k + 2) * runs)));
      return {
        rows: [
          shown('floats: training loss of the last epoch', meanOf(floats.map(lastLoss))),
          ...found.flatMap(({ rows }) => rows),
        ],
        marks: [...curve('floats', floats), ...found.flatMap(({ marks }) => marks)],
      };
    },
  };
}

function nameOf({ bits, rotation }: Kind): string {
  return `${bits} bits${rotation ? ', turned' : ''}`;
}

/** Runs of one kind against those with floats. */
function compare(kind: Kind, floats: readonly Completed[], coded: readonly Completed[]): Finding {
  const name = nameOf(kind);
  const over = (value: (run: Completed) => number) => meanOf(coded.map((run, k) => value(run) / value(floats[k])));
  const loss = over(lastLoss);
  const gap: Measured = { value: loss.value - 1, error: loss.error };
  const [found, wanted] = [learning(coded), learning(floats)];
  const widest = Math.max(...found.map((value, epoch) => Math.abs(value / wanted[epoch] - 1)));
  return {
    rows: [
      judged(kind, `${name}: gap to floats of the training loss of the last epoch`, gap),
      ...(kind.bits >= 8
        ? [between(`${name}: largest gap to floats of the training loss of an epoch`, sure(widest), null, 0.02)]
        : []),
      shown(
        `${name}: test loss of the mean model, over floats`,
        over(({ done }) => done.loss),
      ),
      ...bytes(kind, floats, coded),
    ],
    marks: [
      ...curve(name, coded),
      { chart: 'gap', series: kind.rotation ? 'turned' : 'not turned', x: kind.bits, y: loss.value, error: loss.error },
    ],
  };
}

function judged({ bits, rotation }: Kind, what: string, gap: Measured): Row {
  if (bits >= 8) return between(what, gap, -0.01, 0.01);
  return bits === 4 && !rotation ? between(what, gap, 0.1, null) : shown(what, gap);
}

/** What went, and what came wrong. */
function bytes({ bits, rotation }: Kind, floats: readonly Completed[], coded: readonly Completed[]): Row[] {
  const name = nameOf({ bits, rotation });
  const sum = (value: (run: Completed, k: number) => number) => average(coded.map(value)) * coded.length;
  const models = sum(({ done }) => 2 * done.exchanges);
  const size = floats[0].done.bytes / (2 * floats[0].done.exchanges);
  const { retries, plain } = {
    retries: sum(({ done }) => done.quantizer!.retries),
    plain: sum(({ done }) => done.quantizer!.plain),
  };
  const moved = sum(({ done }) => done.bytes);
  const inCode = (moved - plain * size) / (models - plain + retries) / size;
  // a turned model is as long as the power of two above it
  const length = rotation ? 2 ** Math.ceil(Math.log2(size / 4)) / (size / 4) : 1;
  return [
    near(`${name}: bytes of a model, over floats`, sure(inCode), (bits / 32) * length + heading / size, 0.0005),
    shown(`${name}: bytes of all, over floats`, sure(moved / sum((_, k) => floats[k].done.bytes))),
    shown(`${name}: models that went as floats, of 1000`, sure((1000 * plain) / models)),
    shown(`${name}: messages that arrived wrong and were seen, of 1000 models`, sure((1000 * retries) / models)),
  ];
}

/** Failures on purpose. */
function leapers(
  { nodes, leapingSteps, runs }: Pick<QuantizedSizes, 'nodes' | 'leapingSteps' | 'runs'>,
  first: number,
): Configuration {
  const expected = Math.floor(leapingSteps / period);
  const input: ExperimentInput = {
    ...{ data: 'none', model: `${leaps}:parameters=${leaping}`, optimizer: 'sgd:rate=1', batch: 1, track: 0, nodes },
    ...{
      algorithm: 'swarm:steps=1,bits=8',
      clock: 'constant:mean=1',
      time: leapingSteps + 0.5,
      evaluateEvery: `${leapingSteps}s`,
    },
  };
  return {
    name: 'leaps',
    runs: Array.from({ length: runs }, (_, k) => ({ ...input, seed: first + k })),
    read(done) {
      const held = meanOf(done.map(run => run.done.loss / expected)); // the loss is the sum of the weights of the mean model
      const wrong = meanOf(done.map(run => run.done.quantizer!.retries / (nodes * expected)));
      return {
        rows: [
          between('leaps, 8 bits: messages that arrived wrong and were seen, for each leap', wrong, 2, null),
          near('leaps, 8 bits: sum of all steps in the models, over that taken', held, 1, 0.03),
        ],
        marks: [],
      };
    },
  };
}

/** More bits, less loss; and turning helps where bits are few. */
function order(marks: readonly Mark[], kinds: readonly Kind[]): Row[] {
  const at = (series: string, bits: number) =>
    marks.find(mark => mark.chart === 'gap' && mark.series === series && mark.x === bits);
  const straight = kinds.filter(({ rotation }) => !rotation).map(({ bits }) => bits);
  const [fewest, most] = [Math.min(...straight), Math.max(...straight)];
  const [worst, best, turned] = [at('not turned', fewest)!, at('not turned', most)!, at('turned', fewest)];
  return [
    between(`training loss at ${fewest} bits, over ${most} bits`, sure(worst.y / best.y), 1.1, null),
    ...(turned ? [between(`training loss at ${fewest} bits, over the same turned`, sure(worst.y / turned.y), 1.05, null)] : []),
  ];
}

function lastLoss({ samples }: Completed): number {
  return lossesOf(samples).at(-1)!;
}

/** Training loss of each epoch, the mean of the runs. */
function learning(runs: readonly Completed[]): number[] {
  const curves = runs.map(({ samples }) => lossesOf(samples));
  return curves[0].map((_, epoch) => average(curves.map(curve => curve[epoch])));
}

function lossesOf(samples: Completed['samples']): number[] {
  return samples.flatMap(({ trainLoss }) => (trainLoss === null ? [] : [trainLoss]));
}

function curve(series: string, runs: readonly Completed[]): Mark[] {
  return learning(runs).map((y, epoch) => ({ chart: 'curves', series, x: epoch + 1, y }));
}
