/** The driver of a run in virtual time on all threads: this thread decides, a pool of players does the work behind it. */

import { largestOp, openPoster } from '../engine/agenda.js';
import { copiedWords, idleElements, idleKernels, tellDecisions } from '../engine/decide.js';
import { noteOps, openHands } from '../engine/notes.js';
import { openSeat } from '../engine/seat.js';
import { openSimulation } from '../engine/simulate.js';
import { openTimeline } from '../engine/timeline.js';
import { openKernels } from '../models/kernels/choose.js';
import type { Driver } from './driver.js';
import type { HistoryWriter } from './history.js';
import type { Prepared } from './prepare.js';
import { supervise } from './supervisor.js';
import { virtualNumbers } from './virtual.js';

/** Entries that wait for a player at most, unless one event needs more: what is decided is done soon, so a stop need not wait long. */
const ahead = 512;

export function poolDriver(prepared: Prepared, history?: HistoryWriter): Driver {
  const { arena, recipe, graph, kernels, experiment, assignment, virtual } = prepared;
  const { layout, memory } = arena;
  const { nature, timeline: shape } = virtual!;
  const timeline = openTimeline(memory.buffer, layout, shape);
  const supervisor = supervise(arena, thread => prepared.order(thread, 'play'));
  const poster = openPoster(supervisor.words, layout);
  const words = copiedWords(arena);
  const hands = openHands(layout.rows);
  const set = openKernels(kernels.set, memory);
  const simulation = openSimulation(layout, timeline, graph, experiment.nodes, nature, instead =>
    openSeat(arena, set, recipe, assignment(layout.shape.threads), () => 0, {
      words,
      kernels: idleKernels,
      elements: idleElements(recipe.algorithm.kernels),
      descent: () => 0,
      scribe: noteOps(words, layout, op => {
        hands.count(op);
        poster.post(op);
        history?.note(op);
      }),
      ...instead,
    }),
  );
  // All ops of one event must find room: a sum over all rows, and with a meeting a descent of each node.
  const most = 64 + 4 * largestOp(layout.models) + (recipe.algorithm.meet ? layout.models : 0);
  const size = layout.shape.ops!;
  const wanted = Math.max(size - ahead, most);

  return {
    ...supervisor,
    async start() {
      supervisor.start();
      await supervisor.park();
    },
    async advance({ steps, time }, stopped) {
      supervisor.resume(0);
      for (let done = false; !done && !stopped(); ) {
        while (!done && poster.room() >= wanted) done = simulation.run(time, steps, 1);
        if (!done) await supervisor.listen(1);
      }
      while (!poster.isDone()) await supervisor.listen(5);
      tellDecisions(words, supervisor.words, layout);
      await supervisor.park();
    },
    virtual: () => virtualNumbers(simulation, timeline),
    mark: history?.check,
  };
}
