/** `npm run docs:outputs [PAGE...]`: types every command of the pages again, and writes down what is printed now where its form is the same. */

import { readFileSync, writeFileSync } from 'node:fs';
import { follow } from './follow.js';
import { typedPages } from './pages.js';

const given = process.argv.slice(2);
for (const page of given.length > 0 ? given : typedPages()) {
  const { steps, text } = await follow(readFileSync(page, 'utf8'));
  writeFileSync(page, text);
  const seconds = steps.reduce((sum, step) => sum + step.seconds, 0);
  console.log(`${page}: ${steps.length} commands in ${seconds.toFixed(1)} s`);
  for (const { name, fault, seconds } of steps) {
    console.log(`  ${seconds.toFixed(1)} s  ${name}`);
    if (fault !== '') console.log(fault.slice(0, 4000).replace(/^/gm, '    '));
  }
}
