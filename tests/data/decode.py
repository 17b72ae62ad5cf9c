#!/usr/bin/env python3
"""What CPython makes of certificates: the measure for tlsw_cert_json.

    decode.py PATH...

Prints one line for each certificate of the PEM files named, in their order; a directory stands for
its *.pem files, sorted by name. A line is the dictionary of getpeercert() as
json.dumps(..., ensure_ascii=False) prints it, or null where CPython raises or where JSON has nothing
for what it gives (the bytes of a BIT STRING in a name). The names of attributes are those of the
OpenSSL that Python runs on, which should be 3.0 or newer.
"""

import json
import os
import re
import ssl
import sys
import tempfile
import warnings

BLOCK = re.compile(
    rb"^-----BEGIN ((?:X509 |TRUSTED )?CERTIFICATE)-----[ \r]*\n.*?^-----END \1-----[ \r]*$",
    re.MULTILINE | re.DOTALL,
)


def files(paths):
    for path in paths:
        if os.path.isdir(path):
            names = sorted(name for name in os.listdir(path) if name.endswith(".pem"))
            yield from (os.path.join(path, name) for name in names)
        else:
            yield path


def decode(path):
    """getpeercert() without a connection: the helper that CPython's own tests use."""
    try:
        return json.dumps(ssl._ssl._test_decode_cert(path), ensure_ascii=False)
    except (ssl.SSLError, ValueError, SystemError, TypeError):
        return "null"


def main():
    warnings.simplefilter("ignore")
    with tempfile.TemporaryDirectory() as directory:
        one = os.path.join(directory, "one.pem")
        for path in files(sys.argv[1:]):
            with open(path, "rb") as file:
                text = file.read()
            for block in BLOCK.finditer(text):
                with open(one, "wb") as file:
                    file.write(block[0] + b"\n")
                print(decode(one))


if __name__ == "__main__":
    sys.stdout.reconfigure(encoding="utf-8")
    main()
