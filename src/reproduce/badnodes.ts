/** R17: nodes that commit what is wrong, and averages that bear them (median and trimmed mean, clipped gossip; arXiv 2202.01545). */

import type { AttackSettings } from '../engine/attack.js';
import type { ExperimentInput } from '../engine/experiment.js';
import { type Measured, meanOf } from './measured.js';
import type { Configuration, Mark, Reproduction } from './reproduction.js';
import { between, type Row } from './row.js';

export interface BadNodesSizes {
  readonly nodes: number;
  readonly rows: number;
  readonly epochs: number;
  readonly runs: number;
  readonly kinds: readonly Kind[];
}

/** The two that attack. */
const bad = [3, 7];

/** `scale` of each: a node climbs as fast as ten descend; noise and numbers are some ten times as large as weights are. */
const attacks = [
  { kind: 'none', scale: 1 },
  { kind: 'sign', scale: 10 },
  { kind: 'noise', scale: 1 },
  { kind: 'constant', scale: 1 },
  { kind: 'nan', scale: 1 },
] as const;

type Kind = (typeof attacks)[number]['kind'];

const sizes: BadNodesSizes = { nodes: 10, rows: 2000, epochs: 8, runs: 2, kinds: attacks.map(({ kind }) => kind) };

const rules = [
  { series: 'swarm', algorithm: 'swarm:steps=1', average: 'plain' },
  { series: 'swarm, clipped', algorithm: 'swarm:steps=1', average: 'clipped:radius=0.3' },
  { series: 'dpsgd', algorithm: 'dpsgd:order=commit', average: 'plain' },
  { series: 'dpsgd, clipped', algorithm: 'dpsgd:order=commit', average: 'clipped:radius=0.3' },
  { series: 'dpsgd, clipped adaptively', algorithm: 'dpsgd:order=commit', average: 'clipped:cut=2' },
  { series: 'dpsgd, median', algorithm: 'dpsgd:order=commit', average: 'median' },
  { series: 'dpsgd, trimmed', algorithm: 'dpsgd:order=commit', average: 'trimmed:cut=2' },
] as const;

export function badNodes(given: BadNodesSizes = sizes): Reproduction {
  const { nodes, rows, epochs } = given;
  const tried = attacks.filter(({ kind }) => given.kinds.includes(kind));
  return {
    id: 'R17',
    about: 'nodes that commit what is wrong: what plain, clipped, median and trimmed averages make of it',
    notes: [
      `${rows} digits, mlp:32, ${nodes} nodes on the complete graph, of which nodes ${bad.join(' and ')} attack; a local step, then the average (swarm: with a drawn neighbour; dpsgd: of all), sgd:rate=0.1, batch 32, ${epochs} epochs. The accuracy is that of the mean model of the good nodes.`,
      'Attacks (--attack): sign commits -10 times what was learnt, noise adds N(0, 1) to every weight, constant makes every weight 1, nan makes it no number. Pieces of good nodes that are not finite are skipped (--diverged skip).',
      'Expected (shape), against the accuracy of plain averages that nobody attacks: with two bad of ten the robust ones keep seven tenths of it and more, under every attack, and the plain ones do not. Bad numbers that are all at one end (constant) move the middle, and cost a median and a trimmed mean more than noise does.',
    ],
    charts: tried.map(({ kind }) => ({
      name: kind,
      title: kind === 'none' ? 'Nobody attacks' : `${bad.length} of ${nodes} nodes attack: ${kind}`,
      x: { label: 'epochs' },
      y: { label: 'accuracy of the mean model' },
    })),
    configurations: ({ seed }) => tried.flatMap(attack => rules.map(rule => learning(rule, attack, given, seed))),
    conclude: marks => judged(marks, given),
  };
}

function learning(
  { series, algorithm, average }: (typeof rules)[number],
  { kind, scale }: (typeof attacks)[number],
  { nodes, rows, epochs, runs }: BadNodesSizes,
  seed: number,
): Configuration {
  const attacking: AttackSettings[] = kind === 'none' ? [] : bad.map(node => ({ node, kind, scale }));
  const input: ExperimentInput = {
    ...{ data: `digits:${rows}`, model: 'mlp:32', nodes, optimizer: 'sgd:rate=0.1', kernels: 'simd', track: 0 },
    ...{ algorithm, average, attacks: attacking, diverged: 'skip', clock: 'constant:mean=1' },
    ...{ epochs, evaluateEvery: '1epochs' },
  };
  return {
    name: `${kind}: ${series}`,
    work: average === 'plain' || algorithm.startsWith('swarm') ? 1 : 3,
    runs: Array.from({ length: runs }, (_, k) => ({ ...input, seed: seed + k })),
    read: done => ({
      rows: [],
      marks: done[0].samples.map(({ epoch }, k) => {
        const { value, error } = meanOf(done.map(({ samples }) => samples[k].accuracy!));
        return { chart: kind, series, x: epoch, y: value, error };
      }),
    }),
  };
}

/** What each keeps at the end of the accuracy of plain dpsgd that nobody attacks. */
function judged(marks: readonly Mark[], { epochs, kinds }: BadNodesSizes): Row[] {
  const last = (kind: Kind, series: string): Measured => {
    const { y, error } = marks.filter(mark => mark.chart === kind && mark.series === series).at(-1)!;
    return { value: y, error: error ?? Number.NaN };
  };
  const whole = last('none', 'dpsgd').value;
  return kinds.flatMap(kind =>
    rules.map(({ series, average }) => {
      const { value, error } = last(kind, series);
      const isBorne = kind === 'none' || average !== 'plain';
      return between(
        `${kind}: ${series}, accuracy after ${epochs} epochs`,
        { value, error },
        isBorne ? 0.7 * whole : null,
        isBorne ? null : 0.7 * whole,
      );
    }),
  );
}
