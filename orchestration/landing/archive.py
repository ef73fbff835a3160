"""The archive: files by digest, the manifest beside them, and the two ways in (pulls and tables of our own)."""

import hashlib
import os
from collections.abc import Mapping, Sequence
from datetime import date, datetime
from pathlib import Path

from connectors.core.protocol import Connection, Source, Stream, Tools
from orchestration.landing.entry import Entry
from orchestration.landing.manifest import ChainReport, Manifest, shifted, sync_folder
from orchestration.landing.pull import LandingReport, Request, pull
from orchestration.landing.tables import land_own_tables
from orchestration.settings import ConnectionSettings, Settings

READ_BYTES = 1 << 20


class Archive:
    """``<data_dir>/landing``. Nothing in it is ever changed or deleted by a run."""

    def __init__(self, data_dir: Path) -> None:
        self.folder = data_dir / "landing"
        self.manifest = Manifest(self.folder / "manifest.jsonl")

    def entries(self) -> Sequence[Entry]:
        """The manifest, in order."""
        return tuple(self.manifest.entries())

    def land(  # noqa: PLR0917 - the door's order is fixed
        self,
        settings: ConnectionSettings,
        source: Source,
        stream: Stream,
        first: date,
        last: date,
        connection: Connection,
        tools: Tools,
        *,
        as_of: datetime | None = None,
        explicit: bool = False,
    ) -> LandingReport:
        """Fetch and archive ``first`` to ``last``; see orchestration.landing.pull."""
        return pull(self, Request(settings, source, stream, first, last, connection, tools, as_of, explicit))

    def land_tables(
        self, settings: Settings, today: date, now: datetime, rules: Mapping[str, bytes] | None = None
    ) -> LandingReport:
        """Archive the rule tables and the settings, as connections ``_rules`` and ``_settings``, where they changed.

        ``rules``: what counts of the rule tables; None: each as it lies.
        """
        return land_own_tables(self, settings, today, now, rules)

    def path_of(self, entry: Entry) -> Path:
        """Where the bytes of an ``arrived`` or ``unchanged`` entry lie."""
        if entry.digest is None:
            raise ValueError(f"entry {entry.sequence} ({entry.status}) has no file")
        return self._folder_of(entry) / f"{entry.digest}.{entry.suffix}"

    def store(self, body: bytes, connection: str, stream: str, day: date, suffix: str) -> str:
        """Write the bytes under their digest, atomically; the same bytes are written once. Returns the digest."""
        digest = hashlib.sha256(body).hexdigest()
        folder = self.folder / connection / stream / day.isoformat()
        target = folder / f"{digest}.{suffix}"
        if target.exists() and target.stat().st_size == len(body):
            return digest
        folder.mkdir(parents=True, exist_ok=True)
        temporary = folder / f".{digest}.{os.getpid()}"
        try:
            with temporary.open("wb") as file:
                file.write(body)
                file.flush()
                os.fsync(file.fileno())
            temporary.replace(target)
        finally:
            temporary.unlink(missing_ok=True)
        return digest

    def append(self, answer: Sequence[Entry]) -> list[Entry]:
        """Make the answer's files survive a power cut, then enter them into the manifest."""
        for folder in {self._folder_of(entry) for entry in answer if entry.status == "arrived"}:
            sync_folder(folder)
        return self.manifest.append(answer)

    def verify(self) -> ChainReport:
        """The chain, then every file's digest; the first break is named."""
        report = self.manifest.verify()
        seen: set[Path] = set()
        for entry in self.manifest.entries() if report.broken_at is None else ():
            if entry.digest is None or (path := self.path_of(entry)) in seen:
                continue
            seen.add(path)
            if not path.exists():
                return shifted(report, f"its file {path} is gone", entry.sequence)
            if file_digest(path) != entry.digest:
                return shifted(report, f"its file {path} was changed", entry.sequence)
        return report

    def _folder_of(self, entry: Entry) -> Path:
        return self.folder / entry.connection / entry.stream / entry.day


def file_digest(path: Path) -> str:
    """SHA-256 of a file of any size."""
    digest = hashlib.sha256()
    with path.open("rb") as file:
        while block := file.read(READ_BYTES):
            digest.update(block)
    return digest.hexdigest()
