"""Putting tlswrap where `ssl` looks for its engine, here and in child processes.

Children of the interpreter get two things in their environment: PYTHONPATH begins with a directory
whose `_ssl` is ours, and TLSWRAP_INSTALL tells a .pth file of the installed package to do the same
where PYTHONPATH is not looked at (-E, -I). What has neither would run on the interpreter's own
OpenSSL without a word, so an attempt to start it is an error.

Sub-interpreters have modules of their own and belong to the program, so each begins as the one did
that makes it.
"""

import functools
import importlib.abc
import importlib.util
import os
import sys

_VARIABLE = "TLSWRAP_INSTALL"
_here = os.path.dirname(os.path.abspath(__file__))
_path = os.path.join(_here, "_path")


def installed():
    """Whether `ssl` runs, or will run, on tlswrap."""
    ssl = sys.modules.get("ssl")
    if ssl is not None:
        return getattr(getattr(ssl, "_ssl", None), "__name__", None) == "tlswrap._ssl"
    if "_ssl" in sys.modules:
        return sys.modules["_ssl"].__name__ == "tlswrap._ssl"
    return any(isinstance(finder, _Finder) for finder in sys.meta_path)


def install(children=False):
    """Makes `ssl` run on tlswrap from its import on; also in sub-interpreters made after this.

    Too late once `ssl` was imported, by whatever module: then it is a RuntimeError. `children`: so
    do the Python programs that this one starts; where one cannot, starting it is a RuntimeError.
    """
    ssl = sys.modules.get("ssl")
    if ssl is not None and not installed():
        raise RuntimeError(
            "tlswrap.install() came too late: `ssl` was imported before, and runs on "
            f"{ssl.OPENSSL_VERSION}; call it first, or start the program with `python -m tlswrap`"
        )
    from . import _ssl

    sys.modules["_ssl"] = _ssl
    _reach_interpreters(children)
    if children:
        inherit()


class _Finder(importlib.abc.MetaPathFinder):
    """Finds `_ssl` at its first import, so that programs that never use it need not pay for it."""

    def find_spec(self, name, path=None, target=None):
        if name == "_ssl":
            return importlib.util.spec_from_file_location(name, os.path.join(_path, "_ssl.py"))
        return None


def start(children=True):
    """For a process or a sub-interpreter that inherits: what its first lines do."""
    if not installed():
        sys.meta_path.insert(0, _Finder())
    _reach_interpreters(children)
    if children:
        inherit()


# ---- Sub-interpreters ----

_for_children = None

# Leaves no name behind.
_FIRST_LINES = """
try:
    import tlswrap._install
except ImportError:
    __import__("sys").path.append({package!r})
    import tlswrap._install
tlswrap._install.start(children={children})
del tlswrap
"""


def _reach_interpreters(children):
    """Has each sub-interpreter that this one makes run our first lines before any others."""
    global _for_children
    again = _for_children is not None
    _for_children = _for_children or children
    if again:
        return
    try:
        import _interpreters as interpreters
    except ImportError:
        try:
            import _xxsubinterpreters as interpreters  # before Python 3.13
        except ImportError:
            return
    create = interpreters.create

    @functools.wraps(create)
    def created(*arguments, **options):
        number = create(*arguments, **options)
        lines = _FIRST_LINES.format(package=os.path.dirname(_here), children=_for_children)
        failed = interpreters.run_string(number, lines)
        if failed is not None:  # before Python 3.13 it is an exception
            interpreters.destroy(number)
            raise RuntimeError(f"this sub-interpreter would not run on tlswrap: {failed.formatted}")
        return number

    interpreters.create = created


# ---- Children ----

_watching = False


def inherit():
    """Hands tlswrap on to the Python programs that this one starts."""
    global _watching
    os.environ[_VARIABLE] = "1"
    before = os.environ.get("PYTHONPATH")
    if _path not in (before or "").split(os.pathsep):
        os.environ["PYTHONPATH"] = _path + (os.pathsep + before if before else "")
    if not _watching:
        _watching = True
        sys.addaudithook(_watch)


def _watch(event, arguments):
    if event == "subprocess.Popen":
        executable, command, _, environment = arguments
        _refuse_if_lost(executable, command, environment)
    elif event in ("os.exec", "os.posix_spawn"):
        _refuse_if_lost(*arguments)


def _refuse_if_lost(executable, command, environment):
    if isinstance(command, (str, bytes)):  # of Windows
        return
    command = [os.fsdecode(word) for word in command]
    program = os.fsdecode(executable) if executable else command[0]
    if not os.path.basename(program).lower().startswith("python"):
        return
    flags = _flags(command[1:])
    environment = os.environ if environment is None else environment
    if _VARIABLE not in environment and _VARIABLE.encode() not in environment:
        lost = "its environment does not have ours"
    elif "S" in flags and ("E" in flags or "I" in flags):
        lost = "with -S beside -E or -I Python looks nowhere that we can be"
    elif ("E" in flags or "I" in flags) and not _has_pth():
        lost = "with -E or -I it is found only where the package is installed (pip install)"
    else:
        return
    raise RuntimeError(f"this Python program would not run on tlswrap, {lost}: {' '.join(command)}")


def _flags(words):
    """The letters of the options by which a Python program is started."""
    letters = ""
    for word in words:
        if not word.startswith("-") or word in ("-", "--") or word.startswith("--"):
            break
        for letter in word[1:]:
            if letter in "cm":
                return letters
            letters += letter
            if letter in "WX":
                break
    return letters


def _has_pth():
    """Whether the package is installed, with its .pth file."""
    import site

    return any(os.path.exists(os.path.join(d, "tlswrap.pth")) for d in site.getsitepackages())
