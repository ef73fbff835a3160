"""Proving, offline and with nothing but the data folder, that what is published follows from what was received.

Links, in order: the archive's files and their chain; the run ledger's chain; the chain and the signatures of decisions,
and the rule tables that two people approved; the published files against the ledger; conservation inside the snapshot,
and its matches by the rules (``matching``).
Each finding names the guarantee that its link gave.
"""

from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import duckdb

from orchestration.landing import Archive, BrokenArchive
from orchestration.landing.archive import file_digest
from orchestration.proof.decisions import prove_decisions
from orchestration.proof.finding import Finding
from orchestration.proof.matching import prove_matching
from orchestration.proof.periods import prove_periods
from orchestration.proof.proven import place_of
from orchestration.proof.rows import Rows
from orchestration.proof.rule_tables import prove_rules
from orchestration.proof.statements import prove_statements
from orchestration.warehouse import LedgerEntry, WarehouseError, connect, read_ledger
from orchestration.warehouse.connect import name, text
from orchestration.warehouse.gate import residuals
from orchestration.warehouse.ledger import verify_ledger
from orchestration.warehouse.publish import read_parts, safe_name

RUN_TABLES = frozenset({"run_status", "run_ledger"})


def verify(data_dir: Path, period: str | None = None, head: str | None = None) -> list[Finding]:
    """Every broken link, in the order of the chain; empty when all holds.

    ``period`` (``2026-10`` or ``2026Q4``) limits conservation, claims and sums to its business days. ``head`` is a
    hash that somebody noted outside, of the run ledger, the manifest or the decisions: it must still be in its chain.
    """
    months = months_of(period) if period else ()
    findings = list(_archive(data_dir))
    is_whole = not findings
    findings += _ledger(data_dir, head)
    findings += prove_decisions(Archive(data_dir)) if is_whole else ()
    findings += prove_rules(Archive(data_dir)) if is_whole else ()
    snapshot = data_dir / "published" / "tieout.duckdb"
    if not snapshot.exists():
        return findings
    try:
        entries = read_ledger(data_dir)
    except WarehouseError:
        return findings
    with connect(snapshot, read_only=True) as connection:
        findings += _published(connection, data_dir, entries)
        findings += _conserved(connection, months)
        findings += prove_matching(connection, months).findings
        findings += prove_statements(Rows(connection), months)
        findings += prove_periods(Rows(connection), months)
    return findings


def _archive(data_dir: Path) -> Iterator[Finding]:
    try:
        report = Archive(data_dir).verify()
    except BrokenArchive as error:
        yield Finding("archive", "every received byte is kept as it came", str(error))
        return
    if report.broken_at is not None:
        detail = f"manifest entry {report.broken_at} {report.reason}"
        yield Finding("archive", "every received byte is kept as it came", detail)


def _ledger(data_dir: Path, head: str | None) -> Iterator[Finding]:
    guarantee = "no run was changed, removed or slipped in afterwards"
    report = verify_ledger(data_dir)
    if report.broken_at is not None:
        yield Finding("run ledger", guarantee, f"entry {report.broken_at} {report.reason}")
        return
    entries = read_ledger(data_dir)
    archive = Archive(data_dir)
    try:
        received = archive.entries()
    except BrokenArchive:
        return
    if head is not None and place_of(data_dir, entries, head) is None:
        detail = f"no entry of the run ledger, the manifest or the decisions carries the hash {head}"
        yield Finding("run ledger", guarantee, f"{detail}: a chain was written anew, or it is of another folder")
    for entry in entries:
        at = int(entry.inputs.get("archive_sequence", 0))
        expected = entry.inputs.get("archive_head", "")
        found = received[at - 1].hash if 0 < at <= len(received) else ""
        if found != expected:
            detail = (
                f"run {entry.run_id} read an archive whose entry {at} was {expected or 'none'}, now {found or 'gone'}"
            )
            yield Finding("inputs", "each run names the archive it was made from", detail)
            return


def _published(connection: duckdb.DuckDBPyConnection, data_dir: Path, entries: list[LedgerEntry]) -> Iterator[Finding]:
    guarantee = "the published tables are those the run ledger names"
    shown = connection.execute("select sequence, hash from marts.run_ledger order by sequence").fetchall()
    chain = [(entry.sequence, entry.hash) for entry in entries]
    if shown != chain[: len(shown)] or not shown:
        yield Finding("snapshot", guarantee, "its run_ledger differs from the chained file")
        return
    newest = entries[len(shown) - 1]
    if len(shown) != len(chain):
        detail = f"it shows run {newest.run_id}; the publication of run {entries[-1].run_id} was interrupted: run again"
        yield Finding("snapshot", guarantee, detail)
    for table, facts in sorted(newest.outputs.items()):
        yield from _table(connection, data_dir, table, facts, newest)


def _table(
    connection: duckdb.DuckDBPyConnection, data_dir: Path, table: str, facts: Mapping[str, Any], run: LedgerEntry
) -> Iterator[Finding]:
    """The Parquet file is the ledger's, and the snapshot's table has the same rows."""
    guarantee = "the published tables are those the run ledger names"
    folder = data_dir / "published" / "parquet" / safe_name(run.run_id) / table
    parts = read_parts(folder, facts["sha256"])
    if parts is None:
        yield Finding("parquet", guarantee, f"{table} of run {run.run_id} is gone, or its listing was changed")
        return
    for part, stated in sorted(parts.items()):
        path = folder / f"{part}.parquet"
        if not path.exists():
            yield Finding("parquet", guarantee, f"{table}/{path.name} of run {run.run_id} is gone")
            return
        if file_digest(path) != stated["sha256"]:
            yield Finding("parquet", guarantee, f"{table}/{path.name} of run {run.run_id} was changed")
            return
    both = (f"(from marts.{name(table)})", f"(from read_parquet({text(str(folder / '*.parquet'))}))")
    for left, right in (both, both[::-1]):
        odd = connection.execute(f"select count(*) from (from {left} except all from {right})").fetchall()[0][0]
        if odd:
            yield Finding("snapshot", guarantee, f"{table}: {odd} rows differ between snapshot and Parquet file")
            return


def _conserved(connection: duckdb.DuckDBPyConnection, months: tuple[str, ...]) -> Iterator[Finding]:
    for residual in residuals(connection):
        if not months or residual.day.isoformat()[:7] in months:
            yield Finding("conservation", "every row and every cent that came in is accounted for", str(residual))


def months_of(period: str) -> tuple[str, ...]:
    """``2026-10`` as it is, ``2026Q4`` as its three months; raises ValueError for anything else."""
    year, quarter, number = period.partition("Q")
    if quarter and year.isdigit() and number in {"1", "2", "3", "4"}:
        return tuple(f"{year}-{month:02}" for month in range(int(number) * 3 - 2, int(number) * 3 + 1))
    year, dash, month = period.partition("-")
    if dash and year.isdigit() and month.isdigit() and len(year) == len("2026") and 1 <= int(month) <= 12:  # noqa: PLR2004
        return (f"{year}-{int(month):02}",)
    raise ValueError(f"{period!r} is no period; write a month such as 2026-10 or a quarter such as 2026Q4")
