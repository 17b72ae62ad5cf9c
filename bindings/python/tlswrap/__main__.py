"""python -m tlswrap: runs a program with `ssl` on tlswrap, and the Python programs it starts."""

import io
import os
import pkgutil
import runpy
import sys
import types
from importlib.machinery import BuiltinImporter, SourceFileLoader

import tlswrap

USAGE = "usage: python -m tlswrap [-m MODULE | SCRIPT | -c CODE] [ARGUMENTS...]"


def main():
    arguments = sys.argv[1:]
    if not arguments or arguments[0] in ("-h", "--help"):
        print(USAGE, file=sys.stdout if arguments else sys.stderr)
        return 0 if arguments else 2
    if arguments[0] in ("-V", "--version"):
        from tlswrap import _ssl

        print(f"tlswrap {tlswrap.version()}, {_ssl.OPENSSL_VERSION}, {tlswrap.library_path()}")
        return 0
    first, *rest = arguments
    if first in ("-m", "-c") and not rest or first.startswith("-") and first not in ("-m", "-c"):
        print(f"tlswrap: {first}: not understood\n{USAGE}", file=sys.stderr)
        return 2
    tlswrap.install(children=True)
    # A module of the program's own, which stays: threads and functions for atexit may outlive us.
    module = sys.modules["__main__"] = types.ModuleType("__main__")
    module.__builtins__ = sys.modules["builtins"]
    module.__loader__ = BuiltinImporter
    if first == "-m":
        sys.argv = rest
        # What `python -m` itself calls. The public run_module makes a module that is gone at its end.
        runpy._run_module_as_main(rest[0])
    elif first == "-c":
        sys.argv = ["-c", *rest[1:]]
        sys.path[0] = ""
        exec(compile(rest[0], "<string>", "exec"), module.__dict__)
    else:
        sys.argv = arguments
        return run_script(first, module)
    return 0


def run_script(path, module):
    """Runs a file, or the `__main__` of a directory or a zip file, as `python PATH` does."""
    absolute = os.path.join(os.getcwd(), path)
    if pkgutil.get_importer(absolute) is not None:
        sys.path[0] = absolute
        runpy._run_module_as_main("__main__", alter_argv=False)
        return 0
    try:
        with io.open_code(absolute) as file:
            source = file.read()
    except OSError as error:
        why = f"[Errno {error.errno}] {error.strerror}"
        print(f"{sys.executable}: can't open file '{absolute}': {why}", file=sys.stderr)
        return 2
    sys.path[0] = os.path.dirname(os.path.realpath(absolute))
    module.__file__ = absolute
    module.__cached__ = None
    module.__loader__ = SourceFileLoader("__main__", absolute)
    exec(compile(source, absolute, "exec"), module.__dict__)
    return 0


if __name__ == "__main__":
    sys.exit(main())
