"""The shared object: where it is, its functions, and how they are called.

ctypes and not cffi: a call costs both the same (0.2 µs), and ctypes is part of every Python, so
nothing has to be installed beside us. Read-only buffers, which ctypes does not take, are the
business of _buffers.

CDLL lets go of the GIL in each call. It must: a thread may wait inside the library for another
that is about to run Python.
"""

import os
import sys

try:
    import ctypes
except ImportError as error:
    if "subinterpreters" not in str(error):
        raise
    raise ImportError(
        "tlswrap cannot be had in this sub-interpreter: it has a lock (GIL) of its own, where the "
        "ctypes of Python 3.12 does not load; let it share the lock of the main interpreter, or "
        "use Python 3.13"
    ) from error
from ctypes import (
    CFUNCTYPE,
    POINTER,
    Structure,
    byref,
    c_char,
    c_char_p,
    c_double,
    c_int32,
    c_int64,
    c_size_t,
    c_ssize_t,
    c_uint8,
    c_uint32,
    c_uint64,
    c_void_p,
)

# The number in the header of the library that this package was written for.
ABI = 1

# What a call came to: tlsw_status.
OK = 0
WANT_READ = 1
WANT_WRITE = 2
WANT_HOOK = 3
CLOSED = 4
NONE = 5
ERR_ARGUMENT = -1
ERR_STATE = -2
ERR_BUSY = -3
ERR_IO = -4
ERR_TIMEOUT = -5
ERR_EOF = -6
ERR_TLS = -7
ERR_VERIFY = -8
ERR_DECODE = -9
ERR_HOOK = -10
ERR_UNSUPPORTED = -11
ERR_MEMORY = -12
ERR_PANIC = -13

CLIENT = 1
SERVER = 2
CHAIN_SENT = 0
CHAIN_VERIFIED = 1
FINISHED_OWN = 0
FINISHED_PEER = 1
SHUT_BOTH = 3


class Error(Structure):
    """tlsw_error."""

    _fields_ = [
        ("status", c_int32),
        ("os_error", c_int32),
        ("verify_error", c_int32),
        ("verify_depth", c_int32),
        ("alert", c_int32),
        ("code", c_uint32),
        ("reserved", c_uint32 * 6),
        ("library", c_char * 16),
        ("reason", c_char * 64),
        ("message", c_char * 896),
    ]


class Buf(Structure):
    """tlsw_buf."""

    _fields_ = [("data", c_void_p), ("len", c_size_t)]


# The kinds of hooks. `user` is a number, or None for 0.
free_fn = CFUNCTYPE(None, c_void_p)
password_fn = CFUNCTYPE(c_int32, c_void_p, POINTER(c_uint8), c_size_t, POINTER(c_size_t))
sni_fn = CFUNCTYPE(c_int32, c_void_p, c_void_p, c_char_p, POINTER(c_uint8))
psk_client_fn = CFUNCTYPE(
    c_int32,
    c_void_p,
    c_void_p,
    c_char_p,
    c_void_p,
    c_size_t,
    c_void_p,
    c_size_t,
    POINTER(c_size_t),
)
psk_server_fn = CFUNCTYPE(
    c_int32, c_void_p, c_void_p, c_char_p, c_void_p, c_size_t, POINTER(c_size_t)
)
msg_fn = CFUNCTYPE(None, c_void_p, c_void_p, c_int32, c_int32, c_int32, c_void_p, c_size_t)

# Short words for the table below.
_status = c_int32
_handle = c_void_p  # also of the place where a handle is written
_text = c_char_p
_bytes = c_void_p  # bytes, or an address
_out = c_void_p
_err = c_void_p

