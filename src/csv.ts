/** Tables as comma-separated values. */

/** RFC 4180, but with \n: a line of names, then the lines; a quoted field where a comma or a quote stands in it; nothing for null. */
export function csv<Key extends string>(
  columns: readonly Key[],
  lines: readonly Readonly<Partial<Record<Key, unknown>>>[],
): string {
  const rows = lines.map(line => columns.map(key => field(line[key])));
  return `${[columns.map(field), ...rows].map(fields => fields.join(',')).join('\n')}\n`;
}

/** One field: quoted where a comma, a quote or the end of a line stands in it. */
export function field(value: unknown): string {
  const text = value === null || value === undefined ? '' : String(value);
  return /[",\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text;
}
