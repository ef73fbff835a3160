"""What a statement shows, read from published tables or from those of a replay: statements, their lines, the banks.

Every connection here has the tables in its schema ``marts``. A line has a part in the range of days that is asked for:
open when it began, come up in it, settled in it, open when it ended; each is an amount, or nothing.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any, Final

import duckdb

Row = Mapping[str, Any]

STATEMENTS: Final = (
    *("scope", "level", "side", "currency", "period_kind", "period", "opening", "in_amount", "out_amount", "matched"),
    *("closing", "residual", "opening_lines", "moved_lines", "matched_lines", "closing_lines", "known_on", "state"),
    *("signed_by", "reopened_count", "entity", "content_hash", "statement_id"),
)
LINES: Final = (
    *("entity", "store", "account", "level", "side", "record_type", "source_no", "currency", "amount", "opening"),
    *("moved", "matched", "closing", "business_date", "started_on", "origin_period", "matched_on", "matched_by"),
    *("known_on", "match_id", "record_key", "source_file_sha256", "source_row"),
)
BANKS: Final = (
    *("account", "entity", "currency", "period_kind", "period", "balance_on", "is_stated", "statement_balance"),
    *("in_transit_amount", "adjusted_balance", "book_balance", "bank_only_in_amount", "bank_only_out_amount"),
    "difference",
)
PARTS: Final = """
    case when started_on < $first and coalesce(matched_on >= $first, true) then amount else 0 end as opening,
    case when started_on between $first and $last then amount else 0 end as moved,
    case when matched_on between $first and $last then amount else 0 end as matched,
    case when started_on <= $last and coalesce(matched_on > $last, true) then amount else 0 end as closing
"""
IN_RANGE: Final = "started_on <= $last and coalesce(matched_on >= $first, true)"


@dataclass(frozen=True, slots=True)
class Made:
    """The run behind the tables. ``head``: the run ledger's last hash then; ``decisions``: that of their log."""

    run_id: str
    as_of: datetime
    head: str
    decisions: str


@dataclass(frozen=True, slots=True)
class Range:
    """Business days, both included."""

    first: date
    last: date

    @property
    def facts(self) -> Mapping[str, date]:
        """As parameters."""
        return {"first": self.first, "last": self.last}


class NoStatements(Exception):  # noqa: N818 - it is about the tables
    """The tables hold no statements; the message says what to do."""


def newest_month(connection: duckdb.DuckDBPyConnection) -> Range:
    """The newest month in which anything came up."""
    newest = (
        "select period_start, period_end from marts.statements where period_kind = 'month' and moved_lines > 0"
        " order by period_start desc limit 1"
    )
    found = connection.execute(newest).fetchall() if has(connection, None, "statements") else []
    if not found:
        raise NoStatements("the published snapshot holds no statements: do a `tieout run` first")
    return Range(*found[0])


def statements(connection: duckdb.DuckDBPyConnection, days: Range) -> Sequence[Row]:
    """Those of every day, week and month that lies within the range or, as the last or first one, reaches out of it."""
    return rows(
        connection,
        f"select {', '.join(STATEMENTS)} from marts.statements"
        " where period_end >= $first and period_start <= $last"
        " order by scope, level, side, currency, period_kind desc, period",
        days.facts,
    )


def count_lines(connection: duckdb.DuckDBPyConnection, days: Range) -> int:
    """How many lines have a part in the range."""
    found = rows(connection, f"select count(*) as lines from marts.statement_lines where {IN_RANGE}", days.facts)
    return int(found[0]["lines"])


def lines(connection: duckdb.DuckDBPyConnection, days: Range) -> Sequence[Row]:
    """Every line with a part in the range: those of a store's statement name it, and those of an account's too."""
    return rows(
        connection,
        f"select {', '.join(LINES)} from (select *, {PARTS} from marts.statement_lines where {IN_RANGE})"
        " order by level, side, currency, started_on, record_type, record_key",
        days.facts,
    )


def banks(connection: duckdb.DuckDBPyConnection, days: Range) -> Sequence[Row]:
    """Bank accounts at the end of every period of the range."""
    return rows(
        connection,
        f"select {', '.join(BANKS)} from marts.bank_reconciliation"
        " where period_end >= $first and period_start <= $last order by account, period_kind desc, period",
        days.facts,
    )


def has(connection: duckdb.DuckDBPyConnection, database: str | None, table: str) -> bool:
    """Whether the schema ``marts`` of that database, or of the connection's own, holds the table."""
    return bool(
        connection.execute(
            "select 1 from duckdb_columns() where schema_name = 'marts' and table_name = ?"
            " and database_name = coalesce(?, current_database()) limit 1",
            [table, database],
        ).fetchall()
    )


def rows(connection: duckdb.DuckDBPyConnection, sql: str, facts: Mapping[str, Any]) -> Sequence[Row]:
    """A query's rows as name → value."""
    cursor = connection.execute(sql, dict(facts))
    names = [column[0] for column in cursor.description or ()]
    return [dict(zip(names, row, strict=True)) for row in cursor.fetchall()]
