"""scenarios.py TABLE DIR: makes every connection of the table with what a Python program has, and
prints what it observes, as ../../../tests/conformance/README.md says. Run with `python -m tlswrap`.

What the ssl module has no word for (groups, suites of TLS 1.3, the report, exported secrets) is
asked of the library behind the objects; so are its own defaults, where Python's are OpenSSL's.
"""

import os
import ssl
import sys
import warnings
from ctypes import c_char_p, c_int32, c_size_t, c_void_p

from tlswrap import _native
from tlswrap._native import CHAIN_SENT, CHAIN_VERIFIED, call, lib, take

_native._functions.update(
    export_keying_material=(
        *(c_int32, c_void_p, c_char_p, c_char_p),
        *(c_size_t, c_size_t, c_void_p, c_void_p),
    ),
    get_group=(c_char_p, c_void_p),
    get_report_json=(c_int32, c_void_p, c_void_p, c_void_p),
    status_name=(c_char_p, c_int32),
)

SIDES = ("client", "server")
HELLO = {side: f"hello from the {side}".encode() for side in SIDES}
VERSIONS = {"1.2": ssl.TLSVersion.TLSv1_2, "1.3": ssl.TLSVersion.TLSv1_3}
SUITES = b"TLS_AES_128_GCM_SHA256:TLS_AES_256_GCM_SHA384:TLS_CHACHA20_POLY1305_SHA256"
CIPHERS = ":".join(
    f"ECDHE-{key}-{cipher}"
    for cipher in ("AES128-GCM-SHA256", "AES256-GCM-SHA384", "CHACHA20-POLY1305")
    for key in ("ECDSA", "RSA")
)


class End:
    """One end of a connection, and what it came to."""

    def __init__(self, context, incoming, outgoing, **arguments):
        self.tls = context.wrap_bio(incoming, outgoing, **arguments)
        self.handle = self.tls._sslobj._handle
        self.outgoing = outgoing
        self.handshake = self.talk = self.end = None  # a status; None: not come to an end
        self.failure = {}

    def take(self, step, action, *arguments):
        """Does something whose outcome is that of the step; gives what it gives."""
        try:
            result = action(*arguments)
            setattr(self, step, "TLSW_OK")
            return result
        except ssl.SSLWantReadError:
            return None
        except ssl.SSLError as error:
            setattr(self, step, status_of(error))
            self.failure[step] = error
            return None

    def cut(self):
        """The transport ends: nothing more comes to the other."""
        self.outgoing.write_eof()


def status_of(error):
    if isinstance(error, ssl.SSLCertVerificationError):
        return "TLSW_ERR_VERIFY"
    return "TLSW_ERR_EOF" if isinstance(error, ssl.SSLEOFError) else "TLSW_ERR_TLS"


