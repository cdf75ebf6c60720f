/**
 * A race, recorded and played again: the seed does not repeat a live run, its history does, on any number of threads.
 *
 *   node dist/examples/record.js
 */

import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { replay, train } from 'hearsay';

const folder = mkdtempSync(join(tmpdir(), 'record-'));
const file = join(folder, 'race.hearsay');

const { done, history } = await train({ data: 'digits:1000', model: 'softmax', nodes: 8, epochs: 3 }, { record: file }).result;
console.log(`${done.steps} steps in ${history?.bytes} bytes`);

for (const threads of [1, 2]) {
  const played = await replay(file, { threads }).result; // rejects with HISTORY_MISMATCH at a check that disagrees
  console.log(
    `on ${threads} thread${threads === 1 ? '' : 's'}: ${played.parametersHash === done.parametersHash ? 'the same bits' : 'other bits'}`,
  );
}
rmSync(folder, { recursive: true });
