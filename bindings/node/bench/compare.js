'use strict';
// Side by side with node:tls, in one run, over loopback, both ends of one kind, the same version, suite and group:
//
//     node bench/compare.js [ROUNDS [handshakes|bulk|'round trips']]
//
// The rounds alternate; the median and the best of each are told, and ours in node:tls's.

const fs = require('node:fs');
const os = require('node:os');
const path = require('node:path');
const { once } = require('node:events');
const { execFileSync } = require('node:child_process');
const tls = require('node:tls');

const root = path.join(__dirname, '..', '..', '..');
process.env.TLSWRAP_LIBRARY ??= path.join(root, 'target', 'dist', 'libtlswrap.so');
const tlswrap = require('..');

const rounds = Number(process.argv[2] ?? 7);
const directory = fs.mkdtempSync(path.join(os.tmpdir(), 'tlswrap-bench-'));
execFileSync(path.join(root, 'target', 'release', 'examples', 'make-certs'), [directory]);
const pem = (name) => fs.readFileSync(path.join(directory, `${name}.pem`));
const same = { minVersion: 'TLSv1.3', maxVersion: 'TLSv1.3', ciphers: 'TLS_AES_128_GCM_SHA256', ecdhCurve: 'X25519' };

/** Both ends of one implementation. */
async function ends({ connect, createServer, createSecureContext }, serve) {
  const server = createServer({ ...same, cert: pem('localhost.chain'), key: pem('localhost.key'), noDelay: true }, serve);
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const secureContext = createSecureContext({ ...same, ca: pem('root') });
  return {
    server,
    async open() {
      const socket = connect({ port: server.address().port, host: '127.0.0.1', servername: 'localhost', secureContext, noDelay: true });
      await once(socket, 'secureConnect');
      return socket;
    },
  };
}

const seconds = (since) => Number(process.hrtime.bigint() - since) / 1e9;

/** Full handshakes a second, eight at once, each with the client's certificate check. */
async function handshakes(kind) {
  const { server, open } = await ends(kind, (socket) => socket.on('error', () => {}).resume());
  const COUNT = 400;
  let left = COUNT;
  const began = process.hrtime.bigint();
  await Promise.all(Array.from({ length: 8 }, async () => {
    while (left-- > 0) (await open()).destroy();
  }));
  const rate = COUNT / seconds(began);
  server.close();
  return rate;
}

/** Megabytes a second in one direction. */
async function bulk(kind) {
  const SIZE = 192 * 1024 * 1024;
  let got = 0;
  let done;
  const all = new Promise((resolve) => (done = resolve));
  const { server, open } = await ends(kind, (socket) => socket.on('data', (data) => {
    got += data.length;
    if (got === SIZE) done();
  }));
  const socket = await open();
  const chunk = Buffer.alloc(64 * 1024, 'b');
  const began = process.hrtime.bigint();
  for (let sent = 0; sent < SIZE; sent += chunk.length) if (!socket.write(chunk)) await once(socket, 'drain');
  await all;
  const rate = SIZE / 1e6 / seconds(began);
  socket.destroy();
  server.close();
  return rate;
}

/** Round trips a second of 64 bytes on one connection. */
async function roundTrips(kind) {
  const COUNT = 8000;
  const { server, open } = await ends(kind, (socket) => socket.on('data', (data) => socket.write(data)));
  const socket = await open();
  const message = Buffer.alloc(64, 'm');
  const began = process.hrtime.bigint();
  await new Promise((resolve) => {
    let left = COUNT;
    socket.on('data', () => (--left === 0 ? resolve() : socket.write(message)));
    socket.write(message);
  });
  const rate = COUNT / seconds(began);
  socket.destroy();
  server.close();
  return rate;
}

const median = (numbers) => numbers.toSorted((a, b) => a - b)[numbers.length >> 1];

(async () => {
  const all = [['handshakes', handshakes, '/s'], ['bulk', bulk, 'MB/s'], ['round trips', roundTrips, '/s']];
  for (const [what, measure, unit] of all.filter(([what]) => what === (process.argv[3] ?? what))) {
    const found = { ours: [], theirs: [] };
    for (let round = 0; round <= rounds; round++)
      for (const [who, kind] of [['theirs', tls], ['ours', tlswrap]]) {
        const rate = await measure(kind);
        if (round > 0) found[who].push(rate); // the first is for the compiler
      }
    const [ours, theirs] = [found.ours, found.theirs];
    const best = (numbers) => Math.max(...numbers);
    console.log(`${what.padEnd(12)} node:tls ${median(theirs).toFixed(0)} ${unit} (best ${best(theirs).toFixed(0)})  ` +
      `tlswrap ${median(ours).toFixed(0)} ${unit} (best ${best(ours).toFixed(0)})  ratio ${(median(ours) / median(theirs)).toFixed(2)} (best ${(best(ours) / best(theirs)).toFixed(2)})`);
  }
  fs.rmSync(directory, { recursive: true });
})();
