/** The server of the page: files, events, and the verbs of control. Loopback, unless another host is asked for. */

import { randomBytes } from 'node:crypto';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo, Socket } from 'node:net';
import { hostname, networkInterfaces } from 'node:os';
import { HearsayError } from '../errors.js';
import { message, openAudience } from './audience.js';
import { readPage } from './files.js';
import { guarded, type Policy, type Refusal, refused, stranger } from './policy.js';

/** What can be asked of a run that goes on. */
export const verbs = ['pause', 'resume', 'stop'] as const;
export type Verb = (typeof verbs)[number];

export interface Serving {
  /** 0: any that is free. */
  readonly port: number;
  /** Address or name to listen on. */
  readonly host: string;
  /** At least 16 characters; drawn when none is given. */
  readonly token?: string;
  /** Milliseconds in which a request has to be there; twice as long, and a connection that does nothing is ended. */
  readonly patience?: number;
  /** The option that the port comes from, for messages. */
  readonly option: string;
  /** What a reader is told first; `since` is the id of the last event that it had. */
  greeting(since?: string): string;
  /** Someone with the token asks for it. False: there is nobody to ask. */
  control(verb: Verb): boolean;
}

export interface Server {
  /** With the token in the part that no browser sends. */
  readonly address: string;
  readonly port: number;
  readonly token: string;
  /** Readers at this moment. */
  readonly readers: () => number;
  /** To all readers; `renew` skips those that have not read what came before. */
  say(message: string): void;
  renew(message: string): void;
  /** Ends all connections; the port is free when it resolves. */
  close(): Promise<void>;
}

export const connections = 64;
/** What is said to requests that can't be read, by Node's code for them. */
const unreadable: Readonly<Record<string, string>> = {
  HPE_HEADER_OVERFLOW: '431 Request Header Fields Too Large',
  ERR_HTTP_REQUEST_TIMEOUT: '408 Request Timeout',
};
const loopback = ['127.0.0.1', 'localhost', '[::1]'];

