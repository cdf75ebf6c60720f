/** The driver of a live run: threads serve their shards on the clock of the wall. */

import { drain, threadRing } from '../engine/history/recorder.js';
import { Header, Thread, threadWord } from '../engine/layout.js';
import type { HearsayError } from '../errors.js';
import { sameForAll } from './clock.js';
import type { Driver } from './driver.js';
import type { HistoryWriter } from './history.js';
import type { Prepared } from './prepare.js';
import { openStall } from './stall.js';
import { supervise } from './supervisor.js';

/** Milliseconds between two looks at the recorders' rings. */
const drainEvery = 10;

/** `before`: seconds of training that lie behind a run that goes on. */
export function liveDriver(prepared: Prepared, history?: HistoryWriter, before = 0): Driver {
  const { layout, memory } = prepared.arena;
  const { threads } = layout.shape;
  const supervisor = supervise(prepared.arena, thread => prepared.order(thread, 'serve'), empty);
  const timer = history && setInterval(emptyAll, drainEvery);
  const stall = openStall(prepared.arena, prepared.experiment);
  const doubles = new Float64Array(memory.buffer, 0, Math.floor(memory.buffer.byteLength / 8));
  /** Milliseconds of training so far. */
  let trained = 1000 * before;
  const rings = Array.from({ length: history ? threads : 0 }, (_, thread) => threadRing(memory.buffer, layout, thread));

  /** Takes what the thread has recorded in this incarnation: each is a stream of its own. */
  function empty(thread: number, incarnation: number): void {
    if (!history || supervisor.failure()) return;
    try {
      drain(supervisor.words, rings[thread], layout, thread, pieces => history.take(thread + threads * incarnation, pieces));
    } catch (error) {
      supervisor.fail(error as HearsayError); // nobody waits for a timer: the disk is full
    }
  }

  function emptyAll(): void {
    for (let thread = 0; thread < threads; thread++) {
      empty(thread, supervisor.words.load(threadWord(layout, thread, Thread.Incarnation)));
    }
  }

  return {
    ...supervisor,
    async start() {
      supervisor.start();
      await supervisor.park(); // everybody has taken a seat: the clock does not run while modules load
    },
    async advance({ steps, seconds }, stopped) {
      const resumed = performance.now();
      doubles[Header.Began / 2] = sameForAll() - trained;
      supervisor.resume(Math.ceil(steps));
      for (;;) {
        const left = seconds - (performance.now() - resumed) / 1000;
        if (stopped() || left <= 0) break;
        await supervisor.listen(Math.min(50, left * 1000));
        if (supervisor.hasReached()) break;
        stall(performance.now());
        emptyAll(); // a thread whose ring is full has called too
      }
      await supervisor.park();
      trained += performance.now() - resumed;
    },
    mark(steps, seconds, last) {
      emptyAll();
      history?.check(steps, seconds, last);
    },
    async stop(now) {
      await supervisor.stop(now);
      clearInterval(timer);
    },
  };
}
