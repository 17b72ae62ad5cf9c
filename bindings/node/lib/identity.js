'use strict';
// The name of a connection's identity: whom it asks, how it verifies, and who it is that asks.
// Connections and sessions may serve a request only if their name is the request's.

const { createHmac, randomBytes } = require('node:crypto');
const { CONTEXT_OPTIONS, SOCKET_OPTIONS, CONNECT_OPTIONS, isIdentity } = require('./options.js');

// Names are keys of an Agent's public lists, and come of private keys and pass phrases: without
// this nobody can try guesses against a name that was printed.
const secret = randomBytes(32);

const IDENTITY = Object.entries({ ...CONTEXT_OPTIONS, ...SOCKET_OPTIONS, ...CONNECT_OPTIONS })
  .filter(([, decides]) => decides)
  .map(([name]) => name)
  .sort();

// Functions, contexts, sockets are the same where they are one and the same object.
const numbers = new WeakMap();
let last = 0;

/** Gives an object a number, and the same one again. */
function numberOf(object) {
  if (!numbers.has(object)) numbers.set(object, ++last);
  return numbers.get(object);
}

/** Adds a value so that no two lists of values give the same bytes. */
function add(hmac, value) {
  const put = (kind, bytes) => hmac.update(`${kind}${Buffer.byteLength(bytes)}:`).update(bytes);
  if (ArrayBuffer.isView(value)) put('bytes', value);
  else if (Array.isArray(value)) {
    put('list', String(value.length));
    for (const one of value) add(hmac, one);
  } else if (isIdentity(value)) {
    put('pem', '');
    add(hmac, value.pem);
    add(hmac, value.passphrase);
  } else if (typeof value === 'function' || (typeof value === 'object' && value !== null))
    put('object', String(numberOf(value)));
  else put(typeof value, String(value));
}

/** Makes the name for these options. */
function identityOf(options) {
  const hmac = createHmac('sha256', secret);
  for (const name of IDENTITY) add(hmac, options[name] ?? undefined);
  return hmac.digest('base64url');
}

module.exports = { identityOf };
