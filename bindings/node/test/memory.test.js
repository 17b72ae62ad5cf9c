'use strict';
// Whose memory bytes are in: what a program is given is its own, whatever it does with it, and
// shows nothing else; and what it gave and changed later is told, or has no effect.

const assert = require('node:assert/strict');
const tls = require('node:tls');
const { test } = require('node:test');
const { Worker } = require('node:worker_threads');
const { tlswrap, pem, shows, trusts, listening, duplexPair, once } = require('./support.js');

const { TLSSocket } = tlswrap;

/** A client and a server over two Duplexes, both secure. */
async function overPair(clientOptions, serverOptions, transports = duplexPair()) {
  const client = new TLSSocket(transports[0], {
    servername: 'localhost',
    ...trusts(),
    ...clientOptions,
  });
  const server = new TLSSocket(transports[1], {
    isServer: true,
    ...shows('localhost'),
    ...serverOptions,
  });
  await Promise.all([once(client, 'secureConnect'), once(server, 'secure')]);
  return [client, server];
}

/** All of so many bytes that a socket reads, chunk by chunk. */
function read(socket, size, look = () => {}) {
  return new Promise((done) =>
    socket.on('data', function take(chunk) {
      size -= chunk.length;
      look(chunk);
      if (size > 0) return;
      socket.off('data', take);
      done();
    }),
  );
}

/** Takes the memory of a Buffer away from it, as postMessage(chunk, [chunk.buffer]) does. */
const moved = (bytes) => structuredClone(bytes.buffer, { transfer: [bytes.buffer] });

function assertOwn(bytes, what) {
  assert.equal(bytes.byteOffset, 0, what);
  assert.equal(bytes.buffer.byteLength, bytes.length, `${what}: its memory holds more than itself`);
}

test('what is read is in memory of its own, of exactly its size', async () => {
  const pairs = [await overPair(), await overPair()];
  const seen = new Set();
  for (const size of [1, 64, 100, 4095, 4096, 16_384, 40_000, 300_000])
    for (const [client, server] of pairs) {
      const all = read(server, size, (chunk) => {
        assertOwn(chunk, `${chunk.length} of ${size} bytes`);
        assert.ok(!seen.has(chunk.buffer), 'two chunks share memory');
        seen.add(chunk.buffer);
      });
      client.write(Buffer.alloc(size, 'x'));
      await all;
    }
});

test('who hands the memory of a chunk on takes nothing from other connections', async () => {
  const [[one, atOne], [other, atOther]] = [await overPair(), await overPair()];
  const secret = Buffer.from('the secret of another connection '.repeat(300));
  for (let round = 0; round < 3; round++) {
    atOne.write(Buffer.alloc(8192, 'A'));
    const [chunk] = await once(one, 'data');
    const memory = moved(chunk);
    assert.equal(chunk.length, 0, 'it was handed on');
    atOther.write(secret);
    const [told] = await once(other, 'data');
    assert.deepEqual(told, secret);
    assert.deepEqual(
      Buffer.from(memory),
      Buffer.alloc(8192, 'A'),
      'the memory that was handed on has changed',
    );
  }
});

test('a chunk may be transferred to another thread', async (t) => {
  const [client, server] = await overPair();
  const worker = new Worker(
    `const { parentPort } = require('node:worker_threads');
    parentPort.on('message', (chunk) => parentPort.postMessage(String(Buffer.from(chunk))));`,
    { eval: true },
  );
  t.after(() => worker.terminate());
  for (const words of ['first', 'second'.repeat(2000)]) {
    server.write(words);
    const [chunk] = await once(client, 'data');
    worker.postMessage(chunk, [chunk.buffer]);
    assert.equal((await once(worker, 'message'))[0], words);
  }
});

test('what a transport is given to send is its own too', async () => {
  const transports = duplexPair();
  const sent = [];
  for (const transport of transports) {
    const write = transport._write;
    transport._write = function (chunk, encoding, callback) {
      assertOwn(chunk, 'what is sent');
      // Over a network: the peer gets a copy, and whoever sends may do with its own what it likes.
      const copy = Uint8Array.prototype.slice.call(chunk);
      sent.push(moved(chunk));
      write.call(this, Buffer.from(copy.buffer), encoding, callback);
    };
  }
  const [client, server] = await overPair({}, {}, transports);
  for (const size of [1, 5000, 100_000]) {
    const all = read(server, size);
    client.write(Buffer.alloc(size, 'z'));
    await all;
  }
  assert.ok(sent.length >= 3);
});

