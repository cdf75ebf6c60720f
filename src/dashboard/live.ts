/** The dashboard of runs that go on: it takes their events, looks at them a few times a second while somebody watches, and hands on verbs. */

import { randomBytes } from 'node:crypto';
import type { RunEvent } from '../engine/observer.js';
import { HearsayError } from '../errors.js';
import type { Graph } from '../topology/graph.js';
import { message } from './audience.js';
import { type Board, openBoard } from './board.js';
import type { Look } from './frame.js';
import { openServer, type Server } from './server.js';

/** What is asked of a run. */
export interface Watched {
  glance(): (Look & { readonly graph: Graph }) | undefined;
  pause(): void;
  resume(): void;
  stop(): void;
}

export interface Dashboard {
  readonly address: string;
  /** A run begins: its events come next. */
  watch(run: Watched): void;
  show(event: RunEvent): void;
  /** The run in hand has ended by an error. */
  failed(error: unknown): void;
  /** The port is free when it resolves. */
  close(): Promise<void>;
}

export interface Place {
  readonly port: number;
  readonly host: string;
  readonly token?: string;
}

/** Milliseconds between two looks, and how many times longer than a look the time to the next one is: a look costs a run one part in a hundred at most. */
const pace = { least: 200, most: 10_000, times: 100 };

/** Throws PORT_IN_USE. */
export async function openDashboard(place: Place): Promise<Dashboard> {
  let board: Board | undefined;
  let run: Watched | undefined;
  let timer: NodeJS.Timeout | undefined;
  const server: Server = await openServer({
    ...place,
    option: '--serve',
    greeting: since => board?.whole(since) ?? message('waiting', {}),
    control(verb) {
      if (!run) return false;
      run[verb]();
      return true;
    },
  });

  function look(): void {
    if (server.readers() === 0) return;
    const seen = run?.glance();
    const frame = seen && board?.frame(seen);
    if (frame) server.renew(frame);
  }

  function lookAgain(): void {
    const start = performance.now();
    look();
    const took = performance.now() - start;
    timer = setTimeout(lookAgain, Math.min(pace.most, Math.max(pace.least, pace.times * took)));
    timer.unref();
  }

  function over(text: string | undefined): void {
    clearTimeout(timer);
    if (run && text) {
      look();
      server.say(text);
    }
    run = undefined;
  }

  return {
    address: server.address,
    watch(next) {
      run = next;
      board = undefined;
    },
    show(event) {
      if (event.event === 'start') {
        const graph = run?.glance()?.graph;
        board = openBoard(randomBytes(4).toString('hex'), event, graph, { live: true });
        server.say(board.whole());
        lookAgain();
      } else if (event.event === 'sample') server.say(board!.sample(event));
      else over(board!.done(event));
    },
    failed(error) {
      const code = error instanceof HearsayError ? error.code : 'INTERNAL';
      over(board?.failed(code, error instanceof Error ? error.message : String(error)));
    },
    async close() {
      clearTimeout(timer);
      await server.close();
    },
  };
}
