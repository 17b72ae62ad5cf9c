"""MemoryBIO: a byte pipe in memory."""

from ctypes import addressof, byref, c_char, c_size_t, string_at

from . import _native
from ._buffers import readable
from ._errors import SSLError
from ._native import call, lib
from ._numbers import c_int
from ._sealed import Sealed, not_copied, seal


class MemoryBIO(metaclass=Sealed):
    __slots__ = ("_handle", "__weakref__")
    __reduce_ex__ = not_copied

    def __new__(cls):
        self = super().__new__(cls)
        self._handle = _native.new(lib.bio_new)
        return self

    def __del__(self, free=lib.bio_free):
        free(getattr(self, "_handle", None))

    def read(self, size=-1, /):
        """Read up to size bytes from the memory BIO.

        If size is not specified, read the entire buffer.
        If the return value is an empty bytes instance, this means either
        EOF or that no data is available. Use the "eof" property to
        distinguish between the two.
        """
        size = c_int(size)
        there = lib.bio_pending(self._handle)
        size = there if size < 0 else min(size, there)
        if not size:
            return b""
        room = (c_char * size)()
        n = c_size_t()
        call(lib.bio_read, self._handle, addressof(room), size, byref(n))
        return string_at(room, n.value)

    def write(self, b, /):
        """Writes the bytes b into the memory BIO.

        Returns the number of bytes written.
        """
        with readable(b) as (address, length):
            err = _native.Error()
            status = lib.bio_write(self._handle, address, length, byref(err))
        if status == _native.ERR_STATE:
            raise SSLError("cannot write() after write_eof()")
        if status < 0:
            raise _native.from_error(err)
        return length

    def write_eof(self):
        """Write an EOF marker to the memory BIO.

        When all data has been read, the "eof" property will be True.
        """
        call(lib.bio_write_eof, self._handle)

    @property
    def pending(self):
        """The number of bytes pending in the memory BIO."""
        return lib.bio_pending(self._handle)

    @property
    def eof(self):
        """Whether the memory BIO is at EOF."""
        return lib.bio_eof(self._handle) == 1


seal(MemoryBIO, final=True)
