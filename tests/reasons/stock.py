"""The failures of tests/reasons.rs on Python's own OpenSSL: a line of JSON for each, with the name of
the story and the text of what each side came to. Written for CPython 3.11.7 with OpenSSL 3.0."""

import json
import pathlib
import re
import ssl
import sys

PKI = pathlib.Path(sys.argv[1])
ALERTS = [int(number) for number in sys.argv[2].split(",")]


def told(call):
    """What a call comes to, in the words that the Rust side uses too."""
    try:
        call()
    except (ssl.SSLWantReadError, ssl.SSLZeroReturnError) as error:
        return type(error).__name__
    except ssl.SSLError as error:
        return re.sub(r" \(_ssl\.c:\d+\)$", "", str(error))
    except OSError as error:
        return f"errno {error.errno}"
    return "ok"


def client(ca="root.pem"):
    context = strict(ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT))
    if ca:
        context.load_verify_locations(PKI / ca)
    return context


def server(name="localhost"):
    context = strict(ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER))
    if name:
        context.load_cert_chain(PKI / f"{name}.chain.pem", PKI / f"{name}.key.pem")
    return context


def strict(context):
    """Python took an end of file for the end of the connection until 3.11.3."""
    context.options &= ~getattr(ssl, "OP_IGNORE_UNEXPECTED_EOF", 0)
    return context


def only(context, version):
    context.minimum_version = context.maximum_version = getattr(ssl.TLSVersion, version)
    return context


class Pair:
    def __init__(self, client, server, name="localhost"):
        self.up, self.down = ssl.MemoryBIO(), ssl.MemoryBIO()
        self.client = client.wrap_bio(self.down, self.up, server_hostname=name)
        self.server = server.wrap_bio(self.up, self.down, server_side=True)

    def handshake(self):
        ends = ["SSLWantReadError"] * 2
        for _ in range(20):
            for side, conn in enumerate((self.client, self.server)):
                if ends[side] == "SSLWantReadError":
                    ends[side] = told(conn.do_handshake)
        return ends

    def connected(self):
        assert self.handshake() == ["ok", "ok"]
        assert told(lambda: self.client.read(1)) == "SSLWantReadError"
        return self


def say(name, ends):
    print(json.dumps([name, [as_python_3_11_7(as_openssl_3_0(end)) for end in ends]]))


def as_python_3_11_7(end):
    """What Python 3.11.7 says of end of file without close_notify, where an older one has OpenSSL's own text."""
    if sys.version_info >= (3, 11, 7):
        return end
    return end.replace("unexpected eof while reading", "EOF occurred in violation of protocol")


def as_openssl_3_0(end):
    """What OpenSSL 3.0 says where a later one has other words: since 3.2 the alerts of SSL 3 have a
    text of their own, and a record that cannot be opened another reason."""
    if ssl.OPENSSL_VERSION_INFO < (3, 2):
        return end
    if end == "[SSL: RECORD_LAYER_FAILURE] record layer failure":
        return "[SSL: DECRYPTION_FAILED_OR_BAD_RECORD_MAC] decryption failed or bad record mac"
    return re.sub(r"^(\[SSL: SSLV3_ALERT_\w+\]) ssl/tls alert ", r"\1 sslv3 alert ", end)


def handshake(name, client, server, host="localhost"):
    """A handshake, and what the client reads after it: in TLS 1.3 it learns then how it ended."""
    pair = Pair(client, server, host)
    ends = pair.handshake()
    if ends[0] == "ok":
        ends[0] = told(lambda: pair.client.read(1))
    say(name, ends)


