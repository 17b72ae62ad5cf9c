"""What differs from one version of Python to the next, and is here as it is there."""

import socket
import sys
import unittest
import warnings

from support import client_context, file, in_memory, server_context, ssl

STRICT = ssl.VERIFY_X509_STRICT
PARTIAL_CHAIN = ssl._ssl.VERIFY_X509_PARTIAL_CHAIN


def handshake_or_refusal(client, server):
    try:
        return in_memory(server, client)[0].version()
    except ssl.SSLCertVerificationError as error:
        return error.verify_message


class Strictness(unittest.TestCase):
    """The flags that create_default_context() sets from Python 3.13 on."""

    def test_of_default_contexts(self):
        flags = ssl.create_default_context().verify_flags & (STRICT | PARTIAL_CHAIN)
        self.assertEqual(flags, STRICT | PARTIAL_CHAIN if sys.version_info >= (3, 13) else 0)
        self.assertEqual(ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT).verify_flags & STRICT, 0)

    def test_strict_rules(self):
        server = server_context("no-identifier")
        client = client_context()
        client.verify_flags |= STRICT
        refused = "Missing Authority Key Identifier"
        self.assertEqual(handshake_or_refusal(client, server), refused)
        self.assertEqual(handshake_or_refusal(client, server_context()), "TLSv1.3")
        client.verify_flags &= ~STRICT
        self.assertEqual(handshake_or_refusal(client, server), "TLSv1.3")

    def test_partial_chains(self):
        client = client_context("intermediate.pem")
        client.verify_flags |= PARTIAL_CHAIN
        self.assertEqual(handshake_or_refusal(client, server_context()), "TLSv1.3")
        client.verify_flags &= ~PARTIAL_CHAIN
        refused = "unable to get issuer certificate"
        self.assertEqual(handshake_or_refusal(client, server_context()), refused)


class Names(unittest.TestCase):
    @unittest.skipIf(sys.version_info < (3, 13), "ssl has these methods from Python 3.13 on")
    def test_chains(self):
        client, server = in_memory()
        with open(file("root.pem"), encoding="ascii") as root:
            root = ssl.PEM_cert_to_DER_cert(root.read())
        sent, verified = client.get_unverified_chain(), client.get_verified_chain()
        self.assertEqual(sent[0], client.getpeercert(True))
        self.assertEqual(verified, [*sent, root])
        self.assertEqual(server.get_verified_chain(), [])
        self.assertEqual(server.get_unverified_chain(), [])

    def test_a_timeout_is_that_of_sockets(self):
        # They are one class only from Python 3.10 on.
        one, other = socket.socketpair()
        with one, other:
            one.settimeout(0.05)
            with self.assertRaises(socket.timeout) as caught:
                client_context().wrap_socket(one, server_hostname="localhost")
        self.assertIs(type(caught.exception), socket.timeout)

    def test_suites_that_are_not_shared(self):
        client, server = in_memory()
        if sys.version_info >= (3, 10):
            self.assertIsNone(client.shared_ciphers())
        else:
            self.assertEqual(client.shared_ciphers()[0], ("TLS_AES_256_GCM_SHA384", "TLSv1.3", 256))
        self.assertIn(client.cipher(), server.shared_ciphers())


class Contexts(unittest.TestCase):
    def test_deprecations(self):
        with warnings.catch_warnings(record=True) as caught:
            warnings.simplefilter("always")
            context = ssl.SSLContext(ssl.PROTOCOL_TLS)
            context.options |= ssl.OP_NO_TLSv1_2
            context.minimum_version = ssl.TLSVersion.TLSv1_1
        told = [(each.category, each.filename) for each in caught]
        deprecated = sys.version_info >= (3, 10)
        self.assertEqual(told, [(DeprecationWarning, __file__)] * 3 if deprecated else [])

    def test_an_end_without_goodbye(self):
        for context in client_context(), server_context():
            ignored = context.options & ssl.OP_IGNORE_UNEXPECTED_EOF
            self.assertEqual(ignored != 0, sys.version_info < (3, 10))

    def test_the_other_role(self):
        # Not client_context(): before Python 3.10 a default context is for both roles.
        client = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
        client.check_hostname = False
        for context, server_side in ((server_context(), False), (client, True)):
            name = None if server_side else "localhost"
            arguments = ssl.MemoryBIO(), ssl.MemoryBIO(), server_side, name
            if sys.version_info >= (3, 10):
                with self.assertRaisesRegex(ssl.SSLError, "Cannot create a (client|server) socket"):
                    context.wrap_bio(*arguments)
                continue
            end = context.wrap_bio(*arguments)
            for step in (end.do_handshake, end.read, lambda end=end: end.write(b"x")):
                with self.assertRaisesRegex(ssl.SSLError, "called a function you should not call"):
                    step()
            self.assertIsNone(end.version())
            self.assertEqual(end.server_side, server_side)

    def test_settings_cannot_be_deleted(self):
        context = server_context()
        for name in ("options", "keylog_filename", "sni_callback", "_msg_callback"):
            words = f"attribute '{name}' of 'SSLContext' objects cannot be deleted"
            with self.assertRaisesRegex(AttributeError, words):
                vars(ssl._ssl._SSLContext)[name].__delete__(context)


if __name__ == "__main__":
    unittest.main()
