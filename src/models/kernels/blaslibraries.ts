/** Where a BLAS may be: files in the places where systems keep them, then names that the system may know a place for. */

import { existsSync, readdirSync } from 'node:fs';
import { join } from 'node:path';

/** Most promising first: OpenBLAS and the vendors' before a plain one, which is slow. */
export function blasLibraries(): string[] {
  const triple = { x64: 'x86_64-linux-gnu', arm64: 'aarch64-linux-gnu' }[process.arch as string] ?? process.arch;
  const folders = [
    ...[
      `/usr/lib/${triple}`,
      `/usr/lib/${triple}/openblas-pthread`,
      '/usr/lib64',
      '/usr/lib',
      '/usr/local/lib',
      '/opt/OpenBLAS/lib',
    ],
    ...['/opt/homebrew/opt/openblas/lib', '/usr/local/opt/openblas/lib', '/opt/intel/oneapi/mkl/latest/lib'],
  ];
  const kinds = [
    /^libopenblas[^/]*\.(so|dylib)/,
    /^libmkl_rt\.(so|dylib)/,
    /^libblis[^/]*\.(so|dylib)/,
    /^lib(c?blas)\.(so|dylib)/,
  ];
  const files = folders.flatMap(folder => list(folder).map(name => join(folder, name)));
  const found = kinds.flatMap(kind => files.filter(path => kind.test(path.slice(path.lastIndexOf('/') + 1))));
  const accelerate = '/System/Library/Frameworks/Accelerate.framework';
  const names = { win32: ['libopenblas.dll', 'mkl_rt.2.dll'], linux: ['libopenblas.so.0', 'libmkl_rt.so.2', 'libcblas.so.3'] };
  return [
    ...(existsSync(accelerate) ? [`${accelerate}/Accelerate`] : []),
    ...found,
    ...(names[process.platform as keyof typeof names] ?? []),
  ];
}

function list(folder: string): string[] {
  try {
    return readdirSync(folder);
  } catch {
    return [];
  }
}
