'use strict';
// TLSSocket: a Duplex of plain bytes over any Duplex of encrypted ones.
//
// Each event of the transport, and each write, is one call into the native layer, which never
// waits. Everything here is between events: what comes before the handshake is done, back-pressure,
// and the ways to end.

const net = require('node:net');
const { addAbortSignal } = require('node:stream');
const { addon, native, constants } = require('./native.js');
const { told, takePlain, takeCipher, ownBytes, joinBytes, WRITTEN, FLAGS } = require('./memory.js');
const { TLSError, coded } = require('./errors.js');
const { SecureContext, alpnWire } = require('./context.js');
const { CONTEXT_OPTIONS, SOCKET_OPTIONS, refuseUnsupported, pick } = require('./options.js');
const { ConnectionFacts, kHandle, kSessionKey, kTransport } = require('./facts.js');
const { checkPsk, introduction, answer } = require('./psk.js');

const { CLIENT, SERVER, CERT_NONE, CERT_REQUIRED, CERT_UNENFORCED } = constants;

// The native layer's numbers (native/connection.c).
const SECURE = 1;
const CLOSED = 2;
const CUT = 4;
const MORE = 8;
const BLOCKED = 16;
const ASKED = 32;
const NEWS = 64;

// The native layer copies what it cannot take at once of a chunk, so it gets large chunks in parts.
const PART = 64 * 1024;
// Milliseconds that a failed connection waits for a blocked transport to take its alert.
const LINGER = 2000;

/**
 * Calls what may call the program's functions. What they throw is the program's to catch, as an
 * uncaught exception; what is under way here goes on.
 */
function apart(call) {
  try {
    return call();
  } catch (error) {
    process.nextTick(() => {
      throw error;
    });
  }
}

/**
 * Has a transport that was used before bring bytes to TLS alone, as node:tls does: listeners of the
 * protocol that it carried until now would take encrypted bytes for its own, and an encoding would
 * spoil them.
 */
function takeOver(transport) {
  if (transport instanceof net.Socket)
    for (const event of ['data', 'readable']) transport.removeAllListeners(event);
  if (transport.readableEncoding) {
    // Nothing public takes an encoding away again.
    if (transport.readableLength === 0)
      Object.assign(transport._readableState, { decoder: null, encoding: null });
    if (transport.readableEncoding)
      throw coded(
        'ERR_INVALID_STATE',
        'the transport has an encoding (setEncoding), and TLS wants bytes',
      );
  }
}

/** A copy of the key for sessions, or null. */
function sealingKey(key) {
  if (key === undefined || key === null) return null;
  if (!ArrayBuffer.isView(key) || key.byteLength !== 32)
    throw coded('ERR_INVALID_ARG_VALUE', 'sessionKey: a Buffer of 32 bytes is wanted');
  return Buffer.from(Buffer.from(key.buffer, key.byteOffset, key.byteLength));
}

class TLSSocket extends ConnectionFacts {
  #options;
  #settings = null; // of a server's connection, for the context that a name brings
  #psk; // what gives pre-shared keys
  #pskFailure = null; // why it did not
  #begun = false; // the handshake
  #secure = false; // the handshake is done, and the peer is who it has to be
  #waiting = null; // a write: for the handshake, for the transport, or for bytes from the peer
  #goodbye = null; // an end() that waits for the handshake
  #peerEnded = false; // nothing more will be read
  #parting = false; // close_notify alone is on its way
  #alerted = false; // the peer is being told why this ends
  #receiving = false;
  #received = []; // what came while #receiving or #asking
  #asking = false; // SNICallback, which has not answered
  #idle = null;

