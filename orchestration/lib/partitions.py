"""Business days as partitions: their definition, a run's range of them, and the tags that carry the range."""

import os
from collections.abc import Iterator, Mapping
from datetime import date, datetime, timedelta
from typing import Final
from zoneinfo import ZoneInfo

import dagster as dg

RANGE_START: Final = "dagster/asset_partition_range_start"
RANGE_END: Final = "dagster/asset_partition_range_end"
LAST_DAY_VARIABLE: Final = "TIEOUT_LAST_DAY"
ONE_DAY: Final = timedelta(days=1)
NOON: Final = "0 12 * * *"
MORNING: Final = timedelta(hours=6)


def business_days(start: date, zone: ZoneInfo, today: date, last: date | None = None) -> dg.DailyPartitionsDefinition:
    """One partition per business day in the configured zone.

    ``last`` widens the calendar past yesterday: a simulated world may be ahead of the machine's clock.
    """
    ahead = max(0, (last - today).days + 1) if last else 0
    return dg.DailyPartitionsDefinition(start_date=start.isoformat(), timezone=zone.key, end_offset=ahead)


def fresh_by_noon(zone: ZoneInfo) -> dg.FreshnessPolicy:
    """Made again every morning; which day it was made for, the check on the newest day sees."""
    return dg.FreshnessPolicy.cron(deadline_cron=NOON, lower_bound_delta=MORNING, timezone=zone.key)


def asked_last_day() -> date | None:
    """The last day a command wants, handed to the definitions it is about to load."""
    text = os.environ.get(LAST_DAY_VARIABLE)
    return date.fromisoformat(text) if text else None


def range_tags(first: date, last: date) -> Mapping[str, str]:
    """The tags that make one run cover ``first`` to ``last``, both included."""
    return {RANGE_START: first.isoformat(), RANGE_END: last.isoformat()}


def days_of(context: dg.AssetExecutionContext) -> tuple[date, date]:
    """First and last business day of this run, both included."""
    window = context.partition_time_window
    return window.start.date(), (window.end - ONE_DAY).date()


def each_day(first: date, last: date) -> Iterator[date]:
    """Every day from ``first`` to ``last``, both included."""
    day = first
    while day <= last:
        yield day
        day += ONE_DAY


def local_day(moment: datetime, zone: ZoneInfo) -> date:
    """The calendar day of a moment in the configured zone."""
    return moment.astimezone(zone).date()