_functions = {
    "abi": (c_uint32,),
    "version": (_text,),
    "backend_version": (_text,),
    "backend_version_number": (c_uint32,),
    "backend_version_info": (c_uint32, c_uint32),
    "has": (c_int32, _text),
    "verify_error_string": (_text, c_int32),
    "buf_free": (None, _handle),
    # Contexts.
    "ctx_new_protocol": (_status, c_uint32, c_uint32, _handle, _err),
    "ctx_free": (None, _handle),
    "ctx_load_ca_mem": (_status, _handle, _bytes, c_size_t, _err),
    "ctx_load_ca_file": (_status, _handle, _text, _err),
    "ctx_load_ca_dir": (_status, _handle, _text, _err),
    "ctx_load_system_roots": (_status, _handle, _err),
    "ctx_load_cert_chain_file_cb": (_status, _handle, _text, _text, password_fn, c_void_p, _err),
    "ctx_load_dh_params_file": (_status, _handle, _text, _err),
    "ctx_get_ca_certs": (_status, _handle, _out, _err),
    "ctx_get_ca_certs_der": (_status, _handle, _out, _err),
    "ctx_get_cert_store_stats": (_status, _handle, _out, _err),
    "ctx_get_session_stats": (_status, _handle, _out, _err),
    "ctx_set_ciphers": (_status, _handle, _text, _err),
    "ctx_get_ciphers": (_status, _handle, _out, _err),
    "ctx_set_ciphersuites": (_status, _handle, _text, _err),
    "ctx_set_groups": (_status, _handle, _text, _err),
    "ctx_set_alpn_protocols": (_status, _handle, _bytes, c_size_t, _err),
    "ctx_get_security_level": (c_int32, _handle),
    "ctx_set_options": (_status, _handle, c_uint64, _err),
    "ctx_get_options": (c_uint64, _handle),
    "ctx_set_verify_mode": (_status, _handle, c_uint32, _err),
    "ctx_get_verify_mode": (c_int32, _handle),
    "ctx_set_verify_flags": (_status, _handle, c_uint32, _err),
    "ctx_get_verify_flags": (c_uint32, _handle),
    "ctx_set_check_hostname": (_status, _handle, c_int32, _err),
    "ctx_get_check_hostname": (c_int32, _handle),
    "ctx_set_hostname_checks_common_name": (_status, _handle, c_int32, _err),
    "ctx_get_hostname_checks_common_name": (c_int32, _handle),
    "ctx_set_min_version": (_status, _handle, c_int32, _err),
    "ctx_get_min_version": (c_int32, _handle),
    "ctx_set_max_version": (_status, _handle, c_int32, _err),
    "ctx_get_max_version": (c_int32, _handle),
    "ctx_set_num_tickets": (_status, _handle, c_int32, _err),
    "ctx_get_num_tickets": (c_int32, _handle),
    "ctx_set_keylog_file": (_status, _handle, _text, _err),
    "ctx_set_sni_hook": (_status, _handle, sni_fn, c_void_p, free_fn, _err),
    "ctx_set_msg_hook": (_status, _handle, msg_fn, c_void_p, free_fn, _err),
    "ctx_set_psk_client_hook": (_status, _handle, psk_client_fn, c_void_p, free_fn, _err),
    "ctx_set_psk_server_hook": (_status, _handle, psk_server_fn, c_void_p, free_fn, _err),
    "ctx_set_psk_identity_hint": (_status, _handle, _text, _err),
    # Connections.
    "wrap_fd": (_status, _handle, c_ssize_t, c_uint32, _text, _handle, _err),
    "wrap_bio": (_status, _handle, _handle, _handle, c_uint32, _text, _handle, _err),
    "conn_free": (None, _handle),
    "conn_set_user": (_status, _handle, c_void_p, free_fn, _err),
    "get_user": (c_void_p, _handle),
    "conn_set_ctx": (_status, _handle, _handle, _err),
    "conn_set_timeout": (_status, _handle, c_int64, _err),
    "conn_set_interruptible": (_status, _handle, c_int32, _err),
    "conn_set_session": (_status, _handle, _handle, _err),
    "conn_handshake": (_status, _handle, _err),
    "conn_read": (_status, _handle, _bytes, c_size_t, _out, _err),
    "conn_write": (_status, _handle, _bytes, c_size_t, _out, _err),
    "conn_shutdown": (_status, _handle, c_uint32, _err),
    "get_version": (_text, _handle),
    "get_cipher": (_text, _handle),
    "get_cipher_version": (_text, _handle),
    "get_cipher_bits": (c_uint32, _handle),
    "get_shared_ciphers": (_status, _handle, _out, _err),
    "get_alpn": (_status, _handle, _out, _err),
    "get_compression": (_text, _handle),
    "get_pending": (c_size_t, _handle),
    "get_session_reused": (c_int32, _handle),
    "get_current_session": (_status, _handle, _handle, _err),
    "get_peer_chain_der": (_status, _handle, c_uint32, _out, _err),
    "get_failed_cert_der": (_status, _handle, _out, _err),
    "get_channel_binding": (_status, _handle, _text, _out, _err),
    "get_finished": (_status, _handle, c_uint32, _out, _err),
    # Sessions.
    "session_free": (None, _handle),
    "session_id": (_status, _handle, _out, _err),
    "session_time": (c_int64, _handle),
    "session_timeout": (c_uint32, _handle),
    "session_ticket_lifetime_hint": (c_uint32, _handle),
    "session_has_ticket": (c_int32, _handle),
    "session_equal": (c_int32, _handle, _handle),
    # Pipes in memory.
    "bio_new": (_status, _handle, _err),
    "bio_free": (None, _handle),
    "bio_read": (_status, _handle, _bytes, c_size_t, _out, _err),
    "bio_write": (_status, _handle, _bytes, c_size_t, _err),
    "bio_write_eof": (_status, _handle, _err),
    "bio_pending": (c_size_t, _handle),
    "bio_eof": (c_int32, _handle),
    # Certificates.
    "cert_new": (_status, _bytes, c_size_t, _out, _handle, _err),
    "cert_free": (None, _handle),
    "cert_json": (_status, _handle, _out, _err),
    "cert_pem": (_status, _handle, _out, _err),
    "cert_subject": (_text, _handle),
    "cert_pem_to_der": (_status, _bytes, c_size_t, _out, _err),
    # The rest of the module.
    "txt2obj": (_status, _text, c_int32, _out, _err),
    "nid2obj": (_status, c_int32, _out, _err),
    "get_default_verify_paths": (_status, _out, _err),
    "rand_bytes": (_status, _bytes, c_size_t, _err),
    "rand_status": (c_int32,),
    "rand_add": (_status, _bytes, c_size_t, c_double, _err),
    "enum_certificates": (_status, _text, _out, _err),
    "enum_crls": (_status, _text, _out, _err),
}


