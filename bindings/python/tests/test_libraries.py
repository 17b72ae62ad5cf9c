"""What libraries do with the engine beneath ssl.py, or around it."""

import _socket
import socket
import subprocess
import sys
import threading
import unittest

from support import client_context, file, in_memory, server_context, ssl


class Sockets(unittest.TestCase):
    """gevent makes connections of its own, over sockets of its own."""

    def test_that_are_not_of_the_socket_module(self):
        class Own(_socket.socket):
            pass

        pair = socket.socketpair()
        ends = [Own(end.family, end.type, end.proto, end.detach()) for end in pair]
        client = client_context()._wrap_socket(ends[0], False, "localhost")
        server = server_context()._wrap_socket(ends[1], True)
        thread = threading.Thread(target=server.do_handshake)
        thread.start()
        client.do_handshake()
        thread.join()
        self.assertEqual(client.write(b"hello"), 5)
        self.assertEqual(server.read(5), b"hello")
        for end in ends:
            end.close()

    def test_whose_methods_say_something_else(self):
        class Green(_socket.socket):
            def gettimeout(self):
                return None

            def fileno(self):
                return -1

        one, other = socket.socketpair()
        green = Green(one.family, one.type, one.proto, one.detach())
        green.settimeout(0)
        engine = client_context()._wrap_socket(green, False, "localhost")
        with self.assertRaises(ssl.SSLWantReadError):
            engine.do_handshake()
        green.close()
        other.close()


class Contexts(unittest.TestCase):
    """gevent has classes of contexts whose properties show something else than what was set."""

    def test_the_callbacks_that_were_set_are_called(self):
        called = []

        class Context(ssl.SSLContext):
            @property
            def sni_callback(self):
                return "another"

            @sni_callback.setter
            def sni_callback(self, value):
                super(ssl.SSLContext, ssl.SSLContext).sni_callback.__set__(self, value)

            @property
            def _msg_callback(self):
                return "another"

            @_msg_callback.setter
            def _msg_callback(self, value):
                super(ssl.SSLContext, ssl.SSLContext)._msg_callback.__set__(self, value)

        context = Context(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(file("localhost.chain.pem"), file("localhost.key.pem"))
        context.sni_callback = lambda *_: called.append("name")
        context._msg_callback = lambda *_: called.append("message")
        in_memory(server=context)
        self.assertEqual(set(called), {"name", "message"})

    def test_attributes_of_a_subclass_are_its_own(self):
        class Context(ssl.SSLContext):
            def __init__(self, protocol):
                self._handle = self._flags = self._protocol = self._sni = self._keys = None
                self.number = 5

        context = Context(ssl.PROTOCOL_TLS_CLIENT)
        self.assertEqual(len(vars(context)), 6)
        context.load_verify_locations(file("root.pem"))
        self.assertEqual(context.protocol, ssl.PROTOCOL_TLS_CLIENT)
        client, _ = in_memory(client=context)
        self.assertEqual(client.version(), "TLSv1.3")
        self.assertEqual(vars(ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)), {})

    def test_what_was_set_is_what_counts(self):
        class Context(ssl.SSLContext):
            verify_mode = ssl.CERT_NONE
            check_hostname = protocol = None

        context = Context(ssl.PROTOCOL_TLS_CLIENT)
        context.load_verify_locations(file("root.pem"))
        client, _ = in_memory(client=context)
        self.assertIn("subject", client.getpeercert())

    def test_a_server_may_be_given_a_name(self):
        """Where ssl.py leaves that to the engine: later versions, and Debian's of earlier ones, refuse
        it themselves."""
        program = "import ssl; ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER).wrap_bio("
        program += "ssl.MemoryBIO(), ssl.MemoryBIO(), True, server_hostname='www.example')"
        stock = subprocess.run([sys.executable, "-W", "ignore", "-c", program], capture_output=True, text=True)
        one, other = ssl.MemoryBIO(), ssl.MemoryBIO()
        if stock.returncode:
            self.assertIn("ValueError: server_hostname can only be specified", stock.stderr)
            with self.assertRaisesRegex(ValueError, "server_hostname can only be specified"):
                server_context().wrap_bio(one, other, True, server_hostname="www.example")
            return
        server = server_context().wrap_bio(one, other, True, server_hostname="www.example")
        self.assertEqual(server.server_hostname, "www.example")
        client = client_context().wrap_bio(other, one, server_hostname="localhost")
        with self.assertRaises(ssl.SSLWantReadError):
            client.do_handshake()
        with self.assertRaises(ssl.SSLWantReadError):
            server.do_handshake()
        client.do_handshake()
        server.do_handshake()
        with self.assertRaises(ValueError):
            server_context().wrap_bio(one, other, True, server_hostname="")


class Odds(unittest.TestCase):
    def test_buffers_that_cannot_be_written(self):
        client, _ = in_memory()
        for buffer in (b"bytes", memoryview(b"bytes"), memoryview(bytearray(8))[::2], "text"):
            kind = type(buffer).__name__
            with self.assertRaisesRegex(TypeError, f"read-write bytes-like object, not {kind}"):
                client._sslobj.read(5, buffer)

    @unittest.skipUnless(hasattr(ssl, "RAND_pseudo_bytes"), "a function of older Pythons")
    @unittest.skipIf(sys.version_info < (3, 10), "not deprecated yet")
    def test_pseudo_bytes_are_deprecated(self):
        with self.assertWarnsRegex(DeprecationWarning, "RAND_pseudo_bytes") as caught:
            ssl.RAND_pseudo_bytes(1)
        self.assertEqual(caught.filename, __file__)


if __name__ == "__main__":
    unittest.main()
