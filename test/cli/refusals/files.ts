/** Files and folders that no command can begin with, written into the working folder; and a few that are as they should be. */

import { mkdirSync, symlinkSync } from 'node:fs';
import { arrays, idxFolders, others, parquets, table, tables } from './datafiles.js';
import { graphs, modules, savedModels, tensors } from './modelfiles.js';
import { runs } from './runfiles.js';
import { folder, pipe, sparse, write } from './write.js';

export async function writeFiles(): Promise<void> {
  write('good.csv', table);
  mkdirSync('a-folder');
  sparse('long-file.csv', 3 * 2 ** 30);
  sparse('long-file.json', 2 ** 26 + 1);
  mkdirSync('a-folder.json');
  for (const name of ['pipe', 'pipe.json', 'pipe.npy']) pipe(name);
  symlinkSync('nowhere.csv', 'link.csv');
  folder('locked', { 'run.lock': `${process.pid} \n` });
  for (const end of ['csv', 'svm', 'npy', 'npz', 'parquet', 'bin', 'txt', 'csv.gz']) write(`empty.${end}`);
  idxFolders();
  arrays();
  tables();
  await parquets();
  others();
  graphs();
  modules();
  savedModels();
  tensors();
  await runs();
}
