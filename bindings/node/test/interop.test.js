'use strict';
// With node:tls as the peer, in both directions, beside Node's own OpenSSL in one process; and with ourselves.

const assert = require('node:assert/strict');
const tls = require('node:tls');
const { test } = require('node:test');
const { tlswrap, shows, trusts, listening, once } = require('./support.js');

const ENDS = [
  ['our client, node:tls as server', tlswrap, tls],
  ['node:tls as client, our server', tls, tlswrap],
  ['our client, our server', tlswrap, tlswrap],
];

/** One connection that carries a message each way; what both ends saw. */
async function talk(t, client, server, clientOptions = {}, serverOptions = {}) {
  const accepting = server.createServer({ ...shows('localhost'), ...serverOptions });
  const port = await listening(t, accepting);
  const accepted = once(accepting, 'secureConnection').then(([socket]) => {
    socket.on('data', (data) => socket.write(`you said ${data}`));
    return socket;
  });
  const connecting = client.connect({ port, host: '127.0.0.1', servername: 'localhost', ...trusts(), ...clientOptions });
  t.after(() => connecting.destroy());
  const failed = once(accepting, 'tlsClientError').then(([error]) => ({ refused: error }));
  const outcome = await once(connecting, 'secureConnect').then(() => ({}), (error) => ({ error }));
  if (outcome.error) return { ...outcome, ...(await failed), client: connecting };
  connecting.write('hello');
  const [answer] = await once(connecting, 'data');
  assert.equal(answer.toString(), 'you said hello');
  return { client: connecting, server: await accepted, port, accepting };
}

test('sessions that are sealed resume with their key alone', async (t) => {
  const sessionKey = Buffer.alloc(32, 7);
  const first = await talk(t, tlswrap, tlswrap, { sessionKey });
  const sealed = first.client.getSession();
  assert.match(sealed.toString('latin1'), /^tlswrap session 1 sealed /);
  const resume = (options) => {
    const all = { port: first.port, host: '127.0.0.1', servername: 'localhost', ...trusts(), ...options };
    const socket = tlswrap.connect(all);
    t.after(() => socket.destroy());
    return socket;
  };
  // A server's tickets leave with its first bytes.
  first.accepting.once('secureConnection', (socket) => socket.write('welcome'));
  const again = resume({ session: sealed, sessionKey });
  const event = once(again, 'session');
  await once(again, 'secureConnect');
  assert.equal(again.isSessionReused(), true);
  again.write('hello');
  again.resume();
  assert.match((await event)[0].toString('latin1'), /^tlswrap session 1 sealed /);

  const altered = Buffer.from(sealed);
  altered[altered.length - 1] ^= 1;
  const decode = { status: 'TLSW_ERR_DECODE' };
  assert.throws(() => resume({ session: altered, sessionKey }), decode);
  assert.throws(() => resume({ session: sealed, sessionKey: Buffer.alloc(32, 8) }), decode);
  assert.throws(() => resume({ session: sealed }), decode);
  const plain = (await talk(t, tlswrap, tlswrap)).client.getSession();
  assert.throws(() => resume({ session: plain, sessionKey }), decode);
  for (const wrong of [Buffer.alloc(0), Buffer.alloc(31), 'a'.repeat(32)])
    assert.throws(() => resume({ sessionKey: wrong }), { code: 'ERR_INVALID_ARG_VALUE' });
});