test('sessions, key logs and certificates are in memory of their own', async () => {
  const transports = duplexPair();
  const client = new TLSSocket(transports[0], { servername: 'localhost', ...trusts() });
  const lines = [];
  client.on('keylog', (line) => lines.push(line));
  const session = once(client, 'session');
  const server = new TLSSocket(transports[1], { isServer: true, ...shows('localhost') });
  await Promise.all([once(client, 'secureConnect'), once(server, 'secure')]);
  server.write('x');
  client.resume();
  assertOwn((await session)[0], 'a session');
  assert.ok(lines.length > 1);
  for (const line of lines) assertOwn(line, 'a line of a key log');
  for (const der of client.getPeerChain({ as: 'der' })) assertOwn(der, 'a certificate');
  assertOwn(client.getFinished(), 'a Finished message');
  assertOwn(client.exportKeyingMaterial(16, 'EXPORTER-x'), 'keying material');
  assertOwn(client.getChannelBinding('tls-exporter'), 'a channel binding');
});

for (const [what, bytes, change] of [
  ['handed on', Buffer.alloc(50_000, 'x'), moved],
  [
    'shrunk',
    Buffer.from(new ArrayBuffer(50_000, { maxByteLength: 50_000 })),
    ({ buffer }) => buffer.resize(10),
  ],
])
  test(`a Buffer that was ${what} before it was sent is not taken for sent`, async () => {
    const [one, other] = duplexPair();
    const client = new TLSSocket(one, { servername: 'localhost', ...trusts() });
    const written = new Promise((done) => client.write(bytes, done)); // it waits for the handshake
    const failed = once(client, 'error');
    change(bytes);
    const server = new TLSSocket(other, { isServer: true, ...shows('localhost') });
    server.on('error', () => {});
    assert.equal((await failed)[0].code, 'ERR_INVALID_STATE');
    assert.equal((await written).code, 'ERR_INVALID_STATE');
  });

test('what happens to the memory of options later changes nothing', async (t) => {
  const options = { ...shows('localhost'), ALPNProtocols: Buffer.from('\x02h2\x01x', 'latin1') };
  const secureContext = tlswrap.createSecureContext(options);
  const ca = [Buffer.from(pem('root'))];
  const trusting = tlswrap.createSecureContext({ ca });
  const server = tlswrap.createServer(options, (socket) => socket.end('here'));
  const port = await listening(t, server);
  for (const bytes of [options.cert, options.key, options.ALPNProtocols, ...ca]) bytes.fill(0);
  ca.length = 0;
  server.addContext('localhost', secureContext);
  const socket = tlswrap.connect({
    port,
    host: '127.0.0.1',
    servername: 'localhost',
    secureContext: trusting,
    ALPNProtocols: ['x'],
  });
  assert.equal(String((await once(socket, 'data'))[0]), 'here');
  assert.equal(socket.authorized, true);
  assert.equal(socket.alpnProtocol, 'x');
});

test('a chunk may be written to while a pre-shared key is asked for', async () => {
  const psk = Buffer.alloc(32, 7);
  const suites = { maxVersion: 'TLSv1.2', ciphers: 'PSK' };
  const [one, other] = duplexPair();
  let chunk;
  other.on('data', (data) => (chunk = data));
  const server = new TLSSocket(other, {
    isServer: true,
    ...suites,
    pskCallback() {
      chunk.fill(0); // the rest of the client's flight is in it
      moved(chunk);
      return psk;
    },
  });
  const client = tls.connect({
    socket: one,
    ...suites,
    ciphers: 'PSK-CHACHA20-POLY1305:PSK-AES128-CBC-SHA',
    checkServerIdentity() {},
    pskCallback: () => ({ psk, identity: 'me' }),
  });
  await Promise.all([once(client, 'secureConnect'), once(server, 'secure')]);
  client.destroy();
});

test('what comes behind close_notify is not kept', async () => {
  const [one, other] = duplexPair();
  one._final = (callback) => callback(); // close_notify, but no end of the transport
  const [client, server] = await overPair({}, { allowHalfOpen: true }, [one, other]);
  server.resume();
  client.end();
  await once(server, 'end');
  const junk = Buffer.alloc(64 * 1024);
  const before = process.memoryUsage().rss;
  for (let sent = 0; sent < 192 << 20; sent += junk.length) {
    other.push(junk);
    await new Promise(setImmediate);
  }
  const kept = process.memoryUsage().rss - before;
  assert.ok(kept < 96 << 20, `${kept >> 20} MiB more`);
  server.destroy();
});
