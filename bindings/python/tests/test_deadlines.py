"""Timeouts: one is for the whole call, however many signals come and however much is sent."""

import select
import signal
import socket
import threading
import unittest

from support import client_context, pair, ssl
from tlswrap import _socket
from unittest import mock  # isort: skip (it imports ssl, which has to come from support)

HOUR = 3600.0


class Clock:
    """A clock that goes only when it is told to. No test has to wait for it."""

    def __init__(self):
        self.now = 0.0

    def __call__(self):
        return self.now


class Signals:
    """Sends signals to this thread. The first that comes while a call waits makes the call late."""

    def __init__(self, clock):
        self.clock = clock
        self.left = 400

    def __call__(self, number, frame):
        while frame is not None and not self.clock.now:
            if frame.f_code.co_filename == _socket.__file__ and "deadline" in frame.f_locals:
                self.clock.now = 2 * HOUR
            frame = frame.f_back
        self.left -= 1
        if not self.left:
            raise AssertionError("the call still waits")

    def __enter__(self):
        self.before = signal.signal(signal.SIGALRM, self)
        signal.setitimer(signal.ITIMER_REAL, 0.05, 0.05)

    def __exit__(self, *_):
        signal.setitimer(signal.ITIMER_REAL, 0)
        signal.signal(signal.SIGALRM, self.before)


class Deadlines(unittest.TestCase):
    def late(self, what, call):
        """A signal comes when an hour has passed: the call ends, and does not wait for another."""
        clock = Clock()
        with mock.patch.object(_socket, "monotonic", clock), Signals(clock):
            with self.assertRaisesRegex(socket.timeout, f"The {what} operation timed out"):
                call()

    def test_signals_while_reading(self):
        client, server = pair()
        with client, server:
            client.settimeout(HOUR)
            room = bytearray(10)
            for call in (
                lambda: client.recv(1),
                lambda: client.recv_into(room),
                lambda: client.read(1),
            ):
                self.late("read", call)
            # The connection has its hour again, and is as good as before.
            server.sendall(b"x")
            self.assertEqual(client.recv(1), b"x")

    def test_signals_while_writing(self):
        for method in ("send", "sendall"):
            client, server = pair()
            with client, server:
                client.settimeout(HOUR)
                self.late("write", lambda: getattr(client, method)(bytes(64 << 20)))

    def test_signals_while_a_file_is_sent(self):
        client, server = pair()
        with client, server, open("/dev/zero", "rb") as zeros:
            client.settimeout(HOUR)
            self.late("write", lambda: client.sendfile(zeros, count=64 << 20))

    def test_signals_during_the_handshake(self):
        one, other = socket.socketpair()
        with one, other:
            one.settimeout(HOUR)
            client = client_context().wrap_socket(
                one, server_hostname="localhost", do_handshake_on_connect=False
            )
            with client:
                self.late("handshake", client.do_handshake)
        # An address to connect to, and nobody who answers.
        with socket.create_server(("127.0.0.1", 0)) as mute:
            with client_context().wrap_socket(socket.socket(), server_hostname="localhost") as client:
                client.settimeout(HOUR)
                self.late("handshake", lambda: client.connect(mute.getsockname()))

    def test_signals_while_unwrapping(self):
        client, server = pair()
        with client, server:
            client.settimeout(HOUR)
            self.late("read", client.unwrap)

    def test_what_is_sent_in_parts_has_one_deadline(self):
        client, server = pair()
        with client, server:
            client.settimeout(HOUR)
            asked = []

            def late():
                # All but the first question is asked when the hour has passed.
                asked.append(0)
                return 0.0 if len(asked) == 1 else 2 * HOUR

            watchdog = threading.Timer(60, server.close)  # which is another error
            watchdog.start()
            with mock.patch.object(_socket, "monotonic", late):
                with self.assertRaises(socket.timeout):
                    client.send(bytes(64 << 20))
            watchdog.cancel()

    def test_the_time_that_another_thread_left(self):
        """A thread that waits once more sets the time of the connection to what is left of its
        own: a call that began meanwhile has a deadline of its own."""
        client, server = pair()
        with client, server:
            client.settimeout(HOUR)
            conn = client._sslobj

            class Size:
                def __index__(self):
                    conn._set_timeout(0.001)  # the other thread, between two lines of this one
                    return 1

            timer = threading.Timer(0.5, server.sendall, (b"x",))
            timer.start()
            try:
                self.assertEqual(conn.read(Size()), b"x")
            finally:
                timer.join()

    def test_tiny_and_huge_timeouts(self):
        client, server = pair()
        with client, server:
            for tiny in (1e-9, 1e-6, 0.0004):
                client.settimeout(tiny)
                with self.assertRaises(socket.timeout):
                    client.recv(1)
            for huge in (1e7, 9e9):
                client.settimeout(huge)
                server.sendall(b"x")
                self.assertEqual(client.recv(1), b"x")
            for none in (0, 0.0):
                client.settimeout(none)
                with self.assertRaises(ssl.SSLWantReadError):
                    client.recv(1)


class NotWaiting(unittest.TestCase):
    """send() on a non-blocking socket writes as much as the socket buffer takes."""

    def roomy(self):
        """Ends of a connection between which a quarter of a megabyte has room."""
        client, server = pair()
        for end in (client, server):
            for option in (socket.SO_SNDBUF, socket.SO_RCVBUF):
                end.setsockopt(socket.SOL_SOCKET, option, 1 << 20)
        return client, server

    def test_what_has_room_is_sent_at_once(self):
        one, other = socket.socketpair()
        with one, other:
            for end in (one, other):
                end.setsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF, 1 << 20)
            one.setblocking(False)
            room = one.send(bytes(1 << 20))
        if room < 150_000:
            self.skipTest(f"the socket buffer of this system takes only {room} bytes")
        for size in (60_000, 65_536, 65_537, 131_073, 140_000):
            client, server = self.roomy()
            with client, server:
                client.setblocking(False)
                data = bytes(range(251)) * (size // 251 + 1)
                self.assertEqual(client.send(data[:size]), size)
                got = b""
                while len(got) < size:
                    got += server.recv(65536)
                self.assertEqual(got, data[:size])

    def test_what_has_no_room_is_sent_with_the_rest(self):
        for kind in (bytes, bytearray, memoryview):
            client, server = pair()
            with client, server:
                client.setblocking(False)
                data = bytes(range(251)) * 40_000
                rest = kind(data)
                sent = client.send(rest)
                self.assertTrue(0 < sent < len(data), sent)
                with self.assertRaises(ssl.SSLWantWriteError):
                    client.send(rest[sent:])
                got = []

                def read():
                    left = len(data)
                    while left:
                        got.append(server.recv(65536))
                        left -= len(got[-1])

                thread = threading.Thread(target=read)
                thread.start()
                while sent < len(data):
                    try:
                        sent += client.send(rest[sent:])
                    except ssl.SSLWantWriteError:
                        select.select([], [client], [], 60)
                thread.join()
                self.assertEqual(b"".join(got), data)


if __name__ == "__main__":
    unittest.main()
