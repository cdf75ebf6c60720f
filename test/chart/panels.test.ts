import assert from 'node:assert/strict';
import { test } from 'node:test';
import { type Panel, panels } from '../../src/chart/panels.js';
import type { Series } from '../../src/chart/series.js';

const series = (name: string, ...ys: number[]): Series => ({ name, points: ys.map((y, k) => ({ x: k, y })) });
const panel = (title: string, ...all: Series[]): Panel => ({
  title,
  x: { label: 'x' },
  y: { label: 'y', log: true },
  series: all,
});
const [a, b] = [series('first', 1, 2, 3), series('second', 4, 5, 6)];

test('panels stand side by side and below each other, with one legend', () => {
  const svg = panels({ title: 'T', note: 'N', rows: [[panel('one', a, b), panel('two', a, b)], [panel('three', a, b)]] });
  for (const text of ['T', 'N', 'one', 'two', 'three', 'first', 'second'])
    assert.equal(svg.split(`>${text}</text>`).length, 2, text);
  const places = [...svg.matchAll(/translate\((\d+),(\d+)\)"><text [^>]*y="18"/g)].map(([, x, y]) => [+x, +y]);
  assert.equal(places.length, 3);
  assert.ok(places[1][0] > places[0][0] && places[1][1] === places[0][1]);
  assert.ok(places[2][0] === places[0][0] && places[2][1] > places[0][1]);
});

test('a point without a place is counted, and a panel without any says so', () => {
  const zero = series('first', 0, 0);
  const svg = panels({ title: 'T', rows: [[panel('one', series('first', 1, 0, 2)), panel('two', zero)]] });
  assert.match(svg, />nothing to show</);
  assert.match(svg, />3 of 5 points left out: /);
  assert.doesNotMatch(svg, /NaN|Infinity/);
  assert.match(panels({ title: 'T', rows: [] }), /^<svg /);
});

test('the runs behind a mean are thin lines, and have room', () => {
  const runs = [
    [
      { x: 0, y: 1 },
      { x: 1, y: 1000 },
    ],
  ];
  const svg = panels({ title: 'T', rows: [[panel('one', { ...a, runs })]] });
  assert.equal(svg.split('opacity="0.4"').length, 2);
  assert.match(svg, />1,000</);
});
