"""What ended a handshake is told, also where the peer has reset the connection meanwhile."""

import socket
import struct
import threading
import unittest

from support import client_context, file, server_context, ssl

VERSIONS = (ssl.TLSVersion.TLSv1_2, ssl.TLSVersion.TLSv1_3)


def reset(sock):
    """Closes a socket so that the peer gets a reset instead of an end."""
    sock.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
    sock.close()


class InMemory:
    """An end whose handshake is moved by hand, over a socket."""

    def __init__(self, context, sock, **how):
        self.incoming, self.outgoing = ssl.MemoryBIO(), ssl.MemoryBIO()
        self.object = context.wrap_bio(self.incoming, self.outgoing, **how)
        self.sock = sock

    def step(self):
        try:
            self.object.do_handshake()
        except ssl.SSLWantReadError:
            return False
        return True

    def receive(self):
        self.incoming.write(self.sock.recv(1 << 16))

    def send(self):
        self.sock.sendall(self.outgoing.read())


class Resets(unittest.TestCase):
    def talk(self, peer, act):
        """Has `peer` talk to one end of a TCP connection, and gives the exception of `act`, which
        gets the other end."""
        with socket.create_server(("127.0.0.1", 0)) as listener:
            mine = socket.create_connection(listener.getsockname())
            other, _ = listener.accept()
        thread = threading.Thread(target=peer, args=(other,))
        thread.start()
        try:
            act(mine)
        except OSError as error:
            return error
        finally:
            thread.join()
            mine.close()
        self.fail("nothing was refused")

    def connect(self, context):
        return lambda sock: context.wrap_socket(sock, server_hostname="localhost").close()

    def test_a_server_that_is_refused(self):
        for version in VERSIONS:
            for name, code in (("expired", 10), ("wildcard", 62)):
                server = server_context(name)
                server.minimum_version = server.maximum_version = version

                def peer(sock, server=server):
                    end = InMemory(server, sock, server_side=True)
                    end.receive()
                    end.step()
                    end.send()
                    reset(sock)

                error = self.talk(peer, self.connect(client_context()))
                self.assertIsInstance(error, ssl.SSLCertVerificationError, (version, name))
                self.assertEqual(error.verify_code, code)
                self.assertTrue(error.peer_chain)

    def test_a_client_that_is_refused(self):
        for version in VERSIONS:
            server = server_context()
            server.minimum_version = server.maximum_version = version
            server.verify_mode = ssl.CERT_REQUIRED
            server.load_verify_locations(file("root.pem"))
            client = client_context()
            client.load_cert_chain(file("untrusted.chain.pem"), file("untrusted.key.pem"))

            def peer(sock, client=client):
                end = InMemory(client, sock, server_hostname="localhost")
                end.step()
                end.send()
                # It has said everything when it has answered the server's flight.
                while not end.outgoing.pending:
                    end.receive()
                    end.step()
                end.send()
                reset(sock)

            error = self.talk(peer, lambda sock: server.wrap_socket(sock, server_side=True).close())
            self.assertIsInstance(error, ssl.SSLCertVerificationError, version)
            self.assertTrue(error.peer_chain)

    def test_what_is_not_tls(self):
        for words, reason in (
            (b"HTTP/1.1 400 Bad Request\r\n\r\n", "WRONG_VERSION_NUMBER"),
            (b"\x15\x03\x01\x00\x02\x02\x28", "SSLV3_ALERT_HANDSHAKE_FAILURE"),
        ):

            def peer(sock, words=words):
                sock.recv(1 << 16)
                sock.sendall(words)
                reset(sock)

            error = self.talk(peer, self.connect(client_context()))
            self.assertIsInstance(error, ssl.SSLError, words)
            self.assertEqual(error.reason, reason)

    def test_a_reset_alone(self):
        def peer(sock):
            sock.recv(1 << 16)
            reset(sock)

        error = self.talk(peer, self.connect(client_context()))
        self.assertIsInstance(error, ConnectionResetError)


if __name__ == "__main__":
    unittest.main()
