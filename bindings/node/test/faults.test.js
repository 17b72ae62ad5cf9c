'use strict';
// Functions of the program that throw or wait, names that are none, peers that are gone: told where
// node:tls tells it, and no process ends by it. Stories that node:tls knows are told by it too.

const assert = require('node:assert/strict');
const { execFile } = require('node:child_process');
const { Duplex } = require('node:stream');
const https = require('node:https');
const net = require('node:net');
const path = require('node:path');
const tls = require('node:tls');
const { test } = require('node:test');
const { tlswrap, directory, shows, trusts, listening, duplexPair, once } = require('./support.js');

const BOTH = [
  ['node:tls', tls, https.Agent],
  ['ours', tlswrap, tlswrap.Agent],
];

/**
 * Runs a program with `tls` and `Agent` of either kind, in a process of its own: what it prints,
 * and how it ended.
 */
function program(who, text) {
  const { NODE_TEST_CONTEXT, ...env } = process.env;
  const support = JSON.stringify(path.join(__dirname, 'support.js'));
  const head = `const { tlswrap, shows, trusts } = require(${support});
    const https = require('node:https'), net = require('node:net');
    const tls = ${who === 'ours'} ? tlswrap : require('node:tls');
    const Agent = (${who === 'ours'} ? tlswrap : https).Agent;
    const closing = (server) => (failed) => { console.log('close', failed); server.close(); };
    const to = (server) => ({ port: server.address().port, host: '127.0.0.1', servername: 'localhost', ...trusts() });
    process.on('uncaughtException', (error) => console.log('uncaught', error.message));`;
  return new Promise((done) =>
    execFile(
      process.execPath,
      ['-e', head + text],
      { env: { ...env, TLSWRAP_TEST_PKI: directory }, timeout: 60_000 },
      (error, stdout, stderr) =>
        done({
          said: stdout.split('\n').filter(Boolean).sort(),
          status: error ? (error.code ?? error.signal) : 0,
          stderr,
        }),
    ),
  );
}

// ---- SNICallback ----

const ANSWERS = {
  'it throws': [
    () => {
      throw new Error('broken');
    },
    { message: 'broken' },
  ],
  'it answers with an error': [
    (name, answer) => answer(new Error('nobody')),
    { message: 'nobody' },
  ],
  'it answers with no context': [
    (name, answer) => answer(null, {}),
    { message: /^Invalid SNI context/ },
  ],
  'it answers twice': [
    (name, answer) => (answer(null, null), answer(null, null)),
    { code: 'ERR_MULTIPLE_CALLBACK' },
  ],
};

for (const [who, { createServer }] of BOTH) {
  for (const [what, [SNICallback, wanted]] of Object.entries(ANSWERS))
    test(`${who}: SNICallback: ${what}`, async (t) => {
      const server = createServer({ ...shows('localhost'), SNICallback }, (socket) =>
        socket.on('error', () => {}).resume(),
      );
      const port = await listening(t, server);
      const told = once(server, 'tlsClientError');
      const client = tls.connect({ port, host: '127.0.0.1', servername: 'localhost', ...trusts() });
      const failed = new Promise((done) => client.once('error', done));
      const [error] = await told;
      for (const [key, value] of Object.entries(wanted)) {
        if (value instanceof RegExp) assert.match(error[key], value);
        else assert.equal(error[key], value);
      }
      assert.equal((await failed).code, 'ECONNRESET');
      assert.ok(server.listening);
    });

  test(`${who}: SNICallback has to be a function`, () => {
    assert.throws(() => createServer({ ...shows('localhost'), SNICallback: 'x' }), {
      code: 'ERR_INVALID_ARG_TYPE',
    });
  });
}

/** The ClientHello of a client that asks for localhost. */
async function hello() {
  const [one, other] = duplexPair();
  const client = tls.connect({ socket: one, servername: 'localhost' });
  client.on('error', () => {});
  const [bytes] = await once(other, 'data');
  client.destroy();
  return bytes;
}