for (const [who, client, server] of ENDS) {
  for (const version of ['TLSv1.2', 'TLSv1.3']) {
    test(`${who}: ${version}, both verified`, async (t) => {
      const versions = { minVersion: version, maxVersion: version };
      const ends = await talk(t, client, server, { ...versions, ...shows('client') }, { ...versions, ...trusts(), requestCert: true });
      for (const end of [ends.client, ends.server]) {
        assert.equal(end.getProtocol(), version);
        assert.equal(end.authorized, true);
        assert.ok(!end.authorizationError);
        assert.equal(end.encrypted, true);
      }
      assert.deepEqual(ends.client.getCipher(), ends.server.getCipher());
      assert.equal(ends.client.getPeerCertificate().subject.CN, 'localhost');
      assert.equal(ends.server.getPeerCertificate().subject.CN, 'tlswrap test client');
    });

    test(`${who}: ${version}, resumption`, async (t) => {
      const versions = { minVersion: version, maxVersion: version };
      const first = await talk(t, client, server, versions, versions);
      assert.equal(first.client.isSessionReused(), false);
      const session = first.client.getSession();
      assert.ok(session.length > 0);
      const again = client.connect({ port: first.port, host: '127.0.0.1', servername: 'localhost', ...trusts(), ...versions, session });
      t.after(() => again.destroy());
      const [[accepted]] = await Promise.all([once(first.accepting, 'secureConnection'), once(again, 'secureConnect')]);
      assert.equal(again.isSessionReused(), true);
      assert.equal(accepted.isSessionReused(), true);
      assert.equal(again.authorized, true);
    });
  }

  test(`${who}: ALPN, keying material`, async (t) => {
    const ends = await talk(t, client, server, { ALPNProtocols: ['h2', 'http/1.1'] }, { ALPNProtocols: ['http/1.1', 'x'] });
    assert.equal(ends.client.alpnProtocol, 'http/1.1');
    assert.equal(ends.server.alpnProtocol, 'http/1.1');
    assert.equal(ends.server.servername, 'localhost');
    const material = ends.client.exportKeyingMaterial(32, 'EXPORTER-test', Buffer.from('here'));
    assert.equal(material.length, 32);
    assert.deepEqual(ends.server.exportKeyingMaterial(32, 'EXPORTER-test', Buffer.from('here')), material);
    assert.deepEqual(ends.client.getFinished(), ends.server.getPeerFinished());
    assert.deepEqual(ends.server.getFinished(), ends.client.getPeerFinished());
    assert.ok(ends.client.getFinished().length >= 32);
    assert.notDeepEqual(ends.server.exportKeyingMaterial(32, 'EXPORTER-test', Buffer.from('there')), material);
  });

  test(`${who}: the server's certificate follows the name that is asked for`, async (t) => {
    const accepting = server.createServer(shows('localhost'));
    accepting.addContext('*.example.test', server.createSecureContext(shows('wildcard')));
    const port = await listening(t, accepting);
    for (const [servername, subject] of [['a.example.test', '*.example.test'], ['localhost', 'localhost'], ['b.a.example.test', 'localhost']]) {
      const socket = client.connect({ port, host: '127.0.0.1', servername, ...trusts(), rejectUnauthorized: false });
      const [accepted] = await once(accepting, 'secureConnection');
      assert.equal(accepted.servername, servername);
      assert.equal(socket.getPeerCertificate().subject.CN, subject);
      socket.destroy();
    }
  });

  test(`${who}: a certificate that is renewed is shown from then on`, async (t) => {
    const accepting = server.createServer({ ...shows('localhost'), requestCert: true, rejectUnauthorized: false });
    const port = await listening(t, accepting);
    const connect = async (options) => {
      const socket = client.connect({ port, host: '127.0.0.1', ...trusts(), ...options, rejectUnauthorized: false });
      t.after(() => socket.destroy());
      const [accepted] = await once(accepting, 'secureConnection');
      return [socket.getPeerCertificate().subject?.CN, accepted.getPeerCertificate().subject?.CN];
    };
    for (const name of ['localhost', 'wildcard', 'rsa', 'localhost']) {
      const expected = name === 'wildcard' ? '*.example.test' : 'localhost';
      accepting.setSecureContext(shows(name));
      for (const own of ['client', 'wildcard']) {
        // A client's context is the one that it is given.
        const secureContext = client.createSecureContext({ ...trusts(), ...shows(own) });
        const [shown, seen] = await connect({ secureContext });
        assert.equal(shown, expected);
        assert.equal(seen, own === 'client' ? 'tlswrap test client' : '*.example.test');
      }
    }
  });

  test(`${who}: SNICallback answers later, or refuses`, async (t) => {
    const wildcard = server.createSecureContext(shows('wildcard'));
    const accepting = server.createServer({
      ...shows('localhost'),
      SNICallback: (name, answer) => setTimeout(answer, 5, ...(name === 'no.example.test' ? [new Error('nobody')] : [null, wildcard])),
    });
    const port = await listening(t, accepting);
    const good = client.connect({ port, host: '127.0.0.1', servername: 'a.example.test', ...trusts() });
    t.after(() => good.destroy());
    await once(good, 'secureConnect');
    assert.equal(good.authorized, true);
    assert.equal(good.getPeerCertificate().subject.CN, '*.example.test');
    const bad = client.connect({ port, host: '127.0.0.1', servername: 'no.example.test', ...trusts() });
    const told = new Promise((done) => bad.once('error', done));
    assert.equal((await once(accepting, 'tlsClientError'))[0].message, 'nobody');
    assert.equal((await told).code, 'ECONNRESET');
  });

  test(`${who}: a server that asks for certificates and decides by itself`, async (t) => {
    const accepting = server.createServer({ ...shows('localhost'), ...trusts(), requestCert: true, rejectUnauthorized: false });
    const port = await listening(t, accepting);
    const seen = [];
    for (const own of [shows('client'), shows('untrusted'), {}]) {
      const socket = client.connect({ port, host: '127.0.0.1', servername: 'localhost', ...trusts(), ...own });
      const [accepted] = await once(accepting, 'secureConnection');
      seen.push([accepted.authorized, accepted.authorizationError, accepted.getPeerCertificate()?.subject?.CN]);
      socket.destroy();
    }
    assert.deepEqual(seen, [
      [true, null, 'tlswrap test client'],
      // OpenSSL has a word of its own for a chain of one certificate.
      [false, server === tls ? 'UNABLE_TO_VERIFY_LEAF_SIGNATURE' : 'UNABLE_TO_GET_ISSUER_CERT_LOCALLY', 'localhost'],
      [false, 'UNABLE_TO_GET_ISSUER_CERT', undefined],
    ]);
  });

  test(`${who}: a server that demands a certificate`, async (t) => {
    const accepting = server.createServer({ ...shows('localhost'), ...trusts(), requestCert: true });
    const port = await listening(t, accepting);
    const socket = client.connect({ port, host: '127.0.0.1', servername: 'localhost', ...trusts() });
    const told = new Promise((done) => socket.once('error', done));
    const [error] = await once(accepting, 'tlsClientError');
    assert.equal(error.code, 'ERR_SSL_PEER_DID_NOT_RETURN_A_CERTIFICATE');
    assert.match((await told).code, /^ERR_SSL_TLSV13?_ALERT_CERTIFICATE_REQUIRED$/);
  });

  for (const version of ['TLSv1.2', 'TLSv1.3'])
    test(`${who}: ${version}, the events session and keylog`, async (t) => {
      const accepting = server.createServer({ ...shows('localhost'), maxVersion: version }, (socket) => socket.write('x'));
      const lines = { client: '', server: '' };
      accepting.on('keylog', (line, socket) => {
        assert.ok(socket instanceof server.TLSSocket);
        lines.server += line;
      });
      const port = await listening(t, accepting);
      const options = { port, host: '127.0.0.1', servername: 'localhost', ...trusts() };
      const socket = client.connect(options);
      t.after(() => socket.destroy());
      socket.on('keylog', (line) => (lines.client += line));
      const [session] = await once(socket, 'session');
      assert.match(lines.client, version === 'TLSv1.2' ? /^CLIENT_RANDOM [0-9a-f]{64} [0-9a-f]{96}\n$/ : /^SERVER_HANDSHAKE_TRAFFIC_SECRET [^]*\nSERVER_TRAFFIC_SECRET_0 [^]*\n$|CLIENT_TRAFFIC_SECRET_0/);
      assert.deepEqual(lines.server.split('\n').sort(), lines.client.split('\n').sort());
      const again = client.connect({ ...options, session });
      t.after(() => again.destroy());
      await once(again, 'secureConnect');
      assert.equal(again.isSessionReused(), true);
    });

  test(`${who}: without ALPN alpnProtocol is false`, async (t) => {
    const ends = await talk(t, client, server);
    assert.equal(ends.client.alpnProtocol, false);
    assert.equal(ends.server.alpnProtocol, false);
  });

  const refusals = [
    ['an unknown root', { ...trusts('untrusted-root') }, {}, 'UNABLE_TO_GET_ISSUER_CERT_LOCALLY'],
    ['another name', { servername: 'other.example' }, {}, 'ERR_TLS_CERT_ALTNAME_INVALID'],
    ['an expired certificate', {}, shows('expired'), 'CERT_HAS_EXPIRED'],
    ['a certificate that signed itself', {}, shows('self-signed'), 'DEPTH_ZERO_SELF_SIGNED_CERT'],
  ];
  for (const [what, clientOptions, serverOptions, code] of refusals)
    test(`${who}: ${what} is refused, or noted`, async (t) => {
      const context = server.createServer({ ...shows('localhost'), ...serverOptions });
      const port = await listening(t, context);
      context.on('tlsClientError', () => {});
      context.on('secureConnection', (socket) => socket.on('error', () => {}));
      const options = { port, host: '127.0.0.1', servername: 'localhost', ...trusts(), ...clientOptions };
      const refused = client.connect(options);
      const [error] = await once(refused, 'error');
      assert.equal(error.code, code);
      assert.equal(refused.authorized, false);
      const noted = client.connect({ ...options, rejectUnauthorized: false });
      t.after(() => noted.destroy());
      await once(noted, 'secureConnect');
      assert.equal(noted.authorized, false);
      assert.equal(noted.authorizationError, code);
    });

  test(`${who}: no version in common`, async (t) => {
    const { error, refused } = await talk(t, client, server, { maxVersion: 'TLSv1.2' }, { minVersion: 'TLSv1.3' });
    assert.equal(error.code, 'ERR_SSL_TLSV1_ALERT_PROTOCOL_VERSION');
    assert.equal(refused.code, 'ERR_SSL_UNSUPPORTED_PROTOCOL');
  });
}

for (const [who, { connect, createServer }] of [['node:tls', tls], ['ours', tlswrap]])
  test(`${who}: readyState`, async (t) => {
    const server = createServer({ ...shows('localhost'), allowHalfOpen: true });
    const port = await listening(t, server);
    const accepted = once(server, 'secureConnection');
    const client = connect({ port, host: '127.0.0.1', servername: 'localhost', allowHalfOpen: true, ...trusts() });
    assert.equal(client.readyState, 'opening');
    await once(client, 'secureConnect');
    assert.equal(client.readyState, 'open');
    const [socket] = await accepted;
    socket.resume();
    const ended = once(socket, 'end');
    client.end();
    await once(client, 'finish');
    assert.equal(client.readyState, 'readOnly');
    await ended;
    assert.equal(socket.readyState, 'writeOnly');
    socket.end();
    await new Promise((done) => client.resume().once('close', done));
    assert.equal(client.readyState, 'closed');
  });
