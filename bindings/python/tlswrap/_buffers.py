"""Bytes and text of Python's as the library takes them."""

from contextlib import contextmanager
from ctypes import Structure, byref, c_int, c_ssize_t, c_void_p, py_object, pythonapi


class _PyBuffer(Structure):
    """Py_buffer, the same in every Python."""

    _fields_ = [
        ("buf", c_void_p),
        ("obj", c_void_p),
        ("len", c_ssize_t),
        ("itemsize", c_ssize_t),
        ("readonly", c_int),
        ("ndim", c_int),
        ("format", c_void_p),
        ("shape", c_void_p),
        ("strides", c_void_p),
        ("suboffsets", c_void_p),
        ("internal", c_void_p),
    ]


_get = pythonapi.PyObject_GetBuffer
_get.argtypes = [py_object, c_void_p, c_int]
_get.restype = c_int
_release = pythonapi.PyBuffer_Release
_release.argtypes = [c_void_p]
_release.restype = None

_SIMPLE = 0  # PyBUF_SIMPLE: contiguous bytes, for reading


class Readable:
    """The bytes of any object that has some, for reading: `address` and `len` until `release`.

    ctypes has only from_buffer, which insists on memory that can be written, and so refuses the
    memoryviews of bytes that sendall() makes. Objects without contiguous bytes are a BufferError,
    without any a TypeError.
    """

    __slots__ = ("_view", "address", "len")

    def __init__(self, data):
        self._view = view = _PyBuffer()
        _get(data, byref(view), _SIMPLE)
        self.address = view.buf
        self.len = view.len

    def release(self):
        _release(byref(self._view))


@contextmanager
def readable(data):
    """The address and length of the bytes of `data`, where no microsecond counts."""
    lent = Readable(data)
    try:
        yield lent.address, lent.len
    finally:
        lent.release()


def writable(buffer):
    """A view of the bytes of `buffer`, to write to."""
    try:
        view = memoryview(buffer)
    except TypeError:
        view = None
    if view is None or view.readonly or not view.c_contiguous:
        view = None  # the exception holds on to this frame
        kind = type(buffer).__name__
        why = f"read() argument 2 must be read-write bytes-like object, not {kind}"
        raise TypeError(why)
    return view if view.format == "B" and view.ndim == 1 else view.cast("B")


def text(value, what, wanted="str"):
    """The bytes of text for the library, where it ends at a NUL; the errors are those of Python's C
    API."""
    if not isinstance(value, str):
        kind = "None" if value is None else type(value).__name__
        raise TypeError(f"{what} must be {wanted}, not {kind}")
    if "\0" in value:
        raise ValueError("embedded null character")
    return value.encode()
