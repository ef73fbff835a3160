"""The only place that asks the time.

Two clocks (contract §2): the machine clock signs and stamps; ``as_of`` is the business clock of a run. A run
carries ``as_of`` as a tag, so that every step, a re-execution and the UI see the same one.
"""

from datetime import UTC, datetime
from typing import Final
from zoneinfo import ZoneInfo

AS_OF_TAG: Final = "tieout/as_of"
FULL_REFRESH_TAG: Final = "tieout/full_refresh"
EXPLICIT_TAG: Final = "tieout/asked_days"
"""Present when somebody named the days: a day that cannot be complete yet is then reported as missing."""


class ClockError(ValueError):
    """The asked ``as_of`` cannot be used; the message says why and what to do."""


def machine_now() -> datetime:
    """The machine clock, aware."""
    return datetime.now(UTC)


def parse_moment(text: str, zone: ZoneInfo) -> datetime:
    """An ISO 8601 moment; without an offset it is local time in the configured zone."""
    try:
        moment = datetime.fromisoformat(text)
    except ValueError as error:
        raise ClockError(
            f"--as-of {text!r} is no time: write ISO 8601, for example 2026-10-03T10:30:00+08:00"
        ) from error
    return moment if moment.tzinfo else moment.replace(tzinfo=zone)


def business_now(asked: datetime | None, published: datetime | None, *, full_refresh: bool = False) -> datetime:
    """The ``as_of`` of a run: as asked, else the machine clock, never earlier than the last published one."""
    if asked is None:
        now = machine_now()
        return now if published is None or full_refresh else max(now, published)
    if published is not None and asked < published and not full_refresh:
        raise ClockError(
            f"--as-of {asked.isoformat()} is earlier than the last published {published.isoformat()}: "
            "choose a later time, or add --full-refresh to build everything again as of the earlier one"
        )
    return asked
