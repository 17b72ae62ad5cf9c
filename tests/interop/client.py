"""A client on Python's ssl module: what it sees of the server, an echo, and goodbyes.

    client.py PORT VERSION ROOTS ALPN [CHAIN KEY]

VERSION is TLSv1_2 or TLSv1_3; ALPN is a list with commas, perhaps empty. What standard input holds
is sent; the same must come back. Prints one fact a line.
"""

import hashlib
import socket
import ssl
import sys

port, version, roots, alpn = sys.argv[1:5]
context = ssl.create_default_context(cafile=roots)
context.minimum_version = context.maximum_version = ssl.TLSVersion[version]
if alpn:
    context.set_alpn_protocols(alpn.split(","))
if sys.argv[5:]:
    context.load_cert_chain(*sys.argv[5:])
sent = sys.stdin.buffer.read()

with socket.create_connection(("127.0.0.1", int(port)), timeout=90) as plain:
    tls = context.wrap_socket(plain, server_hostname="localhost")
    print("version", tls.version())
    print("cipher", tls.cipher()[0])
    print("alpn", tls.selected_alpn_protocol())
    print("leaf", hashlib.sha256(tls.getpeercert(True)).hexdigest())
    tls.sendall(sent)
    received = b""
    while len(received) < len(sent):
        some = tls.recv(65536)
        if not some:
            break
        received += some
    print("echo", received == sent)
    # Says goodbye and waits for the server's.
    tls.unwrap().close()
    print("goodbye True")