for version in "TLSv1_2", "TLSv1_3":
    handshake(f"unknown CA {version}", client(None), only(server(), version))
    handshake(f"another name {version}", client(), only(server(), version), "else.example")
    handshake(f"expired {version}", client(), only(server("expired"), version))
    handshake(f"no certificate {version}", client(), only(server(None), version))
    asking = only(server(), version)
    asking.verify_mode = ssl.CERT_REQUIRED
    handshake(f"no client certificate {version}", client(), asking)
    showing = client()
    showing.load_cert_chain(PKI / "client.chain.pem", PKI / "client.key.pem")
    handshake(f"unknown client {version}", showing, asking)

    pair = Pair(client(), only(server(), version)).connected()
    pair.server.write(b"some data")
    record = bytearray(pair.down.read())
    record[-1] ^= 1
    pair.down.write(record)
    say(f"a changed record {version}", [told(lambda: pair.client.read(9)), told(lambda: pair.server.read(9))])

    pair = Pair(client(), only(server(), version)).connected()
    assert told(pair.client.unwrap) == "SSLWantReadError"
    pair.server.write(b"some data")
    say(f"data after the goodbye {version}", [told(pair.client.unwrap), told(lambda: pair.client.write(b"x"))])

    pair = Pair(client(), only(server(), version)).connected()
    pair.down.write_eof()
    say(f"an end without a goodbye {version}", [told(lambda: pair.client.read(9)), ""])

    pair = Pair(client(), only(server(), version))
    told(pair.client.do_handshake)
    say(f"a goodbye in the handshake {version}", [told(pair.client.unwrap), ""])

one, other = only(client(), "TLSv1_2"), server()
one.set_ciphers("ECDHE-ECDSA-AES128-GCM-SHA256")
other.set_ciphers("ECDHE-ECDSA-AES256-GCM-SHA384")
handshake("no common suite", one, other)
handshake("a client of 1.3 alone", only(client(), "TLSv1_3"), only(server(), "TLSv1_2"))
handshake("a server of 1.3 alone", only(client(), "TLSv1_2"), only(server(), "TLSv1_3"))
crossed = client()
crossed.minimum_version = ssl.TLSVersion.TLSv1_3
crossed.maximum_version = ssl.TLSVersion.TLSv1_2
say("bounds that cross", [told(Pair(crossed, server()).client.do_handshake), ""])

for name, first in [
    ("HTTP", b"GET / HTTP/1.0\r\n\r\n"),
    ("a proxy's HTTP", b"CONNECT example.com:443 HTTP/1.0\r\n\r\n"),
    ("nothing like TLS", b"220 mail.example.com ESMTP ready\r\n"),
]:
    pair = Pair(client(), server())
    pair.up.write(first)
    say(f"{name} to a server", ["", told(pair.server.do_handshake)])
pair = Pair(client(), server())
told(pair.client.do_handshake)
pair.down.write(b"220 mail.example.com ESMTP ready\r\n")
say("nothing like TLS to a client", [told(pair.client.do_handshake), ""])

for number in ALERTS:
    pair = Pair(client(), server())
    told(pair.client.do_handshake)
    pair.down.write(bytes([21, 3, 3, 0, 2, 2, number]))
    say(f"alert {number}", [told(pair.client.do_handshake), ""])

broken = pathlib.Path(sys.argv[3])


def chain(cert, key=None, **more):
    return told(lambda: ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER).load_cert_chain(cert, key, **more))


def cas(path):
    return told(lambda: client(None).load_verify_locations(path))


for name, end in [
    ("a chain that is no PEM", chain(broken / "prose.pem")),
    ("a chain cut short", chain(broken / "cut.pem")),
    ("a chain of broken base64", chain(broken / "base64.pem")),
    ("an empty chain", chain(broken / "empty.pem")),
    ("a chain without a key", chain(PKI / "localhost.chain.pem")),
    ("a key for a chain", chain(PKI / "localhost.key.pem")),
    ("a chain for a key", chain(PKI / "localhost.chain.pem", PKI / "localhost.chain.pem")),
    ("a key of another", chain(PKI / "localhost.chain.pem", PKI / "client.key.pem")),
    ("a wrong password", chain(PKI / "encrypted.chain.pem", PKI / "encrypted.key.pkcs8.pem", password="wrong")),
    ("a chain that is missing", chain(broken / "missing.pem")),
    ("a key that is missing", chain(PKI / "localhost.chain.pem", broken / "missing.pem")),
    ("a directory for a chain", chain(broken)),
    ("CAs that are no PEM", cas(broken / "prose.pem")),
    ("CAs cut short", cas(broken / "cut.pem")),
    ("CAs of broken base64", cas(broken / "base64.pem")),
    ("no CAs", cas(broken / "empty.pem")),
    ("a key for CAs", cas(PKI / "localhost.key.pem")),
    ("CAs that are missing", cas(broken / "missing.pem")),
    ("DH parameters that are none", told(lambda: server().load_dh_params(PKI / "root.pem"))),
    ("DH parameters that are missing", told(lambda: server().load_dh_params(broken / "missing.pem"))),
]:
    say(name, [end, ""])
