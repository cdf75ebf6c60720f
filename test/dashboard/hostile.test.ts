/** Requests that mean harm, or make no sense: each is refused, none does anything, and the server goes on. */

import assert from 'node:assert/strict';
import { connect, type Socket } from 'node:net';
import { after, before, test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { message } from '../../src/dashboard/audience.js';
import { connections, openServer, type Server } from '../../src/dashboard/server.js';

const token = 'a-token-of-the-test-0123';
const asked: string[] = [];
let server: Server;
let host: string;

const open = (patience?: number) =>
  openServer({
    ...{ port: 0, host: '127.0.0.1', token, option: '--serve', patience },
    greeting: () => message('run', { secret: 'figures of the run' }),
    control(verb) {
      asked.push(verb);
      return true;
    },
  });

before(async () => {
  server = await open();
  host = `127.0.0.1:${server.port}`;
});
after(() => server.close());

/** What comes back for these bytes, until the other side ends it or a second has passed. */
function exchange(bytes: string | Buffer, port = server.port): Promise<string> {
  return new Promise(resolve => {
    let answer = '';
    const socket: Socket = connect(port, '127.0.0.1', () => socket.write(bytes));
    const finish = () => {
      socket.destroy();
      resolve(answer);
    };
    socket.setTimeout(1000, finish);
    socket.on('data', part => (answer += part));
    socket.on('close', finish);
    socket.on('error', finish);
  });
}

/** A request of these lines; H stands for the right Host, T for the right token. */
const lines = (...text: string[]) => `${text.join('\r\n').replaceAll('HOST', host).replaceAll('TOKEN', token)}\r\n\r\n`;

const get = (...more: string[]) => ['GET / HTTP/1.1', 'Host: HOST', ...more];
const events = (...more: string[]) => ['GET /events HTTP/1.1', 'Host: HOST', ...more];
const stop = (...more: string[]) => ['POST /control/stop HTTP/1.1', 'Host: HOST', ...more];
const bearer = 'Authorization: Bearer TOKEN';

/** Each with the status that it gets; 0: the connection is ended without an answer. */
const refusals: readonly (readonly [what: string, status: number, request: readonly string[]])[] = [
  ['two Hosts, both right', 400, get('Host: HOST')],
  ['two Hosts, the second foreign', 400, get('Host: evil.example')],
  ['two Hosts, the first foreign', 400, ['GET / HTTP/1.1', 'Host: evil.example', 'Host: HOST']],
  ['no Host', 400, ['GET / HTTP/1.1', 'Accept: */*']],
  ['no Host in HTTP/1.0', 400, ['GET / HTTP/1.0']],
  ['an empty Host', 421, ['GET / HTTP/1.1', 'Host: ']],
  ['a rebound name', 421, ['GET / HTTP/1.1', 'Host: evil.example']],
  ['a rebound name with the port', 421, ['GET /events HTTP/1.1', `Host: evil.example:80`]],
  ['a name that begins right', 421, ['GET / HTTP/1.1', 'Host: HOST.evil.example']],
  ['a name that ends right', 421, ['GET / HTTP/1.1', 'Host: evil.HOST']],
  ['the right name without its port', 421, ['GET / HTTP/1.1', 'Host: 127.0.0.1']],
  ['the right name with another port', 421, ['GET / HTTP/1.1', 'Host: 127.0.0.1:1']],
  ['another address of the loop', 421, ['GET / HTTP/1.1', 'Host: 127.0.0.2:1']],
  ['all addresses', 421, ['GET / HTTP/1.1', 'Host: 0.0.0.0:1']],
  ['the address as one number', 421, ['GET / HTTP/1.1', 'Host: 2130706433:1']],
  ['a name with a user', 421, ['GET / HTTP/1.1', 'Host: me@HOST']],
  ['a list of names', 421, ['GET / HTTP/1.1', 'Host: HOST, evil.example']],
  ['a mapped address', 421, ['GET / HTTP/1.1', 'Host: [::ffff:127.0.0.1]:1']],
  ['a foreign Origin', 403, get('Origin: http://evil.example')],
  ['an Origin of nothing', 403, get('Origin: null')],
  ['an empty Origin', 403, get('Origin:')],
  ['the right Origin with https', 403, get('Origin: https://HOST')],
  ['the right Origin with another port', 403, get('Origin: http://127.0.0.1:1')],
  ['two Origins', 403, get('Origin: http://HOST', 'Origin: http://evil.example')],
  ['a link on another site', 403, get('Sec-Fetch-Site: cross-site')],
  ['a site beside it', 403, get('Sec-Fetch-Site: same-site')],
  ['no site at all', 403, get('Sec-Fetch-Site: x')],
  ['events for a foreign page', 403, events('Origin: http://evil.example')],
  ['events for a page across sites', 403, events('Sec-Fetch-Site: cross-site')],
  ['control by a foreign page that has the token', 403, stop(bearer, 'Origin: http://evil.example')],
  ['control by a page of nothing that has the token', 403, stop(bearer, 'Origin: null')],
  ['a preflight', 405, ['OPTIONS /events HTTP/1.1', 'Host: HOST', 'Access-Control-Request-Method: POST']],
  ['POST on the page', 405, ['POST / HTTP/1.1', 'Host: HOST', 'Content-Length: 0']],
  ['PUT on the page', 405, ['PUT / HTTP/1.1', 'Host: HOST', 'Content-Length: 0']],
  ['DELETE on the events', 405, ['DELETE /events HTTP/1.1', 'Host: HOST']],
  ['PATCH on a file', 405, ['PATCH /main.js HTTP/1.1', 'Host: HOST', 'Content-Length: 0']],
  ['TRACE', 405, ['TRACE / HTTP/1.1', 'Host: HOST']],
  ['GET on a verb, with the token', 405, ['GET /control/stop HTTP/1.1', 'Host: HOST', bearer]],
  ['HEAD on a verb, with the token', 405, ['HEAD /control/stop HTTP/1.1', 'Host: HOST', bearer]],
  ['CONNECT', 0, ['CONNECT evil.example:443 HTTP/1.1', 'Host: HOST']],
  ['an upgrade', 0, get('Connection: Upgrade', 'Upgrade: websocket', 'Sec-WebSocket-Version: 13', 'Sec-WebSocket-Key: x')],
  ['a method in small letters', 400, ['get / HTTP/1.1', 'Host: HOST']],
  ['the preface of HTTP/2', 400, ['PRI * HTTP/2.0', '', 'SM']],
  ['control without a token', 401, stop()],
  ['control with another token', 401, stop('Authorization: Bearer a-token-of-the-test-0124')],
  ['control with half a token', 401, stop('Authorization: Bearer a-token-of')],
  ['control with a token and more', 401, stop('Authorization: Bearer TOKENx')],
  ['control with an empty token', 401, stop('Authorization: Bearer ')],
  ['control with the token as a password', 401, stop('Authorization: Basic TOKEN')],
  ['control with two tokens', 401, stop(bearer, 'Authorization: Bearer x')],
  ['control with the token in a cookie', 401, stop('Cookie: token=TOKEN')],
  ['control with the token in the path', 404, ['POST /control/stop?token=TOKEN HTTP/1.1', 'Host: HOST', bearer]],
  ['a verb that there is not', 404, ['POST /control/constructor HTTP/1.1', 'Host: HOST', bearer]],
  ['a way up', 404, ['GET /../../../etc/passwd HTTP/1.1', 'Host: HOST']],
  ['a way up in code', 404, ['GET /%2e%2e/%2e%2e/etc/passwd HTTP/1.1', 'Host: HOST']],
  ['a way up with backslashes', 404, ['GET /..\\..\\etc\\passwd HTTP/1.1', 'Host: HOST']],
  ['two slashes', 404, ['GET //etc/passwd HTTP/1.1', 'Host: HOST']],
  ['a zero byte in code', 404, ['GET /index.html%00.js HTTP/1.1', 'Host: HOST']],
  ['a name of every object', 404, ['GET /__proto__ HTTP/1.1', 'Host: HOST']],
  ['a source file', 404, ['GET /server.js HTTP/1.1', 'Host: HOST']],
  ['a whole address', 400, ['GET http://evil.example/ HTTP/1.1', 'Host: HOST']],
  ['a star', 400, ['OPTIONS * HTTP/1.1', 'Host: HOST']],
  ['a long path', 414, [`GET /${'a'.repeat(4000)} HTTP/1.1`, 'Host: HOST']],
  ['control with a body', 413, [...stop(bearer, 'Content-Length: 5'), '', 'abcde']],
  ['control with a body of pieces', 413, stop(bearer, 'Transfer-Encoding: chunked')],
  ['a page with a body', 413, [...get('Content-Length: 5'), '', 'abcde']],
  ['a body announced twice', 400, stop(bearer, 'Content-Length: 0', 'Content-Length: 5')],
  ['a body of two lengths', 400, stop(bearer, 'Content-Length: 5', 'Transfer-Encoding: chunked')],
  ['a length below nothing', 400, stop(bearer, 'Content-Length: -1')],
  ['something expected', 0, stop(bearer, 'Expect: 100-continue', 'Content-Length: 5')],
  ['headers of 20 kB', 431, get(`X: ${'a'.repeat(20_000)}`)],
  ['a thousand headers', 431, get(...Array.from({ length: 1000 }, (_, k) => `X-${k}: aaaaaaaa`))],
  ['a header without a colon', 400, get('nothing')],
  ['a header with a space in its name', 400, get('Host : HOST')],
  ['a zero byte in a header', 400, get('X: a\0b')],
  ['another protocol', 400, ['GET / HTTP/9.9', 'Host: HOST']],
  ['no protocol', 400, ['GET /']],
  ['the hello of TLS', 400, ['\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03']],
];

test('there are more than sixty of them', () => assert.ok(refusals.length > 60, `${refusals.length}`));

for (const [what, status, request] of refusals) {
  test(`${what}: ${status || 'ended'}`, async () => {
    const answer = await exchange(Buffer.from(lines(...request), 'latin1'));
    const found = Number(/^HTTP\/1\.1 (\d{3}) /.exec(answer)?.[1] ?? 0);
    assert.equal(found, status, answer.slice(0, 300));
    assert.ok(!answer.includes('figures of the run'));
    assert.deepEqual(asked, []);
  });
}

test('after all of that a good request is answered, with every guard, and a verb with the token is heard', async () => {
  const answer = await exchange(lines(...get('Connection: close', 'Origin: http://HOST', 'Sec-Fetch-Site: same-origin')));
  assert.match(answer, /^HTTP\/1\.1 200 /);
  assert.match(answer, /Content-Security-Policy: default-src 'none'; script-src 'self';/);
  assert.match(answer, /X-Content-Type-Options: nosniff/);
  assert.doesNotMatch(answer, /Access-Control/i);
  assert.match(await exchange(lines(...stop(bearer, 'Connection: close', 'Content-Length: 0'))), /^HTTP\/1\.1 204 /);
  assert.deepEqual(asked, ['stop']);
});

test('who is slow, or says nothing, is ended', async () => {
  const slow = await open(400);
  try {
    for (const bytes of ['', 'GET / HT', `GET / HTTP/1.1\r\nHost: 127.0.0.1:${slow.port}\r\nX: `]) {
      const began = performance.now();
      const socket = connect(slow.port, '127.0.0.1', () => socket.write(bytes));
      const drip = setInterval(() => bytes.endsWith(' ') && socket.write('a'), 50);
      socket.on('error', () => {});
      await new Promise(resolve => socket.on('data', () => {}).on('close', resolve));
      clearInterval(drip);
      assert.ok(performance.now() - began < 3000, `${JSON.stringify(bytes)}: ${performance.now() - began} ms`);
    }
  } finally {
    await slow.close();
  }
});

test('connections and readers have a limit', async () => {
  const crowded = await open();
  const request = `GET /events HTTP/1.1\r\nHost: 127.0.0.1:${crowded.port}\r\n\r\n`;
  let full = 0;
  const sockets = Array.from({ length: connections + 20 }, () => {
    const socket = connect(crowded.port, '127.0.0.1', () => socket.write(request));
    socket.on('error', () => {});
    socket.on('data', part => (full += String(part).includes('event: full') ? 1 : 0));
    return socket;
  });
  await sleep(500);
  assert.equal(crowded.readers(), 16);
  assert.equal(full, connections - 16);
  for (const socket of sockets) socket.destroy();
  await crowded.close();
});

test('others than this machine need the token to read, too', async () => {
  const shared = await openServer({
    ...{ port: 0, host: '0.0.0.0', token, option: '--serve' },
    greeting: () => message('run', { secret: 'figures of the run' }),
    control: () => false,
  });
  try {
    const ask = (...more: string[]) =>
      exchange(`${['GET /events HTTP/1.1', `Host: 127.0.0.1:${shared.port}`, ...more].join('\r\n')}\r\n\r\n`, shared.port);
    assert.match(await ask(), /^HTTP\/1\.1 401 /);
    assert.match(await ask(`Authorization: Bearer ${token}`), /figures of the run/);
    assert.match(await exchange(`GET / HTTP/1.1\r\nHost: evil.example:${shared.port}\r\n\r\n`, shared.port), /^HTTP\/1\.1 421 /);
  } finally {
    await shared.close();
  }
});

test('a port that is taken: PORT_IN_USE, with the way out', async () => {
  await assert.rejects(
    openServer({ port: server.port, host: '127.0.0.1', option: '--serve', greeting: () => '', control: () => false }),
    { code: 'PORT_IN_USE', message: /--serve 0/ },
  );
  await assert.rejects(
    openServer({ port: 0, host: '203.0.113.7', option: '--serve', greeting: () => '', control: () => false }),
    { code: 'CONFIG_RANGE', message: /an address of this machine/ },
  );
});
