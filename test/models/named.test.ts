import assert from 'node:assert/strict';
import { test } from 'node:test';
import { checkModel, namedModel } from '../../src/models/named.js';
import { task } from './open.js';

test('names give models of the right size', () => {
  assert.equal(namedModel('linear', task(13, 0)).parameters, 14);
  assert.equal(namedModel('linear:bias=true', task(13, 0)).parameters, 14);
  assert.equal(namedModel('linear:bias=false', task(13, 0)).parameters, 13);
  assert.equal(namedModel('neuron:tanh', task(13, 0)).parameters, 13);
  assert.equal(namedModel('logistic', task(123, 2)).parameters, 124);
  assert.equal(namedModel('softmax', task(784, 10)).parameters, 7850);
  assert.equal(namedModel('mlp:128', task(784, 10)).parameters, 101770);
  assert.equal(namedModel('mlp:128,64,tanh', task(784, 10)).parameters, 109386);
  assert.equal(namedModel('mlp:8', task(4, 0)).outputs, 1);
  assert.equal(namedModel('logistic', task(4, 2)).outputs, 2);
});

test('a saved model is looked at when a run begins, but it has no settings', () => {
  checkModel('tfjs:./not/there/model.json');
  assert.throws(() => checkModel('tfjs:./model.json:rate=1'), { code: 'CONFIG_UNKNOWN_KEY', message: /has no setting 'rate'/ });
});

const wrong: [string, number, string, RegExp][] = [
  ['softmx', 10, 'CONFIG_RANGE', /did you mean softmax/],
  ['toString', 10, 'CONFIG_RANGE', /allowed is linear/],
  ['mlp', 10, 'CONFIG_MISSING', /mlp:128/],
  ['mlp:tanh', 10, 'CONFIG_MISSING', /no widths/],
  ['mlp:0', 10, 'CONFIG_RANGE', /width 1.*from 1 to 65536/],
  ['mlp:128,6.5', 10, 'CONFIG_RANGE', /width 2.*'6.5'/],
  ['mlp:-3', 10, 'CONFIG_RANGE', /width 1/],
  ['mlp:128,tahn', 10, 'CONFIG_RANGE', /did you mean tanh/],
  ['mlp:tanh,128', 10, 'CONFIG_RANGE', /at the end/],
  ['mlp:width=3', 10, 'CONFIG_UNKNOWN_KEY', /width/],
  ['softmax:3', 10, 'CONFIG_RANGE', /takes no plain value/],
  ['softmax', 0, 'CONFIG_RANGE', /real targets; use linear/],
  ['linear', 10, 'CONFIG_RANGE', /10 classes; use softmax/],
  ['linear:bias=no', 0, 'CONFIG_RANGE', /bias: found 'no'.*true \| false/],
  ['linear:slope=1', 0, 'CONFIG_UNKNOWN_KEY', /known are bias/],
  ['linear:bias=false', 3, 'CONFIG_RANGE', /3 classes; use softmax/],
  ['neuron', 0, 'CONFIG_MISSING', /neuron:tanh/],
  ['neuron:relu', 0, 'CONFIG_RANGE', /'relu', allowed is tanh/],
  ['neuron:tanh,3', 0, 'CONFIG_RANGE', /at most 1 plain value/],
  ['neuron:tanh', 3, 'CONFIG_RANGE', /3 classes; use softmax/],
  ['logistic', 3, 'CONFIG_RANGE', /3 classes; use softmax/],
  ['logistic', 0, 'CONFIG_RANGE', /use linear/],
  ['tfjs', 3, 'CONFIG_RANGE', /allowed is tfjs:PATH\/model.json/],
  ['tfjs:./folder', 3, 'CONFIG_RANGE', /allowed is tfjs:PATH\/model.json/],
];

for (const [text, classes, code, message] of wrong) {
  test(`${text} on ${classes ? `${classes} classes` : 'real targets'} is refused with ${code}`, () => {
    assert.throws(
      () => namedModel(text, task(4, classes)),
      (error: Error & { code: string }) => {
        assert.equal(error.code, code);
        assert.match(error.message, message);
        assert.ok(!error.message.includes('\n'));
        return true;
      },
    );
  });
}
