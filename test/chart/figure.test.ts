import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { barFigure, figure } from '../../src/chart/figure.js';
import type { Series } from '../../src/chart/series.js';
import { thinned } from '../../src/chart/thin.js';
import { cases } from '../support/cases.js';

const series = (name: string, ...ys: number[]): Series => ({ name, points: ys.map((y, k) => ({ x: k, y })) });

test('a figure names and describes itself, brings no style, and has a legend only for several lines', () => {
  const panel = { title: 'Loss & <more>', x: { label: 'x' }, y: { label: 'y', log: true } };
  const one = figure({ ...panel, series: [series('first', 1, 0.5)] }, 'falls from 1 to "0.5"');
  assert.match(
    one,
    /^<svg [^>]*role="img"><title>Loss &#38; &#60;more&#62;<\/title><desc>falls from 1 to &#34;0\.5&#34;<\/desc>/,
  );
  assert.doesNotMatch(one, /<style|width="\d+" height|first/);
  const two = figure({ ...panel, series: [series('first', 1, 0.5), series('second', 0, 2)] }, '');
  assert.match(two, />first<\/text>.*>second<\/text>/);
  assert.match(two, />1 of 4 points left out/);
  const height = (svg: string) => Number(/viewBox="0 0 350 ([\d.]+)"/.exec(svg)![1]);
  assert.ok(height(two) > height(one));
});

test('bars are as long as their parts, one behind the other', () => {
  const svg = barFigure(
    {
      title: 'T',
      label: 'time',
      unit: 's',
      parts: ['a', 'b'],
      bars: [
        { name: 'thread 0', values: [3, 1] },
        { name: 'thread 1', values: [2, 0] },
      ],
    },
    'words',
  );
  const rects = [...svg.matchAll(/class="c(\d)" fill="currentColor" x="([\d.]+)" y="\d+" width="([\d.]+)"/g)].map(
    ([, part, x, width]) => ({ part, x: Number(x), width: Number(width) }),
  );
  assert.deepEqual(
    rects.map(({ part }) => part),
    ['0', '1', '0', '1'],
  );
  assert.ok(Math.abs(rects[0].x + rects[0].width - rects[1].x) < 0.02);
  assert.ok(Math.abs(rects[0].width / rects[1].width - 3) < 0.01);
  assert.ok(Math.abs(rects[2].width / rects[1].width - 2) < 0.01);
  assert.equal(rects[3].width, 0);
  const none = barFigure({ title: 'T', label: 'time', parts: ['a'], bars: [{ name: 'x', values: [0] }] }, '');
  assert.doesNotMatch(none, /NaN|Infinity/);
});

test('a thinned line has its first, its last, its highest and its lowest point, all in order', () => {
  const value = fc.oneof(fc.double({ min: -1e9, max: 1e9, noNaN: true }), fc.integer({ min: 0, max: 3 }));
  fc.assert(
    fc.property(fc.array(value, { minLength: 1, maxLength: 300 }), fc.integer({ min: 4, max: 120 }), (values, most) => {
      const points = values.map((y, x) => ({ x, y }));
      const few = thinned(points, most);
      assert.ok(few.length <= Math.max(most, 1));
      if (points.length <= most) assert.equal(few, points);
      assert.equal(few[0], points[0]);
      assert.equal(few.at(-1), points.at(-1));
      assert.ok(few.every((point, k) => points[point.x] === point && (k === 0 || few[k - 1].x < point.x)));
      const heights = few.map(({ y }) => y);
      assert.equal(Math.min(...heights), Math.min(...values));
      assert.equal(Math.max(...heights), Math.max(...values));
    }),
    cases(500),
  );
});

test('a gap stays in a thinned line', () => {
  const points = Array.from({ length: 1000 }, (_, x) => ({ x, y: x === 517 ? Number.NaN : Math.sin(x) }));
  assert.equal(thinned(points, 100).filter(({ y }) => Number.isNaN(y)).length, 1);
});
