'use strict';
// What a call that drives a connection tells and gives.
//
// The native layer writes into memory of its own, one piece for what was decrypted and one for what
// was encrypted, shared by all connections of a thread: each call that drives is over before the
// next begins. (But for pre-shared keys, which are asked for when nothing is in it: native/psk.c.)
// A taken Buffer is a copy with exactly the bytes that were written: it may be kept, written to or
// transferred to another thread, and its `buffer` shows nothing else.

const { addon } = require('./native.js');

// The native layer's numbers (native/tlswrap_node.h).
const PLAIN = 0;
const CIPHER = 1;
const WRITTEN = 2;
const FLAGS = 3;

const told = new Uint32Array(4);
addon.setTold(told);

/** Takes what the last call decrypted; null for nothing. */
const takePlain = () => (told[PLAIN] === 0 ? null : addon.takePlain());

/** Takes what the last call encrypted; null for nothing. */
const takeCipher = () => (told[CIPHER] === 0 ? null : addon.takeCipher());

/**
 * Copies bytes, or the bytes of text, into memory that nothing else shares. Buffer.from() would use
 * a pool that all of the program sees.
 */
function ownBytes(value, encoding = 'utf8') {
  if (typeof value === 'string') {
    const bytes = Buffer.allocUnsafeSlow(Buffer.byteLength(value, encoding));
    return bytes.subarray(0, bytes.write(value, encoding));
  }
  const bytes = Buffer.allocUnsafeSlow(value.byteLength);
  bytes.set(Buffer.from(value.buffer, value.byteOffset, value.byteLength));
  return bytes;
}

/** Joins several into one, in memory of its own. */
function joinBytes(parts) {
  const all = Buffer.allocUnsafeSlow(parts.reduce((length, part) => length + part.length, 0));
  let at = 0;
  for (const part of parts) {
    all.set(part, at);
    at += part.length;
  }
  return all;
}

module.exports = { told, takePlain, takeCipher, ownBytes, joinBytes, WRITTEN, FLAGS };
