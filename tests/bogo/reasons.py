"""reasons.py BORINGSSL: prints a C table of the names that BoringSSL has for its errors, by the
numbers of its libraries and theirs in them."""

import pathlib
import re
import sys

boringssl = pathlib.Path(sys.argv[1])
header = (boringssl / "include/openssl/err.h").read_text(encoding="utf-8")
# The names of the libraries stand one after the other, the first with its number.
libraries = re.findall(r"^  ERR_LIB_(\w+)(?: = 1)?,$", header, re.M)
assert libraries[:2] == ["NONE", "SYS"], "the list of libraries in err.h has another form"

print("enum { ANY_LIBRARY = -1 };")
print("static const struct {\n  int library, number;\n  const char *name;\n} REASONS[] = {")
for path in sorted((boringssl / "crypto/err").glob("*.errordata")):
    for line in path.read_text(encoding="utf-8").splitlines():
        library, number, name = line.split(",")
        print(f'  {{{libraries.index(library) + 1}, {number}, "{name}"}},')
# Those that every library may use.
for name, number in re.findall(r"^#define (ERR_R_\w+) \((\d+) \| ERR_R_FATAL\)$", header, re.M):
    print(f'  {{ANY_LIBRARY, {int(number) | 64}, "{name}"}},')
print("};")
