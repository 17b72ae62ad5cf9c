'use strict';
// Pre-shared keys, with node:tls as the peer, in both directions, and with ourselves.

const assert = require('node:assert/strict');
const tls = require('node:tls');
const { test } = require('node:test');
const { tlswrap, shows, trusts, listening, duplexPair, once } = require('./support.js');

const ENDS = [
  ['our client, node:tls as server', tlswrap, tls],
  ['node:tls as client, our server', tls, tlswrap],
  ['our client, our server', tlswrap, tlswrap],
];
const PSK = { ciphers: 'PSK', maxVersion: 'TLSv1.2' };
const KEY = Buffer.from('the key of both');
const introduce = () => ({ psk: KEY, identity: 'me' });

/** What both ends come to: { client, server } are sockets, or errors. */
async function meet(t, client, server, pskCallback, keyOf, clientOptions = {}, serverOptions = {}) {
  const accepting = server.createServer({ ...PSK, pskCallback: keyOf, ...serverOptions });
  const port = await listening(t, accepting);
  const there = Promise.race([once(accepting, 'secureConnection'), once(accepting, 'tlsClientError')]).then(([end]) => end);
  // node:tls judges a certificate even where there is none.
  const options = client === tls ? { checkServerIdentity: () => undefined } : {};
  const socket = client.connect({ port, host: '127.0.0.1', ...PSK, pskCallback, ...options, ...clientOptions });
  t.after(() => socket.destroy());
  const here = once(socket, 'secureConnect').then(() => socket, (error) => error);
  return { client: await here, server: await there };
}

async function echoes({ client, server }) {
  server.on('data', (data) => server.write(`you said ${data}`));
  client.write('hello');
  const [answer] = await once(client, 'data');
  assert.equal(answer.toString(), 'you said hello');
}

for (const [who, client, server] of ENDS) {
  test(`${who}: the key is enough`, async (t) => {
    const ends = await meet(t, client, server, introduce, () => KEY);
    await echoes(ends);
    assert.equal(ends.client.authorized, true);
    for (const end of [ends.client, ends.server]) {
      assert.equal(end.getProtocol(), 'TLSv1.2');
      assert.equal(end.getCipher().name, 'ECDHE-PSK-CHACHA20-POLY1305');
      assert.deepEqual(end.getPeerCertificate(), {});
    }
  });

  for (const [hint, identity] of [['a hint', 'identity'], ['身份暗示', '客户身份'], ['é'.repeat(64), 'é'.repeat(64)]])
    test(`${who}: hint and identity, ${hint.length} and ${identity.length} characters`, async (t) => {
      const told = [];
      const ends = await meet(
        t, client, server,
        (shown) => (told.push(shown), { psk: KEY, identity }),
        (socket, shown) => (told.push(shown, socket instanceof server.TLSSocket), KEY),
        {}, { pskIdentityHint: hint },
      );
      await echoes(ends);
      assert.deepEqual(told, [hint, identity, true]);
    });

  test(`${who}: without a hint there is null; keys of every kind`, async (t) => {
    const view = new DataView(KEY.buffer, KEY.byteOffset, KEY.length);
    for (const [ours, theirs] of [[KEY, view], [view, new Uint8Array(KEY)], [new Uint8Array(KEY), { psk: KEY }]]) {
      let told;
      await echoes(await meet(t, client, server, (hint) => ((told = hint), { psk: ours, identity: '' }), () => theirs));
      assert.equal(told, null);
    }
  });

  test(`${who}: a wrong key`, async (t) => {
    const ends = await meet(t, client, server, introduce, () => Buffer.from('another'));
    assert.equal(ends.server.code, 'ERR_SSL_DECRYPTION_FAILED_OR_BAD_RECORD_MAC');
    // OpenSSL 3.5 spells it the other way.
    assert.match(ends.client.code, /^ERR_SSL_(SSLV3|SSL\/TLS)_ALERT_BAD_RECORD_MAC$/);
  });

  for (const nothing of [null, undefined, Buffer.alloc(0)])
    test(`${who}: no key refuses, ${nothing}`, async (t) => {
      const own = nothing && { psk: nothing, identity: 'me' };
      let ends = await meet(t, client, server, () => own, () => KEY);
      assert.equal(ends.client.code, 'ERR_SSL_PSK_IDENTITY_NOT_FOUND');
      ends = await meet(t, client, server, introduce, () => nothing);
      assert.equal(ends.server.code, 'ERR_SSL_PSK_IDENTITY_NOT_FOUND');
      assert.equal(ends.client.code, 'ERR_SSL_TLSV1_ALERT_UNKNOWN_PSK_IDENTITY');
    });

  test(`${who}: what a callback throws is what its end fails with`, async (t) => {
    const mine = new Error('mine');
    const throwing = () => { throw mine; };
    assert.equal((await meet(t, client, server, throwing, () => KEY)).client, mine);
    assert.equal((await meet(t, client, server, introduce, throwing)).server, mine);
  });

  test(`${who}: what a callback may not give`, async (t) => {
    for (const [given, code] of [
      [5, 'ERR_INVALID_ARG_TYPE'],
      [{ psk: 'text', identity: 'me' }, 'ERR_INVALID_ARG_TYPE'],
      [{ psk: KEY, identity: 5 }, 'ERR_INVALID_ARG_TYPE'],
      [{ psk: KEY, identity: 'x'.repeat(300) }, 'ERR_INVALID_ARG_VALUE'],
      [{ psk: Buffer.alloc(600), identity: 'me' }, 'ERR_INVALID_ARG_VALUE'],
    ])
      assert.equal((await meet(t, client, server, () => given, () => KEY)).client.code, code);
    for (const [given, code] of [
      [5, 'ERR_INVALID_ARG_TYPE'],
      ['text', 'ERR_INVALID_ARG_TYPE'],
      [Buffer.alloc(600), 'ERR_INVALID_ARG_VALUE'],
    ])
      assert.equal((await meet(t, client, server, introduce, () => given)).server.code, code);
  });

  test(`${who}: a server that asks for certificates takes a key`, async (t) => {
    // node:tls with OpenSSL 3.5 refuses that even of itself.
    const asked = [introduce, () => KEY, {}, { requestCert: true }];
    if (server === tls && !(await meet(t, tls, tls, ...asked)).server.authorized) return t.skip('node:tls does not');
    const ends = await meet(t, client, server, ...asked);
    assert.equal(ends.server.authorized, true);
  });

  test(`${who}: checkServerIdentity has the last word`, async (t) => {
    const mine = new Error('mine');
    let told;
    const checkServerIdentity = (...asked) => ((told = asked), mine);
    const ends = await meet(t, client, server, introduce, () => KEY, { checkServerIdentity });
    assert.equal(ends.client, mine);
    assert.deepEqual(told, ['127.0.0.1', {}]);
  });

  test(`${who}: certificates count for who has no key`, async (t) => {
    const both = { ciphers: 'PSK:ECDHE-ECDSA-AES128-GCM-SHA256' };
    const ends = await meet(t, client, server, undefined, () => KEY, { ...both, ...trusts(), servername: 'localhost', checkServerIdentity: undefined, ...(client === tls && { checkServerIdentity: tls.checkServerIdentity }) }, { ...both, ...shows('localhost') });
    assert.equal(ends.client.getPeerCertificate().subject.CN, 'localhost');
    const stranger = await meet(t, client, server, undefined, () => KEY, { ...both, servername: 'localhost' }, { ...both, ...shows('localhost') });
    assert.ok(stranger.client instanceof Error);
  });
}

