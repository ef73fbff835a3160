"""Whole runs in folders of their own: started, watched, killed; and what they published, compared row by row."""

import os
import shutil
import signal
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from pathlib import Path
from zoneinfo import ZoneInfo

import odd_spreadsheets

from tests.support import published

SETTINGS = Path(__file__).parents[2] / "tieout.sandbox.toml"
FIRST, LAST = date(2026, 9, 26), date(2026, 9, 28)
AS_OF = "2026-09-29T10:30:00+08:00"
ZONE = ZoneInfo("Asia/Shanghai")
OF_RUNS = frozenset({"run_status", "run_ledger", "changes"})
OF_RECEIPT = frozenset({"known_from", "known_to"})
OF_RECEIPT_DAY = frozenset(
    {"first_seen_on", "last_seen_on", "matched_on", "cleared_on", "days_open", "at", "received_on"}
)
Content = Mapping[str, Counter[tuple[str, ...]]]


@dataclass(frozen=True)
class Ran:
    """One command that came to its end."""

    code: int
    output: str
    seconds: float


def shop(folder: Path, like: Path | None = None) -> Path:
    """The default merchant, smaller, with a corner shop beside it whose spreadsheets are full of mistakes.

    ``like``: another folder whose keys and spreadsheets this one has too, so that it receives the same bytes.
    """
    text = SETTINGS.read_text(encoding="utf-8").replace("orders_per_day = 2000", "orders_per_day = 60")
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "tieout.toml").write_text(text + odd_spreadsheets.SETTINGS, encoding="utf-8")
    if like is None:
        odd_spreadsheets.write(folder / "inbox" / "corner")
    else:
        for part in ("data/keys", "data/sandbox", "inbox/corner"):
            shutil.copytree(like / part, folder / part)
    return folder


def days(first: date = FIRST, last: date = LAST) -> tuple[str, ...]:
    """The arguments of a run over these days, always as of the same moment."""
    return ("run", "--from", first.isoformat(), "--to", last.isoformat(), "--as-of", AS_OF)


def tieout(folder: Path, *arguments: str, timeout_seconds: int = 600) -> Ran:
    started = time.monotonic()
    done = subprocess.run(
        [sys.executable, "-m", "orchestration.cli", *arguments],
        cwd=folder,
        capture_output=True,
        text=True,
        timeout=timeout_seconds,
        check=False,
    )
    output = f"{done.stdout}\n{done.stderr}"
    sys.stdout.write(output[-4000:])
    return Ran(done.returncode, output, time.monotonic() - started)


def kill_when(folder: Path, reached: Callable[[], bool], *arguments: str, timeout_seconds: int = 600) -> None:
    """Start a command and kill -9 all of it as soon as it has reached a point."""
    log = folder / "killed.log"
    with log.open("wb") as out:
        process = subprocess.Popen(
            [sys.executable, "-m", "orchestration.cli", *arguments],
            cwd=folder,
            stdout=out,
            stderr=subprocess.STDOUT,
            start_new_session=True,
        )
        until = time.monotonic() + timeout_seconds
        try:
            while not reached():
                assert process.poll() is None, f"ended before it could be killed: {log.read_text()[-2000:]}"
                assert time.monotonic() < until, "never got there"
                time.sleep(0.001)
        finally:
            os.killpg(process.pid, signal.SIGKILL)
            process.wait()


def content(folder: Path, ignoring: Collection[str] = ()) -> Content:
    """Every published table that is not about runs, as a bag of rows."""
    with published(folder) as con:
        tables = con.execute(
            """
            select table_name, list(column_name order by column_index) from duckdb_columns()
            where schema_name = 'marts' group by table_name order by table_name
            """
        ).fetchall()
        found = {}
        for table, columns in tables:
            kept = ", ".join(f'"{column}"' for column in columns if column not in ignoring)
            if table not in OF_RUNS:
                found[table] = Counter(
                    tuple(map(str, row)) for row in con.execute(f"select {kept} from marts.{table}").fetchall()
                )
        return found


def differences(one: Content, other: Content) -> dict[str, tuple[list[tuple[str, ...]], list[tuple[str, ...]]]]:
    """Per table that differs: some rows of only the one, some of only the other."""
    found = {}
    for table in sorted({*one, *other}):
        left, right = one.get(table, Counter()), other.get(table, Counter())
        if left != right:
            found[table] = (list((left - right).elements())[:3], list((right - left).elements())[:3])
    return found


def differences_of_folders(one: Path, other: Path) -> dict[str, tuple[list[tuple[str, ...]], list[tuple[str, ...]]]]:
    """Two folders that received the same at different moments; after a midnight between them also on other days."""
    ignoring = set(OF_RECEIPT)
    stamps = {datetime.fromtimestamp((folder / "tieout.toml").stat().st_mtime, ZONE).date() for folder in (one, other)}
    if {datetime.now(ZONE).date()} != stamps:
        ignoring |= OF_RECEIPT_DAY | {"day"}
    found = [content(folder, ignoring) for folder in (one, other)]
    return differences(*found)


def run_ids(folder: Path) -> list[str]:
    """The runs that the snapshot tells of, oldest first."""
    with published(folder) as con:
        return [row[0] for row in con.execute("select run_id from marts.run_ledger order by sequence").fetchall()]


def landing(folder: Path) -> Callable[[], bool]:
    """Reached when some answers of this run are archived and others are still to come."""
    manifest = folder / "data" / "landing" / "manifest.jsonl"
    before = manifest.read_bytes().count(b"\n") if manifest.exists() else 0
    return lambda: manifest.exists() and manifest.read_bytes().count(b"\n") >= before + 3


def loading(folder: Path) -> Callable[[], bool]:
    """Reached when files are unpacked for the raw tables."""
    scratch = folder / "data" / "warehouse" / ".unpacked"
    left = set(scratch.glob("group-*"))
    return lambda: bool(set(scratch.glob("group-*")) - left)


def building(folder: Path) -> Callable[[], bool]:
    """Reached when dbt is at the models that match."""
    started = time.time_ns()
    models = folder / "data" / "dbt_target" / "run" / "tieout" / "models" / "matching"
    return lambda: any(path.stat().st_mtime_ns > started for path in models.glob("*.sql"))


def publishing(folder: Path) -> Callable[[], bool]:
    """Reached when the next snapshot is being written."""
    return (folder / "data" / "published" / ".tieout.duckdb.new").exists


PHASES = {"landing": landing, "loading": loading, "building": building, "publishing": publishing}
