'use strict';
// As a stream: over any Duplex, back-pressure in both directions, the event loop never held up, order kept.

const assert = require('node:assert/strict');
const { createHash, randomBytes } = require('node:crypto');
const net = require('node:net');
const { PassThrough, pipeline } = require('node:stream');
const { test } = require('node:test');
const tls = require('node:tls');
const { tlswrap, directory, shows, trusts, listening, readAll, duplexPair, once } = require('./support.js');

const { TLSSocket } = tlswrap;

/** A client and a server over two Duplexes, hands shaken. */
async function overPair(transports, clientOptions, serverOptions) {
  const [one, other] = transports;
  const client = new TLSSocket(one, { servername: 'localhost', ...trusts(), ...clientOptions });
  const server = new TLSSocket(other, { isServer: true, ...shows('localhost'), ...serverOptions });
  await Promise.all([once(client, 'secureConnect'), once(server, 'secure')]);
  return [client, server];
}

const digest = (data) => createHash('sha256').update(data).digest('hex');

for (const highWaterMark of [1, 100, 16 * 1024, 1024 * 1024])
  test(`over a Duplex with room for ${highWaterMark}, megabytes in both directions at once`, async () => {
    const size = highWaterMark === 1 ? 20_000 : 3_000_000;
    const [client, server] = await overPair(duplexPair({ highWaterMark }));
    const [up, down] = [randomBytes(size), randomBytes(size)];
    client.end(up);
    server.end(down);
    const [atServer, atClient] = await Promise.all([readAll(server), readAll(client)]);
    assert.equal(digest(atServer), digest(up));
    assert.equal(digest(atClient), digest(down));
  });

test('writes of all sizes keep their order, gathered or not', async () => {
  const [client, server] = await overPair(duplexPair());
  const parts = Array.from({ length: 3000 }, (_, at) => randomBytes([1, 17, 4096, 16384, 16385, 70_000][at % 6] >> (at % 4)));
  const reading = readAll(server);
  parts.forEach((part, at) => {
    if (at % 50 === 0) client.cork();
    client.write(part);
    if (at % 50 === 40) process.nextTick(() => client.uncork());
  });
  client.write('häppchen', 'utf8');
  client.write('6869', 'hex');
  client.end();
  assert.equal(digest(await reading), digest(Buffer.concat([...parts, Buffer.from('häppchenhi')])));
});

test('TLS inside of TLS, ours and Node\'s', async (t) => {
  const inner = tlswrap.createSecureContext(shows('localhost'));
  const port = await listening(t, tls.createServer(shows('localhost'), (outer) => {
    const socket = new TLSSocket(outer, { isServer: true, secureContext: inner });
    socket.on('data', (data) => socket.write(data));
  }));
  const outer = tlswrap.connect({ port, host: '127.0.0.1', servername: 'localhost', ...trusts() });
  const socket = tlswrap.connect({ socket: outer, servername: 'localhost', ...trusts() });
  t.after(() => socket.destroy());
  await once(socket, 'secureConnect');
  socket.write('within');
  assert.equal((await once(socket, 'data'))[0].toString(), 'within');
});

test('who writes without being read is told to stop, and goes on when it is read', async (t) => {
  let reader;
  const accepted = new Promise((done) => (reader = done));
  const port = await listening(t, tlswrap.createServer(shows('localhost'), reader));
  const client = tlswrap.connect({ port, host: '127.0.0.1', servername: 'localhost', ...trusts() });
  t.after(() => client.destroy());
  await once(client, 'secureConnect');
  const server = await accepted;
  const chunk = Buffer.alloc(64 * 1024, 'x');
  let accepts = 0;
  // Loopback itself holds some megabytes; that the memory of both ends does not grow with more is the point.
  while (accepts < 1000) {
    if (!client.write(chunk)) {
      const drained = await Promise.race([once(client, 'drain').then(() => true), new Promise((done) => setTimeout(done, 300, false))]);
      accepts++;
      if (!drained) break;
    }
  }
  assert.ok(accepts < 1000, 'it was never stopped');
  assert.ok(client.writableLength <= 2 * chunk.length, `${client.writableLength} bytes wait at the client`);
  assert.ok(server.readableLength <= 256 * 1024, `${server.readableLength} bytes wait at the server`);
  const sent = accepts * chunk.length;
  client.end();
  assert.equal((await readAll(server)).length % chunk.length, 0);
  assert.ok(sent > 0);
});

test('a reader that pauses stops the transport', async () => {
  const transports = duplexPair({ highWaterMark: 16 * 1024 });
  const [client, server] = await overPair(transports);
  let written = 0;
  const fill = () => {
    while (written < 50_000_000 && client.write(Buffer.alloc(16 * 1024))) written += 16 * 1024;
  };
  client.on('drain', fill);
  fill();
  await new Promise((done) => setTimeout(done, 100));
  assert.ok(written < 1_000_000, `${written} bytes were taken though nobody read`);
  assert.ok(transports[1].isPaused());
  const before = written;
  let read = 0;
  server.on('data', (data) => {
    read += data.length;
    if (read > 5_000_000) client.removeListener('drain', fill), client.destroy(), server.destroy();
  });
  await new Promise((done) => server.once('close', done));
  assert.ok(read > before);
});

