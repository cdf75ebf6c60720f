/** How soon a thread starts, and how soon it answers: what exchanges between threads cost at least. */

import { Worker } from 'node:worker_threads';

export interface RoundTrip {
  /** Milliseconds until a thread runs. */
  readonly start: number;
  /** Microseconds until a thread that sleeps on a shared word was woken and has woken the other one: median, and the longest. */
  readonly median: number;
  readonly longest: number;
}

/** Rejects with what the thread fails with, and when it does not answer within `patience` milliseconds. */
export async function roundTrip(rounds = 200, patience = 5000): Promise<RoundTrip> {
  const words = new Int32Array(new SharedArrayBuffer(64));
  const began = performance.now();
  const worker = new Worker(new URL('./echo.js', import.meta.url), { workerData: words.buffer });
  try {
    await new Promise((resolve, reject) => {
      worker.once('online', resolve);
      worker.once('error', reject);
    });
    const throwBall = (ball: number): number => {
      const before = performance.now();
      Atomics.store(words, 0, ball);
      Atomics.notify(words, 0);
      while (Atomics.load(words, 0) === ball) {
        if (Atomics.wait(words, 0, ball, patience) === 'timed-out')
          throw new Error(`it did not answer within ${patience} milliseconds`);
      }
      return 1000 * (performance.now() - before);
    };
    throwBall(1); // its program is loaded meanwhile
    const start = performance.now() - began;
    const times = Float64Array.from({ length: rounds }, (_, k) => throwBall(2 * k + 3)).sort();
    return { start, median: times[rounds >> 1], longest: times[rounds - 1] };
  } finally {
    Atomics.store(words, 0, -1);
    Atomics.notify(words, 0);
    await worker.terminate();
  }
}
