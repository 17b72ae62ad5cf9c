"""Certificates: decoded, and as objects."""

import ctypes
import json
from ctypes import byref, c_size_t, c_void_p

from ._native import call, lib, take
from ._sealed import Sealed, not_copied, seal

ENCODING_PEM = 1
ENCODING_DER = 2

# What CPython's getpeercert() tells. The library knows more.
_KEYS = (
    "subject",
    "issuer",
    "version",
    "serialNumber",
    "notBefore",
    "notAfter",
    "subjectAltName",
    "OCSP",
    "caIssuers",
    "crlDistributionPoints",
)


def tuples(value):
    """The lists of JSON as the tuples of CPython, all the way down."""
    if isinstance(value, list):
        return tuple([tuples(item) for item in value])
    return value


def as_dict(decoded):
    """A certificate of tlsw_cert_json as getpeercert() has it."""
    return {key: tuples(decoded[key]) for key in _KEYS if key in decoded}


class Certificate(metaclass=Sealed):
    """A certificate of a peer's chain."""

    __slots__ = ("_der", "_handle")
    __reduce_ex__ = not_copied

    def __new__(cls, *args, **kwargs):
        raise TypeError("cannot create '_ssl.Certificate' instances")

    def __del__(self, free=lib.cert_free):
        free(getattr(self, "_handle", None))

    def public_bytes(self, format=ENCODING_PEM):
        if format == ENCODING_PEM:
            return take(lib.cert_pem, self._handle).decode("ascii")
        if format == ENCODING_DER:
            return self._der
        raise ValueError("Unsupported format")

    def get_info(self):
        return as_dict(json.loads(take(lib.cert_json, self._handle)))

    def __eq__(self, other):
        if not isinstance(other, Certificate):
            return NotImplemented
        return self._der == other._der

    def __hash__(self):
        return hash(self._der)

    def __repr__(self):
        subject = lib.cert_subject(self._handle).decode()
        return f"<_ssl.Certificate '{subject}'>"


seal(Certificate, final=True)


def split(ders):
    """The certificates whose DER stands one after another in `ders`."""
    certificates = []
    at = 0
    start = ctypes.cast(ctypes.c_char_p(ders), c_void_p).value
    while at < len(ders):
        used = c_size_t()
        handle = c_void_p()
        call(lib.cert_new, start + at, len(ders) - at, byref(used), byref(handle))
        certificate = object.__new__(Certificate)
        certificate._handle = handle.value
        certificate._der = ders[at : at + used.value]
        certificates.append(certificate)
        at += used.value
    return certificates


def first(ders):
    """The first of them, without looking at the others."""
    handle = c_void_p()
    used = c_size_t()
    call(lib.cert_new, ders, len(ders), byref(used), byref(handle))
    certificate = object.__new__(Certificate)
    certificate._handle = handle.value
    certificate._der = ders[: used.value]
    return certificate
