'use strict';
// Servers: what makes one of any net.Server, and createServer.

const { captureRejectionSymbol } = require('node:events');
const net = require('node:net');
const { TLSSocket } = require('./socket.js');
const { SecureContext, createSecureContext, alpnWire } = require('./context.js');
const { refuseUnsupported } = require('./options.js');
const { checkPsk } = require('./psk.js');
const { coded } = require('./errors.js');
const { constants } = require('./native.js');

const HANDSHAKE_TIMEOUT = 120_000;

/**
 * Does the handshake on every connection that `server` accepts, and gives those that are secure to
 * `serve`. The server emits what tls.Server does: secureConnection, tlsClientError, and
 * 'connection' for the transport.
 */
function secure(server, options, serve) {
  refuseUnsupported(options);
  if (options.SNICallback && typeof options.SNICallback !== 'function')
    throw Object.assign(new TypeError('option "SNICallback" must be a function'), {
      code: 'ERR_INVALID_ARG_TYPE',
    });
  const { handshakeTimeout = HANDSHAKE_TIMEOUT } = options;
  let secureContext = options.secureContext ?? createSecureContext(options);
  const ALPNProtocols = alpnWire(options.ALPNProtocols);
  const psk = checkPsk(options);
  secureContext.make(constants.SERVER, {
    alpn: ALPNProtocols,
    psk,
    pskIdentityHint: options.pskIdentityHint,
  }); // wrong options are told now, not by the first client
  const named = []; // of addContext, the last first
  server.allowHalfOpen = true; // the transport's end is ours to answer

  server.on('connection', (transport) => {
    const SNICallback = options.SNICallback ?? (named.length > 0 ? byName : undefined);
    // `signal` is for the server (server.listen), not for each connection.
    const socket = new TLSSocket(transport, {
      allowHalfOpen: false,
      ...options,
      ALPNProtocols,
      isServer: true,
      secureContext,
      SNICallback,
      signal: undefined,
    });
    if (options.pauseOnConnect) socket.pause();
    if (server.listenerCount('keylog') > 0)
      socket.on('keylog', (line) => server.emit('keylog', line, socket));
    const timer = setTimeout(
      () => socket.destroy(coded('ERR_TLS_HANDSHAKE_TIMEOUT', 'TLS handshake timeout')),
      handshakeTimeout,
    );
    const refused = (error) => {
      clearTimeout(timer);
      server.emit('tlsClientError', error, socket);
    };
    socket.once('error', refused);
    socket.once('close', () => clearTimeout(timer));
    socket.once('secure', () => {
      clearTimeout(timer);
      socket.removeListener('error', refused);
      socket.server = server;
      server.emit('secureConnection', socket);
    });
  });
  if (serve) server.on('secureConnection', serve);
  // With captureRejections an async listener that fails costs its connection, not the server.
  const rejected = server[captureRejectionSymbol];
  server[captureRejectionSymbol] = function (error, event, socket, ...rest) {
    if (event === 'secureConnection') socket.destroy(error);
    else rejected.call(this, error, event, socket, ...rest);
  };

  const byName = (name, answer) =>
    answer(null, named.find(({ pattern }) => pattern.test(name))?.context);

  /** Clients that ask for `hostname`, in which a star stands for one label, get this context. */
  server.addContext = (hostname, context) => {
    const pattern = hostname
      .split('.')
      .map((label) => label.replace(/[.^$+?*(){}[\]|\\]/g, '\\$&').replaceAll('\\*', '[^.]*'))
      .join('\\.');
    named.unshift({
      pattern: new RegExp(`^${pattern}$`, 'i'),
      context: context instanceof SecureContext ? context : createSecureContext(context),
    });
  };

  /** Connections from now on are made with other options. */
  server.setSecureContext = (next) => {
    secureContext = createSecureContext(next);
  };
  return server;
}

class Server extends net.Server {
  constructor(options, listener) {
    if (typeof options === 'function') [options, listener] = [{}, options];
    super({ ...options, pauseOnConnect: false });
    secure(this, options ?? {}, listener);
  }
}

function createServer(options, listener) {
  return new Server(options, listener);
}

module.exports = { Server, createServer, secure };
