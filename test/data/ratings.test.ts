import assert from 'node:assert/strict';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, test } from 'node:test';
import fc from 'fast-check';
import { checkDataset } from '../../src/data/check.js';
import { openIds } from '../../src/data/ids.js';
import { load } from '../../src/data/load.js';
import { ratingsDataset } from '../../src/data/ratings.js';
import { parseExperiment } from '../../src/engine/experiment.js';
import { draft } from '../../src/threads/prepare.js';
import { fuzz } from '../support/mutation.js';

const folder = mkdtempSync(join(tmpdir(), 'hearsay-ratings-'));
after(() => rmSync(folder, { recursive: true }));

const encode = (text: string) => new TextEncoder().encode(text);
const dataset = (text: string) => ratingsDataset(encode(text), 'file');

test('pieces of bytes are numbered as a map of strings numbers them', () => {
  fc.assert(
    fc.property(fc.array(fc.nat({ max: 3000 }), { maxLength: 6000, minLength: 3000 }), list => {
      const bytes = encode(list.join(' '));
      const ids = openIds(bytes);
      const map = new Map<number, number>();
      let at = 0;
      for (const value of list) {
        if (!map.has(value)) map.set(value, map.size);
        const end = at + String(value).length;
        assert.equal(ids.number(at, end), map.get(value));
        at = end + 1;
      }
      assert.equal(ids.count, map.size);
    }),
    { numRuns: 20 },
  );
});

const id = fc.oneof(fc.nat({ max: 20 }).map(String), fc.constantFrom('B00A', 'ünal', 'x y', '-1', '007', '7'));
const rating = fc.tuple(id, id, fc.constantFrom(0.5, 1, 3.5, 5, -2));

test('every separator, with and without times and a header: users and items by first appearance, ratings as they are', () => {
  fc.assert(
    fc.property(
      fc.array(rating, { minLength: 1, maxLength: 40 }),
      fc.constantFrom('::', '\t', ';', ','),
      fc.boolean(),
      fc.constantFrom('', 'userId,movieId,rating,timestamp'),
      fc.constantFrom('\n', '\r\n', '\n\n'),
      (list, mark, timed, header, end) => {
        const lines = list.map(([user, item, value], k) => [user, item, value, ...(timed ? [978_300_000 + k] : [])].join(mark));
        const first = header
          ? [
              header
                .split(',')
                .slice(0, timed ? 4 : 3)
                .join(mark),
            ]
          : [];
        const { rows, inputs, targets, categories } = dataset([...first, ...lines].join(end));
        const users = [...new Set(list.map(([user]) => user))];
        const items = [...new Set(list.map(([, item]) => item))];
        assert.deepEqual([rows, categories], [list.length, [users.length, items.length]]);
        assert.deepEqual(
          Array.from(inputs),
          list.flatMap(([user, item]) => [users.indexOf(user), items.indexOf(item)]),
        );
        assert.deepEqual(
          Array.from(targets),
          list.map(([, , value]) => value),
        );
      },
    ),
    { numRuns: 500 },
  );
});

test('quotes around a field, a byte order mark and spaces do not count', () => {
  const { inputs, categories } = dataset('\ufeff"1", "a",4\n1,b,3\n 1 ,"a" ,5');
  assert.deepEqual(
    [Array.from(inputs), categories],
    [
      [0, 0, 0, 1, 0, 0],
      [1, 2],
    ],
  );
  assert.deepEqual(dataset('1 2 3\n4 2 5\n').categories, [2, 1]);
});

test('broken lines are refused with line and offset', () => {
  const bad = (text: string, code: string, message: RegExp) => assert.throws(() => dataset(text), { code, message });
  bad('1,2,3\n1,2\n', 'DATA_CORRUPT', /line 2, offset 6: found 2 fields apart by ","/);
  bad('1,2,3\n1,2,3,4,5\n', 'DATA_CORRUPT', /line 2, offset 6: found more than 4 fields/);
  bad('1,2,3\n,2,3\n', 'DATA_CORRUPT', /line 2, offset 6: found no user/);
  bad('1::2::3\n1::::3\n', 'DATA_CORRUPT', /line 2, offset 8: found no item/);
  bad('1,2,3\n1,2,good\n', 'DATA_CORRUPT', /line 2, offset 10: found rating "good"/);
  bad('1,2,3\n1,2,nan\n', 'DATA_NONFINITE', /found rating "nan"/);
  bad('1,2,3\n1,2,\n', 'DATA_NONFINITE', /found rating ""/);
  bad('1,2,nan\n1,2,3\n', 'DATA_NONFINITE', /line 1/);
  bad('1,2,1e39\n', 'DATA_NONFINITE', /1e39/);
  bad('user,item,rating\n', 'DATA_CORRUPT', /found no rating in 17 bytes/);
  bad('', 'DATA_CORRUPT', /found no rating/);
});

test('damaged files give a value or an error with a code', () => {
  const files = [
    '1::10::5::978300760\n2::10::3.5::97\n1::11::4::1\n',
    'user,item,rating\na,x,1\nb,"y",2\na,y,-3\n',
    '1\t2\t3\n4\t5\t6\n',
  ].map(encode);
  const refused = fuzz(files, 8, bytes => ratingsDataset(bytes, 'fuzz'), checkDataset);
  assert.ok(refused > 0);
});

