"""The published snapshot: one file that is replaced at once, Parquet beside it, and the run's line in the ledger.

Readers see the last run or this one, never a mixture. A crash at any point leaves the last run published.
"""

import json
import os
import shutil
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import duckdb

from orchestration.landing import Archive
from orchestration.landing.archive import file_digest
from orchestration.landing.manifest import sync_folder
from orchestration.settings import Settings, hold
from orchestration.warehouse.build import manifest_of
from orchestration.warehouse.catalog import TableFacts, published_facts
from orchestration.warehouse.closing import Kept, kept_models
from orchestration.warehouse.connect import connect, text
from orchestration.warehouse.ledger import LedgerEntry, RunFacts, append_entry, next_entry, read_ledger, rules_version
from orchestration.warehouse.snapshot import comment, sync
from orchestration.warehouse.warehouse import Warehouse

KEPT_RUNS = 3
RUN_TABLES = ("run_status", "run_ledger")
PARTS = "parts.json"
ROW_GROUP = 24_576
"""Rows of a group: the last one of each table is written again at every publication, so it is a small one."""
LEDGER_SHAPE = json.dumps(
    [
        {
            **dict.fromkeys(
                ("run_id", "as_of", "days", "started_at", "finished_at", "state", "code_version", "rules_version"),
                "VARCHAR",
            ),
            **dict.fromkeys(("previous_hash", "hash"), "VARCHAR"),
            **dict.fromkeys(("red", "incomplete", "inputs", "outputs"), "JSON"),
            "sequence": "BIGINT",
        }
    ]
)


@dataclass(frozen=True, slots=True)
class PublishReport:
    """``changed``: tables whose content differs from the last snapshot; ``rows``: of every table."""

    path: Path
    changed: tuple[str, ...]
    rows: Mapping[str, int]
    sequence: int
    hash: str


@dataclass(frozen=True, slots=True)
class Files:
    """The Parquet files of a table: part → query, and those parts that the last run has not written already."""

    folder: Path
    parts: Mapping[str, str]
    fresh: frozenset[str]


def snapshot_path(settings: Settings) -> Path:
    """The file that readers open."""
    return settings.data_dir / "published" / "tieout.duckdb"


def publish(settings: Settings, run: RunFacts) -> PublishReport:
    """Publish the warehouse's marts as they are; the gate has been passed before."""
    folder = settings.data_dir / "published"
    folder.mkdir(parents=True, exist_ok=True)
    manifest = manifest_of(settings)
    facts, kept = published_facts(manifest), kept_models(manifest)
    with hold(folder / ".lock", wait_seconds=None):
        return _publish(settings, run, folder, facts, kept)


def _publish(
    settings: Settings, run: RunFacts, folder: Path, facts: Mapping[str, TableFacts], kept: Sequence[Kept]
) -> PublishReport:
    final = snapshot_path(settings)
    fresh = folder / f".{final.name}.new"
    parquet = folder / "parquet" / f".{safe_name(run.run_id)}.new"
    for leftover in (fresh, fresh.with_name(f"{fresh.name}.wal")):
        leftover.unlink(missing_ok=True)
    shutil.rmtree(parquet, ignore_errors=True)
    if final.exists():
        shutil.copyfile(final, fresh)
    entries = read_ledger(settings.data_dir)
    with connect(Warehouse(settings).path) as connection:
        connection.execute(f"attach {text(str(fresh))} as snap (row_group_size {ROW_GROUP})")
        synced = sync(connection, facts, run.run_id, kept)
        before = _last_outputs(connection, entries)
        files = {table: Files(parquet / table, parts, synced.fresh[table]) for table, parts in synced.parts.items()}
        told = frozenset({safe_name(run.run_id)} if synced.changed else ())
        files["changes"] = Files(parquet / "changes", _parts_of_changes(connection), told)
        outputs = {table: _export(connection, wanted, before.get(table)) for table, wanted in files.items()}
        archive = Archive(settings.data_dir).entries()
        inputs = {
            "archive_sequence": len(archive),
            "archive_head": archive[-1].hash if archive else "",
            "settings": settings.digest,
            **({"unapproved": list(run.unapproved)} if run.unapproved else {}),
        }
        entry = next_entry(entries, run, inputs, rules_version(archive), outputs)
        _write_runs(connection, [*entries, entry])
        comment(connection, facts)
        shown = dict(outputs)
        for table in RUN_TABLES:
            wanted = Files(parquet / table, {"data": f"from snap.marts.{table}"}, frozenset({"data"}))
            shown[table] = _export(connection, wanted, None)
        connection.execute("detach snap")
    _sync_file(fresh)
    _name_parquet(folder / "parquet", parquet, run)
    append_entry(settings.data_dir, entry)
    fresh.replace(final)
    sync_folder(folder)
    _show_parquet(folder / "parquet", run, shown, entries)
    rows = {table: int(facts["rows"]) for table, facts in outputs.items()}
    return PublishReport(final, synced.changed, rows, entry.sequence, entry.hash)


def safe_name(run_id: str) -> str:
    """A run's id as a folder name."""
    kept = "".join(letter if letter.isalnum() or letter in "-_" else "_" for letter in run_id)
    return kept or "run"


