/** The naive learners against what can be computed, and against the table of check values. */

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { checkValues } from '../../../src/reproduce/checkvalues.js';
import { complete } from './graph.js';
import { regression } from './regression.js';
import { fit, settings } from './table.js';
import { timely } from './timely.js';

test('without gossip a user ends at the shortest weights that fit its rows: half of the truth is missed', () => {
  const users = 300;
  for (const batch of ['all', 'one', 'each'] as const) {
    const learner = regression({ ...settings, batch, task: 'linear', users, testRows: 1000, seed: 3 });
    const duration = { constant: 1, exponential: 0 };
    timely({ graph: complete(users), duration, lambda: 0, scheme: 'push', from: 0, until: 60, seed: 1, learner });
    // P w + X^+ noise, with P the projection on 5 of 10 directions; E |X^+ noise|^2 = 0.01 * 5 / (10 - 5 - 1).
    const [missed, noise] = [settings.features / 4, 0.01 * 1.25];
    const mean = learner.errors().reduce((sum, error) => sum + error, 0) / users;
    assert.ok(Math.abs(mean / (missed + noise) - 1) < 0.1, `${batch}: error ${mean}`);
    // E |P w|^2 - |E P w|^2 = (1/2 - 1/4) |w|^2
    const spread = (1 - 1 / users) * (settings.features / 8 + noise);
    assert.ok(Math.abs(learner.consensus() / spread - 1) < 0.05, `${batch}: consensus ${learner.consensus()}`);
  }
});

test('a step is that of the gradient: one user with as many rows as it takes finds the truth', () => {
  for (const task of ['linear', 'tanh'] as const) {
    for (const gradients of ['begin', 'finish'] as const) {
      const options = { ...settings, task, gradients, batch: 'all', users: 1, rows: 400, noise: 0, rate: 0.3, seed: 5 } as const;
      const learner = regression(options);
      for (let update = 0; update < 300; update++) {
        learner.begin(0);
        learner.finish(0);
      }
      assert.ok(learner.errors()[0] < 1e-7, `${task}, ${gradients}: ${learner.errors()[0]}`);
      const length = learner.models[0].reduce((sum, w) => sum + w * w, 0);
      assert.ok(Math.abs(length - 5) < 0.03, `squared length ${length}`);
    }
  }
});

test('what is mixed in during an update stays: the progress is added as a difference', () => {
  const alone = regression({ ...settings, batch: 'all', task: 'linear', users: 2, seed: 8 });
  const mixed = regression({ ...settings, batch: 'all', task: 'linear', users: 2, seed: 8 });
  for (const learner of [alone, mixed]) {
    learner.begin(0);
    learner.finish(0);
    learner.begin(1);
    if (learner === mixed) learner.mix(0, 1, false);
    learner.finish(1);
  }
  for (let k = 0; k < 10; k++) {
    assert.ok(Math.abs(mixed.models[1][k] - alone.models[1][k] - alone.models[0][k] / 2) < 1e-12);
    assert.equal(mixed.models[0][k], alone.models[0][k]);
  }
});

test('a user whose update overshoots settles alone, and is thrown off by gossip that is faster than its updates', () => {
  // A row with rate |x|^2 above 1 takes the error e of the copy to (1 - rate |x|^2) e. Alone the row follows; under fast gossip it has
  // become the others' by then, so that the difference, -rate |x|^2 e, is all that is left of it, and grows from update to update.
  const run = (lambda: number) => {
    const learner = regression({ ...settings, batch: 'each', task: 'linear', users: 50, seed: 7 });
    const duration = { constant: 0.5, exponential: 0.5 };
    timely({ graph: complete(50), duration, lambda, scheme: 'push', from: 0, until: 60, seed: 1007, learner });
    return Math.max(...learner.errors());
  };
  assert.ok(run(0) < 10);
  assert.ok(run(Math.log(50)) > 100);
});

test('the settings give the check values, as far as two seeds can tell', t => {
  const rows = checkValues.filter(({ n, task }) => n <= 50 && (task === 'linear' || n === 50));
  const { ratio, deviations } = fit(rows, [1, 2, 3, 4, 5]);
  t.diagnostic(`found / check value ${ratio.toFixed(3)}, ${deviations.toFixed(2)} standard deviations`);
  assert.ok(Math.abs(ratio - 1) < 0.15, `ratio ${ratio}`);
  assert.ok(deviations < 1.5, `${deviations} standard deviations`);
});

test('other settings do not: later gradients, a doubled loss, longer true weights, a pairwise exchange', t => {
  const rows = checkValues.filter(({ n, lambda }) => n === 50 && lambda > 0 && lambda < 50);
  for (const changes of [{ gradients: 'finish' }, { factor: 1, batch: 'all' }, { truth: 10 }, { scheme: 'pairwise' }] as const) {
    const { ratio, deviations } = fit(rows, [1, 2, 3, 4], changes);
    t.diagnostic(`${JSON.stringify(changes)}: ratio ${ratio.toFixed(3)}, ${deviations.toFixed(2)} standard deviations`);
    assert.ok(deviations > 1.8, `${JSON.stringify(changes)}: ${deviations}`);
  }
});
