/** The driver of a run in virtual time on all threads: this thread decides, a pool of players does the work behind it. */

import { setImmediate as breathe } from 'node:timers/promises';
import { copiedWords, idleElements, idleKernels, tellDecisions } from '../engine/decide.js';
import { Control, controlWord } from '../engine/layout.js';
import { noteOps, openHands } from '../engine/notes.js';
import { openPoster } from '../engine/poster.js';
import { idleQuantizer } from '../engine/quantizer.js';
import { openSeat } from '../engine/seat.js';
import { openSimulation } from '../engine/simulate.js';
import { openTimeline } from '../engine/timeline.js';
import { openKernels } from '../models/kernels/choose.js';
import type { Driver } from './driver.js';
import type { HistoryWriter } from './history.js';
import type { Prepared } from './prepare.js';
import { type Burial, renew, type Supervise, supervise } from './supervisor.js';
import { virtualNumbers } from './virtual.js';

/** Entries that wait for a player before no more is decided: what is decided is done soon, so a stop need not wait long. */
const ahead = 512;

/** Milliseconds between two looks at the outside, and events that are decided between two looks at the clock. */
const slice = 20;
const some = 64;

/** `buried` is told of each death of a thread. */
export function poolDriver(
  prepared: Prepared,
  history?: HistoryWriter,
  manage: Supervise = supervise,
  buried?: (burial: Burial) => void,
): Driver {
  const { arena, recipe, graph, kernels, experiment, assignment, virtual } = prepared;
  const { layout, memory } = arena;
  const { nature, timeline: shape } = virtual!;
  const timeline = openTimeline(memory.buffer, layout, shape);
  const supervisor = manage(arena, thread => prepared.order(thread, 'play'), buried);
  const poster = openPoster(supervisor.words, layout);
  const words = copiedWords(arena);
  const handOf = (row: number) => words.load(controlWord(layout, row, Control.Hand));
  const hands = openHands(
    layout.rows,
    Int32Array.from({ length: layout.rows }, (_, row) => handOf(row)),
  );
  const set = openKernels(kernels.set, memory);
  const simulation = openSimulation(layout, timeline, graph, experiment.nodes, nature, instead =>
    openSeat(arena, set, recipe, assignment(layout.shape.threads), () => 0, {
      words,
      kernels: idleKernels,
      averaging: undefined,
      attack: undefined,
      elements: idleElements(recipe.algorithm.kernels),
      quantizer: recipe.algorithm.quantize && idleQuantizer,
      descent: () => 0,
      learned() {},
      scribe: noteOps(words, layout, op => {
        hands.count(op);
        poster.post(op);
        history?.note(op);
      }),
      ...instead,
    }),
  );
  const wanted = layout.shape.ops! - ahead;
  let breathed = performance.now();

  return {
    ...supervisor,
    async start() {
      supervisor.start();
      await supervisor.park();
    },
    async advance({ steps, time }, stopped) {
      supervisor.resume(0);
      for (let done = false; !done && !stopped(); ) {
        for (let k = 0; k < some && !done && poster.room() >= wanted && !poster.isWorn(); k++)
          done = simulation.run(time, steps, 1);
        // Where players are as fast as decisions there is always room: signals, timers and readers get their turn all the same.
        if (performance.now() - breathed > slice) {
          await breathe();
          breathed = performance.now();
        }
        if (poster.isWorn()) await renew(supervisor, poster);
        else if (!done && poster.room() < wanted) await supervisor.listen(20);
      }
      while (!poster.isDone()) await supervisor.listen(5);
      tellDecisions(words, supervisor.words, layout);
      await supervisor.park();
    },
    // What was decided is done, whatever the hurry: local steps that were given up would leave rows behind the decisions.
    hurry() {},
    virtual: () => virtualNumbers(simulation, timeline),
    isOver: until => timeline.queue.peek() > until || timeline.queue.peek() === Number.POSITIVE_INFINITY,
    mark: history?.check,
  };
}
