'use strict';
// connect(): a TCP connection, or a Duplex that is there already, with TLS over it.

const net = require('node:net');
const { TLSSocket } = require('./socket.js');

/**
 * The arguments of net.connect and tls.connect: (options), (path, options), (port, host, options),
 * and a callback.
 */
function optionsOf(args) {
  const callback = typeof args.at(-1) === 'function' ? args.pop() : undefined;
  const options = {};
  if (typeof args[0] === 'number' || /^\d+$/.test(args[0])) options.port = Number(args.shift());
  else if (typeof args[0] === 'string') options.path = args.shift();
  if (typeof args[0] === 'string') options.host = args.shift();
  return [{ ...options, ...args.find((arg) => arg !== null && typeof arg === 'object') }, callback];
}

function connect(...args) {
  const [options, callback] = optionsOf(args);
  if (!options.host && !options.servername) options.host = 'localhost';
  // The transport's end is ours to answer, with close_notify before it.
  const transport =
    options.socket ??
    net.connect({ ...options, allowHalfOpen: true, signal: undefined, onread: undefined });
  let socket;
  try {
    socket = new TLSSocket(
      transport,
      options.socket === undefined ? { allowHalfOpen: false, ...options } : options,
    );
  } catch (error) {
    // Nobody has it, and nobody will hear that it failed too.
    if (options.socket === undefined) transport.on('error', () => {}).destroy();
    throw error;
  }
  if (options.timeout) socket.setTimeout(options.timeout);
  if (callback !== undefined) socket.once('secureConnect', callback);
  return socket;
}

module.exports = { connect };