test('bulk does not hold up the event loop', async (t) => {
  const port = await listening(t, tlswrap.createServer(shows('localhost'), (socket) => socket.resume()));
  const client = tlswrap.connect({ port, host: '127.0.0.1', servername: 'localhost', ...trusts() });
  t.after(() => client.destroy());
  await once(client, 'secureConnect');
  // One write of 64 MiB: what the transport has no room for is encrypted when it has.
  let ticks = 0;
  const timer = setInterval(() => ticks++, 1);
  await new Promise((done) => client.write(Buffer.alloc(64 << 20), done));
  clearInterval(timer);
  assert.ok(ticks >= 5, `${ticks} ticks`);
});

test('pipelines end in order', async () => {
  const [client, server] = await overPair(duplexPair(), {}, { allowHalfOpen: true });
  const data = randomBytes(500_000);
  const echo = new Promise((done, fail) => pipeline(server, new PassThrough(), server, (error) => (error ? fail(error) : done())));
  const source = new PassThrough();
  source.end(data);
  source.pipe(client);
  assert.equal(digest(await readAll(client)), digest(data));
  await echo;
});

test('idleness is told', async () => {
  const [client, server] = await overPair(duplexPair());
  // As with net.Socket, waiting for idleness alone does not keep a process alive.
  const alive = setInterval(() => {}, 1000);
  client.setTimeout(30);
  await once(client, 'timeout');
  client.setTimeout(0);
  clearInterval(alive);
  client.destroy();
  server.destroy();
});

test('a thousand connections at once', { timeout: 120_000 }, async (t) => {
  const COUNT = 1000;
  let most = 0;
  const server = tlswrap.createServer(shows('localhost'), (socket) => {
    socket.on('error', () => {});
    socket.on('data', (data) => socket.write(data));
    server.getConnections((_, now) => (most = Math.max(most, now)));
  });
  const port = await listening(t, server);
  const secureContext = tlswrap.createSecureContext(trusts());
  const sockets = await Promise.all(Array.from({ length: COUNT }, async (_, at) => {
    const socket = tlswrap.connect({ port, host: '127.0.0.1', servername: 'localhost', secureContext });
    await once(socket, 'secureConnect');
    socket.at = at;
    return socket;
  }));
  assert.ok(most === COUNT || (await new Promise((done) => server.getConnections((_, now) => done(now)))) === COUNT);
  await Promise.all(sockets.map(async (socket) => {
    socket.write(`I am ${socket.at}`);
    assert.equal((await once(socket, 'data'))[0].toString(), `I am ${socket.at}`);
    socket.end();
    await once(socket, 'close');
  }));
});

test('a client over a net.Socket that is connected already, and data that waits in it', async (t) => {
  const port = await listening(t, net.createServer((raw) => {
    // STARTTLS: a line in plain text, then TLS.
    raw.once('data', () => {
      raw.write('go ahead\n');
      const socket = new TLSSocket(raw, { isServer: true, ...shows('localhost') });
      socket.end('now it is secret');
    });
  }));
  const raw = net.connect(port, '127.0.0.1');
  raw.write('STARTTLS\n');
  assert.equal((await once(raw, 'data'))[0].toString(), 'go ahead\n');
  const socket = tlswrap.connect({ socket: raw, servername: 'localhost', ...trusts() });
  assert.equal((await readAll(socket)).toString(), 'now it is secret');
});

test('a listener that throws does not hold up what comes after', () => {
  const { execFileSync } = require('node:child_process');
  const { NODE_TEST_CONTEXT, ...env } = process.env;
  const program = `
    const { tlswrap, shows, trusts, duplexPair } = require('./support.js');
    const [one, other] = duplexPair();
    const client = new tlswrap.TLSSocket(one, { servername: 'localhost', ...trusts() });
    const server = new tlswrap.TLSSocket(other, { isServer: true, ...shows('localhost') });
    process.on('uncaughtException', (error) => console.log('caught', error.message));
    let parts = 0;
    client.on('data', (data) => {
      if (++parts === 1) throw new Error('oh');
      console.log(String(data));
      process.exit();
    });
    server.write('first');
    setTimeout(() => server.write('second'), 50);`;
  const out = execFileSync(process.execPath, ['-e', program], { cwd: __dirname, env: { ...env, TLSWRAP_TEST_PKI: directory }, encoding: 'utf8', timeout: 20_000 });
  assert.equal(out, 'caught oh\nsecond\n');
});
