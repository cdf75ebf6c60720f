/** What was looked at on this machine, and what is to be done about it. */

export interface Check {
  readonly name: string;
  /** `missing`: nothing needs it, but with it there is more. `warning`: runs work, and something will hurt. `fault`: they do not work. */
  readonly status: 'ok' | 'missing' | 'warning' | 'fault';
  /** What was found, in a line. */
  readonly found: string;
  /** What to do for better; null where nothing is. */
  readonly remedy: string | null;
  /** The same in numbers, for programs. */
  readonly values?: Readonly<Record<string, unknown>>;
}

export type Status = Check['status'];

type More = Pick<Check, 'values'>;

export const ok = (name: string, found: string, more: More = {}): Check => ({ name, status: 'ok', found, remedy: null, ...more });

export const not = (status: Exclude<Status, 'ok'>, name: string, found: string, remedy: string, more: More = {}): Check => ({
  ...{ name, status, found, remedy },
  ...more,
});

/** `fine`, or else what is to be done. */
export function judged(
  fine: boolean,
  status: Exclude<Status, 'ok'>,
  name: string,
  found: string,
  remedy: string,
  more: More = {},
): Check {
  return fine ? ok(name, found, more) : not(status, name, found, remedy, more);
}

/** The check that `look` gives; what it throws is a fault, or what it is for whoever needs it. */
export async function attempt(
  name: string,
  look: () => Check | Promise<Check>,
  remedy: string,
  status: Exclude<Status, 'ok'> = 'fault',
): Promise<Check> {
  try {
    return await look();
  } catch (error) {
    const [line] = String((error as Error)?.message ?? error).split('\n');
    return not(status, name, line.slice(0, 160), remedy);
  }
}
