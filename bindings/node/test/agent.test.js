'use strict';
// What an Agent tells apart: a connection or a session that was made with other options serves no
// request.

const assert = require('node:assert/strict');
const http = require('node:http');
const https = require('node:https');
const { test } = require('node:test');
const {
  tlswrap,
  pem,
  pemPath,
  shows,
  trusts,
  listening,
  readAll,
  duplexPair,
} = require('./support.js');
const { CONTEXT_OPTIONS, SOCKET_OPTIONS, CONNECT_OPTIONS } = require('../lib/options.js');

const ALL = { ...CONTEXT_OPTIONS, ...SOCKET_OPTIONS, ...CONNECT_OPTIONS };

// Two values of each option that decides whom a connection asks or who asks, and that must not be
// confused.
const [oneContext, otherContext] = [tlswrap.createSecureContext(), tlswrap.createSecureContext()];
const DIFFER = {
  ca: ['PEM', 'other PEM'],
  caFile: ['/a.pem', '/b.pem'],
  crl: ['PEM', 'other PEM'],
  cert: ['PEM', 'other PEM'],
  key: [{ pem: 'PEM' }, { pem: 'other PEM' }],
  passphrase: ['one', 'two'],
  minVersion: ['TLSv1.2', 'TLSv1.3'],
  maxVersion: ['TLSv1.2', 'TLSv1.3'],
  ciphers: ['TLS_AES_128_GCM_SHA256', 'TLS_AES_256_GCM_SHA384'],
  ecdhCurve: ['X25519', 'P-256'],
  honorCipherOrder: [true, false],
  secureOptions: [1, 2],
  allowPartialTrustChain: [true, false],
  secureContext: [oneContext, otherContext],
  servername: ['a.example', 'b.example'],
  host: ['a.example', 'b.example'],
  rejectUnauthorized: [true, false],
  checkServerIdentity: [() => {}, () => {}],
  ALPNProtocols: [['http/1.1'], ['x']],
  session: [Buffer.from('one'), Buffer.from('two')],
  sessionKey: [Buffer.alloc(32, 1), Buffer.alloc(32, 2)],
  pskCallback: [() => null, () => null],
  socket: duplexPair(),
  lookup: [() => {}, () => {}],
};

const nameOf = (options) => new tlswrap.Agent().getName(options);

test('every option that decides about identities is told apart', () => {
  const deciding = Object.keys(ALL).filter((name) => ALL[name]);
  assert.deepEqual(Object.keys(DIFFER).sort(), deciding.sort(), 'each of them has values here');
  for (const [option, [one, other]] of Object.entries(DIFFER)) {
    assert.notEqual(nameOf({ [option]: one }), nameOf({ [option]: other }), option);
    assert.notEqual(nameOf({ [option]: one }), nameOf({}), option);
    assert.equal(nameOf({ [option]: one }), nameOf({ [option]: one }), option);
  }
});

test('contexts and sockets take no option that is not in the tables', () => {
  const read = new Set();
  const options = new Proxy(
    { servername: 'localhost', host: 'localhost' },
    {
      get(target, name) {
        read.add(name);
        return target[name];
      },
    },
  );
  tlswrap.createSecureContext(options);
  new tlswrap.TLSSocket(duplexPair()[0], options).destroy();
  assert.ok(read.size > 20);
  for (const name of read) {
    if (name in ALL) continue;
    assert.throws(
      () => tlswrap.createSecureContext({ [name]: 'x' }),
      { code: 'ERR_TLSW_UNSUPPORTED' },
      `${name} is in no table, and is not refused`,
    );
  }
});

test('values that look alike are told apart', () => {
  const names = [
    {},
    { ca: [] },
    { ca: '' },
    { ca: ['ab', 'c'] },
    { ca: ['a', 'bc'] },
    { ca: ['abc'] },
    { ca: ['ab'], cert: ['c'] },
    { cert: ['ab'], ca: ['c'] },
    { key: { pem: 'k', passphrase: 'p' } },
    { key: { pem: 'k' }, passphrase: 'p' },
    { key: [{ pem: 'k' }] },
    { key: 'k' },
    { minVersion: 'TLSv1.2' },
    { maxVersion: 'TLSv1.2' },
    { rejectUnauthorized: false },
    { rejectUnauthorized: 'false' },
  ].map(nameOf);
  assert.equal(new Set(names).size, names.length);
});

test('what Node tells apart, an Agent does', () => {
  const nodes = (options) => http.Agent.prototype.getName.call(new https.Agent(), options);
  for (const options of [
    { host: 'a', port: 1 },
    { host: 'a', port: 2 },
    { host: 'a', port: 1, localAddress: '127.0.0.1' },
    { socketPath: '/x' },
    { host: 'a', family: 6 },
  ])
    assert.ok(nameOf(options).startsWith(`${nodes(options)}:`));
});

test('no secret is in a name', () => {
  const key = String(pem('client.key'));
  const name = nameOf({ key, passphrase: 'a secret' });
  assert.ok(!name.includes(key.split('\n')[1]) && !name.includes('a secret'));
});

/** One answered request, or the error's code. */
function get(agent, port, options) {
  return new Promise((done) => {
    const sent = https.get(
      { host: '127.0.0.1', port, agent, servername: 'localhost', ...options },
      async (response) => {
        const text = String(await readAll(response));
        done(`${text}${sent.socket.isSessionReused() ? ', resumed' : ''}`);
      },
    );
    sent.on('error', (error) => done(error.code));
  });
}

const bundle = (name) => Buffer.concat([pem(`${name}.chain`), pem(`${name}.key`)]);

for (const keepAlive of [true, false])
  test(`keepAlive ${keepAlive}: no request is served by a connection or session of another identity`, async (t) => {
    const server = https.createServer(
      { ...shows('localhost'), ...trusts(), requestCert: true, rejectUnauthorized: false },
      (request, response) => {
        response.end(request.socket.getPeerCertificate().subject?.CN ?? 'nobody');
      },
    );
    const port = await listening(t, server);
    const stories = [
      [
        [{ ...trusts(), key: { pem: bundle('client') } }, 'tlswrap test client'],
        [{ ...trusts(), key: { pem: bundle('untrusted') } }, 'localhost'],
        [trusts(), 'nobody'],
      ],
      [
        [{ caFile: pemPath('root') }, 'nobody'],
        [{ caFile: pemPath('untrusted-root') }, 'UNABLE_TO_GET_ISSUER_CERT_LOCALLY'],
        [{ ca: [] }, 'UNABLE_TO_GET_ISSUER_CERT_LOCALLY'],
        [{ caFile: [] }, 'UNABLE_TO_GET_ISSUER_CERT_LOCALLY'],
      ],
      [
        [{ ca: pem('intermediate'), allowPartialTrustChain: true }, 'nobody'],
        [{ ca: pem('intermediate') }, 'UNABLE_TO_GET_ISSUER_CERT'],
      ],
      [
        [{ ...trusts(), checkServerIdentity: () => {} }, 'nobody'],
        [
          {
            ...trusts(),
            checkServerIdentity: () => Object.assign(new Error('no'), { code: 'NO' }),
          },
          'NO',
        ],
      ],
    ];
    for (const requests of stories) {
      const agent = new tlswrap.Agent({ keepAlive });
      for (const [options, answer] of requests) {
        assert.equal(await get(agent, port, options), answer);
        await new Promise(setImmediate);
      }
      agent.destroy();
    }
  });
