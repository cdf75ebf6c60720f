/**
 * Who may ask what. A page on another site can make a browser send requests to this machine, and a name that was rebound can make them
 * look as if they were ours: so the Host is one of a list, exactly one, and whatever says where a request comes from has to say: from here.
 */

import { createHash, timingSafeEqual } from 'node:crypto';
import type { IncomingMessage } from 'node:http';

export interface Policy {
  /** What Host may be: names with the port, in lower case. */
  readonly hosts: ReadonlySet<string>;
  readonly token: string;
  /** True when reading needs the token too: others than this machine can reach the server. */
  readonly closed: boolean;
}

export interface Refusal {
  readonly status: number;
  readonly why: string;
  readonly headers?: Readonly<Record<string, string>>;
}

/** Longest path that is looked at. */
const longestPath = 256;

/** Why the request is turned away before its path is looked at; undefined when it is not. */
export function stranger(request: IncomingMessage, { hosts }: Policy): Refusal | undefined {
  const named = values(request, 'host');
  if (named.length !== 1) return { status: 400, why: `found ${named.length} Host headers, allowed is one` };
  if (!hosts.has(named[0].toLowerCase())) return { status: 421, why: 'this server does not go by that name' };
  const origins = values(request, 'origin');
  if (origins.some(origin => origin !== `http://${named[0]}`)) return { status: 403, why: 'the request comes from another site' };
  if (values(request, 'sec-fetch-site').some(site => site !== 'same-origin' && site !== 'none'))
    return { status: 403, why: 'the request comes from another site' };
  const { url = '' } = request;
  if (url.length > longestPath) return { status: 414, why: `allowed are paths of ${longestPath} characters` };
  if (!url.startsWith('/')) return { status: 400, why: 'allowed are paths that begin with /' };
  return undefined;
}

/** Why a request for something that there is is turned away: what only says something is read, what changes the run needs the token. */
export function refused(request: IncomingMessage, method: 'read' | 'control', policy: Policy): Refusal | undefined {
  const allowed = method === 'read' ? ['GET', 'HEAD'] : ['POST'];
  if (!allowed.includes(request.method ?? ''))
    return { status: 405, why: `allowed is ${allowed.join(' or ')}`, headers: { Allow: allowed.join(', ') } };
  // Nothing here takes a body, so none is read.
  if (values(request, 'transfer-encoding').length > 0 || values(request, 'content-length').some(length => length !== '0'))
    return { status: 413, why: 'allowed are requests without a body' };
  if (values(request, 'expect').length > 0) return { status: 417, why: 'nothing can be expected' };
  if ((method === 'control' || policy.closed) && !holdsToken(request, policy.token))
    return {
      status: 401,
      why: 'the token is missing or wrong; open the address that was printed',
      headers: { 'WWW-Authenticate': 'Bearer' },
    };
  return undefined;
}

function holdsToken(request: IncomingMessage, token: string): boolean {
  const given = values(request, 'authorization');
  const digest = (text: string) => createHash('sha256').update(text).digest();
  return given.length === 1 && timingSafeEqual(digest(given[0]), digest(`Bearer ${token}`));
}

/** Every value of a header as it came: Node keeps the first of some that are given twice. */
function values({ rawHeaders }: IncomingMessage, name: string): string[] {
  return rawHeaders.flatMap((word, k) => (k % 2 === 0 && word.toLowerCase() === name ? [rawHeaders[k + 1]] : []));
}

/** For every answer: nothing from elsewhere, nothing guessed, nothing kept, no frame around it. */
export const guarded: Readonly<Record<string, string>> = {
  'Content-Security-Policy':
    "default-src 'none'; script-src 'self'; style-src 'self'; connect-src 'self'; img-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'",
  'X-Content-Type-Options': 'nosniff',
  'Referrer-Policy': 'no-referrer',
  'Cross-Origin-Resource-Policy': 'same-origin',
  'Cross-Origin-Opener-Policy': 'same-origin',
  'X-Frame-Options': 'DENY',
  'Cache-Control': 'no-store',
};
