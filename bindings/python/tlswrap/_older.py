"""Older Pythons: what their own `_ssl` does otherwise than those of the versions after them. Programs
that run there rely on it, and so do their test_ssl.

Before 3.12, `server_side` is a number, and 1 alone is a server; since then it is what is true.

In 3.9 nothing is deprecated yet. Contexts begin with OP_IGNORE_UNEXPECTED_EOF. A context in the role that
is not its own is refused by the first step of the connection, not when the connection is made.
Where no suites are known to be shared, shared_ciphers() tells the connection's own.
"""

import sys

PYTHON_3_9 = sys.version_info < (3, 10)
PYTHON_3_12 = sys.version_info >= (3, 12)
PYTHON_3_14 = sys.version_info >= (3, 14)
