"""Arguments that are wrong, or odd: every function answers as on the interpreter's own OpenSSL.

The same questions are asked in two programs, one of them on the interpreter's own `_ssl`, each in a
process of its own: that one can crash. What is held against each other is the value, or the type of
the exception.
"""

import os
import subprocess
import sys
import unittest

from support import PKI, server_context, ssl

QUESTIONS = r'''
import copy, os, pickle, socket, ssl, sys, warnings
warnings.simplefilter("ignore")
_ssl = ssl._ssl
PKI = sys.argv[1]
CHAIN, KEY = os.path.join(PKI, "localhost.chain.pem"), os.path.join(PKI, "localhost.key.pem")


class Index:
    def __index__(self):
        return 1


class Failing:
    def __index__(self):
        raise KeyError


VALUES = {
    "None": None, "True": True, "-1": -1, "1": 1, "2**31": 2**31, "2**70": 2**70, "-2**70": -2**70,
    "1.5": 1.5, "text": "abc", "empty": "", "dot": ".abc", "NUL": "a\0b", "umlaut": "\xfc",
    "surrogate": "\udc80", "bytes": b"abc", "no bytes": b"", "bytearray": bytearray(b"xyz"),
    "list": [], "object": object(), "index": Index(), "failing": Failing(), "function": len,
    "nowhere": "/nonexistent/file", "directory": "/", "chain": CHAIN, "key": KEY,
}


def told(value):
    if isinstance(value, (type(None), bool, int, str, bytes, tuple)):
        return repr(value)
    return type(value).__name__


def ask(name, question):
    """In a child, for some answers of the interpreter's own are crashes."""
    sys.stdout.flush()
    child = os.fork()
    if child == 0:
        try:
            answer = told(question())
        except BaseException as error:
            answer = "raises " + type(error).__name__
        print(name, "=>", ascii(answer), flush=True)
        os._exit(0)
    if os.waitpid(child, 0)[1]:
        print(name, "=> crash", flush=True)


def context(protocol=ssl.PROTOCOL_TLS_CLIENT):
    made = ssl.SSLContext(protocol)
    if protocol == ssl.PROTOCOL_TLS_CLIENT:
        made.check_hostname = False
    return made


def connection():
    return context()._wrap_bio(ssl.MemoryBIO(), ssl.MemoryBIO(), False, "host")


def put(thing, name, value):
    setattr(thing, name, value)
    return getattr(thing, name)


def full():
    bio = ssl.MemoryBIO()
    bio.write(b"hello")
    return bio


def over_socket(**more):
    one, other = socket.socketpair()
    with one, other, context().wrap_socket(one, do_handshake_on_connect=False, **more) as tls:
        return tls.server_hostname


PROPERTIES = """check_hostname verify_mode minimum_version maximum_version num_tickets keylog_filename
    sni_callback hostname_checks_common_name""".split()
METHODS = """set_ciphers set_ecdh_curve load_dh_params load_verify_locations load_cert_chain
    get_ca_certs""".split()
STEPS = "read write get_channel_binding getpeercert".split()

for name, value in VALUES.items():
    ask(f"SSLContext({name})", lambda: ssl.SSLContext(value))
    for protocol in ssl.PROTOCOL_TLS_CLIENT, ssl.PROTOCOL_TLS_SERVER:
        for word in PROPERTIES:
            if word == "keylog_filename" and name in ("text", "dot", "umlaut", "surrogate", "bytes",
                                                      "chain", "key"):
                continue  # these would be written
            ask(f"{protocol!s} {word} = {name}", lambda: put(context(protocol), word, value))
    for word in METHODS:
        ask(f"{word}({name})", lambda: getattr(context(), word)(value))
    for word in "cafile", "capath", "cadata":
        ask(f"load_verify_locations({word}={name})",
            lambda: context().load_verify_locations(**{word: value}))
    ask(f"load_cert_chain(chain, {name})", lambda: context().load_cert_chain(CHAIN, value))
    ask(f"load_cert_chain(chain, key, {name})", lambda: context().load_cert_chain(CHAIN, KEY, value))
    ask(f"MemoryBIO({name})", lambda: ssl.MemoryBIO(value))
    ask(f"MemoryBIO.read({name})", lambda: full().read(value))
    ask(f"MemoryBIO.write({name})", lambda: ssl.MemoryBIO().write(value))
    for word in STEPS:
        ask(f"{word}({name})", lambda: getattr(connection(), word)(value))
    ask(f"session = {name}", lambda: put(connection(), "session", value))
    ask(f"context = {name}", lambda: put(connection(), "context", value))
    ask(f"wrap_bio(incoming={name})", lambda: context().wrap_bio(value, ssl.MemoryBIO()))
    ask(f"wrap_bio(server_side={name})",
        lambda: context().wrap_bio(ssl.MemoryBIO(), ssl.MemoryBIO(), value))
    ask(f"wrap_socket({name})", lambda: context().wrap_socket(value))
    ask(f"_wrap_socket({name})", lambda: context()._wrap_socket(value, False))
    if "/" not in str(value):
        ask(f"server_hostname={name}", lambda: over_socket(server_hostname=value))
    ask(f"session={name}", lambda: over_socket(session=value))
    ask(f"txt2obj({name})", lambda: _ssl.txt2obj(value))
    ask(f"nid2obj({name})", lambda: _ssl.nid2obj(value))
    ask(f"RAND_add(b'', {name})", lambda: ssl.RAND_add(b"", value))
    ask(f"RAND_add({name}, 0)", lambda: ssl.RAND_add(value, 0))
    if value != 1 and not isinstance(value, Index) and name != "2**31":
        ask(f"RAND_bytes({name})", lambda: ssl.RAND_bytes(value))
for made in context, ssl.MemoryBIO, connection:
    ask(f"copy {made.__name__}", lambda: copy.copy(made()))
    ask(f"pickle {made.__name__}", lambda: pickle.dumps(made()))
for name in "MemoryBIO", "SSLSession", "_SSLSocket", "Certificate":
    if name in dir(_ssl):
        ask(f"derived from {name}", lambda: type("Derived", (getattr(_ssl, name),), {}))
'''

