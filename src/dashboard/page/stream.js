/**
 * Server-sent events over fetch: EventSource can't send a token, and a token in an address would be written down by others. It comes back
 * by itself, and says what it had last.
 */

/** Milliseconds of silence after which the connection counts as lost: the server says something every ten seconds. */
const silence = 25_000;

/** `handlers[event](data)`; `up(true)` when connected, `up(false, status)` when not. `signal` ends it. */
export async function listen(path, token, handlers, up, signal) {
  let last;
  let wait = 500;
  while (!signal.aborted) {
    let status = 0;
    const controller = new AbortController();
    signal.addEventListener('abort', () => controller.abort(), { once: true });
    let watch;
    const alive = () => {
      clearTimeout(watch);
      watch = setTimeout(() => controller.abort(), silence);
    };
    try {
      alive();
      const headers = { Accept: 'text/event-stream' };
      if (token) headers.Authorization = `Bearer ${token}`;
      if (last) headers['Last-Event-ID'] = last;
      const response = await fetch(path, { headers, signal: controller.signal, cache: 'no-store' });
      status = response.status;
      if (!response.ok) throw new Error(String(status));
      up(true);
      wait = 500;
      const reader = response.body.pipeThrough(new TextDecoderStream()).getReader();
      for (const parse = parser(); ; ) {
        const { value, done } = await reader.read();
        if (done) break;
        alive();
        for (const { id, event, data } of parse(value)) {
          if (id !== undefined) last = id;
          handlers[event]?.(JSON.parse(data));
        }
      }
    } catch (error) {
      if (error instanceof TypeError === false && error.name !== 'AbortError' && status === 200) console.error(error);
    }
    clearTimeout(watch);
    up(false, status);
    if (status === 401 || handlers.isOver?.()) return;
    await new Promise(resolve => setTimeout(resolve, wait));
    wait = Math.min(5000, wait * 2);
  }
}

/** Takes pieces of text as they come; gives the events that are whole. */
export function parser() {
  let rest = '';
  return text => {
    const blocks = (rest + text).split('\n\n');
    rest = blocks.pop();
    return blocks.flatMap(block => {
      const found = { event: 'message', data: '' };
      for (const line of block.split('\n')) {
        const colon = line.indexOf(': ');
        if (colon <= 0) continue;
        const name = line.slice(0, colon);
        if (name === 'id' || name === 'event' || name === 'data') found[name] = line.slice(colon + 2);
      }
      return found.data === '' ? [] : [found];
    });
  };
}

/** Bytes, or numbers of another kind, from base64. */
export function numbers(text, Kind = Uint8Array) {
  const bytes = Uint8Array.from(atob(text), letter => letter.charCodeAt(0));
  return new Kind(bytes.buffer);
}
