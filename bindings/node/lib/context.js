'use strict';
// Contexts: the options of node:tls, as settings of the library.

const { native, constants, load } = require('./native.js');
const { coded } = require('./errors.js');
const { ownBytes } = require('./memory.js');
const { CONTEXT_OPTIONS, refuseUnsupported, pick, isIdentity, snapshot } = require('./options.js');

const {
  CLIENT,
  SERVER,
  OP_CIPHER_SERVER_PREFERENCE,
  OP_IGNORE_UNEXPECTED_EOF,
  VERIFY_CRL_CHECK_CHAIN,
  VERIFY_X509_PARTIAL_CHAIN,
} = constants;
const VERSIONS = {
  TLSv1: constants.TLS_1_0,
  'TLSv1.1': constants.TLS_1_1,
  'TLSv1.2': constants.TLS_1_2,
  'TLSv1.3': constants.TLS_1_3,
};
// The library's own range.
const LOWEST = 'TLSv1.2';
const HIGHEST = 'TLSv1.3';

const NO_BYTES = Buffer.alloc(0);

const isGiven = (value) => value !== undefined && value !== null;
const list = (value) => (isGiven(value) ? (Array.isArray(value) ? value : [value]) : []);

function wrongType(name, wanted) {
  return Object.assign(new TypeError(`option "${name}" must be ${wanted}`), {
    code: 'ERR_INVALID_ARG_TYPE',
  });
}

function bytes(value, name) {
  if (typeof value === 'string') return ownBytes(value);
  if (ArrayBuffer.isView(value))
    return Buffer.from(value.buffer, value.byteOffset, value.byteLength);
  throw wrongType(name, 'a string, a Buffer or a TypedArray');
}

function version(value, name) {
  if (!Object.hasOwn(VERSIONS, value))
    throw coded(
      'ERR_TLS_INVALID_PROTOCOL_VERSION',
      `option "${name}": ${JSON.stringify(value)} is not a valid TLS protocol version`,
    );
  return VERSIONS[value];
}

/** Makes ALPN's wire format of names, or a copy of bytes that already are in it. */
function alpnWire(protocols) {
  if (!isGiven(protocols)) return NO_BYTES;
  if (!Array.isArray(protocols)) return ownBytes(bytes(protocols, 'ALPNProtocols'));
  return Buffer.concat(
    protocols.flatMap((name) => {
      const text = Buffer.from(name);
      if (text.length === 0 || text.length > 255)
        throw new RangeError('option "ALPNProtocols": a name has 1 to 255 bytes');
      return [Buffer.of(text.length), text];
    }),
  );
}

/**
 * Certificates and keys belong together by their places; a single key without a cert brings its
 * own.
 */
function* identities({ cert, key, passphrase }) {
  const certs = list(cert);
  const keys = list(key);
  for (let at = 0; at < Math.max(certs.length, keys.length); at++) {
    const own = keys[at];
    const secret = isIdentity(own) ? own.pem : own;
    const password = (isIdentity(own) ? own.passphrase : undefined) ?? passphrase;
    yield {
      cert: bytes(certs[at] ?? secret, 'cert'),
      key: secret === undefined ? undefined : bytes(secret, 'key'),
      password: password === undefined ? undefined : bytes(password, 'passphrase'),
    };
  }
}

/** Separates TLS 1.3's suites from the others, which stand in one list, as in node:tls. */
function suitesOf(ciphers) {
  if (typeof ciphers !== 'string') throw wrongType('ciphers', 'a string');
  const is13 = (name) => /^TLS_(AES|CHACHA20)_/.test(name);
  const names = ciphers.split(':');
  return { suites: names.filter(is13), others: names.filter((name) => !is13(name)) };
}

/**
 * Finds the versions from minVersion to maxVersion that have a suite: a list that names none of TLS
 * 1.3 turns that off, and one that names no other turns the older ones off. Undefined is the
 * library's own bound. Nothing that was given is widened; where nothing is left, that is an error.
 */
