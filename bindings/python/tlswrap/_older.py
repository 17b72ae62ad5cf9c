"""Python 3.9: what its own `_ssl` does otherwise than those of the versions after it. Programs that
run there rely on it, and so does its test_ssl.

Nothing is deprecated yet. Contexts begin with OP_IGNORE_UNEXPECTED_EOF. A context in the role that
is not its own is refused by the first step of the connection, not when the connection is made.
Where no suites are known to be shared, shared_ciphers() tells the connection's own.
"""

import sys

PYTHON_3_9 = sys.version_info < (3, 10)
