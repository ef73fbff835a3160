"""Which messages a publication or a failure makes: compared with what was told before, and written down at once."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Final
from zoneinfo import ZoneInfo

from orchestration.alerts.open import OpenIncident, open_incidents
from orchestration.alerts.store import Incident, Kind, State, store_of
from orchestration.alerts.text import about_failure, about_gone, about_incident, about_recovery
from orchestration.settings import Settings
from orchestration.settings.alerts import AlertSettings
from orchestration.settings.labels import Labels, labels

LAST_LOOK: Final = "as_of"


@dataclass(slots=True)
class Planned:
    """How many messages of each kind were written, and how many incidents are silent because somebody said so."""

    raised: int = 0
    reminded: int = 0
    escalated: int = 0
    cleared: int = 0
    snoozed: int = 0
    is_older: bool = False


def plan(settings: Settings, alerts: AlertSettings, as_of: datetime, now: datetime) -> Planned:
    """Compare the published snapshot with what was told. An older one than the last looked at says nothing new.

    Raises Busy when another process keeps sending for too long.
    """
    found = open_incidents(settings)
    store = store_of(settings)
    with store.held(), store.changing() as state:
        last = state.fact(LAST_LOOK)
        if last is not None and as_of < datetime.fromisoformat(last):
            return Planned(is_older=True)
        look = Look(alerts, state, labels(settings.language), (as_of, settings.timezone), now)
        look.take(found)
        state.keep_fact(LAST_LOOK, as_of.isoformat())
    return look.planned


def note_failure(settings: Settings, run_id: str, as_of: str, steps: Sequence[str], now: datetime) -> bool:
    """Write the message about a failed run, once per run. False: it was written before."""
    with store_of(settings).changing() as state:
        if state.is_known("failure", run_id):
            return False
        state.write(about_failure(run_id, as_of, steps, labels(settings.language)), now)
    return True


class Look:
    """One comparison."""

    def __init__(
        self, alerts: AlertSettings, state: State, words: Labels, at: tuple[datetime, ZoneInfo], now: datetime
    ) -> None:
        self.planned = Planned()
        self._alerts = alerts
        self._state = state
        self._words = words
        self._at = at
        self._now = now

    def take(self, found: Sequence[OpenIncident]) -> None:
        """Everything that is open, then everything that is not any more, then the runs that failed before this one."""
        known = self._state.incidents()
        silent = self._state.silent()
        as_of, zone = self._at
        today = as_of.astimezone(zone).date()
        for incident in found:
            before = known.get(incident.incident_id)
            until = silent.get(incident.incident_id)
            if incident.severity > self._alerts.severity:
                self._state.withdraw(incident.incident_id)
            elif until is not None and today < until:
                self._keep_silent(incident, before)
            else:
                self._tell(incident, before)
        for number in sorted(known.keys() - {incident.incident_id for incident in found}):
            self._clear(known[number])
        self._recover()

    def _keep_silent(self, incident: OpenIncident, before: Incident | None) -> None:
        self.planned.snoozed += 1
        self._state.withdraw(incident.incident_id)
        self._state.keep(replace(before or _known(incident), escalated_to=None, was_snoozed=True))

    def _tell(self, incident: OpenIncident, before: Incident | None) -> None:
        now_known = replace(_known(incident), escalated_to=before.escalated_to if before else None)
        if before is None or (before.recipient, before.role) != (incident.recipient, incident.role):
            self.planned.raised += 1
            self._write("raised", incident, (incident.recipient, incident.role))
        elif before.was_snoozed:
            self.planned.reminded += 1
            self._write("reminder", incident, (incident.recipient, incident.role))
        second = self._alerts.second_of(incident.recipient, incident.role)
        overdue = incident.due_at is not None and incident.due_at < self._at[0]
        if overdue and second and now_known.escalated_to != second:
            self.planned.escalated += 1
            self._write("escalated", incident, (second, second))
            now_known = replace(now_known, escalated_to=second)
        self._state.keep(now_known)

    def _clear(self, incident: Incident) -> None:
        told = self._state.told(incident.incident_id)
        self._state.withdraw(incident.incident_id)
        self._state.forget(incident.incident_id)
        for recipient in told:
            self.planned.cleared += 1
            self._state.write(about_gone(incident, recipient, self._words, self._at), self._now)

    def _recover(self) -> None:
        told = []
        for run_id in self._state.written("failure"):
            told += [run_id] if self._state.told(run_id) else []
            self._state.withdraw(run_id)
            self._state.forget(run_id)
        if told:
            self._state.write(about_recovery(told[-1], self._words, self._at), self._now)

    def _write(self, kind: Kind, incident: OpenIncident, recipient: tuple[str, str]) -> None:
        self._state.write(about_incident(kind, incident, recipient, self._words, self._at), self._now)


def _known(incident: OpenIncident) -> Incident:
    what = f"{incident.severity} {incident.code}"
    return Incident(incident.incident_id, incident.recipient, incident.role, incident.severity, what)
