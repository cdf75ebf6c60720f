// Packs the project, installs the tarball into an empty TypeScript project, compiles a program against its types and trains there.
// Needs a build (npm run build) and the registry. Prints each step; ends by exit status.
import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { cpSync, existsSync, mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

const root = fileURLToPath(new URL('../..', import.meta.url));
const { version, devDependencies } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8'));
const folder = mkdtempSync(join(tmpdir(), 'hearsay-package-'));
const keep = process.argv.includes('--keep');

const run = (where, program, ...words) => {
  console.log(`$ ${program} ${words.join(' ')}`);
  return execFileSync(program, words, { cwd: where, encoding: 'utf8', stdio: ['ignore', 'pipe', 'inherit'], timeout: 240_000 });
};

try {
  // The build is there already; --ignore-scripts keeps pack from doing it again.
  run(root, 'npm', 'pack', '--ignore-scripts', '--pack-destination', folder);
  const tarball = join(folder, `hearsay-${version}.tgz`);
  const bin = name => join(root, 'node_modules', '.bin', name);

  console.log(run(root, bin('publint'), 'run', tarball, '--strict'));
  // JSON has no types, and the package is ESM only on purpose.
  console.log(
    run(root, bin('attw'), tarball, '--profile', 'esm-only', '--exclude-entrypoints', './schema.json', './package.json'),
  );

  const project = join(folder, 'project');
  cpSync(join(root, 'test', 'package', 'project'), project, { recursive: true });
  // What the tutorial says, with the tarball in the place of a checkout; without the optional packages: they are optional only if all
  // works without them.
  const [, said] = /```sh\nnpm install (.*)\n```/.exec(readFileSync(join(root, 'docs', 'tutorial.md'), 'utf8'));
  const named = name => (name === '../hearsay' ? tarball : `${name}@${devDependencies[name]}`);
  const packages = [...said.split(' '), '@types/node'].map(named);
  run(project, 'npm', 'install', '--omit=optional', '--prefer-offline', '--no-audit', '--no-fund', ...packages);
  // Our own compiler: the program of TypeScript 7 is an optional package itself.
  run(project, process.execPath, join(root, 'node_modules', 'typescript', 'bin', 'tsc'), '-p', '.');
  console.log(run(project, process.execPath, 'dist/main.js'));
  assert.ok(existsSync(join(project, 'model.safetensors')), 'the program saved its model');

  const hearsay = join(project, 'node_modules', '.bin', 'hearsay');
  assert.equal(run(project, hearsay, '--version').trim(), version);
  const events = run(project, hearsay, 'train', '--seconds', '0.5', '--model', 'softmax', '--nodes', '4', '--json')
    .trimEnd()
    .split('\n');
  assert.deepEqual([JSON.parse(events[0]).event, JSON.parse(events.at(-1)).event], ['start', 'done']);
  const shipped = readdirSync(join(project, 'node_modules', 'hearsay'), { recursive: true });
  assert.deepEqual(
    shipped.filter(name => /(^|\/)(test|bench|examples|spin)(\/|$)|\.(tsbuildinfo|map)$/.test(name)),
    [],
    'only the product is shipped',
  );
  const readme = readFileSync(join(project, 'node_modules', 'hearsay', 'README.md'), 'utf8');
  const linked = [...readme.matchAll(/\]\((?!https?:)([^)#]+)/g)].map(([, path]) => path);
  assert.deepEqual(
    linked.filter(path => !shipped.includes(path)),
    [],
    'the links of the README lead somewhere',
  );
  console.log(`the package works: ${shipped.length} files`);
} finally {
  if (keep) console.log(`kept: ${folder}`);
  else rmSync(folder, { recursive: true, force: true });
}
