'use strict';
// How connections end: each story is told once by node:tls with itself, and then has to go the same way with ours on
// either side or both.

const assert = require('node:assert/strict');
const net = require('node:net');
const tls = require('node:tls');
const { test } = require('node:test');
const { setTimeout: sleep } = require('node:timers/promises');
const { tlswrap, shows, trusts, listening, duplexPair, once } = require('./support.js');

/** What a socket tells, as words. */
function tale(socket) {
  const words = [];
  let bytes = 0;
  socket.on('data', (data) => (bytes += data.length));
  socket.on('end', () => words.push(`end after ${bytes}`));
  socket.on('finish', () => words.push('finish'));
  socket.on('error', (error) => words.push(`error ${error.code}`));
  socket.on('close', (failed) => words.push(`close ${failed}`));
  return words;
}

/** Has both ends act, and waits until both are closed. What each told, and errors of handshakes. */
async function play(t, [client, server], { clientOptions, serverOptions, onConnecting, onClient, onServer }) {
  const accepting = server.createServer({ ...shows('localhost'), ...serverOptions });
  const words = { client: [], server: [] };
  let transport;
  accepting.on('connection', (socket) => (transport = socket));
  const closed = [];
  accepting.on('secureConnection', (socket) => {
    words.server = tale(socket);
    closed.push(new Promise((done) => socket.once('close', done)));
    onServer?.(socket, transport);
  });
  accepting.on('tlsClientError', (error) => words.server.push(`tlsClientError ${error.code}`));
  const port = await listening(t, accepting);
  const connecting = client.connect({ port, host: '127.0.0.1', servername: 'localhost', ...trusts(), ...clientOptions });
  words.client = tale(connecting);
  onConnecting?.(connecting);
  closed.push(new Promise((done) => connecting.once('close', done)));
  connecting.once('secureConnect', () => onClient?.(connecting));
  await closed[0];
  await Promise.all(closed);
  await sleep(5);
  // Which of two directions ends first is the network's affair.
  for (const one of Object.values(words)) one.sort();
  return words;
}

const STORIES = {
  'the client ends, the server answers with its end': {
    onClient: (socket) => socket.end('x'.repeat(1000)),
  },
  'the server ends, the client answers with its end': {
    onServer: (socket) => socket.end('x'.repeat(100_000)),
  },
  'the client ends, and the server sends on': {
    clientOptions: { allowHalfOpen: true },
    serverOptions: { allowHalfOpen: true },
    onClient: (socket) => socket.end('x'),
    onServer: (socket) => socket.on('end', () => socket.end('y'.repeat(1_000_000))),
  },
  'the server ends, and the client sends on': {
    clientOptions: { allowHalfOpen: true },
    serverOptions: { allowHalfOpen: true },
    onServer: (socket) => socket.end('x'),
    onClient: (socket) => socket.on('end', () => socket.end('y'.repeat(1_000_000))),
  },
  'the server destroys its socket': {
    onClient: (socket) => socket.write('x'),
    onServer: (socket) => socket.on('data', () => socket.destroy()),
  },
  'the server destroys its socket with an error of its own': {
    onClient: (socket) => socket.write('x'),
    onServer: (socket) => socket.on('data', () => socket.destroy(Object.assign(new Error('enough'), { code: 'ENOUGH' }))),
  },
  'the transport is reset': {
    onClient: (socket) => socket.write('x'),
    onServer: (socket, transport) => socket.on('data', () => transport.resetAndDestroy()),
  },
  'the transport ends without a goodbye': {
    onClient: (socket) => socket.write('x'),
    onServer: (socket, transport) => socket.on('data', () => transport.end()),
  },
  'an end before the handshake is done': {
    onConnecting: (socket) => socket.end('x'),
  },
};

for (const [name, story] of Object.entries(STORIES)) {
  test(name, async (t) => {
    const told = await play(t, [tls, tls], story);
    assert.ok(told.client.some((word) => word.startsWith('close')), String(told.client));
    for (const [who, ends] of [['our client', [tlswrap, tls]], ['our server', [tls, tlswrap]], ['both', [tlswrap, tlswrap]]])
      assert.deepEqual(await play(t, ends, story), told, who);
  });
}

