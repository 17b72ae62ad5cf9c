'use strict';
// Versions and suites: nothing that was demanded is widened, and where nothing is left that is
// told.

const assert = require('node:assert/strict');
const tls = require('node:tls');
const { test } = require('node:test');
const { tlswrap, shows, trusts, listening, once } = require('./support.js');

const VERSIONS = ['TLSv1', 'TLSv1.1', 'TLSv1.2', 'TLSv1.3'];
const SUITE_13 = 'TLS_AES_256_GCM_SHA384';
const SUITES_12 = 'ECDHE-RSA-AES128-GCM-SHA256:ECDHE-RSA-AES128-SHA';
const SUITES = {
  none: undefined,
  'of TLS 1.3': SUITE_13,
  'of TLS 1.2': SUITES_12,
  'of both': `${SUITE_13}:${SUITES_12}`,
};

/** The versions that remain, as the words of the options say. */
function remaining(minVersion = 'TLSv1.2', maxVersion = 'TLSv1.3', ciphers) {
  return VERSIONS.filter((version) => {
    const at = VERSIONS.indexOf(version);
    if (at < VERSIONS.indexOf(minVersion) || at > VERSIONS.indexOf(maxVersion)) return false;
    return (
      ciphers === undefined ||
      (version === 'TLSv1.3' ? ciphers.includes(SUITE_13) : ciphers.includes('ECDHE'))
    );
  });
}

for (const [what, ciphers] of Object.entries(SUITES))
  test(`suites ${what}: all combinations of minVersion and maxVersion`, async (t) => {
    const open = { ...shows('rsa'), minVersion: 'TLSv1' };
    // One server has every version, the other none of the newer ones: what a client must not fall
    // back to, it would have.
    const [every, older] = [{}, { maxVersion: 'TLSv1.2' }].map((limit) =>
      tls.createServer({ ...open, ...limit, ciphers: 'ALL@SECLEVEL=0' }, (socket) =>
        socket.on('error', () => {}).end(),
      ),
    );
    for (const server of [every, older]) server.on('tlsClientError', () => {});
    const ports = [await listening(t, every), await listening(t, older)];
    for (const minVersion of [undefined, ...VERSIONS])
      for (const maxVersion of [undefined, ...VERSIONS]) {
        const options = { minVersion, maxVersion, ciphers };
        const left = remaining(minVersion, maxVersion, ciphers);
        if (left.length === 0) {
          assert.throws(
            () => tlswrap.createSecureContext(options),
            { code: 'ERR_SSL_NO_PROTOCOLS_AVAILABLE' },
            JSON.stringify(options),
          );
          continue;
        }
        for (const [port, has] of [
          [ports[0], VERSIONS],
          [ports[1], VERSIONS.slice(0, 3)],
        ]) {
          const socket = tlswrap.connect({
            port,
            host: '127.0.0.1',
            servername: 'localhost',
            rejectUnauthorized: false,
            ...options,
          });
          const outcome = await once(socket, 'secureConnect').then(
            () => socket.getProtocol(),
            (error) => error.code,
          );
          const common = left.filter((version) => has.includes(version));
          if (common.length === 0) assert.match(outcome, /VERSION/, JSON.stringify(options));
          else assert.equal(outcome, common.at(-1), JSON.stringify(options));
          if (common.length > 0 && ciphers)
            assert.ok(ciphers.includes(socket.getCipher().name), socket.getCipher().name);
          socket.destroy();
        }
      }
  });

test('a server widens nothing either', async (t) => {
  assert.throws(
    () => tlswrap.createServer({ ...shows('rsa'), ciphers: SUITE_13, maxVersion: 'TLSv1.2' }),
    { code: 'ERR_SSL_NO_PROTOCOLS_AVAILABLE' },
  );
  const port = await listening(
    t,
    tlswrap.createServer({
      ...shows('rsa'),
      minVersion: 'TLSv1',
      maxVersion: 'TLSv1.1',
      ciphers: SUITES_12,
    }),
  );
  const socket = tls.connect({ port, host: '127.0.0.1', servername: 'localhost', ...trusts() });
  const [error] = await once(socket, 'error');
  assert.equal(error.code, 'ERR_SSL_TLSV1_ALERT_PROTOCOL_VERSION');
});

test('the message says which options leave nothing', () => {
  assert.throws(
    () => tlswrap.createSecureContext({ ciphers: SUITE_13, maxVersion: 'TLSv1.2' }),
    /maxVersion is TLSv1\.2, and ciphers names suites of TLSv1\.3 only/,
  );
  assert.throws(
    () => tlswrap.createSecureContext({ ciphers: SUITES_12, minVersion: 'TLSv1.3' }),
    /minVersion is TLSv1\.3, and ciphers names no suite of TLSv1\.3/,
  );
  assert.throws(
    () => tlswrap.createSecureContext({ maxVersion: 'TLSv1.1' }),
    /maxVersion is TLSv1\.1, and minVersion is TLSv1\.2 by default/,
  );
});

test('an emptied list is an error, or trusts and accepts nobody', async (t) => {
  assert.throws(() => tlswrap.createSecureContext({ ciphers: '' }), {
    code: 'ERR_SSL_NO_CIPHER_MATCH',
  });
  assert.throws(() => tlswrap.createSecureContext({ ecdhCurve: '' }), {
    code: 'ERR_TLSW_ARGUMENT',
  });
  assert.throws(() => tlswrap.createSecureContext({ ciphers: 5 }), {
    code: 'ERR_INVALID_ARG_TYPE',
  });
  const port = await listening(
    t,
    tls.createServer(shows('localhost')).on('tlsClientError', () => {}),
  );
  for (const [options, code] of [
    [{ ca: [] }, 'UNABLE_TO_GET_ISSUER_CERT_LOCALLY'],
    [{ caFile: [] }, 'UNABLE_TO_GET_ISSUER_CERT_LOCALLY'],
    [{ ...trusts(), crl: [] }, 'UNABLE_TO_GET_CRL'],
  ]) {
    const socket = tlswrap.connect({
      port,
      host: '127.0.0.1',
      servername: 'localhost',
      ...options,
    });
    assert.equal((await once(socket, 'error'))[0].code, code);
  }
});
