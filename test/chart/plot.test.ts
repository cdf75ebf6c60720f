import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { drawable, scaleOf } from '../../src/chart/axis.js';
import { escaped } from '../../src/chart/markup.js';
import { styleSheet } from '../../src/chart/palette.js';
import { type Plot, plot } from '../../src/chart/plot.js';
import type { Point, Series } from '../../src/chart/series.js';
import { cut, textWidth } from '../../src/chart/text.js';
import { cases } from '../support/cases.js';

const anyText = fc.oneof(
  fc.string({ unit: 'binary' }),
  fc.constantFrom('', '<b a="1">&amp;</b>', ']]>', "it's", 'λ', '\ud800', '\0\u001b\ufffe'),
);
const anyNumber = fc.oneof(
  fc.double({ noNaN: true, noDefaultInfinity: true }),
  fc.double({ min: -10, max: 1000, noNaN: true }),
  fc.integer({ min: -3, max: 12 }),
  fc.constantFrom(0, -0, 5e-324, -1e308, 1e308, 1e150, 1e-150, 123456.0001, 123456.0001000001),
);
const anyPoint: fc.Arbitrary<Point> = fc.record({ x: anyNumber, y: anyNumber, error: fc.option(anyNumber, { nil: undefined }) });
const points = fc.oneof(fc.array(anyPoint, { maxLength: 8 }), fc.array(anyPoint, { minLength: 40, maxLength: 50 }));
const plotOf = (text: fc.Arbitrary<string>): fc.Arbitrary<Plot> => {
  const axis = fc.record({ label: text, unit: fc.option(text, { nil: undefined }), log: fc.boolean() });
  const series: fc.Arbitrary<Series> = fc.record({
    name: text,
    points,
    expected: fc.option(points, { nil: undefined }),
    draw: fc.constantFrom(undefined, 'points', 'line', 'both'),
  });
  return fc.record({ title: text, x: axis, y: axis, series: fc.array(series, { maxLength: 10 }) });
};

const chart = (given: Partial<Plot>, ...series: Series[]): Plot => ({
  title: 'T',
  x: { label: 'x' },
  y: { label: 'y' },
  series,
  ...given,
});
const one = (...ys: number[]): Series => ({ name: 'one', points: ys.map((y, k) => ({ x: k + 1, y })) });

test('a chart is well-formed, whatever the words', () => {
  fc.assert(
    fc.property(plotOf(anyText), given => {
      const svg = drawn(given);
      if (svg === undefined) return;
      const tree = parse(svg);
      assert.equal(tree.name, 'svg');
      const words = texts(tree);
      assert.ok(given.title === '' || words.length > 0);
    }),
    cases(300),
  );
});

test('words come out as they went in', () => {
  const [title, label, name] = ['5 < 6 & "7" > \'4\'', 'λ <unit>', '&lt;'];
  const words = texts(parse(plot(chart({ title, x: { label, unit: 's & m' } }, { ...one(1, 2), name }))));
  for (const text of [title, `${label} (s & m)`, name]) assert.ok(words.includes(text), `${text} in ${words}`);
  assert.equal(escaped('a\0b\ud800c\u{1f600}'), 'a\ufffdb\ufffdc\u{1f600}');
});

test('every number in a chart is finite and within it, whatever the finite input', () => {
  fc.assert(
    fc.property(plotOf(fc.constant('name')), given => {
      const svg = drawn(given);
      if (svg === undefined) return;
      assert.doesNotMatch(svg, /NaN|Infinity|undefined|null/);
      const [, height] = /viewBox="0 0 800 ([\d.]+)"/.exec(svg)!;
      for (const [, x, y] of svg.matchAll(/translate\(([^,]+),([^)]+)\)/g)) inside(Number(x), Number(y), Number(height));
      for (const [, d] of svg.matchAll(/ d="([^"]*)"/g))
        for (const [, x, y] of d.matchAll(/[ML]([-\d.]+),([-\d.]+)/g)) inside(Number(x), Number(y), Number(height));
    }),
    cases(500),
  );
  function inside(x: number, y: number, height: number): void {
    assert.ok(x >= -30 && x <= 800 && y >= -30 && y <= height, `${x}, ${y}`); // -30: marks and samples have their own origin
  }
});

