/** Words on a chart. Nothing measures them before they are shown, so their width is estimated, rather too wide than too narrow. */

import { element, escaped } from './markup.js';

/** Estimated width in pixels of sans-serif `text` at `size` pixels. */
export function textWidth(text: string, size = 13): number {
  let ems = 0;
  for (const character of text) ems += character >= '\u1100' ? 1.05 : 0.6;
  return ems * size;
}

/** `text` when it fits into `room` pixels, else its beginning and three dots. */
export function cut(text: string, room: number, size = 13): string {
  const most = Math.ceil(room / (0.6 * size)) + 1; // no more can have room
  if (text.length <= 2 * most && textWidth(text, size) <= room) return text;
  const characters = Array.from(text.slice(0, 2 * most));
  while (characters.length > 0 && textWidth(`${characters.join('')}...`, size) > room) characters.length--;
  return `${characters.join('').trimEnd()}...`;
}

/** A text element. */
export function words(text: string, attributes: Readonly<Record<string, string | number>>): string {
  return element('text', { fill: 'currentColor', ...attributes }, escaped(text));
}
