"""Opening DuckDB files: limits set, nothing from the network, a clear sentence when another process holds one."""

import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import duckdb

LOAD_MEMORY = "1GB"


class WarehouseError(Exception):
    """The warehouse or the snapshot cannot be used; the message says what to do."""


@contextmanager
def connect(
    path: Path, *, read_only: bool = False, ordered: bool = False, memory: str = LOAD_MEMORY
) -> Iterator[duckdb.DuckDBPyConnection]:
    """An open connection that is closed, and so checkpointed, at the end. ``ordered``: keep the order of files."""
    if read_only and not path.exists():
        raise WarehouseError(f"{path} does not exist yet; do a `tieout run` first")
    path.parent.mkdir(parents=True, exist_ok=True)
    config: dict[str, str | bool | int | float | list[str]] = {
        "memory_limit": memory,
        "threads": min(2, os.cpu_count() or 1),
        "preserve_insertion_order": ordered,
        "temp_directory": str(path.parent / ".spill"),
        "autoinstall_known_extensions": False,
        "autoload_known_extensions": False,
    }
    try:
        connection = duckdb.connect(str(path), read_only=read_only, config=config)
    except duckdb.IOException as error:
        if "lock" not in str(error):
            raise
        raise WarehouseError(f"{path} is open in another process; wait for that run to end, or stop it") from None
    connection.execute("load icu")
    connection.execute("set TimeZone = 'UTC'")
    connection.execute("set enable_progress_bar = false")  # the engine would draw it on stdout, between our own lines
    try:
        yield connection
    finally:
        connection.close()


def name(identifier: str) -> str:
    """An identifier, quoted."""
    return '"' + identifier.replace('"', '""') + '"'


def text(value: str | None) -> str:
    """A text literal, quoted; None is null."""
    return "null" if value is None else "'" + value.replace("'", "''") + "'"
