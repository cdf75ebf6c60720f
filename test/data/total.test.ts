/** Readers of text are total: of every beginning of a valid file, and of any damage, they make a value or an error with a code. */

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { parseCsv } from '../../src/data/csv.js';
import { parseLibsvm } from '../../src/data/libsvm.js';
import { ratingsDataset } from '../../src/data/ratings.js';
import { reading } from '../../src/data/table.js';
import { textSplit } from '../../src/data/text.js';
import { openChurn } from '../../src/engine/churn.js';
import { parseTrace } from '../../src/engine/trace.js';
import { HearsayError } from '../../src/errors.js';
import { components } from '../../src/topology/components.js';
import { parseEdgeList } from '../../src/topology/edgelist.js';
import { requireValid } from '../../src/topology/validity.js';
import { fuzz } from '../support/mutation.js';

interface Reader {
  readonly files: readonly string[];
  read(text: string, bytes: Uint8Array): void;
  /** Damage is tried elsewhere. */
  readonly fuzzed?: boolean;
}

const churn = (text: string) => openChurn('trace:file', { seed: 1, nodes: 4, capacity: 8, read: () => text });

const readers: Readonly<Record<string, Reader>> = {
  csv: {
    files: ['x,y,label\n1,2,low\n3,4,high\n5,6,"low"\n', 'a;b\n1;2\n3;4\n', '1 2\n3 4\n'],
    read: (_, bytes) => void reading(parseCsv(bytes, 'file')).apply(parseCsv(bytes, 'file')),
    fuzzed: true,
  },
  libsvm: { files: ['1 1:0.5 3:2\n-1 2:1 # so\n'], read: (_, bytes) => void parseLibsvm(bytes, 'file'), fuzzed: true },
  ratings: {
    files: ['1::2::3\n1::3::4::978300760\n', 'a,b,1\n'],
    read: (_, bytes) => void ratingsDataset(bytes, 'file'),
    fuzzed: true,
  },
  text: {
    files: ['To be, or not to be: naïve é. That is the question.'],
    read: (_, bytes) => void textSplit(bytes, 'file', 2),
    fuzzed: true,
  },
  'edge list': {
    files: ['0 1\n1 2 # so\n2 3\n', '0 -> 1\n1 -> 2\n2 -> 0\n3 0\n'],
    read(text) {
      const graph = parseEdgeList(text, 'file', 4);
      requireValid(graph);
      assert.equal(
        components(graph).reduce((sum, size) => sum + size, 0),
        4,
      );
    },
  },
  trace: {
    files: ['1\n2.5\n1e-3 # so\n'],
    read: text => assert.ok(parseTrace(text, 'file').every(value => value >= 1e-9 && value <= 1e9)),
  },
  churn: {
    files: ['0 crash 3\n1.5 join 7\n2 leave 0\n2 join 0\n'],
    read(text) {
      const { time, kind, node } = churn(text);
      for (let k = 0; k < 5; k++) {
        assert.ok(time(k) >= 0 && (k === 0 || time(k) >= time(k - 1)));
        assert.ok(['join', 'leave', 'crash'].includes(kind(k)) && node(k) < 8);
      }
    },
  },
};

for (const [name, { files, read, fuzzed }] of Object.entries(readers)) {
  test(`${name}: every beginning of a valid file is refused or valid`, () => {
    for (const file of files) {
      const bytes = new TextEncoder().encode(file);
      for (let length = 0; length <= bytes.length; length++) {
        const part = bytes.subarray(0, length);
        try {
          read(new TextDecoder().decode(part), part);
        } catch (error) {
          assert.ok(length < bytes.length, `the whole file: ${(error as Error).message}`);
          assert.ok(error instanceof HearsayError, `${length} bytes: ${(error as Error).stack}`);
          assert.ok(/^(DATA|GRAPH)_/.test(error.code) && !error.message.includes('\n'), `${length} bytes: ${error.message}`);
        }
      }
    }
  });
  if (fuzzed) continue;
  test(`${name}: damaged files give a value or an error with a code`, () => {
    const bytes = files.map(file => new TextEncoder().encode(file));
    const refused = fuzz(
      bytes,
      11,
      part => read(new TextDecoder().decode(part), part),
      () => {},
      /^(DATA|GRAPH)_/,
    );
    assert.ok(refused > 0);
  });
}
