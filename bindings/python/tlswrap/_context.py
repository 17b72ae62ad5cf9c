"""_SSLContext: the base class of ssl.SSLContext."""

import ctypes
import json
import os
import warnings
from ctypes import byref

from . import _native, _wrap
from ._buffers import readable, text
from ._certificate import as_dict, split
from ._constants import *
from ._errors import SSLError, from_error, make
from ._hooks import contexts, message, psk_client, psk_server, register, sni
from ._native import (
    ERR_ARGUMENT,
    ERR_DECODE,
    ERR_HOOK,
    ERR_TLS,
    OK,
    Error,
    call,
    free_fn,
    lib,
    password_fn,
    take,
)
from ._numbers import c_int, c_long, index
from ._older import PYTHON_3_9, PYTHON_3_14
from ._sealed import Sealed, attribute, not_copied, seal

# Levels for warnings.warn, so that it points at the caller of ssl.py: here, ssl.py, its caller.
_OF_SSL = 3

_OLD_PROTOCOLS = {
    PROTOCOL_TLS: "PROTOCOL_TLS",
    PROTOCOL_TLSv1: "PROTOCOL_TLSv1",
    PROTOCOL_TLSv1_1: "PROTOCOL_TLSv1_1",
    PROTOCOL_TLSv1_2: "PROTOCOL_TLSv1_2",
}
_OLD_VERSIONS = {PROTO_SSLv3: "SSLv3", PROTO_TLSv1: "TLSv1", PROTO_TLSv1_1: "TLSv1_1"}
_NO_VERSION = OP_NO_SSLv3 | OP_NO_TLSv1 | OP_NO_TLSv1_1 | OP_NO_TLSv1_2 | OP_NO_TLSv1_3

# OpenSSL's order of the suites of TLS 1.3. The library's own puts the quicker AES-128 first.
_SUITES = b"TLS_AES_256_GCM_SHA384:TLS_CHACHA20_POLY1305_SHA256:TLS_AES_128_GCM_SHA256"

_no_free = free_fn()


def _deprecated(what, deeper=1):
    if not PYTHON_3_9:
        warnings.warn(f"{what} is deprecated", DeprecationWarning, stacklevel=_OF_SSL + deeper)


def _path(value, what):
    """A path as the system has it; the error is CPython's."""
    try:
        path = os.fsencode(value)
    except TypeError:
        raise TypeError(f"{what} should be a valid filesystem path") from None
    if b"\0" in path:
        raise ValueError("embedded null byte")
    return path


