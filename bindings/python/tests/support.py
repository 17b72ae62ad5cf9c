"""What the tests share: certificates, and servers on loopback. Importing it installs tlswrap."""

import atexit
import os
import shutil
import socket
import subprocess
import tempfile
import threading

import tlswrap

tlswrap.install()
import ssl  # noqa: E402

assert ssl._ssl.__name__ == "tlswrap._ssl"

HERE = os.path.dirname(os.path.abspath(__file__))
ROOT = os.path.dirname(os.path.dirname(os.path.dirname(HERE)))


def _pki():
    """The directory of the test certificates: run.py has made them, else they are made now."""
    made = os.environ.get("TLSWRAP_TEST_PKI")
    if made:
        return made
    directory = tempfile.mkdtemp()
    atexit.register(shutil.rmtree, directory, ignore_errors=True)
    maker = os.path.join(ROOT, "target", "release", "examples", "make-certs")
    subprocess.run([maker, directory], check=True)
    return directory


PKI = _pki()


def file(name):
    return os.path.join(PKI, name)


def server_context(name="localhost"):
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(file(name + ".chain.pem"), file(name + ".key.pem"))
    return context


def client_context(ca="root.pem"):
    return ssl.create_default_context(cafile=file(ca))


def in_memory(server=None, client=None, hostname="localhost"):
    """A client and a server in memory, after their handshake."""
    one, other = ssl.MemoryBIO(), ssl.MemoryBIO()
    ends = [
        (client or client_context()).wrap_bio(one, other, server_hostname=hostname),
        (server or server_context()).wrap_bio(other, one, server_side=True),
    ]
    waiting = list(ends)
    while waiting:
        for end in list(waiting):
            try:
                end.do_handshake()
                waiting.remove(end)
            except ssl.SSLWantReadError:
                pass
    return ends


def pair(server=None, client=None):
    """A client and a server over sockets, after their handshake."""
    one, other = socket.socketpair()
    made = []

    def accept():
        made.append((server or server_context()).wrap_socket(other, server_side=True))

    thread = threading.Thread(target=accept)
    thread.start()
    end = (client or client_context()).wrap_socket(one, server_hostname="localhost")
    thread.join()
    return end, made[0]
