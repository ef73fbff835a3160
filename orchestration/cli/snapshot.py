"""Opening the published snapshot for looking: read-only, and fenced where foreign SQL runs. No Dagster, no dbt."""

import threading
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

import duckdb

from orchestration.cli.edge import UsageError

MEMORY: Final = "2GB"
READING: Final = frozenset({"SELECT", "EXPLAIN"})


@dataclass(frozen=True, slots=True)
class Rows:
    """A result: column names, rows, and whether the row limit cut it."""

    columns: tuple[str, ...]
    rows: Sequence[tuple[Any, ...]]
    cut: bool


def snapshot_path(data_dir: Path) -> Path:
    """Where readers find the published tables."""
    return data_dir / "published" / "tieout.duckdb"


@contextmanager
def opened(data_dir: Path, time_zone: str, *, fenced: bool = True) -> Iterator[duckdb.DuckDBPyConnection]:
    """A read-only connection to the newest snapshot; ``fenced`` leaves foreign SQL no file, network or settings."""
    path = snapshot_path(data_dir)
    if not path.exists():
        raise UsageError(f"nothing is published yet at {path}: run tieout run first")
    with duckdb.connect(str(path), read_only=True) as connection:
        connection.execute("set TimeZone = $zone", {"zone": time_zone})
        connection.execute("set schema = 'marts'")
        connection.execute("set enable_progress_bar = false")  # it would stand between the lines of --csv and --json
        if fenced:
            for fence in (
                f"set memory_limit = '{MEMORY}'",
                "set autoinstall_known_extensions = false",
                "set autoload_known_extensions = false",
                "set allow_community_extensions = false",
                "set enable_external_access = false",
                "set lock_configuration = true",
            ):
                connection.execute(fence)
        yield connection


def ask_once(connection: duckdb.DuckDBPyConnection, sql: str, limit: int, seconds: float) -> Rows:
    """One reading statement; a longer answer is cut at ``limit`` rows, a longer work stopped after ``seconds``."""
    _check_one_reading_statement(connection, sql)
    timer = threading.Timer(seconds, connection.interrupt)
    timer.daemon = True
    timer.start()
    try:
        connection.execute(sql)
        columns = tuple(column[0] for column in connection.description or ())
        rows = connection.fetchmany(limit + 1)
    except duckdb.InterruptException as error:
        raise UsageError(
            f"the statement took longer than {seconds:g} s and was stopped: narrow it, or raise --timeout"
        ) from error
    except duckdb.Error as error:
        raise UsageError(_one_sentence(error)) from error
    finally:
        timer.cancel()
    return Rows(columns, rows[:limit], len(rows) > limit)


def _check_one_reading_statement(connection: duckdb.DuckDBPyConnection, sql: str) -> None:
    try:
        statements = connection.extract_statements(sql)
    except duckdb.Error as error:
        raise UsageError(_one_sentence(error)) from error
    if len(statements) != 1:
        raise UsageError(f"exactly one statement is allowed, {len(statements)} were given")
    kind = statements[0].type.name
    if kind not in READING:
        raise UsageError(f"only reading statements (select, with, explain, describe, show) are allowed, not {kind}")


def _one_sentence(error: duckdb.Error) -> str:
    """Without the drawing of the place, which is for a shell of its own."""
    return " ".join(str(error).split("\n\nLINE ", maxsplit=1)[0].split())
