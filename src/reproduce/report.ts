/** What an experiment leaves behind: its table and its points as JSON and CSV, and its charts. */

import { plot } from '../chart/plot.js';
import { csv } from '../csv.js';
import type { Mark, Reproduction } from './reproduction.js';
import type { Report } from './run.js';

export interface File {
  readonly name: string;
  readonly text: string;
}

/** The files, as texts; a chart without a point is left out. */
export function filesOf(reproduction: Reproduction, { done, marks }: Report, seed: number): File[] {
  const { id, about, notes, charts } = reproduction;
  const { event: _, ...outcome } = done;
  const results = { about, notes, seed, ...outcome, id, points: marks };
  return [
    { name: 'results.json', text: `${JSON.stringify(results, null, 1)}\n` },
    { name: 'rows.csv', text: csv(rowColumns, done.rows) },
    { name: 'points.csv', text: csv(markColumns, marks) },
    ...charts.flatMap(chart => {
      const shown = marks.filter(mark => mark.chart === chart.name);
      const { name, ...frame } = chart;
      return shown.every(({ y }) => !Number.isFinite(y))
        ? []
        : [{ name: `${name}.svg`, text: plot({ ...frame, series: seriesOf(shown) }) }];
    }),
  ];
}

function seriesOf(marks: readonly Mark[]) {
  return [...new Set(marks.map(mark => mark.series))].map(name => {
    const points = marks.filter(mark => mark.series === name).sort((a, b) => a.x - b.x);
    const dashed = points.filter(point => point.expected !== undefined).map(({ x, expected }) => ({ x, y: expected! }));
    return { name, points, ...(dashed.length > 0 ? { expected: dashed } : {}) };
  });
}

const rowColumns = ['what', 'from', 'expected', 'measured', 'error', 'low', 'high', 'tolerance', 'beside', 'passed'] as const;
const markColumns = ['chart', 'series', 'x', 'y', 'error', 'expected'] as const;
