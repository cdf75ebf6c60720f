/** The driver of a simulation on this thread alone: decisions and arithmetic, slice by slice, so that signals and timers get their turn. */

import { setImmediate as breathe } from 'node:timers/promises';
import { idleKernels } from '../engine/decide.js';
import { Header } from '../engine/layout.js';
import { noteOps } from '../engine/notes.js';
import { openSeat } from '../engine/seat.js';
import { openSimulation } from '../engine/simulate.js';
import { openTimeline } from '../engine/timeline.js';
import { plainWords } from '../engine/words.js';
import { openKernels } from '../models/kernels/choose.js';
import type { Driver } from './driver.js';
import type { HistoryWriter } from './history.js';
import type { Prepared } from './prepare.js';
import { virtualNumbers } from './virtual.js';

/** Without parameters there is no arithmetic: only who met whom is of interest. */
const nothingToLearn = { kernels: idleKernels, averaging: undefined, descent: () => 0 };

/** Milliseconds between two looks at the outside. */
const slice = 20;

export function aloneDriver(prepared: Prepared, history?: HistoryWriter): Driver {
  const { arena, recipe, graph, kernels, experiment, assignment, virtual } = prepared;
  const { layout, memory } = arena;
  const { nature, timeline: shape } = virtual!;
  const timeline = openTimeline(memory.buffer, layout, shape);
  const words = plainWords(memory.buffer);
  const set = openKernels(kernels.set, memory);
  const simulation = openSimulation(layout, timeline, graph, experiment.nodes, nature, instead =>
    openSeat(arena, set, recipe, assignment(layout.shape.threads), () => 0, {
      words,
      single: true,
      scribe: history && noteOps(words, layout, history.note),
      ...(layout.shape.parameters === 0 ? nothingToLearn : {}),
      ...instead,
    }),
  );
  let events = 1000;
  let breathed = performance.now();

  /** One slice; true at the goal. The number of events in it follows from how long the one before took. */
  function run(time: number, steps: number): boolean {
    const start = performance.now();
    const done = simulation.run(time, steps, events);
    const took = performance.now() - start;
    if (!done) events = Math.max(100, Math.min(1e7, Math.round((events * slice) / Math.max(1, took))));
    return done;
  }

  return {
    async start() {},
    async advance({ steps, time }, stopped) {
      for (let done = false; !done; ) {
        // However short the way from one evaluation to the next is: a signal must get through.
        if (performance.now() - breathed > slice) {
          await breathe();
          breathed = performance.now();
        }
        done = stopped() || run(time, steps);
      }
    },
    async job(kind, models = 0, chunks = 0) {
      words.store(Header.JobKind, kind);
      words.store(Header.JobModels, models);
      words.store(Header.JobChunks, chunks);
      simulation.seat.job(0);
    },
    hurry() {},
    async stop() {},
    async terminate() {},
    deaths: () => 0,
    quarantined: () => [],
    virtual: () => virtualNumbers(simulation, timeline),
    isOver: until => timeline.queue.peek() > until || timeline.queue.peek() === Number.POSITIVE_INFINITY,
    mark: history?.check,
  };
}
