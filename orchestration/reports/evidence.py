"""The evidence pack of a period: a zip that a stranger checks with sha256sum and DuckDB alone.

Received files hold buyers' data, so only their digests are in it, unless somebody asks for the originals.
"""

import csv
import hashlib
import io
import shutil
import tempfile
import zipfile
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

import duckdb

from orchestration.landing import Archive, Entry
from orchestration.landing.archive import file_digest
from orchestration.landing.tables import DECISIONS, RULES
from orchestration.reports.evidence_readme import readme
from orchestration.warehouse.evidence import Extracted, digests_behind, extract
from orchestration.warehouse.heads import read_heads
from orchestration.warehouse.ledger import ledger_path
from orchestration.warehouse.statements import Made, Range

SUMS: Final = "MANIFEST.sha256"
EPOCH: Final = (1980, 1, 1, 0, 0, 0)
PACKED: Final = frozenset({".gz", ".zip", ".xlsx", ".parquet", ".zst"})
FILES: Final = (
    *("sequence", "connection", "stream", "day", "name", "sha256", "bytes", "received_at", "stated", "path"),
)
PEOPLE: Final = ("person", "roles", "public_key")


@dataclass(frozen=True, slots=True)
class Pack:
    """What was written. ``digest``: of the list of digests, which stands for all of it."""

    path: Path
    tables: Sequence[Extracted]
    files: int
    originals: int
    digest: str


def write_evidence(
    snapshot: duckdb.DuckDBPyConnection, data_dir: Path, path: Path, about: tuple[Made, Range], *, with_originals: bool
) -> Pack:
    """Writes the zip, whole or not at all. Raises OSError where it cannot."""
    made, days = about
    path.parent.mkdir(parents=True, exist_ok=True)
    with _folder(path.parent) as folder:
        root = folder / "pack"
        tables = extract(snapshot, days, root / "tables")
        archive = Archive(data_dir)
        received = archive.entries()
        behind = digests_behind(root / "tables", [one.table for one in tables])
        chosen = [entry for entry in received if _belongs(entry, days, behind)]
        kept = [entry for entry in chosen if with_originals or entry.connection == RULES]
        for entry in kept:
            target = root / _place(entry)
            target.parent.mkdir(parents=True, exist_ok=True)
            shutil.copyfile(archive.path_of(entry), target)
        _copy(data_dir / "landing" / "manifest.jsonl", root / "archive" / "manifest.jsonl")
        _copy(ledger_path(data_dir), root / "ledger" / "runs.jsonl")
        in_pack = {entry.sequence for entry in kept}
        _write_csv(root / "archive" / "files.csv", FILES, (_file_row(entry, in_pack) for entry in chosen))
        events = list(_events(archive, received))
        _write_csv(root / "decisions" / "events.csv", tuple(events[0]) if events else ("sequence",), events)
        _write_csv(root / "decisions" / "people.csv", PEOPLE, _people(archive, received, events))
        heads = read_heads(data_dir)
        page = readme(made, days, heads, tables, has_originals=with_originals)
        (root / "README.md").write_text(page, encoding="utf-8")
        digest = _write_sums(root)
        _zip(root, folder / "pack.zip")
        (folder / "pack.zip").replace(path)
    return Pack(path, tables, len(chosen), len(kept), digest)


def _belongs(entry: Entry, days: Range, behind: frozenset[str]) -> bool:
    """Rules, and what was filed under a day of the range or is the source of a row in it; decisions lie elsewhere."""
    if entry.status != "arrived" or entry.connection == DECISIONS:
        return False
    return entry.connection == RULES or days.first <= entry.local_day <= days.last or entry.digest in behind


def _place(entry: Entry) -> Path:
    return Path("archive", "files", entry.connection, entry.stream, entry.day, f"{entry.digest}.{entry.suffix}")


def _file_row(entry: Entry, in_pack: set[int]) -> Mapping[str, Any]:
    stated = " ".join(f"{name}={value}" for name, value in sorted(entry.stated.items()))
    return {
        "sequence": entry.sequence,
        "connection": entry.connection,
        "stream": entry.stream,
        "day": entry.day,
        "name": entry.name,
        "sha256": entry.digest,
        "bytes": entry.size,
        "received_at": entry.received_at,
        "stated": stated,
        "path": _place(entry).as_posix() if entry.sequence in in_pack else "",
    }


def _events(archive: Archive, received: Sequence[Entry]) -> Iterator[Mapping[str, str]]:
    """The log of decisions as it was archived, each event once."""
    last = 0
    for entry in received:
        if entry.connection == DECISIONS and entry.status == "arrived":
            content = archive.path_of(entry).read_text(encoding="utf-8")
            for row in csv.DictReader(io.StringIO(content, newline="")):
                if int(row["sequence"]) > last:
                    last = int(row["sequence"])
                    yield row


def _people(
    archive: Archive, received: Sequence[Entry], events: Iterable[Mapping[str, str]]
) -> Iterator[Mapping[str, str]]:
    """Public keys only: those of the newest table, else the first that a person has used."""
    tables = [e for e in received if (e.connection, e.stream, e.status) == (RULES, "people", "arrived")]
    if not tables:
        return
    used: dict[str, str] = {}
    with duckdb.connect() as memory:
        for event in events:
            key = memory.execute("select $said::json->>'public_key'", {"said": event["content"]}).fetchall()[0][0]
            used.setdefault(event["person"], key or "")
    content = archive.path_of(tables[-1]).read_bytes().decode("utf-8-sig", errors="replace")
    for row in csv.DictReader(io.StringIO(content, newline="")):
        person = row["person"].strip()
        key = row.get("public_key", "").strip() or used.get(person, "")
        yield {"person": person, "roles": row["roles"], "public_key": key}


def _write_csv(path: Path, columns: Sequence[str], rows: Iterable[Mapping[str, Any]]) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.DictWriter(file, columns, lineterminator="\n")
        writer.writeheader()
        writer.writerows(rows)


def _copy(source: Path, target: Path) -> None:
    target.parent.mkdir(parents=True, exist_ok=True)
    shutil.copyfile(source, target)


def _write_sums(root: Path) -> str:
    """As sha256sum reads it; the digest of the list itself is returned."""
    paths = sorted(path for path in root.rglob("*") if path.is_file())
    listing = "".join(f"{file_digest(path)}  {path.relative_to(root).as_posix()}\n" for path in paths)
    (root / SUMS).write_text(listing, encoding="utf-8")
    return hashlib.sha256(listing.encode()).hexdigest()


def _zip(root: Path, target: Path) -> None:
    with zipfile.ZipFile(target, "w") as pack:
        for path in sorted(path for path in root.rglob("*") if path.is_file()):
            info = zipfile.ZipInfo(path.relative_to(root).as_posix(), EPOCH)
            info.compress_type = zipfile.ZIP_STORED if path.suffix in PACKED else zipfile.ZIP_DEFLATED
            info.external_attr = 0o644 << 16
            with path.open("rb") as source, pack.open(info, "w") as entry:
                shutil.copyfileobj(source, entry)


@contextmanager
def _folder(parent: Path) -> Iterator[Path]:
    """A folder on the disk of the target, gone at the end."""
    folder = Path(tempfile.mkdtemp(prefix=".evidence-", dir=parent))
    try:
        yield folder
    finally:
        shutil.rmtree(folder, ignore_errors=True)