test('points that have no place are left out and counted, and their line is broken there', () => {
  const svg = plot(chart({ y: { label: 'y', log: true } }, { ...one(1, 0, 10, 20, -1, Number.NaN, 30, 40), draw: 'both' }));
  assert.ok(texts(parse(svg)).includes('3 of 8 points left out: not finite, or not above 0 on a logarithmic axis'));
  assert.equal(seriesPath(svg).split('M').length - 1, 3);
  assert.equal(marks(svg).length, 5 + 1); // and one in the legend
  const whole = plot(chart({}, { ...one(1, 0, 10, 20, -1), draw: 'both' }));
  assert.doesNotMatch(whole, /left out/);
  assert.equal(seriesPath(whole).split('M').length - 1, 1);
});

test('a chart without a point that has a place is refused', () => {
  for (const given of [
    chart({}),
    chart({ x: { label: 'x', log: true } }, { name: 'a', points: [{ x: 0, y: 1 }] }),
    chart({}, one(Number.NaN)),
  ])
    assert.throws(() => plot(given), { code: 'CONFIG_RANGE', message: /plot 'T': found \d points?/ });
});

test('marks stand where their values are, on linear and on logarithmic axes', () => {
  const values = [1, 10, 100];
  const places = (log: boolean) => marks(plot(chart({ y: { label: 'y', log } }, { ...one(...values), draw: 'points' })));
  const [a, b, c] = places(true).map(([, y]) => y);
  assert.ok(Math.abs(a - b - (b - c)) < 0.03, `${a} ${b} ${c}`);
  const linear = places(false).map(([, y]) => y);
  assert.ok(Math.abs((linear[0] - linear[1]) / (linear[1] - linear[2]) - 0.1) < 0.01, `${linear}`);
});

test('the numbers beside an axis are those of the places they stand at, distinct and in order', () => {
  fc.assert(
    fc.property(
      fc.array(anyNumber, { minLength: 1, maxLength: 5 }),
      fc.boolean(),
      fc.integer({ min: 2, max: 10 }),
      (given, log, count) => {
        const values = given.filter(value => drawable(value, log));
        if (values.length === 0) return;
        const scale = scaleOf(values, log, 0, 1000, count);
        const named = scale.ticks.filter(({ label }) => label !== '');
        assert.ok(named.length >= 2 && named.length <= 30, `${named.length} numbers for ${values}`);
        named.forEach(({ at, label }, k) => {
          const value = numberOf(label);
          assert.ok(Math.abs(scale.at(value) - at) < 1, `${label} at ${at}, is ${scale.at(value)}, for ${values}`);
          if (k > 0) assert.ok(value > numberOf(named[k - 1].label), `${label} after ${named[k - 1].label} for ${values}`);
        });
        for (const value of values) {
          const at = scale.at(value);
          assert.ok(at >= 0 && at <= 1000);
          for (const other of values) if (other > value) assert.ok(scale.at(other) >= at);
        }
      },
    ),
    cases(2000),
  );
});

test('axes show round numbers', () => {
  const labels = (log: boolean, count: number, ...values: number[]) =>
    scaleOf(values, log, 0, 1, count).ticks.flatMap(({ label }) => (label === '' ? [] : [label]));
  assert.deepEqual(labels(false, 5, 3, 97), ['0', '20', '40', '60', '80', '100']);
  assert.deepEqual(labels(false, 4, 0, 2.5e-7), ['0', '5×10⁻⁸', '10⁻⁷', '1.5×10⁻⁷', '2×10⁻⁷', '2.5×10⁻⁷']);
  assert.deepEqual(labels(false, 5, 0, 4e6), ['0', '10⁶', '2×10⁶', '3×10⁶', '4×10⁶']);
  assert.deepEqual(labels(true, 6, 11, 190), ['10', '20', '50', '100', '200']);
  assert.deepEqual(labels(true, 6, 1e-5, 0.9), ['10⁻⁵', '10⁻⁴', '0.001', '0.01', '0.1', '1']);
  assert.deepEqual(labels(true, 6, 0.31, 9.9e4).slice(-2), ['10,000', '10⁵']);
  assert.deepEqual(labels(false, 5, 7, 7).length > 2, true);
});

test('an expected line is dashed, in the colour of its series, and named once', () => {
  const expected = one(1, 2).points;
  const svg = plot({ ...chart({}, { ...one(1, 2), expected }, { ...one(2, 3), expected }), expected: 'closed form' });
  assert.equal(svg.match(/stroke-dasharray/g)!.length, 3);
  assert.equal(texts(parse(svg)).filter(text => text === 'closed form').length, 1);
  assert.match(svg, /<g class="c1"[^>]*><path d="M[^"]*" stroke-dasharray/);
  assert.doesNotMatch(plot(chart({}, one(1, 2))), /dasharray|expected/);
});

