import assert from 'node:assert/strict';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, test } from 'node:test';
import fc from 'fast-check';
import { comparisonOf, reportOf } from '../../../src/cli/report/write.js';
import { cases } from '../../support/cases.js';
import { sample } from '../stage.js';
import { course, type Kept, keep, tagsOf, wordsOf } from './kept.js';

const folder = mkdtempSync(join(tmpdir(), 'hearsay-'));
after(() => rmSync(folder, { recursive: true }));

let count = 0;
const pageOf = (kept: Kept = {}) => reportOf(keep(join(folder, `run-${count++}`), kept));

test('a page has the curves, the outcome, the settings, the command and the machine, and stands alone', () => {
  const html = pageOf({ experiment: { nodes: 8, until: 'accuracy=0.98' }, samples: course(60) });
  const tags = tagsOf(html);
  const words = wordsOf(html);
  for (const text of [
    ...['Loss', 'Accuracy', 'Consensus distance', 'Staleness', 'Versions behind', 'Age of what models contain'],
    ...[
      'Local steps a second',
      'Exchanges a second',
      'Time of the threads',
      'Commits by their staleness',
      'mean of nodes',
      'worst node',
      'training',
    ],
    ...['stopped at the last epoch', 'hearsay train --nodes 8 --until accuracy=0.98', 'hearsay 0.1.0', 'fastest of 3'],
    ...['Started 2023-11-14 22:13:20 UTC', 'sha256 abab', 'options as by default', '60 samples'],
  ])
    assert.ok(words.includes(text), text);
  assert.equal(tags.filter(({ name }) => name === 'figure').length, 10);
  const banned = ['script', 'link', 'img', 'iframe', 'object', 'embed', 'base', 'form', 'a'];
  assert.deepEqual(
    tags.filter(
      ({ name, attributes }) => banned.includes(name) || Object.keys(attributes).some(key => /^on|^(src|href)$/.test(key)),
    ),
    [],
  );
  assert.doesNotMatch(html, /url\(|@import|https?:/);
  for (const svg of html.match(/<svg .*?<\/svg>/gs) ?? [])
    assert.match(svg, /^<svg [^>]*role="img"><title>[^<]+<\/title><desc>[^<]+<\/desc>/);
  const headings = tags.filter(({ name }) => /^h\d$/.test(name)).map(({ name }) => name);
  assert.deepEqual(headings, ['h1', ...headings.slice(1).map(() => 'h2')]);
  assert.match(html, /prefers-color-scheme:dark/);
});

test('pieces of work that were dropped are read back, and said', () => {
  const text = (diverged: { resets: number; skips: number }) => wordsOf(pageOf({ done: { diverged } }));
  assert.match(text({ resets: 0, skips: 3 }), /3 pieces dropped as not finite; each time the node kept its model/);
  assert.match(text({ resets: 1, skips: 0 }), /1 piece dropped as not finite; each time the node began again/);
  assert.doesNotMatch(wordsOf(pageOf()), /dropped/);
});

test('what is set stands apart from what is as by default', () => {
  const html = pageOf({ experiment: { nodes: 8, threads: 3 } });
  const [, set, others] = /Set for this run(.*?)As by default(.*?)<\/table>/s.exec(html)!;
  assert.match(set, /--nodes.*class="marked">8<.*--threads.*class="marked">3</s);
  assert.doesNotMatch(set, /--batch/);
  assert.match(others, /--batch/);
  assert.doesNotMatch(others, /class="marked"|--clock/);
  const usual = wordsOf(pageOf());
  assert.ok(
    usual.includes('Everything is as it is by default') && usual.includes('hearsay train With hearsay'),
    'threads are not set',
  );
});

const hostile = [
  '<script>alert(1)</script>',
  '"><img src=x onerror=alert(1)>',
  "'; DROP TABLE runs; --",
  '</title></svg></table><h1>',
  '&lt;b&gt; ]]> <!-- -->',
  '\u202eevil\u0000\u001b[31m\ud800',
];

test('no text of a user or of a file becomes markup: the page has the same tags with any words', () => {
  const text = fc.oneof(fc.constantFrom(...hostile), fc.string({ unit: 'binary', minLength: 1 }));
  const page = (word: string) => {
    const named = { name: word, note: word };
    const start = {
      kernels: { set: word, note: word },
      model: { name: word, parameters: 3, backend: named },
      modules: { [word]: word },
      data: { name: word, train: 1, test: 1, features: 1, classes: 2 },
      graph: { name: word, nodes: 4, edges: 3, gap: 1 },
      versions: { hearsay: word, node: word, v8: word },
    };
    const data = word.replaceAll('\0', '') || 'x';
    return pageOf({ experiment: { test: data, target: data }, start, done: { parametersHash: word } });
  };
  /** Without the spans around the words of a command, whose number is that of its spaces. */
  const skeleton = (html: string) =>
    tagsOf(html).flatMap(({ name, attributes }) => (name === 'span' ? [] : `${name} ${Object.keys(attributes).join(' ')}`));
  const plain = skeleton(page('word'));
  fc.assert(
    fc.property(text, word => assert.deepEqual(skeleton(page(word)), plain)),
    { ...cases(60), examples: hostile.map(word => [word] as [string]) },
  );
});

test('a folder with a hostile name is a name like any other', () => {
  const paths = ['<img src=x onerror=alert(1)>', 'b"c\'d&e'].map(name => keep(join(folder, name)));
  const html = comparisonOf(paths);
  tagsOf(html);
  assert.ok(wordsOf(html).includes('<img src=x onerror=alert(1)>'));
  assert.doesNotMatch(html, /<img/);
});

test('a run of ten thousand samples has a page below 300 kB, with its peaks', () => {
  const samples = course(10_000).map((one, k) => (k === 7777 ? { ...one, loss: 500 } : one));
  const html = pageOf({ samples });
  assert.ok(html.length < 300_000, `${html.length}`);
  assert.match(wordsOf(html), /mean model: from 2\.30 at 100 to .*highest 500/);
  assert.match(wordsOf(html), /100 of 10,000 samples/);
});

test('a run without an end, without a number, or without any sample has a page that says so', () => {
  assert.match(wordsOf(pageOf({ done: null })), /it has no end: still going on, or killed/);
  assert.match(wordsOf(pageOf({ done: null, samples: [] })), /Nothing of what it measured is there/);
  const nothing = { loss: Number.NaN, worstLoss: Number.POSITIVE_INFINITY, consensus: 0, accuracy: null, worstAccuracy: null };
  const html = pageOf({ samples: course(4, { ...nothing, meanLoss: Number.NaN, trainLoss: null, versions: null, age: null }) });
  tagsOf(html);
  assert.doesNotMatch(html.replace(/<td[^>]*>NaN<\/td>/g, ''), /d="[^"]*(NaN|Infinity)/);
});

