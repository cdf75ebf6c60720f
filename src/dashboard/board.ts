/**
 * What the page is told of a run: everything at once when it comes, and what is new from then on. A page that was away says what it had
 * last, and is told what came after.
 */

import type { Done, Sample, Start } from '../engine/observer.js';
import type { Graph } from '../topology/graph.js';
import { message } from './audience.js';
import { base64, type Frame, type Look, openFrames } from './frame.js';
import { columns, openRows, rowOf } from './rows.js';
import { type View, viewOf } from './view.js';

export interface Board {
  /** Messages for a reader that comes; `since` is the id of the last event that it had. */
  whole(since?: string): string;
  sample(sample: Sample): string;
  done(done: Done): string;
  failed(code: string, text: string): string;
  /** The run as it stands now; undefined when nothing has moved. */
  frame(look: Look): string | undefined;
}

/** How a run is shown that is no more, or that goes on. */
export interface Kind {
  /** The run goes on, and listens. */
  readonly live: boolean;
  /** Why there is no picture of the nodes. */
  readonly note?: string;
}

/** `name` tells this board from another one that the same server showed. */
export function openBoard(name: string, start: Start, graph: Graph | undefined, kind: Kind): Board {
  const rows = openRows();
  const view = graph && viewOf(graph);
  const frames = view && openFrames(view);
  let end: readonly [event: string, data: unknown] | undefined;
  let last: Frame | undefined;
  let lastFrame = '';
  const id = () => `${name}-${rows.last}`;

  return {
    whole(since) {
      const known = numberOf(since, name);
      const tail = lastFrame + (end ? message(...end) : '');
      if (known !== undefined && known <= rows.last) return message('more', { rows: rows.after(known) }, id()) + tail;
      const { live, note = null } = kind;
      const nodes = graph ? Math.max(graph.nodes, 0) : start.graph.nodes;
      const told = { ...{ live, note, start, columns, nodes }, rows: rows.after(-1), view: view ? viewData(view) : null };
      return message('run', told, id()) + tail;
    },
    sample(sample) {
      const row = rowOf(sample);
      rows.add(row);
      return message('more', { rows: [row] }, id());
    },
    done(done) {
      end = ['done', { ...done, planeHashes: undefined, perNode: done.perNode }];
      return message(...end);
    },
    failed(code, text) {
      end = ['failed', { code, text }];
      return message(...end);
    },
    frame(look) {
      if (last && look.state === last.state && look.steps === last.steps && look.exchanges === last.exchanges) return undefined;
      last = frames?.(look);
      return last && (lastFrame = message('frame', last));
    },
  };
}

function viewData({ name, nodes, directed, shown, edges, hidden }: View): object {
  const all = shown.length === nodes;
  return {
    ...{ name, nodes, directed, hidden },
    shown: shown.length,
    numbers: all ? null : base64(new Uint8Array(shown.buffer)),
    edges: base64(new Uint8Array(edges.buffer)),
  };
}

/** The number of the last row that a reader of this board has had. */
function numberOf(since: string | undefined, name: string): number | undefined {
  const [, board, number] = /^(\w{1,32})-(-?\d{1,15})$/.exec(since ?? '') ?? [];
  return board === name ? Number(number) : undefined;
}
