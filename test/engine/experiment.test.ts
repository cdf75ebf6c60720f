import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { type Experiment, type ExperimentInput, parseExperiment } from '../../src/engine/experiment.js';
import { options } from '../../src/engine/options.js';
import { HearsayError } from '../../src/errors.js';

test('an empty experiment is every default, and every option has one', () => {
  const experiment = parseExperiment({});
  assert.deepEqual(Object.keys(experiment), Object.keys(options));
  assert.equal(experiment.nodes, 16);
  assert.equal(experiment.threads, null);
  assert.equal(experiment.epochs, 5);
  assert.deepEqual(experiment.evaluateEvery, { value: 1, unit: 'epochs' });
});

test('texts, numbers and URLs are resolved', () => {
  const resolved = (input: ExperimentInput) => parseExperiment(input);
  assert.deepEqual(resolved({ evaluateEvery: 250 }).evaluateEvery, { value: 250, unit: 'steps' });
  assert.deepEqual(resolved({ evaluateEvery: '1.5s' }).evaluateEvery, { value: 1.5, unit: 'seconds' });
  assert.deepEqual(resolved({ evaluateEvery: '2epochs' }).evaluateEvery, { value: 2, unit: 'epochs' });
  assert.deepEqual(resolved({ until: 'accuracy=0.98' }).until, { metric: 'accuracy', value: 0.98 });
  assert.deepEqual(resolved({ until: 'loss=.1' }).until, { metric: 'loss', value: 0.1 });
  assert.deepEqual(resolved({ stragglers: 'node=3,factor=10' }).stragglers, [{ node: 3, factor: 10 }]);
  assert.equal(resolved({ model: new URL('file:///home/me/model.js') }).model, 'file:///home/me/model.js');
});

test('exactly one limit is left, whatever was given', () => {
  const limits = (input: ExperimentInput) => {
    const { epochs, steps, seconds } = parseExperiment(input);
    return [epochs, steps, seconds];
  };
  assert.deepEqual(limits({ steps: 10 }), [null, 10, null]);
  assert.deepEqual(limits({ seconds: 2.5 }), [null, null, 2.5]);
  assert.deepEqual(limits({ epochs: 0.5 }), [0.5, null, null]);
  assert.deepEqual(limits({ until: 'loss=0.1' }), [100, null, null]);
  assert.deepEqual(limits({ until: 'loss=0.1', seconds: 9 }), [null, null, 9]);
});

test('a resolved experiment is valid input, also by way of JSON, and resolves to itself', () => {
  fc.assert(
    fc.property(inputs, input => {
      const once = parseExperiment(input);
      assert.deepEqual(parseExperiment(once), once);
      assert.deepEqual(parseExperiment(JSON.parse(JSON.stringify(once))), once);
    }),
  );
});

test('any value at any key gives an experiment or a HearsayError of one line', () => {
  fc.assert(
    fc.property(fc.constantFrom(...Object.keys(options)), fc.anything(), (key, value) => {
      try {
        parseExperiment({ [key]: value });
      } catch (error) {
        assert.ok(error instanceof HearsayError, String(error));
        assert.match(error.message, /^[^\n]{10,}$/);
      }
    }),
    { numRuns: 2000 },
  );
});

test('the input is not kept, not changed, and what a prototype carries is not read', () => {
  const input = Object.freeze({ stragglers: Object.freeze([Object.freeze({ node: 1, factor: 2 })]) });
  assert.notEqual(parseExperiment(input).stragglers, input.stragglers as unknown);
  assert.equal(parseExperiment(Object.create({ nodes: 99 })).nodes, 16);
});

test('messages say where, found, allowed and the default', () => {
  const message = (input: unknown) => {
    try {
      parseExperiment(input, key => `--${key}`);
    } catch (error) {
      return (error as Error).message;
    }
    return 'accepted';
  };
  assert.equal(message({ nodes: 0 }), '--nodes: found 0, allowed is a whole number from 1 to 10000000; left out it is 16');
  assert.equal(message({ epoch: 3 }), "--epoch: there is no option 'epoch'; did you mean epochs?");
  assert.match(message({ model: () => 1 }), /a function .* new URL\('\.\/mine\.js', import\.meta\.url\)/);
});

const inputs: fc.Arbitrary<ExperimentInput> = fc
  .record(
    {
      nodes: fc.integer({ min: 5, max: 10_000_000 }),
      threads: fc.option(fc.integer({ min: 1, max: 256 })),
      batch: fc.integer({ min: 1, max: 1000 }),
      model: fc.constantFrom('softmax', 'mlp:128,64', './mine.js:width=3'),
      steps: fc.integer({ min: 1, max: Number.MAX_SAFE_INTEGER }),
      until: fc.constantFrom('accuracy=.5', 'loss=0', null),
      evaluateEvery: fc.constantFrom('3s', '100', 100, '0.5epochs'),
      stragglers: fc.uniqueArray(fc.record({ node: fc.integer({ min: 0, max: 4 }), factor: fc.integer({ min: 1, max: 9 }) }), {
        selector: one => one.node,
      }),
      standardize: fc.constantFrom('auto', 'features', 'none'),
      seed: fc.integer({ min: 0, max: Number.MAX_SAFE_INTEGER }),
    },
    { requiredKeys: [] },
  )
  .map(input => input as ExperimentInput);

// The types say the same as the schema: these lines fail to compile when they do not.
const threads: number | null = parseExperiment({}).threads;
const kernels: string = parseExperiment({}).kernels;
const stragglers: readonly { node: number; factor: number }[] = parseExperiment({}).stragglers;
const unit: 'steps' | 'seconds' | 'epochs' = ({} as Experiment).evaluateEvery?.unit;
void [threads, kernels, stragglers, unit];