function versionsOf({ minVersion, maxVersion, ciphers }) {
  let min = isGiven(minVersion) ? version(minVersion, 'minVersion') : undefined;
  let max = isGiven(maxVersion) ? version(maxVersion, 'maxVersion') : undefined;
  const said = [
    minVersion && `minVersion is ${minVersion}`,
    maxVersion && `maxVersion is ${maxVersion}`,
  ];
  if (isGiven(ciphers)) {
    const { suites, others } = suitesOf(ciphers);
    if (suites.length === 0) {
      max = Math.min(max ?? VERSIONS[HIGHEST], VERSIONS['TLSv1.2']);
      said.push('ciphers names no suite of TLSv1.3 (TLS_AES_128_GCM_SHA256 is one)');
    }
    if (others.length === 0) {
      min = Math.max(min ?? VERSIONS[LOWEST], VERSIONS['TLSv1.3']);
      said.push('ciphers names suites of TLSv1.3 only');
    }
  }
  if ((min ?? VERSIONS[LOWEST]) > (max ?? VERSIONS[HIGHEST])) {
    if (!minVersion) said.push(`minVersion is ${LOWEST} by default`);
    throw coded(
      'ERR_SSL_NO_PROTOCOLS_AVAILABLE',
      `no TLS version is left: ${said.filter(Boolean).join(', and ')}`,
    );
  }
  return { min, max };
}

/**
 * What createSecureContext gives: options that were checked. Whether a connection is a client's or
 * a server's, and how it verifies, is known only when one is made, so the library's contexts are
 * made then, one for each combination.
 */
class SecureContext {
  #options;
  #made = new Map();

  constructor(options = {}) {
    load();
    refuseUnsupported(options);
    this.#options = pick(options, CONTEXT_OPTIONS);
    for (const [name, value] of Object.entries(this.#options))
      this.#options[name] = snapshot(value);
    // Wrong options are told now, not with the first connection.
    this.make(CLIENT, {});
  }

  /** The library's context for connections of this kind. */
  make(
    role,
    {
      mode,
      checkHostname = true,
      alpn = NO_BYTES,
      asksName = false,
      keylog = false,
      psk = false,
      pskIdentityHint,
    },
  ) {
    const key = JSON.stringify([
      role,
      mode,
      checkHostname,
      asksName,
      keylog,
      alpn.toString('latin1'),
      psk,
      pskIdentityHint,
    ]);
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
    if (isGiven(ca) || isGiven(caFile)) native.ctx_clear_ca(ctx);
    for (const one of list(ca)) native.ctx_load_ca_mem(ctx, bytes(one, 'ca'));
    for (const path of list(caFile)) native.ctx_load_ca_file(ctx, path);
    for (const one of list(crl)) native.ctx_load_ca_mem(ctx, bytes(one, 'crl'));
  }

  #set(ctx) {
    const { ciphers, ecdhCurve, secureOptions, honorCipherOrder, crl, allowPartialTrustChain } =
      this.#options;
    const { min, max } = versionsOf(this.#options);
    if (min !== undefined) native.ctx_set_min_version(ctx, min);
    if (max !== undefined) native.ctx_set_max_version(ctx, max);
    if (isGiven(ciphers)) {
      const { suites, others } = suitesOf(ciphers);
      if (suites.length > 0) native.ctx_set_ciphersuites(ctx, suites.join(':'));
      if (others.length > 0) native.ctx_set_ciphers(ctx, others.join(':'));
    }
    if (isGiven(ecdhCurve) && ecdhCurve !== 'auto') native.ctx_set_groups(ctx, ecdhCurve);
    // As in node:tls an end without close_notify is an end; `closeNotify` tells which it was.
    let options = native.ctx_get_options(ctx) + OP_IGNORE_UNEXPECTED_EOF;
    if (honorCipherOrder === false && options & OP_CIPHER_SERVER_PREFERENCE)
      options -= OP_CIPHER_SERVER_PREFERENCE;
    if (secureOptions) options = Number(BigInt(options) | BigInt(secureOptions));
    native.ctx_set_options(ctx, options);
    let flags = native.ctx_get_verify_flags(ctx);
    // Of an empty list, too: revocation was asked about, and nobody can say.
    if (isGiven(crl)) flags |= VERIFY_CRL_CHECK_CHAIN;
    if (allowPartialTrustChain) flags |= VERIFY_X509_PARTIAL_CHAIN;
    native.ctx_set_verify_flags(ctx, flags);
  }
}

function createSecureContext(options) {
  return new SecureContext(options);
}

module.exports = { SecureContext, createSecureContext, alpnWire };