class _SSLContext(metaclass=Sealed):
    # Programs derive classes from ssl.SSLContext and give them attributes: not by these names.
    __slots__ = (
        "_tlsw_handle",
        "_tlsw_number",
        "_tlsw_protocol",
        "_tlsw_flags",
        "_tlsw_proxies",
        "_tlsw_server_checks",
        "_tlsw_lowest",
        "_tlsw_messages",
        "_tlsw_sni",
        "_tlsw_keys",
        "_tlsw_psk_client",
        "_tlsw_psk_server",
        "__weakref__",
    )
    __reduce_ex__ = not_copied

    def __new__(cls, protocol, /):
        protocol = c_int(protocol)
        if protocol in _OLD_PROTOCOLS:
            _deprecated(f"ssl.{_OLD_PROTOCOLS[protocol]}")
        elif protocol not in (PROTOCOL_TLS_CLIENT, PROTOCOL_TLS_SERVER):
            raise ValueError("invalid or unsupported protocol version")
        self = super().__new__(cls)
        self._tlsw_handle = _native.new(lib.ctx_new_protocol, protocol, 0)
        self._tlsw_number = None  # in the table of contexts with hooks
        self._tlsw_protocol = protocol
        self._tlsw_flags = HOSTFLAG_NO_PARTIAL_WILDCARDS
        self._tlsw_proxies = 0
        self._tlsw_server_checks = False
        self._tlsw_lowest = None
        self._tlsw_messages = self._tlsw_sni = self._tlsw_keys = None
        self._tlsw_psk_client = self._tlsw_psk_server = None
        call(lib.ctx_set_ciphersuites, self._tlsw_handle, _SUITES)
        if PYTHON_3_9:
            options = lib.ctx_get_options(self._tlsw_handle) | OP_IGNORE_UNEXPECTED_EOF
            call(lib.ctx_set_options, self._tlsw_handle, options)
        return self

    def __del__(self, free=lib.ctx_free):
        free(getattr(self, "_tlsw_handle", None))

    # ---- Connections ----

    def _wrap_socket(self, sock, server_side, server_hostname=None, *, owner=None, session=None):
        return _wrap.over_socket(self, sock, server_side, server_hostname, owner, session)

    def _wrap_bio(
        self, incoming, outgoing, server_side, server_hostname=None, *, owner=None, session=None
    ):
        bios = incoming, outgoing
        return _wrap.over_bios(self, *bios, server_side, server_hostname, owner, session)

    # ---- Trust ----

    def load_verify_locations(self, cafile=None, capath=None, cadata=None):
        if cafile is None and capath is None and cadata is None:
            raise TypeError("cafile, capath and cadata cannot be all omitted")
        if cafile is not None:
            cafile = _path(cafile, "cafile")
        if capath is not None:
            capath = _path(capath, "capath")
        if cadata is not None:
            self._load_data(cadata)
        if cafile is not None:
            self._load_pem(lib.ctx_load_ca_file, cafile)
        if capath is not None:
            call(lib.ctx_load_ca_dir, self._tlsw_handle, capath)

    def _load_data(self, data):
        """CAs as text, which is PEM, or as bytes, which are DER."""
        if isinstance(data, str):
            try:
                data = data.encode("ascii")
            except UnicodeEncodeError:
                raise TypeError("cadata should be an ASCII string or a bytes-like object") from None
            if not data:
                raise ValueError("Empty certificate data")
            if b"-----BEGIN CERTIFICATE-----" not in data:
                why = "no start line: cadata does not contain a certificate"
                raise make(SSLError, SSL_ERROR_SSL, why, "PEM", "NO_START_LINE")
        else:
            try:
                view = memoryview(data)
            except TypeError:
                raise TypeError("cadata should be an ASCII string or a bytes-like object") from None
            data = bytes(view)
            if not data:
                raise ValueError("Empty certificate data")
            if data[0] != 0x30:
                why = "not enough data: cadata does not contain a certificate"
                raise make(SSLError, SSL_ERROR_SSL, why, "ASN1", "NOT_ENOUGH_DATA")
        call(lib.ctx_load_ca_mem, self._tlsw_handle, data, len(data))

    def _load_pem(self, function, *arguments):
        """Loads from files. What is no PEM, or wants a password and has none, is in OpenSSL's words
        an error of its PEM library; in `detail` are ours."""
        err = Error()
        status = function(self._tlsw_handle, *arguments, byref(err))
        if status in (ERR_DECODE, ERR_ARGUMENT) and not err.reason:
            library = err.library.decode() or "SSL"
            error = make(SSLError, SSL_ERROR_SSL, "PEM lib", library)
            error.detail = err.message.decode()
            raise error
        if status < 0:
            raise from_error(err)

    def set_default_verify_paths(self):
        call(lib.ctx_load_system_roots, self._tlsw_handle)

    def cert_store_stats(self):
        """Returns quantities of loaded X.509 certificates.

        X.509 certificates with a CA extension and certificate revocation lists
        inside the context's cert store.

        NOTE: Certificates in a capath directory aren't loaded unless they have
        been used at least once.
        """
        return json.loads(take(lib.ctx_get_cert_store_stats, self._tlsw_handle))

    def get_ca_certs(self, binary_form=False):
        """Returns a list of dicts with information of loaded CA certs.

        If the optional argument is True, returns a DER-encoded copy of the CA
        certificate.

        NOTE: Certificates in a capath directory aren't loaded unless they have
        been used at least once.
        """
        if binary_form:
            ders = take(lib.ctx_get_ca_certs_der, self._tlsw_handle)
            return [certificate.public_bytes(ENCODING_DER) for certificate in split(ders)]
        return [as_dict(each) for each in json.loads(take(lib.ctx_get_ca_certs, self._tlsw_handle))]

    # ---- Identity ----

    def load_cert_chain(self, certfile, keyfile=None, password=None):
        certfile = _path(certfile, "certfile")
        keyfile = None if keyfile is None else _path(keyfile, "keyfile")
        ask = _Password(password)
        try:
            self._load_pem(lib.ctx_load_cert_chain_file_cb, certfile, keyfile, ask.function, None)
        except (ValueError, SSLError):
            if ask.error is not None:
                raise ask.error from None
            raise

    def load_dh_params(self, path, /):
        call(lib.ctx_load_dh_params_file, self._tlsw_handle, _path(path, "path"))

    # ---- What is negotiated ----

    def set_ciphers(self, cipherlist, /):
        cipherlist = text(cipherlist, "set_ciphers() argument")
        err = Error()
        status = lib.ctx_set_ciphers(self._tlsw_handle, cipherlist, byref(err))
        if status == ERR_TLS:
            raise SSLError("No cipher can be selected.")
        if status < 0:
            raise from_error(err)

    def get_ciphers(self):
        return json.loads(take(lib.ctx_get_ciphers, self._tlsw_handle))

    def set_ecdh_curve(self, name, /):
        # In OpenSSL, and so in Python, this is the only group of clients too.
        name = _path(name, "curve name")
        err = Error()
        if b":" in name or lib.ctx_set_groups(self._tlsw_handle, name, byref(err)) < 0:
            raise ValueError(f"unknown elliptic curve name {name!r}")

    def _set_alpn_protocols(self, protos, /):
        with readable(protos) as (address, length):
            call(lib.ctx_set_alpn_protocols, self._tlsw_handle, address, length)

    def session_stats(self):
        return json.loads(take(lib.ctx_get_session_stats, self._tlsw_handle))

    # ---- Settings ----

    @property
    def protocol(self):
        return self._tlsw_protocol

    @attribute
    def options(self):
        return lib.ctx_get_options(self._tlsw_handle)

    @options.setter
    def options(self, value):
        value = index(value)
        if value < 0 and PYTHON_3_14:
            raise ValueError("Cannot convert negative int")
        if not 0 <= value < 1 << 64:
            raise OverflowError("options are 64 bits without a sign")
        if value & ~self.options & _NO_VERSION and not PYTHON_3_9:
            warnings.warn(
                "ssl.OP_NO_SSL*/ssl.OP_NO_TLS* options are deprecated",
                DeprecationWarning,
                stacklevel=_OF_SSL,
            )
        call(lib.ctx_set_options, self._tlsw_handle, value)

    @attribute
    def verify_mode(self):
        return lib.ctx_get_verify_mode(self._tlsw_handle)

    @verify_mode.setter
    def verify_mode(self, value):
        value = c_int(value, "signed integer is greater than maximum")
        if value not in (CERT_NONE, CERT_OPTIONAL, CERT_REQUIRED):
            raise ValueError("invalid value for verify_mode")
        if value == CERT_NONE and self.check_hostname:
            raise ValueError("Cannot set verify_mode to CERT_NONE when check_hostname is enabled.")
        call(lib.ctx_set_verify_mode, self._tlsw_handle, value)

    @attribute
    def check_hostname(self):
        return self._tlsw_server_checks or lib.ctx_get_check_hostname(self._tlsw_handle) == 1

    @check_hostname.setter
    def check_hostname(self, value):
        if self._tlsw_protocol == PROTOCOL_TLS_SERVER:
            # Clients have no host name; but here, too, verification comes with it.
            if value and self.verify_mode == CERT_NONE:
                self.verify_mode = CERT_REQUIRED
            self._tlsw_server_checks = bool(value)
        else:
            call(lib.ctx_set_check_hostname, self._tlsw_handle, 1 if value else 0)

    @attribute
    def verify_flags(self):
        return lib.ctx_get_verify_flags(self._tlsw_handle) | self._tlsw_proxies

    @verify_flags.setter
    def verify_flags(self, value):
        value = index(value)
        if not 0 <= value < 1 << 32:
            raise OverflowError("verify_flags are 32 bits without a sign")
        # There are no proxy certificates: they are refused with the flag as they are without. It
        # is remembered, for programs that read back what they set.
        call(lib.ctx_set_verify_flags, self._tlsw_handle, value & ~VERIFY_ALLOW_PROXY_CERTS)
        self._tlsw_proxies = value & VERIFY_ALLOW_PROXY_CERTS

    @attribute
    def _host_flags(self):
        return self._tlsw_flags

    @_host_flags.setter
    def _host_flags(self, value):
        value = index(value)
        if value & ~HOSTFLAG_NEVER_CHECK_SUBJECT != HOSTFLAG_NO_PARTIAL_WILDCARDS:
            raise NotImplementedError("the rules for wildcards in host names cannot be changed")
        never = value & HOSTFLAG_NEVER_CHECK_SUBJECT
        call(lib.ctx_set_hostname_checks_common_name, self._tlsw_handle, 0 if never else 1)
        self._tlsw_flags = value

    @attribute
    def minimum_version(self):
        return self._tlsw_lowest or lib.ctx_get_min_version(self._tlsw_handle)

    @minimum_version.setter
    def minimum_version(self, value):
        # There is no SSL 3.0, so from there on means from the lowest that there is. It is
        # remembered, for programs that read back what they set.
        lowest = PROTO_TLSv1 if value == PROTO_SSLv3 else value
        self._set_version(lib.ctx_set_min_version, lowest, value)
        self._tlsw_lowest = PROTO_SSLv3 if value == PROTO_SSLv3 else None

    @attribute
    def maximum_version(self):
        return lib.ctx_get_max_version(self._tlsw_handle)

    @maximum_version.setter
    def maximum_version(self, value):
        self._set_version(lib.ctx_set_max_version, value, value)

    def _set_version(self, function, value, given):
        value, given = (c_int(number, "Option is too long") for number in (value, given))
        if self._tlsw_protocol not in (PROTOCOL_TLS, PROTOCOL_TLS_CLIENT, PROTOCOL_TLS_SERVER):
            raise ValueError(
                "The context's protocol doesn't support modification of highest and lowest version."
            )
        if given in _OLD_VERSIONS:
            _deprecated(f"ssl.TLSVersion.{_OLD_VERSIONS[given]}", deeper=2)
        err = Error()
        if function(self._tlsw_handle, value, byref(err)) < 0:
            raise ValueError(f"Unsupported TLS/SSL version {given:#x}")

    @attribute
    def num_tickets(self):
        """Control the number of TLSv1.3 session tickets."""
        return lib.ctx_get_num_tickets(self._tlsw_handle)

    @num_tickets.setter
    def num_tickets(self, value):
        value = c_long(value)
        if value < 0:
            raise ValueError("value must be non-negative")
        if self._tlsw_protocol != PROTOCOL_TLS_SERVER:
            raise ValueError("SSLContext is not a server context.")
        # Some sixteen are sent at most.
        call(lib.ctx_set_num_tickets, self._tlsw_handle, min(value, 0x7FFFFFFF))

    @property
    def security_level(self):
        """The current security level."""
        return lib.ctx_get_security_level(self._tlsw_handle)

    @property
    def post_handshake_auth(self):
        """None: BoringSSL has no post-handshake authentication."""
        return None

    # ---- Hooks ----

    @attribute
    def sni_callback(self):
        """Set a callback that will be called when a server name is provided by the SSL/TLS client
        in the SNI extension.

        If the argument is None then the callback is disabled. The method is called with the
        SSLSocket, the server name as a string, and the SSLContext object. See RFC 6066 for details
        of the SNI extension.
        """
        return self._tlsw_sni

    @sni_callback.setter
    def sni_callback(self, value):
        if self._tlsw_protocol == PROTOCOL_TLS_CLIENT:
            raise ValueError("sni_callback cannot be set on TLS_CLIENT context")
        if value is not None and not callable(value):
            raise TypeError("not a callable object")
        self._hook(lib.ctx_set_sni_hook, sni, value)
        self._tlsw_sni = value

    @attribute
    def _msg_callback(self):
        return self._tlsw_messages

    @_msg_callback.setter
    def _msg_callback(self, value):
        if value is not None and not callable(value):
            raise TypeError(f"{value!r} is not callable.")
        self._hook(lib.ctx_set_msg_hook, message, value)
        self._tlsw_messages = value

    def set_psk_client_callback(self, callback):
        if self._tlsw_protocol == PROTOCOL_TLS_SERVER:
            why = "Cannot add PSK client callback to a PROTOCOL_TLS_SERVER context"
            raise make(SSLError, 0, why)
        if callback is not None and not callable(callback):
            raise TypeError("callback must be callable")
        self._hook(lib.ctx_set_psk_client_hook, psk_client, callback)
        self._tlsw_psk_client = callback

    def set_psk_server_callback(self, callback, identity_hint=None):
        hint = identity_hint
        if hint is not None:
            what = "set_psk_server_callback() argument 'identity_hint'"
            hint = text(hint, what, "str or None")
        if self._tlsw_protocol == PROTOCOL_TLS_CLIENT:
            why = "Cannot add PSK server callback to a PROTOCOL_TLS_CLIENT context"
            raise make(SSLError, 0, why)
        if callback is not None and not callable(callback):
            raise TypeError("callback must be callable")
        err = Error()
        if lib.ctx_set_psk_identity_hint(self._tlsw_handle, hint, byref(err)) < 0:
            raise ValueError("failed to set identity hint")
        self._hook(lib.ctx_set_psk_server_hook, psk_server, callback)
        self._tlsw_psk_server = callback

    def _hook(self, function, trampoline, callback):
        """Has the library call `trampoline`, or nobody if there is no callback for it to call."""
        if callback is None:
            trampoline = type(trampoline)()
        elif self._tlsw_number is None:
            self._tlsw_number = register(contexts, self)
        call(function, self._tlsw_handle, trampoline, self._tlsw_number, _no_free)

    @attribute
    def keylog_filename(self):
        return self._tlsw_keys

    @keylog_filename.setter
    def keylog_filename(self, value):
        if value is None:
            call(lib.ctx_set_keylog_file, self._tlsw_handle, None)
        else:
            call(lib.ctx_set_keylog_file, self._tlsw_handle, _path(value, "keylog_filename"))
        self._tlsw_keys = value


class _Password:
    """The password argument of load_cert_chain, as the library asks for it."""

    def __init__(self, password):
        self.error = None
        if password is None:
            self.function = password_fn()
            return
        if not callable(password) and not isinstance(password, (str, bytes, bytearray)):
            raise TypeError("password should be a string or callable")
        self._password = password.encode() if isinstance(password, str) else password
        self.function = password_fn(self._give)

    def _give(self, user, buf, size, length):
        try:
            given = self._password() if callable(self._password) else self._password
            if isinstance(given, str):
                given = given.encode()
            elif not isinstance(given, (bytes, bytearray)):
                raise TypeError("password callback must return a string")
            if len(given) > size:
                raise ValueError(f"password cannot be longer than {size} bytes")
            ctypes.memmove(buf, bytes(given), len(given))
            length[0] = len(given)
            return OK
        except BaseException as error:
            self.error = error
            return ERR_HOOK


seal(_SSLContext)
