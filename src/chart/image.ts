/** What every chart has: the image around it, axes with names, and points that may have no place. */

import { drawable } from './axis.js';
import { element, short } from './markup.js';
import { styleSheet } from './palette.js';
import type { Point } from './series.js';
import { cut } from './text.js';

export interface Axis {
  readonly label: string;
  /** Written behind the label, in brackets. */
  readonly unit?: string;
  readonly log?: boolean;
}

/** An SVG image of that many pixels, in the reader's light or dark theme. */
export function image(title: string, width: number, height: number, ...markup: string[]): string {
  const viewBox = `0 0 ${width} ${short(height)}`;
  return `${element(
    'svg',
    { xmlns: 'http://www.w3.org/2000/svg', class: scope, width, height, viewBox, role: 'img', 'aria-label': title },
    element('style', {}, styleSheet(scope)),
    element('rect', { class: 'ground', width, height }),
    ...markup,
  )}\n`;
}

/** The same without a style of its own, as wide as its place: for pages, whose style sheet has `chartStyle`. */
export function inPage(width: number, height: number, ...markup: string[]): string {
  return element('svg', { class: scope, viewBox: `0 0 ${width} ${short(height)}`, role: 'img' }, ...markup);
}

/** Whether a point has a place between two axes. */
export function placed(x: Axis, y: Axis): (point: Point) => boolean {
  return point => drawable(point.x, x.log === true) && drawable(point.y, y.log === true);
}

export function labelOf({ label, unit }: Axis, room: number): string {
  return cut(unit === undefined ? label : `${label} (${unit})`, room);
}

/** Empty when none is missing. */
export function missingNote(missing: number, all: number): string {
  return missing === 0 ? '' : `${missing} of ${all} points left out: not finite, or not above 0 on a logarithmic axis`;
}

const scope = 'hearsay-plot';

/** The style of all charts in a page. */
export const chartStyle = styleSheet(scope);
