"""Which business days a run covers when nobody says: from the first day not yet complete to the newest one due."""

from collections.abc import Collection, Mapping
from datetime import date, datetime, time, timedelta
from typing import Final

from connectors.core.registry import source_named
from orchestration.lib.partitions import ONE_DAY, each_day, local_day
from orchestration.settings import ConnectionSettings, Settings

Complete = Mapping[tuple[str, str], Collection[date]]
MIDNIGHT: Final = time()


def ready_at(connection: ConnectionSettings) -> time:
    """The local time on the day after from which all streams of a connection can be complete."""
    source = source_named(connection.source)
    return max((stream.ready_at or MIDNIGHT for stream in source.streams), default=MIDNIGHT)


def newest_due_day(settings: Settings, as_of: datetime) -> date:
    """The newest day for which every ``expect = "daily"`` connection is due; without any, yesterday."""
    yesterday = local_day(as_of, settings.timezone) - ONE_DAY
    due = [yesterday]
    for connection in settings.connections:
        if connection.expect == "daily":
            now = as_of.astimezone(connection.timezone)
            waiting = now.time() < ready_at(connection)
            due.append(now.date() - timedelta(days=2 if waiting else 1))
    return min(due)


def first_open_day(settings: Settings, complete: Complete, newest: date) -> date:
    """The first day that some daily stream has not delivered; ``newest`` when all have.

    Streams that ``complete`` does not know have no days that could be asked for (folders).
    """
    daily = {connection.name for connection in settings.connections if connection.expect == "daily"}
    known = [days for (connection, _), days in complete.items() if connection in daily]
    for day in each_day(settings.start_date, newest):
        if any(day not in days for days in known):
            return day
    return newest