# What the interpreter's own answers otherwise, and why it stays so.
OTHERWISE = {
    # Sixteen tickets are the most that are sent, and asked for more the library tells that.
    "num_tickets = 2**31",
}
if sys.version_info < (3, 10):
    # A size of more than 31 bits is fine from 3.10 on, and here.
    OTHERWISE.add("read(2**31)")


def answers(*command):
    environment = {
        k: v for k, v in os.environ.items() if not k.startswith(("TLSWRAP_INS", "PYTHON"))
    }
    run = subprocess.run(
        [sys.executable, *command, PKI],
        stdin=subprocess.DEVNULL,
        capture_output=True,
        env=environment,
        check=True,
        text=True,
    )
    return dict(line.split(" => ", 1) for line in run.stdout.splitlines())


class Arguments(unittest.TestCase):
    maxDiff = None

    @unittest.skipUnless(hasattr(os, "fork"), "there is no fork")
    def test_answers_are_those_of_the_interpreters_own(self):
        theirs = answers("-c", QUESTIONS)
        ours = answers("-m", "tlswrap", "-c", QUESTIONS)
        self.assertGreater(len(theirs), 800)
        # Python 3.9 has no Certificate.
        self.assertLessEqual(theirs.keys(), ours.keys())
        different = {
            question: (answer, ours[question])
            for question, answer in theirs.items()
            if answer not in (ours[question], "crash")
            and not any(question.endswith(known) for known in OTHERWISE)
        }
        self.assertEqual(different, {})
        self.assertNotIn("crash", ours.values())

    def test_verify_flags_are_not_cut(self):
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
        for value in (-1, 1 << 32, 1 << 70):
            with self.assertRaises(OverflowError):
                context.verify_flags = value

    def test_check_hostname_of_a_server_brings_verification(self):
        context = server_context()
        context.check_hostname = True
        self.assertIs(context.check_hostname, True)
        self.assertEqual(context.verify_mode, ssl.CERT_REQUIRED)
        with self.assertRaises(ValueError):
            context.verify_mode = ssl.CERT_NONE
        context.check_hostname = False
        context.verify_mode = ssl.CERT_NONE


if __name__ == "__main__":
    unittest.main()
