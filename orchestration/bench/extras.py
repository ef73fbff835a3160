"""Tools that a benchmark runs and the product does not: whether they are there, and how they come."""

from importlib.util import find_spec
from typing import Final

RIVALS: Final = ("polars", "pandas")


def missing() -> str:
    """How to install the rivals that are not there, in one sentence; nothing when they are."""
    absent = [name for name in RIVALS if find_spec(name) is None]
    if not absent:
        return ""
    return (
        f"bench rivals: {' and '.join(absent)} {'is' if len(absent) == 1 else 'are'} not installed;"
        " `.venv/bin/python -m pip install --no-deps --require-hashes -r requirements-rivals.lock` does it"
    )
