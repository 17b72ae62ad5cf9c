'use strict';
// The example programs, run as they stand.

const assert = require('node:assert/strict');
const { execFile, spawn } = require('node:child_process');
const path = require('node:path');
const { test } = require('node:test');
const { tlswrap, pemPath, shows, trusts, listening, readAll, once } = require('./support.js');

const example = (name) => path.join(__dirname, '..', 'examples', name);

function run(name, ...args) {
  return new Promise((done) => execFile(process.execPath, [example(name), ...args], { timeout: 30_000 }, (error, stdout, stderr) =>
    done({ status: error ? error.code : 0, stdout, stderr })));
}

/** Starts an example that is a server; it tells its port first. */
async function started(t, name, ...args) {
  const server = spawn(process.execPath, [example(name), ...args], { stdio: ['ignore', 'pipe', 'inherit'] });
  t.after(async () => {
    server.kill();
    if (server.exitCode === null && server.signalCode === null) await once(server, 'exit');
  });
  const [port] = await once(server.stdout, 'data');
  return Number(port);
}

test('client.js', async (t) => {
  const port = await listening(t, tlswrap.createServer(shows('localhost'), (socket) => socket.resume()));
  const good = await run('client.js', 'localhost', String(port), pemPath('root'));
  assert.equal(good.stderr, '');
  assert.equal(good.status, 0);
  assert.match(good.stdout, /^TLSv1\.3 with TLS_[^]*CN=localhost\n[^]*CN=tlswrap test root\n$/);
  const bad = await run('client.js', 'localhost', String(port), pemPath('untrusted-root'));
  assert.equal(bad.status, 1);
  assert.match(bad.stderr, /unable to get local issuer[^]*sent: CN=localhost\n/);
});

test('server.mjs', async (t) => {
  const port = await started(t, 'server.mjs', pemPath('localhost.chain'), pemPath('localhost.key'), pemPath('root'));
  const socket = tlswrap.connect({ port, host: 'localhost', ...trusts(), ...shows('client') });
  assert.equal((await readAll(socket)).toString(), 'You are tlswrap test client.\n');
});

test('https.js and fetch.mjs', async (t) => {
  const port = await started(t, 'https.js', pemPath('localhost.chain'), pemPath('localhost.key'));
  const { status, stdout, stderr } = await run('fetch.mjs', `https://localhost:${port}/`, pemPath('root'));
  assert.equal(stderr, '');
  assert.equal(status, 0);
  assert.match(stdout, /^fetch: HTTP\/1\.1 over TLSv1\.3\n\nhttps: HTTP\/1\.1 over TLSv1\.3\n\nverified up to .*CN=tlswrap test root\n$/s);
});
