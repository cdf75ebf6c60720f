// The whole build: TypeScript to dist/, AssemblyScript kernels to dist/src/models/kernels/*.wasm, JSON Schema to dist/src.
import { spawnSync } from 'node:child_process';
import { cpSync, rmSync } from 'node:fs';

const run = (program, ...words) => {
  const { status } = spawnSync(process.execPath, [program, ...words], { stdio: 'inherit' });
  if (status !== 0) process.exit(status ?? 1);
};

// What was built from files that are gone would go into the package.
rmSync('dist', { recursive: true, force: true });
run('node_modules/typescript/bin/tsc', '-p', 'tsconfig.json');
// The page is as it is: browsers read it without a build.
cpSync('src/dashboard/page', 'dist/src/dashboard/page', { recursive: true });
run('src/models/kernels/simd/build.mjs');
run('dist/src/cli/schema.js');
