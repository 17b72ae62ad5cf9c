"""The `_ssl` that comes before the interpreter's own where this directory is on the path."""

import os
import sys

try:
    import tlswrap
except ImportError:
    # Behind all else, so that nothing beside the package gets in the way of others.
    sys.path.append(os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__)))))

import tlswrap._ssl

sys.modules["_ssl"] = tlswrap._ssl
