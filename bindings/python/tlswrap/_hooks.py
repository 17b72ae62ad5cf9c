"""Functions of the user's that the library calls.

There is one trampoline for each kind of hook. What it is called with is a number, never a
reference to an object: it is looked up in tables that keep nothing alive, so that contexts and
sockets die when the program lets go of them, callbacks that refer to them or not.

An exception must not leave a trampoline. Each says what becomes of it.
"""

import ctypes
import itertools
import weakref

from ._errors import unraisable
from ._native import ERR_HOOK, OK, lib, msg_fn, psk_client_fn, psk_server_fn, sni_fn

ALERT_HANDSHAKE_FAILURE = 40
ALERT_INTERNAL_ERROR = 80

# Content types (RFC 8446, section 5.1), and OpenSSL's number for a record's header.
_CHANGE_CIPHER_SPEC = 20
_ALERT = 21
_HANDSHAKE = 22
_HEADER = 0x100

_numbers = itertools.count(1)
contexts = weakref.WeakValueDictionary()
connections = weakref.WeakValueDictionary()


def register(table, thing):
    """The number by which the library knows `thing`."""
    number = next(_numbers)
    table[number] = thing
    return number


@sni_fn
def sni(user, conn, name, alert):
    """A ClientHello has come: the context's sni_callback may pick another context, or refuse."""
    alert[0] = ALERT_INTERNAL_ERROR
    about = None
    try:
        context = contexts[user]
        about = callback = context._tlsw_sni
        if callback is None:
            return OK
        connection = connections[lib.get_user(conn)]
        shown = connection.shown()
        if shown is None:
            return ERR_HOOK
        if name is not None:
            about = name
            name = name.decode("ascii")
            about = callback
        try:
            answer = callback(shown, name, context)
        except BaseException as error:
            alert[0] = ALERT_HANDSHAKE_FAILURE
            unraisable(error, callback)
            return ERR_HOOK
        if answer is None:
            return OK
        about = answer
        alert[0] = ctypes.c_int(answer).value & 0xFF
        return ERR_HOOK
    except BaseException as error:
        unraisable(error, about)
        return ERR_HOOK


# Without a key, and after an exception, the room for it stays empty, which refuses the peer.


@psk_client_fn
def psk_client(user, conn, hint, identity, identity_size, key, key_size, key_length):
    """A server has chosen a suite with a pre-shared key: whose, and which?"""
    callback = None
    try:
        callback = contexts[user]._tlsw_psk_client
        if callback is not None:
            name, secret = _introduction(callback(hint.decode() if hint else None))
            # A NUL stands behind the identity.
            if len(name) < identity_size and len(secret) <= key_size:
                ctypes.memmove(identity, name, len(name))
                ctypes.memmove(key, secret, len(secret))
                key_length[0] = len(secret)
    except BaseException as error:
        unraisable(error, callback)
    return OK


def _introduction(given):
    """An identity and a key, out of what a callback gave; the errors are CPython's."""
    if not isinstance(given, tuple):
        raise SystemError("new style getargs format but argument is not a tuple")
    if len(given) != 2:
        raise TypeError(f"function takes exactly 2 arguments ({len(given)} given)")
    name, key = given
    name = b"" if name is None else name.encode() if isinstance(name, str) else name
    for number, value in enumerate((name, key), 1):
        if isinstance(value, (bytearray, memoryview)):
            kind = type(value).__name__
            raise TypeError(f"argument {number} must be read-only bytes-like object, not {kind}")
        if not isinstance(value, bytes):
            raise TypeError(f"a bytes-like object is required, not '{type(value).__name__}'")
    return name, key


@psk_server_fn
def psk_server(user, conn, identity, key, key_size, key_length):
    """A client has named the identity whose key it has: which is it?"""
    callback = None
    try:
        callback = contexts[user]._tlsw_psk_server
        if callback is not None:
            secret = callback(identity.decode() if identity else None)
            if not isinstance(secret, bytes):
                raise TypeError(f"expected bytes, {type(secret).__name__} found")
            if len(secret) <= key_size:
                ctypes.memmove(key, secret, len(secret))
                key_length[0] = len(secret)
    except BaseException as error:
        unraisable(error, callback)
    return OK


@msg_fn
def message(user, conn, is_write, version, content_type, data, length):
    """A message of the protocol has passed. An exception is raised when the step is over."""
    connection = None
    try:
        connection = connections[lib.get_user(conn)]
        # The context of now: it may have been swapped since.
        callback = connection._context._tlsw_messages
        if callback is None or connection.stored is not None:
            return
        data = ctypes.string_at(data, length)
        kind = -1
        if content_type == _CHANGE_CIPHER_SPEC:
            kind = 0x101
        elif content_type == _ALERT:
            kind = data[1]
        elif content_type == _HEADER:
            version = int.from_bytes(data[1:3], "big")
            kind = data[0]
        elif data:
            kind = data[0]
        direction = "write" if is_write else "read"
        callback(connection.shown() or connection, direction, version, content_type, kind, data)
    except BaseException as error:
        if connection is not None:
            connection.stored = error
        else:
            unraisable(error, None)
