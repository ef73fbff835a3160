"""What several suites share: the command line run in a folder, and the published snapshot read like any reader would."""

import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import duckdb


def tieout(folder: Path, *arguments: str, timeout_seconds: int = 900) -> int:
    """Run the command line in a folder of settings; its words are shown where a test fails. Returns the exit code."""
    done = subprocess.run(
        [sys.executable, "-m", "orchestration.cli", *arguments],
        cwd=folder,
        capture_output=True,
        text=True,
        timeout=timeout_seconds,
        check=False,
    )
    sys.stdout.write(done.stdout[-4000:] + done.stderr[-4000:])
    return done.returncode


@contextmanager
def published(folder: Path) -> Iterator[duckdb.DuckDBPyConnection]:
    """The published snapshot of a folder, opened read-only."""
    con = duckdb.connect(str(folder / "data" / "published" / "tieout.duckdb"), read_only=True)
    try:
        yield con
    finally:
        con.close()
