"""Classes that stand where CPython has static C types, whose attributes cannot be changed."""

_sealed = set()


class Sealed(type):
    """The class of those classes. What is derived from them, as ssl.SSLContext, stays open."""

    def __setattr__(cls, name, value):
        if cls in _sealed:
            raise TypeError(
                f"cannot set {name!r} attribute of immutable type "
                f"'{cls.__module__}.{cls.__qualname__}'"
            )
        super().__setattr__(name, value)

    def __delattr__(cls, name):
        if cls in _sealed:
            raise TypeError(
                f"cannot delete {name!r} attribute of immutable type "
                f"'{cls.__module__}.{cls.__qualname__}'"
            )
        super().__delattr__(name)


def seal(*classes, module="_ssl"):
    """Gives the classes the module they are known by, and closes them."""
    for cls in classes:
        cls.__module__ = module
        _sealed.add(cls)
