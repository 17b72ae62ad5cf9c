'use strict';
// Contexts: the options of node:tls, as settings of the library.

const { native, constants, load } = require('./native.js');
const { coded, unsupported } = require('./errors.js');

const { CLIENT, SERVER, OP_CIPHER_SERVER_PREFERENCE, OP_IGNORE_UNEXPECTED_EOF, VERIFY_CRL_CHECK_CHAIN, VERIFY_X509_PARTIAL_CHAIN } = constants;
const VERSIONS = { TLSv1: constants.TLS_1_0, 'TLSv1.1': constants.TLS_1_1, 'TLSv1.2': constants.TLS_1_2, 'TLSv1.3': constants.TLS_1_3 };

// What node:tls knows and the library does not. An option that has no effect would be worse than none.
const REFUSED = {
  pfx: 'give key and cert in PEM or DER',
  dhparam: 'BoringSSL has no finite-field Diffie-Hellman',
  sigalgs: 'the library chooses the signature algorithms',
  ticketKeys: 'ticket keys are made by the library and never leave it',
  sessionIdContext: 'each context has one of its own',
  sessionTimeout: 'the library decides for how long a session is kept',
  secureProtocol: 'use minVersion and maxVersion',
  privateKeyEngine: 'BoringSSL has no engines',
  privateKeyIdentifier: 'BoringSSL has no engines',
  clientCertEngine: 'BoringSSL has no engines',
  ALPNCallback: 'use ALPNProtocols',
  enableTrace: 'there is no trace',
};

function refuseUnsupported(options) {
  for (const [name, why] of Object.entries(REFUSED))
    if (options[name] !== undefined && options[name] !== null && options[name] !== false)
      throw unsupported(`option "${name}"`, why);
}

const NO_BYTES = Buffer.alloc(0);

const list = (value) => (value === undefined || value === null ? [] : Array.isArray(value) ? value : [value]);

function bytes(value, name) {
  if (typeof value === 'string') return Buffer.from(value);
  if (ArrayBuffer.isView(value)) return Buffer.from(value.buffer, value.byteOffset, value.byteLength);
  throw Object.assign(new TypeError(`option "${name}" must be a string, a Buffer or a TypedArray`), {
    code: 'ERR_INVALID_ARG_TYPE',
  });
}

function version(value, name) {
  if (!(value in VERSIONS)) throw coded('ERR_TLS_INVALID_PROTOCOL_VERSION', `option "${name}": ${JSON.stringify(value)} is not a valid TLS protocol version`);
  return VERSIONS[value];
}

/** ALPN's wire format of names, or bytes that already are in it. */
function alpnWire(protocols) {
  if (protocols === undefined || protocols === null) return NO_BYTES;
  if (!Array.isArray(protocols)) return bytes(protocols, 'ALPNProtocols');
  return Buffer.concat(protocols.flatMap((name) => {
    const text = Buffer.from(name);
    if (text.length === 0 || text.length > 255)
      throw new RangeError('option "ALPNProtocols": a name has 1 to 255 bytes');
    return [Buffer.of(text.length), text];
  }));
}

/** Certificates and keys belong together by their places; a single key without a cert brings its own. */
function* identities({ cert, key, passphrase }) {
  const certs = list(cert);
  const keys = list(key);
  for (let at = 0; at < Math.max(certs.length, keys.length); at++) {
    const own = keys[at];
    const described = own !== null && typeof own === 'object' && 'pem' in own;
    const secret = described ? own.pem : own;
    const password = (described ? own.passphrase : undefined) ?? passphrase;
    yield {
      cert: bytes(certs[at] ?? secret, 'cert'),
      key: secret === undefined ? undefined : bytes(secret, 'key'),
      password: password === undefined ? undefined : bytes(password, 'passphrase'),
    };
  }
}

/**
 * What createSecureContext gives: options that were checked. Whether a connection is a client's or a server's, and how
 * it verifies, is known only when one is made, so the library's contexts are made then, one for each combination.
 */
class SecureContext {
  #options;
  #made = new Map();

  constructor(options = {}) {
    load();
    refuseUnsupported(options);
    this.#options = { ...options };
    // Wrong options are told now, not with the first connection.
    this.make(CLIENT, {});
  }

