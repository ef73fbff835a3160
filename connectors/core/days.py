"""Local calendar days of a window. What a source calls a day is stated by the source."""

from collections.abc import Iterator
from datetime import date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from connectors.core.protocol import Window

SHANGHAI = ZoneInfo("Asia/Shanghai")


def days_of(window: Window, timezone: ZoneInfo) -> Iterator[date]:
    """Every local day that the window touches, in order."""
    day = window.start.astimezone(timezone).date()
    while datetime.combine(day, time(), timezone) < window.end:
        yield day
        day += timedelta(days=1)


def day_window(day: date, timezone: ZoneInfo) -> Window:
    """The local day as a half-open window."""
    return Window(
        start=datetime.combine(day, time(), timezone),
        end=datetime.combine(day + timedelta(days=1), time(), timezone),
    )
