/** The samples so far, by column; no more than a page can draw. */

const most = 4000;

export function openHistory(columns) {
  let rows = [];
  const place = Object.fromEntries(columns.map((name, k) => [name, k]));
  return {
    add(more) {
      rows.push(...more);
      while (rows.length > most) rows = rows.filter((_, k) => k % 2 === 0 || k === rows.length - 1);
    },
    get length() {
      return rows.length;
    },
    /** All values of a column. */
    all: name => rows.map(row => row[place[name]]),
    /** The value in row `k`; counted from the end when negative. */
    value: (name, k = -1) => rows.at(k)?.[place[name]] ?? null,
    /** The growth of a column from row to row, divided by that of another. */
    rate(name, per) {
      return rows.map((row, k) => {
        const before = rows[k - 1];
        const width = row[place[per]] - (before ? before[place[per]] : 0);
        return width > 0 ? (row[place[name]] - (before ? before[place[name]] : 0)) / width : null;
      });
    },
  };
}
