'use strict';
// The memory that the native layer writes to: one piece for what was decrypted and one for what was encrypted, shared
// by all connections of a thread, for each call that drives is over before the next begins. (But for pre-shared keys, which
// are asked for when nothing is in it: native/psk.c.)

const { addon } = require('./native.js');

// The native layer's numbers (native/connection.c).
const PLAIN_AT = 0;
const CIPHER_AT = 1;
const PLAIN = 2;
const CIPHER = 3;
const WRITTEN = 4;
const FLAGS = 5;

const SIZE = 256 * 1024;
// A socket brings 64 KiB at once; with less room than that, the rest of it would have to be copied and asked for again.
const ROOM = 80 * 1024;
// Less than this is copied, so that a few bytes that someone keeps do not keep all of a piece.
const SMALL = 4096;

const told = new Uint32Array(8);

class Piece {
  constructor(at, length) {
    this.at = at; // where `told` has the place to write to
    this.length = length; // and where how many bytes were written
    this.bytes = Buffer.allocUnsafeSlow(SIZE);
  }

  /** What the last call wrote; null for nothing. */
  take() {
    const n = told[this.length];
    if (n === 0) return null;
    const from = told[this.at];
    const part = this.bytes.subarray(from, from + n);
    if (n < SMALL) return Buffer.from(part);
    told[this.at] = from + n;
    if (SIZE - from - n < ROOM) {
      this.bytes = Buffer.allocUnsafeSlow(SIZE);
      told[this.at] = 0;
      lend();
    }
    return part;
  }
}

const plain = new Piece(PLAIN_AT, PLAIN);
const cipher = new Piece(CIPHER_AT, CIPHER);

function lend() {
  addon.setMemory(plain.bytes, cipher.bytes, told);
}

lend();

module.exports = { told, plain, cipher, WRITTEN, FLAGS };
