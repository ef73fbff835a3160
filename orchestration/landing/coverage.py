"""Which days of which streams the archive holds."""

from collections.abc import Mapping
from datetime import date
from typing import TYPE_CHECKING

from connectors.core.registry import source_named
from orchestration.settings import Settings

if TYPE_CHECKING:
    from orchestration.landing.archive import Archive


def complete_days(archive: "Archive", settings: Settings) -> Mapping[tuple[str, str], frozenset[date]]:
    """Per connection and stream the days whose newest answer brought something, or nothing at all.

    Folders are left out: what lies in them has no day that could be asked for.
    """
    days: dict[tuple[str, str], set[date]] = {
        (connection.name, stream.name): set()
        for connection in settings.connections
        for stream in source_named(connection.source).streams
        if stream.day_kind != "drop" and connection.path is None
    }
    for entry in archive.entries():
        if entry.status != "missing" and (entry.connection, entry.stream) in days:
            days[entry.connection, entry.stream].add(entry.local_day)
    return {key: frozenset(found) for key, found in days.items()}