for (const [who, { connect }] of [['node:tls', tls], ['ours', tlswrap]]) {
  test(`${who}: nobody listens`, async () => {
    const holder = net.createServer().listen(0, '127.0.0.1');
    await once(holder, 'listening');
    const { port } = holder.address();
    await new Promise((done) => holder.close(done));
    const socket = connect({ port, host: '127.0.0.1' });
    const words = tale(socket);
    await new Promise((done) => socket.once('close', done));
    assert.deepEqual(words, ['error ECONNREFUSED', 'close true']);
  });

  test(`${who}: the server goes away in the handshake`, async (t) => {
    const port = await listening(t, net.createServer((socket) => socket.once('data', () => socket.end())));
    const socket = connect({ port, host: '127.0.0.1', servername: 'localhost' });
    const [error] = await once(socket, 'error');
    assert.equal(error.code, 'ECONNRESET');
    assert.equal(error.message, 'Client network socket disconnected before secure TLS connection was established');
    assert.equal(error.port, port);
  });

  test(`${who}: writing after the end`, async (t) => {
    const server = (who === 'ours' ? tlswrap : tls).createServer(shows('localhost'), (socket) => socket.resume());
    const port = await listening(t, server);
    const socket = connect({ port, host: '127.0.0.1', servername: 'localhost', ...trusts() });
    await once(socket, 'secureConnect');
    socket.end();
    socket.write('late');
    const [error] = await once(socket, 'error');
    assert.equal(error.code, 'ERR_STREAM_WRITE_AFTER_END');
  });

  test(`${who}: a client that goes away in the handshake`, async (t) => {
    const server = (who === 'ours' ? tlswrap : tls).createServer(shows('localhost'));
    const port = await listening(t, server);
    const told = once(server, 'tlsClientError');
    const socket = net.connect(port, '127.0.0.1');
    socket.on('error', () => {});
    await once(socket, 'connect');
    socket.destroy();
    assert.equal((await told)[0].code, 'ECONNRESET');
  });

  test(`${who}: a handshake that takes too long`, async (t) => {
    const server = (who === 'ours' ? tlswrap : tls).createServer({ ...shows('localhost'), handshakeTimeout: 50 });
    const port = await listening(t, server);
    const told = once(server, 'tlsClientError');
    const socket = net.connect(port, '127.0.0.1');
    t.after(() => socket.destroy());
    socket.on('error', () => {});
    assert.equal((await told)[0].code, 'ERR_TLS_HANDSHAKE_TIMEOUT');
  });
}

for (const [who, { connect, createServer }] of [
  ['node:tls', tls],
  ['ours', tlswrap],
])
  for (const size of [10, 10_000, 1_000_000])
    test(`${who}: ${size} bytes of a peer that is gone can still be read`, async (t) => {
      const server = createServer({ ...shows('localhost'), allowHalfOpen: true }, (socket) => {
        socket.resume().on('end', () => socket.end(Buffer.alloc(size)));
      });
      const port = await listening(t, server);
      const accepted = once(server, 'secureConnection');
      const client = connect({ port, host: '127.0.0.1', servername: 'localhost', ...trusts() });
      client.end('question');
      const [socket] = await accepted;
      // What does not fit into the client's memory waits in the network, and the server with it.
      if (size < 100_000) await new Promise((done) => socket.once('close', done));
      await sleep(50);
      assert.equal(client.destroyed, false);
      let read = 0;
      client.on('data', (data) => (read += data.length));
      await new Promise((done) => client.once('close', done));
      assert.equal(read, size);
    });

test('what is written over a transport that has ended is an error', async (t) => {
  const [one, other] = duplexPair();
  const client = new tlswrap.TLSSocket(one, { servername: 'localhost', ...trusts() });
  const server = new tlswrap.TLSSocket(other, { isServer: true, ...shows('localhost') });
  await Promise.all([once(client, 'secureConnect'), once(server, 'secure')]);
  one.end(); // below TLS
  const failed = new Promise((done) => client.once('error', done));
  const written = new Promise((done) => client.write('x', done));
  assert.equal((await failed).code, 'EPIPE');
  assert.equal((await written).code, 'EPIPE');
  server.destroy();
});
