"""The published rows of a range of days, as Parquet files that stand alone: the tables of an evidence pack."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import duckdb

from orchestration.warehouse.connect import name, text
from orchestration.warehouse.statements import IN_RANGE, Range

SKIPPED: Final = frozenset({"changes"})
"""What each run changed is told by the runs themselves."""
OF_PERIOD: Final = "period_end >= $first and period_start <= $last"
OF_MONTH: Final = "period between left($first::varchar, 7) and left($last::varchar, 7)"
SEEN: Final = "business_date <= $last and coalesce(last_seen_on >= $first, true)"
MATCHED: Final = f"""
    {{key}} in (
        select match_id from marts.statement_lines where {IN_RANGE} and match_id is not null
        union select match_id from marts.matches where business_date between $first and $last
    )
"""
WHERE: Final[Mapping[str, str]] = {
    "statements": OF_PERIOD,
    "bank_reconciliation": OF_PERIOD,
    "statement_lines": IN_RANGE,
    "periods": OF_MONTH,
    "close_checklist": OF_MONTH,
    "exceptions": SEEN,
    "exception_history": f"exception_id in (select exception_id from marts.exceptions where {SEEN})",
    "matches": MATCHED.format(key="match_id"),
    "match_legs": MATCHED.format(key="match_id"),
    "match_versions": MATCHED.format(key='"key"'),
}
"""Which rows of a table belong to the range; of others those of its days, or all where it names none."""
DAYS: Final = ("business_date", "day")


@dataclass(frozen=True, slots=True)
class Extracted:
    """A table of the pack."""

    table: str
    rows: int


def extract(connection: duckdb.DuckDBPyConnection, days: Range, folder: Path) -> Sequence[Extracted]:
    """Write ``<table>.parquet`` for every published table that has rows in the range."""
    found = connection.execute(
        "select table_name, list(column_name) from duckdb_columns()"
        " where schema_name = 'marts' and database_name = current_database() group by table_name order by table_name"
    ).fetchall()
    folder.mkdir(parents=True, exist_ok=True)
    extracted = []
    for table, columns in found:
        if table in SKIPPED:
            continue
        by_day = next((f"{day} between $first and $last" for day in DAYS if day in columns), "true")
        where = _filled(WHERE.get(table, by_day), days)
        path = folder / f"{table}.parquet"
        rows = connection.execute(
            f"copy (from marts.{name(table)} where {where}) to {text(str(path))} (format parquet, compression zstd)"
        ).fetchall()[0][0]
        if rows:
            extracted.append(Extracted(table, int(rows)))
        else:
            path.unlink()
    return extracted


def digests_behind(folder: Path, tables: Sequence[str]) -> frozenset[str]:
    """The received files that the extracted rows name as their source."""
    found: set[str] = set()
    with duckdb.connect() as connection:
        for table in tables:
            file = text(str(folder / f"{table}.parquet"))
            columns = {row[0] for row in connection.execute(f"describe from read_parquet({file})").fetchall()}
            if "source_file_sha256" in columns:
                rows = connection.execute(f"select distinct source_file_sha256 from read_parquet({file})").fetchall()
                found.update(digest for (digest,) in rows if digest)
    return frozenset(found)


def _filled(condition: str, days: Range) -> str:
    """A copy takes no parameters."""
    first, last = (f"date {text(day.isoformat())}" for day in (days.first, days.last))
    return condition.replace("$first", first).replace("$last", last)
