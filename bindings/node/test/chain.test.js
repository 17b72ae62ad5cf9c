'use strict';
// The peer's chains and certificates: as sent and as verified, after a refusal too, in each form.

const assert = require('node:assert/strict');
const { X509Certificate } = require('node:crypto');
const tls = require('node:tls');
const { test } = require('node:test');
const { tlswrap, pem, shows, trusts, listening, once } = require('./support.js');

const fingerprints = (chain) => chain.map((cert) => cert.fingerprint256);

/** The certificates of a PEM file. */
const certificates = (name) => String(pem(name)).match(/-----BEGIN[^]*?-----END CERTIFICATE-----/g).map((block) => new X509Certificate(block));

async function connected(t, server, options) {
  const port = await listening(t, server.createServer({ ...shows('localhost'), ...options?.server }));
  const socket = tlswrap.connect({ port, host: '127.0.0.1', servername: 'localhost', ...trusts(), ...options?.client });
  t.after(() => socket.destroy());
  return socket;
}

for (const [who, server] of [['node:tls', tls], ['our server', tlswrap]]) {
  test(`${who}: both chains`, async (t) => {
    const socket = await connected(t, server);
    assert.deepEqual(socket.getPeerChain(), [], 'nothing has come yet');
    await once(socket, 'secureConnect');
    const sent = certificates('localhost.chain');
    assert.deepEqual(fingerprints(socket.getPeerChain({ which: 'sent' })), fingerprints(sent));
    assert.deepEqual(fingerprints(socket.getPeerChain({ which: 'verified' })), fingerprints([...sent, ...certificates('root')]));
    assert.deepEqual(socket.getPeerChain({ as: 'der' }), sent.map((cert) => cert.raw));
    const [leaf] = socket.getPeerChain({ which: 'verified', as: 'decoded' });
    assert.deepEqual(leaf.subject, [[['commonName', 'localhost']]]);
    assert.equal(leaf.serialNumber, sent[0].serialNumber);
    assert.equal(socket.getPeerX509Certificate().fingerprint256, sent[0].fingerprint256);
  });

  test(`${who}: after a refusal there is still what was sent`, async (t) => {
    const socket = await connected(t, server, { client: trusts('untrusted-root') });
    const [error] = await once(socket, 'error');
    assert.equal(error.code, 'UNABLE_TO_GET_ISSUER_CERT_LOCALLY');
    assert.equal(error.status, 'TLSW_ERR_VERIFY');
    assert.equal(error.verifyDepth, 1);
    assert.match(error.message, /tlswrap test intermediate/);
    assert.equal(socket.authorizationError, error.code);
    assert.deepEqual(fingerprints(socket.getPeerChain({ which: 'sent' })), fingerprints(certificates('localhost.chain')));
    assert.deepEqual(socket.getPeerChain({ which: 'verified' }), []);
    assert.equal(socket.getPeerCertificate().subject.CN, 'localhost');
  });

  test(`${who}: getPeerCertificate as node:tls has it`, async (t) => {
    const ciphers = 'TLS_CHACHA20_POLY1305_SHA256'; // each has another that it likes best
    const socket = await connected(t, server, { client: { ciphers } });
    await once(socket, 'secureConnect');
    const theirs = tls.connect({ port: socket.remotePort, host: '127.0.0.1', servername: 'localhost', ...trusts(), ciphers });
    t.after(() => theirs.destroy());
    await once(theirs, 'secureConnect');
    assert.deepEqual(socket.getPeerCertificate(), theirs.getPeerCertificate());
    assert.deepEqual(socket.getPeerCertificate(true), theirs.getPeerCertificate(true));
    assert.deepEqual(socket.getCipher(), theirs.getCipher());
    assert.equal(socket.getProtocol(), theirs.getProtocol());
  });
}

test('a certificate for another name is named in the error', async (t) => {
  const socket = await connected(t, tlswrap, { client: { servername: 'other.example' } });
  const [error] = await once(socket, 'error');
  assert.equal(error.code, 'ERR_TLS_CERT_ALTNAME_INVALID');
  assert.equal(error.host, 'other.example');
  assert.equal(error.cert.subject.CN, 'localhost');
  assert.match(error.message, /localhost/);
});

test('checkServerIdentity decides in the place of the library', async (t) => {
  const asked = [];
  const accepting = await connected(t, tlswrap, {
    client: { servername: 'other.example', checkServerIdentity: (host, cert) => void asked.push([host, cert.subject.CN]) },
  });
  await once(accepting, 'secureConnect');
  assert.equal(accepting.authorized, true);
  assert.deepEqual(asked, [['other.example', 'localhost']]);
  const refusing = await connected(t, tlswrap, { client: { checkServerIdentity: () => Object.assign(new Error('not you'), { code: 'NOT_YOU' }) } });
  refusing.write('this must not leave');
  const [error] = await once(refusing, 'error');
  assert.equal(error.code, 'NOT_YOU');
  assert.equal(refusing.authorized, false);
});

test('a check that throws refuses', async (t) => {
  const refusing = await connected(t, tlswrap, { client: { checkServerIdentity: () => { throw new TypeError('broken'); } } });
  const [error] = await once(refusing, 'error');
  assert.equal(error.message, 'broken');
  assert.equal(refusing.authorized, false);
});

test('checkServerIdentity is not asked about what did not verify', async (t) => {
  const socket = await connected(t, tlswrap, { client: { ...trusts('untrusted-root'), checkServerIdentity: () => assert.fail('it was asked') } });
  const [error] = await once(socket, 'error');
  assert.equal(error.code, 'UNABLE_TO_GET_ISSUER_CERT_LOCALLY');
});

test('a revoked certificate is refused with the list, and without one too', async (t) => {
  const crl = [pem('intermediate.crl'), pem('root.crl')];
  const good = await connected(t, tlswrap, { client: { crl } });
  await once(good, 'secureConnect');
  const revoked = await connected(t, tlswrap, { server: shows('revoked'), client: { crl } });
  assert.equal((await once(revoked, 'error'))[0].code, 'CERT_REVOKED');
  const none = await connected(t, tlswrap, { client: { crl: [pem('root.crl')] } });
  assert.equal((await once(none, 'error'))[0].code, 'UNABLE_TO_GET_CRL');
});

test('wrong questions are told', async (t) => {
  const socket = await connected(t, tlswrap);
  await once(socket, 'secureConnect');
  assert.throws(() => socket.getPeerChain({ which: 'all' }), /'sent' or 'verified'/);
  assert.throws(() => socket.getPeerChain({ as: 'pem' }), /'x509', 'der' or 'decoded'/);
  assert.throws(() => socket.exportKeyingMaterial(0, 'EXPORTER-x'), { code: 'ERR_TLSW_ARGUMENT' });
  assert.throws(() => socket.getChannelBinding('tls-unicorn'), { code: 'ERR_TLSW_ARGUMENT' });
  assert.throws(() => socket.getChannelBinding('tls-unique'), { code: 'ERR_TLSW_UNSUPPORTED' });
  assert.equal(socket.getChannelBinding('tls-exporter').length, 32);
  assert.throws(() => socket.enableTrace(), { code: 'ERR_TLSW_UNSUPPORTED' });
  assert.throws(() => socket.disableRenegotiation(), { code: 'ERR_TLSW_UNSUPPORTED' });
  assert.equal(socket.setMaxSendFragment(1024), false);
  const refused = await new Promise((done) => assert.equal(socket.renegotiate({}, done), false));
  assert.equal(refused.code, 'ERR_TLSW_UNSUPPORTED');
  assert.match(refused.message, /not renegotiated/);
});
