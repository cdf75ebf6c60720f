/** Writes the JSON Schema of a --config file; the build runs it. */

import { writeFileSync } from 'node:fs';
import { configSchema } from './options.js';

writeFileSync(new URL('../schema.json', import.meta.url), `${JSON.stringify(configSchema(), null, 2)}\n`);
