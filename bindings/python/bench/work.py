"""What bench.py measures, run on either backend. Reads the name of a measurement from a line of
standard input, and answers with a number; a server is a process of the same backend."""

import http.client
import os
import socket
import ssl
import sys
import time

DIRECTORY = sys.argv[1]
SECONDS = 1.0
MIB = 1 << 20


def file(name):
    return os.path.join(DIRECTORY, name)


def server_context():
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(file("localhost.chain.pem"), file("localhost.key.pem"))
    return context


def client_context():
    return ssl.create_default_context(cafile=file("root.pem"))


SERVER, CLIENT = server_context(), client_context()


def rate(step):
    """How often a second `step` can be done."""
    step()
    count, start = 0, time.perf_counter()
    while True:
        step()
        count += 1
        passed = time.perf_counter() - start
        if passed >= SECONDS:
            return count / passed


# ---- In memory ----


def pair():
    """Two objects after their handshake, each with what it reads from."""
    one, other = ssl.MemoryBIO(), ssl.MemoryBIO()
    client = CLIENT.wrap_bio(one, other, server_hostname="localhost")
    server = SERVER.wrap_bio(other, one, server_side=True)
    waiting = [client, server]
    while waiting:
        for end in list(waiting):
            try:
                end.do_handshake()
                waiting.remove(end)
            except ssl.SSLWantReadError:
                pass
    return client, server


def memory_bulk(ends):
    writer, reader = ends
    data = bytes(64 * 1024)

    def step():
        writer.write(data)
        left = len(data)
        while left:
            left -= len(reader.read(left))

    return rate(step) * len(data) / MIB


# ---- Over sockets ----


def serve(work):
    """Forks a process that gives each connection to `work`: its address, and its end."""
    listener = socket.create_server(("127.0.0.1", 0), backlog=64)
    child = os.fork()
    if child == 0:
        try:
            while True:
                sock, _ = listener.accept()
                sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
                try:
                    with SERVER.wrap_socket(sock, server_side=True) as connection:
                        work(connection)
                except OSError:
                    pass
        finally:
            os._exit(0)
    address = listener.getsockname()
    listener.close()

    def end():
        os.kill(child, 9)
        os.waitpid(child, 0)

    return address, end


def connect(address):
    sock = socket.create_connection(address)
    sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    return CLIENT.wrap_socket(sock, server_hostname="localhost")


def with_server(work, measure):
    address, end = serve(work)
    try:
        return measure(address)
    finally:
        end()


def swallow(connection):
    """Takes what comes; answers each MiB with a byte."""
    room = bytearray(256 * 1024)
    total = 0
    while got := connection.recv_into(room):
        total += got
        while total >= MIB:
            total -= MIB
            connection.sendall(b"!")


def pour(connection):
    """A MiB for each byte that comes."""
    data = bytes(MIB)
    while connection.recv(1):
        connection.sendall(data)


def answer(connection):
    """HTTP, as little of it as http.client takes."""
    while connection.recv(65536):
        connection.sendall(b"HTTP/1.1 200 OK\r\nContent-Length: 13\r\n\r\nHello, world!")


def upload(address):
    data = bytes(MIB)
    with connect(address) as connection:

        def step():
            connection.sendall(data)
            connection.recv(1)

        return rate(step)


def download(address):
    room = bytearray(256 * 1024)
    with connect(address) as connection:

        def step():
            connection.sendall(b"!")
            left = MIB
            while left:
                left -= connection.recv_into(room, min(left, len(room)))

        return rate(step)


def requests(address):
    connection = http.client.HTTPSConnection("localhost", address[1], context=CLIENT)

    def step():
        connection.request("GET", "/")
        connection.getresponse().read()

    return rate(step)


def resident():
    with open("/proc/self/statm", encoding="ascii") as statm:
        return int(statm.read().split()[1]) * os.sysconf("SC_PAGE_SIZE")


def idle(count=400):
    kept = [pair() for _ in range(50)]
    before = resident()
    kept += [pair() for _ in range(count)]
    return (resident() - before) / count / 2 / 1024


def default_context():
    ssl.create_default_context()
    return rate(ssl.create_default_context)


MEASUREMENTS = {
    "handshakes/s, memory, both ends": lambda: rate(pair),
    "handshakes/s, sockets": lambda: with_server(
        lambda connection: None, lambda address: rate(lambda: connect(address).close())
    ),
    "MiB/s, memory, client to server": lambda: memory_bulk(pair()),
    "MiB/s, memory, server to client": lambda: memory_bulk(pair()[::-1]),
    "MiB/s, sockets, sent": lambda: with_server(swallow, upload),
    "MiB/s, sockets, received": lambda: with_server(pour, download),
    "create_default_context()/s": default_context,
    "http.client requests/s": lambda: with_server(answer, requests),
    "KiB per idle connection": idle,
}

if __name__ == "__main__":
    print(ssl.OPENSSL_VERSION, flush=True)
    for line in sys.stdin:
        print(MEASUREMENTS[line.strip()](), flush=True)
