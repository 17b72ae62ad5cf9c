"""SSLSession: what a connection leaves behind, for another to resume."""

from ._native import lib, take
from ._sealed import Sealed, not_copied, seal


class SSLSession(metaclass=Sealed):
    __slots__ = ("_handle", "_context")
    __hash__ = None
    __reduce_ex__ = not_copied

    def __new__(cls, *args, **kwargs):
        raise TypeError("cannot create '_ssl.SSLSession' instances")

    def __del__(self, free=lib.session_free):
        free(getattr(self, "_handle", None))

    def __eq__(self, other):
        if not isinstance(other, SSLSession):
            return NotImplemented
        return lib.session_equal(self._handle, other._handle) == 1

    @property
    def id(self):
        """Session id"""
        return take(lib.session_id, self._handle)

    @property
    def time(self):
        """Session creation time (seconds since epoch)."""
        return lib.session_time(self._handle)

    @property
    def timeout(self):
        """Session timeout (delta in seconds)."""
        return lib.session_timeout(self._handle)

    @property
    def ticket_lifetime_hint(self):
        """Ticket life time hint."""
        return lib.session_ticket_lifetime_hint(self._handle)

    @property
    def has_ticket(self):
        """Does the session contain a ticket?"""
        return lib.session_has_ticket(self._handle) == 1


seal(SSLSession, final=True)


def make(handle, context):
    """A session of `context`, whose handle it takes over."""
    session = object.__new__(SSLSession)
    session._handle = handle
    session._context = context
    return session
