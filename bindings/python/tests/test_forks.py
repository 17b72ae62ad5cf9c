"""Processes made by fork, and by multiprocessing in all its ways."""

import multiprocessing
import os
import signal
import tempfile
import textwrap
import threading
import unittest
import warnings

from support import PKI, client_context, in_memory, pair, server_context, ssl
from test_install import OURS, tlswrap_


class Forks(unittest.TestCase):
    def child(self, work):
        """Runs `work` in a forked child. It must succeed."""
        with warnings.catch_warnings():
            # From Python 3.12 on: there are threads. They are where a fork does no harm.
            warnings.simplefilter("ignore", DeprecationWarning)
            number = os.fork()
        if number == 0:
            status = 1
            try:
                signal.alarm(60)
                work()
                status = 0
            finally:
                os._exit(status)
        self.assertEqual(os.waitpid(number, 0)[1], 0)

    def test_the_child_goes_on(self):
        client, server = pair()
        with client, server:

            def work():
                client.sendall(b"from the child")
                assert server.recv(100) == b"from the child"
                in_memory()

            self.child(work)

    def test_the_child_leaves_the_connection_to_its_parent(self):
        client, server = pair()
        with client, server:

            def work():
                # Closed and freed, as at the end of any program. It says goodbye to nobody.
                client.close()
                server.close()
                client._sslobj = server._sslobj = None

            self.child(work)
            client.sendall(b"from the parent")
            self.assertEqual(server.recv(100), b"from the parent")
            server.sendall(b"and back")
            self.assertEqual(client.recv(100), b"and back")

    def test_contexts_and_callbacks_are_of_both(self):
        server, client = server_context(), client_context()
        names = []
        server.sni_callback = lambda sock, name, context: names.append(name)

        def work():
            in_memory(server, client)
            assert names == ["localhost"], names
            server.sni_callback = None
            in_memory(server, client)

        self.child(work)
        self.assertEqual(names, [])
        in_memory(server, client)
        self.assertEqual(names, ["localhost"])

    def test_random_bytes_differ(self):
        reader, writer = os.pipe()
        with open(reader, "rb") as told:
            ssl.RAND_bytes(16)
            self.child(lambda: os.write(writer, ssl.RAND_bytes(16)))
            os.close(writer)
            self.assertNotEqual(told.read(), ssl.RAND_bytes(16))

    def test_while_a_thread_waits_for_its_peer(self):
        client, server = pair()
        with client, server:
            got = []
            thread = threading.Thread(target=lambda: got.append(client.recv(100)))
            thread.start()
            self.child(in_memory)
            server.sendall(b"still here")
            thread.join()
            self.assertEqual(got, [b"still here"])


class Multiprocessing(unittest.TestCase):
    """Workers of a program on tlswrap."""

    PROGRAM = """
        import multiprocessing, os, sys
        sys.path.append({tests!r})
        os.environ["TLSWRAP_TEST_PKI"] = {pki!r}

        def show(number):
            import support
            support.in_memory()
            return support.ssl.OPENSSL_VERSION

        if __name__ == "__main__":
            with multiprocessing.get_context(sys.argv[1]).Pool(2) as pool:
                print(*set(pool.map(show, range(4))), sep=os.linesep)
        """

    def test_all_ways_to_start_a_worker(self):
        here = os.path.dirname(os.path.abspath(__file__))
        with tempfile.TemporaryDirectory() as directory:
            path = os.path.join(directory, "script.py")
            with open(path, "w", encoding="utf-8") as file:
                file.write(textwrap.dedent(self.PROGRAM.format(tests=here, pki=PKI)))
            for method in multiprocessing.get_all_start_methods():
                with self.subTest(method):
                    self.assertEqual(tlswrap_(path, method), (0, OURS, ""))


if __name__ == "__main__":
    unittest.main()
