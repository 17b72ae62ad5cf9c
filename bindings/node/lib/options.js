'use strict';
// The options that there are. Contexts and sockets see none but those of these tables (`pick`), and
// what an Agent tells apart is derived from them too (identity.js), so that an option that is not
// here has no effect at all, and one that is here cannot be forgotten there.

const { unsupported } = require('./errors.js');
const { ownBytes } = require('./memory.js');

// What an option decides on: whom a connection asks and who it is that asks, or something else, so
// that two requests which differ in nothing but it may share a connection.
const IDENTITY = true;
const OTHER = false;

/** What a SecureContext is made of. All of it decides who is trusted and what is shown. */
const CONTEXT_OPTIONS = {
  ca: IDENTITY,
  caFile: IDENTITY,
  crl: IDENTITY,
  cert: IDENTITY,
  key: IDENTITY,
  passphrase: IDENTITY,
  minVersion: IDENTITY,
  maxVersion: IDENTITY,
  ciphers: IDENTITY,
  ecdhCurve: IDENTITY,
  honorCipherOrder: IDENTITY,
  secureOptions: IDENTITY,
  allowPartialTrustChain: IDENTITY,
};

/** What a TLSSocket takes besides. */
const SOCKET_OPTIONS = {
  secureContext: IDENTITY,
  servername: IDENTITY,
  host: IDENTITY,
  rejectUnauthorized: IDENTITY,
  checkServerIdentity: IDENTITY,
  ALPNProtocols: IDENTITY,
  session: IDENTITY, // of another certificate, or verified by another context
  sessionKey: IDENTITY,
  pskCallback: IDENTITY,
  // Of servers.
  isServer: OTHER,
  requestCert: OTHER,
  SNICallback: OTHER,
  pskIdentityHint: OTHER,
  // Of the stream.
  allowHalfOpen: OTHER,
  highWaterMark: OTHER,
  readableHighWaterMark: OTHER,
  writableHighWaterMark: OTHER,
  signal: OTHER,
  // Told in errors. Agents of Node's know them by themselves; `path` is the request's to them,
  // `socketPath` this one.
  port: OTHER,
  path: OTHER,
  localAddress: OTHER,
};

/**
 * What connect() itself takes, and hands on to net.connect. Agents of Node's know the other options
 * of that.
 */
const CONNECT_OPTIONS = {
  socket: IDENTITY,
  lookup: IDENTITY,
  timeout: OTHER,
};

// What node:tls knows and this does not. An option that has no effect would be worse than none.
const REFUSED = {
  pfx: 'give key and cert in PEM or DER',
  dhparam: 'BoringSSL has no finite-field Diffie-Hellman',
  sigalgs: 'the library chooses the signature algorithms',
  ticketKeys: 'ticket keys are made by the library and never leave it',
  sessionTimeout: 'the library decides for how long a session is kept',
  secureProtocol: 'use minVersion and maxVersion',
  privateKeyEngine: 'BoringSSL has no engines',
  privateKeyIdentifier: 'BoringSSL has no engines',
  clientCertEngine: 'BoringSSL has no engines',
  ALPNCallback: 'use ALPNProtocols',
  enableTrace: 'there is no trace',
  onread: 'listen to "data", or use read()',
  requestOCSP: 'OCSP responses are neither asked for nor sent',
  proxyEnv: 'connections are made to the server itself; give connect() a tunnel as socket',
};

function refuseUnsupported(options) {
  for (const [name, why] of Object.entries(REFUSED))
    if (options[name] !== undefined && options[name] !== null && options[name] !== false)
      throw unsupported(`option "${name}"`, why);
}

/** Takes those of the options that are in the table. */
function pick(options, table) {
  const picked = {};
  for (const name of Object.keys(table))
    if (options[name] !== undefined) picked[name] = options[name];
  return picked;
}

const isIdentity = (value) => value !== null && typeof value === 'object' && 'pem' in value;

/**
 * Copies values into memory of their own: what the caller writes to a Buffer or a list later
 * changes nothing.
 */
function snapshot(value) {
  if (ArrayBuffer.isView(value)) return ownBytes(value);
  if (Array.isArray(value)) return value.map(snapshot);
  if (isIdentity(value)) return { pem: snapshot(value.pem), passphrase: value.passphrase };
  return value;
}

module.exports = {
  CONTEXT_OPTIONS,
  SOCKET_OPTIONS,
  CONNECT_OPTIONS,
  refuseUnsupported,
  pick,
  isIdentity,
  snapshot,
};
