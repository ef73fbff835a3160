"""What several suites share: the command line run in a folder, and the published snapshot read like any reader would."""

import os
import random
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import duckdb

from connectors.core.protocol import Canonical, Connection, Stream, Unpacked

FUZZ_SECONDS = float(os.environ.get("FUZZ_SECONDS", "10"))
SLOW_SECONDS = 5.0
SPICES = (
    b"\x00",
    b"\xff\xfe",
    b'"',
    b",",
    b"\t",
    b"\r",
    b"\n",
    b"-",
    b"E+17",
    b"9" * 40,
    "，".encode(),
    b"<!DOCTYPE x [",
    b"{",
)


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


def run_at(folder: Path, as_of: str) -> int:
    """A run for the day before a moment only: what lies in folders comes in whatever its days, and each costs time."""
    day = (datetime.fromisoformat(as_of).date() - timedelta(days=1)).isoformat()
    return tieout(folder, "run", "--from", day, "--to", day, "--as-of", as_of)


@contextmanager
def published(folder: Path) -> Iterator[duckdb.DuckDBPyConnection]:
    """The published snapshot of a folder, opened read-only."""
    con = duckdb.connect(str(folder / "data" / "published" / "tieout.duckdb"), read_only=True)
    try:
        yield con
    finally:
        con.close()


def asked(folder: Path, sql: str) -> list[tuple[Any, ...]]:
    """What the published snapshot of a folder answers."""
    with published(folder) as con:
        return con.execute(sql).fetchall()


def fuzz(
    stream: Stream,
    seeds: Sequence[bytes],
    connection: Connection,
    folder: Path,
    *,
    suffix: str,
    check: Callable[[bytes, Unpacked, Canonical], None] | None = None,
    readers: int = 1,
) -> int:
    """Feed damaged files to a reader: each is refused with a reason or read to its end, in time. Returns how many.

    ``readers``: how many streams of one parser share its time.
    """
    dice = random.Random(20261127)  # noqa: S311 - the same damage each time
    until, tried = time.monotonic() + FUZZ_SECONDS / readers, 0
    while time.monotonic() < until:
        body = damaged(dice, dice.choice(seeds))
        path = folder / f"fuzzed.{suffix}"
        path.write_bytes(body)
        started = time.monotonic()
        unpacked = stream.unpack(path, suffix, folder, connection, path.name)
        canonical = Canonical() if unpacked.refused else stream.canonical(unpacked, connection)
        assert time.monotonic() - started < SLOW_SECONDS, f"slow on {body[:200]!r}"
        assert unpacked.refused is None or unpacked.refused.strip(), f"refused without a reason: {body[:200]!r}"
        assert not unpacked.refused or not unpacked.parts, f"refused, and parts all the same: {body[:200]!r}"
        if check is not None:
            check(body, unpacked, canonical)
        tried += 1
    assert tried > 0
    return tried


def damaged(dice: random.Random, body: bytes) -> bytes:
    """One to four kinds of damage that happen to files, and some that only malice does."""
    for _ in range(dice.randint(1, 4)):
        at = dice.randrange(len(body) + 1)
        size = dice.choice((1, 2, 7, 60, 600))
        kind = dice.randrange(7)
        if kind == 0:
            body = body[:at]
        elif kind == 1:
            body = body[:at] + body[at + size :]
        elif kind == 2:
            body = body[: at + size] + body[at:]
        elif kind == 3:
            body = body[:at] + bytes(dice.randrange(256) for _ in range(min(size, 9))) + body[at:]
        elif kind == 4:
            body = body[:at] + dice.choice(SPICES) * dice.choice((1, 3, 50)) + body[at:]
        elif kind == 5:
            lines = body.split(b"\n")
            dice.shuffle(lines)
            body = b"\n".join(lines)
        else:
            body = body[:at] + body[at : at + size][::-1] + body[at + size :]
    return body
