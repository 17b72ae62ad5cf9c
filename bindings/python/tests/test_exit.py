"""Programs that end while their threads are at it."""

import os
import tempfile
import textwrap
import unittest

from support import PKI
from test_install import tlswrap_

# Threads that the interpreter does not wait for, whose callbacks want it after its end. Before
# Python 3.14 it ends such a thread inside the callback.
PROGRAM = """
    import os, sys, threading
    sys.path.append({tests!r})
    os.environ["TLSWRAP_TEST_PKI"] = {pki!r}
    import support

    server, client = support.server_context(), support.client_context()
    server.sni_callback = lambda *asked: None
    client._msg_callback = lambda *told: None
    begun = threading.Barrier(4)

    def work():
        support.in_memory(server, client)
        begun.wait()
        while True:
            support.in_memory(server, client)

    for _ in range(3):
        threading.Thread(target=work, daemon=True).start()
    begun.wait()
    print("over")
    """


class Exit(unittest.TestCase):
    def test_daemon_threads_inside_callbacks(self):
        here = os.path.dirname(os.path.abspath(__file__))
        with tempfile.TemporaryDirectory() as directory:
            path = os.path.join(directory, "script.py")
            with open(path, "w", encoding="utf-8") as file:
                file.write(textwrap.dedent(PROGRAM.format(tests=here, pki=PKI)))
            for _ in range(5):
                self.assertEqual(tlswrap_(path), (0, "over", ""))


if __name__ == "__main__":
    unittest.main()
