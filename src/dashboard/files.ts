/** The files of the page: a list, so that no path of a request ever becomes a path of the disk. */

import { readFileSync } from 'node:fs';

const types: Readonly<Record<string, string>> = {
  html: 'text/html; charset=utf-8',
  css: 'text/css; charset=utf-8',
  js: 'text/javascript; charset=utf-8',
  svg: 'image/svg+xml',
};

/** Names in the folder `page`. */
export const pageFiles = [
  'index.html',
  'style.css',
  'icon.svg',
  'main.js',
  'stream.js',
  'figures.js',
  'chart.js',
  'bars.js',
  'colours.js',
  'layout.js',
  'network.js',
  'cells.js',
  'tables.js',
  'control.js',
  'history.js',
] as const;

export interface PageFile {
  readonly type: string;
  readonly bytes: Buffer;
}

/** By the path of a request. All are read now: under 200 kB. */
export function readPage(): ReadonlyMap<string, PageFile> {
  const files = new Map(
    pageFiles.map(name => {
      const bytes = readFileSync(new URL(`./page/${name}`, import.meta.url));
      return [`/${name}`, { type: types[name.slice(name.lastIndexOf('.') + 1)], bytes }];
    }),
  );
  files.set('/', files.get('/index.html')!);
  return files;
}
