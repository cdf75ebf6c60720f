/** Pages that stand alone: one file, no script, nothing from elsewhere. All text goes through `escaped`, so that none of it is markup. */

import { chartStyle } from '../../chart/image.js';
import { element, escaped } from '../../chart/markup.js';

export interface Page {
  readonly title: string;
  /** What it came to, in one line. */
  readonly outcome: string;
  /** Something went wrong. */
  readonly bad?: boolean;
  /** Lines below it. */
  readonly notes: readonly string[];
  /** Markup. */
  readonly sections: readonly string[];
}

/** A cell: words, or a number to be set to the right, with something smaller below it. */
export type Cell =
  | string
  | {
      readonly text: string;
      readonly more?: string;
      readonly number?: boolean;
      readonly marked?: boolean;
      /** Of many words: with room for some of them on a line. */
      readonly prose?: boolean;
    };

/** Characters of one text; files may hold any number of them. */
const mostText = 5000;

function said(text: string): string {
  return escaped(text.length > mostText ? `${text.slice(0, mostText)}...` : text);
}

export function page({ title, outcome, bad = false, notes, sections }: Page): string {
  const meta = [
    '<meta charset="utf-8">',
    element('meta', { name: 'viewport', content: 'width=device-width, initial-scale=1' }),
    element('meta', { name: 'color-scheme', content: 'light dark' }),
    element('meta', { 'http-equiv': 'Content-Security-Policy', content: "default-src 'none'; style-src 'unsafe-inline'" }),
    element('meta', { name: 'generator', content: 'hearsay' }),
    element('title', {}, said(title)),
    element('style', {}, pageStyle + chartStyle),
  ];
  const header = element(
    'header',
    {},
    element('h1', {}, said(title)),
    element('p', { class: bad ? 'outcome bad' : 'outcome' }, said(outcome)),
    ...notes.map(note => element('p', { class: 'note' }, said(note))),
  );
  const body = [header, element('main', {}, ...sections)].join('\n');
  return `<!doctype html>\n<html lang="en"><head>${meta.join('\n')}</head>\n<body>${body}</body></html>\n`;
}

export function section(title: string, ...markup: string[]): string {
  return `${element('section', {}, element('h2', {}, said(title)), ...markup)}\n`;
}

/** Charts side by side, as many as have room. */
export function charts(figures: readonly string[]): string {
  return element('div', { class: 'charts' }, ...figures.map(one => element('figure', {}, one)));
}

/** A table that scrolls within itself where it is too wide; without a `head`, names and what is to be said of them. `caption` names it. */
export function table(caption: string, head: readonly string[], rows: readonly (readonly Cell[])[]): string {
  const cellOf = (cell: Cell, k: number) => {
    const { text, more = '', number, marked, prose } = typeof cell === 'string' ? plain(cell) : cell;
    const kind = [number && 'number', marked && 'marked', prose && 'prose'].filter(Boolean).join(' ');
    const attributes = { ...(kind && { class: kind }), ...(k === 0 && { scope: 'row' }) };
    return element(k === 0 ? 'th' : 'td', attributes, said(text), more === '' ? '' : element('small', {}, said(more)));
  };
  const isNumber = (cell: Cell | undefined) => typeof cell === 'object' && cell.number === true;
  const titles = head.map((text, k) =>
    element('th', { ...(isNumber(rows[0]?.[k]) && { class: 'number' }), scope: 'col' }, said(text)),
  );
  const whole = element(
    'table',
    head.length > 0 ? {} : { class: 'facts' },
    element('caption', {}, said(caption)),
    ...(head.length > 0 ? [element('thead', {}, element('tr', {}, ...titles))] : []),
    element('tbody', {}, ...rows.map(row => element('tr', {}, ...row.map(cellOf)))),
  );
  // A region that scrolls can be reached by keys.
  return element('div', { class: 'scroll', tabindex: 0, role: 'region', 'aria-label': caption }, whole);
}

function plain(text: string): Exclude<Cell, string> {
  return { text };
}

export function folded(summary: string, ...markup: string[]): string {
  return element('details', {}, element('summary', {}, said(summary)), ...markup);
}

