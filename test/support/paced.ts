/** SwarmSGD that writes each of its pieces of work into a file of its thread: node, partner, seconds of snapshot and of commit. */

import { appendFileSync } from 'node:fs';
import { join } from 'node:path';
import { threadId } from 'node:worker_threads';
import type { AlgorithmFactory } from '../../src/engine/algorithm.js';

export interface Piece {
  readonly node: number;
  readonly partner: number;
  readonly begun: number;
  readonly finished: number;
}

const paced: AlgorithmFactory = ({ folder }) => {
  const file = join(folder, String(threadId));
  const begun = new Map<number, number>();
  return {
    name: 'paced',
    begin(node, rows, world) {
      begun.set(node, world.time());
      rows.descend(node, { steps: 1 });
    },
    finish(node, rows, world) {
      const partner = rows.mixAndCommit(node, world.peer(node));
      const piece: Piece = { node, partner, begun: begun.get(node)!, finished: world.time() };
      appendFileSync(file, `${JSON.stringify(piece)}\n`);
      return true;
    },
  };
};

export default paced;