test('a callback may use other connections meanwhile', async (t) => {
  const echoing = tlswrap.createServer(shows('localhost'), (socket) => socket.pipe(socket));
  const port = await listening(t, echoing);
  const other = tlswrap.connect({ port, host: '127.0.0.1', servername: 'localhost', ...trusts() });
  t.after(() => other.destroy());
  await once(other, 'secureConnect');
  const noise = Buffer.alloc(100_000, 'noise ');
  const heard = [];
  const enough = new Promise((done) => other.on('data', (data) => {
    heard.push(data);
    if (Buffer.concat(heard).length === 2 * noise.length) done();
  }));
  const busy = (given) => () => (other.write(noise), given);
  const ends = await meet(t, tlswrap, tlswrap, busy(introduce()), busy(KEY));
  await echoes(ends);
  await enough;
  assert.ok(Buffer.concat(heard).equals(Buffer.concat([noise, noise])));
});

test('a callback may destroy its own connection', async (t) => {
  const accepting = tlswrap.createServer({ ...PSK, pskCallback: (socket) => (socket.destroy(), KEY) });
  const port = await listening(t, accepting);
  const socket = tlswrap.connect({ port, host: '127.0.0.1', ...PSK, pskCallback: introduce });
  const [error] = await once(socket, 'error');
  assert.equal(error.code, 'ECONNRESET');
});

test('over any Duplex, and by the name that is asked for', async () => {
  const [one, other] = duplexPair();
  const options = { ...PSK, isServer: true, pskIdentityHint: 'ours' };
  const context = tlswrap.createSecureContext(PSK);
  const hints = [];
  const server = new tlswrap.TLSSocket(other, { ...options, pskCallback: () => KEY, SNICallback: (name, done) => done(null, context) });
  const client = new tlswrap.TLSSocket(one, {
    ...PSK, servername: 'localhost', pskCallback: (hint) => (hints.push(hint), introduce()),
  });
  await Promise.all([once(client, 'secureConnect'), once(server, 'secure')]);
  assert.deepEqual(hints, ['ours']);
  await echoes({ client, server });
  client.destroy();
  server.destroy();
});

test('what cannot be is told at once', () => {
  const connect = (options) => new tlswrap.TLSSocket(duplexPair()[0], { servername: 'localhost', ...options });
  for (const pskCallback of [5, 'text', {}]) {
    assert.throws(() => connect({ pskCallback }), { code: 'ERR_INVALID_ARG_TYPE' });
    assert.throws(() => tlswrap.createServer({ pskCallback }), { code: 'ERR_INVALID_ARG_TYPE' });
  }
  assert.throws(() => tlswrap.createServer({ pskCallback: introduce, pskIdentityHint: 5 }), { code: 'ERR_INVALID_ARG_TYPE' });
  assert.throws(() => tlswrap.createServer({ pskCallback: introduce, pskIdentityHint: 'x'.repeat(129) }), /128/);
  assert.throws(() => connect({ pskCallback: introduce, minVersion: 'TLSv1.3' }), { code: 'ERR_TLSW_UNSUPPORTED' });
  assert.throws(() => tlswrap.createServer({ pskCallback: introduce, minVersion: 'TLSv1.3' }), { code: 'ERR_TLSW_UNSUPPORTED' });
});
