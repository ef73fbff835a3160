"""From the archive into raw tables, each file once: its row in ``raw.landed_files`` and its rows in one transaction."""

import shutil
import tempfile
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

import duckdb

from connectors.core.protocol import Statement, Stream, Unpacked
from connectors.core.registry import source_named, stream_named
from orchestration.landing import Archive, Entry
from orchestration.landing.tables import RULES, SETTINGS
from orchestration.settings import Settings, SettingsError
from orchestration.warehouse.own_files import unpack_own
from orchestration.warehouse.parts import insert_part
from orchestration.warehouse.schema import RawTable, own_tables, raw_name, stream_tables
from orchestration.warehouse.targets import Counts, Target, UnloadableError

FILES_PER_COMMIT = 50
Progress = Callable[[str, int], None]
"""Called with a file's name and how many files are done."""


@dataclass(frozen=True, slots=True)
class TableLoad:
    """What one raw table received."""

    table: str
    files: int = 0
    rows: int = 0
    rejected: int = 0
    refused: int = 0
    first_day: date | None = None
    last_day: date | None = None


@dataclass(frozen=True, slots=True)
class LoadReport:
    """What one loading brought, as a whole and by raw table."""

    files: int = 0
    rows: int = 0
    rejected: int = 0
    refused: int = 0
    tables: Mapping[str, TableLoad] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Job:
    """One manifest entry and what reads it."""

    entry: Entry
    stream: Stream | None
    tables: Mapping[str, RawTable]


@dataclass(frozen=True, slots=True)
class Done:
    """What one entry brought."""

    job: Job
    counts: Mapping[str, Counts]
    refused: str | None = None


class UnreadableFile(Exception):  # noqa: N818 - it is what was found, and ends in a refused file
    """An archived file that its connector accepted and the database cannot read."""

    def __init__(self, sequence: int, reason: str) -> None:
        super().__init__(reason)
        self.sequence = sequence
        self.reason = reason