def _write_runs(connection: duckdb.DuckDBPyConnection, entries: Sequence[LedgerEntry]) -> None:
    """``run_ledger`` has every entry; ``run_status`` the newest of each run."""
    connection.execute(
        "create or replace temp table ledger_lines as"
        f" select unnest(from_json(?, {text(LEDGER_SHAPE)}), recursive := true)",
        [json.dumps([asdict(entry) for entry in entries], ensure_ascii=False)],
    )
    times = ", ".join(f"cast({column} as timestamptz) as {column}" for column in ("started_at", "finished_at"))
    connection.execute(
        f"""
        create or replace table snap.marts.run_status as
        select run_id, cast(as_of as timestamptz) as as_of, days, {times}, state,
            cast(red as varchar) as red, cast(incomplete as varchar) as incomplete,
            coalesce(cast(json_extract(inputs, '$.unapproved') as varchar), '[]') as unapproved
        from ledger_lines qualify row_number() over (partition by run_id order by sequence desc) = 1
        order by sequence
        """
    )
    connection.execute(
        """
        create or replace table snap.marts.run_ledger as
        select sequence, run_id, cast(as_of as timestamptz) as as_of, cast(inputs as varchar) as inputs,
            code_version, rules_version, cast(outputs as varchar) as outputs, previous_hash, hash
        from ledger_lines order by sequence
        """
    )


def _parts_of_changes(connection: duckdb.DuckDBPyConnection) -> Mapping[str, str]:
    """What was published is never told again: a file per run."""
    runs = connection.execute("select distinct run_id from snap.marts.changes order by 1").fetchall()
    return {safe_name(run): f"from snap.marts.changes where run_id = {text(run)}" for (run,) in runs}


def _export(connection: duckdb.DuckDBPyConnection, files: Files, before: Mapping[str, Any] | None) -> dict[str, Any]:
    """Write a table's Parquet files, and link those of the last run in which nothing changed.

    ``parts.json`` beside them has rows, bytes and digest of each; its own digest stands for all of them in the ledger.
    """
    files.folder.mkdir(parents=True, exist_ok=True)
    last = files.folder.parent.parent / str(before["path"]) if before is not None else None
    known = (read_parts(last, str(before["sha256"])) if last is not None and before is not None else None) or {}
    written: dict[str, dict[str, Any]] = {}
    for part, query in files.parts.items():
        path = files.folder / f"{part}.parquet"
        there = known.get(part)
        if last is not None and there is not None and part not in files.fresh:
            source = last / path.name
            if source.exists() and source.stat().st_size == there["bytes"]:
                _link(source, path)
                written[part] = there
                continue
        count = connection.execute(
            f"copy ({query}) to {text(str(path))} (format parquet, compression zstd)"
        ).fetchall()[0][0]
        _sync_file(path)
        written[part] = {"rows": int(count), "bytes": path.stat().st_size, "sha256": file_digest(path)}
    listing = files.folder / PARTS
    listing.write_text(json.dumps(written, indent=1, sort_keys=True), encoding="utf-8")
    _sync_file(listing)
    return {"rows": sum(part["rows"] for part in written.values()), "sha256": file_digest(listing)}


def read_parts(folder: Path, digest: str) -> dict[str, dict[str, Any]] | None:
    """The files of a table as its listing names them; None when the listing is not the one with this digest."""
    listing = folder / PARTS
    if not listing.exists() or file_digest(listing) != digest:
        return None
    found: dict[str, dict[str, Any]] = json.loads(listing.read_text(encoding="utf-8"))
    return found


def _link(source: Path, target: Path) -> None:
    try:
        target.hardlink_to(source)
    except OSError:
        shutil.copyfile(source, target)


def _last_outputs(
    connection: duckdb.DuckDBPyConnection, entries: Sequence[LedgerEntry]
) -> Mapping[str, Mapping[str, Any]]:
    """The Parquet files of the run that the snapshot shows, which a crash may have left behind the ledger's last."""
    there = connection.execute(
        "select 1 from duckdb_tables() where database_name = 'snap' and table_name = 'run_ledger'"
    ).fetchall()
    shown = connection.execute("select max(sequence) from snap.marts.run_ledger").fetchall()[0][0] if there else None
    if shown is None:
        return {}
    entry = entries[shown - 1]
    folder = safe_name(entry.run_id)
    return {table: {**facts, "path": f"{folder}/{table}"} for table, facts in entry.outputs.items()}


def _name_parquet(folder: Path, fresh: Path, run: RunFacts) -> None:
    """Give the new run's folder its name; nobody is pointed to it yet."""
    final = folder / safe_name(run.run_id)
    aside = folder / f".{final.name}.old"
    shutil.rmtree(aside, ignore_errors=True)
    if final.exists():
        final.rename(aside)
    fresh.rename(final)
    shutil.rmtree(aside, ignore_errors=True)
    sync_folder(folder)


def _show_parquet(
    folder: Path, run: RunFacts, shown: Mapping[str, Mapping[str, Any]], entries: Sequence[LedgerEntry]
) -> None:
    """Point ``current.json`` at the new run, and forget all but the last runs."""
    current = {
        "run_id": run.run_id,
        "as_of": run.as_of.isoformat(),
        "tables": {
            table: {"path": f"{safe_name(run.run_id)}/{table}/*.parquet", **facts} for table, facts in shown.items()
        },
    }
    temporary = folder / ".current.json"
    temporary.write_text(json.dumps(current, indent=1, ensure_ascii=False), encoding="utf-8")
    _sync_file(temporary)
    temporary.replace(folder / "current.json")
    sync_folder(folder)
    newest = list(dict.fromkeys([run.run_id, *(entry.run_id for entry in reversed(entries))]))[:KEPT_RUNS]
    kept = {safe_name(run_id) for run_id in newest}
    for path in folder.iterdir():
        if path.is_dir() and path.name not in kept:
            shutil.rmtree(path, ignore_errors=True)


def _sync_file(path: Path) -> None:
    descriptor = os.open(path, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
