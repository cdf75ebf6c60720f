/** The radio link against closed forms: places, fading, outage with and without interference, delay. */

import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { ExperimentInput } from '../../src/engine/experiment.js';
import { namedLink } from '../../src/engine/link.js';
import type { Radio } from '../../src/engine/radio.js';
import { simulate } from '../../src/index.js';
import { refused } from '../support/refused.js';
import { kolmogorovSmirnov } from '../support/statistics.js';

const open = (settings = '', nodes = 16, seed = 1) => namedLink(`sinr${settings}`, { seed, nodes }) as Radio;
/** N0 B / P of the defaults, plain. */
const noisePerPower = (10 ** (-174 / 10) * 1e7) / 10 ** (20 / 10);

test('users are uniform in the disc: distances have the mean and the law of such pairs', () => {
  const radio = open();
  const count = 20_000;
  const distances = Float64Array.from({ length: count }, (_, k) => radio.distance(2 * k, 2 * k + 1));
  const mean = distances.reduce((a, b) => a + b) / count;
  // 128 R / (45 pi); the variance is R^2 - mean^2
  assert.ok(Math.abs(mean - (128 * 500) / (45 * Math.PI)) < 4 * Math.sqrt((500 ** 2 - mean ** 2) / count), `${mean}`);
  assert.ok(distances.every(metres => metres >= 1 && metres <= 1000));
  assert.equal(radio.distance(3, 8), radio.distance(8, 3));
  assert.equal(radio.distance(5, 5), 1);
});

test('without interference the SINR is exponential, and outages are as frequent as exp(-s N0 B d^4 / P) says', () => {
  const radio = open();
  const count = 50_000;
  for (const [from, to] of [
    [0, 1],
    [4, 2],
  ]) {
    const scale = noisePerPower * radio.distance(from, to) ** 4; // 1 / the mean
    const found = Float64Array.from({ length: count }, (_, k) => radio.sinr(from, to, k));
    assert.ok(kolmogorovSmirnov(found, s => 1 - Math.exp(-s * scale)) > 1e-3);
    const threshold = 0.7 / scale;
    const outages = found.filter(s => s < threshold).length / count;
    assert.ok(Math.abs(outages - (1 - Math.exp(-0.7))) < 4 * Math.sqrt(0.25 / count), `${outages}`);
  }
});

test('each interferer puts its factor 1 / (1 + s (d / d_i)^4) before it', () => {
  for (const [nodes, interferers] of [
    [3, 1],
    [5, 3],
  ]) {
    const radio = open(`:interferers=${interferers}`, nodes, 3);
    const others = Array.from({ length: nodes - 2 }, (_, k) => k + 2); // all of them
    const d = radio.distance(0, 1);
    const covered = (s: number) =>
      others.reduce(
        (product, other) => product / (1 + s * (d / radio.distance(other, 1)) ** 4),
        Math.exp(-s * noisePerPower * d ** 4),
      );
    const found = Float64Array.from({ length: 50_000 }, (_, k) => radio.sinr(0, 1, k));
    assert.ok(kolmogorovSmirnov(found, s => 1 - covered(s)) > 1e-3, `${interferers}`);
  }
});

test('interferers are others than the two, each once, and each as often as any other', () => {
  const radio = open(':interferers=4', 12);
  const counts = new Map<number, number>();
  for (let k = 0; k < 6000; k++) {
    const found = radio.interferers(2, 9, k);
    assert.equal(new Set(found).size, 4);
    for (const node of found) counts.set(node, (counts.get(node) ?? 0) + 1);
  }
  assert.equal(counts.size, 10);
  assert.ok(!counts.has(2) && !counts.has(9));
  for (const count of counts.values()) assert.ok(Math.abs(count - 2400) < 5 * Math.sqrt(2400 * 0.6), `${count}`);
  assert.equal(open(':interferers=64', 6).interferers(0, 1, 7).length, 4, 'no more than there are');
});

test('a delay is bits / (B log2(1 + SINR)) + d / c, and beyond the deadline the message is lost', () => {
  const deadline = 0.02;
  const radio = open(`:deadline=${deadline}`);
  let lost = 0;
  for (let k = 0; k < 3000; k++) {
    const [from, to] = [k % 16, (k + 5) % 16];
    const expected = 8e5 / (1e7 * Math.log2(1 + radio.sinr(from, to, k))) + radio.distance(from, to) / 299_792_458;
    const delay = radio.delay(from, to, k, 1e5);
    if (expected > deadline) lost++;
    if (expected > deadline) assert.equal(delay, -1);
    else assert.ok(Math.abs(delay / expected - 1) < 1e-12);
  }
  assert.ok(lost > 100 && lost < 2900, `${lost}`);
  assert.equal(open(':noise=50,power=-100,band=1e12').delay(0, 1, 0, 4), -1, 'at a rate of 0');
});

test('places, fading and interferers are functions of the seed, whatever was asked for before', () => {
  const [one, two] = [open(':interferers=3'), open(':interferers=3')];
  const asked = Array.from({ length: 500 }, (_, k) => one.delay(k % 7, 7 + (k % 5), k, 1000));
  for (let k = 499; k >= 0; k -= 7) assert.equal(two.delay(k % 7, 7 + (k % 5), k, 1000), asked[k]);
  assert.notEqual(open('', 16, 2).delay(0, 1, 0, 1000), one.delay(0, 1, 0, 1000));
});

test('learning over radio: slow and far messages get lost, as many as the link says', async () => {
  const input: ExperimentInput = {
    ...{ data: 'none', model: 'noise:25000', batch: 1, nodes: 10, track: 0, parallel: 'never', threads: 1 },
    ...{ algorithm: 'gossip:rate=2', link: 'sinr:deadline=0.02', time: 40, evaluateEvery: '40s' },
  };
  const { done } = await simulate(input).result;
  const radio = open(':deadline=0.02', 10);
  let share = 0;
  for (let from = 0; from < 10; from++)
    for (let to = 0; to < 10; to++) {
      if (from === to) continue;
      const least = 2 ** (8e5 / (1e7 * 0.02)) - 1; // the SINR that is just fast enough
      share += (1 - Math.exp(-least * noisePerPower * radio.distance(from, to) ** 4)) / 90;
    }
  const sent = done.exchanges + done.virtual!.lost;
  assert.ok(
    Math.abs(done.virtual!.lost / sent - share) < 4 * Math.sqrt((share * (1 - share)) / sent) + 0.01,
    `${done.virtual!.lost} of ${sent}`,
  );
});

test('wrong settings are refused by name', () => {
  for (const setting of ['radius=0', 'exponent=9', 'power=101', 'noise=x', 'band=0', 'interferers=1.5', 'deadline=0'])
    refused(() => open(`:${setting}`), 'CONFIG_RANGE', `sinr: ${setting.split('=')[0]}`);
  refused(() => open(':loss=0.1'), 'CONFIG_UNKNOWN_KEY', 'sinr', 'loss');
  refused(() => namedLink('snir', { seed: 1, nodes: 2 }), 'CONFIG_RANGE', 'did you mean sinr');
});
