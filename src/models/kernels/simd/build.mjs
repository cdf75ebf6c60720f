// Compiles the kernels twice from one source: simd.wasm (multiply, then add) and relaxed.wasm (fused multiply-add).
import { mkdirSync } from 'node:fs';
import { dirname, join, relative } from 'node:path';
import { fileURLToPath } from 'node:url';
import asc from 'assemblyscript/asc';

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
  const { error, stderr } = await asc.main(options);
  if (error) {
    console.error(stderr.toString());
    process.exit(1);
  }
}
