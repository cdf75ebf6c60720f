/** Copies of the compiled engine with one bug each, made by exact replacements of its text. */

import assert from 'node:assert/strict';
import { cpSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { type Engine, openEngine } from './stage.js';

/** In `file`.js of the engine, `from` (found exactly once) becomes `to`. Leading spaces of lines do not count. */
export type Patch = readonly [file: string, from: string, to: string];

const engineFolder = fileURLToPath(new URL('../../src/engine/', import.meta.url));

/** Opens a copy of the engine with the patches applied. `close` removes it. */
export async function openMutant(name: string, patches: readonly Patch[]): Promise<{ engine: Engine; close: () => void }> {
  // Beside the engine's own folder, so that its imports of ../errors.js and the like still hold.
  const folder = fileURLToPath(new URL(`../../src/mutant-${process.pid}-${name}/`, import.meta.url));
  mkdirSync(folder, { recursive: true });
  cpSync(engineFolder, folder, { recursive: true, filter: path => !path.endsWith('.d.ts') && !path.endsWith('.map') });
  const close = () => rmSync(folder, { recursive: true, force: true });
  try {
    for (const [file, from, to] of patches) {
      const path = `${folder}${file}.js`;
      const text = unindented(readFileSync(path, 'utf8'));
      const parts = text.split(unindented(from));
      assert.equal(parts.length, 2, `mutant ${name}: ${file}.js holds ${parts.length - 1} times: ${from}`);
      writeFileSync(path, parts.join(to));
    }
    return { engine: await openEngine(pathToFileURL(folder)), close };
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