// node:tls reads and keeps some megabytes.
test('while SNICallback waits, what the client sends waits in the network', async (t) => {
  const asked = [];
  const server = tlswrap.createServer({
    ...shows('localhost'),
    SNICallback: (name, answer) => asked.push(answer) && server.emit('asked'),
  });
  let transport;
  server.on('connection', (socket) => (transport = socket));
  const port = await listening(t, server);
  const client = net.connect(port, '127.0.0.1');
  client.on('error', () => {});
  t.after(() => client.destroy());
  client.write(await hello());
  await once(server, 'asked');
  const JUNK = 64 << 20; // far more than the network holds
  client.write(Buffer.alloc(JUNK));
  const start = process.memoryUsage().rss;
  for (let before = -1; before !== client.writableLength + client.bytesWritten;) {
    before = client.writableLength + client.bytesWritten;
    await new Promise((done) => setTimeout(done, 100));
  }
  assert.ok(transport.bytesRead < 1 << 20, `${transport.bytesRead} bytes were read`);
  assert.ok(process.memoryUsage().rss - start < 32 << 20);
  const told = once(server, 'tlsClientError');
  asked[0](null, tlswrap.createSecureContext(shows('localhost')));
  assert.match((await told)[0].code, /^ERR_SSL_|^ECONNRESET$/);
});

test('what came while SNICallback waited is read when it has answered', async () => {
  const [one, other] = duplexPair();
  let answer;
  const server = new tlswrap.TLSSocket(other, {
    isServer: true,
    ...shows('localhost'),
    SNICallback: (name, later) => (answer = later),
  });
  const client = new tlswrap.TLSSocket(one, { servername: 'a.example.test', ...trusts() });
  client.end('early');
  server.read(); // does not make the transport go on
  while (answer === undefined) await new Promise(setImmediate);
  assert.ok(other.isPaused());
  const read = once(server, 'data');
  answer(null, tlswrap.createSecureContext(shows('wildcard')));
  assert.equal(String((await read)[0]), 'early');
  assert.equal(client.getPeerCertificate().subject.CN, '*.example.test');
  for (const socket of [client, server]) socket.destroy();
});

// ---- Callbacks and listeners that throw ----

// What each prints, sorted, and whether node:tls does, which of the first three emits no 'close' or
// an error more.
const PROGRAMS = [
  [
    'a write callback that throws when the connection is lost',
    `const server = net.createServer((socket) => socket.destroy()).listen(0, '127.0.0.1', () => {
      const client = tls.connect(to(server));
      client.on('error', (error) => console.log('error', error.code));
      client.on('close', closing(server));
      client.write('hello', () => { throw new Error('in the callback'); });
    });`,
    ['close true', 'error ECONNRESET', 'uncaught in the callback'],
    false,
  ],
  [
    'a write callback that throws when destroy() is called',
    `const server = net.createServer((socket) => socket.on('error', () => {}).resume());
    server.listen(0, '127.0.0.1', () => {
      const client = tls.connect(to(server));
      client.on('close', closing(server));
      client.write('hello', () => { throw new Error('in the callback'); });
      client.on('connect', () => client.destroy());
    });`,
    ['close false', 'uncaught in the callback'],
    false,
  ],
  [
    'a listener of secureConnect and a write callback that throw',
    `const server = tls.createServer(shows('localhost'), (socket) => {
      socket.on('data', (data) => { console.log('server', String(data)); socket.end('answer'); });
    });
    server.listen(0, '127.0.0.1', () => {
      const client = tls.connect(to(server));
      client.on('secureConnect', () => { throw new Error('in secureConnect'); });
      client.write('hello', () => { throw new Error('in the callback'); });
      client.on('data', (data) => console.log('client', String(data))).on('close', closing(server));
    });`,
    [
      'client answer',
      'close false',
      'server hello',
      'uncaught in secureConnect',
      'uncaught in the callback',
    ],
    false,
  ],
  [
    'a name that is none, from a queued Agent',
    `const agent = new Agent({ maxTotalSockets: 1 });
    const server = net.createServer((socket) => socket.destroy()).listen(0, '127.0.0.1', () => {
      const first = https.get({ ...to(server), agent });
      first.on('error', (error) => console.log('first', error.code));
      const second = https.get(new URL('https://a..b:1/'), { agent });
      second.on('error', () => { console.log('second'); server.close(); });
    });`,
    ['first ECONNRESET', 'second'],
  ],
  [
    'a connection listener that is async and fails, with captureRejections',
    `require('node:events').captureRejections = true;
    const server = tls.createServer(shows('localhost'), async (socket) => {
      socket.on('error', (error) => console.log('server', error.message));
      throw new Error('in the listener');
    });
    server.listen(0, '127.0.0.1', () => {
      const client = tls.connect(to(server));
      client.on('error', () => {}).on('close', () => server.close()).resume();
    });`,
    ['server in the listener'],
  ],
];

