"""Making connections: over a socket, or over two MemoryBIOs."""

import weakref
from _socket import socket
from ctypes import c_void_p

from . import _native, _socket
from ._bio import MemoryBIO
from ._constants import PROTOCOL_TLS_CLIENT, PROTOCOL_TLS_SERVER
from ._errors import SSLCertVerificationError, SSLError, make
from ._native import CLIENT, SERVER, call, lib
from ._numbers import c_int
from ._older import PYTHON_3_9, PYTHON_3_12


def _role(context, server_side):
    """The class of the new connection, and its role in the library: that of the context, for one
    that will never take a step."""
    if server_side and context._tlsw_protocol == PROTOCOL_TLS_CLIENT:
        if PYTHON_3_9:
            return _socket._Misfit, CLIENT
        why = "Cannot create a server socket with a PROTOCOL_TLS_CLIENT context"
        raise make(SSLError, 0, why)
    if not server_side and context._tlsw_protocol == PROTOCOL_TLS_SERVER:
        if PYTHON_3_9:
            return _socket._Misfit, SERVER
        why = "Cannot create a client socket with a PROTOCOL_TLS_SERVER context"
        raise make(SSLError, 0, why)
    return _socket._SSLSocket, SERVER if server_side else CLIENT


def _new(context, function, arguments, server_side, hostname, owner, session, sock=None):
    server_side = bool(server_side) if PYTHON_3_12 else c_int(server_side) == 1
    cls, role = _role(context, server_side)
    name = None
    if hostname is not None:
        if not isinstance(hostname, str):
            raise TypeError(f"argument must be str, not {type(hostname).__name__}")
        name = hostname.encode("ascii")
        if b"\0" in name:
            raise TypeError("argument must be encoded string without null bytes, not str")
        if not name or name.startswith(b"."):
            raise ValueError(
                "server_hostname cannot be an empty string or start with a leading dot."
            )
    if not server_side and name is None and lib.ctx_get_check_hostname(context._tlsw_handle):
        # OpenSSL would check no name at all. ssl.py has a ValueError of these words for sockets;
        # this one is an SSLError too.
        raise SSLCertVerificationError("check_hostname requires server_hostname")
    if role == SERVER:
        # Nobody is looked for: the name is only shown.
        name = None
    elif cls is _socket._Misfit:
        # The client's context may want one.
        name = b"localhost"
    self = object.__new__(cls)
    self._handle = _native.new(function, context._tlsw_handle, *arguments, role, name)
    self._conn = c_void_p.from_param(self._handle)
    self._context = self._agreed = context
    self._server_side = server_side
    self._hostname = hostname
    self._sock = None if sock is None else weakref.ref(sock)
    self._owner = None if owner is None else weakref.ref(owner)
    self.stored = None
    # Not that of any socket.
    self._timeout = -1
    self._known = self._leaving = False
    # A server's context may get its callback for server names until the client speaks.
    if server_side or context._tlsw_number is not None:
        self._make_known()
    if sock is not None:
        call(lib.conn_set_interruptible, self._handle, 1)
    if session is not None:
        self.session = session
    return self


def over_socket(context, sock, server_side, hostname, owner, session):
    if not isinstance(sock, socket):
        kind = "None" if sock is None else type(sock).__name__
        raise TypeError(f"_wrap_socket() argument 'sock' must be _socket.socket, not {kind}")
    arguments = [socket.fileno(sock)]
    return _new(context, lib.wrap_fd, arguments, server_side, hostname, owner, session, sock=sock)


def over_bios(context, incoming, outgoing, server_side, hostname, owner, session):
    for name, bio in (("incoming", incoming), ("outgoing", outgoing)):
        if not isinstance(bio, MemoryBIO):
            kind = "None" if bio is None else type(bio).__name__
            raise TypeError(f"_wrap_bio() argument '{name}' must be _ssl.MemoryBIO, not {kind}")
    arguments = [incoming._handle, outgoing._handle]
    return _new(context, lib.wrap_bio, arguments, server_side, hostname, owner, session)
