import assert from 'node:assert/strict';
import { test } from 'node:test';
import { flag, numeric, oneOf, optional, readSettings } from '../src/settings.js';
import { parseSpec } from '../src/spec.js';

const table = {
  rate: numeric('the rate', { above: 0, max: 10 }, 0.1),
  nesterov: flag('the form'),
  bias: flag('a constant', true),
  schedule: oneOf('how', ['constant', 'cosine']),
  order: optional(oneOf('what first', ['mix', 'commit']), 'it depends'),
};
const read = (text: string, plain?: number) => readSettings(parseSpec(text, '--optimizer'), table, '--optimizer', plain);
const refused = (text: string, code: string, message: RegExp) => assert.throws(() => read(text), { code, message });

test('what is given is read, what is left out has its default', () => {
  assert.deepEqual(read('sgd'), { rate: 0.1, nesterov: false, bias: true, schedule: 'constant', order: undefined });
  assert.deepEqual(read('sgd:rate=.5,nesterov=true,bias=false,schedule=cosine,order=mix'), {
    rate: 0.5,
    nesterov: true,
    bias: false,
    schedule: 'cosine',
    order: 'mix',
  });
  assert.equal(read('sgd:128,rate=2', 1).rate, 2);
});

test('help has the range and the default of each', () => {
  assert.deepEqual(
    Object.values(table).map(({ range, fallback }) => [range, fallback]),
    [
      ['a number above 0 and up to 10', '0.1'],
      ['true | false', 'false'],
      ['true | false', 'true'],
      ['constant | cosine', 'constant'],
      ['mix | commit', 'it depends'],
    ],
  );
});

test('a bad value names the place, the thing and the key', () => {
  refused('sgd:rate=0', 'CONFIG_RANGE', /^--optimizer: sgd: rate: found '0', allowed is a number above 0 and up to 10/);
  refused('sgd:rate=fast', 'CONFIG_RANGE', /found 'fast'/);
  refused('sgd:nesterov=yes', 'CONFIG_RANGE', /^--optimizer: sgd: nesterov: found 'yes', allowed is true \| false$/);
  refused('sgd:schedule=cosin', 'CONFIG_RANGE', /did you mean cosine\?$/);
  refused('sgd:rat=1', 'CONFIG_UNKNOWN_KEY', /no setting 'rat', known are rate, .*did you mean rate\?/);
  refused('sgd:4', 'CONFIG_RANGE', /takes no plain values; write sgd:rate=4$/);
});
