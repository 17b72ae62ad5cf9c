'use strict';
// Errors: what the library says, with the codes that node:tls has for it.

/** An Error of any kind with a code. */
function coded(code, message, options) {
  return Object.assign(new Error(message, options), { code });
}

/** For what node:tls has and this does not. */
function unsupported(what, why) {
  return coded('ERR_TLSW_UNSUPPORTED', `${what}: ${why}`);
}

/**
 * What the library says of a failure. `code` is what node:tls would say: CERT_HAS_EXPIRED, ERR_TLS_CERT_ALTNAME_INVALID,
 * ERR_SSL_WRONG_VERSION_NUMBER; `status` is the library's, TLSW_ERR_VERIFY.
 */
class TLSError extends Error {
  constructor({ message, status, library, reason, alert, verifyError, verifyName, verifyDepth }) {
    super(message);
    this.status = status;
    this.code = codeOf(status, reason, verifyError, verifyName);
    if (reason !== null) Object.assign(this, { library, reason });
    if (alert >= 0) this.alert = alert;
    if (verifyError !== 0) Object.assign(this, { verifyError, verifyDepth });
  }

  get name() {
    return 'TLSError';
  }

  /** The error for what the native layer threw. */
  static of(thrown) {
    if (typeof thrown?.status !== 'string') return thrown;
    const error = new TLSError(thrown);
    Error.captureStackTrace(error, TLSError.of);
    return error;
  }
}

function codeOf(status, reason, verifyError, verifyName) {
  const names = { 62: true, 64: true };
  if (verifyError !== 0) return names[verifyError] ? 'ERR_TLS_CERT_ALTNAME_INVALID' : verifyName;
  if (reason !== null) return `ERR_SSL_${reason}`;
  return status.replace('TLSW_ERR_', 'ERR_TLSW_');
}

module.exports = { TLSError, coded, unsupported };
