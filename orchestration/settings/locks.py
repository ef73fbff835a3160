"""An operating-system lock on a file: it frees itself when its holder dies, however that happens."""

import fcntl
import os
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

POLL_SECONDS = 0.1


class Busy(Exception):  # noqa: N818 - it is a state, not a fault
    """Another living process holds the lock."""


@contextmanager
def hold(path: Path, wait_seconds: float | None = 0) -> Iterator[None]:
    """Hold ``path`` exclusively; ``None`` waits for ever, 0 not at all. Raises Busy when the time is up."""
    path.parent.mkdir(parents=True, exist_ok=True)
    descriptor = os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
    try:
        _take(descriptor, path, wait_seconds)
        yield
    finally:
        os.close(descriptor)


def _take(descriptor: int, path: Path, wait_seconds: float | None) -> None:
    if wait_seconds is None:
        fcntl.flock(descriptor, fcntl.LOCK_EX)
        return
    until = time.monotonic() + wait_seconds
    while True:
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            if time.monotonic() >= until:
                raise Busy(f"{path} is held by another running tieout process; wait for it or stop it") from None
            time.sleep(POLL_SECONDS)
        else:
            return
