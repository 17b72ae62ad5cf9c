"""Checks what `tlswrap-chain --json` wrote, field by field, for chain_cmd.sh.

    chain_json.py OUTPUT KEY=VALUE... [sent=FILE] [verified_chain=FILE|null]

KEY is a dotted path into the object and VALUE is JSON; FILE holds the certificates, in PEM,
that the list must have in that order. What the standard library's own decoder knows about a
certificate must stand in its object with the same values.
"""

import base64
import hashlib
import json
import ssl
import sys
import tempfile

KEYS = ["host", "port", "protocol", "cipher", "group", "alpn", "verified", "verify_error", "sent", "verified_chain"]
ERROR_KEYS = ["code", "reason", "depth", "subject", "message"]
END = "-----END CERTIFICATE-----\n"


def decoded(pem):
    """The certificate in the shape of getpeercert()."""
    with tempfile.NamedTemporaryFile("w", suffix=".pem") as file:
        file.write(pem)
        file.flush()
        return json.loads(json.dumps(ssl._ssl._test_decode_cert(file.name)))


def check_certificate(cert, pem):
    assert list(cert)[:2] == ["pem", "sha256"], f"keys begin with {list(cert)[:2]}"
    assert cert["pem"] == pem, "another certificate than expected"
    der = base64.b64decode("".join(pem.splitlines()[1:-1]))
    assert cert["sha256"] == hashlib.sha256(der).hexdigest(), "wrong fingerprint"
    for key, value in decoded(pem).items():
        assert cert.get(key) == value, f"{key}: expected {value}, got {cert.get(key)}"


def check_list(certs, path):
    if path == "null":
        assert certs is None, "expected null"
        return
    with open(path) as file:
        pems = [pem + END for pem in file.read().split(END) if pem]
    assert len(certs) == len(pems), f"expected {len(pems)} certificates, got {len(certs)}"
    for cert, pem in zip(certs, pems):
        check_certificate(cert, pem)


def main():
    with open(sys.argv[1], "rb") as file:
        raw = file.read()
    answer = json.loads(raw)
    assert raw == json.dumps(answer).encode() + b"\n", "not the bytes of json.dumps"
    assert list(answer) == KEYS, f"keys are {list(answer)}"
    if answer["verify_error"] is not None:
        assert list(answer["verify_error"]) == ERROR_KEYS, f"keys are {list(answer['verify_error'])}"
    for argument in sys.argv[2:]:
        path, expected = argument.split("=", 1)
        if path in ("sent", "verified_chain"):
            check_list(answer[path], expected)
            continue
        value = answer
        for key in path.split("."):
            value = value[key]
        assert value == json.loads(expected), f"{path}: expected {expected}, got {value!r}"


try:
    main()
except AssertionError as error:
    sys.exit(f"chain_json: {error}")
