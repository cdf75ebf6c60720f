/** Files of data, in each format as it should be, and damaged. */

import { readFileSync } from 'node:fs';
import { gzipSync } from 'node:zlib';
import { zipSync } from 'fflate';
import { writeNpy } from '../../../src/data/npy.js';
import { writeNpz } from '../../../src/data/npz.js';
import { flipped, floats, folder, latin, write } from './write.js';

/** 40 rows of two classes that a line divides. */
const row = (k: number) => `${k},${(k * 7) % 5},${k < 20 ? 'low' : 'high'}`;
export const table = `x,y,label\n${Array.from({ length: 40 }, (_, k) => row(k)).join('\n')}\n`;

export function idxFolders(): void {
  const idx = (type: number, sizes: readonly number[], bytes: Uint8Array) =>
    Buffer.concat([
      Buffer.from([
        0,
        0,
        type,
        sizes.length,
        ...sizes.flatMap(size => [size >>> 24, (size >> 16) & 255, (size >> 8) & 255, size & 255]),
      ]),
      bytes,
    ]);
  const labels = idx(
    8,
    [50],
    new Uint8Array(50).map((_, k) => k % 2),
  );
  const mnist = (name: string, images: Uint8Array, labelsOf: Uint8Array = labels) =>
    folder(
      name,
      Object.fromEntries(
        ['train', 't10k'].flatMap(part => [
          [`${part}-images-idx3-ubyte`, images],
          [`${part}-labels-idx1-ubyte`, labelsOf],
        ]),
      ),
    );
  const images = (bytes: number) => idx(8, [50, 2, 2], new Uint8Array(bytes));
  mnist('mnist', images(200));
  mnist('magic', Buffer.from([1, 2, 3, 4, 5, 6, 7, 8]));
  mnist('cut', images(199));
  mnist('cut-head', images(200).subarray(0, 9));
  mnist('long', images(201));
  mnist('fewer', images(200), idx(8, [49], new Uint8Array(49)));
  mnist('nothing', idx(8, [50, 0, 2], new Uint8Array()));
  mnist('huge', idx(8, [65535, 65535, 65535], new Uint8Array(10)));
  mnist('nan-idx', idx(13, [50, 1, 1], Buffer.from(new Uint8Array(200).fill(255))));
  mnist('label-idx', images(200), idx(9, [50], new Uint8Array(50).fill(255)));
  mnist('empty-idx', new Uint8Array());
}