export function paragraph(text: string): string {
  return element('p', {}, said(text));
}

/** A command: all of it, however long; lines end between its words. */
export function code(text: string): string {
  const words = text.split(' ').map(word => element('span', {}, escaped(word)));
  return element('pre', { tabindex: 0 }, element('code', {}, words.join(' ')));
}

/** Numbers in large type: what, how much, and what goes with it. */
export function tiles(list: readonly (readonly [name: string, value: string, more: string])[]): string {
  const tile = ([name, value, more]: (typeof list)[number]) =>
    element(
      'div',
      {},
      element('dt', {}, said(name)),
      element('dd', {}, element('b', {}, said(value)), element('span', {}, said(more))),
    );
  return element('dl', { class: 'tiles' }, ...list.map(tile));
}

const colours = (ground: string, ink: string, faint: string, line: string, raised: string, mark: string, bad: string) =>
  `--ground:${ground};--ink:${ink};--faint:${faint};--line:${line};--raised:${raised};--mark:${mark};--bad:${bad}`;

const pageStyle = [
  `:root{color-scheme:light dark;${colours('#fff', '#1c1e21', '#5b6067', '#e3e5e8', '#f6f7f8', '#fff3c4', '#b3261e')}}`,
  `@media (prefers-color-scheme:dark){:root{${colours('#16181d', '#e8eaed', '#a2a8b0', '#2d3138', '#1e2127', '#4a3f12', '#ff8a80')}}}`,
  "body{margin:0;background:var(--ground);color:var(--ink);font:15px/1.5 system-ui,-apple-system,'Segoe UI',Roboto,'DejaVu Sans',sans-serif}",
  'header,main{max-width:1140px;margin:0 auto;padding:0 16px}',
  'header{padding-top:24px}main{padding-bottom:48px}',
  'h1{font-size:22px;line-height:1.25;margin:0 0 8px}h2{font-size:17px;margin:36px 0 12px}',
  'h1,.outcome,.note,dd,.facts td,pre{overflow-wrap:anywhere}h1,p,td,th,pre{unicode-bidi:isolate}',
  '.outcome{font-size:17px;margin:0 0 8px}.bad{color:var(--bad);font-weight:600}.note{color:var(--faint);margin:2px 0}',
  '.tiles{display:grid;grid-template-columns:repeat(auto-fit,minmax(125px,1fr));gap:12px;margin:20px 0 0}',
  '.tiles div{background:var(--raised);border:1px solid var(--line);border-radius:8px;padding:10px 14px}',
  '.tiles dt{color:var(--faint);font-size:13px}.tiles dd{margin:0}.tiles b{font-size:21px;font-weight:600;display:block}.tiles span{color:var(--faint);font-size:13px}',
  '.charts{display:grid;grid-template-columns:repeat(auto-fill,minmax(min(100%,340px),1fr));gap:20px 24px}',
  'figure{margin:0}figure svg{display:block;width:100%;height:auto}',
  '.scroll{overflow-x:auto;margin:8px 0}table{border-collapse:collapse;font-size:14px}',
  'caption{text-align:left;color:var(--faint);font-size:13px;padding:0 0 4px}',
  'th,td{text-align:left;vertical-align:top;padding:4px 7px;border-bottom:1px solid var(--line);font-variant-numeric:tabular-nums}',
  'thead th{color:var(--faint);font-weight:600;font-size:13px}th{white-space:nowrap}tbody th{font-weight:400}.facts th{color:var(--faint)}',
  '.prose{min-width:14em}small{display:block;color:var(--faint);font-weight:400}',
  '.number{text-align:right;white-space:nowrap}.marked{background:var(--mark);font-weight:600}',
  'pre{background:var(--raised);border:1px solid var(--line);border-radius:8px;padding:12px 14px;white-space:pre-wrap;margin:8px 0;font-size:13px}',
  'th:first-child{padding-left:0}code span{display:inline-block;max-width:100%}',
  'summary{cursor:pointer;padding:6px 0}:focus-visible{outline:2px solid #0072b2;outline-offset:2px}',
  '@media print{.charts{grid-template-columns:1fr 1fr}figure,section{break-inside:avoid-page}}',
].join('\n');
