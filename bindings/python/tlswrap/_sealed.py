"""Classes that stand where CPython has static C types, whose attributes cannot be changed."""

_sealed = set()
_final = set()


class Sealed(type):
    """The class of those classes. What is derived from them, as ssl.SSLContext, stays open."""

    def __new__(metacls, name, bases, namespace, **keywords):
        for base in bases:
            if base in _final:
                raise TypeError(
                    f"type '{base.__module__}.{base.__qualname__}' is not an acceptable base type"
                )
        return super().__new__(metacls, name, bases, namespace, **keywords)

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


def seal(*classes, module="_ssl", final=False):
    """Gives the classes the module they are known by, and closes them. `final`: nothing can be
    derived from them."""
    for cls in classes:
        cls.__module__ = module
        _sealed.add(cls)
        if final:
            _final.add(cls)


def not_copied(self, protocol=None):
    """The __reduce_ex__ of what owns a handle of the library's: a copy would free it once more."""
    cls = type(self)
    name = f"{cls.__module__}.{cls.__qualname__}" if cls in _sealed else cls.__qualname__
    raise TypeError(f"cannot pickle {name!r} object")


class attribute(property):
    """A property that tells in the words of CPython's C types that it cannot be deleted."""

    def __delete__(self, thing):
        name = f"attribute {self.fget.__name__!r} of {type(thing).__name__!r} objects"
        raise AttributeError(f"{name} cannot be deleted")
