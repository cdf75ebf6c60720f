/** The calculator against its formulas, and against asynchronous descent played event by event. */

import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { calculate, type Question } from '../../../src/theory/delay/calculator.js';
import { claims } from '../../../src/theory/delay/claims.js';
import { exponentialDelay, fixedDelay, sampledDelay, shiftedDelay } from '../../../src/theory/delay/law.js';
import { meanDelay } from '../../../src/theory/delay/transform.js';
import { arrivals, bestThreshold, bestWorkers, decayRate, largestSteps } from '../../../src/theory/delay/workers.js';
import { cases } from '../../support/cases.js';
import { refused } from '../../support/refused.js';
import { descend } from './asynchronous.js';

const near = (found: number, expected: number, error: number) =>
  assert.ok(Math.abs(found - expected) <= error * Math.abs(expected), `found ${found}, expected ${expected}`);
const question: Question = { step: 0.02, curvatures: [1], workers: 10, compute: fixedDelay(1) };

test('fixed delays: every number is that of its formula', () => {
  const answer = calculate({
    ...question,
    curvatures: [0.5, 2],
    workers: 16,
    compute: fixedDelay(3),
    communication: fixedDelay(1),
    noise: 0.3,
  });
  near(answer.arrivals.rate, 4, 1e-15);
  const [slow, steep] = answer.directions;
  near(slow.z, 0.02 * 0.5 * 16, 1e-15);
  near(steep.damping, 0.02 * 4 * 2, 1e-15);
  assert.deepEqual([slow.verdict, steep.verdict, answer.verdict], ['overdamped', 'oscillating', 'oscillating']);
  near(answer.margin, Math.PI / 2 - 0.64, 1e-14);
  near(answer.rate, Math.min(-slow.root.re, -steep.root.re), 1e-15);
  near(answer.time, Math.log(1000) / answer.rate, 1e-15);
  near(answer.updates, 4 * answer.time, 1e-15);
  near(answer.largestStep, Math.PI / 2 / (2 * 16), 1e-15);
  near(answer.criticalStep, 1 / (Math.E * 2 * 16), 1e-15);
  const variance = (h: number, z: number) => ((0.02 * 0.09) / (2 * h)) * ((1 + Math.sin(z)) / Math.cos(z));
  near(answer.variance, variance(0.5, 0.16) + variance(2, 0.64), 1e-14);
  assert.deepEqual(answer.staleness.time, { mean: 4, median: 4, p90: 4, p99: 4 });
  near(answer.staleness.updates.mean, 15, 1e-15);
  assert.equal(answer.bestThreshold.value, Number.POSITIVE_INFINITY);
  assert.deepEqual(answer.warnings, []);
});

test('verdicts turn at 1/e and at pi/2, and the margin with them', () => {
  const at = (step: number) => calculate({ ...question, step, workers: 100 });
  assert.equal(at(0.999 / (100 * Math.E)).verdict, 'overdamped');
  assert.equal(at(1.001 / (100 * Math.E)).verdict, 'oscillating');
  assert.equal(at((0.999 * Math.PI) / 200).verdict, 'oscillating');
  const unstable = at((1.001 * Math.PI) / 200);
  assert.deepEqual(
    [unstable.verdict, unstable.time, unstable.updates],
    ['unstable', Number.POSITIVE_INFINITY, Number.POSITIVE_INFINITY],
  );
  assert.ok(unstable.margin < 0 && unstable.rate < 0);
  assert.equal(calculate({ ...question, step: 0.1, workers: 100, noise: 1 }).variance, Number.POSITIVE_INFINITY);
});

