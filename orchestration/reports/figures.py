"""The figures of one run: what agrees, what waits, what is broken, what is incomplete.

Read from the published snapshot, so the summary on the screen, the report file and the tables say the same.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import Any, Final

import duckdb

AGREES: Final = """
    select level, currency, count(*) as matches, sum(left_amount) as amount,
        count(*) filter (where status = 'differs') as differing,
        coalesce(sum(abs(difference)) filter (where status = 'differs'), 0) as difference
    from marts.matches group by level, currency order by level, currency
"""
WAITS: Final = """
    select code, any_value(name) as name, coalesce(level, '') as level, currency, count(*) as items,
        sum(amount) as amount, min(breaks_on)::varchar as breaks_on
    from marts.exceptions where status = 'timing' group by code, level, currency order by code, level, currency
"""
BROKEN: Final = """
    select code, any_value(name) as name, coalesce(min(severity), '') as severity, currency, count(*) as items,
        sum(amount) as amount
    from marts.exceptions where status not in ('timing', 'cleared')
    group by code, currency order by code, currency
"""
INCOMPLETE: Final = """
    select business_date, coalesce(account, store, connection, '') as place, code, coalesce(explanation, '') as why
    from marts.exceptions where code in ('E001', 'E002') and status not in ('timing', 'cleared')
    order by business_date, place, code
"""
PRESENT: Final = """
    select table_name from duckdb_tables() where schema_name = 'marts'
    union all
    select view_name from duckdb_views() where schema_name = 'marts'
"""
UNMATCHED: Final = "select count(*), coalesce(sum(amount), 0) from marts.open_items"
RATES: Final = """
    with sides as (
        select level, currency, 1 as matched, 0 as missing, abs(left_amount) as amount, 0 as missing_amount
        from marts.matches
        union all
        select level, currency, 0, 1, 0, amount from marts.exceptions where kind = 'open' and status <> 'cleared'
    )
    select level, currency, sum(matched), sum(matched + missing), sum(amount), sum(amount + missing_amount)
    from sides group by level, currency order by level, currency
"""


@dataclass(frozen=True, slots=True)
class Agreeing:
    """Matches of one level."""

    level: str
    currency: str
    matches: int
    amount: Decimal
    differing: int
    difference: Decimal


@dataclass(frozen=True, slots=True)
class Waiting:
    """Items inside their allowed time."""

    code: str
    name: str
    level: str
    currency: str
    items: int
    amount: Decimal
    breaks_on: str | None


@dataclass(frozen=True, slots=True)
class Broken:
    """Exceptions of one code that need somebody."""

    code: str
    name: str
    severity: str
    currency: str
    items: int
    amount: Decimal


@dataclass(frozen=True, slots=True)
class Incomplete:
    """An account-day nothing is concluded from."""

    day: date | None
    place: str
    code: str
    why: str


@dataclass(frozen=True, slots=True)
class Rate:
    """Share of one level that is matched, by count and by money."""

    level: str
    currency: str
    matched: int
    items: int
    matched_amount: Decimal
    amount: Decimal

    @property
    def by_count(self) -> Decimal | None:
        """Matched items of all items."""
        return Decimal(self.matched) / Decimal(self.items) if self.items else None

    @property
    def by_money(self) -> Decimal | None:
        """Matched money of all money; None where matches of the level carry none (a shipment)."""
        carries = self.amount and (self.matched_amount or not self.matched)
        return Decimal(self.matched_amount) / Decimal(self.amount) if carries else None


@dataclass(frozen=True, slots=True)
class Figures:
    """Everything the summary and the report say."""

    agreeing: tuple[Agreeing, ...] = ()
    waiting: tuple[Waiting, ...] = ()
    broken: tuple[Broken, ...] = ()
    incomplete: tuple[Incomplete, ...] = ()
    rates: tuple[Rate, ...] = ()
    open_items: int = 0
    open_amount: Decimal = field(default_factory=Decimal)


def read_figures(snapshot: Path) -> Figures:
    """The figures of the newest snapshot; a table that nothing feeds yet gives none."""
    with duckdb.connect(str(snapshot), read_only=True) as connection:
        present = {row[0] for row in connection.execute(PRESENT).fetchall()}

        def rows(sql: str, *needed: str) -> Sequence[tuple[Any, ...]]:
            return connection.execute(sql).fetchall() if present.issuperset(needed) else ()

        still_open = rows(UNMATCHED, "open_items") or ((0, Decimal(0)),)
        return Figures(
            agreeing=tuple(Agreeing(*row) for row in rows(AGREES, "matches")),
            waiting=tuple(Waiting(*row) for row in rows(WAITS, "exceptions")),
            broken=tuple(Broken(*row) for row in rows(BROKEN, "exceptions")),
            incomplete=tuple(Incomplete(*row) for row in rows(INCOMPLETE, "exceptions")),
            rates=tuple(Rate(*row) for row in rows(RATES, "matches", "exceptions")),
            open_items=still_open[0][0],
            open_amount=still_open[0][1],
        )
