'use strict';
// Servers: what makes one of any net.Server, and createServer.

const net = require('node:net');
const { TLSSocket } = require('./socket.js');
const { createSecureContext, alpnWire, refuseUnsupported } = require('./context.js');
const { coded } = require('./errors.js');

const HANDSHAKE_TIMEOUT = 120_000;

/**
 * Shakes hands on every connection that `server` accepts, and gives those that are secure to `serve`. The server emits
 * what tls.Server does: secureConnection, tlsClientError, and 'connection' for the transport.
 */
function secure(server, options, serve) {
  refuseUnsupported(options);
  const { handshakeTimeout = HANDSHAKE_TIMEOUT } = options;
  let secureContext = options.secureContext ?? createSecureContext(options);
  const ALPNProtocols = alpnWire(options.ALPNProtocols);
  server.allowHalfOpen = true; // the transport's end is ours to answer

  server.on('connection', (transport) => {
    const socket = new TLSSocket(transport, { ...options, ALPNProtocols, isServer: true, secureContext });
    const timer = setTimeout(() => socket.destroy(coded('ERR_TLS_HANDSHAKE_TIMEOUT', 'TLS handshake timeout')), handshakeTimeout);
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
