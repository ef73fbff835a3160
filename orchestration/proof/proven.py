"""What a proof that found nothing has shown: of how much, and which guarantee that gives."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Final

import duckdb

from orchestration.landing import Archive
from orchestration.proof.decisions import archived_events
from orchestration.warehouse import LedgerEntry, connect, read_ledger
from orchestration.warehouse.heads import read_heads

RECEIVED: Final = "every received byte is kept as it came"
TABLES: Final = ("matches", "match_legs", "statement_lines", "statements", "conservation")


@dataclass(frozen=True, slots=True)
class Proven:
    """One link of the chain, what was looked at, and what therefore holds."""

    link: str
    detail: str
    guarantee: str


def proven(data_dir: Path, months: Sequence[str], head: str | None) -> Iterator[Proven]:
    """In the order of the chain; only for a folder in which ``verify`` has found nothing."""
    received, runs, heads = Archive(data_dir).entries(), read_ledger(data_dir), read_heads(data_dir)
    files = {entry.digest: entry.size for entry in received if entry.status == "arrived"}
    detail = f"{len(files):,} files of {sum(files.values()):,} bytes, {len(received):,} entries, head {heads.manifest}"
    yield Proven("archive", detail, RECEIVED)
    detail = f"{len(runs):,} runs, head {heads.ledger}"
    yield Proven("run ledger", detail, "no run was changed, removed or slipped in afterwards")
    events = len({row["sequence"] for _, row in archived_events(Archive(data_dir))})
    yield Proven(
        "decisions",
        f"{events:,} events, head {heads.decisions or 'none'}",
        "each is signed by its person for its place, and nobody approved his own",
    )
    snapshot = data_dir / "published" / "tieout.duckdb"
    if snapshot.exists():
        with connect(snapshot, read_only=True) as connection:
            yield from _published(connection, months)
    if head is not None:
        place = place_of(data_dir, runs, head)
        yield Proven("head", f"{head} is {place}", "nothing up to there was changed since it was noted")


def place_of(data_dir: Path, runs: Sequence[LedgerEntry], head: str) -> str | None:
    """Where in a chain the hash stands: run ledger, manifest or decisions; None in none of them."""
    for run in runs:
        if run.hash == head:
            moment = datetime.fromisoformat(run.as_of).isoformat(timespec="minutes")
            return f"entry {run.sequence} of {len(runs)} of the run ledger (run {run.run_id}, as of {moment})"
    archive = Archive(data_dir)
    received = archive.entries()
    for entry in received:
        if entry.hash == head:
            return f"entry {entry.sequence} of {len(received)} of the manifest (received {entry.received_at})"
    events = [row for _, row in archived_events(archive)]
    for row in events:
        if row["hash"] == head:
            return f"event {row['sequence']} of the decisions ({row['kind']} by {row['person']})"
    return None


def _published(connection: duckdb.DuckDBPyConnection, months: Sequence[str]) -> Iterator[Proven]:
    present = {
        table
        for (table,) in connection.execute(
            "select distinct table_name from duckdb_columns() where schema_name = 'marts'"
        ).fetchall()
    }
    counts = [
        f"{connection.execute(f'select count(*) from marts.{table}').fetchall()[0][0]:,} rows of {table}"
        for table in TABLES
        if table in present
    ]
    within = f" of {', '.join(months)}" if months else ""
    yield Proven(
        "snapshot",
        f"{len(present)} tables; {', '.join(counts)}",
        f"it is what the run ledger names; rows and money{within} are conserved and claimed once, statements add up",
    )
    if "periods" not in present:
        return
    for entity, period, state, signed_by, statements in connection.execute(
        "select entity, period, state, signed_by, statements from marts.periods order by entity, period"
    ).fetchall():
        if period in months:
            yield _period(f"period {entity} {period}", state, signed_by, statements)


def _period(link: str, state: str, signed_by: str | None, statements: int) -> Proven:
    if state == "locked":
        return Proven(link, f"locked by {signed_by}", f"its {statements} statements have the hash that was signed")
    return Proven(link, f"{state}, {statements} statements", "none: two people have not locked it")
