"""Proof that working on open threads only loses nothing: sampled days built once more from their raw rows, in a shadow.

The shadow is a copy of the warehouse. There the days' records are read again, their closed threads taken up again and
matched anew; what comes out must be, row for row, what the warehouse has.
"""

import random
import shutil
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime
from typing import Final

import duckdb

from orchestration.proof.finding import Finding
from orchestration.settings import Settings
from orchestration.warehouse import Warehouse, build, manifest_of
from orchestration.warehouse.closing import kept_models
from orchestration.warehouse.connect import connect, name, text

GUARANTEE: Final = "a day built again from its raw rows gives what is there"
COLUMNS: Final = """
    select table_name, list(column_name order by column_index) from duckdb_columns()
    where schema_name = 'marts' and database_name = 'shadow' group by table_name order by table_name
"""


@dataclass(frozen=True, slots=True)
class Rebuilt:
    """``days``: those that were built again; ``threads``: closed ones that were taken up again for it."""

    days: tuple[date, ...]
    threads: int
    rows: int
    findings: tuple[Finding, ...]


def closed_days(settings: Settings, count: int, seed: str) -> tuple[date, ...]:
    """Some of the days on which records of closed threads landed; the same ones for the same seed."""
    found = Warehouse(settings).read("select distinct landed_on as day from closed.records order by day")
    days = [row["day"] for row in found]
    return tuple(sorted(random.Random(seed).sample(days, min(count, len(days)))))  # noqa: S311 - no secret


def prove_rebuilt(settings: Settings, as_of: datetime, days: Sequence[date]) -> Rebuilt:
    """Build each day again as of the moment that the warehouse stands at. Nobody may write to it meanwhile."""
    folder = settings.data_dir / "warehouse" / "shadow"
    shutil.rmtree(folder, ignore_errors=True)
    shadow = replace(settings, data_dir=folder)
    try:
        (folder / "warehouse").mkdir(parents=True)
        shutil.copytree(settings.data_dir / "keys", folder / "keys")
        shutil.copyfile(Warehouse(settings).path, Warehouse(shadow).path)
        before = _sequence(shadow)
        for day in days:
            variables = Warehouse(shadow).variables(as_of, "shadow")
            report = build(shadow, replace(variables, load_from=day, load_to=day))
            if not report.success:
                broken = "; ".join(report.errors) or "see its log"
                return Rebuilt(tuple(days), 0, 0, (Finding("shadow", GUARANTEE, f"{day} does not build: {broken}"),))
        with connect(Warehouse(settings).path, read_only=True) as connection:
            connection.execute(f"attach {text(str(Warehouse(shadow).path))} as shadow (read_only)")
            threads, rows = connection.execute(
                f"""
                select
                    (select count(distinct thread) from shadow.closed.taken_out where taken_in > {before}),
                    (select count(*) from shadow.ledger.int_ledger__thread_numbers)
                """
            ).fetchall()[0]
            findings = tuple(_differences(connection, settings, before))
        return Rebuilt(tuple(days), threads, rows, findings)
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def _sequence(settings: Settings) -> int:
    return int(Warehouse(settings).read("select sequence from closed.state")[0]["sequence"])


def _differences(connection: duckdb.DuckDBPyConnection, settings: Settings, before: int) -> Iterator[Finding]:
    """What is open in the shadow, beside what is open in the warehouse or was closed and taken up again."""
    kept = {one.table for one in kept_models(manifest_of(settings))}
    for table, columns in connection.execute(COLUMNS).fetchall():
        listed = ", ".join(name(column) for column in columns)
        now = f"select {listed} from shadow.marts.{name(table)}"
        was = f"select {listed} from marts.{name(table)}"
        if table in kept:
            was += (
                f" union all select {listed} from closed.{name(table)} where thread in"
                f" (select thread from shadow.closed.taken_out where taken_in > {before})"
            )
        for left, right, what in ((was, now, "missing from"), (now, was, "new in")):
            odd = connection.execute(f"select count(*) from (({left}) except all ({right}))").fetchall()[0][0]
            if odd:
                yield Finding("shadow", GUARANTEE, f"{table}: {odd} rows {what} what the sampled days give")
