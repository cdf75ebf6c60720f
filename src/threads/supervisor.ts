/**
 * The supervisor: a pool of threads that serve their seats, brought back when they die, parked and let go by generations. It runs on
 * the main thread and never blocks it.
 */

import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import type { Worker } from 'node:worker_threads';
import { Piscina } from 'piscina';
import type { Arena } from '../engine/arena.js';
import { Control, controlWord, Header, intentWord, Thread, threadWord } from '../engine/layout.js';
import type { Death } from '../engine/observer.js';
import type { Poster } from '../engine/poster.js';
import { callToHurry, callToPark, callToStop, letGo, post, reached } from '../engine/quiesce.js';
import { recover } from '../engine/recovery.js';
import { ring, sharedWords, type Words } from '../engine/words.js';
import { HearsayError } from '../errors.js';
import { divergence, modelFailure } from './failures.js';
import type { Order, Outcome } from './worker.js';

/** Spontaneous deaths that are put up with in a minute. */
const deathBudget = 5;

export interface Supervisor {
  readonly words: Words;
  /** Threads that died and were replaced. */
  readonly deaths: () => number;
  /** Nodes that are no longer served, because their work killed three threads in a row. */
  readonly quarantined: () => readonly number[];
  /** What ended the run from inside, if anything has. */
  readonly failure: () => HearsayError | undefined;
  /** Ends the run with this error, which whoever waits then throws. */
  fail(error: HearsayError): void;
  /** All threads take their seats. */
  start(): void;
  /** Resolves when everybody is parked. Throws the failure of the run. */
  park(): Promise<void>;
  /** A job for the parked; resolves when all have done their part. */
  job(kind: number, models?: number, chunks?: number): Promise<void>;
  /** The parked go on, until the total of steps reaches `pauseAt` (modulo 2^32). */
  resume(pauseAt: number): void;
  /** Sleeps until somebody rings (true): a thread, `hurry`, or a failure, which is thrown; or until `milliseconds` have passed. */
  listen(milliseconds: number): Promise<boolean>;
  /** True when the total of steps has come to where threads pause. */
  hasReached(): boolean;
  /** The run is to end: wakes `listen`, and local steps under way are given up, so that `park` need not wait for a long piece. */
  hurry(): void;
  /** Everybody finishes the op in hand and leaves; the pool is gone when this resolves. With `now`, threads are terminated first. */
  stop(now?: boolean): Promise<void>;
  /** Terminates the thread in slot `thread`, or all, at whatever instruction they are; successors sit down. Resolves when they are dead. */
  terminate(thread?: number): Promise<void>;
}

/** What is known of a death when its recovery is done. */
export type Burial = Omit<Death, 'event' | 'seconds'>;

/** Who puts together the threads of a run: `supervise`, or a test that steps them itself. */
export type Supervise = (arena: Arena, order: (thread: number) => Order, buried?: (burial: Burial) => void) => Supervisor;