def _names():
    if sys.platform == "win32":
        return ["tlswrap.dll"]
    if sys.platform == "darwin":
        return ["libtlswrap.dylib"]
    return ["libtlswrap.so", "libtlswrap.so.0.1"]


def _candidates():
    """Where the library may be, best first: (path, whether it must be there)."""
    explicit = os.environ.get("TLSWRAP_LIBRARY")
    if explicit:
        yield explicit, True
    here = os.path.dirname(os.path.abspath(__file__))
    for name in _names():
        yield os.path.join(here, name), False
    # In a checkout, where make and cargo put it.
    root = os.path.dirname(os.path.dirname(os.path.dirname(here)))
    if os.path.exists(os.path.join(root, "include", "tlswrap.h")):
        for directory in ("dist", "release"):
            for name in _names():
                yield os.path.join(root, "target", directory, name), False
    # Wherever the system's loader looks.
    for name in _names():
        yield name, True


def _load():
    tried = []
    for path, try_anyway in _candidates():
        if try_anyway or os.path.exists(path):
            try:
                library = ctypes.CDLL(path)
            except OSError as error:
                tried.append(str(error))
                if path == os.environ.get("TLSWRAP_LIBRARY"):
                    break
                continue
            library.tlsw_abi.restype = c_uint32
            if library.tlsw_abi() != ABI:
                raise ImportError(
                    f"{path} has ABI {library.tlsw_abi()}, and this package needs ABI {ABI}"
                )
            return library
    raise ImportError(
        "the library of tlswrap was not found; build it with `make build`, or name it in "
        "TLSWRAP_LIBRARY (" + "; ".join(tried) + ")"
    )


class Library:
    """The functions of the library by their names without `tlsw_`."""

    def __init__(self):
        self._dll = _load()
        self.path = self._dll._name

    def __getattr__(self, name):
        if name not in _functions:
            raise AttributeError(name)
        result, *arguments = _functions[name]
        function = getattr(self._dll, "tlsw_" + name)
        function.restype = result
        function.argtypes = arguments
        setattr(self, name, function)
        return function

    def bare(self, name):
        """The function without its declaration: called in half the time, but all arguments must be
        objects of ctypes (or bytes), for plain numbers would be cut to 32 bits."""
        function = self._dll["tlsw_" + name]
        function.restype = _functions[name][0]
        return function


lib = Library()


# ---- Calling ----


def call(function, *arguments):
    """Calls a function whose last argument is `err`, and gives its status if that is not negative."""
    err = Error()
    status = function(*arguments, byref(err))
    if status < 0:
        raise from_error(err)
    return status


def take(function, *arguments):
    """Calls a function that gives a tlsw_buf: its bytes, or None where there is nothing."""
    buf = Buf()
    if call(function, *arguments, byref(buf)) != OK:
        return None
    try:
        return ctypes.string_at(buf.data, buf.len) if buf.len else b""
    finally:
        lib.buf_free(byref(buf))


def new(function, *arguments):
    """Calls a function that gives a handle: the handle, or None where there is nothing."""
    handle = c_void_p()
    call(function, *arguments, byref(handle))
    return handle.value


def from_error(err):
    """The exception for a failed call, set by _errors (which needs this module)."""
    raise NotImplementedError