export function arrays(): void {
  const good = writeNpy({ shape: [4, 2], values: floats(1, 0, 2, 1, 3, 0, 4, 1) });
  const head = (text: string, length = 118) =>
    latin(`\x93NUMPY\x01\0${String.fromCharCode(length & 255, length >> 8)}${text.padEnd(length - 1)}\n`);
  write('good.npy', good);
  write('magic.npy', flipped(good, 1), new Uint8Array(1));
  write('cut.npy', good.subarray(0, -1));
  write('cut-head.npy', good.subarray(0, 40));
  write('long.npy', good, new Uint8Array(1));
  write('line.npy', writeNpy({ shape: [4], values: floats(1, 2, 3, 4) }));
  write('pickle.npy', head("{'descr': '|O', 'fortran_order': False, 'shape': (1,), }"), new Uint8Array(8));
  write('fields.npy', head("{'descr': [('a', '<f4')], 'fortran_order': False, 'shape': (1,), }"), new Uint8Array(4));
  write('evil.npy', head("{'descr': __import__('os').system('id'), 'fortran_order': False, 'shape': (1,), }"), new Uint8Array(4));
  write('huge.npy', head("{'descr': '|u1', 'fortran_order': False, 'shape': (65536, 65536), }"));
  write('head.npy', latin('\x93NUMPY\x02\0\xff\xff\xff\x7f'), new Uint8Array(100));
  write('nan.npy', writeNpy({ shape: [4, 2], values: floats(1, 0, 2, 1, Number.NaN, 0, 4, 1) }));
  const x = { shape: [40, 2], values: Float32Array.from({ length: 80 }, (_, k) => (k * 7) % 11) };
  const y = { shape: [40], values: Int32Array.from({ length: 40 }, (_, k) => k % 2) };
  const npz = (entries: Readonly<Record<string, Parameters<typeof writeNpy>[0]>>) => writeNpz(new Map(Object.entries(entries)));
  const whole = npz({ x, y });
  write('good.npz', whole);
  write('cut.npz', [80, 75, 3, 4, 20, 0, 0, 0].map(byte => String.fromCharCode(byte)).join(''));
  write('half.npz', whole.subarray(0, whole.length >> 1));
  write('fewer.npz', npz({ x, y: { shape: [39], values: y.values.subarray(0, 39) } }));
  write('names.npz', npz({ inputs: x, outputs: y }));
  write('label.npz', npz({ x, y: { shape: [40], values: y.values.map(value => value * 70_000) } }));
  write('nan.npz', npz({ x: { shape: [40, 2], values: x.values.map(value => (value === 3 ? Number.NaN : value)) }, y }));
  write('pickle.npz', zipSync({ 'x.npy': readFileSync('pickle.npy'), 'y.npy': writeNpy(y) }));
  write('slip.npz', zipSync({ '../../x.npy': writeNpy(x), '/etc/y.npy': writeNpy(y) }));
  const twice = Buffer.from(zipSync({ 'x.npy': writeNpy(x), 'y.npy': writeNpy(y) }, { level: 0 }));
  for (let at = twice.indexOf('y.npy'); at >= 0; at = twice.indexOf('y.npy', at)) twice.write('x', at);
  write('twice.npz', twice);
  write('many.npz', zipSync(Object.fromEntries(Array.from({ length: 1001 }, (_, k) => [`a${k}.npy`, new Uint8Array(1)]))));
  write('bomb.npz', zipSync({ 'x.npy': new Uint8Array(2 ** 27), 'y.npy': writeNpy(y) }, { level: 9 }));
}

export function tables(): void {
  write('same-names.csv', table.replace('x,y', 'x,x'));
  write('header.csv', 'x,y,label\n');
  write('one.csv', 'x,y,label\n1,2,a\n');
  write('blank.csv', '\n \n\n');
  write('short.csv', `${table}1,low\n`);
  write('wide.csv', `${table}1,2,low,high\n`);
  write('zero.csv', `${table}\0\0`);
  write('word.csv', `${table}1,two,low\n`);
  write('hex.csv', `${table}1,0x10,low\n`);
  write('quote.csv', `${table}1,"2,low\n`);
  write('column.csv', 'x\n1\n2\n3\n');
  write('nan.csv', `${table}1,NaN,low\n`);
  write('infinite.csv', `${table}1,-inf,low\n`);
  write('gap.csv', `${table}1,,low\n`);
  write('large.csv', `${table}1,1e39,low\n`);
  write('same.csv', table.replaceAll('high', 'low'));
  write('words.csv', `x,word,label\n${Array.from({ length: 1100 }, (_, k) => `${k},w${k},${k % 2}`).join('\n')}\n`);
  write('other-label.csv', 'x,y,label\n1,2,middle\n3,4,low\n');
  write('other-columns.csv', 'x,label\n1,low\n2,high\n');
  const sparseRows = Array.from({ length: 40 }, (_, k) => `${k % 2} 1:${k} 3:1`).join('\n');
  write('good.svm', sparseRows);
  write('word.svm', `${sparseRows}\n1 2:0.5 3:x\n`);
  write('down.svm', `${sparseRows}\n1 2:0.5 1:1\n`);
  write('zero.svm', `${sparseRows}\n1 0:0.5\n`);
  write('label.svm', `${sparseRows}\none 1:0.5\n`);
  write('cut.svm', `${sparseRows}\n1 1:0.5 3:`);
  write('nan.svm', `${sparseRows}\n1 1:nan\n`);
  write('far.svm', `${sparseRows}\n1 4294967295:1\n`);
  write('dense.svm', `${sparseRows}\n1 1000000000:1\n`);
  write('same.svm', sparseRows.replace(/^\d/gm, '1'));
  const packed = gzipSync(table);
  write('cut.csv.gz', packed.subarray(0, 60));
  write('flipped.csv.gz', flipped(packed, packed.length >> 1));
  write('long.csv.gz', packed, 'and more');
  write('magic.csv.gz', flipped(packed, 2));
  write('bomb.csv.gz', gzipSync(Buffer.alloc(80 * 2 ** 20), { level: 9 }));
}

