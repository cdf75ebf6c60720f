/** What is written for people while something goes on: a line that renews itself on a terminal, plain lines elsewhere. */

/** A stream that text goes to: process.stderr, or a list in a test. */
export interface Output {
  write(text: string): unknown;
  readonly isTTY?: boolean;
  readonly columns?: number;
}

export interface Line {
  /** True when the line can renew itself. */
  readonly live: boolean;
  readonly colour: boolean;
  /**
   * Writes the line anew, cut to the width of the terminal, where it can between two fields (they stand two spaces apart); `paint` may
   * then add colours. Only where it is live.
   */
  renew(text: string, paint?: (text: string) => string): void;
  /** A line that stays, in the place of the open one. */
  print(text: string): void;
  /** Ends the open line, so that something else may be written. */
  close(): void;
}

/** `env` is asked for NO_COLOR and TERM. */
export function openLine(output: Output, env: Readonly<Record<string, string | undefined>>): Line {
  const live = Boolean(output.isTTY) && env.TERM !== 'dumb';
  let open = false;
  return {
    live,
    colour: live && !env.NO_COLOR,
    renew(text, paint = text => text) {
      // A terminal that does not know its width says 0.
      output.write(`\r\x1b[K${paint(fit(text, (output.columns || 80) - 1))}`);
      open = true;
    },
    print(text) {
      output.write(`${open ? '\r\x1b[K' : ''}${text}\n`);
      open = false;
    },
    close() {
      if (open) output.write('\n');
      open = false;
    },
  };
}

/** The whole fields that fit; of one that is too long for itself, what fits of it. */
function fit(text: string, width: number): string {
  if (text.length <= width) return text;
  const end = text.lastIndexOf('  ', width);
  return text.slice(0, end > 0 ? end : width).trimEnd();
}
