"""Run by Python at its start where this directory is on the path: tlswrap for this process and its
children; then the sitecustomize that this one hides."""

import importlib.util
import os
import sys

_here = os.path.dirname(os.path.abspath(__file__))


def _start():
    try:
        from tlswrap import _install
    except ImportError:
        sys.path.append(os.path.dirname(os.path.dirname(_here)))
        from tlswrap import _install
    _install.start()


def _hidden():
    """Runs the next sitecustomize on the path."""
    from importlib.machinery import PathFinder

    others = [entry for entry in sys.path if os.path.abspath(entry) != _here]
    spec = PathFinder.find_spec("sitecustomize", others)
    if spec is not None and spec.loader is not None:
        module = importlib.util.module_from_spec(spec)
        sys.modules["sitecustomize"] = module
        spec.loader.exec_module(module)


_start()
_hidden()
