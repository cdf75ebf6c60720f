/**
 * Everybody parks: evaluation, checkpoint, stop. Generations, not a flag with a counter (spin/quiesce.pml). A worker parks between
 * verbs, holding nothing; parked workers do the supervisor's jobs together and sleep on the word Call in between.
 */

import { Header, type Layout, Thread, threadWord } from './layout.js';
import { ring, type Words } from './words.js';

/** True when this worker should leave its work at the next safe point: a quiesce, or the stop. */
export function called(words: Words): boolean {
  return (words.load(Header.Want) & 1) === 1 || words.load(Header.Stop) === 1;
}

/** True when local steps under way are to be given up. */
export function hurried(words: Words): boolean {
  return words.load(Header.Hurry) === 1;
}

/**
 * True when the total of local steps, over all threads, has reached the point at which the supervisor wants to look. Totals and
 * the point are compared modulo 2^32.
 */
export function reached(words: Words, layout: Layout): boolean {
  let total = 0;
  for (let thread = 0; thread < layout.shape.threads; thread++) {
    total = (total + words.load(threadWord(layout, thread, Thread.Steps))) | 0;
  }
  return ((total - words.load(Header.PauseAt)) | 0) >= 0;
}

/**
 * Worker, at a safe point: parks while the generation is odd, doing each job it is called for. Returns when the supervisor lets go,
 * or says stop. Calls `job(number)` once for every new job number; a job done by a thread that died is done again by its successor.
 */
export function park(words: Words, layout: Layout, thread: number, job: (number: number) => void): void {
  const parked = threadWord(layout, thread, Thread.Parked);
  const done = threadWord(layout, thread, Thread.JobDone);
  for (;;) {
    const call = words.load(Header.Call);
    const want = words.load(Header.Want);
    if ((want & 1) === 0) break;
    if (words.load(parked) !== want) {
      words.store(parked, want);
      words.notify(parked, Number.POSITIVE_INFINITY);
    }
    const number = words.load(Header.Job);
    if (words.load(done) !== number) {
      job(number);
      words.store(done, number);
      words.notify(done, Number.POSITIVE_INFINITY);
    } else words.wait(Header.Call, call, 1000);
  }
  words.store(threadWord(layout, thread, Thread.Paused), 0);
}

/** Worker, paused by itself: sleeps until the supervisor calls. */
export function doze(words: Words, milliseconds: number): void {
  const call = words.load(Header.Call);
  if (!called(words)) words.wait(Header.Call, call, milliseconds);
}

/** Supervisor: asks everybody to park. Returns the generation to wait for in each thread's Parked word. */
export function callToPark(words: Words): number {
  const want = words.load(Header.Want);
  const generation = (want & 1) === 1 ? want : want + 1;
  words.store(Header.Want, generation);
  wake(words);
  return generation;
}

/** Supervisor: a job for the parked; wait for each thread's JobDone to show its number. */
export function post(words: Words): number {
  const number = words.load(Header.Job) + 1;
  words.store(Header.Job, number);
  wake(words);
  return number;
}

/** Supervisor: lets the parked go on. */
export function letGo(words: Words): void {
  words.store(Header.Want, words.load(Header.Want) + 1);
  wake(words);
}

/** Supervisor: the run is to end with what is committed; a piece of a million steps would keep everybody waiting. */
export function callToHurry(words: Words): void {
  words.store(Header.Hurry, 1);
}

/** Supervisor: finish the op in hand and leave. */
export function callToStop(words: Words): void {
  words.store(Header.Stop, 1);
  if ((words.load(Header.Want) & 1) === 1) words.store(Header.Want, words.load(Header.Want) + 1);
  wake(words);
}

function wake(words: Words): void {
  ring(words, Header.Call);
  ring(words, Header.Arrivals);
  ring(words, Header.Progress);
}
