'use strict';
// The command tlswrap-chain: byte for byte what C's prints with --json.

const assert = require('node:assert/strict');
const { execFile } = require('node:child_process');
const path = require('node:path');
const { test } = require('node:test');
const tls = require('node:tls');
const { root, tlswrap, pemPath, shows, listening } = require('./support.js');

const ours = path.join(__dirname, '..', 'bin', 'tlswrap-chain.js');
const cs = path.join(root, 'target', 'dist', 'tlswrap-chain');

function run(program, args) {
  return new Promise((done) => execFile(program, args, { timeout: 30_000, maxBuffer: 1 << 24 }, (error, stdout, stderr) =>
    done({ status: error ? error.code : 0, stdout, stderr })));
}

const STORIES = [
  ['verified', 'localhost', [], 'root', 0],
  ['verified by its address', 'localhost', [], 'root', 0, '127.0.0.1'],
  ['an unknown root', 'localhost', [], 'untrusted-root', 1],
  ['another name', 'localhost', ['--servername', 'other.example'], 'root', 1],
  ['expired', 'expired', [], 'root', 1],
  ['names that attack a terminal', 'terminal-escapes', [], 'root', 0],
  ['many names', 'many-names', [], 'root', 0],
  ['ALPN', 'localhost', ['--alpn', 'h2,http/1.1'], 'root', 0],
  ['TLS 1.3 at least', 'rsa', ['--min-tls', '1.3'], 'root', 0],
];

for (const [what, name, options, ca, status, host = 'localhost'] of STORIES)
  test(`tlswrap-chain: ${what}, as C prints it`, async (t) => {
    const server = tls.createServer({ ...shows(name), ALPNProtocols: ['http/1.1'] }, (socket) => socket.on('error', () => {}));
    server.on('tlsClientError', () => {});
    const port = await listening(t, server);
    const args = [`${host}:${port}`, '--json', '--cafile', pemPath(ca), ...options];
    const [theirs, mine] = [await run(cs, args), await run(ours, args)];
    assert.equal(mine.stdout, theirs.stdout);
    assert.equal(mine.stderr, theirs.stderr);
    assert.equal(mine.status, theirs.status);
    assert.equal(mine.status, status);
    assert.equal(JSON.parse(mine.stdout).verified, status === 0);
  });

test('tlswrap-chain: no TLS, nobody there, wrong usage', async (t) => {
  const plain = require('node:net').createServer((socket) => socket.end('no TLS here\n'));
  const port = await listening(t, plain);
  const none = await run(ours, [`127.0.0.1:${port}`]);
  assert.equal(none.status, 3);
  assert.equal(none.stdout, '');
  assert.match(none.stderr, /^tlswrap-chain: ./);
  for (const args of [[], ['a', 'b'], ['host:0'], ['https://host'], ['host', '--min-tls', '1'], ['host', '--nonsense'], ['host', '--timeout', 'soon'], ['host', '--cafile', '/nonexistent']]) {
    const wrong = await run(ours, args);
    assert.equal(wrong.status, 2, `${args}: ${wrong.stderr}`);
  }
  const version = await run(ours, ['--version']);
  assert.ok(version.stdout.includes(tlswrap.version().tlswrap));
});