test('the best number of workers is that of a look at all of them', () => {
  assert.equal(bestWorkers({ ...question, delay: fixedDelay(1) }).value, 19); // 1 / (e 0.02) is 18.4, and what oscillates a little is faster than what does not by as little
  const laws = [
    fixedDelay(2),
    exponentialDelay(0.5),
    shiftedDelay(0.5, 2),
    sampledDelay([0.4, 1, 1.1, 2]),
    sampledDelay([...Array(9).fill(0.1), 20]),
  ];
  fc.assert(
    fc.property(
      fc.constantFrom(...laws),
      fc.double({ min: 0.003, max: 0.5, noNaN: true }),
      fc.array(fc.double({ min: 0.2, max: 2, noNaN: true }), { minLength: 1, maxLength: 3 }),
      fc.option(fc.double({ min: 1, max: 200, noNaN: true }), { nil: undefined }),
      (delay, step, curvatures, bandwidth) => {
        const crew = { step, curvatures, delay, bandwidth };
        const found = bestWorkers(crew);
        let best = Number.NEGATIVE_INFINITY;
        // beyond the bandwidth nobody is to look
        const most = Math.min(700, Math.ceil((bandwidth ?? 700) * meanDelay(delay)));
        for (let workers = 1; workers <= most; workers += workers < 60 ? 1 : 7)
          best = Math.max(best, decayRate({ ...crew, workers }));
        assert.ok(found.rate >= best * (1 - 1e-9), `${found.value} workers: ${found.rate} < ${best}`);
        assert.equal(found.rate, decayRate({ ...crew, workers: found.value }));
      },
    ),
    cases(40),
  );
  // beyond 64, where steps are longer
  near(bestWorkers({ ...question, delay: fixedDelay(1), step: 1e-5 }).value, 1e5 / Math.E, 1e-4);
});

test('a full channel makes more workers useless, and the best fill it at most', () => {
  const crew = { step: 0.01, curvatures: [1], delay: fixedDelay(2), bandwidth: 5 };
  assert.deepEqual(arrivals({ ...crew, workers: 8 }).rate, 4);
  const full = arrivals({ ...crew, workers: 25 });
  assert.equal(full.rate, 5);
  near(full.delay.starts[0], 5, 1e-15); // Little: 25 workers at 5 a unit of time
  assert.equal(bestWorkers(crew).value, 10);
  assert.match(
    calculate({ ...question, step: 0.01, workers: 25, compute: fixedDelay(2), bandwidth: 5 }).warnings.join(),
    /channel is full: from 10/,
  );
});

test('dropping the latest gradients pays when they are late enough, and not otherwise', () => {
  const heavy = sampledDelay([...Array(19).fill(1), 60]);
  const crew = { step: 0.02, curvatures: [1], workers: 60, delay: heavy };
  const best = bestThreshold(crew);
  assert.equal(best.value, 1);
  assert.ok(best.rate > 1.2 * decayRate(crew), `${best.rate} ${decayRate(crew)}`);
  const cut = arrivals({ ...crew, threshold: 2 });
  near(cut.applied, 0.95 * cut.rate, 1e-12);
  assert.equal(bestThreshold({ ...crew, delay: fixedDelay(1), workers: 10 }).value, Number.POSITIVE_INFINITY);
  const answer = calculate({ ...question, workers: 60, compute: heavy, threshold: 2 });
  assert.match(answer.warnings.join(), /drops 5 % of the gradients/);
  assert.match(calculate({ ...question, workers: 60, compute: heavy }).warnings.join(), /heavier tail/);
});

test('asynchronous descent played event by event decays at the rate of the calculator, for every law', () => {
  const laws = {
    fixed: { law: fixedDelay(1), duration: () => 1 },
    exponential: { law: exponentialDelay(1), duration: (draw: number) => -Math.log(draw) },
    shifted: { law: shiftedDelay(0.5, 2), duration: (draw: number) => 0.5 - Math.log(draw) / 2 },
    sampled: { law: sampledDelay([0.4, 0.6, 2]), duration: (draw: number) => [0.4, 0.6, 2][Math.floor(3 * draw)] },
  };
  for (const [name, { law, duration }] of Object.entries(laws))
    for (const z of [0.1, 0.3, 0.8]) {
      const workers = 100;
      const { rate, staleness } = calculate({ step: z / workers, curvatures: [1], workers, compute: law });
      const courses = [1, 2, 3].map(seed => descend({ step: z / workers, workers, duration, horizon: 60 / rate, seed }));
      const measured = courses.reduce((sum, course) => sum + course.rate / courses.length, 0);
      near(measured, rate, 0.03);
      near(courses[0].lateness, workers - 1, 0.02);
      near(courses[0].arrivals, workers, 0.02);
      near(staleness.updates.mean, workers - 1, 1e-12);
      assert.ok(measured > 0, name);
    }
});