for (const [what, text, said, withNode = true] of PROGRAMS)
  for (const [who] of withNode ? BOTH : BOTH.slice(1))
    test(`${who}: ${what}`, async () => {
      const end = await program(who, text);
      assert.deepEqual(end.said, said, end.stderr);
      assert.equal(end.status, 0, end.stderr);
    });

// ---- Names ----

for (const [who, , Agent] of BOTH)
  test(`${who}: a URL's host that is no name of a server is an error of the request`, async () => {
    const agent = new Agent();
    for (const host of ['a..b', 'a!b', 'a(b)', 'a*b', `a.${'b'.repeat(64)}`, 'x'.repeat(300)]) {
      const failed = new Promise((done) =>
        https.get(new URL(`https://${host}:1/`), { agent }).on('error', done),
      );
      assert.ok((await failed) instanceof Error, host);
    }
  });

test('a name that is none is an error of the connection, and nothing is sent', async () => {
  const sent = [];
  const transport = new Duplex({
    read() {},
    write: (chunk, encoding, callback) => (sent.push(chunk), callback()),
  });
  const socket = tlswrap.connect({
    socket: transport,
    servername: 'a..b',
    rejectUnauthorized: false,
  });
  socket.on('keylog', () => {});
  socket.write('x', () => {});
  const [[error]] = await Promise.all([
    once(socket, 'error'),
    new Promise((done) => socket.once('close', done)),
  ]);
  assert.match(error.message, /server_hostname/);
  assert.deepEqual(sent, []);
});

// ---- Peers that are gone ----

for (const [who, { connect, createServer }] of BOTH) {
  test(`${who}: an end to a peer that is gone is an end`, async (t) => {
    const port = await listening(
      t,
      createServer(shows('localhost'), (socket) => {
        socket.on('error', () => {});
        socket.end('last words', () => socket.destroy());
      }),
    );
    const client = connect({
      port,
      host: '127.0.0.1',
      servername: 'localhost',
      allowHalfOpen: true,
      ...trusts(),
    });
    t.after(() => client.destroy());
    const words = [];
    client
      .on('error', (error) => words.push(`error ${error.code}`))
      .on('finish', () => words.push('finish'));
    client.resume();
    await once(client, 'end');
    await new Promise((done) => setTimeout(done, 50));
    // The first write is answered with a reset, which the end then meets.
    await new Promise((done) => client.write('late', done));
    await new Promise((done) => setTimeout(done, 50));
    client.end();
    const [failed] = await new Promise((done) => client.once('close', (...args) => done(args)));
    assert.deepEqual([...words, failed], ['finish', false]);
  });
}