/** `buried` is told of each death, when what the thread left is recovered and no successor sits down yet. */
export function supervise(
  arena: Arena,
  order: (thread: number) => Order,
  buried: (burial: Burial) => void = () => {},
): Supervisor {
  const { layout, memory } = arena;
  const { threads } = layout.shape;
  const words = sharedWords(memory.buffer);
  const ints = new Int32Array(memory.buffer);
  const exits = new Map<number, Promise<void>>();
  const asked = new Set<number>();
  const spontaneous: number[] = [];
  // A run that goes on may have some already.
  const quarantined = Array.from({ length: layout.shape.nodes }, (_, node) => node).filter(
    node =>
      words.load(controlWord(layout, node, Control.Alive)) === 0 && words.load(controlWord(layout, node, Control.Deaths)) >= 3,
  );
  const tasks: Promise<void>[] = [];
  /** Opened by `start`: a run that fails before has nothing to close. */
  let pool: Piscina<Order, Outcome>;
  let alive: NodeJS.Timeout | undefined;
  let deaths = 0;
  let failure: HearsayError | undefined;
  let stopping = false;
  let bell = words.load(Header.Bell);

  function open(): void {
    pool = new Piscina({
      filename: fileURLToPath(new URL('./enter.cjs', import.meta.url)),
      name: 'serve',
      minThreads: threads,
      maxThreads: threads,
      atomics: 'disabled',
      concurrentTasksPerWorker: 1,
    });
    // A worker died without a task. When it could not even start, piscina starts no other, and a task would wait for ever.
    pool.on('error', error => {
      if (pool.threads.length < threads && !stopping) fail(lost("a thread can't be started", error));
    });
    // Neither a pending waitAsync nor a piscina worker keeps the process alive.
    alive = setInterval(() => {}, 2 ** 30);
  }

  /** Notes the exit of every worker of the pool: recovery waits for the exit itself. */
  function watch(): void {
    for (const worker of pool.threads as Worker[]) {
      if (worker.threadId < 0 || exits.has(worker.threadId)) continue;
      exits.set(worker.threadId, new Promise(resolve => worker.once('exit', () => resolve())));
    }
  }

  async function man(thread: number): Promise<void> {
    for (;;) {
      watch();
      ints[threadWord(layout, thread, Thread.Id)] = 0;
      ints[threadWord(layout, thread, Thread.Node)] = -1; // what dies before it has a seat, dies of no node
      let outcome: Outcome;
      try {
        outcome = await pool.run(order(thread));
      } catch (error) {
        watch();
        const id = words.load(threadWord(layout, thread, Thread.Id));
        if (id > 0) await exits.get(id);
        exits.delete(id);
        const wasAsked = asked.delete(thread);
        bury(thread, wasAsked, error);
        // Piscina starts no more workers after one that died before it was ready.
        if (pool.threads.length < threads && !stopping) fail(lost(`thread ${thread} can't be started again`, error));
        if (failure || stopping) return;
        continue;
      }
      if (outcome.kind === 'diverged') fail(divergence(outcome, order(0).assignment.experiment));
      if (outcome.kind === 'failed') fail(modelFailure(order(0).assignment.experiment, outcome));
      return;
    }
  }

  function bury(thread: number, wasAsked: boolean, error: unknown): void {
    const { node: found, incarnation, freed, finished } = recover(words, layout, thread);
    const node = found >= 0 && found < layout.shape.nodes ? found : null;
    deaths++;
    if (stopping) return; // the run is over, and who is left is sent away
    // What players do was decided: nobody can be left out.
    const leftOut = !wasAsked && node !== null && !layout.shape.ops && accuse(node);
    const reason = wasAsked ? 'terminated' : reasonOf(error);
    buried({
      thread,
      incarnation: incarnation - 1,
      node,
      asked: wasAsked,
      reason,
      freed,
      completed: finished,
      quarantined: leftOut,
    });
    if (wasAsked) return;
    if (leftOut && nobodyIsLeft()) fail(lost('every node has killed its thread three times in a row; the last time', error));
    const now = performance.now();
    spontaneous.push(now);
    while (spontaneous[0] < now - 60_000) spontaneous.shift();
    if (spontaneous.length > deathBudget) {
      const count = `${spontaneous.length} deaths within a minute, allowed are ${deathBudget}`;
      fail(lost(`${count}; the last in thread ${thread}${node === null ? '' : ` at node ${node}`}`, error));
    }
  }

  /** A piece of work that kills three threads in a row, with no commit in between, is not tried again: then its node is left out, and it says so. */
  function accuse(node: number): boolean {
    const word = (name: number) => controlWord(layout, node, name);
    const piece = words.load(word(Control.Committed)) + 1;
    const again = words.load(word(Control.DeathPiece)) === piece;
    const deaths = again ? words.load(word(Control.Deaths)) + 1 : 1;
    words.store(word(Control.DeathPiece), piece);
    words.store(word(Control.Deaths), deaths);
    if (deaths < 3) return false;
    words.store(word(Control.Alive), 0);
    quarantined.push(node);
    return true;
  }

  function nobodyIsLeft(): boolean {
    for (let node = 0; node < layout.shape.nodes; node++) {
      if (words.load(controlWord(layout, node, Control.Alive)) === 1) return false;
    }
    return true;
  }

  function lost(what: string, cause: unknown): HearsayError {
    return new HearsayError('WORKER_LOST', `threads: ${what}: ${reasonOf(cause)}`, { cause });
  }

  function reasonOf(cause: unknown): string {
    return cause instanceof Error ? cause.message : String(cause);
  }

  function fail(error: HearsayError): void {
    failure ??= error;
    callToStop(words);
    nudge();
  }

  function nudge(): void {
    ring(words, Header.Bell);
  }

  /** Resolves when a thread's word shows `value`. A thread that dies meanwhile has a successor that will write it. */
  async function shows(thread: number, word: number, value: number): Promise<void> {
    const index = threadWord(layout, thread, word);
    for (;;) {
      if (failure) throw failure;
      const found = words.load(index);
      if (found === value) return;
      const { async: pending, value: woken } = Atomics.waitAsync(ints, index, found, 50);
      if (pending) await woken;
    }
  }

  async function allShow(word: number, value: number): Promise<void> {
    for (let thread = 0; thread < threads; thread++) await shows(thread, word, value);
  }

  /** Terminates the worker that mans a slot, as soon as one does. */
  async function end(thread: number): Promise<void> {
    let id = 0;
    while (id === 0 && !stopping) {
      id = words.load(threadWord(layout, thread, Thread.Id));
      if (id === 0) await sleep(1); // the slot is being manned
    }
    const worker = alive && (pool.threads as Worker[]).find(({ threadId }) => threadId === id);
    if (!worker) return;
    asked.add(thread);
    await worker.terminate();
  }

  return {
    words,
    deaths: () => deaths,
    quarantined: () => quarantined,
    failure: () => failure,
    fail,
    start() {
      open();
      for (let thread = 0; thread < threads; thread++) tasks.push(man(thread));
    },
    park: () => allShow(Thread.Parked, callToPark(words)),
    job(kind, models = 0, chunks = 0) {
      ints[Header.JobKind] = kind;
      ints[Header.JobModels] = models;
      ints[Header.JobChunks] = chunks;
      return allShow(Thread.JobDone, post(words));
    },
    resume(pauseAt) {
      bell = words.load(Header.Bell);
      words.store(Header.PauseAt, pauseAt | 0);
      letGo(words);
    },
    async listen(milliseconds) {
      if (failure) throw failure;
      const rung = () => {
        const before = bell;
        bell = words.load(Header.Bell);
        return bell !== before;
      };
      if (rung()) return true;
      const { async: pending, value } = Atomics.waitAsync(ints, Header.Bell, bell, milliseconds);
      if (pending) await value;
      if (failure) throw failure;
      return rung();
    },
    hasReached: () => reached(words, layout),
    hurry() {
      callToHurry(words);
      nudge();
    },
    async stop(now = false) {
      stopping = true;
      callToStop(words);
      if (alive === undefined) return;
      if (now) await pool.destroy();
      await Promise.all(tasks);
      await pool.destroy();
      clearInterval(alive);
    },
    async terminate(thread) {
      if (thread !== undefined) return end(thread);
      await Promise.all(Array.from({ length: threads }, (_, slot) => end(slot)));
    },
  };
}

/** Lets a poster count its ops from 0 again: what was posted is done, and nobody looks. */
export async function renew(supervisor: Supervisor, poster: Poster): Promise<void> {
  while (!poster.isDone()) await supervisor.listen(5);
  await supervisor.park();
  poster.rewind();
  supervisor.resume(0);
}

/** True when no row is locked and no intent is open: how a run must leave its memory, whatever died in it. */
export function isClean({ layout, memory }: Arena): boolean {
  const words = sharedWords(memory.buffer);
  for (let thread = 0; thread <= layout.shape.threads; thread++) {
    if (words.load(intentWord(layout, thread)) !== 0) return false;
  }
  for (let row = 0; row < layout.rows; row++) {
    if (words.load(controlWord(layout, row, Control.Lock)) !== 0) return false;
  }
  return true;
}
