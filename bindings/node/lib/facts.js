'use strict';
// What can be asked of a connection: about the peer, its certificates, and what was agreed on.

const { X509Certificate } = require('node:crypto');
const { Duplex } = require('node:stream');
const { native, constants } = require('./native.js');
const { unsupported } = require('./errors.js');

const kHandle = Symbol('handle');
const kTransport = Symbol('transport');
/** What seals the sessions of a connection; null for none. */
const kSessionKey = Symbol('sessionKey');

const CHAINS = { sent: constants.CHAIN_SENT, verified: constants.CHAIN_VERIFIED };

/** A certificate in one of the forms that getPeerChain has. */
const FORMS = {
  x509: (der) => new X509Certificate(der),
  der: (der) => der,
  decoded: (der) => JSON.parse(native.certJson(der)),
};

class ConnectionFacts extends Duplex {
  /**
   * A chain of the peer's, leaf first: `which` is 'sent', as it was sent, there after a verification that failed too;
   * or 'verified', as it was verified, up to the trust anchor. `as` is 'x509', 'der' or 'decoded'. Empty if there is none.
   */
  getPeerChain({ which = 'sent', as = 'x509' } = {}) {
    if (!(which in CHAINS)) throw new TypeError(`getPeerChain: which is 'sent' or 'verified', not ${JSON.stringify(which)}`);
    if (!(as in FORMS)) throw new TypeError(`getPeerChain: as is 'x509', 'der' or 'decoded', not ${JSON.stringify(as)}`);
    return this.#chain(CHAINS[which]).map(FORMS[as]);
  }

  #chain(which) {
    try {
      return native.splitChain(native.get_peer_chain_der(this[kHandle], which));
    } catch (error) {
      if (error.status === 'TLSW_ERR_STATE') return []; // the peer has not come so far
      throw error;
    }
  }

  /** As node:tls: {} without a certificate; with `detailed` each has its issuer as issuerCertificate. */
  getPeerCertificate(detailed = false) {
    const sent = this.getPeerChain({ which: 'sent' });
    if (sent.length === 0) return {};
    if (!detailed) return sent[0].toLegacyObject();
    const verified = this.getPeerChain({ which: 'verified' });
    const chain = (verified.length > 0 ? verified : inOrder(sent)).map((cert) => cert.toLegacyObject());
    chain.forEach((cert, at) => {
      const issuer = chain[at + 1] ?? (cert.fingerprint256 && sameName(cert.issuer, cert.subject) ? cert : undefined);
      if (issuer !== undefined) cert.issuerCertificate = issuer;
    });
    return chain[0];
  }

  getPeerX509Certificate() {
    return this.getPeerChain({ which: 'sent' })[0];
  }

  getCipher() {
    const name = native.get_cipher(this[kHandle]);
    if (name === null) return {};
    return { name, standardName: native.get_cipher_standard_name(this[kHandle]), version: native.get_cipher_version(this[kHandle]) };
  }

  /** The group of the key exchange, as IANA spells it: X25519MLKEM768. */
  getGroup() {
    return native.get_group(this[kHandle]);
  }

  getProtocol() {
    return native.get_version(this[kHandle]);
  }

  /** The newest Finished message that was sent; undefined before there is one. */
  getFinished() {
    return native.get_finished(this[kHandle], constants.FINISHED_OWN) ?? undefined;
  }

  /** The newest Finished message that came. */
  getPeerFinished() {
    return native.get_finished(this[kHandle], constants.FINISHED_PEER) ?? undefined;
  }

  /**
   * The session as bytes, for the option `session` of a later connection; undefined if there is none
   * yet. Sealed with the option `sessionKey`, if there is one.
   */
  getSession() {
    return native.get_session(this[kHandle], this[kSessionKey]) ?? undefined;
  }

  isSessionReused() {
    return native.get_session_reused(this[kHandle]) === 1;
  }

  /** `context` undefined is none, which in TLS 1.2 is not the same as an empty one. */
  exportKeyingMaterial(length, label, context) {
    return native.export_keying_material(this[kHandle], length, label, context === undefined ? null : Buffer.from(context));
  }

  /** tls-exporter, tls-server-end-point or tls-unique (RFC 9266, RFC 5929). */
  getChannelBinding(type) {
    return native.get_channel_binding(this[kHandle], type) ?? undefined;
  }

  /**
   * All about the peer as one line of JSON, in nothing but ASCII: protocol, cipher, group, alpn, verified,
   * verify_error, and both chains decoded. There after a handshake that failed, too.
   */
  getReport() {
    return native.get_report_json(this[kHandle]).toString();
  }

  /** Neither TLS 1.3 nor the library has renegotiation. */
  renegotiate(options, callback) {
    const refused = unsupported('renegotiate', 'connections are not renegotiated; make a new one');
    if (typeof callback === 'function') process.nextTick(callback, refused);
    return false;
  }

  disableRenegotiation() {
    throw unsupported('disableRenegotiation', 'set crypto.constants.SSL_OP_NO_RENEGOTIATION in secureOptions');
  }

  enableTrace() {
    throw unsupported('enableTrace', 'there is no trace');
  }

  /** False, as node:tls says where it cannot be set. */
  setMaxSendFragment() {
    return false;
  }
}

const sameName = (one, other) => JSON.stringify(one) === JSON.stringify(other);

/** The certificates that lead up from the first one, each issued by the next. */
function inOrder([leaf, ...others]) {
  const chain = [leaf];
  for (let at = leaf; ; ) {
    const issuer = others.find((one) => !chain.includes(one) && at.checkIssued(one));
    if (issuer === undefined) return chain;
    chain.push(issuer);
    at = issuer;
  }
}

// ---- What is the transport's ----

/** What a net.Socket has, and another Duplex need not have. */
for (const name of ['remoteAddress', 'remotePort', 'remoteFamily', 'localAddress', 'localPort', 'localFamily', 'bytesRead',
  'bytesWritten', 'connecting', 'pending', 'autoSelectFamilyAttemptedAddresses'])
  Object.defineProperty(ConnectionFacts.prototype, name, {
    configurable: true,
    get() {
      return this[kTransport][name];
    },
  });

for (const name of ['setNoDelay', 'setKeepAlive', 'ref', 'unref'])
  ConnectionFacts.prototype[name] = function (...args) {
    this[kTransport][name]?.(...args);
    return this;
  };

ConnectionFacts.prototype.address = function () {
  return this[kTransport].address?.() ?? {};
};

/** 'opening', 'open', 'readOnly', 'writeOnly' or 'closed', as a net.Socket has it. */
Object.defineProperty(ConnectionFacts.prototype, 'readyState', {
  configurable: true,
  get() {
    if (this.connecting) return 'opening';
    if (this.readable) return this.writable ? 'open' : 'readOnly';
    return this.writable ? 'writeOnly' : 'closed';
  },
});

module.exports = { ConnectionFacts, kHandle, kSessionKey, kTransport };
