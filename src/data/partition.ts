/**
 * Who holds which samples. Every sample goes to exactly one node, and every node gets at least one batch.
 *
 * - `iid`: a random cut into parts of equal size (sizes differ by at most one).
 * - `shards:K`: samples sorted by label, cut into nodes x K shards, K random shards a node (McMahan et al. 2017, section 3: K = 2).
 * - `dirichlet:A`: each class is spread over the nodes by proportions drawn from a symmetric Dirichlet distribution with
 *   parameter A, one draw a class; a small A gives a node few classes (Yurochkin et al. 2019, section 4; Hsu, Qi, Brown 2019).
 *
 * For real-valued targets the "class" of a sample is the tenth of the sorted targets that it falls in.
 */

import { type Range, readNumber } from '../decimal.js';
import { HearsayError } from '../errors.js';
import { suggestion } from '../nearest.js';
import { permuted, type Source, source } from '../random.js';
import { type Named, readSettings } from '../settings.js';
import { parseSpec, quote } from '../spec.js';
import type { Dataset } from './dataset.js';
import { proportions } from './dirichlet.js';
import { strata } from './strata.js';

/** Samples of node i: indices[offsets[i] .. offsets[i + 1] - 1], ascending. */
export interface Partition {
  /** nodes + 1 */
  readonly offsets: Uint32Array;
  /** rows */
  readonly indices: Uint32Array;
}

/**
 * Cuts `dataset` into `nodes` parts of at least `batch` rows each; what a draw leaves short is filled up from the largest parts.
 * The same arguments give the same parts. Throws CONFIG_RANGE for an unknown or impossible `spec`, `nodes` or `batch`, and
 * DATA_TOO_SMALL when there are fewer than nodes x batch rows.
 */
export function partition(dataset: Dataset, spec: string, nodes: number, batch: number, seed: number): Partition {
  const deal = dealing(spec);
  for (const [name, value] of Object.entries({ nodes, batch })) {
    if (!Number.isInteger(value) || value < 1 || value > 2 ** 30) {
      throw new HearsayError('CONFIG_RANGE', `${name}: found ${value}, allowed is a whole number from 1 to 2^30`);
    }
  }
  const { rows } = dataset;
  if (rows < nodes * batch) throw new HearsayError('DATA_TOO_SMALL', tooFew(dataset, nodes, batch));
  const random = (purpose: string) => source(seed, `partition ${spec} ${purpose}`);
  const shuffle = random('shuffle');
  const shuffled = new Uint32Array(rows);
  for (let i = 0; i < rows; i++) shuffled[i] = permuted(shuffle, 0, 0, i, rows);
  const owners = new Uint32Array(rows);
  deal({ dataset, shuffled, nodes, random }, owners);
  fillUp(owners, shuffled, nodes, batch);
  return grouped(owners, nodes);
}

/** Throws CONFIG_RANGE when `spec` names no partition: a check that needs no data. */
export function checkPartition(spec: string, where = 'partition'): void {
  dealing(spec, where);
}

/** What may be asked for, for help texts. */
export const partitions: readonly Named[] = [
  { form: 'iid', about: 'a random cut into equal parts', settings: {} },
  { form: 'shards:K', about: 'sorted by label, K pieces a node (a whole number from 1): few labels a node', settings: {} },
  {
    form: 'dirichlet:A',
    about: 'each class spread unevenly (A from 0.001 to 1000000): the less A, the fewer labels a node',
    settings: {},
  },
];

interface Deck {
  readonly dataset: Dataset;
  /** All samples, in random order. */
  readonly shuffled: Uint32Array;
  readonly nodes: number;
  random(purpose: string): Source;
}

/** Writes the node of each sample into `owners`. */
type Deal = (deck: Deck, owners: Uint32Array) => void;

function dealing(text: string, where = 'partition'): Deal {
  const spec = parseSpec(text, where);
  const parameter = (range: Range, example: string) => {
    readSettings(spec, {}, where, 1);
    if (spec.args.length === 0) throw new HearsayError('CONFIG_RANGE', `${where}: ${spec.name} has no number; write ${example}`);
    return readNumber(spec.args[0], range, `${where}: ${spec.name}`);
  };
  switch (spec.name) {
    case 'iid':
      readSettings(spec, {}, where);
      return iid;
    case 'shards':
      return shards(parameter({ whole: true, min: 1, max: 9_999_999 }, 'shards:2'));
    case 'dirichlet':
      return dirichlet(parameter({ min: 1e-3, max: 1e6 }, 'dirichlet:0.5'));
    default: {
      const hint = suggestion(spec.name, ['iid', 'shards', 'dirichlet']);
      throw new HearsayError('CONFIG_RANGE', `${where}: found ${quote(text)}, allowed is iid | shards:K | dirichlet:A${hint}`);
    }
  }
}