test('played, fixed delays diverge between z = 1.4 and 1.65, exponential ones never, and a threshold thins as told', () => {
  const workers = 100;
  const at = (z: number, duration: (draw: number) => number, threshold?: number) =>
    descend({ step: z / workers, workers, duration, threshold, horizon: 400, seed: 4 }).rate;
  assert.ok(at(1.4, () => 1) > 0 && at(1.65, () => 1) < 0);
  const exponential = (draw: number) => -Math.log(draw);
  assert.ok(at(3, exponential) > 0.3, `${at(3, exponential)}`);
  assert.equal(calculate({ ...question, step: 0.03, workers, compute: exponentialDelay(1) }).verdict, 'oscillating');
  const cut = { step: 0.003, curvatures: [1], workers, delay: exponentialDelay(1), threshold: 1.2 };
  const measured = descend({ step: 0.003, workers, duration: exponential, threshold: 1.2, horizon: 100, seed: 6 }).rate;
  near(measured, decayRate(cut), 0.05);
});

test('largest steps end where the calculator says so, whatever the law', () => {
  for (const compute of [fixedDelay(2), shiftedDelay(1, 2), sampledDelay([0.5, 1, 1.5]), exponentialDelay(1)]) {
    const { stable, critical } = largestSteps({ curvatures: [0.3, 2], workers: 30, delay: compute });
    const verdict = (step: number) => calculate({ step, curvatures: [0.3, 2], workers: 30, compute }).verdict;
    assert.equal(verdict(0.999 * critical), 'overdamped');
    assert.equal(verdict(1.001 * critical), 'oscillating');
    if (stable === Number.POSITIVE_INFINITY) continue;
    assert.equal(verdict(0.999 * stable), 'oscillating');
    assert.equal(verdict(1.001 * stable), 'unstable');
  }
});

test('what makes the theory doubtful is said', () => {
  const warned = (changes: Partial<Question>) => calculate({ ...question, ...changes }).warnings.join('\n');
  assert.match(warned({ step: 0.5, workers: 2 }), /no small step.*bound/);
  assert.match(warned({ workers: 1 }), /1 worker:/);
  assert.match(warned({ step: 0.1, workers: 25, compute: exponentialDelay(1) }), /scatter of the delays.*unstable/);
  // z = 1.6, but the recursion is one half update better off
  assert.match(warned({ step: 0.1, workers: 16 }), /recursion with 15 updates of delay is stable/);
  assert.ok(claims.some(claim => claim.kind === 'theorem') && claims.some(claim => claim.kind === 'approximation'));
});

test('questions that are none are refused', () => {
  const wrong = (changes: Partial<Question>, ...words: string[]) =>
    refused(() => calculate({ ...question, ...changes }), 'CONFIG_RANGE', ...words);
  wrong({ step: 0 }, 'step');
  wrong({ curvatures: [] }, 'curvatures');
  wrong({ curvatures: [1, -0.1] }, 'curvature 1', '-0.1');
  wrong({ workers: 1.5 }, 'workers');
  wrong({ compute: fixedDelay(0) }, 'mean');
  wrong({ threshold: 0.5 }, 'limit');
  wrong({ bandwidth: 0 }, 'bandwidth');
  wrong({ accuracy: 1 }, 'accuracy');
  wrong({ noise: -1 }, 'noise');
});
