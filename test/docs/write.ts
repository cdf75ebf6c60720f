/** `npm run docs`: writes what the documents take from the program. The reference of the API is written by typedoc, in reference/. */

import { readFileSync, writeFileSync } from 'node:fs';
import { parts, withPart } from './generated.js';

for (const part of parts()) {
  const before = readFileSync(part.page, 'utf8');
  const after = withPart(before, part);
  if (after !== before) console.log(part.page);
  writeFileSync(part.page, after);
}
