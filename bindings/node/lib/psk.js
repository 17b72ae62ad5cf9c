'use strict';
// Pre-shared keys: what the functions of node:tls for them may be, and may give.

function wrong(code, Kind, message) {
  return Object.assign(new Kind(message), { code });
}

/** Refuses what is no function, and no hint. Whether there is a function. */
function checkPsk({ pskCallback, pskIdentityHint }) {
  const given = (value) => value !== undefined && value !== null;
  if (given(pskCallback) && typeof pskCallback !== 'function')
    throw wrong('ERR_INVALID_ARG_TYPE', TypeError, 'option "pskCallback" must be a function');
  if (given(pskIdentityHint) && typeof pskIdentityHint !== 'string')
    throw wrong('ERR_INVALID_ARG_TYPE', TypeError, 'option "pskIdentityHint" must be a string');
  return given(pskCallback);
}

function keyOf(psk, longest) {
  if (!ArrayBuffer.isView(psk))
    throw wrong('ERR_INVALID_ARG_TYPE', TypeError, 'pskCallback: psk must be a Buffer, a TypedArray or a DataView');
  if (psk.byteLength > longest)
    throw wrong('ERR_INVALID_ARG_VALUE', TypeError, `pskCallback: the pre-shared key exceeds ${longest} bytes`);
  return Buffer.from(psk.buffer, psk.byteOffset, psk.byteLength);
}

/** What a client's function gave, for the native layer. */
function introduction(given, longestKey, longestIdentity) {
  if (given === undefined || given === null) return null;
  if (typeof given !== 'object')
    throw wrong('ERR_INVALID_ARG_TYPE', TypeError, 'pskCallback must return an object with psk and identity, or null');
  const key = keyOf(given.psk, longestKey);
  if (typeof given.identity !== 'string')
    throw wrong('ERR_INVALID_ARG_TYPE', TypeError, 'pskCallback: identity must be a string');
  const identity = Buffer.from(given.identity);
  if (identity.length > longestIdentity)
    throw wrong('ERR_INVALID_ARG_VALUE', TypeError, `pskCallback: the identity exceeds ${longestIdentity} bytes`);
  return [key, identity];
}

/** What a server's function gave. */
function answer(given, longestKey) {
  if (given === undefined || given === null) return null;
  return [keyOf(ArrayBuffer.isView(given) ? given : given.psk, longestKey)];
}

module.exports = { checkPsk, introduction, answer };
