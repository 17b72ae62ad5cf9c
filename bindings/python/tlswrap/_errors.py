"""Exceptions as CPython's _ssl has them, and how a tlsw_error becomes one."""

import os
import sys
from types import SimpleNamespace

from . import _native
from ._native import lib
from ._sealed import Sealed, seal

SSL_ERROR_SSL = 1
SSL_ERROR_WANT_READ = 2
SSL_ERROR_WANT_WRITE = 3
SSL_ERROR_SYSCALL = 5
SSL_ERROR_ZERO_RETURN = 6
SSL_ERROR_EOF = 8

_WANT_READ = "The operation did not complete (read) (_socket.py)"
_WANT_WRITE = "The operation did not complete (write) (_socket.py)"


class SSLError(OSError, metaclass=Sealed):
    """An error occurred in the SSL implementation."""

    def __str__(self):
        return self.strerror if isinstance(self.strerror, str) else str(self.args)


class SSLZeroReturnError(SSLError):
    """SSL/TLS session closed cleanly."""


class SSLWantReadError(SSLError):
    """Non-blocking SSL socket needs to read more data
    before the requested operation can be completed."""

    library = reason = None


class SSLWantWriteError(SSLError):
    """Non-blocking SSL socket needs to write more data
    before the requested operation can be completed."""

    library = reason = None


class SSLSyscallError(SSLError):
    """System error when attempting SSL operation."""


class SSLEOFError(SSLError):
    """SSL/TLS connection terminated abruptly."""


class SSLCertVerificationError(SSLError, ValueError):
    """A certificate could not be verified."""


seal(
    SSLError,
    SSLZeroReturnError,
    SSLWantReadError,
    SSLWantWriteError,
    SSLSyscallError,
    SSLEOFError,
    SSLCertVerificationError,
    module="ssl",
)


def _where():
    """The place in this package that found the error, as CPython says `_ssl.c:1006`."""
    frame = sys._getframe(1)
    here = {__file__, _native.__file__}
    while frame.f_back and frame.f_code.co_filename in here:
        frame = frame.f_back
    return f"{os.path.basename(frame.f_code.co_filename)}:{frame.f_lineno}"


def make(cls, number, words, library=None, reason=None):
    """An error with the attributes and the layout of CPython's."""
    if library and reason:
        text = f"[{library}: {reason}] {words} ({_where()})"
    elif library:
        text = f"[{library}] {words} ({_where()})"
    else:
        text = f"{words} ({_where()})"
    error = cls(number, text)
    error.library = library
    error.reason = reason
    return error


def eof():
    """The peer went away without a goodbye."""
    return make(
        SSLEOFError,
        SSL_ERROR_EOF,
        "EOF occurred in violation of protocol",
        "SSL",
        "UNEXPECTED_EOF_WHILE_READING",
    )


# Non-blocking programs get these all the time, so they are not made with care each time.


def want_read():
    return SSLWantReadError(SSL_ERROR_WANT_READ, _WANT_READ)


def want_write():
    return SSLWantWriteError(SSL_ERROR_WANT_WRITE, _WANT_WRITE)


def closed():
    return make(
        SSLZeroReturnError, SSL_ERROR_ZERO_RETURN, "TLS/SSL connection has been closed (EOF)"
    )


def verification(err, server_hostname=None):
    """The peer's certificate was refused. `verify_code` and `verify_message` say why."""
    code = err.verify_error
    if code == 62:
        why = f"Hostname mismatch, certificate is not valid for '{server_hostname}'."
    elif code == 64:
        why = f"IP address mismatch, certificate is not valid for '{server_hostname}'."
    else:
        why = lib.verify_error_string(code).decode()
    error = make(
        SSLCertVerificationError,
        SSL_ERROR_SSL,
        f"certificate verify failed: {why}",
        "SSL",
        "CERTIFICATE_VERIFY_FAILED",
    )
    error.verify_code = code
    error.verify_message = why
    return error


def told(error, err):
    """The exception with what only the library tells: `detail`, its own words; `status`, its number
    for the kind of failure; and `alert`, the TLS alert that was sent or received, or None.
    """
    error.detail = err.message.decode("utf-8", "replace")
    error.status = err.status
    error.alert = None if err.alert < 0 else err.alert
    return error


def from_error(err):
    """The exception for a failed call."""
    message = err.message.decode("utf-8", "replace")
    if err.os_error:
        error = OSError(err.os_error, os.strerror(err.os_error))
    elif err.status in (_native.ERR_ARGUMENT, _native.ERR_BUSY) and not err.reason:
        return ValueError(message)
    elif err.status == _native.ERR_MEMORY:
        return MemoryError(message)
    elif err.status == _native.ERR_EOF:
        error = eof()
    elif err.status == _native.ERR_VERIFY:
        error = verification(err)
    else:
        library = err.library.decode() or None
        reason = err.reason.decode() or None
        words = reason.lower().replace("_", " ") if reason else message
        error = make(SSLError, SSL_ERROR_SSL, words, library, reason)
    return told(error, err)


_native.from_error = from_error


def unraisable(error, about):
    """Reports an exception that has nowhere to go, as the interpreter does."""
    hook = sys.unraisablehook
    if hook is not sys.__unraisablehook__:
        hook(
            SimpleNamespace(
                exc_type=type(error),
                exc_value=error,
                exc_traceback=error.__traceback__,
                err_msg=None,
                object=about,
            )
        )
    elif sys.stderr is not None:
        # The interpreter's own takes only what the interpreter makes: its words, then.
        import traceback

        print(f"Exception ignored in: {about!r}", file=sys.stderr)
        traceback.print_exception(type(error), error, error.__traceback__)
