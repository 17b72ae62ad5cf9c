'use strict';
// What the tests share: certificates made for this run, the library of this tree, ends for both sides.

const { execFileSync } = require('node:child_process');
const { once } = require('node:events');
const fs = require('node:fs');
const os = require('node:os');
const path = require('node:path');
const { Duplex } = require('node:stream');
const { after } = require('node:test');

const root = path.join(__dirname, '..', '..', '..');
process.env.TLSWRAP_LIBRARY ??= path.join(root, 'target', 'dist', 'libtlswrap.so');
const tlswrap = require('..');

const directory = process.env.TLSWRAP_TEST_PKI ?? makeCertificates();

function makeCertificates() {
  const made = fs.mkdtempSync(path.join(os.tmpdir(), 'tlswrap-node-'));
  after(() => fs.rmSync(made, { recursive: true }));
  execFileSync(path.join(root, 'target', 'release', 'examples', 'make-certs'), [made]);
  return made;
}

/** A file of the test certificates. */
const pem = (name) => fs.readFileSync(path.join(directory, `${name}.pem`));
const pemPath = (name) => path.join(directory, `${name}.pem`);

/** The options with which an end shows a certificate. */
const shows = (name) => ({ cert: pem(`${name}.chain`), key: pem(`${name}.key`) });
const trusts = (name = 'root') => ({ ca: pem(name) });

/** Starts a server on a free port of loopback; it and its connections are closed when the test `t` ends. */
async function listening(t, server) {
  const open = new Set();
  server.on('connection', (transport) => open.add(transport.on('close', () => open.delete(transport))));
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  t.after(() => new Promise((done) => {
    server.close(done);
    for (const transport of open) transport.destroy();
  }));
  return server.address().port;
}

/** All that a stream brings until its end. */
async function readAll(stream) {
  const parts = [];
  for await (const part of stream) parts.push(part);
  return Buffer.concat(parts);
}

/** Two Duplexes, each reading what the other writes. */
function duplexPair(options) {
  const ends = [];
  const end = (at) => new Duplex({
    ...options,
    allowHalfOpen: true,
    read() {
      const go = this.go;
      this.go = null;
      go?.();
    },
    write(chunk, encoding, callback) {
      const peer = ends[1 - at];
      if (peer.push(chunk)) callback();
      else peer.go = callback;
    },
    final(callback) {
      ends[1 - at].push(null);
      callback();
    },
  });
  ends.push(end(0), end(1));
  return ends;
}

module.exports = { tlswrap, root, directory, pem, pemPath, shows, trusts, listening, readAll, duplexPair, once };
