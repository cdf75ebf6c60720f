/** Copies of the compiled program, or of its engine, with one bug each, made by exact replacements of its text. */

import assert from 'node:assert/strict';
import { cpSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { type Engine, openEngine } from './stage.js';

/** In `file`.js of what is copied, `from` (found exactly once) becomes `to`. Leading spaces of lines do not count. */
export type Patch = readonly [file: string, from: string, to: string];

const source = new URL('../../src/', import.meta.url);

/** Opens a copy of the engine with the patches applied. `close` removes it. */
export async function openMutant(name: string, patches: readonly Patch[]): Promise<{ engine: Engine; close: () => void }> {
  // Beside the engine's own folder, so that its imports of ../errors.js and the like still hold.
  const { folder, close } = copy(new URL('engine/', source), new URL(`mutant-${process.pid}-${name}/`, source), name, patches);
  try {
    return { engine: await openEngine(folder), close };
  } catch (error) {
    close();
    throw error;
  }
}

/** A copy of the whole program, its threads included, with the patches applied; `file` of a patch names the folder too. */
export function copyProgram(name: string, patches: readonly Patch[]): { folder: URL; close: () => void } {
  return copy(source, new URL(`../src-${process.pid}-${name}/`, source), name, patches);
}

function copy(from: URL, to: URL, name: string, patches: readonly Patch[]): { folder: URL; close: () => void } {
  const close = () => rmSync(to, { recursive: true, force: true });
  cpSync(from, to, { recursive: true, filter: path => !path.endsWith('.d.ts') && !path.endsWith('.map') });
  try {
    for (const [file, found, replacement] of patches) {
      const path = new URL(`${file}.js`, to);
      const parts = unindented(readFileSync(path, 'utf8')).split(unindented(found));
      assert.equal(parts.length, 2, `mutant ${name}: ${file}.js holds ${parts.length - 1} times: ${found}`);
      writeFileSync(path, parts.join(replacement));
    }
    return { folder: to, close };
  } catch (error) {
    close();
    throw error;
  }
}

function unindented(text: string): string {
  return text
    .split('\n')
    .map(line => line.trimStart())
    .join('\n');
}
