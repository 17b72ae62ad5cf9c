"""_SSLSocket: a TLS connection. How one is made is in _wrap."""

import json
import weakref
from _socket import socket as Socket
from ctypes import addressof, byref, c_char, c_size_t, c_void_p, cast
from math import ceil
from socket import timeout as Timeout
from time import monotonic

from . import _certificate, _context, _errors, _native, _session
from ._buffers import Readable, text, writable
from ._constants import CERT_NONE, SSL_ERROR_SSL
from ._errors import SSLError, make
from ._hooks import connections, register
from ._native import (
    CHAIN_SENT,
    CHAIN_VERIFIED,
    CLOSED,
    ERR_TIMEOUT,
    ERR_VERIFY,
    OK,
    SHUT_BOTH,
    WANT_READ,
    WANT_WRITE,
    Error,
    call,
    lib,
    take,
)
from ._numbers import c_long, index
from ._older import PYTHON_3_9
from ._sealed import Sealed, not_copied, seal
from ._session import SSLSession

_conn_read = lib.bare("conn_read")
_conn_write = lib.bare("conn_write")

# CPython looks into the socket itself: what subclasses make of these methods does not count.
_fileno = Socket.fileno
_gettimeout = Socket.gettimeout

# A record of TLS holds no more, and reading gives one record's bytes at most.
_RECORD = 16384

_no_free = _native.free_fn()


class _Frame:
    """What reading and writing need for one call: used again and again, as making it anew takes a
    good part of the time of a short message."""

    __slots__ = ("n", "at_n", "err", "at_err", "len", "room", "at_room")

    def __init__(self):
        self.n = c_size_t()
        self.len = c_size_t()
        self.err = Error()
        self.at_n = byref(self.n)
        self.at_err = byref(self.err)
        self.room = None

    def make_room(self):
        """Room to read into: its bytes, and its address."""
        memory = (c_char * _RECORD)()
        self.room = memoryview(memory).cast("B")
        self.at_room = c_void_p.from_param(addressof(memory))


# Taken and given back in one step each, so threads need no lock.
_frames = []


