"""TLS for Python on tlswrap: the standard library's `ssl`, with another engine under it.

    python -m tlswrap [-m MODULE | SCRIPT | -c CODE] [ARGUMENTS...]

runs a program with it; `tlswrap.install()`, called before anything imports `ssl`, does so from
code. Certificate chains of the peer are what tlswrap began with: `tlswrap.peer_chain`.
"""

from ._install import install, installed

__all__ = [
    "get_unverified_chain",
    "get_verified_chain",
    "install",
    "installed",
    "library_path",
    "peer_chain",
    "version",
]

__version__ = "0.1.0"


def version():
    """The version of the library that is used."""
    from ._native import lib

    return lib.version().decode()


def library_path():
    """Where the library that is used was found."""
    from ._native import lib

    return lib.path


def peer_chain(connection, verified=True):
    """The peer's certificates as DER, its own first, of an ssl.SSLSocket, an ssl.SSLObject or
    anything that has one (an asyncio transport or writer, a urllib3 or http.client connection).

    `verified`: the chain that was built and verified, up to the trust anchor; else the chain as
    the peer sent it, to look at and not to trust. Empty where there is none: without a certificate,
    and the verified one also where nothing was verified or a session was resumed.
    """
    from ._peer import peer_chain

    return peer_chain(connection, verified)


def get_verified_chain(connection):
    """peer_chain(connection): the name and the answer of SSLSocket.get_verified_chain in Python 3.13."""
    return peer_chain(connection, verified=True)


def get_unverified_chain(connection):
    """peer_chain(connection, verified=False): as SSLSocket.get_unverified_chain in Python 3.13."""
    return peer_chain(connection, verified=False)
