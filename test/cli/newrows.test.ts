/** evaluate and predict on files of new rows: which rows, in which order, and what their targets mean. */

import assert from 'node:assert/strict';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { writeNpy } from '../../src/data/npy.js';
import { kindOf, made } from '../support/made.js';
import { play } from './stage.js';

const folder = mkdtempSync(join(tmpdir(), 'hearsay-'));
after(() => rmSync(folder, { recursive: true }));
const file = (name: string, content: string | Uint8Array) => {
  const path = join(folder, name);
  writeFileSync(path, content);
  return path;
};
const saved = async (spec: string, kind: Parameters<typeof made>[1]) => {
  const path = join(folder, `${spec.replaceAll(/\W/g, '-')}-${kind.features}-${kind.classes}.safetensors`);
  const model = await made(spec, kind);
  await model.save(path);
  return { path, model };
};
const linesOf = async (...words: string[]) => {
  const { status, stdout, stderr } = await play(words);
  assert.equal(status, 0, stderr);
  return stdout.trim().split('\n').slice(1);
};
const judged = async (...words: string[]) => {
  const { status, stdout, stderr } = await play(['evaluate', ...words, '--json']);
  assert.equal(status, 0, stderr);
  return JSON.parse(stdout);
};

test('predict answers the rows of a file in their order, all of them, and those of a test file beside it', async () => {
  const { path, model } = await saved('linear', kindOf([2], 0));
  const rows = Array.from({ length: 40 }, (_, k) => [(k * 13) % 40, k / 3]);
  const text = (some: number[][]) => `a,b,y\n${some.map(row => `${row.join()},${(row[0] * 3) % 7}.5\n`).join('')}`;
  const data = file('order.csv', text(rows));
  const near = (lines: string[], of: number[][]) => {
    const expected = model.predict(of.flat());
    assert.equal(lines.length, of.length);
    for (const [k, line] of lines.entries()) assert.ok(Math.abs(Number(line) - expected[k]) < 1e-4, `row ${k}`);
  };
  near(await linesOf('predict', path, '--data', data), rows);
  near(await linesOf('predict', path, '--data', data, '--part', 'all'), rows);
  assert.equal((await linesOf('predict', path, '--data', data, '--part', 'test')).length, 8);
  assert.equal((await judged(path, '--data', data, '--part', 'all')).rows, 40);
  assert.equal((await judged(path, '--data', data)).rows, 8);
  const held = rows.slice(5, 10);
  file('order.csv.t', text(held));
  near(await linesOf('predict', path, '--data', data), held);
  near(await linesOf('predict', path, '--data', data, '--part', 'all'), [...rows, ...held]);
});

test('a text is predicted as a whole, and evaluated at its end', async () => {
  const vocabulary = [...'abc'];
  const { path } = await saved('transformer:1,1,4', { ...kindOf([5], 3), categories: [3], vocabulary });
  const data = file('order.txt', 'abcacb'.repeat(20));
  assert.equal((await linesOf('predict', path, '--data', data)).length, 29);
  assert.ok((await judged(path, '--data', data)).rows < 4);
});

test('classes and real targets mean what they meant to the model, however few a file has', async () => {
  const { path: real } = await saved('linear', kindOf([2], 0));
  assert.equal((await judged(real, '--data', file('few.csv', '1,2,3\n2,5,4\n'.repeat(20)), '--part', 'all')).accuracy, null);
  const { path: signs, model } = await saved('logistic', kindOf([3], 2, { labels: ['-1', '1'] }));
  const answer = model.predict([1, 0, 2]);
  const own = answer[1] > answer[0] ? 1 : -1;
  for (const [name, text] of [
    ['one.svm', `${own} 1:1 3:2\n`],
    ['same.svm', `${own} 1:1 3:2\n`.repeat(9)],
    ['one.csv', `1,0,2,${own}\n`],
    ['same.csv', `a,b,c,y\n${`1,0,2,${own}\n`.repeat(9)}`],
  ])
    assert.equal((await judged(signs, '--data', file(name, text), '--part', 'all')).accuracy, 1, name);
  const npy = file('same.npy', writeNpy({ shape: [2, 4], values: Float32Array.of(1, 0, 2, own, 1, 0, 2, own) }));
  assert.equal((await judged(signs, '--data', npy, '--part', 'all')).accuracy, 1);
  // To predict nobody looks at them.
  for (const [name, text] of [
    ['none.svm', '0 1:1 3:2\n'.repeat(5)],
    ['none.csv', '1,0,2,?x\n'.repeat(5)],
    ['nan.csv', 'a,b,c,y\n1,0,2,7.25\n'],
  ])
    for (const line of await linesOf('predict', signs, '--data', file(name, text))) assert.match(line, new RegExp(`^${own},`));
  const unknown = await play(['evaluate', signs, '--data', join(folder, 'none.svm'), '--part', 'all']);
  assert.match(unknown.stderr, /DATA_LABEL: .*row 0 has label 0, allowed is "-1", "1", the classes of the model/);
  const { path: words } = await saved('softmax', kindOf([2], 3, { labels: ['ant', 'bee', 'cow'] }));
  assert.equal((await judged(words, '--data', file('bee.csv', '1,2,bee\n'), '--part', 'all')).rows, 1);
});

test('rows of LIBSVM that name fewer columns than the model has are as wide as it', async () => {
  const { path, model } = await saved('logistic', kindOf([7], 2, { labels: ['-1', '1'] }));
  const data = file('narrow.svm', '1 2:3\n-1 1:1 4:2\n');
  const lines = await linesOf('predict', path, '--data', data);
  const expected = model.predict([0, 3, 0, 0, 0, 0, 0, 1, 0, 0, 2, 0, 0, 0]);
  for (const [k, line] of lines.entries()) assert.ok(Math.abs(Number(line.split(',')[1]) - expected[2 * k]) < 1e-5);
  const wide = await play(['predict', path, '--data', file('wide.svm', '1 9:3\n-1 1:1\n')]);
  assert.match(wide.stderr, /DATA_CORRUPT: .*rows of 9 numbers, the model takes 7/);
});

test('what a support vector machine tells of classes is called a score', async () => {
  const { path } = await saved('hinge', kindOf([2], 2));
  const data = file('hinge.csv', '1,2,0\n3,-1,1\n');
  const { stdout } = await play(['predict', path, '--data', data]);
  assert.match(stdout, /^class,score0,score1\n/);
  const said = JSON.parse((await play(['predict', path, '--data', data, '--json'])).stdout.split('\n')[0]);
  assert.deepEqual(Object.keys(said), ['row', 'class', 'scores']);
});