  /** The library's context for connections of this kind. */
  make(role, { mode, checkHostname = true, alpn = NO_BYTES, asksName = false, keylog = false, psk = false, pskIdentityHint }) {
    const key = JSON.stringify([role, mode, checkHostname, asksName, keylog, alpn.toString('latin1'), psk, pskIdentityHint]);
    let ctx = this.#made.get(key);
    if (ctx === undefined) {
      ctx = native.ctx_new(role);
      this.#load(ctx);
      this.#set(ctx);
      if (role === CLIENT && !checkHostname) native.ctx_set_check_hostname(ctx, 0);
      if (mode !== undefined) native.ctx_set_verify_mode(ctx, mode);
      if (alpn.length > 0) native.ctx_set_alpn_protocols(ctx, alpn);
      if (asksName) native.askName(ctx);
      if (psk) native.askPsk(ctx, role);
      if (psk && role === SERVER) native.ctx_set_psk_identity_hint(ctx, pskIdentityHint);
      if (role === CLIENT) native.keepSessions(ctx);
      if (keylog) native.keepKeylog(ctx);
      this.#made.set(key, ctx);
    }
    return ctx;
  }

  #load(ctx) {
    const { ca, caFile, crl } = this.#options;
    for (const { cert, key, password } of identities(this.#options))
      native.ctx_load_cert_chain_mem(ctx, cert, key, password);
    // An empty list of CAs trusts nobody.
    if (ca !== undefined && ca !== null) native.ctx_clear_ca(ctx);
    for (const one of list(ca)) native.ctx_load_ca_mem(ctx, bytes(one, 'ca'));
    for (const path of list(caFile)) native.ctx_load_ca_file(ctx, path);
    for (const one of list(crl)) native.ctx_load_ca_mem(ctx, bytes(one, 'crl'));
  }

  #set(ctx) {
    const { minVersion, maxVersion, ciphers, ecdhCurve, secureOptions, honorCipherOrder, crl, allowPartialTrustChain } =
      this.#options;
    if (minVersion !== undefined) native.ctx_set_min_version(ctx, version(minVersion, 'minVersion'));
    if (maxVersion !== undefined) native.ctx_set_max_version(ctx, version(maxVersion, 'maxVersion'));
    if (ciphers !== undefined) this.#setCiphers(ctx, ciphers);
    if (ecdhCurve !== undefined && ecdhCurve !== 'auto') native.ctx_set_groups(ctx, ecdhCurve);
    // As in node:tls an end without a goodbye is an end; `closeNotify` tells which it was.
    let options = native.ctx_get_options(ctx) + OP_IGNORE_UNEXPECTED_EOF;
    if (honorCipherOrder === false && options & OP_CIPHER_SERVER_PREFERENCE) options -= OP_CIPHER_SERVER_PREFERENCE;
    if (secureOptions) options = Number(BigInt(options) | BigInt(secureOptions));
    native.ctx_set_options(ctx, options);
    let flags = native.ctx_get_verify_flags(ctx);
    if (list(crl).length > 0) flags |= VERIFY_CRL_CHECK_CHAIN;
    if (allowPartialTrustChain) flags |= VERIFY_X509_PARTIAL_CHAIN;
    native.ctx_set_verify_flags(ctx, flags);
  }

  /** As node:tls: the names of TLS 1.3's suites stand among the others, and a version without a suite is off. */
  #setCiphers(ctx, ciphers) {
    const is13 = (name) => /^TLS_(AES|CHACHA20)_/.test(name);
    const names = ciphers.split(':');
    const suites = names.filter(is13);
    const others = names.filter((name) => !is13(name));
    if (suites.length > 0) native.ctx_set_ciphersuites(ctx, suites.join(':'));
    else if (this.#options.minVersion !== 'TLSv1.3') native.ctx_set_max_version(ctx, VERSIONS['TLSv1.2']);
    if (others.length > 0) native.ctx_set_ciphers(ctx, others.join(':'));
    else if (this.#options.maxVersion === undefined) native.ctx_set_min_version(ctx, VERSIONS['TLSv1.3']);
  }
}

function createSecureContext(options) {
  return new SecureContext(options);
}

module.exports = { SecureContext, createSecureContext, alpnWire, refuseUnsupported };
