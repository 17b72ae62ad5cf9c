"""Connections: what CPython's own tests do not ask, or what is ours alone."""

import array
import gc
import os
import signal
import socket
import sys
import threading
import time
import unittest
import warnings
import weakref

import tlswrap
from support import client_context, file, in_memory, pair, server_context, ssl


class Chains(unittest.TestCase):
    def test_the_verified_chain_ends_in_the_root(self):
        client, _ = in_memory()
        with open(file("root.pem"), encoding="ascii") as root:
            root = ssl.PEM_cert_to_DER_cert(root.read())
        verified = tlswrap.peer_chain(client)
        sent = tlswrap.peer_chain(client, verified=False)
        self.assertEqual(verified[-1], root)
        self.assertNotIn(root, sent)
        self.assertEqual(verified[:-1], sent)
        self.assertEqual(sent[0], client.getpeercert(True))
        self.assertEqual(tlswrap.get_verified_chain(client), verified)
        self.assertEqual(tlswrap.get_unverified_chain(client), sent)

    def test_of_a_socket_and_of_one_without_certificate(self):
        client, server = pair()
        with client, server:
            self.assertEqual(len(tlswrap.peer_chain(client)), 3)
            self.assertEqual(tlswrap.peer_chain(server), [])

    def test_what_was_not_verified_has_none(self):
        context = client_context()
        context.check_hostname = False
        context.verify_mode = ssl.CERT_NONE
        client, _ = in_memory(client=context)
        self.assertEqual(tlswrap.peer_chain(client), [])
        self.assertEqual(len(tlswrap.peer_chain(client, verified=False)), 2)

    def test_of_something_else(self):
        for thing in (None, 1, socket.socket, object()):
            with self.assertRaisesRegex(TypeError, "no TLS connection of tlswrap"):
                tlswrap.peer_chain(thing)

    def test_certificates(self):
        client, _ = in_memory()
        leaf, issuer = client._sslobj.get_unverified_chain()
        self.assertNotEqual(leaf, issuer)
        self.assertEqual({leaf: 1}[client._sslobj.get_unverified_chain()[0]], 1)
        self.assertEqual(repr(leaf), "<_ssl.Certificate 'CN=localhost'>")
        self.assertEqual(leaf.get_info(), client.getpeercert())
        with self.assertRaises(ValueError):
            leaf.public_bytes(3)


