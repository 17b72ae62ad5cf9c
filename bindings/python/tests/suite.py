"""suite.py TEST [OPTIONS...]: runs a suite of CPython's own on tlswrap, and says at the end how many
TLS handshakes there were, so that a suite that never came to TLS is not taken for a proof.

Run by run.py, as `python -m tlswrap suite.py`.
"""

import atexit
import os
import runpy
import ssl
import sys

import tlswrap
from tlswrap._native import lib

if not tlswrap.installed() or ssl._ssl.__name__ != "tlswrap._ssl":
    sys.exit("suite.py: this is not tlswrap")

handshakes = 0
original = lib.conn_handshake


def counted(*arguments):
    global handshakes
    status = original(*arguments)
    handshakes += status == 0
    return status


lib.conn_handshake = counted


def told(process=os.getpid()):
    if os.getpid() == process:
        print(f"tlswrap: {handshakes} handshakes", file=sys.stderr, flush=True)


atexit.register(told)
sys.argv = ["test", *sys.argv[1:]]
runpy.run_module("test", run_name="__main__", alter_sys=True)
