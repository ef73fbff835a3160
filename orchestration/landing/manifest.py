"""The chained manifest: append whole answers under a lock, read, cut off a torn tail, verify."""

import fcntl
import os
import threading
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path

from orchestration.landing.entry import FIRST, BrokenArchive, Entry


@dataclass(frozen=True, slots=True)
class ChainReport:
    """Whether the chain holds. ``broken_at`` is the first sequence that does not, with the reason."""

    entries: int
    head: str
    broken_at: int | None = None
    reason: str | None = None


class Manifest:
    """A file of one JSON entry a line. Reading follows what other processes append; threads may share it."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self._own = threading.RLock()
        self._entries: list[Entry] = []
        self._by_place: dict[tuple[str, str, str], list[Entry]] = {}
        self._offset = 0
        self._inode = 0

    def entries(self) -> Sequence[Entry]:
        """Every entry of every complete answer, in order."""
        with self._own:
            return tuple(self._read())

    def of_day(self, connection: str, stream: str, day: str) -> Sequence[Entry]:
        """What the manifest says of one day of one stream, without copying the rest."""
        with self._own:
            last = len(self._read())
            return [entry for entry in self._by_place.get((connection, stream, day), ()) if entry.sequence <= last]

    def append(self, answer: Sequence[Entry]) -> list[Entry]:
        """Write one answer behind the last, all of it in one write, synced before returning."""
        if not answer:
            return []
        with self._own, self._locked() as descriptor:
            self._catch_up(descriptor)
            self._cut_tail(descriptor)
            previous = self._entries[-1].hash if self._entries else FIRST
            first = len(self._entries) + 1
            placed: list[Entry] = []
            for place, entry in enumerate(answer):
                placed.append(entry.chained(first + place, first, len(answer), previous))
                previous = placed[-1].hash
            _write_all(descriptor, "".join(entry.line() for entry in placed).encode())
            os.fsync(descriptor)
            self._offset = os.lseek(descriptor, 0, os.SEEK_CUR)
            self._take(placed)
        return placed

    def verify(self) -> ChainReport:
        """Recompute the whole chain from the bytes on disk."""
        previous, count = FIRST, 0
        lines = self.path.read_bytes().splitlines(keepends=True) if self.path.exists() else []
        for line in lines:
            if not line.endswith(b"\n"):
                break
            try:
                entry = Entry.parse(line)
            except ValueError:
                return ChainReport(count, previous, count + 1, "is no manifest entry")
            if entry.sequence != count + 1:
                return ChainReport(count, previous, count + 1, f"carries sequence {entry.sequence}")
            if entry.previous != previous:
                return ChainReport(count, previous, count + 1, "does not name the entry before it")
            if entry.own_hash() != entry.hash:
                return ChainReport(count, previous, count + 1, "was changed after it was written")
            previous, count = entry.hash, entry.sequence
        return ChainReport(count, previous)

    def _read(self) -> Sequence[Entry]:
        if not self.path.exists():
            self._restart()
            return ()
        with self.path.open("rb") as file:
            self._catch_up(file.fileno())
        return self._whole()

    def _restart(self) -> None:
        self._entries, self._offset, self._inode = [], 0, 0
        self._by_place = {}

    def _take(self, entries: Sequence[Entry]) -> None:
        for entry in entries:
            self._entries.append(entry)
            self._by_place.setdefault(entry.place, []).append(entry)

    def _catch_up(self, descriptor: int) -> None:
        state = os.fstat(descriptor)
        if state.st_size < self._offset or (self._inode and state.st_ino != self._inode):
            self._restart()
        self._inode = state.st_ino
        data = os.pread(descriptor, state.st_size - self._offset, self._offset) if state.st_size > self._offset else b""
        for line in data.splitlines(keepends=True):
            if not line.endswith(b"\n"):
                return
            try:
                self._take([Entry.parse(line)])
            except ValueError:
                raise BrokenArchive(
                    f"{self.path}: line {len(self._entries) + 1} is no manifest entry; "
                    "restore the archive from its backup and run `tieout verify`"
                ) from None
            self._offset += len(line)

    def _whole(self) -> Sequence[Entry]:
        """Without an answer whose end was lost in a crash."""
        last = self._entries[-1] if self._entries else None
        if last is None or last.sequence == last.pull + last.pull_size - 1:
            return self._entries
        return self._entries[: last.pull - 1]

    def _cut_tail(self, descriptor: int) -> None:
        """Drop a torn line, or an answer that is not whole: its days are asked for again."""
        kept = tuple(self._whole())
        if len(kept) != len(self._entries):
            self._entries, self._by_place = [], {}
            self._take(tuple(kept))
            self._offset = sum(len(entry.line().encode()) for entry in kept)
        if os.fstat(descriptor).st_size != self._offset:
            os.ftruncate(descriptor, self._offset)
            os.fsync(descriptor)
        os.lseek(descriptor, self._offset, os.SEEK_SET)

    @contextmanager
    def _locked(self) -> Iterator[int]:
        self.path.parent.mkdir(parents=True, exist_ok=True)
        fresh = not self.path.exists()
        descriptor = os.open(self.path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o644)
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX)
            if fresh:
                sync_folder(self.path.parent)
            yield descriptor
        finally:
            os.close(descriptor)


def sync_folder(folder: Path) -> None:
    """Make a new name in ``folder`` survive a power cut."""
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def _write_all(descriptor: int, data: bytes) -> None:
    view = memoryview(data)
    while view:
        view = view[os.write(descriptor, view) :]


def shifted(report: ChainReport, reason: str, at: int) -> ChainReport:
    """The report with another first break."""
    return replace(report, broken_at=at, reason=reason)