class Errors(unittest.TestCase):
    def refused(self, **options):
        with self.assertRaises(ssl.SSLCertVerificationError) as caught:
            in_memory(**options)
        return caught.exception

    def test_a_refusal_shows_the_certificate(self):
        error = self.refused(client=client_context("untrusted-root.pem"))
        self.assertEqual(error.library, "SSL")
        self.assertEqual(error.reason, "CERTIFICATE_VERIFY_FAILED")
        self.assertEqual(error.verify_code, 20)
        self.assertEqual(error.verify_message, "unable to get local issuer certificate")
        self.assertRegex(
            str(error),
            r"^\[SSL: CERTIFICATE_VERIFY_FAILED\] certificate verify failed: unable to get local "
            r"issuer certificate \(_socket\.py:\d+\)$",
        )
        certificate, depth = error.failing_certificate
        self.assertEqual(depth, 1)
        names = [name for part in certificate["subject"] for name in part]
        self.assertIn(("commonName", "tlswrap test intermediate"), names)
        self.assertEqual(len(error.peer_chain), 2)
        self.assertIn("intermediate", error.detail)
        self.assertEqual(error.alert, ssl.AlertDescription.ALERT_DESCRIPTION_UNKNOWN_CA)
        self.assertEqual(error.status, -8)

    def test_of_a_name(self):
        error = self.refused(hostname="example.com")
        wanted = "Hostname mismatch, certificate is not valid for 'example.com'."
        self.assertEqual((error.verify_code, error.verify_message), (62, wanted))
        self.assertEqual(error.failing_certificate[1], 0)
        error = self.refused(hostname="192.0.2.7")
        wanted = "IP address mismatch, certificate is not valid for '192.0.2.7'."
        self.assertEqual((error.verify_code, error.verify_message), (64, wanted))

    def test_a_name_to_check_must_be_there(self):
        # From Python 3.14 on ssl.py looks itself.
        for error in (ValueError, ssl.SSLError):
            with self.assertRaisesRegex(error, "check_hostname requires server_hostname"):
                client_context()._wrap_bio(ssl.MemoryBIO(), ssl.MemoryBIO(), False)

    def test_of_its_time(self):
        error = self.refused(server=server_context("expired"))
        self.assertEqual((error.verify_code, error.verify_message), (10, "certificate has expired"))

    def test_an_end_without_goodbye(self):
        context = client_context()
        # Set from the beginning in Python 3.9.
        context.options &= ~ssl.OP_IGNORE_UNEXPECTED_EOF
        client, server = pair(client=context)
        with client:
            client.suppress_ragged_eofs = False
            os.close(server.detach())
            with self.assertRaises(ssl.SSLEOFError) as caught:
                client.recv(1)
        self.assertEqual(caught.exception.errno, ssl.SSL_ERROR_EOF)
        self.assertEqual(caught.exception.reason, "UNEXPECTED_EOF_WHILE_READING")

    def test_files_that_are_not_there(self):
        context = server_context()
        for load in (context.load_cert_chain, context.load_verify_locations):
            with self.assertRaises(FileNotFoundError):
                load(file("no-such-file"))
        with self.assertRaises(IsADirectoryError):
            context.load_cert_chain(os.sep)

    def test_an_encrypted_key_without_a_password(self):
        context = server_context()
        chain, key = file("encrypted.chain.pem"), file("encrypted.key.pkcs8.pem")
        with self.assertRaisesRegex(ssl.SSLError, "PEM lib") as caught:
            context.load_cert_chain(chain, key)
        self.assertIn("no password was given", caught.exception.detail)
        with self.assertRaises(ZeroDivisionError):
            context.load_cert_chain(chain, key, lambda: 1 // 0)
        context.load_cert_chain(chain, key, lambda: "hunter2")

    def test_not_tls(self):
        one, other = socket.socketpair()
        with one, other:
            other.sendall(b"HTTP/1.0 400 Bad Request\r\n\r\n")
            with self.assertRaises(ssl.SSLError) as caught:
                client_context().wrap_socket(one, server_hostname="localhost")
        self.assertRegex(
            str(caught.exception), r"^\[SSL: WRONG_VERSION_NUMBER\] wrong version number"
        )

    def test_exceptions_survive_pickle(self):
        import copy

        error = copy.copy(self.refused(hostname="example.com"))
        self.assertEqual(error.args[0], 1)


class Bytes(unittest.TestCase):
    """Everything with the buffer protocol can be sent, and what is writable received into."""

    def test_sent(self):
        client, server = in_memory()
        whole = bytes(range(256)) * 300
        for data in (
            whole,
            bytearray(whole),
            memoryview(whole),
            memoryview(whole)[100:70000],
            memoryview(bytearray(whole))[5:],
            array.array("I", range(5000)),
            memoryview(array.array("d", [1.5] * 9)),
            b"",
        ):
            with memoryview(data) as view:
                wanted = view.tobytes()
            self.assertEqual(client.write(data), len(wanted))
            got = b""
            while len(got) < len(wanted):
                got += server.read()
            self.assertEqual(got, wanted)
        for nonsense in ("text", 5, None, [1]):
            with self.assertRaises(TypeError):
                client.write(nonsense)
        with self.assertRaises(BufferError):
            client.write(memoryview(whole)[::2])

    def test_received(self):
        client, server = in_memory()
        client.write(b"0123456789" * 4)
        room = bytearray(6)
        self.assertEqual(server.read(100, room), 6)
        self.assertEqual(room, b"012345")
        self.assertEqual(server.read(2, memoryview(room)[2:]), 2)
        self.assertEqual(room, b"016745")
        numbers = array.array("I", [0] * 3)
        self.assertEqual(server.read(-1, numbers), 12)
        self.assertEqual(numbers.tobytes(), b"890123456789")
        for nonsense in (b"read-only", memoryview(b"read-only"), "text", 5):
            with self.assertRaises(TypeError):
                server.read(5, nonsense)

    def test_a_buffer_is_let_go_of(self):
        client, server = in_memory()
        room = bytearray(10)
        try:
            client.read(5, room)
        except ssl.SSLWantReadError as error:
            room.extend(b"it can grow while the exception lives")
            self.assertIsNone(error.reason)
        data = bytearray(10)
        client.write(data)
        data.extend(b"and so can it")


class Waiting(unittest.TestCase):
    def test_a_signal_ends_a_wait_by_its_exception(self):
        client, server = pair()
        with client, server:

            class Alarm(Exception):
                pass

            def handler(number, frame):
                raise Alarm

            before = signal.signal(signal.SIGALRM, handler)
            try:
                signal.setitimer(signal.ITIMER_REAL, 0.2)
                with self.assertRaises(Alarm):
                    client.recv(1)
            finally:
                signal.setitimer(signal.ITIMER_REAL, 0)
                signal.signal(signal.SIGALRM, before)
            server.sendall(b"x")
            self.assertEqual(client.recv(1), b"x")

    def test_a_wait_goes_on_after_a_signal_and_keeps_its_time(self):
        client, server = pair()
        with client, server:
            seen = []

            def handler(number, frame):
                seen.append(number)
                if len(seen) == 3:
                    server.sendall(b"y")

            before = signal.signal(signal.SIGALRM, handler)
            try:
                client.settimeout(60)
                signal.setitimer(signal.ITIMER_REAL, 0.1, 0.1)
                self.assertEqual(client.recv(1), b"y")
                self.assertGreaterEqual(len(seen), 3)
                # And a deadline comes, however many signals do.
                client.settimeout(0.5)
                with self.assertRaises(socket.timeout):
                    client.recv(1)
            finally:
                signal.setitimer(signal.ITIMER_REAL, 0)
                signal.signal(signal.SIGALRM, before)

    def test_timeouts(self):
        client, server = pair()
        with client, server:
            client.settimeout(0.05)
            with self.assertRaisesRegex(socket.timeout, "The read operation timed out"):
                client.recv(1)
            with self.assertRaisesRegex(socket.timeout, "The write operation timed out"):
                while True:
                    client.sendall(bytes(1 << 20))
        one, other = socket.socketpair()
        with one, other:
            one.settimeout(0.05)
            with self.assertRaisesRegex(socket.timeout, "The handshake operation timed out"):
                client_context().wrap_socket(one, server_hostname="localhost")

    def test_send_sends_everything_unless_it_may_not_wait(self):
        client, server = pair()
        with client, server:
            data = bytes(3 << 20)
            got = []

            def read():
                left = len(data)
                while left:
                    left -= len(server.recv(65536))
                got.append(left)

            thread = threading.Thread(target=read)
            thread.start()
            self.assertEqual(client.send(data), len(data))
            thread.join()
            self.assertEqual(got, [0])
            client.setblocking(False)
            self.assertLess(client.send(data), len(data))

    def test_one_reads_while_another_writes(self):
        client, server = pair()
        with client, server:
            amount = 8 << 20
            chunk = bytes(100_000)

            def echo():
                left = amount
                while left:
                    data = server.recv(65536)
                    left -= len(data)
                    server.sendall(data)

            def write():
                left = amount
                while left:
                    left -= client.send(chunk[: min(left, len(chunk))])

            threads = [threading.Thread(target=each) for each in (echo, write)]
            for thread in threads:
                thread.start()
            left = amount
            while left:
                left -= len(client.recv(65536))
            for thread in threads:
                thread.join()

    def test_other_threads_run_meanwhile(self):
        client, server = pair()
        with client, server:
            thread = threading.Thread(target=client.recv, args=(1,))
            thread.start()
            # This would never be reached if the waiting thread kept the interpreter.
            server.sendall(b"z")
            thread.join(60)
            self.assertFalse(thread.is_alive())


class Lives(unittest.TestCase):
    def test_nothing_keeps_a_socket_open(self):
        gc.collect()
        gc.disable()
        try:
            client, server = pair()
            number, watch = client.fileno(), weakref.ref(client)
            engine = weakref.ref(client._sslobj)
            with warnings.catch_warnings():
                warnings.simplefilter("ignore", ResourceWarning)
                del client
            self.assertIsNone(watch())
            self.assertIsNone(engine())
            with self.assertRaises(OSError):
                os.fstat(number)
            server.close()
        finally:
            gc.enable()

    def test_nor_do_hooks(self):
        def make():
            context = server_context()
            context.sni_callback = lambda sock, name, ctx: context.options and None
            client, server = pair(server=context)
            client.close()
            server.close()
            return weakref.ref(context), weakref.ref(server)

        watches = make()
        gc.collect()
        self.assertEqual([watch() for watch in watches], [None, None])

    def test_the_tables_of_hooks_do_not_grow(self):
        from tlswrap import _hooks

        gc.collect()
        before = len(_hooks.connections), len(_hooks.contexts)
        for _ in range(5):
            self.test_nor_do_hooks()
        gc.collect()
        self.assertEqual((len(_hooks.connections), len(_hooks.contexts)), before)

    def test_closed_and_gone(self):
        client, server = pair()
        with server:
            engine = client._sslobj
            client.close()
            with self.assertRaises(ssl.SSLEOFError):
                engine.read(1)
            with self.assertRaisesRegex(ssl.SSLError, "Underlying socket has been closed."):
                engine.write(b"x")
            del client
            with self.assertRaisesRegex(ssl.SSLError, "Underlying socket connection gone"):
                engine.write(b"x")

    def test_a_goodbye_gives_the_socket_back(self):
        client, server = pair()
        thread = threading.Thread(target=server.unwrap)
        thread.start()
        plain = client.unwrap()
        thread.join()
        with plain, server:
            plain.send(b"plain text")
            self.assertEqual(socket.socket.recv(server, 100), b"plain text")


class Hooks(unittest.TestCase):
    def test_another_context_in_the_callback(self):
        other = server_context("rsa")
        server = server_context()

        def choose(sock, name, context):
            sock.context = other

        server.sni_callback = choose
        client, end = in_memory(server)
        self.assertIs(end.context, other)
        with open(file("rsa.pem"), encoding="ascii") as pem:
            self.assertEqual(client.getpeercert(True), ssl.PEM_cert_to_DER_cert(pem.read()))

    def test_a_context_may_change_until_the_client_speaks(self):
        client, server = ssl.create_default_context(), server_context()
        seen = []
        one, other = ssl.MemoryBIO(), ssl.MemoryBIO()
        end = client.wrap_bio(one, other, server_hostname="localhost")
        peer = server.wrap_bio(other, one, server_side=True)
        with self.assertRaises(ssl.SSLWantReadError):
            peer.do_handshake()
        server.sni_callback = lambda sock, name, context: seen.append((sock, name, context))
        client.load_verify_locations(file("root.pem"))
        for step in (end, peer, end, peer):
            try:
                step.do_handshake()
            except ssl.SSLWantReadError:
                pass
        self.assertEqual(seen, [(peer, "localhost", server)])
        self.assertEqual(end.version(), "TLSv1.3")

    def test_an_exception_of_a_message_callback_ends_the_step(self):
        context = client_context()
        context._msg_callback = lambda *arguments: 1 // 0
        with self.assertRaises(ZeroDivisionError):
            in_memory(client=context)

    def test_an_exception_of_a_name_callback_is_told_and_refuses(self):
        server = server_context()
        server.sni_callback = lambda *arguments: 1 // 0
        seen = []
        before, sys.unraisablehook = sys.unraisablehook, seen.append
        try:
            with self.assertRaisesRegex(ssl.SSLError, "CALLBACK_FAILED"):
                in_memory(server)
        finally:
            sys.unraisablehook = before
        self.assertIs(seen[0].exc_type, ZeroDivisionError)
        self.assertIs(seen[0].object, server.sni_callback)

    def test_keys_are_logged(self):
        import tempfile

        with tempfile.TemporaryDirectory() as directory:
            context = client_context()
            context.keylog_filename = path = os.path.join(directory, "keys")
            in_memory(client=context)
            context.keylog_filename = None
            in_memory(client=context)
            with open(path, encoding="ascii") as log:
                lines = log.read().splitlines()
        self.assertTrue(lines[0].startswith("#"))
        self.assertEqual(len(lines), 6)


class Settings(unittest.TestCase):
    def test_post_handshake_auth_is_not_there(self):
        context = client_context()
        self.assertIsNone(context.post_handshake_auth)
        with self.assertRaises(AttributeError):
            context.post_handshake_auth = True

    def test_rules_for_wildcards_cannot_be_changed(self):
        context = client_context()
        with self.assertRaises(NotImplementedError):
            context._host_flags |= ssl._ssl.HOSTFLAG_NO_WILDCARDS
        context.hostname_checks_common_name = False
        self.assertFalse(context.hostname_checks_common_name)

    def test_options_that_cannot_be(self):
        context = client_context()
        before = context.options
        negative = ValueError if sys.version_info >= (3, 14) else OverflowError
        for value, error in ((-1, negative), (1 << 64, OverflowError), ("1", TypeError)):
            with self.assertRaises(error):
                context.options = value
        self.assertEqual(context.options, before)

    def test_curves(self):
        context = server_context()
        context.set_ecdh_curve("secp384r1")
        for name in ("nonsense", "X25519:prime256v1"):
            with self.assertRaises(ValueError):
                context.set_ecdh_curve(name)

    def test_old_versions_where_they_are_asked_for(self):
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", DeprecationWarning)
            for version in ssl.TLSVersion.TLSv1, ssl.TLSVersion.TLSv1_1, ssl.TLSVersion.TLSv1_2:
                server, client = server_context(), client_context()
                for context in server, client:
                    context.set_ciphers("ALL:@SECLEVEL=0")
                    context.minimum_version = ssl.TLSVersion.TLSv1
                client.maximum_version = version
                end, _ = in_memory(server, client)
                self.assertEqual(end.version(), version.name.replace("TLSv1_", "TLSv1."))

    def test_settings_that_are_only_remembered(self):
        context = server_context()
        with warnings.catch_warnings(record=True) as caught:
            warnings.simplefilter("always")
            context.minimum_version = ssl.TLSVersion.SSLv3
        told = [(each.category, each.filename) for each in caught]
        deprecated = sys.version_info >= (3, 10)
        self.assertEqual(told, [(DeprecationWarning, __file__)] if deprecated else [])
        self.assertEqual(context.minimum_version, ssl.TLSVersion.SSLv3)
        context.minimum_version = ssl.TLSVersion.TLSv1_3
        self.assertEqual(context.minimum_version, ssl.TLSVersion.TLSv1_3)
        context.verify_flags |= ssl.VerifyFlags.VERIFY_ALLOW_PROXY_CERTS
        self.assertTrue(context.verify_flags & ssl.VerifyFlags.VERIFY_ALLOW_PROXY_CERTS)

    def test_there_is_a_session_as_soon_as_hands_are_shaken(self):
        context = client_context()
        for end in in_memory(client=context):
            session = end.session
            self.assertGreater(session.timeout, 0)
            self.assertFalse(session.has_ticket)
            self.assertEqual(session, end.session)
            self.assertIsInstance(session.id, bytes)
        client, server = in_memory(client=context)
        again = context.wrap_bio(
            ssl.MemoryBIO(), ssl.MemoryBIO(), server_hostname="localhost", session=client.session
        )
        with self.assertRaises(ssl.SSLWantReadError):
            again.do_handshake()

    def test_sessions_of_tls_1_3_are_resumed(self):
        server, client = server_context(), client_context()
        first, peer = in_memory(server, client)
        peer.write(b"the tickets come before this")
        first.read()
        session = first.session
        self.assertTrue(session.has_ticket)
        self.assertGreater(session.timeout, 0)
        self.assertLess(abs(session.time - time.time()), 3600)
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
        self.assertTrue(ends[0].session_reused)
        self.assertTrue(ends[1].session_reused)

    def test_a_session_is_of_the_context_that_verified_the_peer(self):
        server, client = server_context(), client_context()
        stranger = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
        end, peer = in_memory(server, client)
        end.context = stranger
        self.assertIs(end.context, stranger)
        peer.write(b"the tickets come before this")
        end.read()
        again = ssl.MemoryBIO(), ssl.MemoryBIO()
        with self.assertRaisesRegex(ValueError, "Session refers to a different SSLContext"):
            stranger.wrap_bio(*again, server_hostname="localhost", session=end.session)
        client.wrap_bio(*again, server_hostname="localhost", session=end.session)


if __name__ == "__main__":
    unittest.main()
