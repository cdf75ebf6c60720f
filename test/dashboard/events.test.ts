/** What readers are told: all of it, in order, once; and a reader that does not read costs no memory. */

import assert from 'node:assert/strict';
import { connect } from 'node:net';
import { test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import fc from 'fast-check';
import { backlog, message } from '../../src/dashboard/audience.js';
import { openBoard } from '../../src/dashboard/board.js';
import { columns, mostRows, openRows } from '../../src/dashboard/rows.js';
import { openServer } from '../../src/dashboard/server.js';
import { parseExperiment } from '../../src/engine/experiment.js';
import { topology } from '../../src/topology/topology.js';
import { sample, start } from '../cli/stage.js';
import { cases } from '../support/cases.js';

interface Told {
  readonly id?: string;
  readonly event: string;
  // biome-ignore lint/suspicious/noExplicitAny: what came over the line
  readonly data: any;
}

function eventsOf(text: string): Told[] {
  return text
    .split('\n\n')
    .filter(block => block.includes('data: '))
    .map(block => {
      const field = (name: string) => new RegExp(`^${name}: (.*)$`, 'm').exec(block)?.[1];
      return { id: field('id'), event: field('event')!, data: JSON.parse(field('data')!) };
    });
}

const experiment = parseExperiment({ nodes: 6, topology: 'ring' });
const openTestBoard = () => openBoard('test', start(experiment), topology('ring', 6, 1), { live: true });
const at = columns.indexOf('steps');

test('however a reader comes and goes, it has every sample once, in order', () => {
  fc.assert(
    fc.property(fc.array(fc.constantFrom('sample', 'leave', 'come'), { maxLength: 60 }), moves => {
      const board = openTestBoard();
      const had: number[] = [];
      let last: string | undefined;
      let here = false;
      let steps = 0;
      const take = (text: string) => {
        for (const { id, event, data } of eventsOf(text)) {
          if (event === 'run') had.length = 0;
          had.push(...data.rows.map((row: number[]) => row[at]));
          last = id ?? last;
        }
      };
      for (const move of moves) {
        if (move === 'sample') {
          const text = board.sample(sample({ steps: ++steps }));
          if (here) take(text);
        } else if (move === 'leave') here = false;
        else if (!here) {
          take(board.whole(last));
          here = true;
        }
      }
      if (!here) take(board.whole(last));
      assert.deepEqual(
        had,
        Array.from({ length: steps }, (_, k) => k + 1),
      );
    }),
    cases(200),
  );
});

test('an id of another run, or none at all, brings everything', () => {
  const board = openTestBoard();
  board.sample(sample());
  for (const since of [undefined, '', 'other-0', 'test-9', 'test-x', '../etc', 'test-0\nevent: evil'])
    assert.equal(eventsOf(board.whole(since))[0].event, 'run', String(since));
  assert.deepEqual(eventsOf(board.whole('test-0'))[0].data, { rows: [] });
});

test('a run of a million samples keeps a few thousand of them, from its first to its last', () => {
  const rows = openRows();
  for (let k = 0; k < 1e5; k++) rows.add([k]);
  const kept = rows.after(-1).map(([value]) => value!);
  assert.ok(kept.length <= mostRows && kept.length >= mostRows / 2, `${kept.length}`);
  assert.equal(kept[0], 0);
  assert.equal(kept.at(-1), 1e5 - 1);
  assert.ok(kept.every((value, k) => k === 0 || value > kept[k - 1]));
});

const serve = (greeting: (since?: string) => string) =>
  openServer({ port: 0, host: '127.0.0.1', option: '--serve', greeting, control: () => false });

test('a reader that comes back says what it had, and is told the rest', async () => {
  const board = openTestBoard();
  board.sample(sample({ steps: 1 }));
  const server = await serve(board.whole);
  const read = async (since?: string) => {
    const headers = since === undefined ? undefined : { 'Last-Event-ID': since };
    const response = await fetch(`http://127.0.0.1:${server.port}/events`, { headers });
    const { value } = await response.body!.getReader().read();
    return eventsOf(new TextDecoder().decode(value))[0];
  };
  try {
    const first = await read();
    assert.equal(first.event, 'run');
    board.sample(sample({ steps: 2 }));
    const more = await read(first.id);
    assert.equal(more.event, 'more');
    assert.deepEqual(
      more.data.rows.map((row: number[]) => row[at]),
      [2],
    );
  } finally {
    await server.close();
  }
});

test('a reader that reads nothing is let go, and nothing is kept for it', async () => {
  const server = await serve(() => message('waiting', {}));
  const socket = connect(server.port, '127.0.0.1', () =>
    socket.write(`GET /events HTTP/1.1\r\nHost: 127.0.0.1:${server.port}\r\n\r\n`),
  );
  socket.on('error', () => {});
  socket.pause();
  while (server.readers() === 0) await sleep(5);
  const piece = message('frame', 'x'.repeat(64 * 1024));
  const used = () => process.memoryUsage().arrayBuffers + process.memoryUsage().heapUsed;
  const start = used();
  // What is renewed skips one that is behind: nothing of it waits, however much there is.
  for (let k = 0; k < 4000; k++) {
    server.renew(piece);
    if (k % 100 === 0) await sleep(1);
  }
  assert.equal(server.readers(), 1);
  assert.ok(used() - start < 64 * 2 ** 20, `${used() - start} bytes more`);
  // What everybody has to hear waits, up to the limit.
  let said = 0;
  for (; server.readers() > 0 && said < 4000; said++) {
    server.say(piece);
    if (said % 10 === 0) await sleep(1);
  }
  assert.equal(server.readers(), 0);
  assert.ok(said * piece.length < 32 * backlog, `${said} messages`);
  socket.destroy();
  await server.close();
});
