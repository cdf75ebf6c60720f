/**
 * Classes of a table: train on a CSV file with names for classes, see how good the model is, save it, load it and ask it.
 *
 *   node dist/examples/table.js
 */

import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { loadModel, train } from 'hearsay';

const folder = mkdtempSync(join(tmpdir(), 'table-'));
const file = join(folder, 'flowers.csv');
const lines = Array.from({ length: 300 }, (_, k) => {
  const kind = k % 3;
  const [length, width] = [1.5 + 1.8 * kind + Math.sin(k * 12.9898) / 2, 0.3 + 0.8 * kind + Math.sin(k * 78.233) / 4];
  return `${length.toFixed(2)},${width.toFixed(2)},${['setosa', 'versicolor', 'virginica'][kind]}`;
});
writeFileSync(file, `length,width,kind\n${lines.join('\n')}\n`);

const { done, model } = await train({ data: file, model: 'softmax', nodes: 4, batch: 8, epochs: 40 }).result;
console.log(
  `accuracy ${((done.accuracy ?? 0) * 100).toFixed(0)} % on the fifth that was held out; classes ${model.labels?.join(', ')}`,
);

// The scale of each column goes along with the model: rows are given as they are.
await model.save(join(folder, 'flowers.safetensors'));
const again = await loadModel(join(folder, 'flowers.safetensors'));
const chances = again.predict([1.4, 0.2]);
console.log(`1.4 x 0.2 is ${again.labels?.[chances.indexOf(Math.max(...chances))]}`);
rmSync(folder, { recursive: true });
