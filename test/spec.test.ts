import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { decimal, rangeWords, readNumber, within } from '../src/decimal.js';
import { HearsayError } from '../src/errors.js';
import { nearest } from '../src/nearest.js';
import { expectSettings, isModule, parseSpec, savedModelOf, specText } from '../src/spec.js';

const code = (run: () => unknown): string => {
  try {
    run();
  } catch (error) {
    assert.ok(error instanceof HearsayError, String(error));
    return error.code;
  }
  return 'accepted';
};

test('decimals are strict', () => {
  for (const text of ['', ' ', '0x10', '1_000', 'NaN', 'Infinity', '-', '.', '1e', '1 ', '+', '１', '1e999', '0b1', '1,5']) {
    assert.ok(Number.isNaN(decimal(text)), text);
  }
  for (const text of ['1e3', '2.5', '1.', '.5', '9007199254740993', '']) assert.ok(Number.isNaN(decimal(text, true)), text);
  assert.equal(decimal('.1'), 0.1);
  assert.equal(decimal('1e-4'), 1e-4);
  assert.equal(decimal('-3', true), -3);
  assert.ok(Object.is(decimal('-0'), 0));
  fc.assert(fc.property(fc.double({ noNaN: true, noDefaultInfinity: true }), x => assert.equal(decimal(String(x)), x + 0)));
  fc.assert(fc.property(fc.maxSafeInteger(), x => assert.equal(decimal(String(x), true), x)));
});

test('a saved model is a name with its path; what follows the path is settings', () => {
  assert.equal(savedModelOf(parseSpec('tfjs:./a:b/c,d=e/model.json', 'model').name), './a:b/c,d=e/model.json');
  assert.equal(savedModelOf(parseSpec('tfjs:/x.json/model.json', 'model').name), '/x.json/model.json');
  assert.deepEqual({ ...parseSpec('tfjs:model.json:key=1', 'model').options }, { key: '1' });
  for (const text of ['tfjs', 'tfjs:model', 'tfjs:.json', './model.json', 'xtfjs:model.json'])
    assert.equal(savedModelOf(parseSpec(text, 'model').name), undefined, text);
  assert.ok(!isModule('tfjs:./model.json') && !isModule('tfjs:./mine.js'));
});

test('a range is checked and said', () => {
  assert.equal(rangeWords({ whole: true, min: 1, max: 8 }), 'a whole number from 1 to 8');
  assert.equal(rangeWords({ above: 0, below: 1 }), 'a number above 0 and below 1');
  assert.ok(
    within(1, { above: 0, max: 1 }) && !within(0, { above: 0 }) && !within(1, { below: 1 }) && !within(1.5, { whole: true }),
  );
  assert.equal(
    code(() => readNumber('9', { max: 8 }, 'x')),
    'CONFIG_RANGE',
  );
});

test('a spec is a name, plain values and key=value', () => {
  const parsed = (text: string) => {
    const { name, args, options } = parseSpec(text, 'x');
    return [name, args, { ...options }];
  };
  assert.deepEqual(parsed('mlp:128,64'), ['mlp', ['128', '64'], {}]);
  assert.deepEqual(parsed('small-world:4,.1'), ['small-world', ['4', '.1'], {}]);
  assert.deepEqual(parsed('swarm:steps=geometric:4,both=true'), ['swarm', [], { steps: 'geometric:4', both: 'true' }]);
  assert.deepEqual(parsed('./a:b/mine.js:k=/x/y'), ['./a:b/mine.js', [], { k: '/x/y' }]);
  assert.deepEqual(parsed('file:///a/b.mjs'), ['file:///a/b.mjs', [], {}]);
  assert.ok(isModule('./mine.js') && isModule('file:///a/b.mjs') && !isModule('ring') && !isModule('mlp'));
});

test('a bad spec is named', () => {
  for (const text of ['', ':', 'mlp:', 'mlp:,', 'mlp:128,,64', 'a:b=', ' a', 'a:b=1,2', 'x'.repeat(5000)]) {
    assert.equal(
      code(() => parseSpec(text, 'x')),
      'CONFIG_RANGE',
      text,
    );
  }
  assert.equal(
    code(() => parseSpec('a:b=1,b=2', 'x')),
    'CONFIG_TYPE',
  );
  assert.equal(
    code(() => parseSpec('a:__proto__=1', 'x')),
    'CONFIG_UNKNOWN_KEY',
  );
  assert.equal(
    code(() => parseSpec('a:=1', 'x')),
    'CONFIG_UNKNOWN_KEY',
  );
});

test('any text is a spec or a refusal, and a spec is written back', () => {
  fc.assert(
    fc.property(fc.string({ unit: fc.constantFrom('a', 'b', ':', ',', '=', '.', '/', 'js', '\n', '_') }), text => {
      let spec: ReturnType<typeof parseSpec>;
      try {
        spec = parseSpec(text, 'x');
      } catch (error) {
        assert.ok(error instanceof HearsayError && !error.message.includes('\n'));
        return;
      }
      assert.equal(specText(spec), text);
    }),
    { numRuns: 5000 },
  );
});

test('settings that nobody knows, and plain values, are refused', () => {
  const spec = parseSpec('sgd:rate=.1,nesterov=true,schedule=cosine', 'optimizer');
  assert.equal(
    code(() => expectSettings(spec, ['rate', 'nesterov', 'schedule'], 'optimizer')),
    'accepted',
  );
  assert.equal(
    code(() => expectSettings(spec, ['rate', 'nesterov'], 'optimizer')),
    'CONFIG_UNKNOWN_KEY',
  );
  assert.equal(
    code(() => expectSettings(parseSpec('ring:4', 'x'), [], 'x')),
    'CONFIG_RANGE',
  );
  assert.equal(
    code(() => expectSettings(parseSpec('regular:4', 'x'), [], 'x', 1)),
    'accepted',
  );
});

test('the nearest name is found, a far one is not', () => {
  assert.equal(nearest('ndoes', ['nodes', 'threads']), 'nodes');
  assert.equal(nearest('evaluate-evry', ['evaluate', 'evaluate-every']), 'evaluate-every');
  assert.equal(nearest('zebra', ['nodes', 'threads']), undefined);
});
