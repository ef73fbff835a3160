"""Silence about one incident for some days. The incident itself stays as it is, and so does its due day."""

from datetime import date, datetime, timedelta
from typing import Final

from orchestration.alerts.errors import AlertError
from orchestration.alerts.open import open_incidents
from orchestration.alerts.store import store_of
from orchestration.settings import Settings
from orchestration.warehouse.ledger import last_published_as_of

FURTHEST: Final = timedelta(days=366)
SHORTEST: Final = 6
"""So much of a number must be given."""


def snooze(settings: Settings, number: str, until: date, person: str, now: datetime) -> str:
    """Nothing about an incident before ``until``; its number, of which the beginning is enough. Raises AlertError."""
    as_of = last_published_as_of(settings.data_dir)
    if as_of is None:
        raise AlertError("nothing is published yet: run tieout run first")
    today = as_of.astimezone(settings.timezone).date()
    if until <= today or until - today > FURTHEST:
        raise AlertError(
            f"--until {until}: a message is snoozed for one day to a year; what is published is of {today}"
        )
    open_ones = [incident.incident_id for incident in open_incidents(settings)]
    found = [name for name in open_ones if name == number or (len(number) >= SHORTEST and name.startswith(number))]
    if len(found) != 1:
        said = "several incidents begin so" if found else "no incident of that number is open"
        raise AlertError(f"{number}: {said}; tieout alerts list shows them")
    with store_of(settings).changing() as state:
        state.silence(found[0], until, person, now)
    return found[0]
