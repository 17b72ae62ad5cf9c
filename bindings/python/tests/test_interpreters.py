"""Sub-interpreters: `ssl` runs on tlswrap there too, callbacks and all, and ends with them."""

import sys
import threading
import unittest

from support import PKI, in_memory
from test_install import INSTALLED, OURS, python, tlswrap_

try:
    import _interpreters as interpreters
except ImportError:
    try:
        import _xxsubinterpreters as interpreters  # before Python 3.13
    except ImportError:
        interpreters = None

# Arguments for interpreters.create(): with the lock of the main interpreter, and, from Python 3.12
# on, with one of its own.
if sys.version_info >= (3, 13):
    SHARED, OWN = {"config": "legacy"}, {"config": "isolated"}
else:
    SHARED, OWN = {"isolated": False}, {"isolated": True}

WHERE = f"""
import os, sys
sys.path[:] = {sys.path!r}
os.environ["TLSWRAP_TEST_PKI"] = {PKI!r}
"""

# What a sub-interpreter does: connections with every kind of callback.
WORK = """
import socket
from support import client_context, file, in_memory, server_context, ssl

server, client, other = server_context(), client_context(), server_context("rsa")
names, messages = [], []

def choose(sock, name, context):
    names.append(name)
    sock.context = other

server.sni_callback = choose
client._msg_callback = lambda *arguments: messages.append(arguments)
ends = in_memory(server, client)
one, two = socket.socketpair()
for sock in one, two:
    sock.setblocking(False)
ends += [
    client.wrap_socket(one, server_hostname="localhost", do_handshake_on_connect=False),
    server.wrap_socket(two, server_side=True, do_handshake_on_connect=False),
]
for end in ends[2:] * 2:  # without threads, which not every sub-interpreter may have
    try:
        end.do_handshake()
    except ssl.SSLWantReadError:
        pass
ends[2].sendall(b"x" * 1000)
assert len(ends[3].recv(1000)) == 1000
assert names == ["localhost"] * 2 and messages, (names, messages)
assert ends[0].getpeercert() == ends[2].getpeercert()

server.load_cert_chain(
    file("encrypted.chain.pem"), file("encrypted.key.pkcs8.pem"), lambda: "hunter2"
)
client._msg_callback = lambda *arguments: 1 // 0
try:
    in_memory(server, client)
except ZeroDivisionError:
    pass
else:
    raise AssertionError("the exception of a callback was lost")
"""

# It says which TLS it has, on standard output.
SHOW = "import ssl; print(ssl.OPENSSL_VERSION, flush=True)"

# A program that makes one and has it run the first argument, told what kind by the second.
PROGRAM = """
import sys
try:
    import _interpreters as interpreters
except ImportError:
    import _xxsubinterpreters as interpreters
number = interpreters.create(**eval(sys.argv[2]))
failed = interpreters.run_string(number, sys.argv[1])
if failed:
    sys.exit(failed.formatted)
"""
END = "interpreters.destroy(number)\n"


def run(options, *codes):
    """Runs code in a sub-interpreter, and ends it."""
    number = interpreters.create(**options)
    try:
        for code in codes:
            failed = interpreters.run_string(number, code)
            if failed is not None:  # before Python 3.13 it is an exception
                raise RuntimeError(failed.formatted)
    finally:
        interpreters.destroy(number)


@unittest.skipIf(interpreters is None, "this Python has no module for sub-interpreters")
class Interpreters(unittest.TestCase):
    # Python 3.12's ctypes does not load where the lock is not that of the main interpreter.
    kinds = [SHARED] if sys.version_info[:2] == (3, 12) else [SHARED, OWN]

    def test_connections_with_callbacks(self):
        for options in self.kinds:
            with self.subTest(options):
                # They end with connections open and callbacks set.
                run(options, WHERE, WORK)
                run(options, WHERE, WORK)
        in_memory()

    def test_several_at_once(self):
        for options in self.kinds:
            with self.subTest(options):
                failures = []

                def work(options=options, failures=failures):
                    try:
                        run(options, WHERE, *[WORK] * 3)
                    except BaseException as error:
                        failures.append(error)

                threads = [threading.Thread(target=work) for _ in range(3)]
                for thread in threads:
                    thread.start()
                for _ in range(20):
                    in_memory()
                for thread in threads:
                    thread.join()
                self.assertEqual(failures, [])

    @unittest.skipIf(sys.version_info[:2] != (3, 12), "only Python 3.12 has no ctypes there")
    def test_one_without_ctypes_is_refused(self):
        code = "try:\n    import ssl\nexcept ImportError as error:\n    words = str(error)\n"
        code += "assert words.startswith('tlswrap cannot be had in this sub-interpreter'), words"
        run(OWN, code, code)

    def test_they_are_reached(self):
        """Whatever way the program itself came to run on tlswrap."""
        program = PROGRAM + END
        inner = f"import sys; sys.argv = ['', {SHOW!r}, {str(SHARED)!r}]; exec({program!r})"
        install = "import tlswrap; tlswrap.install(); "
        for options in self.kinds:
            for code in SHOW, inner:
                for start in tlswrap_, lambda _, code, *more: python("-c", install + code, *more):
                    with self.subTest(options, code=code, start=start):
                        told = start("-c", program, code, str(options))
                        self.assertEqual(told, (0, OURS, ""))

    def test_children_of_theirs_are_as_those_of_the_program(self):
        code = f"import subprocess, sys; subprocess.run([sys.executable, '-c', {SHOW!r}])"
        self.assertEqual(tlswrap_("-c", PROGRAM + END, code, str(SHARED)), (0, OURS, ""))
        install = "import tlswrap; tlswrap.install(); "
        status, shown, _ = python("-c", install + PROGRAM, code, str(SHARED))
        self.assertEqual(status, 0)
        self.assertNotIn("BoringSSL", shown)

    def test_the_program_may_end_first(self):
        code = WHERE + WORK
        status, shown, complaint = tlswrap_("-c", PROGRAM, code, str(SHARED))
        self.assertEqual((status, shown), (0, ""))
        if complaint:  # from Python 3.14 on
            self.assertIn("RuntimeWarning: remaining subinterpreters", complaint)

    @unittest.skipUnless(INSTALLED, "it takes what pip installs")
    def test_other_makers_of_interpreters(self):
        try:
            import _testcapi  # noqa: F401
        except ImportError:
            self.skipTest("this Python has no module _testcapi")
        code = f"import _testcapi; _testcapi.run_in_subinterp({SHOW!r})"
        self.assertEqual(tlswrap_("-c", code), (0, OURS, ""))


if __name__ == "__main__":
    unittest.main()