test('an error bar reaches as far as it says, and to the axis where it would leave it', () => {
  const bar = (log: boolean) => {
    const points = [{ x: 1, y: 10, error: 10 }, ...one(1, 40).points];
    const svg = plot(chart({ y: { label: 'y', log } }, { name: 'a', draw: 'points', points }));
    const [, low, high] = /d="M[\d.]+,([\d.]+)V([\d.]+)M/.exec(svg)!.map(Number);
    return { low, high, mark: marks(svg)[0][1], bottom: 52 + 360 };
  };
  const linear = bar(false);
  assert.ok(Math.abs(linear.low - linear.mark - (linear.mark - linear.high)) < 0.05, JSON.stringify(linear));
  assert.ok(Math.abs(linear.mark - linear.high - 90) < 0.05, JSON.stringify(linear)); // a quarter of 0 .. 40
  assert.equal(bar(true).low, bar(true).bottom);
  const far = plot(chart({}, { name: 'a', points: [{ x: 1, y: 1, error: 9 }] }));
  assert.ok(texts(parse(far)).includes('10'));
});

test('a series is told by colour and mark together, twice as many as there are colours', () => {
  const many = Array.from({ length: 14 }, (_, k): Series => ({ name: `${k}`, points: [{ x: k, y: k }], draw: 'points' }));
  const svg = plot(chart({}, ...many));
  const looks = [...svg.matchAll(/<g class="(c\d)"[^>]*><path d="([^"]*)"/g)].map(([, colour, shape]) => colour + shape);
  assert.equal(looks.length, 28);
  assert.equal(new Set(looks).size, 14);
});

test('a line of many points has a few marks, apart from those of the lines beside it', () => {
  const many = Array.from(
    { length: 4 },
    (_, k): Series => ({ name: `${k}`, points: Array.from({ length: 200 }, (_, x) => ({ x, y: k })) }),
  );
  const places = marks(plot(chart({}, ...many)));
  assert.ok(places.length >= 4 * 5 && places.length <= 4 * 7, `${places.length}`);
  const across = places.slice(0, -4).map(([x]) => x); // the last are in the legend
  assert.equal(new Set(across).size, across.length);
});

