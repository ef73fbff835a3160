"""The run ledger: one chained line for each published run, in ``<data_dir>/ledger/runs.jsonl``."""

import fcntl
import hashlib
import json
import os
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, field, fields, replace
from datetime import UTC, date, datetime
from functools import cache
from importlib.metadata import version
from pathlib import Path
from typing import Any, Self

from orchestration.landing import ChainReport, Entry
from orchestration.landing.entry import FIRST, canonical
from orchestration.landing.manifest import sync_folder
from orchestration.landing.tables import RULES
from orchestration.warehouse.connect import WarehouseError

ROOT = Path(__file__).resolve().parents[2]
CODE = ("connectors", "orchestration", "dbt_project")
CODE_SUFFIXES = frozenset({".py", ".sql", ".yml", ".csv", ".toml"})
SHORT = 12


@dataclass(frozen=True, slots=True)
class RunFacts:
    """What the run knows about itself. ``incomplete`` names account-days, ``red`` structural failures.

    ``unapproved``: rows of rule tables that lie there and do not count, or count although they do not lie there.
    """

    run_id: str
    as_of: datetime
    first_day: date
    last_day: date
    started_at: datetime
    finished_at: datetime
    state: str = "done"
    red: tuple[str, ...] = ()
    incomplete: tuple[str, ...] = ()
    unapproved: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class LedgerEntry:
    """One published run. ``inputs`` and ``outputs`` carry digests, so that nothing can be swapped afterwards."""

    sequence: int
    run_id: str
    as_of: str
    days: str
    started_at: str
    finished_at: str
    state: str
    red: Sequence[str]
    incomplete: Sequence[str]
    inputs: Mapping[str, Any]
    code_version: str
    rules_version: str
    outputs: Mapping[str, Any] = field(default_factory=dict)
    previous_hash: str = FIRST
    hash: str = ""

    def own_hash(self) -> str:
        """The digest over everything but ``hash`` itself."""
        facts = asdict(self)
        del facts["hash"]
        return hashlib.sha256(canonical(facts).encode()).hexdigest()

    @classmethod
    def parse(cls, line: bytes) -> Self:
        """Read one line; raises ValueError when it is none."""
        facts = json.loads(line)
        if not isinstance(facts, dict) or set(facts) != {item.name for item in fields(cls)}:
            raise ValueError("no ledger entry")
        return cls(**facts)


def ledger_path(data_dir: Path) -> Path:
    """Where the ledger lies."""
    return data_dir / "ledger" / "runs.jsonl"


def read_ledger(data_dir: Path) -> list[LedgerEntry]:
    """Every entry; a line torn by a crash at the end is none."""
    path = ledger_path(data_dir)
    lines = path.read_bytes().splitlines(keepends=True) if path.exists() else []
    found: list[LedgerEntry] = []
    for number, line in enumerate(lines, start=1):
        if line.endswith(b"\n"):
            try:
                found.append(LedgerEntry.parse(line))
            except ValueError:
                raise WarehouseError(f"{path}: line {number} is no ledger entry; restore it from a backup") from None
    return found


def last_run(data_dir: Path) -> LedgerEntry | None:
    """The newest published run."""
    entries = read_ledger(data_dir)
    return entries[-1] if entries else None


def last_published_as_of(data_dir: Path) -> datetime | None:
    """The business clock of the newest published run."""
    newest = last_run(data_dir)
    return None if newest is None else datetime.fromisoformat(newest.as_of)


def next_entry(
    entries: Sequence[LedgerEntry], run: RunFacts, inputs: Mapping[str, Any], rules: str, outputs: Mapping[str, Any]
) -> LedgerEntry:
    """The entry of this run, chained to the last one and not written yet."""
    entry = LedgerEntry(
        sequence=len(entries) + 1,
        run_id=run.run_id,
        as_of=_utc(run.as_of),
        days=f"{run.first_day.isoformat()}..{run.last_day.isoformat()}",
        started_at=_utc(run.started_at),
        finished_at=_utc(run.finished_at),
        state=run.state,
        red=list(run.red),
        incomplete=list(run.incomplete),
        inputs=dict(inputs),
        code_version=code_version(),
        rules_version=rules,
        outputs=dict(outputs),
        previous_hash=entries[-1].hash if entries else FIRST,
    )
    return replace(entry, hash=entry.own_hash())


def append_entry(data_dir: Path, entry: LedgerEntry) -> None:
    """Write it behind the last whole line, synced; raises when somebody else has written in between."""
    path = ledger_path(data_dir)
    path.parent.mkdir(parents=True, exist_ok=True)
    fresh = not path.exists()
    descriptor = os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o644)
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX)
        entries = read_ledger(data_dir)
        if (entries[-1].hash if entries else FIRST) != entry.previous_hash:
            raise WarehouseError(f"{path}: another run was published meanwhile; run again")
        data = os.pread(descriptor, os.fstat(descriptor).st_size, 0)
        os.ftruncate(descriptor, data.rfind(b"\n") + 1)
        os.lseek(descriptor, 0, os.SEEK_END)
        with os.fdopen(os.dup(descriptor), "wb") as file:
            file.write((canonical(asdict(entry)) + "\n").encode())
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
    if fresh:
        sync_folder(path.parent)


def verify_ledger(data_dir: Path) -> ChainReport:
    """Recompute the chain from the bytes on disk."""
    path = ledger_path(data_dir)
    previous, count = FIRST, 0
    for line in path.read_bytes().splitlines(keepends=True) if path.exists() else []:
        if not line.endswith(b"\n"):
            break
        try:
            entry = LedgerEntry.parse(line)
        except ValueError:
            return ChainReport(count, previous, count + 1, "is no ledger entry")
        if entry.sequence != count + 1 or entry.previous_hash != previous:
            return ChainReport(count, previous, count + 1, "does not name the entry before it")
        if entry.own_hash() != entry.hash:
            return ChainReport(count, previous, count + 1, "was changed after it was written")
        previous, count = entry.hash, entry.sequence
    return ChainReport(count, previous)


def rules_version(entries: Sequence[Entry]) -> str:
    """One short digest over the rule tables in force."""
    newest = {entry.stream: entry.digest for entry in entries if entry.connection == RULES}
    return hashlib.sha256(canonical(newest).encode()).hexdigest()[:SHORT]


@cache
def code_version() -> str:
    """The package's version and a digest over its code and SQL."""
    digest = hashlib.sha256()
    for folder in CODE:
        for path in sorted((ROOT / folder).rglob("*")):
            inside = path.relative_to(ROOT)
            made = any(part in {"target", "logs", "__pycache__"} for part in inside.parts)
            if path.suffix in CODE_SUFFIXES and path.is_file() and not made:
                digest.update(f"{inside.as_posix()}\n".encode())
                digest.update(path.read_bytes())
    return f"{version('tieout')}+{digest.hexdigest()[:SHORT]}"


def _utc(moment: datetime) -> str:
    return moment.astimezone(UTC).isoformat(timespec="microseconds")
