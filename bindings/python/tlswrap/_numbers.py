"""Numbers as the C API of Python takes them; the errors are its."""

from operator import index


def c_int(value, too_large="Python int too large to convert to C int", bits=32):
    """A number that fits into an `int` of C, or into a longer type."""
    number = index(value)
    if number.bit_length() >= bits:
        raise OverflowError(too_large)
    return number


def c_long(value):
    """The same for a `long`, as where they have 64 bits."""
    return c_int(value, "Python int too large to convert to C long", 64)
