'use strict';
// TLS over a transport that another protocol used before (STARTTLS), in whatever state that left
// it; and what options of connections do to the transport. Each story is told by node:tls too.

const assert = require('node:assert/strict');
const net = require('node:net');
const tls = require('node:tls');
const { Writable } = require('node:stream');
const { test } = require('node:test');
const { tlswrap, shows, trusts, listening, readAll, once } = require('./support.js');

const BOTH = [
  ['node:tls', tls],
  ['ours', tlswrap],
];

/** What a text protocol may have done with its socket, and how it waits for one line. */
const LEFT = {
  nothing: (raw, line) => raw.once('data', line),
  'a pause()': (raw, line) => raw.once('data', () => line(raw.pause())),
  'an unpipe()': (raw, line) => {
    const sink = new Writable({
      write: (chunk, encoding, callback) => line(raw.unpipe(sink), callback()),
    });
    raw.pipe(sink);
  },
  "a listener of 'data'": (raw, line) => raw.on('data', () => line()),
  "a listener of 'readable'": (raw, line) => raw.on('readable', () => raw.read() && line()),
  'an encoding': (raw, line) => raw.setEncoding('utf8').once('data', line),
};

for (const [who, { connect, TLSSocket, createSecureContext }] of BOTH)
  for (const [what, wait] of Object.entries(LEFT)) {
    test(`${who}: STARTTLS of a client that has left ${what}`, async (t) => {
      const port = await listening(
        t,
        net.createServer((raw) => {
          raw.once('data', () => {
            raw.write('go ahead\n');
            new tls.TLSSocket(raw, {
              isServer: true,
              secureContext: tls.createSecureContext(shows('localhost')),
            }).end('secret');
          });
        }),
      );
      const raw = net.connect(port, '127.0.0.1');
      t.after(() => raw.destroy());
      raw.write('STARTTLS\n');
      let lines = 0;
      await new Promise((done) => wait(raw, () => done(lines++)));
      assert.equal(
        String(await readAll(connect({ socket: raw, servername: 'localhost', ...trusts() }))),
        'secret',
      );
      assert.equal(lines, 1, 'the protocol before was given encrypted bytes');
    });

    test(`${who}: STARTTLS of a server that has left ${what}`, async (t) => {
      let lines = 0;
      const port = await listening(
        t,
        net.createServer((raw) => {
          wait(raw, () => {
            if (lines++ > 0) return;
            raw.write('go ahead\n');
            const socket = new TLSSocket(raw, {
              isServer: true,
              secureContext: createSecureContext(shows('localhost')),
            });
            // Nobody reads it before it is secure.
            socket.once('secure', () => socket.end('secret'));
          });
        }),
      );
      const raw = net.connect(port, '127.0.0.1');
      t.after(() => raw.destroy());
      raw.write('STARTTLS\n');
      await once(raw, 'data');
      assert.equal(
        String(await readAll(tls.connect({ socket: raw, servername: 'localhost', ...trusts() }))),
        'secret',
      );
      assert.equal(lines, 1, 'the protocol before was given encrypted bytes');
    });
  }

test('text that an encoding has made of bytes already is told', () => {
  const raw = new net.Socket();
  raw.setEncoding('utf8');
  raw.push('text');
  assert.throws(() => new tlswrap.TLSSocket(raw, { servername: 'localhost' }), {
    code: 'ERR_INVALID_STATE',
  });
});

for (const [who, { connect, createServer, TLSSocket, createSecureContext }] of BOTH) {
  test(`${who}: over a transport that may be half open a server answers after the client's end`, async (t) => {
    const port = await listening(
      t,
      net.createServer({ allowHalfOpen: true }, (raw) => {
        const socket = new TLSSocket(raw, {
          isServer: true,
          secureContext: createSecureContext(shows('localhost')),
        });
        assert.equal(socket.allowHalfOpen, true);
        let question = '';
        socket.on('data', (data) => (question += data));
        socket.on('end', () => setTimeout(() => socket.end(`answer to ${question}`), 20));
      }),
    );
    const client = tls.connect({
      port,
      host: '127.0.0.1',
      servername: 'localhost',
      ...trusts(),
      allowHalfOpen: true,
    });
    client.end('question');
    assert.equal(String(await readAll(client)), 'answer to question');
  });

  test(`${who}: and a client speaks after the server's end`, async (t) => {
    let heard;
    const all = new Promise((done) => (heard = done));
    const port = await listening(
      t,
      tls.createServer({ ...shows('localhost'), allowHalfOpen: true }, (socket) => {
        readAll(socket).then(heard);
        socket.end('last words');
      }),
    );
    const raw = net.connect({ port, host: '127.0.0.1', allowHalfOpen: true });
    await once(raw, 'connect');
    const client = connect({ socket: raw, servername: 'localhost', ...trusts() });
    t.after(() => client.destroy());
    client.resume();
    await once(client, 'end');
    client.end('late');
    assert.equal(String(await all), 'late');
  });

  test(`${who}: a signal ends a handshake that the peer never answers`, async (t) => {
    const port = await listening(t, net.createServer());
    const abort = new AbortController();
    const client = connect({
      port,
      host: '127.0.0.1',
      servername: 'localhost',
      signal: abort.signal,
    });
    const closed = new Promise((done) => client.once('close', done));
    const failed = new Promise((done) => client.once('error', done));
    client.once('connect', () => abort.abort());
    assert.equal((await failed).code, 'ABORT_ERR');
    await closed;
    const late = connect({
      port,
      host: '127.0.0.1',
      servername: 'localhost',
      signal: abort.signal,
    });
    assert.equal((await new Promise((done) => late.once('error', done))).code, 'ABORT_ERR');
  });

  test(`${who}: pauseOnConnect`, async (t) => {
    const server = createServer({ ...shows('localhost'), pauseOnConnect: true });
    const port = await listening(t, server);
    const client = tls.connect({ port, host: '127.0.0.1', servername: 'localhost', ...trusts() });
    t.after(() => client.destroy());
    const [socket] = await once(server, 'secureConnection');
    assert.equal(socket.isPaused(), true);
    let read = 0;
    socket.on('data', (data) => (read += data.length));
    await new Promise((done) => client.write('hello', done));
    await new Promise((done) => setTimeout(done, 50));
    assert.equal(read, 0);
    socket.resume();
    await once(socket, 'data');
  });
}

test('options without an effect are refused', () => {
  for (const [option, value] of Object.entries({
    onread: { buffer: Buffer.alloc(10), callback() {} },
    requestOCSP: true,
    enableTrace: true,
    sigalgs: 'x',
    pfx: 'x',
  }))
    assert.throws(
      () => tlswrap.connect({ port: 1, host: '127.0.0.1', [option]: value }),
      { code: 'ERR_TLSW_UNSUPPORTED' },
      option,
    );
});