test('both themes have every class, and colours that stand out from their ground', () => {
  const [light, dark] = styleSheet('s').split('@media (prefers-color-scheme:dark)');
  const rules = (css: string) =>
    [...css.matchAll(/\.s \.(\w+)\{(?:color|fill):(#[0-9a-f]{6})\}/g)].map(([, name, hex]) => [name, hex]);
  assert.deepEqual(
    rules(light).map(([name]) => name),
    rules(dark).map(([name]) => name),
  );
  for (const theme of [rules(light), rules(dark)]) {
    const ground = theme.find(([name]) => name === 'ground')![1];
    for (const [name, hex] of theme) {
      const least = name === 'ink' ? 12 : name === 'faint' ? 4.5 : name.startsWith('c') ? 2.1 : 1;
      assert.ok(contrast(hex, ground) >= least, `${name} ${hex} on ${ground}: ${contrast(hex, ground)}`);
    }
  }
});

test('long names are cut to the room there is', () => {
  fc.assert(
    fc.property(anyText, fc.integer({ min: 40, max: 400 }), (text, room) => {
      const found = cut(text.repeat(9), room);
      assert.ok(textWidth(found) <= room);
      assert.ok(found === text.repeat(9) || found.endsWith('...'));
    }),
    cases(200),
  );
  const svg = plot(chart({ title: 'long '.repeat(99) }, { ...one(1, 2), name: 'name '.repeat(99) }));
  for (const text of texts(parse(svg))) assert.ok(textWidth(text) < 760, text);
});

test('numbers below the field do not touch', () => {
  fc.assert(
    fc.property(fc.array(anyNumber, { minLength: 1, maxLength: 4 }), fc.boolean(), (xs, log) => {
      const svg = drawn(chart({ x: { label: '', log } }, { name: '', points: xs.map(x => ({ x, y: 1 })) }));
      if (svg === undefined) return;
      const row = [...svg.matchAll(/<text [^>]*class="faint" x="([\d.]+)" y="[\d.]+" text-anchor="middle">([^<]*)</g)];
      assert.ok(row.length >= 2, svg);
      for (let k = 1; k < row.length; k++) {
        const apart = Number(row[k][1]) - Number(row[k - 1][1]);
        const [a, b] = [row[k - 1][2], row[k][2]].map(text => textWidth(text));
        assert.ok(apart >= (a + b) / 2, `${row[k - 1][2]} and ${row[k][2]} are ${apart} apart`);
      }
      for (const [, x, text] of row) assert.ok(Number(x) + textWidth(text) / 2 <= 800 && Number(x) >= textWidth(text) / 2);
    }),
    cases(500),
  );
});

/** The chart, or undefined when nothing in it has a place, which must be refused in no other way. */
function drawn(given: Plot): string | undefined {
  try {
    return plot(given);
  } catch (error) {
    assert.match(String(error), /none of which has a place/);
    return undefined;
  }
}

interface Element {
  readonly name: string;
  readonly children: (Element | string)[];
}

/**
 * A strict reader of the part of XML that charts are written in: tags that balance, quoted attributes, numeric references, no stray
 * characters.
 */
function parse(xml: string): Element {
  assert.doesNotMatch(xml, /[^\t\n\r\x20-\ud7ff\ue000-\ufffd\u{10000}-\u{10ffff}]/u);
  const root: Element = { name: '', children: [] };
  const open = [root];
  const tag = /<(\/?)([a-z]+)((?: [a-zA-Z-]+="[^"<>]*")*)(\/?)>/y;
  for (let at = 0; at < xml.length; ) {
    const next = xml.indexOf('<', at);
    const text = xml.slice(at, next < 0 ? xml.length : next);
    if (text !== '') open.at(-1)!.children.push(decoded(text));
    if (next < 0) break;
    tag.lastIndex = next;
    const found = tag.exec(xml);
    assert.ok(found, `no tag at ${xml.slice(next, next + 60)}`);
    const [whole, closing, name, attributes, empty] = found;
    const keys = [...attributes.matchAll(/ ([a-zA-Z-]+)="([^"]*)"/g)].map(([, key]) => key);
    decoded(attributes);
    assert.equal(new Set(keys).size, keys.length, `an attribute twice in ${whole}`);
    if (closing) assert.equal(open.pop()!.name, name);
    else {
      const element: Element = { name, children: [] };
      open.at(-1)!.children.push(element);
      if (!empty) open.push(element);
    }
    at = next + whole.length;
  }
  assert.equal(open.length, 1, `${open.at(-1)!.name} is not closed`);
  const [top, ...rest] = root.children;
  assert.deepEqual(rest, ['\n']);
  return top as Element;
}

function decoded(text: string): string {
  assert.doesNotMatch(text.replace(/&#\d+;/g, ''), /[&]/);
  return text.replace(/&#(\d+);/g, (_, code) => String.fromCharCode(Number(code)));
}

function texts(element: Element): string[] {
  return element.children.flatMap(child => (typeof child === 'string' ? (element.name === 'text' ? [child] : []) : texts(child)));
}

/** Where the marks are, in the order of the points; the one in the legend comes last, with its own origin. */
function marks(svg: string): [number, number][] {
  return [...svg.matchAll(/transform="translate\(([^,]+),([^)]+)\)" fill="currentColor"/g)].map(([, x, y]) => [
    Number(x),
    Number(y),
  ]);
}

function seriesPath(svg: string): string {
  return /<g class="c0"[^>]*><path d="([^"]*)"/.exec(svg)![1];
}

function numberOf(label: string): number {
  const digits = label.replace(/[⁻⁰¹²³⁴⁵⁶⁷⁸⁹]/g, digit => '-0123456789'['⁻⁰¹²³⁴⁵⁶⁷⁸⁹'.indexOf(digit)]);
  const [, sign, mantissa, exponent] = /^([−-]?)(?:([\d.,]+?)×)?10([⁻⁰¹²³⁴⁵⁶⁷⁸⁹]+)$/.exec(label) ?? [];
  if (exponent === undefined) return Number(digits.replaceAll(',', '').replace('−', '-'));
  const raised = digits.slice(label.length - exponent.length);
  return Number(`${sign === '' ? '' : '-'}${mantissa ?? 1}e${raised}`);
}

/** The contrast ratio of the Web Content Accessibility Guidelines: 1 (none) to 21. */
function contrast(a: string, b: string): number {
  const [low, high] = [luminance(a), luminance(b)].sort((p, q) => p - q);
  return (high + 0.05) / (low + 0.05);
}

function luminance(hex: string): number {
  const [r, g, b] = [1, 3, 5].map(at => {
    const value = Number.parseInt(hex.slice(at, at + 2), 16) / 255;
    return value <= 0.04045 ? value / 12.92 : ((value + 0.055) / 1.055) ** 2.4;
  });
  return 0.2126 * r + 0.7152 * g + 0.0722 * b;
}
