/** A thread that answers a ball in shared memory, until it is told that the game is over: see roundtrip.ts. */

import { workerData } from 'node:worker_threads';

const words = new Int32Array(workerData as SharedArrayBuffer);

for (let last = 0; ; ) {
  Atomics.wait(words, 0, last);
  const ball = Atomics.load(words, 0);
  if (ball < 0) break;
  if (ball === last) continue;
  last = ball + 1;
  Atomics.store(words, 0, last);
  Atomics.notify(words, 0);
}
