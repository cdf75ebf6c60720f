import assert from 'node:assert/strict';
import { train } from 'hearsay';
import schema from 'hearsay/schema.json' with { type: 'json' };
import * as testing from 'hearsay/testing';

const run = train({ model: 'softmax', nodes: 4, seconds: 1, seed: 7 });
let samples = 0;
for await (const event of run) {
  if (event.event === 'sample') samples++;
}
const { done, model } = await run.result;
assert.ok(samples > 0);
assert.ok(done.accuracy !== null && done.accuracy > 0.5, `accuracy ${done.accuracy}`);
await model.save('model.safetensors');

assert.equal(schema.properties.nodes.default, 16);
assert.ok(Object.keys(testing).length > 0);
console.log(`trained to ${done.accuracy} with ${done.steps} steps; hearsay/testing has ${Object.keys(testing).join(', ')}`);