/** Throws PORT_IN_USE, and CONFIG_RANGE for a port or a host that this process may not have. */
export async function openServer(serving: Serving): Promise<Server> {
  const { host, token = randomBytes(16).toString('hex'), patience = 5000 } = serving;
  const audience = openAudience();
  const files = readPage();
  const sockets = new Set<Socket>();
  let policy: Policy = { hosts: new Set(), token, closed: !isLoopback(host) };

  const server = createServer({
    maxHeaderSize: 8192,
    headersTimeout: patience,
    requestTimeout: patience,
    keepAliveTimeout: patience,
    connectionsCheckingInterval: patience / 5,
  });
  server.maxConnections = connections;
  server.maxRequestsPerSocket = 1000;
  server.on('connection', socket => {
    sockets.add(socket);
    socket.on('close', () => sockets.delete(socket));
    socket.setTimeout(2 * patience, () => socket.destroy());
  });
  server.on('clientError', ({ code }: NodeJS.ErrnoException, socket) => {
    const status = unreadable[code ?? ''] ?? '400 Bad Request';
    if (socket.writable) socket.end(`HTTP/1.1 ${status}\r\nConnection: close\r\nContent-Length: 0\r\n\r\n`);
    setTimeout(() => socket.destroy(), 1000).unref();
  });
  for (const event of ['upgrade', 'connect', 'checkExpectation', 'checkContinue'] as const) {
    server.on(event, (_request: IncomingMessage, other: Socket | ServerResponse) => other.destroy());
  }
  server.on('request', answer);

  function answer(request: IncomingMessage, response: ServerResponse): void {
    request.on('error', () => {});
    response.on('error', () => {});
    const refusal = stranger(request, policy) ?? act(request, response);
    if (refusal) refuse(response, refusal);
  }

  /** Does what is asked for, or says why not. */
  function act(request: IncomingMessage, response: ServerResponse): Refusal | undefined {
    const path = request.url!;
    const isHead = request.method === 'HEAD';
    const file = files.get(path);
    if (file) {
      // The files say nothing of the run; a page that has them can ask for the rest with its token.
      const refusal = refused(request, 'read', { ...policy, closed: false });
      if (refusal) return refusal;
      response.writeHead(200, { ...guarded, 'Content-Type': file.type, 'Content-Length': file.bytes.length });
      response.end(isHead ? undefined : file.bytes);
      return undefined;
    }
    const verb = verbs.find(one => path === `/control/${one}`);
    if (verb) {
      const refusal = refused(request, 'control', policy);
      if (refusal) return refusal;
      if (!serving.control(verb)) return { status: 409, why: 'the run is over' };
      response.writeHead(204, guarded).end();
      return undefined;
    }
    if (path !== '/events') return { status: 404, why: 'there is nothing here' };
    const refusal = refused(request, 'read', policy);
    if (!refusal) tell(request, response, isHead);
    return refusal;
  }

  function tell(request: IncomingMessage, response: ServerResponse, isHead: boolean): void {
    response.writeHead(200, { ...guarded, 'Content-Type': 'text/event-stream; charset=utf-8' });
    if (isHead) {
      response.end();
      return;
    }
    const { socket } = request;
    socket.setTimeout(0);
    socket.setNoDelay(true);
    const since = request.headers['last-event-id'];
    const found = typeof since === 'string' ? since : undefined;
    if (!audience.join(response, `retry: 1000\n\n${serving.greeting(found)}`)) response.end(message('full', {}));
  }

  function refuse(response: ServerResponse, { status, why, headers }: Refusal): void {
    const text = `${why}\n`;
    response.writeHead(status, {
      ...guarded,
      ...headers,
      'Content-Type': 'text/plain; charset=utf-8',
      'Content-Length': Buffer.byteLength(text),
      Connection: 'close', // what else came on it is not read
    });
    response.end(text);
  }

  await new Promise<void>((resolve, reject) => {
    server.once('error', (error: NodeJS.ErrnoException) => reject(unserved(error, serving)));
    server.listen(serving.port, host, resolve);
  });
  server.on('error', () => {});
  const { port } = server.address() as AddressInfo;
  policy = { ...policy, hosts: hostsOf(host, port) };
  // A connection that is held open and says nothing hears from us now and then, so that its end is noticed.
  const heart = setInterval(() => audience.say(': \n\n'), 10_000);
  heart.unref();

  return {
    address: `http://${nameOf(host)}:${port}/#${token}`,
    port,
    token,
    readers: () => audience.size,
    say: audience.say,
    renew: audience.renew,
    async close() {
      clearInterval(heart);
      audience.close();
      const closed = new Promise<void>(resolve => server.close(() => resolve()));
      server.closeIdleConnections();
      const late = setTimeout(() => {
        for (const socket of sockets) socket.destroy();
      }, 500);
      await closed;
      clearTimeout(late);
    },
  };
}

export function isLoopback(host: string): boolean {
  return host === 'localhost' || host === '::1' || /^127\.\d+\.\d+\.\d+$/.test(host);
}

function isWildcard(host: string): boolean {
  return host === '0.0.0.0' || host === '::';
}

/** The names that a request may call this server by. */
function hostsOf(host: string, port: number): Set<string> {
  const own = Object.values(networkInterfaces()).flatMap(list => (list ?? []).map(({ address }) => bracketed(address)));
  const names = [...loopback, ...(isWildcard(host) ? [...own, hostname()] : [bracketed(host)])];
  const named = names.map(name => name.toLowerCase());
  return new Set(named.flatMap(name => [`${name}:${port}`, ...(port === 80 ? [name] : [])]));
}

function nameOf(host: string): string {
  return isWildcard(host) ? hostname() : bracketed(host);
}

function bracketed(address: string): string {
  return address.includes(':') ? `[${address}]` : address;
}

function unserved(error: NodeJS.ErrnoException, { port, host, option }: Serving): HearsayError {
  if (error.code === 'EADDRINUSE') {
    const remedy = `give another port, or ${option} 0 for any that is free`;
    return new HearsayError('PORT_IN_USE', `${option} ${port}: another program listens on port ${port} of ${host}; ${remedy}`, {
      cause: error,
    });
  }
  const remedy = error.code === 'EACCES' ? `give a port from 1024, or ${option} 0` : 'give an address of this machine';
  return new HearsayError('CONFIG_RANGE', `${option}: can't listen on ${host} port ${port} (${error.code}); ${remedy}`, {
    cause: error,
  });
}
