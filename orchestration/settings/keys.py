"""Key files: made once, readable by their owner alone."""

import os
import secrets
from collections.abc import Callable
from pathlib import Path

KEY_BYTES = 32


def random_key() -> str:
    """A fresh key of 32 bytes, in hexadecimal digits."""
    return secrets.token_hex(KEY_BYTES)


def read_or_make_key(path: Path, make: Callable[[], str] = random_key) -> str:
    """Return the key in ``path``; make it when there is none. Two processes that make it at once agree."""
    if not path.exists():
        path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        fresh = path.with_name(f".{path.name}.{os.getpid()}")
        descriptor = os.open(fresh, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
        with os.fdopen(descriptor, "w", encoding="ascii") as file:
            file.write(make() + "\n")
            file.flush()
            os.fsync(file.fileno())
        try:
            path.hardlink_to(fresh)
        except FileExistsError:
            pass
        finally:
            fresh.unlink()
    return path.read_text(encoding="ascii").strip()
