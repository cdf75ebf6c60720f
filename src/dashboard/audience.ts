/**
 * Those who listen: server-sent events to each, and never more than so much waiting for one that does not read. What is renewed all the time
 * skips a reader that is behind; one that falls too far behind is let go, and finds everything again when it comes back.
 */

import type { ServerResponse } from 'node:http';

/** Bytes that may wait for one reader. */
export const backlog = 2 ** 20;
/** Readers at once. */
export const seats = 16;

export interface Audience {
  readonly size: number;
  /** Takes a reader in, and says `first` to it. False when there is no seat. */
  join(response: ServerResponse, first: string): boolean;
  /** To everybody. */
  say(message: string): void;
  /** To everybody who has read what there was. */
  renew(message: string): void;
  /** Says good-bye: the connections end when they are read. */
  close(): void;
}

/** One event, as it goes over the line. `data` is a value for JSON. `id` is what a reader that comes back says. */
export function message(event: string, data: unknown, id?: string): string {
  return `${id === undefined ? '' : `id: ${id}\n`}event: ${event}\ndata: ${JSON.stringify(data)}\n\n`;
}

export function openAudience(): Audience {
  const readers = new Set<ServerResponse>();

  function tell(reader: ServerResponse, text: string): void {
    reader.write(text);
    if (reader.writableLength > backlog) {
      readers.delete(reader);
      reader.destroy();
    }
  }

  return {
    get size() {
      return readers.size;
    },
    join(response, first) {
      if (readers.size >= seats) return false;
      readers.add(response);
      response.on('close', () => readers.delete(response));
      tell(response, first);
      return true;
    },
    say(text) {
      for (const reader of readers) tell(reader, text);
    },
    renew(text) {
      for (const reader of readers) if (reader.writableLength === 0) tell(reader, text);
    },
    close() {
      for (const reader of readers) {
        reader.end();
        setTimeout(() => reader.destroy(), 500).unref(); // one that does not read does not keep us
      }
      readers.clear();
    },
  };
}
