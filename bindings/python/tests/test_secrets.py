"""No text that a program may log has a piece of a key or of a password."""

import os
import tempfile
import traceback
import unittest

from support import client_context, file, in_memory, pair, server_context, ssl

PASSWORD = "open sesame 12345"
WINDOW = 8


def read(name):
    with open(file(name), encoding="ascii") as opened:
        return opened.read()


def pieces(pem):
    body = "".join(line for line in pem.splitlines() if not line.startswith("-----"))
    return {body[i : i + WINDOW] for i in range(len(body) - WINDOW + 1)} | {PASSWORD}


def mangled(pem):
    return [
        pem,
        pem.replace("\n", " "),
        pem.replace("\n", ""),
        pem.replace("\n", "\\n"),
        pem.replace("\n", "", 1),
        pem[: len(pem) // 2],
        pem.replace("BEGIN", "BEGIN\n"),
        pem.replace("PRIVATE", "PRIVAT"),
        "".join(line for line in pem.splitlines() if not line.startswith("-----")),
    ]


class Secrets(unittest.TestCase):
    def secret(self, text, parts):
        joined = text.replace(" ", "")
        told = [part for part in parts if part in text or part in joined]
        self.assertEqual(told, [], text)

    def texts(self, error):
        yield from (str(error), repr(error), repr(error.args), repr(vars(error)))
        yield str(getattr(error, "detail", ""))
        # The lines of this file that a traceback quotes are no values.
        yield "".join(traceback.format_exception_only(type(error), error))

    def test_damaged_keys(self):
        wrong = 0
        with tempfile.TemporaryDirectory() as directory:
            path = os.path.join(directory, "file.pem")
            chain = file("localhost.chain.pem")
            for name in ("localhost.key.pem", "rsa.key.pem", "encrypted.key.pkcs8.pem"):
                pem = read(name)
                parts = pieces(pem)
                for text in mangled(pem):
                    with open(path, "w", encoding="ascii") as written:
                        written.write(text)
                    for act in (
                        lambda c: c.load_cert_chain(chain, path, PASSWORD),
                        lambda c: c.load_cert_chain(chain, path, lambda: PASSWORD),
                        lambda c: c.load_cert_chain(path, password=PASSWORD),
                        lambda c: c.load_verify_locations(path),
                        lambda c: c.load_verify_locations(cadata=text),
                        # The contents where the name of the file belongs.
                        lambda c: c.load_cert_chain(chain, text, PASSWORD),
                        lambda c: c.load_cert_chain(text, path, PASSWORD),
                        lambda c: c.load_cert_chain(text.encode(), password=PASSWORD),
                        lambda c: c.load_verify_locations(text),
                        lambda c: c.load_dh_params(text),
                        lambda c: ssl.PEM_cert_to_DER_cert(text),
                    ):
                        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
                        try:
                            act(context)
                        except Exception as error:
                            wrong += 1
                            for said in self.texts(error):
                                self.secret(said, parts)
                        self.secret(repr(context), parts)
        self.assertGreater(wrong, 200)

    def test_a_refusal_names_no_key_that_stood_for_a_directory(self):
        pem = read("rsa.key.pem")
        client = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
        client.load_verify_locations(capath=pem)
        with self.assertRaises(ssl.SSLCertVerificationError) as caught:
            in_memory(client=client)
        for said in self.texts(caught.exception):
            self.secret(said, pieces(pem))

    def test_passwords(self):
        parts = {PASSWORD, "sesame", "12345"}
        pair_of_files = file("encrypted.chain.pem"), file("encrypted.key.pkcs8.pem")
        for password in (
            PASSWORD,
            PASSWORD.encode(),
            bytearray(PASSWORD.encode()),
            lambda: PASSWORD,
            PASSWORD * 100,
            lambda: PASSWORD * 100,
            lambda: [PASSWORD],
            [PASSWORD],
            lambda: "\udcff" + PASSWORD,
        ):
            context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
            with self.assertRaises(Exception) as caught:
                context.load_cert_chain(*pair_of_files, password)
            error = caught.exception
            if isinstance(error, UnicodeEncodeError):
                continue  # the interpreter's own, of a text of the program's own
            for said in self.texts(error):
                self.secret(said, parts)

    def test_objects(self):
        parts = pieces(read("localhost.key.pem"))
        server = server_context()
        client, accepted = pair(server=server)
        with client, accepted:
            for thing in (server, client, accepted, client._sslobj, client_context(), client.session):
                self.secret(repr(thing), parts)


if __name__ == "__main__":
    unittest.main()