test('ratings:FILE: rows held out by the seed, after all were numbered; nothing is standardized', async () => {
  const path = join(folder, 'u.data');
  writeFileSync(path, Array.from({ length: 100 }, (_, k) => `${k % 10}\t${k}\t${1 + (k % 5)}\t88\n`).join(''));
  const { train, test } = await load(`ratings:${path}`);
  assert.deepEqual([train.rows, test.rows, train.classes, train.shape, train.standard], [80, 20, 0, [2], undefined]);
  assert.deepEqual(
    [train.categories, test.categories],
    [
      [10, 100],
      [10, 100],
    ],
  );
  const items = [...train.inputs, ...test.inputs].filter((_, k) => k % 2 === 1).sort((a, b) => a - b);
  assert.deepEqual(
    items,
    Array.from({ length: 100 }, (_, k) => k),
  );
  assert.deepEqual((await load(`ratings:${path}`)).test, test);
  assert.notDeepEqual((await load(`ratings:${path}`, { seed: 2 })).test.inputs, test.inputs);
  await assert.rejects(load(`ratings:${path}`, { standardize: 'whole' }), { code: 'CONFIG_RANGE' });
  await assert.rejects(load(`ratings:${path}`, { target: '1' }), { code: 'CONFIG_RANGE' });
});

test('categories that inputs do not keep are refused', () => {
  const data = dataset('1,2,3\n2,2,4\n');
  const bad = (change: object, code: string) => assert.throws(() => checkDataset({ ...data, ...change }), { code });
  bad({ categories: [2].concat([1, 1]) }, 'DATA_CORRUPT');
  bad({ categories: [2, 0] }, 'DATA_CORRUPT');
  bad({ categories: [1, 1] }, 'DATA_LABEL');
  bad({ inputs: Float32Array.of(0.5, 0, 0, 0) }, 'DATA_LABEL');
  bad({ inputs: Float32Array.of(-1, 0, 0, 0) }, 'DATA_LABEL');
  bad({ categories: [2], vocabulary: ['a'] }, 'DATA_CORRUPT');
  checkDataset({ ...data, categories: [2], vocabulary: ['a', 'b'] });
});

test('a model is told of the categories, and of none where there are none', async () => {
  const path = join(folder, 'few.csv');
  writeFileSync(path, Array.from({ length: 40 }, (_, k) => `u${k % 4},i${k % 5},${k % 3}\n`).join(''));
  const taskOf = async (data: string) => (await draft(parseExperiment({ data, model: 'linear', nodes: 2, batch: 2 }))).task;
  assert.deepEqual(await taskOf(`ratings:${path}`), {
    ...{ rows: 32, features: 2, shape: [2], classes: 0 },
    categories: [4, 5],
  });
  assert.deepEqual(await taskOf('synthetic:rows=50'), { rows: 50, features: 10, shape: [10], classes: 0 });
});

test('a test file is read with the numbers of the training file, and what that has not is refused by line', async () => {
  const [path, other] = ['base.csv', 'new.csv'].map(name => join(folder, name));
  writeFileSync(path, 'ann,ant,1\nbob,bee,2\ncid,ant,3\n');
  writeFileSync(other, 'cid,bee,4\n"ann",bee,5\n');
  const { train, test } = await load(`ratings:${path}`, { test: other });
  assert.deepEqual([...train.inputs], [0, 0, 1, 1, 2, 0]);
  assert.deepEqual(
    [[...test.inputs], [...test.targets]],
    [
      [2, 1, 0, 1],
      [4, 5],
    ],
  );
  assert.deepEqual([test.categories, test.things], [train.categories, train.things]);
  for (const [line, what] of [
    ['dan,ant,1', 'user "dan"'],
    ['ann,bob,1', 'item "bob"'],
    ['an,ant,1', 'user "an"'],
  ]) {
    writeFileSync(other, `cid,bee,4\n${line}\n`);
    const message = new RegExp(`new.csv: line 2, offset \\d+: found ${what}, which is none of .*base.csv; drop the line`);
    await assert.rejects(load(`ratings:${path}`, { test: other }), { code: 'DATA_LABEL', message });
  }
});

test('two files have the same fingerprint when each number is of the same name in both', () => {
  const list = fc.array(fc.tuple(fc.constantFrom('a', 'b', 'ab', ''), fc.constantFrom('c', 'ac', 'b')), {
    minLength: 1,
    maxLength: 6,
  });
  const names = (rows: readonly (readonly string[])[]) => [0, 1].map(k => [...new Set(rows.map(row => `${k}${row[k]}`))]);
  fc.assert(
    fc.property(list, list, (one, two) => {
      const [a, b] = [one, two].map(rows => dataset(rows.map(([user, item]) => `u${user},${item},1`).join('\n')));
      assert.equal(a.things === b.things, JSON.stringify(names(one)) === JSON.stringify(names(two)));
    }),
    { numRuns: 500 },
  );
});