for (const [what, last, wanted] of [
  ['close_notify that does not reach the peer is no failure', [], ['finish', 'close false']],
  ['bytes that do not reach it are one', ['bytes'], ['error EPIPE', 'close true']],
])
  test(what, async () => {
    const [one, other] = duplexPair();
    const client = new tlswrap.TLSSocket(one, {
      servername: 'localhost',
      ...trusts(),
      allowHalfOpen: true,
    });
    const server = new tlswrap.TLSSocket(other, { isServer: true, ...shows('localhost') });
    await Promise.all([once(client, 'secureConnect'), once(server, 'secure')]);
    one._write = (chunk, encoding, callback) =>
      callback(Object.assign(new Error('write EPIPE'), { code: 'EPIPE', syscall: 'write' }));
    const words = [];
    client
      .on('error', (error) => words.push(`error ${error.code}`))
      .on('finish', () => words.push('finish'));
    client.end(...last);
    await new Promise((done) =>
      client.once('close', (failed) => done(words.push(`close ${failed}`))),
    );
    assert.deepEqual(words, wanted);
    server.destroy();
  });

/** All that a server answers a ClientHello with. */
function flight(hello, options) {
  return new Promise((done) => {
    const parts = [];
    const transport = new Duplex({
      read() {},
      write(chunk, encoding, callback) {
        parts.push(chunk);
        setImmediate(() => done(Buffer.concat(parts)));
        callback();
      },
    });
    new tls.TLSSocket(transport, { isServer: true, ...options }).on('error', () => {});
    transport.push(hello);
  });
}

for (const [what, answer, code] of [
  [
    'a certificate is refused',
    (hello) => flight(hello, { ...shows('untrusted'), maxVersion: 'TLSv1.2' }),
    'UNABLE_TO_GET_ISSUER_CERT_LOCALLY',
  ],
  [
    'a certificate is refused in TLS 1.3',
    (hello) => flight(hello, shows('untrusted')),
    'UNABLE_TO_GET_ISSUER_CERT_LOCALLY',
  ],
  ['the peer does not speak TLS', () => 'HTTP/1.1 400 Bad Request\r\n\r\n', /^ERR_SSL_/],
])
  test(`${what}: that is the error, though the peer resets the connection at once`, async (t) => {
    const port = await listening(
      t,
      net.createServer((raw) => {
        raw.on('error', () => {});
        raw.once('data', async (hello) => {
          raw.write(await answer(hello), () => raw.resetAndDestroy());
        });
      }),
    );
    for (let round = 0; round < 10; round++) {
      const client = tlswrap.connect({
        port,
        host: '127.0.0.1',
        servername: 'localhost',
        ...trusts(),
      });
      const [error] = await once(client, 'error');
      assert.match(error.code, code instanceof RegExp ? code : new RegExp(`^${code}$`));
      if (error.status === 'TLSW_ERR_VERIFY') assert.ok(client.getPeerChain().length > 0);
    }
  });

test('a peer that reads nothing cannot keep a connection that failed', async (t) => {
  let transport;
  const server = tlswrap.createServer(shows('localhost'), (socket) => {
    socket.on('error', () => {});
    socket.write(Buffer.alloc(64 << 20));
  });
  server.on('connection', (socket) => (transport = socket));
  const port = await listening(t, server);
  const raw = net.connect(port, '127.0.0.1');
  t.after(() => raw.destroy());
  raw.on('error', () => {});
  // A client that, once it is secure, reads no more and sends what is no record.
  const [inner, outer] = duplexPair();
  raw.on('data', (data) => outer.write(data));
  outer.on('data', (data) => raw.write(data));
  const client = tlswrap.connect({ socket: inner, servername: 'localhost', ...trusts() });
  await once(client, 'secureConnect');
  raw.pause();
  while (transport === undefined || transport.writableLength === 0)
    await new Promise((done) => setTimeout(done, 10));
  const closed = new Promise((done) => transport.once('close', done));
  raw.write(Buffer.from('this is no record of TLS, and it is long enough to be seen as none'));
  await closed;
  client.destroy();
});
