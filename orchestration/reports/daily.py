"""What the daily report shows beyond the figures of the run: indicators and the rows behind each chart.

Read from the published snapshot. Days are business days; money is in the unit of its currency; rates are fractions.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any, Final

import duckdb

from orchestration.reports.figures import PRESENT

SHOWN_DAYS: Final = 31
BUCKETS: Final = ("0_1", "2_3", "4_7", "8_30", "31_90", "over_90")
INDICATORS: Final = """
    select kpi, currency, sum(numerator), sum(denominator), any_value(target)
    from marts.kpis where scope_kind = 'all' and day between $first and $last
    group by kpi, currency order by kpi, currency
"""
RATES: Final = """
    select day, currency, max(value) filter (where kpi = 'match_rate_count') as by_count,
        max(value) filter (where kpi = 'match_rate_amount') as by_money
    from marts.kpis
    where scope_kind = 'all' and kpi in ('match_rate_count', 'match_rate_amount') and day between $first and $last
    group by day, currency order by day, currency
"""
AGES: Final = """
    select bucket, status, currency, count(*), sum(amount)
    from marts.open_items group by bucket, status, currency order by currency, bucket, status
"""
DRIFT: Final = """
    select day, scope, currency, numerator, denominator, value
    from marts.kpis where scope_kind = 'fee_type' and kpi = 'fee_drift' and day between $first and $last
    order by day, scope, currency
"""
TRANSIT: Final = """
    select day, account, currency, in_transit_amount, expected_on
    from marts.cash_position
    where day between $first and $last and account in (
        select account from marts.cash_position where day between $first and $last and in_transit_amount <> 0
    )
    order by day, account, currency
"""
INCIDENTS: Final = """
    select incidents.code, codes.name, codes.name_zh, incidents.signature, incidents.currency,
        incidents.exception_count, incidents.order_count, incidents.amount, incidents.trend, incidents.likely_cause
    from marts.incidents as incidents
    inner join (
        select incident_id, any_value(name) as name, any_value(name_zh) as name_zh
        from marts.exceptions where incident_id is not null group by incident_id
    ) as codes on incidents.incident_id = codes.incident_id
    order by incidents.amount desc, incidents.incident_id limit 10
"""
NAMES: Final = "select distinct code, name_zh from marts.exceptions where name_zh is not null order by code"


@dataclass(frozen=True, slots=True)
class Indicator:
    """One indicator over the days shown; ``value`` is None where there is nothing to share."""

    name: str
    currency: str
    numerator: Decimal
    denominator: Decimal
    target: Decimal | None

    @property
    def value(self) -> Decimal | None:
        """Numerator by denominator."""
        return self.numerator / self.denominator if self.denominator else None


@dataclass(frozen=True, slots=True)
class DayRate:
    """How much of a day is matched, of what is due."""

    day: date
    currency: str
    by_count: Decimal | None
    by_money: Decimal | None


@dataclass(frozen=True, slots=True)
class Age:
    """Open items of one age."""

    bucket: str
    status: str
    currency: str
    items: int
    amount: Decimal


@dataclass(frozen=True, slots=True)
class Drift:
    """What a day's charges of one kind took beyond their rules."""

    day: date
    fee_type: str
    currency: str
    amount: Decimal
    base: Decimal
    value: Decimal | None


@dataclass(frozen=True, slots=True)
class Transit:
    """Money that has left an account at a day's end, and is not at the bank."""

    day: date
    account: str
    currency: str
    amount: Decimal
    expected_on: date | None


@dataclass(frozen=True, slots=True)
class Incident:
    """Open exceptions of one signature."""

    code: str
    name: str
    name_zh: str
    signature: str
    currency: str
    exceptions: int
    orders: int
    amount: Decimal
    trend: str
    cause: str


@dataclass(frozen=True, slots=True)
class DailyFacts:
    """Everything behind the charts; empty where no table feeds it yet."""

    first: date
    last: date
    indicators: tuple[Indicator, ...] = ()
    rates: tuple[DayRate, ...] = ()
    ages: tuple[Age, ...] = ()
    drift: tuple[Drift, ...] = ()
    transit: tuple[Transit, ...] = ()
    incidents: tuple[Incident, ...] = ()
    names_zh: tuple[tuple[str, str], ...] = ()


def read_daily(snapshot: Path, last: date) -> DailyFacts:
    """The month up to the newest day of the run."""
    first = last - timedelta(days=SHOWN_DAYS - 1)
    with duckdb.connect(str(snapshot), read_only=True) as connection:
        present = {row[0] for row in connection.execute(PRESENT).fetchall()}

        def rows(sql: str, *needed: str) -> Sequence[tuple[Any, ...]]:
            if not present.issuperset(needed):
                return ()
            days = {"first": first, "last": last} if "$first" in sql else {}
            return connection.execute(sql, days).fetchall()

        return DailyFacts(
            first=first,
            last=last,
            indicators=tuple(Indicator(*row) for row in rows(INDICATORS, "kpis")),
            rates=tuple(DayRate(*row) for row in rows(RATES, "kpis")),
            ages=tuple(Age(*row) for row in rows(AGES, "open_items")),
            drift=tuple(Drift(*row) for row in rows(DRIFT, "kpis")),
            transit=tuple(Transit(*row) for row in rows(TRANSIT, "cash_position")),
            incidents=tuple(Incident(*row) for row in rows(INCIDENTS, "incidents", "exceptions")),
            names_zh=tuple((code, name) for code, name in rows(NAMES, "exceptions")),
        )