test('a simulation shows its virtual time, and the nodes alive where they come and go', () => {
  const virtual = { events: 9, joined: 1, left: 0, crashed: 0, lost: 0, lostPieces: 0, lostSteps: 0, refused: 0 };
  const samples = course(5).map((one, k) => ({ ...one, virtual: { ...virtual, time: 2.5 * k, live: 16 + k } }));
  const html = pageOf({ experiment: { deterministic: true, time: 10, churn: 'rates:join=1' }, samples, done: { perThread: [] } });
  const words = wordsOf(html);
  for (const text of ['Nodes alive', 'virtual time in s', 'hearsay simulate --time 10 --churn rates:join=1', 'the same bytes'])
    assert.ok(words.includes(text), text);
  assert.ok(!words.includes('Time of the threads'));
});

test('several runs are compared: curves over each other, the best marked, what differs in their settings', () => {
  const a = keep(join(folder, 'slow'), { experiment: { nodes: 8 }, samples: course(20, { accuracy: 0.8 }) });
  const b = keep(join(folder, 'fast'), {
    experiment: { nodes: 8, batch: 64, algorithm: 'adpsgd' },
    samples: course(30, { accuracy: 0.9 }),
  });
  const c = keep(join(folder, 'killed'), { experiment: { nodes: 8 }, done: null });
  const html = comparisonOf([a, b, c]);
  tagsOf(html);
  const words = wordsOf(html);
  assert.ok(words.includes('3 runs compared') && words.includes('fast ended best, with accuracy 90.00 %'));
  const [, different] = /Where they differ(.*?)<\/table>/s.exec(html)!;
  assert.match(different, /--algorithm.*>swarm<.*>adpsgd<.*--batch.*>32<.*>64</s);
  assert.doesNotMatch(different, /--nodes/);
  assert.match(html, /class="number marked">90\.00 %</);
  assert.ok(words.includes('hearsay train --nodes 8 --algorithm adpsgd --batch 64'));
  for (const svg of html.match(/<svg .*?<\/svg>/gs) ?? [])
    for (const name of ['slow', 'fast']) assert.ok(svg.includes(`>${name}<`), name);
  const same = comparisonOf([keep(join(folder, 'x', 'run')), keep(join(folder, 'y', 'run'))]);
  assert.ok(wordsOf(same).includes('All of their settings are the same'));
  assert.ok(wordsOf(same).includes(`${join(folder, 'x', 'run')} `), 'the same last part: the paths tell them apart');
});

test('a curve of one sample, and one of equal values, are drawn', () => {
  for (const samples of [[sample()], course(50, { loss: 1, meanLoss: 1, worstLoss: 1, trainLoss: 1, accuracy: 0 })]) {
    const html = pageOf({ samples });
    tagsOf(html);
    assert.doesNotMatch(html, /NaN/);
  }
});
