// Compiles the kernels twice from one source: simd.wasm (multiply, then add) and relaxed.wasm (fused multiply-add).
import { mkdirSync, readFileSync } from 'node:fs';
import { dirname, join, relative } from 'node:path';
import { fileURLToPath } from 'node:url';
import asc from 'assemblyscript/asc';
import { planes } from './planes.mjs';
import { ten } from './ten.mjs';
import { tiles } from './tiles.mjs';

const here = dirname(fileURLToPath(import.meta.url));
const root = join(here, '../../../..');
const out = join(root, 'dist/src/models/kernels');
mkdirSync(out, { recursive: true });
const path = file => relative(root, file).replaceAll('\\', '/');

for (const name of ['simd', 'relaxed']) {
  const options = [
    path(join(here, 'module.ts')),
    ...['--baseDir', root, '--outFile', path(join(out, `${name}.wasm`))],
    // the arena is the memory: imported, shared, and nothing of the module's own lies in it
    ...['--runtime', 'stub', '--importMemory', '--sharedMemory', '--initialMemory', '1', '--maximumMemory', '65536'],
    ...['--enable', 'simd', '--enable', 'threads', '--enable', 'bulk-memory'],
    ...(name === 'relaxed' ? ['--enable', 'relaxed-simd'] : []),
    ...['-O3', '--noAssert', '--converge'],
  ];
  // './tiles' is a file that is written here and nowhere else
  const written = path(join(here, 'tiles.ts'));
  const imports = [
    "import { madd } from './fused';",
    "import { after } from './order';",
    "import { addLanes, put } from './part';",
  ];
  const readFile = file => {
    if (file === written) return [...imports, ...tiles(name === 'relaxed'), ...ten(), ...planes()].join('\n');
    try {
      return readFileSync(join(root, file), 'utf8');
    } catch {
      return null; // the compiler asks for a module under several names
    }
  };
  const { error, stderr } = await asc.main(options, { readFile });
  if (error) {
    console.error(stderr.toString());
    process.exit(1);
  }
}
