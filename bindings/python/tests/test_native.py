"""The declarations of the C functions and the numbers are those of the header."""

import ctypes
import json
import os
import re
import unittest

from tlswrap import _constants, _native

ROOT = os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "..", "..")
HEADER = os.path.join(ROOT, "include", "tlswrap.h")

_PLAIN = {
    "tlsw_status": ctypes.c_int32,
    "int32_t": ctypes.c_int32,
    "int64_t": ctypes.c_int64,
    "uint16_t": ctypes.c_uint16,
    "uint32_t": ctypes.c_uint32,
    "uint64_t": ctypes.c_uint64,
    "size_t": ctypes.c_size_t,
    "ptrdiff_t": ctypes.c_ssize_t,
    "double": ctypes.c_double,
    "void": None,
    "tlsw_free_fn": _native.free_fn,
    "tlsw_password_fn": _native.password_fn,
    "tlsw_sni_fn": _native.sni_fn,
    "tlsw_msg_fn": _native.msg_fn,
    "tlsw_psk_client_fn": _native.psk_client_fn,
    "tlsw_psk_server_fn": _native.psk_server_fn,
}


def _type(declaration):
    """`const char *path` as what ctypes has for it."""
    if "**" in declaration:
        return ctypes.c_void_p
    if re.match(r"const char \*", declaration):
        return ctypes.c_char_p
    if "*" in declaration:
        return ctypes.c_void_p
    return _PLAIN.get(declaration.split()[0], "a function type that is not used here")


def _prototypes():
    with open(HEADER, encoding="utf-8") as file:
        text = re.sub(r"//.*", "", file.read())
    for result, name, arguments in re.findall(
        r"^TLSW_API\s+(?:TLSW_MUST_USE\s+)?([\w ]+?\**)\s?tlsw_(\w+)\(([^)]*)\);", text, re.M
    ):
        arguments = [" ".join(each.split()) for each in arguments.split(",")]
        yield (
            name,
            _type(result + " "),
            [] if arguments == ["void"] else [_type(a) for a in arguments],
        )


class Declarations(unittest.TestCase):
    def test_they_are_the_header_s(self):
        header = {name: (result, arguments) for name, result, arguments in _prototypes()}
        self.assertGreater(len(header), 100)
        for name, (result, *arguments) in _native._functions.items():
            with self.subTest(name):
                self.assertEqual(header[name], (result, arguments))

    def test_the_library_has_them_all(self):
        for name in _native._functions:
            with self.subTest(name):
                self.assertTrue(callable(getattr(_native.lib, name)))

    def test_the_size_of_the_error(self):
        self.assertEqual(ctypes.sizeof(_native.Error), 24 + 24 + 16 + 64 + 896)


class Numbers(unittest.TestCase):
    def setUp(self):
        with open(os.path.join(ROOT, "bindings", "constants.json"), encoding="utf-8") as file:
            self.header = json.load(file)

    def test_statuses_and_the_like(self):
        mine = {k: v for k, v in vars(_native).items() if k.isupper() and isinstance(v, int)}
        self.assertGreater(len(mine), 20)
        for name, value in mine.items():
            with self.subTest(name):
                self.assertEqual(self.header["TLSW_" + name], value)

    def test_constants_of_the_module(self):
        versions = {"PROTO_MINIMUM_SUPPORTED": "TLS_MINIMUM_SUPPORTED", "PROTO_SSLv3": "SSL_3_0"}
        versions["PROTO_MAXIMUM_SUPPORTED"] = "TLS_MAXIMUM_SUPPORTED"
        checked = 0
        for name, value in vars(_constants).items():
            name = name.replace("ALERT_DESCRIPTION_", "ALERT_")
            name = versions.get(name, name)
            name = re.sub(r"^PROTO_TLSv1(_\d)?$", lambda m: "TLS_1" + (m[1] or "_0"), name)
            wanted = self.header.get("TLSW_" + name.upper(), self.header.get("TLSW_" + name))
            if wanted is not None and isinstance(value, int):
                with self.subTest(name):
                    self.assertEqual(wanted, value)
                checked += 1
        self.assertGreater(checked, 60)


if __name__ == "__main__":
    unittest.main()
