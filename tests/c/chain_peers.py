"""Odd servers for chain_cmd.sh.

    chain_peers.py KIND [CERT KEY]

Listens on a free port of 127.0.0.1, prints it, and serves one client after the other until
it is killed.
"""

import socket
import ssl
import struct
import sys


def smtp(talk):
    talk.say("220-mail.example.test at your service")
    talk.say("220 with a greeting of two lines")
    talk.hear("EHLO ")
    talk.say("250-mail.example.test")
    talk.say("250-SIZE 1000")
    talk.say("250 STARTTLS")
    talk.hear("STARTTLS")
    talk.say("220 go ahead")
    talk.tls()


def imap(talk):
    talk.say("* OK [CAPABILITY IMAP4rev1 STARTTLS] ready")
    tag = talk.hear("a1 STARTTLS").split()[0]
    talk.say("* 1 EXISTS")
    talk.say(tag + " OK begin")
    talk.tls()


def pop3(talk):
    talk.say("+OK ready")
    talk.hear("STLS")
    talk.say("+OK begin")
    talk.tls()


def ftp(talk):
    talk.say("220-ftp.example.test")
    talk.say(" no code before this line")
    talk.say("220 ready")
    talk.hear("AUTH TLS")
    talk.say("234 begin")
    talk.tls()


def smtp_refuses(talk):
    """Its refusal tries to clear the screen of who reads it."""
    talk.say("220 ready")
    talk.hear("EHLO ")
    talk.say("250 nothing to offer")
    talk.hear("STARTTLS")
    talk.say("502 \x1b[2J\x9b31m\u202enot here")


def smtp_injects(talk):
    """Sends more in the clear after it agreed to TLS."""
    talk.say("220 ready")
    talk.hear("EHLO ")
    talk.say("250 STARTTLS")
    talk.hear("STARTTLS")
    talk.send(b"220 go ahead\r\n250 injected\r\n")
    talk.tls()


def http(talk):
    talk.receive()
    talk.send(b"HTTP/1.1 400 Bad Request\r\nConnection: close\r\n\r\n")


def ssh(talk):
    """Its greeting tries to clear the screen of who reads it."""
    talk.say("SSH-2.0-OpenSSH_9.2 \x1b[2J")
    hang(talk)


def tls_at_once(talk):
    """Gives up waiting for a ClientHello, with an alert."""
    talk.send(b"\x15\x03\x01\x00\x02\x02\x0a")


def half_a_line(talk):
    talk.send(b"* OK half a gree")
    hang(talk)


def reset(talk):
    """Resets the connection behind its certificate, before the client can refuse that."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(*talk.identity)
    incoming, outgoing = ssl.MemoryBIO(), ssl.MemoryBIO()
    server = context.wrap_bio(incoming, outgoing, server_side=True)
    while not outgoing.pending:
        incoming.write(talk.receive())
        try:
            server.do_handshake()
        except ssl.SSLWantReadError:
            pass
    talk.send(outgoing.read())
    talk.reset()


def reset_behind_a_greeting(talk):
    talk.receive()
    talk.send(b"SSH-2.0-OpenSSH_9.2\r\n")
    talk.reset()


def hang(talk):
    while talk.receive():
        pass


def close(talk):
    talk.receive()


KINDS = {
    f.__name__.replace("_", "-"): f
    for f in (smtp, imap, pop3, ftp, smtp_refuses, smtp_injects, ssh, tls_at_once, half_a_line, reset,
              reset_behind_a_greeting, http, hang, close)
}


class Talk:
    """One client: lines until tls(), then a handshake and whatever the client still says."""

    def __init__(self, connection, identity):
        self.connection = connection
        self.identity = identity

    def send(self, data):
        self.connection.sendall(data)

    def receive(self):
        return self.connection.recv(4096)

    def reset(self):
        self.connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        self.connection.close()

    def say(self, line):
        self.send(line.encode() + b"\r\n")

    def hear(self, start):
        line = b""
        while not line.endswith(b"\r\n"):
            line += self.connection.recv(1) or b"\r\n"
        line = line.decode().rstrip("\r\n")
        if not line.startswith(start):
            raise ConnectionError(f"expected {start!r}, heard {line!r}")
        return line

    def tls(self):
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(*self.identity)
        with context.wrap_socket(self.connection, server_side=True) as wrapped:
            while wrapped.recv(4096):
                pass


def main():
    kind, identity = KINDS[sys.argv[1]], sys.argv[2:]
    with socket.create_server(("127.0.0.1", 0)) as listener:
        print(listener.getsockname()[1], flush=True)
        while True:
            connection, _ = listener.accept()
            with connection:
                try:
                    kind(Talk(connection, identity))
                except OSError as error:
                    print(f"{sys.argv[1]}: {error}", file=sys.stderr)


main()
