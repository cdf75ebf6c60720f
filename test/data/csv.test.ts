import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { checkDataset } from '../../src/data/check.js';
import { parseCsv } from '../../src/data/csv.js';
import { reading } from '../../src/data/table.js';
import { fuzz } from '../support/mutation.js';

const bytes = (text: string) => new TextEncoder().encode(text);
const table = (text: string) => parseCsv(bytes(text), 'file');
const dataset = (text: string, target?: string) => reading(table(text), target).apply(table(text));
const same = (text: string, expected: string) => {
  const [a, b] = [table(text), table(expected)];
  assert.deepEqual(
    [a.rows, a.columns, Array.from(a.cells), a.words],
    [b.rows, b.columns, Array.from(b.cells), b.words],
    JSON.stringify(text),
  );
};

test('comma, semicolon, tab and blanks; quotes, line ends, byte order mark, blank lines: the same table', () => {
  const plain = 'a,b,c\n1,2.5,x\n-3,4e1,y z\n';
  for (const text of [
    'a;b;c\n1;2.5;x\n-3;4e1;y z\n',
    'a\tb\tc\n1\t2.5\tx\n-3\t4e1\ty z\n',
    '"a","b","c"\n"1","2.5","x"\n"-3","4e1","y z"\n',
    'a,b,c\r\n1,2.5,x\r\n-3,4e1,y z\r\n',
    '\ufeffa,b,c\n\n 1 , 2.5 ,x\n-3,4e1,y z',
  ]) {
    same(text, plain);
  }
  same(' 1   2.5 3\n 4 5 6 \n', '1,2.5,3\n4,5,6\n');
  assert.deepEqual(table('a,b\n"x, ""y""",1\n"two\nlines",2\n').words[0], ['x, "y"', 'two\nlines']);
});

test('a header is a first line with a word over a column of numbers', () => {
  assert.deepEqual(table('a,b\n1,2\n').columns, ['a', 'b']);
  assert.deepEqual(table('1,2\n3,4\n').columns, ['column 1', 'column 2']);
  assert.deepEqual(table('5.1,setosa\n4.9,setosa\n').columns, ['column 1', 'column 2']);
  assert.deepEqual(table('size,kind\n4.9,setosa\n').columns, ['size', 'kind']);
  assert.equal(table('a,b\n1,2\n').rows, 1);
  assert.equal(table('7,8').rows, 1);
});

test('words in the target become classes, words in an input become indicators, both in the order of the words', () => {
  const data = dataset('size,colour,kind\n1,red,b\n2,blue,a\n3,red,c\n');
  assert.deepEqual([data.features, data.classes, Array.from(data.targets)], [3, 3, [1, 0, 2]]);
  assert.deepEqual(Array.from(data.inputs), [1, 0, 1, 2, 1, 0, 3, 0, 1]);
  checkDataset(data);
});

test('the target is the last column, or one by name or number', () => {
  const text = 'a,b,c\n1,5,9\n2,6,9.5\n';
  assert.deepEqual(Array.from(dataset(text).targets), [9, 9.5]);
  assert.deepEqual(Array.from(dataset(text, 'b').targets), [0, 1]);
  assert.deepEqual(Array.from(dataset(text, '2').targets), [0, 1]);
  assert.deepEqual(Array.from(dataset(text, 'b').inputs), [1, 9, 2, 9.5]);
  for (const target of ['d', '0', '4', '-1', '1.5', '']) {
    assert.throws(() => dataset(text, target), { code: 'CONFIG_RANGE', message: /"a", "b", "c"/ }, target);
  }
});

test('few whole numbers are classes, many or real ones are values', () => {
  const numbers = (count: number, of: (i: number) => number) =>
    dataset(Array.from({ length: count }, (_, i) => `${i % 7},${of(i)}`).join('\n'));
  assert.equal(numbers(50, i => (i % 2) * 2 - 1).classes, 2);
  assert.deepEqual(Array.from(numbers(4, i => (i % 2) * 2 - 1).targets), [0, 1, 0, 1]);
  assert.equal(numbers(50, i => i % 10).classes, 10);
  assert.equal(numbers(50, i => i).classes, 0);
  assert.equal(numbers(1000, i => i % 101).classes, 0);
  assert.equal(numbers(50, i => (i % 2) / 2).classes, 0);
});