export async function parquets(): Promise<void> {
  const { parquetWriteBuffer } = await import('hyparquet-writer');
  const numbers = Array.from({ length: 40 }, (_, k) => (k * 7) % 11);
  const file = (columns: Parameters<typeof parquetWriteBuffer>[0]['columnData']) =>
    new Uint8Array(parquetWriteBuffer({ columnData: columns }));
  const label = { name: 'label', data: numbers.map(value => value % 2), type: 'INT32' as const };
  const good = file([{ name: 'x', data: numbers, type: 'DOUBLE' }, label]);
  write('cut.parquet', 'PAR1 and no more PAR1');
  write('half.parquet', good.subarray(0, good.length >> 1));
  write('long.parquet', good, 'x');
  write('text.parquet', 'no Parquet, but prose\n');
  write('string.parquet', file([{ name: 'x', data: numbers.map(String), type: 'STRING' }, label]));
  write(
    'nan.parquet',
    file([{ name: 'x', data: numbers.map(value => (value === 3 ? Number.NaN : value)), type: 'DOUBLE' }, label]),
  );
  write(
    'gap.parquet',
    file([{ name: 'x', data: numbers.map(value => (value === 3 ? null : value)), type: 'DOUBLE', nullable: true }, label]),
  );
}

export function others(): void {
  const image = new Uint8Array(3073);
  write('half.bin', image, image.subarray(0, 1500));
  write(
    'label.bin',
    image.map((_, k) => (k === 0 ? 11 : 0)),
  );
  folder('mixed', { 'data_batch_1.bin': image, 'train.bin': new Uint8Array(3074) });
  folder('only-test', { 'test_batch.bin': image });
  write('few.txt', 'To be, or not to be.');
  write('latin.txt', latin('d\xe9j\xe0 vu, '.repeat(50)));
  write('cut.txt', Buffer.from('naïve é'.repeat(50)).subarray(0, -1));
  write('scripts.txt', Array.from({ length: 600 }, (_, k) => String.fromCodePoint(0x4e00 + k)).join(''));
  write('same.txt', 'a'.repeat(500));
  const ratings = Array.from({ length: 40 }, (_, k) => `${k % 7}::${k % 5}::${1 + (k % 5)}`).join('\n');
  write('good.dat', ratings);
  write('short.dat', `${ratings}\n1::2\n`);
  write('word.dat', `${ratings}\n1::2::good\n`);
  write('nobody.dat', `${ratings}\n::2::3\n`);
  write('nan.dat', `${ratings}\n1::2::nan\n`);
  write('header.dat', 'user::item::rating\n');
  write('words.trace', '1\ntwo\n');
  write('zero.trace', '1\n0\n');
  write('nan.trace', '1\nnan\n1\n1\n1\n');
  write('two.trace', '1\n2\n');
  write('back.churn', '2 crash 3\n1 crash 2\n');
  write('twice.churn', '1 crash 3\n2 crash 3\n');
  write('last.churn', '1 crash 3\n1 crash 2\n1 crash 1\n1 crash 0\n');
  write('far.churn', '1 join 99\n');
  write('nan.churn', 'nan crash 3\n');
}