class Loader:
    """Loads entries through one connection."""

    def __init__(self, connection: duckdb.DuckDBPyConnection, settings: Settings, archive: Archive) -> None:
        self.connection = connection
        self.settings = settings
        self.archive = archive
        self._refusals: dict[int, str] = {}
        self._own = {table.table: table for table in own_tables()}

    def jobs(self, tables: Collection[str] | None) -> list[Job]:
        """Entries that are not loaded yet, in the order of the manifest; ``tables`` limits them to those they feed."""
        known = {row[0] for row in self.connection.execute("select file_id from raw.landed_files").fetchall()}
        found: list[Job] = []
        for entry in self.archive.entries():
            if entry.sequence in known:
                continue
            job = self._job(entry)
            if job is not None and (tables is None or any(raw.table in tables for raw in job.tables.values())):
                found.append(job)
        return found

    def _job(self, entry: Entry) -> Job | None:
        """None when the connection is no longer configured: its entries wait until it is again."""
        if entry.connection in {RULES, SETTINGS}:
            raw = self._own.get(raw_name(entry.connection, entry.stream))
            return None if raw is None else Job(entry, None, {entry.stream: raw})
        if all(connection.name != entry.connection for connection in self.settings.connections):
            return None
        source = source_named(entry.source)
        if all(stream.name != entry.stream for stream in source.streams):
            return None
        stream = stream_named(source, entry.stream)
        return Job(entry, stream, stream_tables(entry.source, stream))

    def load(self, jobs: Sequence[Job], progress: Progress | None) -> Iterator[Done]:
        """Load in groups of files; a group that fails is taken file by file, so that one file cannot spoil another."""
        for start in range(0, len(jobs), FILES_PER_COMMIT):
            done = self._together(jobs[start : start + FILES_PER_COMMIT])
            for number, item in enumerate(done, start=start + 1):
                if progress is not None:
                    progress(item.job.entry.name or item.job.entry.stream, number)
                yield item

    def _together(self, group: Sequence[Job]) -> list[Done]:
        """One transaction; a file that turns out to be unreadable undoes it, and then counts as refused."""
        while True:
            self.connection.execute("begin")
            try:
                done = [self._one(job) for job in group]
                self.connection.execute("commit")
            except UnreadableFile as error:
                self.connection.execute("rollback")
                self._refusals[error.sequence] = error.reason
            except BaseException:
                self.connection.execute("rollback")
                raise
            else:
                return done

    def _one(self, job: Job) -> Done:
        if job.entry.status != "arrived":
            self._land(job.entry, None, None)
            return Done(job, {})
        workdir = Path(tempfile.mkdtemp(prefix="tieout-", dir=self._scratch()))
        try:
            unpacked = self._unpack(job, workdir)
            done = Done(job, {}, unpacked.refused or self._refusals.get(job.entry.sequence))
            if done.refused is None:
                done = self._insert(job, unpacked)
        finally:
            shutil.rmtree(workdir, ignore_errors=True)
        self._state(job.entry, unpacked.statements, refused=done.refused is not None)
        rows = None if done.refused else sum(counts.accepted for counts in done.counts.values())
        self._land(job.entry, rows, done.refused)
        pending = "insert into raw.pending_files values (?, ?)"
        self.connection.execute(pending, [job.entry.sequence, job.entry.local_day])
        return done

    def _scratch(self) -> Path:
        folder = self.settings.data_dir / "warehouse" / ".unpacked"
        folder.mkdir(parents=True, exist_ok=True)
        return folder

    def _unpack(self, job: Job, workdir: Path) -> Unpacked:
        path = self.archive.path_of(job.entry)
        if job.stream is None:
            try:
                return unpack_own(job.entry, path, workdir, next(iter(job.tables.values())).columns)
            except SettingsError as error:
                return Unpacked(refused=str(error))
        connection = self.settings.connection(job.entry.connection).without_secrets()
        return job.stream.unpack(path, job.entry.suffix, workdir, connection, job.entry.name)

    def _insert(self, job: Job, unpacked: Unpacked) -> Done:
        """All parts, or none: what cannot be read refuses the whole file."""
        counts: dict[str, Counts] = {}
        for part in unpacked.parts:
            raw = job.tables[part.table]
            target = Target(self.connection, job.entry.sequence, job.entry.local_day, raw, raw.table in counts)
            try:
                counts[raw.table] = counts.get(raw.table, Counts()).plus(insert_part(target, part))
            except UnloadableError as error:
                raise UnreadableFile(job.entry.sequence, str(error)) from error
        return Done(job, counts)

    def _state(self, entry: Entry, statements: Sequence[Statement], *, refused: bool) -> None:
        for index, item in enumerate(statements):
            values = [
                *(entry.sequence, index, entry.source, entry.connection, item.account, item.currency),
                *(item.statement_no, item.day, item.opening_balance, item.closing_balance),
                None if refused else item.row_count,
                *(item.in_sum, item.out_sum, item.stated_row_count, item.stated_in_sum, item.stated_out_sum),
            ]
            marks = ", ".join(["?"] * 7 + ["try_cast(? as date)"] + ["?"] * (len(values) - 8))
            self.connection.execute(f"insert into raw.statements values ({marks})", values)

    def _land(self, entry: Entry, loaded_rows: int | None, refused: str | None) -> None:
        received = datetime.fromisoformat(entry.received_at)
        start, end = entry.window or (None, None)
        stated = entry.stated.get("rows", "")
        values: list[Any] = [
            *(entry.sequence, entry.connection, entry.source, entry.stream, entry.local_day, entry.status),
            *(received.astimezone(UTC), received.astimezone(self.settings.timezone).date(), entry.digest, entry.size),
            *(entry.suffix or None, entry.name or None, entry.error_class, entry.error_code, entry.reason),
            *(int(stated) if stated.isdigit() else None, loaded_rows, refused),
            *(None if edge is None else datetime.fromisoformat(edge) for edge in (start, end)),
        ]
        marks = ", ".join("?" * len(values))
        self.connection.execute(f"insert into raw.landed_files values ({marks})", values)


def report_of(done: Sequence[Done]) -> LoadReport:
    """Counts by table; a refused file counts for every table it would have fed."""
    tables: dict[str, TableLoad] = {}
    rows = rejected = refused = files = 0
    for item in done:
        if item.job.entry.status != "arrived":
            continue
        files += 1
        refused += item.refused is not None
        for raw in item.job.tables.values():
            counts = item.counts.get(raw.table, Counts())
            rows, rejected = rows + counts.accepted, rejected + counts.rejected
            if raw.table not in item.counts and item.refused is None:
                continue
            before = tables.get(raw.table, TableLoad(raw.table))
            day = item.job.entry.local_day
            tables[raw.table] = replace(
                before,
                files=before.files + 1,
                rows=before.rows + counts.accepted,
                rejected=before.rejected + counts.rejected,
                refused=before.refused + (item.refused is not None),
                first_day=min(before.first_day or day, day),
                last_day=max(before.last_day or day, day),
            )
    return LoadReport(files, rows, rejected, refused, tables)
