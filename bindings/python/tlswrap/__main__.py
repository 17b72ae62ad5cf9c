"""python -m tlswrap: runs a program with `ssl` on tlswrap, and the Python programs it starts."""

import os
import runpy
import sys
import types

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
    if first == "-m":
        sys.argv = rest
        runpy.run_module(rest[0], run_name="__main__", alter_sys=True)
    elif first == "-c":
        sys.argv = ["-c", *rest[1:]]
        # As `python -c` has it: nothing of ours among its names.
        module = sys.modules["__main__"] = types.ModuleType("__main__")
        exec(compile(rest[0], "<string>", "exec"), module.__dict__)
    else:
        sys.argv = arguments
        sys.path[0] = os.path.dirname(os.path.abspath(first))
        runpy.run_path(first, run_name="__main__")
    return 0


if __name__ == "__main__":
    sys.exit(main())
