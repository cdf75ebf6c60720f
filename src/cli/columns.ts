/** A table for people: cells in columns. */

/** One line for each row, its cells padded to their columns (which all rows have), two spaces between. */
export function columns(rows: readonly (readonly string[])[]): string[] {
  const widths = rows[0].map((_, k) => Math.max(...rows.map(row => row[k].length)));
  return rows.map(row =>
    row
      .map((cell, k) => cell.padEnd(widths[k]))
      .join('  ')
      .trimEnd(),
  );
}
