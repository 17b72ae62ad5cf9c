'use strict';
// What Node's HTTP/2 gets in the place of a TLSSocket.
//
// It runs over a handle. Over a Duplex without one it puts a socket of its own, which programs see
// as session.socket and request.socket, and which knows neither the peer's address nor that there
// is TLS. So it gets one that was made here, of the same class, and tells what the TLSSocket tells.

const http2 = require('node:http2');
const { Duplex } = require('node:stream');
const { ConnectionFacts } = require('./facts.js');

// What a net.Socket sets itself, and what is refused.
const OWN = [
  'constructor',
  'connecting',
  'pending',
  'bytesRead',
  'bytesWritten',
  'autoSelectFamilyAttemptedAddresses',
  'readyState',
  'renegotiate',
  'disableRenegotiation',
  'enableTrace',
];
const FACTS = [
  ...Object.getOwnPropertyNames(ConnectionFacts.prototype).filter((name) => !OWN.includes(name)),
  'encrypted',
  'authorized',
  'authorizationError',
  'alpnProtocol',
  'servername',
  'secureConnecting',
  'closeNotify',
];

let Bridge = null;

/**
 * Finds the class of the socket that a session over any Duplex has: methods of session.socket are
 * bound to it.
 */
function bridgeClass() {
  const nowhere = new Duplex({ read() {}, write: (chunk, encoding, callback) => callback() });
  const session = http2.connect('http://localhost', { createConnection: () => nowhere });
  const { constructor } = session.socket.valueOf();
  session.on('error', () => {}).destroy();
  return constructor;
}

/** Makes the socket for a session over this TLSSocket. */
function bridgeTo(socket) {
  Bridge ??= bridgeClass();
  const bridge = new Bridge(socket);
  for (const name of FACTS)
    Object.defineProperty(bridge, name, {
      configurable: true,
      get: () => (typeof socket[name] === 'function' ? socket[name].bind(socket) : socket[name]),
    });
  // A client's session waits for this before it begins.
  socket.once('secureConnect', () => bridge.emit('connect'));
  return bridge;
}

module.exports = { bridgeTo };