test('gaps and wrong cells are named by row, line and column', () => {
  const bad = (text: string, code: string, message: RegExp) => assert.throws(() => dataset(text), { code, message }, text);
  for (const gap of ['', 'NA', 'nan', '?', 'inf', '1e39', 'NULL']) {
    bad(`a,b,c\n1,2,3\n1,${gap},3\n`, 'DATA_NONFINITE', /row 1 \(line 3\), column "b"/);
  }
  bad('a,b\nx,1\n,2\n', 'DATA_NONFINITE', /row 1 \(line 3\), column "a"/);
  bad('a,b\n1,2\n1,x\n', 'DATA_CORRUPT', /row 1 \(line 3\), column "b": found "x"/);
  bad('a,b\n1,2\n0x10,1\n', 'DATA_CORRUPT', /0x10/);
  bad('a,b\n1,2\n1,2,3\n', 'DATA_CORRUPT', /line 3 has 3 fields where the first line has 2/);
  bad('a,b\n1,2\n1\n', 'DATA_CORRUPT', /line 3 has 1 fields/);
  bad('a,b\n1,"2\n', 'DATA_CORRUPT', /uote/);
  bad('1\n2\n', 'DATA_CORRUPT', /1 column/);
  bad('size,price\n', 'DATA_TOO_SMALL', /found 1 row .*header.*2 or more; give a file/);
  bad('size,price\n1,2\n', 'DATA_TOO_SMALL', /found 1 row/);
  bad('\n\n', 'DATA_CORRUPT', /no row/);
  bad('1,1\n2,1\n', 'DATA_LABEL', /two different/);
  bad('1,x\n2,x\n', 'DATA_LABEL', /two different/);
  bad(Array.from({ length: 1001 }, (_, i) => `w${i},${i % 2}`).join('\n'), 'DATA_TOO_LARGE', /1000 different words/);
});

test('a test table is read as the training table: same words, same labels, unknown words 0, unknown labels refused', () => {
  const read = reading(table('size,colour,kind\n1,red,b\n2,blue,a\n3,red,c\n'));
  const other = read.apply(table('size,colour,kind\n9,green,c\n8,blue,a\n'));
  assert.deepEqual([Array.from(other.inputs), Array.from(other.targets), other.classes], [[9, 0, 0, 8, 1, 0], [2, 0], 3]);
  assert.throws(() => read.apply(table('1,red,d\n')), { code: 'DATA_LABEL', message: /row 0.*"a", "b", "c"/ });
  assert.throws(() => read.apply(table('1,red\n')), { code: 'DATA_CORRUPT', message: /2 columns/ });
  assert.throws(() => read.apply(table('x,red,a\n')), { code: 'DATA_CORRUPT', message: /column "size"/ });
});

test('any table of numbers and words reads back', () => {
  const number = fc.oneof(fc.integer(), fc.double({ noNaN: true, noDefaultInfinity: true, min: -1e30, max: 1e30 }));
  const word = fc.string({ minLength: 1, unit: 'grapheme' }).map(text => `w${text}`.trim());
  fc.assert(
    fc.property(fc.array(fc.tuple(number, word, number), { minLength: 1, maxLength: 20 }), rows => {
      const text = rows.map(([a, b, c]) => `${a},"${b.replaceAll('"', '""')}",${c}`).join('\n');
      const { cells, words, rows: count } = table(text);
      assert.equal(count, rows.length);
      rows.forEach(([a, b, c], row) => {
        assert.equal(cells[3 * row], Math.fround(Number(`${a}`))); // -0 is written 0
        assert.equal(words[1]![cells[3 * row + 1]], b);
        assert.equal(cells[3 * row + 2], Math.fround(Number(`${c}`)));
      });
    }),
  );
});

test('with quotes and without them, by either way of reading, a table is the same', () => {
  const cell = fc.oneof(fc.integer().map(String), fc.constantFrom('x', 'y z', ' 7', '8 ', 'é', '1e3', '', 'NA'));
  const end = fc.constantFrom('\n', '\r\n', '\n\n');
  const outcome = (text: string) => {
    try {
      const { columns, words, cells, rows } = table(text);
      return { columns, words, rows, cells: Array.from(cells) };
    } catch (error) {
      return (error as Error).message;
    }
  };
  fc.assert(
    fc.property(
      fc.array(fc.array(cell, { minLength: 2, maxLength: 3 }), { minLength: 1 }),
      end,
      fc.constantFrom(',', ';'),
      (rows, end, mark) => {
        const bare = rows.map(row => `k${mark}${row.join(mark)}`).join(end);
        const quoted = rows.map(row => `"k"${mark}${row.join(mark)}`).join(end);
        assert.deepEqual(outcome(bare + end), outcome(quoted + end));
      },
    ),
    { numRuns: 1000 },
  );
});

test('memory stays below twice the file', () => {
  const text = bytes('1,2,3,4,5,6,7\n'.repeat(5000));
  assert.ok(parseCsv(text, 'file').cells.buffer.byteLength <= 2 * text.length + 64);
});

test('damaged files give a value or an error with a code', () => {
  const files = [
    'a,b,c\n1,2.5,x\n-3,4e1,"y z"\n5,6,x\n',
    '1;2;0\r\n3;4;1\r\n',
    ' 1 2 0\n 3 4 1\n',
    'p\tq\n"a ""b"""\t1\nc\t2\n',
  ].map(bytes);
  const refused = fuzz(
    files,
    4,
    text => {
      const table = parseCsv(text, 'fuzz');
      return reading(table).apply(table);
    },
    checkDataset,
  );
  assert.ok(refused > 0);
});
