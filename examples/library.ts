/**
 * Training from code: events as they come, then the model.
 *
 *   node dist/examples/library.js
 */

import { train } from 'hearsay';

const run = train({ data: 'digits:4000', model: 'mlp:64', nodes: 8, epochs: 2 });

for await (const event of run) {
  if (event.event === 'sample') console.log(`${event.steps} steps: accuracy ${event.accuracy?.toFixed(3)}`);
}

const { done, model } = await run.result;
console.log(`${Math.round(done.samplesPerSecond)} samples/s on ${done.perThread.length} threads`);

const blank = new Float32Array(28 * 28);
const chances = model.predict(blank);
console.log(`a blank picture is taken for a ${chances.indexOf(Math.max(...chances))}`);