  /** `transport`: a net.Socket, or any Duplex. `options`: see index.d.ts. */
  constructor(transport, options = {}) {
    super({
      // As in node:tls that of the transport, but where connect() and servers made it, who say
      // which.
      allowHalfOpen: options.allowHalfOpen ?? transport.allowHalfOpen ?? false,
      decodeStrings: false,
      readableHighWaterMark: options.readableHighWaterMark ?? options.highWaterMark,
      writableHighWaterMark: options.writableHighWaterMark ?? options.highWaterMark,
      emitClose: false,
    });
    refuseUnsupported(options);
    this.#options = pick(options, SOCKET_OPTIONS);
    this[kSessionKey] = sealingKey(options.sessionKey);
    if (checkPsk(options)) this.#psk = (...asked) => this.#givePsk(...asked);
    this[kTransport] = transport;
    this.encrypted = true;
    this.authorized = false;
    this.authorizationError = null;
    this.alpnProtocol = null;
    this.servername = options.servername || null;
    this.secureConnecting = true;
    this.#options.secureContext ??= new SecureContext(pick(options, CONTEXT_OPTIONS));
    this[kHandle] = this.#makeHandle(false);
    // Key logs are made only for those who want them, who say so before the handshake begins.
    this.on('newListener', (event) => {
      if (event === 'keylog' && !this.#begun && !this.destroyed)
        this[kHandle] = this.#makeHandle(true);
    });
    this.#listen(transport);
    // A client speaks first.
    if (!options.isServer) process.nextTick(() => this.#receive(null, false));
    if (options.signal) addAbortSignal(options.signal, this);
  }

  #makeHandle(keylog) {
    const options = this.#options;
    const context = options.secureContext;
    const alpn = alpnWire(options.ALPNProtocols);
    const psk = this.#psk !== undefined;
    const decides = options.rejectUnauthorized === false ? CERT_UNENFORCED : CERT_REQUIRED;
    if (options.isServer) {
      this.#settings = {
        mode: options.requestCert ? decides : CERT_NONE,
        alpn,
        asksName: options.SNICallback !== undefined,
        keylog,
        psk,
        pskIdentityHint: options.pskIdentityHint,
      };
      return native.connNew(context.make(SERVER, this.#settings), SERVER, null);
    }
    const hostname = this.#hostname();
    // A check of the caller's takes the place of the library's.
    const checkHostname =
      options.checkServerIdentity === undefined &&
      (hostname !== undefined || decides === CERT_REQUIRED);
    const ctx = context.make(CLIENT, { mode: decides, checkHostname, alpn, keylog, psk });
    let handle;
    try {
      handle = native.connNew(ctx, CLIENT, hostname ?? null);
    } catch (error) {
      // No name of a server's. Names come with URLs: that is an error of this connection, and no
      // exception. Told when an Agent's request listens, and before the handshake could begin.
      process.nextTick(() => this.destroy(error));
      return native.connNew(context.make(CLIENT, { checkHostname: false }), CLIENT, null);
    }
    if (options.session)
      native.set_session(handle, ctx, options.session, this[kSessionKey]);
    return handle;
  }

  #hostname() {
    return this.#options.servername || this.#options.host || undefined;
  }

  // ---- The transport ----

  #listen(transport) {
    takeOver(transport);
    transport.on('data', (chunk) => this.#receive(chunk, false));
    transport.on('end', () => this.#receive(null, true));
    transport.on('drain', () => this.#write());
    transport.on('error', (error) => this.#transportFailed(error));
    transport.on('close', () => this.#transportClosed());
    transport.resume(); // it may be paused from before
    if (transport instanceof net.Socket && transport.connecting)
      for (const event of [
        'lookup',
        'connect',
        'ready',
        'connectionAttempt',
        'connectionAttemptFailed',
        'connectionAttemptTimeout',
      ])
        transport.on(event, (...args) => this.emit(event, ...args));
  }

  /** Why a transport that closed is a failure, if it is one. */
  #lost() {
    if (!this.secureConnecting || this.destroyed) return null;
    if (this.#options.isServer) return coded('ECONNRESET', 'socket hang up');
    const { host, port, path, localAddress } = this.#options;
    return Object.assign(
      coded(
        'ECONNRESET',
        'Client network socket disconnected before secure TLS connection was established',
      ),
      { host, port, path, localAddress },
    );
  }

  /** Fails, unless all that a peer who is gone did not get is close_notify. */
  #transportFailed(error) {
    const isWrite = error?.syscall === 'write' || error?.syscall === 'shutdown';
    if (!this.#parting || !isWrite) this.destroy(error);
  }

  /** Ends, but not before the program has read what the transport brought until it closed. */
  #transportClosed() {
    if (!this.#peerEnded || this.readableEnded || this.destroyed) this.destroy(this.#lost());
    else this.once('end', () => this.destroy());
  }

  /** Takes what the transport brings, in order even where handing something on brings more. */
  #receive(chunk, ended) {
    if (this.destroyed) return;
    if (chunk === null || chunk.length <= PART) this.#received.push([chunk, ended]);
    else
      for (let at = 0; at < chunk.length; at += PART)
        this.#received.push([chunk.subarray(at, at + PART), false]);
    if (this.#receiving) return;
    this.#receiving = true;
    try {
      while (this.#received.length > 0 && !this.#asking && !this.destroyed)
        this.#open(...this.#received.shift());
    } finally {
      this.#receiving = false;
    }
  }

  #open(chunk, ended) {
    this.#begun = true;
    let flags;
    do {
      let failure = null;
      try {
        addon.receive(this[kHandle], chunk, ended || undefined, this.#psk);
      } catch (error) {
        failure = this.#pskFailure ?? TLSError.of(error);
      }
      // Taken before anything is called that could drive another connection.
      flags = told[FLAGS];
      const opened = takePlain();
      this.#send(takeCipher());
      if (flags & NEWS) this.#tellNews();
      if (flags & SECURE && failure === null) this.#secured();
      if (this.destroyed) return;
      if (opened !== null && apart(() => this.push(opened)) !== true) this[kTransport].pause();
      if (failure !== null) return this.#failed(failure);
      chunk = null;
    } while (flags & MORE && !this.destroyed);
    this.#touch();
    if (flags & ASKED) this.#askName();
    if (flags & (CLOSED | CUT)) this.#ended(flags);
    // What the peer sent may be what a write has waited for.
    if (this.#waiting?.blocked) this.#write();
  }

  #send(bytes) {
    if (bytes !== null && !this[kTransport].destroyed && this[kTransport].writable)
      this[kTransport].write(bytes);
  }

  #ended(flags) {
    this.closeNotify = (flags & CLOSED) !== 0;
    this.#peerEnded = true;
    apart(() => this.push(null));
    // With nothing left to read this is the end, whether anybody reads or not.
    apart(() => this.read(0));
  }

  #failed(error) {
    if (error.status === 'TLSW_ERR_EOF' && this.secureConnecting) error = this.#lost();
    if (error.status === 'TLSW_ERR_VERIFY') {
      this.authorizationError = error.code;
      this.#described(error);
    }
    this.#alerted = true;
    this.destroy(error);
  }

  #tellNews() {
    const [keylog, ...sessions] = native.news(this[kHandle], this[kSessionKey]);
    for (const line of keylog?.toString('latin1').split(/(?<=\n)/) ?? [])
      apart(() => this.emit('keylog', ownBytes(line)));
    for (const session of sessions)
      if (session !== null) apart(() => this.emit('session', session));
  }

  /**
   * Asks for the context of the server that a client has named. The handshake waits for it, and
   * what the client sends meanwhile waits too.
   */
  #askName() {
    this.#asking = true;
    this[kTransport].pause();
    const name = native.get_server_hostname(this[kHandle])?.toString();
    let answered = false;
    const answer = (error, context) => {
      if (answered)
        return void this.destroy(coded('ERR_MULTIPLE_CALLBACK', 'Callback called multiple times'));
      answered = true;
      if (!this.destroyed) this.#nameAnswered(error, context);
    };
    if (name === undefined) return answer(null, null);
    try {
      this.#options.SNICallback(name, answer);
    } catch (error) {
      this.destroy(error);
    }
  }

  #nameAnswered(error, context) {
    if (error) return this.destroy(error);
    if (context && !(context instanceof SecureContext))
      return this.destroy(
        new TypeError(
          'Invalid SNI context: SNICallback must give what createSecureContext() here makes',
        ),
      );
    try {
      native.chooseContext(
        this[kHandle],
        context ? context.make(SERVER, { ...this.#settings, asksName: false }) : null,
      );
    } catch (failure) {
      return this.destroy(failure);
    }
    this.#asking = false;
    this[kTransport].resume();
    this.#receive(null, false);
  }

  /**
   * The key for a hint or an identity. Called amid receive(), out of which no exception would come
   * whole.
   */
  #givePsk(about, ...longest) {
    const { isServer, pskCallback } = this.#options;
    try {
      return isServer
        ? answer(pskCallback(this, about), ...longest)
        : introduction(pskCallback(about), ...longest);
    } catch (error) {
      this.#pskFailure = error;
      return null;
    }
  }

  // ---- The end of the handshake ----

  #secured() {
    this.secureConnecting = false;
    const protocol = native.get_alpn(this[kHandle]);
    this.alpnProtocol = protocol === null ? false : protocol.toString('latin1');
    if (this.#options.isServer)
      this.servername = native.get_server_hostname(this[kHandle])?.toString() ?? false;
    const refused = this.#verdict();
    if (refused) {
      this.authorizationError = refused.code || refused.message;
      if (this.#options.rejectUnauthorized !== false) return this.destroy(refused);
    }
    this.#secure = true;
    apart(() => this.emit('secure'));
    if (!this.#options.isServer) apart(() => this.emit('secureConnect'));
    this.#write();
    if (this.#goodbye !== null) this.#sayGoodbye(this.#goodbye);
  }

  /** A check that throws has not accepted the peer. */
  #verdict() {
    try {
      return this.#judge();
    } catch (error) {
      this.authorized = false;
      return error;
    }
  }

  /** Sets `authorized`. What speaks against the peer, if something does. */
  #judge() {
    if (this.#options.isServer && !this.#options.requestCert) return null;
    const result = native.get_verify_result(this[kHandle]);
    // A pre-shared key is as good as a certificate, and there is none.
    const verified =
      result === 'TLSW_OK' ||
      (result === 'TLSW_NONE' && native.get_psk_identity(this[kHandle]) !== null);
    let refused = null;
    if (typeof result !== 'string') refused = this.#described(TLSError.of(result));
    else if (!verified)
      refused = coded('UNABLE_TO_GET_ISSUER_CERT', 'the peer showed no certificate');
    const { checkServerIdentity } = this.#options;
    if (verified && checkServerIdentity !== undefined && !this.#options.isServer)
      refused = checkServerIdentity(this.#hostname() ?? '', this.getPeerCertificate(true)) ?? null;
    this.authorized = refused === null;
    return refused;
  }

  /** What node:tls tells of a certificate for another name. */
  #described(error) {
    if (error.code !== 'ERR_TLS_CERT_ALTNAME_INVALID') return error;
    error.host = this.#hostname();
    try {
      error.cert = this.getPeerCertificate();
    } catch {
      // Node's OpenSSL does not read every certificate that BoringSSL does; the error says enough
      // without it.
    }
    return error;
  }

  // ---- Duplex ----

  _read() {
    if (!this.#asking) this[kTransport].resume();
  }

  _write(chunk, encoding, callback) {
    this.#begin(Buffer.isBuffer(chunk) ? chunk : ownBytes(chunk, encoding), callback);
  }

  /** Writes that have gathered go as one, for each would be a record of its own. */
  _writev(chunks, callback) {
    const parts = chunks.map(({ chunk, encoding }) =>
      Buffer.isBuffer(chunk) ? chunk : ownBytes(chunk, encoding),
    );
    this.#begin(parts.length === 1 ? parts[0] : joinBytes(parts), callback);
  }

  #begin(bytes, callback) {
    this.#waiting = { bytes, length: bytes.length, at: 0, callback };
    this.#write();
  }

  /** Goes on with the write that waits, as far as the transport and the connection let it. */
  #write() {
    const write = this.#waiting;
    const transport = this[kTransport];
    if (write === null || !this.#secure || transport.writableNeedDrain) return;
    if (transport.destroyed || transport.writable === false)
      return this.destroy(coded('EPIPE', 'This socket has been ended by the other party'));
    while (write.at < write.length) {
      let failure = null;
      // It is the program's memory, which is read when there is room. Less of it must not pass for
      // all of it.
      if (write.bytes.length !== write.length)
        return this.destroy(
          coded(
            'ERR_INVALID_STATE',
            'the memory of a Buffer given to write() was transferred or resized before it was sent',
          ),
        );
      try {
        addon.send(this[kHandle], write.bytes, write.at);
      } catch (error) {
        failure = TLSError.of(error);
      }
      write.at += told[WRITTEN];
      write.blocked = (told[FLAGS] & BLOCKED) !== 0;
      this.#send(takeCipher());
      if (failure !== null) return this.#failed(failure);
      if (this.destroyed || this.#waiting !== write || write.blocked) return;
      if (transport.writableNeedDrain) break;
    }
    this.#touch();
    // All of it is encrypted; but who writes on shall wait until the transport has room again.
    if (write.at < write.length || transport.writableNeedDrain) return;
    this.#waiting = null;
    apart(write.callback);
  }

  _final(callback) {
    if (this.#secure) this.#sayGoodbye(callback);
    else this.#goodbye = callback;
  }

  #sayGoodbye(callback) {
    this.#goodbye = null;
    this.#parting = this[kTransport].writableLength === 0 && !this[kTransport].errored;
    let more;
    do {
      try {
        native.goodbye(this[kHandle]);
      } catch (error) {
        return callback(error);
      }
      more = told[FLAGS] & MORE;
      this.#send(takeCipher());
    } while (more);
    this[kTransport].end(() => callback(this.#parting ? null : this[kTransport].errored));
  }

  _destroy(error, callback) {
    clearTimeout(this.#idle);
    this.#received.length = 0;
    this.#closeTransport();
    const write = this.#waiting;
    this.#waiting = null;
    // Later: what the program's callback throws would pass for a failure to destroy, and 'close'
    // would not come.
    if (write !== null)
      process.nextTick(
        write.callback,
        error ?? coded('ERR_STREAM_DESTROYED', 'Cannot call write after a stream was destroyed'),
      );
    callback(error);
    process.nextTick(() => this.emit('close', Boolean(error)));
  }

  /**
   * Closes it, behind an alert if there is one; but a peer that reads nothing does not keep it
   * open.
   */
  #closeTransport() {
    const transport = this[kTransport];
    if (!this.#alerted || transport.writableLength === 0 || transport.destroyed)
      return void transport.destroy();
    const timer = setTimeout(() => transport.destroy(), LINGER).unref();
    transport.once('close', () => clearTimeout(timer));
    transport.end(() => transport.destroy());
    transport.resume();
  }

  /** Ends, and is gone once all that was written has left. */
  destroySoon() {
    this.end();
    if (this.writableFinished) this.destroy();
    else this.once('finish', () => this.destroy());
  }

  // ---- Idleness ----

  /** Emits 'timeout' when nothing has come or gone for so many milliseconds; 0 is never. */
  setTimeout(milliseconds, callback) {
    clearTimeout(this.#idle);
    this.timeout = milliseconds;
    if (milliseconds > 0) {
      this.#idle = setTimeout(() => this.emit('timeout'), milliseconds).unref();
      if (callback) this.once('timeout', callback);
    } else {
      this.#idle = null;
      if (callback) this.removeListener('timeout', callback);
    }
    return this;
  }

  #touch() {
    this.#idle?.refresh();
  }
}

module.exports = { TLSSocket };
