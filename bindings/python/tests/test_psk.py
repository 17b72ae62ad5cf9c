"""Callbacks for pre-shared keys, as CPython 3.13 has them; here on every Python."""

import gc
import sys
import unittest
import weakref

from support import file, in_memory, ssl

# Behind it, for it imports ssl.
from unittest import mock  # noqa: E402

KEY = b"the key of both"


def contexts(client=None, server=None, hint=None):
    """A client that trusts nobody and a server without a certificate, with callbacks."""
    one = ssl.create_default_context(cafile=file("old-root.pem"))
    other = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    for context in (one, other):
        context.maximum_version = ssl.TLSVersion.TLSv1_2
        context.set_ciphers("PSK")
    one.set_psk_client_callback(client or (lambda hint: ("me", KEY)))
    other.set_psk_server_callback(server or (lambda identity: KEY), hint)
    return one, other


class Callbacks(unittest.TestCase):
    def meet(self, client=None, server=None, hint=None):
        """What became of the handshake on either side; None is well."""
        one, other = contexts(client, server, hint)
        pipes = ssl.MemoryBIO(), ssl.MemoryBIO()
        ends = [
            one.wrap_bio(*pipes, server_hostname="localhost"),
            other.wrap_bio(*pipes[::-1], server_side=True),
        ]
        came = {}
        for _ in range(3):
            for end in ends:
                try:
                    end.do_handshake()
                    came.setdefault(end.server_side)
                except ssl.SSLWantReadError:
                    pass
                except ssl.SSLError as error:
                    came.setdefault(end.server_side, error.reason)
        return came[False], came[True]

    def refused_by_client(self, given):
        """The exception that nobody could catch, if there was one."""
        with mock.patch("sys.unraisablehook") as told:
            came = self.meet(client=lambda hint: given)
        self.assertEqual(came, ("PSK_IDENTITY_NOT_FOUND", "SSLV3_ALERT_HANDSHAKE_FAILURE"))
        return told.call_args and told.call_args[0][0].exc_value

    def test_both_sides_have_the_key(self):
        one, other = in_memory(*contexts()[::-1])
        self.assertEqual(one.version(), "TLSv1.2")
        self.assertIn("PSK", one.cipher()[0])
        self.assertIsNone(one.getpeercert())
        one.write(b"there")
        self.assertEqual(other.read(), b"there")

    def test_a_wrong_key(self):
        came = self.meet(client=lambda hint: ("me", b"another"))
        self.assertEqual(came[1], "DECRYPTION_FAILED_OR_BAD_RECORD_MAC")

    def test_identities_and_hints(self):
        for name in ("identity", "客户身份", "é" * 64):
            for hint in ("hint", "身份暗示", "é" * 64):
                told = []
                came = self.meet(
                    lambda hint: (told.append(hint), (name, KEY))[1],
                    lambda identity: (told.append(identity), KEY)[1],
                    hint,
                )
                self.assertEqual((came, told), ((None, None), [hint, name]))

    def test_none_is_empty_and_bytes_are_taken(self):
        for given, told in ((None, None), ("", None), (b"", None), (b"me", "me")):
            seen = []
            came = self.meet(
                lambda hint: (seen.append(hint), (given, KEY))[1],
                lambda identity: (seen.append(identity), KEY)[1],
                "",
            )
            self.assertEqual((came, seen), ((None, None), [None, told]))

    def test_what_a_client_gives(self):
        self.assertIsNone(self.refused_by_client(("me", b"")))
        self.assertIsNone(self.refused_by_client(("x" * 129, KEY)))
        self.assertIsNone(self.refused_by_client(("me", bytes(257))))
        for given, error, words in (
            (None, SystemError, "argument is not a tuple"),
            (("me",), TypeError, r"takes exactly 2 arguments \(1 given\)"),
            (("me", "text"), TypeError, "a bytes-like object is required, not 'str'"),
            ((5, KEY), TypeError, "a bytes-like object is required, not 'int'"),
            (("me", bytearray(KEY)), TypeError, "argument 2 .* read-only .* not bytearray"),
            (("\udc80", KEY), UnicodeEncodeError, "surrogates"),
        ):
            self.assertRaisesRegex(error, words, self.throw, self.refused_by_client(given))

    @staticmethod
    def throw(error):
        raise error

    def test_what_a_server_gives(self):
        for given, words in (
            (b"", None),
            (bytes(257), None),
            (None, "expected bytes, NoneType found"),
            (bytearray(KEY), "expected bytes, bytearray found"),
        ):
            with mock.patch("sys.unraisablehook") as told:
                came = self.meet(server=lambda identity: given)
            self.assertEqual(came[1], "PSK_IDENTITY_NOT_FOUND")
            self.assertEqual(came[0], "TLSV1_ALERT_UNKNOWN_PSK_IDENTITY")
            self.assertEqual(told.call_args and str(told.call_args[0][0].exc_value), words)

    def test_an_exception_is_told_and_refuses(self):
        def failing(identity):
            return 1 / 0

        with mock.patch("sys.unraisablehook") as told:
            came = self.meet(server=failing)
        self.assertEqual(came[1], "PSK_IDENTITY_NOT_FOUND")
        told = told.call_args[0][0]
        self.assertEqual((told.exc_type, told.object), (ZeroDivisionError, failing))

    def test_a_callback_is_replaced_and_taken_out(self):
        one, other = contexts()
        one.set_psk_client_callback(lambda hint: ("me", b"another"))
        with self.assertRaises(ssl.SSLError):
            in_memory(other, one)
        one.set_psk_client_callback(lambda hint: ("me", KEY))
        in_memory(other, one)
        other.set_psk_server_callback(None)
        with self.assertRaisesRegex(ssl.SSLError, "NO_SHARED_CIPHER"):
            in_memory(other, one)

    def test_it_keeps_nothing_alive(self):
        one, other = contexts()
        gone = [weakref.ref(context) for context in (one, other)]
        one.set_psk_client_callback(lambda hint, keep=one: ("me", KEY))
        other.set_psk_server_callback(lambda identity, keep=other: KEY)
        del one, other
        gc.collect()
        self.assertEqual([ref() for ref in gone], [None, None])

    def test_what_cannot_be_set(self):
        client = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
        server = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        with self.assertRaisesRegex(ssl.SSLError, "Cannot add PSK server callback to a "):
            client.set_psk_server_callback(len)
        with self.assertRaisesRegex(ssl.SSLError, "Cannot add PSK client callback to a "):
            server.set_psk_client_callback(len)
        for wrong in (5, "text"):
            with self.assertRaisesRegex(TypeError, "callback must be callable"):
                client.set_psk_client_callback(wrong)
            with self.assertRaisesRegex(TypeError, "callback must be callable"):
                server.set_psk_server_callback(wrong)
        for hint, error in ((b"bytes", TypeError), ("a\0b", ValueError), ("x" * 129, ValueError)):
            with self.assertRaises(error):
                server.set_psk_server_callback(len, hint)
        client.minimum_version = ssl.TLSVersion.TLSv1_3
        with self.assertRaisesRegex(ssl.SSLError, "TLS 1.2 and older"):
            client.set_psk_client_callback(len)

    @unittest.skipIf(sys.version_info < (3, 13), "ssl has no HAS_PSK before 3.13")
    def test_it_is_there(self):
        self.assertIs(ssl.HAS_PSK, True)


if __name__ == "__main__":
    unittest.main()
