/** Gradients of every compared model beside PyTorch's, computed there in 64 bits from the same weights on the same batch. */

import { mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { available } from '../src/models/kernels/choose.js';
import { type Compared, compared } from './compared.js';
import type { Row } from './measure.js';
import { runPeer } from './peers/run.js';
import { tolerance, writeSample } from './samples.js';

export interface Agreement {
  readonly model: string;
  readonly set: string;
  /** Of the losses, relative. */
  readonly loss: number;
  /** The largest over all tensors: of an element, as a part of the largest element of its tensor. */
  readonly gradient: number;
  /** Where that was, by PyTorch's name. */
  readonly tensor: string;
  readonly tensors: number;
}

/** How far ours is from PyTorch, or why that can't be said. */
export async function agreements(models: readonly Compared[], sets: readonly string[]): Promise<Agreement[] | string> {
  const folder = mkdtempSync(join(tmpdir(), 'hearsay-'));
  try {
    const found: Agreement[] = [];
    for (const set of sets) {
      const place = join(folder, set);
      mkdirSync(place);
      for (const one of models) writeSample(place, one, set, 8);
      const peer = await runPeer('torch_gradients.py', [place], { limit: 120 });
      if (!peer.lines) return peer.reason;
      if (peer.lines.length !== models.length) return `torch_gradients.py: ${peer.lines.length} lines for ${models.length} files`;
      for (const line of peer.lines) {
        const [ours, theirs] = [Number(line.ours), Number(line.loss)];
        found.push({
          model: String(line.model),
          set,
          loss: Math.abs(ours - theirs) / Math.abs(theirs),
          gradient: Number(line.difference),
          tensor: String(line.worst),
          tensors: Number(line.tensors),
        });
      }
    }
    return found;
  } finally {
    rmSync(folder, { recursive: true });
  }
}

export async function gradients(): Promise<Row[]> {
  const found = await agreements(compared, available());
  if (typeof found === 'string') return [{ name: `PyTorch's gradients are not compared: ${found}`, value: 0, unit: '' }];
  return found.map(rowOf);
}

export function rowOf({ model, set, gradient, tensor, tensors }: Agreement): Row {
  return {
    name: `${model}, ${set}: of ${tensors} tensors ${tensor}`,
    value: gradient,
    unit: '',
    ratio: gradient / tolerance,
    of: 'of what is allowed',
    isWrong: !(gradient <= tolerance), // NaN too
  };
}
