"""Finding the TLS connection in what programs hold, and asking it for its peer's chain."""

from ._certificate import ENCODING_DER
from ._socket import _SSLSocket


def _engine(thing):
    """The _SSLSocket inside `thing`."""
    seen = 0
    while thing is not None and seen < 8:
        if isinstance(thing, _SSLSocket):
            return thing
        seen += 1
        inner = getattr(thing, "_sslobj", None)
        if inner is None:
            inner = _extra(thing)
        if inner is None:
            inner = getattr(thing, "sock", None)
        thing = inner
    raise TypeError(
        "this is no TLS connection of tlswrap: pass an ssl.SSLSocket or ssl.SSLObject that is "
        "connected, in a program that runs `ssl` on tlswrap"
    )


def _extra(thing):
    """The SSLObject of an asyncio transport or stream."""
    get = getattr(thing, "get_extra_info", None)
    return get("ssl_object") if callable(get) else None


def peer_chain(connection, verified):
    engine = _engine(connection)
    chain = engine.get_verified_chain() if verified else engine.get_unverified_chain()
    return [certificate.public_bytes(ENCODING_DER) for certificate in chain or ()]