class Scenario:
    def __init__(self, name, settings, directory):
        self.name = name
        self.settings = dict(setting.split("=", 1) for setting in settings.split())
        self.directory = directory

    def file(self, name):
        return os.path.join(self.directory, name)

    def context(self, side, cert):
        get = lambda key: self.settings.get(f"{side}.{key}")  # noqa: E731
        client = side == "client"
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT if client else ssl.PROTOCOL_TLS_SERVER)
        context.hostname_checks_common_name = False
        context.set_ciphers(get("ciphers") or CIPHERS)
        call(lib.ctx_set_ciphersuites, context._tlsw_handle, SUITES)
        if cert:
            context.load_cert_chain(self.file(cert + ".chain.pem"), self.file(cert + ".key.pem"))
        if get("ca"):
            context.load_verify_locations(self.file(get("ca")))
        if get("verify"):
            if client and get("verify") == "none":
                context.check_hostname = False
            context.verify_mode = ssl.VerifyMode[f"CERT_{get('verify').upper()}"]
        if get("max"):
            context.maximum_version = VERSIONS[get("max")]
        if get("min"):
            context.minimum_version = VERSIONS[get("min")]
        if get("groups"):
            call(lib.ctx_set_groups, context._tlsw_handle, get("groups").encode())
        if get("alpn"):
            context.set_alpn_protocols(get("alpn").split(","))
        return context

    def choose_by_name(self, server):
        """Puts connections under another context if their client asks for that one's name."""
        if "server.sni" in self.settings:
            wanted, cert = self.settings["server.sni"].split(":")
            other = self.context("server", cert)

            def choose(connection, name, context):
                if name == wanted:
                    connection.context = other

            server.sni_callback = choose

    def connect(self, contexts, session=None):
        pipes = {side: ssl.MemoryBIO() for side in SIDES}
        name = self.settings.get("client.name")
        client = End(
            *(contexts["client"], pipes["client"], pipes["server"]),
            server_hostname=name,
            session=session,
        )
        server = End(contexts["server"], pipes["server"], pipes["client"], server_side=True)
        # Either has an end after a few turns: who is done or has failed leaves the other nothing
        # to wait for.
        for turn in range(40):
            end = (client, server)[turn % 2]
            if end.handshake is None:
                end.take("handshake", end.tls.do_handshake)
                if end.handshake not in (None, "TLSW_OK"):
                    end.cut()
        self.talk(client, server)
        return client, server

    def talk(self, client, server):
        def hear(end, text):
            heard = end.take("talk", end.tls.read, 64)
            assert heard in (None, text), heard

        if server.handshake == "TLSW_OK":
            server.take("talk", server.tls.write, HELLO["server"])
        if client.handshake == "TLSW_OK":
            hear(client, HELLO["server"])
            if client.talk == "TLSW_OK":
                client.take("talk", client.tls.write, HELLO["client"])
        if server.talk == "TLSW_OK":
            hear(server, HELLO["client"])

    def part(self, client, server):
        if client.talk != "TLSW_OK" or server.talk != "TLSW_OK":
            return
        client.take("goodbye", client.tls.unwrap)
        if server.take("end", server.tls.read, 1) == b"":
            server.end = "TLSW_CLOSED"
        server.cut()
        client.take("end", client.tls._sslobj.read, 1)

    def observe(self):
        contexts = {side: self.context(side, self.settings.get(f"{side}.cert")) for side in SIDES}
        self.choose_by_name(contexts["server"])
        session = None
        if "resume" in self.settings:
            session = self.connect(contexts)[0].tls.session
        ends = dict(zip(SIDES, self.connect(contexts, session)))
        self.part(*ends.values())
        for side, end in ends.items():
            self.tell(side, end)
        if all(end.handshake == "TLSW_OK" for end in ends.values()):
            self.tell_secrets(ends)

    # ---- What is printed ----

    def put(self, key, value):
        print(self.name, key, "-" if value in (None, "") else value, sep="\t")

    def tell(self, side, end):
        def put(key, value):
            self.put(f"{side}.{key}", value)

        self.tell_outcome(put, "handshake", end)
        if end.handshake == "TLSW_OK":
            self.tell_outcome(put, "talk", end)
        if end.end is not None:
            put("end", end.end)
        cipher, group = end.tls.cipher(), lib.get_group(end.handle)
        put("version", end.tls.version())
        put("cipher", cipher and cipher[0])
        put("group", group and group.decode())
        put("alpn", end.tls.selected_alpn_protocol())
        put("resumed", int(bool(end.tls.session_reused)))
        for key, which in (("sent", CHAIN_SENT), ("verified", CHAIN_VERIFIED)):
            put(key, len(self.chain(end, which)))
        put("report", take(lib.get_report_json, end.handle).decode())

    def chain(self, end, which):
        try:
            return end.tls._sslobj._chain(which) or ()
        except ssl.SSLError:
            return ()  # the handshake broke off before there was one

    def tell_outcome(self, put, step, end):
        put(step, getattr(end, step) or "TLSW_WANT_READ")
        error = end.failure.get(step)
        if error is None:
            return
        put(f"{step}.reason", error.reason)
        if step == "handshake":
            failing = getattr(error, "failing_certificate", None)
            put("handshake.verify_error", getattr(error, "verify_code", 0))
            put("handshake.verify_depth", failing[1] if failing else -1)
        put(f"{step}.alert", -1 if error.alert is None else error.alert)
        put(f"{step}.message", error.detail)

    def tell_secrets(self, ends):
        def binding(end, kind):
            return take(lib.get_channel_binding, end.handle, kind.encode())

        def exported(end, label):
            return take(lib.export_keying_material, end.handle, label.encode(), None, 0, 32)

        for kind in ("tls-unique", "tls-server-end-point", "tls-exporter"):
            self.tell_shared(kind, binding, kind, ends)
        self.tell_shared("exported", exported, "EXPORTER-tlswrap-scenarios", ends)

    def tell_shared(self, key, get, what, ends):
        try:
            client, server = (get(ends[side], what) for side in SIDES)
        except ssl.SSLError as error:
            self.put(key, lib.status_name(error.status).decode())
            return
        self.put(key, client and ("equal" if client == server else "differ"))


def main(table, directory):
    warnings.simplefilter("error")
    with open(table, encoding="utf-8") as lines:
        for line in lines:
            if line.strip() and not line.startswith("#"):
                name, settings, _ = line.rstrip("\n").split("\t")
                Scenario(name, settings, directory).observe()


if __name__ == "__main__":
    main(*sys.argv[1:])
