"""From the archive into raw tables, each file once: its row in ``raw.landed_files`` and its rows in one transaction."""

import tempfile
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date
from pathlib import Path

import duckdb

from connectors.core.protocol import Stream, Unpacked
from connectors.core.registry import source_named, stream_named
from orchestration.landing import Archive, Entry
from orchestration.landing.tables import DECISIONS, RULES, SETTINGS
from orchestration.settings import Settings, SettingsError
from orchestration.warehouse import facts
from orchestration.warehouse.own_files import unpack_own
from orchestration.warehouse.pages import Page, insert_pages
from orchestration.warehouse.parts import insert_part
from orchestration.warehouse.schema import RawTable, own_tables, raw_name, stream_tables
from orchestration.warehouse.targets import Counts, Target, UnloadableError

SCRATCH = ".unpacked"
FILES_PER_GROUP = 200
BYTES_PER_GROUP = 32 << 20
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


@dataclass(slots=True)
class Opened:
    """A job whose file is unpacked. ``refused`` may still be found out while it is loaded."""

    job: Job
    unpacked: Unpacked
    refused: str | None
    counts: dict[str, Counts] = field(default_factory=dict)

    @property
    def rows(self) -> int | None:
        """Rows loaded; None when the entry has no file or its file is refused."""
        if self.job.entry.status != "arrived" or self.refused is not None:
            return None
        return sum(counts.accepted for counts in self.counts.values())

    def named(self, reason: str | None) -> str | None:
        """A reason with the file's own name, not the one it has in the archive."""
        for part in self.unpacked.parts if reason else ():
            reason = reason and reason.replace(part.path.name, self.job.entry.name or part.path.name)
        return reason


class Loader:
    """Loads entries through one connection."""

    def __init__(self, connection: duckdb.DuckDBPyConnection, settings: Settings, archive: Archive) -> None:
        self.connection = connection
        self.settings = settings
        self.archive = archive
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
        if entry.connection in {RULES, SETTINGS, DECISIONS}:
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
        """Load in groups of files, each group in one transaction."""
        number = 0
        for group in groups_of(jobs):
            for item in self._together(group):
                number += 1
                if progress is not None:
                    progress(item.job.entry.name or item.job.entry.stream, number)
                yield item

    def _together(self, group: Sequence[Job]) -> list[Done]:
        """Unpack, then load; a file that turns out to be unreadable undoes the group, and then counts as refused."""
        scratch = self.settings.data_dir / "warehouse" / SCRATCH
        scratch.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryDirectory(prefix="group-", dir=scratch) as folder:
            opened = self._open(group, Path(folder))
            while True:
                self.connection.execute("begin")
                try:
                    self._insert(opened)
                    self._state(opened)
                    self.connection.execute("commit")
                except UnloadableError as error:
                    self.connection.execute("rollback")
                    for item in opened:
                        item.refused = item.refused or item.named(error.reasons.get(item.job.entry.sequence))
                except BaseException:
                    self.connection.execute("rollback")
                    raise
                else:
                    return [Done(item.job, item.counts, item.refused) for item in opened]

    def _open(self, group: Sequence[Job], folder: Path) -> list[Opened]:
        """Unpack each file into a folder of its own; one that stays empty serves the next file too."""
        opened: list[Opened] = []
        workdir = Path(tempfile.mkdtemp(dir=folder))
        for job in group:
            unpacked = self._unpack(job, workdir) if job.entry.status == "arrived" else Unpacked()
            opened.append(Opened(job, unpacked, unpacked.refused))
            if any(workdir.iterdir()):
                workdir = Path(tempfile.mkdtemp(dir=folder))
        return opened

    def _unpack(self, job: Job, workdir: Path) -> Unpacked:
        path = self.archive.path_of(job.entry)
        if job.stream is None:
            try:
                return unpack_own(job.entry, path, workdir, next(iter(job.tables.values())).columns)
            except SettingsError as error:
                return Unpacked(refused=str(error))
        connection = self.settings.connection(job.entry.connection).without_secrets()
        return job.stream.unpack(path, job.entry.suffix, workdir, connection, job.entry.name)

    def _insert(self, opened: Sequence[Opened]) -> None:
        """All parts of all files that are not refused. Pages of one kind go in together."""
        together: dict[tuple[str, str, int], list[tuple[Opened, Page]]] = {}
        for item in opened:
            item.counts = {}
            sequence, day = item.job.entry.sequence, item.job.entry.local_day
            for part in item.unpacked.parts if item.refused is None else ():
                raw = item.job.tables[part.table]
                if part.kind == "json" and not part.lines:
                    place = (raw.table, part.items, part.first_row)
                    together.setdefault(place, []).append((item, Page(part, sequence, day)))
                    continue
                target = Target(self.connection, sequence, day, raw, raw.table in item.counts)
                item.counts[raw.table] = item.counts.get(raw.table, Counts()).plus(insert_part(target, part))
        for (table, _, _), found in together.items():
            raw = next(raw for raw in found[0][0].job.tables.values() if raw.table == table)
            counts = insert_pages(self.connection, raw, [page for _, page in found])
            for item, page in found:
                item.counts[table] = item.counts.get(table, Counts()).plus(counts[page.file_id])

    def _state(self, opened: Sequence[Opened]) -> None:
        """The facts of the files themselves."""
        zone = self.settings.timezone
        arrived = [item for item in opened if item.job.entry.status == "arrived"]
        landed = [facts.landed(item.job.entry, zone, item.rows, item.refused) for item in opened]
        statements = [
            row
            for item in arrived
            for row in facts.stated(item.job.entry, item.unpacked.statements, refused=item.refused is not None)
        ]
        pending = [{"file_id": item.job.entry.sequence, "landed_on": item.job.entry.day} for item in arrived]
        facts.write(self.connection, "landed_files", facts.LANDED, landed)
        facts.write(self.connection, "statements", facts.STATED, statements)
        facts.write(self.connection, "pending_files", facts.PENDING, pending)


def groups_of(jobs: Sequence[Job]) -> Iterator[list[Job]]:
    """Consecutive jobs, limited in number and in bytes."""
    group: list[Job] = []
    size = 0
    for job in jobs:
        if group and (len(group) == FILES_PER_GROUP or size + job.entry.size > BYTES_PER_GROUP):
            yield group
            group, size = [], 0
        group.append(job)
        size += job.entry.size
    if group:
        yield group


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
