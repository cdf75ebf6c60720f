/**
 * Colours that stay apart for colour-blind eyes (Okabe and Ito 2008; Wong, Nature Methods 8, 2011), for light and dark grounds. A
 * series is told by its mark as well, so that a chart can be read without any colour.
 */

const light = ['#0072b2', '#d55e00', '#009e73', '#cc79a7', '#e69f00', '#56b4e9', '#333333'];
const dark = ['#56b4e9', '#e69f00', '#009e73', '#cc79a7', '#f0e442', '#d55e00', '#eeeeee'];

/** Colours until they repeat. */
export const colours = light.length;

/**
 * The style of a chart: ground, ink, lines, and the colours as classes c0, c1, ... For both themes, and under one class, so that it
 * may stand within a page.
 */
export function styleSheet(scope: string): string {
  const theme = (ground: string, ink: string, faint: string, grid: string, list: readonly string[]) =>
    [
      ['ground', `fill:${ground}`],
      ['ink', `color:${ink}`],
      ['faint', `color:${faint}`],
      ['grid', `color:${grid}`],
      ...list.map((colour, k) => [`c${k}`, `color:${colour}`]),
    ]
      .map(([name, rule]) => `.${scope} .${name}{${rule}}`)
      .join('');
  return [
    `.${scope}{max-width:100%;height:auto;font:13px system-ui,-apple-system,'Segoe UI',Roboto,'DejaVu Sans',sans-serif}`,
    theme('#ffffff', '#1c1e21', '#5b6067', '#e3e5e8', light),
    `@media (prefers-color-scheme:dark){${theme('#16181d', '#e8eaed', '#a2a8b0', '#2d3138', dark)}}`,
  ].join('');
}