class _SSLSocket(metaclass=Sealed):
    __reduce_ex__ = not_copied
    __slots__ = (
        "_handle",
        "_conn",
        "_context",
        "_agreed",
        "_sock",
        "_owner",
        "_hostname",
        "_server_side",
        "_known",
        "_leaving",
        "_timeout",
        "stored",
        "__weakref__",
    )

    def __new__(cls, *args, **kwargs):
        raise TypeError("cannot create '_ssl._SSLSocket' instances")

    def __del__(self, free=lib.conn_free):
        free(getattr(self, "_handle", None))

    # ---- Driving ----
    #
    # A step is one call of the library. It waits for the socket as long as the socket's timeout
    # says, without the GIL, and until a signal comes: its handler runs when the call is back in
    # Python, and then the call is made again, for the rest of the time. These are the busiest lines
    # of the package, so they say the same thing four times instead of passing functions around.

    def _begin(self):
        """The socket, to be held while a call lasts, and its timeout; (None, 0) over BIOs."""
        if self._sock is None:
            return None, 0
        sock = self._sock()
        if sock is None:
            raise make(SSLError, 0, "Underlying socket connection gone")
        timeout = _gettimeout(sock)
        if timeout != self._timeout:
            self._set_timeout(timeout)
        return sock, timeout

    def _set_timeout(self, seconds):
        """How long the library may wait from now on. Never less, and never 0 by rounding."""
        milliseconds = -1 if seconds is None else ceil(seconds * 1000)
        call(lib.conn_set_timeout, self._handle, milliseconds)
        self._timeout = seconds

    def _not_done(self, status, err, timeout, deadline, timed_out):
        """Raises the exception that a step without success means, unless it is to be taken again:
        then it has what is left of the time. `deadline` is for the whole call (PEP 475)."""
        if self.stored is not None:
            error, self.stored = self.stored, None
            raise error
        if status == WANT_READ or status == WANT_WRITE:
            if timeout == 0:
                raise _errors.want_read() if status == WANT_READ else _errors.want_write()
            # A signal came, and has been handled.
            if timeout is None:
                return
            self._go_on(deadline, timed_out)
        elif status == ERR_TIMEOUT and deadline is not None:
            # The time may have been what another thread left for a call of its own.
            self._go_on(deadline, timed_out)
        elif status == ERR_TIMEOUT:
            raise Timeout(timed_out)
        else:
            raise self._failure(err)

    def _go_on(self, deadline, timed_out):
        """Lets the library wait for the rest of the time."""
        rest = deadline - monotonic()
        if rest <= 0:
            raise Timeout(timed_out)
        self._set_timeout(rest)

    def _make_known(self):
        """Lets hooks find this object by the library's connection."""
        call(lib.conn_set_user, self._handle, register(connections, self), _no_free)
        self._known = True

    def do_handshake(self):
        sock, timeout = self._begin()
        if sock is not None and _fileno(sock) < 0:
            raise make(SSLError, 0, "Underlying socket has been closed.")
        err = Error()
        deadline = monotonic() + timeout if timeout else None
        while True:
            status = lib.conn_handshake(self._handle, byref(err))
            if status == OK and self.stored is None:
                return
            self._not_done(status, err, timeout, deadline, "The handshake operation timed out")

    def read(self, size, buffer=None):
        """read(size, [buffer])
        Read up to size bytes from the SSL socket."""
        sock, timeout = (None, 0) if self._sock is None else self._begin()
        frame = _frames.pop() if _frames else _Frame()
        try:
            if type(size) is not int:
                size = index(size)
            if buffer is None:
                view = None
                if size <= 0:
                    if c_long(size) < 0:
                        raise ValueError("size should not be negative")
                    return b""
            else:
                view = writable(buffer)
                length = view.nbytes
                if size <= 0 or size > length:
                    size = length
                if size == 0:
                    return 0
            if size > _RECORD:
                c_long(size)
                size = _RECORD
            if frame.room is None:
                frame.make_room()
            if sock is not None and _fileno(sock) < 0:
                raise _errors.eof()
            frame.len.value = size
            deadline = monotonic() + timeout if timeout else None
            while True:
                status = _conn_read(self._conn, frame.at_room, frame.len, frame.at_n, frame.at_err)
                if self.stored is None:
                    if status == OK:
                        n = frame.n.value
                        if view is None:
                            return frame.room[:n].tobytes()
                        # Quicker than to have ctypes know the memory of each buffer.
                        view[:n] = frame.room[:n]
                        return n
                    if status == CLOSED:
                        # As in CPython, it is news only to one who has said goodbye himself.
                        if self._leaving:
                            raise _errors.closed()
                        return b"" if view is None else 0
                self._not_done(
                    status, frame.err, timeout, deadline, "The read operation timed out"
                )
        finally:
            # An exception holds on to this frame, which must not hold on to the caller's buffer.
            view = None
            _frames.append(frame)

    def write(self, b, /):
        """Writes the bytes-like object b into the SSL object.

        Returns the number of bytes written.
        """
        sock, timeout = (None, 0) if self._sock is None else self._begin()
        kind = type(b)
        if kind is memoryview:
            # The whole of a bytes object is what sendall() passes.
            whole = b.obj
            if type(whole) is bytes and b.nbytes == len(whole) and b.c_contiguous:
                b, kind = whole, bytes
        lent = None
        if kind is bytes:
            memory, length = b, len(b)
        else:
            lent = Readable(b)
            memory, length = c_void_p(lent.address), lent.len
        frame = _frames.pop() if _frames else _Frame()
        try:
            if sock is not None and _fileno(sock) < 0:
                raise make(SSLError, 0, "Underlying socket has been closed.")
            if not length and not self._done():
                # The library has nothing to do for no bytes; OpenSSL shakes hands all the same.
                self.do_handshake()
            frame.len.value = length
            deadline = monotonic() + timeout if timeout else None
            written = 0
            while True:
                status = _conn_write(self._conn, memory, frame.len, frame.at_n, frame.at_err)
                if self.stored is None:
                    if status == OK:
                        n = frame.n.value
                        written += n
                        if n == length:
                            return written
                        # OpenSSL writes as much as the socket buffer takes, and programs call send() once.
                        length -= n
                        frame.len.value = length
                        memory = c_void_p(cast(memory, c_void_p).value + n)
                        if deadline is not None:
                            self._set_timeout(max(deadline - monotonic(), 0))
                        continue
                    if written and timeout == 0 and (status == WANT_WRITE or status == WANT_READ):
                        # What would have to be waited for is up to the program.
                        return written
                self._not_done(
                    status, frame.err, timeout, deadline, "The write operation timed out"
                )
        finally:
            _frames.append(frame)
            if lent is not None:
                lent.release()

    def shutdown(self):
        """Does the SSL shutdown handshake with the remote end."""
        sock, timeout = self._begin()
        if sock is not None and _fileno(sock) < 0:
            raise make(SSLError, 0, "Underlying socket connection gone")
        self._leaving = True
        err = Error()
        deadline = monotonic() + timeout if timeout else None
        while True:
            status = lib.conn_shutdown(self._handle, SHUT_BOTH, byref(err))
            if status == OK and self.stored is None:
                return sock
            self._not_done(status, err, timeout, deadline, "The read operation timed out")

    def pending(self):
        """Returns the number of already decrypted bytes available for read, pending on the
        connection."""
        return lib.get_pending(self._handle)

    def _failure(self, err):
        """The exception for what ended a step."""
        if err.status != ERR_VERIFY:
            return _errors.from_error(err)
        error = _errors.told(_errors.verification(err, self._hostname), err)
        # What nobody else tells: which certificate, and what the peer sent.
        der = take(lib.get_failed_cert_der, self._handle)
        error.failing_certificate = None
        if der is not None:
            error.failing_certificate = (_certificate.first(der).get_info(), err.verify_depth)
        error.peer_chain = tuple(
            certificate.public_bytes(_certificate.ENCODING_DER)
            for certificate in self._chain(CHAIN_SENT) or ()
        )
        return error

    # ---- Facts ----

    def _chain(self, which):
        ders = take(lib.get_peer_chain_der, self._handle, which)
        return None if ders is None else _certificate.split(ders)

    def get_unverified_chain(self):
        return self._chain(CHAIN_SENT) if self._done() else None

    def get_verified_chain(self):
        return self._chain(CHAIN_VERIFIED) if self._done() else None

    def getpeercert(self, der=False, /):
        """Returns the certificate for the peer.

        If no certificate was provided, returns None.  If a certificate was
        provided, but not validated, returns an empty dictionary.  Otherwise
        returns a dict containing information about the peer certificate.

        If the optional argument is True, returns a DER-encoded copy of the
        peer certificate, or None if no certificate was provided.  This will
        return the certificate even if it wasn't validated.
        """
        if not self._done():
            raise ValueError("handshake not done yet")
        ders = take(lib.get_peer_chain_der, self._handle, CHAIN_SENT)
        if ders is None:
            return None
        if not der and not self._verified():
            return {}
        certificate = _certificate.first(ders)
        if der:
            return certificate.public_bytes(_certificate.ENCODING_DER)
        return certificate.get_info()

    def _verified(self):
        """Whether the peer was verified, and the context of now asks for it. CPython looks at the
        latter alone: what was let through counts as verified there once the mode is another."""
        if lib.ctx_get_verify_mode(self._context._tlsw_handle) == CERT_NONE:
            return False
        return take(lib.get_peer_chain_der, self._handle, CHAIN_VERIFIED) is not None

    def _done(self):
        return lib.get_version(self._handle) is not None

    def version(self):
        version = lib.get_version(self._handle)
        return None if version is None else version.decode()

    def cipher(self):
        name = lib.get_cipher(self._handle)
        if name is None:
            return None
        version = lib.get_cipher_version(self._handle)
        return name.decode(), version.decode(), lib.get_cipher_bits(self._handle)

    def shared_ciphers(self):
        shared = take(lib.get_shared_ciphers, self._handle)
        if shared is None and PYTHON_3_9:
            suites = self._context.get_ciphers()
            return [(each["name"], each["protocol"], each["strength_bits"]) for each in suites]
        return None if shared is None else [tuple(suite) for suite in json.loads(shared)]

    def selected_alpn_protocol(self):
        protocol = take(lib.get_alpn, self._handle)
        return None if protocol is None else protocol.decode("ascii")

    def compression(self):
        method = lib.get_compression(self._handle)
        return None if method is None else method.decode()

    def get_channel_binding(self, cb_type="tls-unique"):
        """Get channel binding data for current connection.

        Raise ValueError if the requested `cb_type` is not supported.  Return
        bytes of the data or None if the data is not available (e.g. before
        the handshake).
        """
        if text(cb_type, "get_channel_binding() argument 'cb_type'") != b"tls-unique":
            raise ValueError(f"'{cb_type}' channel binding type not implemented")
        if not self._done():
            return None
        # Whose Finished came first, the client's, or the server's on a resumed session. On TLS 1.3,
        # where it is not defined (RFC 8446, section C.5), CPython gives it all the same.
        own = self.session_reused ^ (not self._server_side)
        whose = _native.FINISHED_OWN if own else _native.FINISHED_PEER
        return take(lib.get_finished, self._handle, whose)

    def verify_client_post_handshake(self):
        """Initiate TLS 1.3 post-handshake authentication"""
        raise NotImplementedError("Post-handshake auth is not supported by BoringSSL.")

    @property
    def context(self):
        """This changes the context associated with the SSL socket.

        This is typically used from within a callback function set by the
        sni_callback on the SSLContext to change the certificate information
        associated with the SSLSocket before the cryptographic exchange
        handshake messages.
        """
        return self._context

    @context.setter
    def context(self, value):
        if not isinstance(value, _context._SSLContext):
            raise TypeError("The value must be a SSLContext")
        call(lib.conn_set_ctx, self._handle, value._tlsw_handle)
        self._context = value
        if not self._done():
            self._agreed = value
        if value._tlsw_number is not None and not self._known:
            self._make_known()

    @property
    def owner(self):
        """The Python-level owner of this object."""
        return self._owner() if self._owner is not None else None

    @owner.setter
    def owner(self, value):
        self._owner = None if value is None else weakref.ref(value)

    def shown(self):
        """What callbacks get for the connection; None if it is gone."""
        if self._owner is not None:
            return self._owner()
        if self._sock is not None:
            return self._sock()
        return self

    @property
    def server_side(self):
        """Whether this is a server-side socket."""
        return self._server_side

    @property
    def server_hostname(self):
        """The currently set server hostname (for SNI)."""
        return self._hostname

    @property
    def session(self):
        """The underlying SSLSession object."""
        if not self._done():
            return None
        handle = _native.new(lib.get_current_session, self._handle)
        # Of the context that verified the peer, where CPython takes the context of now.
        return _session.make(handle, self._agreed)

    @session.setter
    def session(self, value):
        if not isinstance(value, SSLSession):
            raise TypeError("Value is not a SSLSession.")
        if value._context is not self._agreed:
            raise ValueError("Session refers to a different SSLContext.")
        if self._server_side:
            raise ValueError("Cannot set session for server-side SSLSocket.")
        if self._done():
            raise ValueError("Cannot set session after handshake.")
        call(lib.conn_set_session, self._handle, value._handle)

    @property
    def session_reused(self):
        """Was the client session reused during handshake?"""
        return lib.get_session_reused(self._handle) == 1


class _Misfit(_SSLSocket):
    """A connection whose context is for the other role, as Python 3.9 has it: no step succeeds."""

    __slots__ = ()

    def do_handshake(self):
        raise make(SSLError, SSL_ERROR_SSL, "called a function you should not call", "SSL")

    def read(self, size, buffer=None):
        self.do_handshake()

    def write(self, b, /):
        self.do_handshake()


seal(_SSLSocket, _Misfit, final=True)
