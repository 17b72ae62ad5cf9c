"""Contexts whose certificates change, and connections whose context changes."""

import threading
import unittest

from support import client_context, file, in_memory, server_context, ssl


def certificate(name):
    with open(file(name + ".pem"), encoding="ascii") as pem:
        return ssl.PEM_cert_to_DER_cert(pem.read())


def load(context, name):
    context.load_cert_chain(file(name + ".chain.pem"), file(name + ".key.pem"))


def trusting_all():
    context = client_context()
    context.check_hostname = False
    context.verify_mode = ssl.CERT_NONE
    return context


class Renewal(unittest.TestCase):
    def shown(self, server):
        client, _ = in_memory(server, trusting_all())
        return client.getpeercert(True)

    def test_a_certificate_takes_the_place_of_an_earlier_one(self):
        for connected_before in (False, True):
            server = server_context("localhost")
            if connected_before:
                self.assertEqual(self.shown(server), certificate("localhost"))
            for name in ("wildcard", "localhost", "expired", "localhost"):
                load(server, name)
                self.assertEqual(self.shown(server), certificate(name))

    def test_one_of_another_type_stays_beside_it(self):
        server = server_context("localhost")
        load(server, "rsa")
        self.assertEqual(self.shown(server), certificate("localhost"))
        load(server, "wildcard")
        self.assertEqual(self.shown(server), certificate("wildcard"))
        only_rsa = trusting_all()
        only_rsa.maximum_version = ssl.TLSVersion.TLSv1_2
        only_rsa.set_ciphers("ECDHE-RSA-AES128-GCM-SHA256")
        self.assertEqual(in_memory(server, only_rsa)[0].getpeercert(True), certificate("rsa"))

    def test_connections_that_exist_keep_what_they_had(self):
        server = server_context("localhost")
        client, end = in_memory(server, trusting_all())
        load(server, "wildcard")
        self.assertEqual(client.getpeercert(True), certificate("localhost"))
        end.write(b"x")
        self.assertEqual(client.read(1), b"x")

    def test_one_that_fails_to_load_changes_nothing(self):
        server = server_context("localhost")
        for chain, key in (
            ("wildcard.chain.pem", "localhost.key.pem"),
            ("wildcard.chain.pem", "nothing.pem"),
            ("wildcard.key.pem", "wildcard.key.pem"),
        ):
            with self.assertRaises(OSError):
                server.load_cert_chain(file(chain), file(key))
            self.assertEqual(self.shown(server), certificate("localhost"))

    def test_a_client_shows_the_one_that_was_loaded_last(self):
        server = server_context()
        server.verify_mode = ssl.CERT_REQUIRED
        server.load_verify_locations(file("untrusted-root.pem"))  # so that it says what it got
        client = client_context()
        for name in ("client", "localhost", "client", "wildcard"):
            load(client, name)
            with self.assertRaises(ssl.SSLCertVerificationError) as caught:
                in_memory(server, client)
            self.assertEqual(caught.exception.peer_chain[0], certificate(name))

    def test_while_others_connect(self):
        server = server_context("localhost")
        expected = {certificate("localhost"), certificate("wildcard")}
        stop = threading.Event()

        def renew():
            while not stop.is_set():
                load(server, "wildcard")
                load(server, "localhost")

        thread = threading.Thread(target=renew)
        thread.start()
        try:
            for _ in range(50):
                self.assertIn(self.shown(server), expected)
        finally:
            stop.set()
            thread.join()