function iid({ shuffled, nodes }: Deck, owners: Uint32Array): void {
  shuffled.forEach((sample, at) => {
    owners[sample] = Math.floor((at * nodes) / shuffled.length);
  });
}

function shards(each: number): Deal {
  return ({ dataset, shuffled, nodes, random }, owners) => {
    const { rows } = dataset;
    const count = nodes * each;
    if (count > rows) {
      const found = `${nodes} nodes x ${each} shards = ${count} shards of ${rows} rows`;
      throw new HearsayError(
        'DATA_TOO_SMALL',
        `partition: found ${found}, allowed is at most shards:${Math.floor(rows / nodes)} with these nodes; take fewer`,
      );
    }
    const order = random('shards');
    byStratum(dataset, shuffled).order.forEach((sample, at) => {
      const shard = Math.floor((at * count) / rows);
      owners[sample] = Math.floor(permuted(order, 0, 0, shard, count) / each);
    });
  };
}

function dirichlet(alpha: number): Deal {
  return ({ dataset, shuffled, nodes, random }, owners) => {
    const { order, starts } = byStratum(dataset, shuffled);
    const shares = new Float64Array(nodes);
    for (let stratum = 0; stratum + 1 < starts.length; stratum++) {
      proportions(random(`class ${stratum}`), alpha, shares);
      const size = starts[stratum + 1] - starts[stratum];
      let end = shares[0] * size;
      for (let k = 0, node = 0; k < size; k++) {
        while (node < nodes - 1 && end < k + 0.5) end += shares[++node] * size;
        owners[order[starts[stratum] + k]] = node;
      }
    }
  };
}

/** The shuffled samples sorted by stratum (a stable counting sort); stratum s stands at starts[s] .. starts[s + 1] - 1. */
function byStratum(dataset: Dataset, shuffled: Uint32Array): { order: Uint32Array; starts: Uint32Array } {
  const { of, count } = strata(dataset);
  const starts = new Uint32Array(count + 1);
  for (const stratum of of) starts[stratum + 1]++;
  for (let s = 0; s < count; s++) starts[s + 1] += starts[s];
  const next = starts.slice();
  const order = new Uint32Array(shuffled.length);
  for (const sample of shuffled) order[next[of[sample]]++] = sample;
  return { order, starts };
}

/** Nodes below `batch` rows get random samples of the nodes that stand above a water level, which is as high as it can be. */
function fillUp(owners: Uint32Array, shuffled: Uint32Array, nodes: number, batch: number): void {
  const sizes = new Uint32Array(nodes);
  for (const node of owners) sizes[node]++;
  let lack = 0;
  for (const size of sizes) lack += Math.max(0, batch - size);
  if (lack === 0) return;
  const above = (level: number) => sizes.reduce((sum, size) => sum + Math.max(0, size - level), 0);
  let low = batch; // above(low) >= lack, because rows >= nodes x batch
  let high = owners.length;
  while (high - low > 1) {
    const middle = (low + high) >>> 1;
    if (above(middle) >= lack) low = middle;
    else high = middle;
  }
  let poor = 0;
  for (const sample of shuffled) {
    if (lack === 0) return;
    const node = owners[sample];
    if (sizes[node] <= low) continue;
    while (sizes[poor] >= batch) poor++;
    owners[sample] = poor;
    sizes[node]--;
    sizes[poor]++;
    lack--;
  }
}

function grouped(owners: Uint32Array, nodes: number): Partition {
  const offsets = new Uint32Array(nodes + 1);
  for (const node of owners) offsets[node + 1]++;
  for (let i = 0; i < nodes; i++) offsets[i + 1] += offsets[i];
  const next = offsets.slice();
  const indices = new Uint32Array(owners.length);
  owners.forEach((node, sample) => {
    indices[next[node]++] = sample;
  });
  return { offsets, indices };
}

function tooFew({ name, rows }: Dataset, nodes: number, batch: number): string {
  const found = `partition: ${name} has ${rows} training rows, and ${nodes} nodes with a batch of ${batch} each need ${nodes * batch}`;
  const most = Math.floor(rows / batch);
  const batches = Math.floor(rows / nodes);
  const remedy = [
    most >= 1 ? `at most ${most} node${most === 1 ? '' : 's'} with this batch` : '',
    batches >= 1 ? `batch ${batches} with these nodes` : '',
  ];
  return `${found}; allowed: ${remedy.filter(Boolean).join(', or ')}`.replace(/allowed: $/, 'give more data');
}
