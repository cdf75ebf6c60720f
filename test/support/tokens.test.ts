import assert from 'node:assert/strict';
import { test } from 'node:test';
import { importsOf, tokens } from './tokens.js';

const imports = (text: string) => importsOf(tokens(text));

test('every form of import is found', () => {
  const text = `
    import a from './a.js';
    import type { B } from "./b.js";
    import c, { type C as D, E } from './c.js';
    import * as f from './f.js';
    import './g.js';
    export * from './h.js';
    export { i as from } from './i.js';
    export type { J } from './j.js';
    const k = await import('./k.js'), l = await import(path), m = import.meta.url;
    export const from = './n.js';
    export { m };
    export type Q = { x: typeof import('./o.js') };
  `;
  assert.deepEqual(
    imports(text),
    ['a', 'b', 'c', 'f', 'g', 'h', 'i', 'j', 'k'].map(name => `./${name}.js`).concat('?', './o.js'),
  );
});

test('comments, strings, templates and regular expressions do not fool it', () => {
  const text = `
    // import a from './a.js';
    /* import './b.js' */
    const c = "import './c.js'", d = \`import './d.js' \${await import('./e.js') + \`\${{ f: 1 }}\`} import './f.js'\`;
    const g = /import '\\.\\/g[/]'/.test(x) ? a / b : c / import('./h.js');
  `;
  assert.deepEqual(imports(text), ['./e.js', './h.js']);
});
