"""What CPython's ssl.py imports as `_ssl`, on tlswrap."""

import base64 as _base64
import json as _json
import os as _os
import sys as _sys
import warnings as _warnings

# Before all else that takes ctypes: it tells why there is none.
from . import _native
from ctypes import addressof as _addressof
from ctypes import c_char as _c_char
from math import fabs as _fabs

from ._bio import MemoryBIO
from ._buffers import readable as _readable
from ._buffers import text as _text
from ._certificate import Certificate
from ._certificate import first as _first
from ._constants import *
from ._context import _SSLContext
from ._errors import (
    SSLCertVerificationError,
    SSLEOFError,
    SSLError,
    SSLSyscallError,
    SSLWantReadError,
    SSLWantWriteError,
    SSLZeroReturnError,
)
from ._native import call as _call
from ._native import lib as _lib
from ._native import take as _take
from ._numbers import c_int as _c_int
from ._older import PYTHON_3_9 as _PYTHON_3_9
from ._session import SSLSession
from ._socket import _SSLSocket

# ---- Which TLS this is ----

# BoringSSL stands in for OpenSSL 1.1.1, and says so of itself. Programs look at the number.
OPENSSL_VERSION_NUMBER = _lib.backend_version_number()
OPENSSL_VERSION_INFO = tuple([_lib.backend_version_info(part) for part in range(5)])
OPENSSL_VERSION = "OpenSSL {}.{}.{} (compatible; BoringSSL)".format(*OPENSSL_VERSION_INFO)
_OPENSSL_API_VERSION = OPENSSL_VERSION_INFO

# CPython's text. Contexts have the library's own default, which is stricter.
_DEFAULT_CIPHERS = (
    "@SECLEVEL=2:ECDH+AESGCM:ECDH+CHACHA20:ECDH+AES:DHE+AES:!aNULL:!eNULL:!aDSS:!SHA1:!AESCCM"
)


# ---- Objects ----


def _object(text):
    known = _json.loads(text)
    return known["nid"], known["shortname"], known["longname"], known["oid"]


def txt2obj(txt, name=False):
    """Lookup NID, short name, long name and OID of an ASN1_OBJECT.

    By default objects are looked up by OID. With name=True short and
    long name are also matched.
    """
    text = _text(txt, "txt2obj() argument 'txt'")
    return _object(_take(_lib.txt2obj, text, 1 if name else 0))


def nid2obj(nid, /):
    """Lookup NID, short name, long name and OID of an ASN1_OBJECT by NID."""
    nid = _c_int(nid)
    if nid < 0:
        raise ValueError("NID must be positive.")
    return _object(_take(_lib.nid2obj, nid))


# ---- Random numbers ----


def RAND_add(string, entropy, /):
    """Mix string into the OpenSSL PRNG state.

    entropy (a float) is a lower bound on the entropy contained in
    string.  See RFC 4086.
    """
    data = string.encode() if isinstance(string, str) else string
    _fabs(entropy)  # A TypeError for what is no number.
    with _readable(data) as (address, length):
        _call(_lib.rand_add, address, length, float(entropy))


def RAND_bytes(n, /):
    """Generate n cryptographically strong pseudo-random bytes."""
    n = _c_int(n)
    if n < 0:
        raise ValueError("num must be positive")
    room = (_c_char * n)()
    _call(_lib.rand_bytes, _addressof(room), n)
    return room.raw


def RAND_pseudo_bytes(n, /):
    """Generate n pseudo-random bytes.

    Return a pair (bytes, is_cryptographic).  is_cryptographic is True
    if the bytes generated are cryptographically strong.
    """
    if not _PYTHON_3_9:
        what = "ssl.RAND_pseudo_bytes() is deprecated"
        _warnings.warn(what, DeprecationWarning, stacklevel=2)
    return RAND_bytes(n), True


def RAND_status():
    """Returns True if the OpenSSL PRNG has been seeded with enough data and False if not.

    It is necessary to seed the PRNG with RAND_add() on some platforms before
    using the ssl() function.
    """
    return _lib.rand_status() == 1


# ---- The rest ----


def get_default_verify_paths():
    """Return search paths and environment vars that are used by SSLContext's
    set_default_verify_paths() to load default CAs.

    The values are 'cert_file_env', 'cert_file', 'cert_dir_env', 'cert_dir'.
    """
    paths = _json.loads(_take(_lib.get_default_verify_paths))
    return (
        paths["openssl_cafile_env"],
        paths["openssl_cafile"],
        paths["openssl_capath_env"],
        paths["openssl_capath"],
    )


if _sys.platform == "win32":

    def _store(function, name):
        return _json.loads(_take(function, name.encode()))

    def _trusted_for(trust):
        return True if trust is True else frozenset(trust)

    def enum_certificates(store_name):
        """Retrieve certificates from Windows' cert store.

        store_name may be one of 'CA', 'ROOT' or 'MY'.  The system may provide
        more cert storages, too.  The function returns a list of (bytes,
        encoding_type, trust) tuples.
        """
        return [
            (_base64.b64decode(each["der"]), each["encoding"], _trusted_for(each["trust"]))
            for each in _store(_lib.enum_certificates, store_name)
        ]

    def enum_crls(store_name):
        """Retrieve CRLs from Windows' cert store, as (bytes, encoding_type) tuples."""
        return [
            (_base64.b64decode(each["der"]), each["encoding"])
            for each in _store(_lib.enum_crls, store_name)
        ]


def _test_decode_cert(path, /):
    """What getpeercert() would tell of the first certificate in a PEM file."""
    import re

    with open(_os.fspath(path), "rb") as file:
        text = file.read()
    block = re.search(rb"-----BEGIN CERTIFICATE-----.*?-----END CERTIFICATE-----", text, re.S)
    if block is None:
        raise SSLError("Error decoding PEM-encoded file")
    return _first(_take(_lib.cert_pem_to_der, block[0], len(block[0]))).get_info()
