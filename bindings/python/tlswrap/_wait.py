"""Waiting for a socket, with signals handled meanwhile."""

import select
from time import monotonic

try:
    from select import POLLIN, POLLOUT, poll
except ImportError:  # Windows
    POLLIN, POLLOUT = 1, 4
    poll = None


def wait(fd, event, deadline):
    """Waits until `fd` is ready for `event` (POLLIN, POLLOUT). False if the time is over before;
    no deadline is None."""
    if deadline is None:
        left = None
    else:
        left = deadline - monotonic()
        if left <= 0:
            return False
    if poll is None:
        readers, writers = ([fd], []) if event == POLLIN else ([], [fd])
        return any(select.select(readers, writers, writers, left))
    poller = poll()
    poller.register(fd, event)
    # In whole milliseconds, and never too early.
    return bool(poller.poll(None if left is None else int(left * 1000) + 1))