class AnotherContext(unittest.TestCase):
    """What a handshake was made by stays, whatever `context` is set to afterwards."""

    VERSIONS = (ssl.TLSVersion.TLSv1_2, ssl.TLSVersion.TLSv1_3)

    def connected(self, server, client, session=None):
        one, other = ssl.MemoryBIO(), ssl.MemoryBIO()
        ends = [
            client.wrap_bio(one, other, server_hostname="localhost", session=session),
            server.wrap_bio(other, one, server_side=True),
        ]
        for end in ends * 3:
            try:
                end.do_handshake()
            except ssl.SSLWantReadError:
                pass
        ends[1].write(b"x")
        self.assertEqual(ends[0].read(1), b"x")
        return ends

    def test_no_session_carries_a_verification_to_another_context(self):
        for version in self.VERSIONS:
            server = server_context()
            server.minimum_version = server.maximum_version = version
            laxer, strict = trusting_all(), client_context("untrusted-root.pem")
            for first in (laxer, client_context()):
                end, _ = self.connected(server, first)
                end.context = strict
                self.assertIs(end.context, strict)
                session = end.session
                with self.assertRaisesRegex(ValueError, "different SSLContext"):
                    self.connected(server, strict, session)
                again = strict.wrap_bio(
                    ssl.MemoryBIO(), ssl.MemoryBIO(), server_hostname="localhost"
                )
                with self.assertRaisesRegex(ValueError, "different SSLContext"):
                    again.session = session
                with self.assertRaises(ssl.SSLCertVerificationError):
                    self.connected(server, strict)
                # It is of the context that the handshake was made by.
                self.assertTrue(self.connected(server, first, session)[0].session_reused)

    def test_a_connection_that_was_given_a_session_and_then_a_context(self):
        server = server_context()
        lax, strict = trusting_all(), client_context("untrusted-root.pem")
        session = self.connected(server, lax)[0].session
        one, other = ssl.MemoryBIO(), ssl.MemoryBIO()
        end = lax.wrap_bio(one, other, server_hostname="localhost", session=session)
        end.context = strict
        peer = server.wrap_bio(other, one, server_side=True)
        with self.assertRaises(ssl.SSLCertVerificationError):
            for each in (end, peer) * 3:
                try:
                    each.do_handshake()
                except ssl.SSLWantReadError:
                    pass

    def test_what_was_let_through_is_not_shown_as_verified(self):
        for version in self.VERSIONS:
            server = server_context()
            server.minimum_version = server.maximum_version = version
            end, _ = self.connected(server, trusting_all())
            self.assertEqual(end.getpeercert(), {})
            end.context = client_context()
            self.assertEqual(end.getpeercert(), {})
            self.assertEqual(end.getpeercert(True), certificate("localhost"))
            lax = trusting_all()
            end, _ = self.connected(server, lax)
            lax.verify_mode = ssl.CERT_REQUIRED
            self.assertEqual(end.getpeercert(), {})
            # And what was verified is, resumed too.
            client = client_context()
            end, _ = self.connected(server, client)
            for _ in range(2):
                self.assertEqual(end.getpeercert()["subject"], ((("commonName", "localhost"),),))
                end, _ = self.connected(server, client, end.session)
                self.assertTrue(end.session_reused)

    def test_the_session_attribute(self):
        server, client = server_context(), client_context()
        end, peer = self.connected(server, client)
        fresh = client.wrap_bio(ssl.MemoryBIO(), ssl.MemoryBIO(), server_hostname="localhost")
        self.assertIsNone(fresh.session)
        self.assertIsNone(fresh.session_reused or None)
        for wrong in (None, 1, b"session", end):
            with self.assertRaisesRegex(TypeError, "Value is not a SSLSession"):
                fresh.session = wrong
        fresh.session = end.session
        with self.assertRaisesRegex(ValueError, "Cannot set session after handshake"):
            end.session = end.session
        waiting = server.wrap_bio(ssl.MemoryBIO(), ssl.MemoryBIO(), server_side=True)
        with self.assertRaisesRegex(ValueError, "server-side"):
            waiting.session = peer.session
        with self.assertRaises(AttributeError):
            del fresh.session
        self.assertEqual(end.session, end.session)
        self.assertNotEqual(end.session, self.connected(server, client)[0].session)


if __name__ == "__main__":
    unittest.main()
