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
from ._native import ERR_HOOK, OK, lib, msg_fn, sni_fn

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
        about = callback = context.sni_callback
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


@msg_fn
def message(user, conn, is_write, version, content_type, data, length):
    """A message of the protocol has passed. An exception is raised when the step is over."""
    connection = None
    try:
        connection = connections[lib.get_user(conn)]
        # The context of now: it may have been swapped since.
        callback = connection.context._msg_callback
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
