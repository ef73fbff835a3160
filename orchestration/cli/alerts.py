"""``tieout alerts``: try the channels, see what is told, send what waits, be silent for some days."""

import sys
from collections.abc import Sequence
from pathlib import Path

from orchestration.cli.edge import DONE, INCOMPLETE, RED, UsageError
from orchestration.lib.clock import machine_now
from orchestration.settings import Settings, load
from orchestration.settings.alerts import AlertSettings


def test_channels(config: Path, names: Sequence[str]) -> int:
    """One message over each channel; exit code 1 when one did not arrive."""
    import requests

    from orchestration.alerts import send_test
    from orchestration.lib.alerting import tools_of

    settings = load(config)
    alerts = _alerts(settings)
    known = [channel.name for channel in alerts.channels]
    for name in names:
        if name not in known:
            raise UsageError(f"--channel {name}: no channel has that name; configured are {', '.join(known)}")
    with requests.Session() as session:
        found = send_test(settings, alerts, settings.environ, names or known, tools_of(session))
    for name, problem in found.items():
        sys.stdout.write(f"{'WRONG' if problem else 'ok':<6}{name}: {problem or 'the message was taken'}\n")
    return RED if any(found.values()) else DONE


def snooze_incident(config: Path, number: str, until: str, name: str) -> int:
    """Silence about one incident."""
    from orchestration.alerts import snooze
    from orchestration.cli.run import parse_day
    from orchestration.decisions.people import person_of

    settings = load(config)
    _alerts(settings)
    person = person_of(settings, name).name
    day = parse_day("--until", until)
    if day is None:
        raise UsageError("--until is missing: write YYYY-MM-DD")
    found = snooze(settings, number, day, person, machine_now())
    sys.stdout.write(
        f"no message about {found} before {day}; the exceptions stay as they are, and due when they were\n"
    )
    return DONE


def list_incidents(config: Path) -> int:
    """What is open for messages, and what waits to be sent."""
    from orchestration.alerts import store_of
    from orchestration.alerts.open import open_incidents

    settings = load(config)
    alerts = _alerts(settings)
    store = store_of(settings)
    known, silent = store.known(), store.silent()
    for incident in open_incidents(settings):
        told = known.get(incident.incident_id)
        state = "not told yet" if told is None else f"told {told.recipient}"
        if incident.severity > alerts.severity:
            state = "below the severity that is told"
        if told and told.escalated_to:
            state += f" and {told.escalated_to}"
        if told and told.was_snoozed:
            state = f"snoozed until {silent[incident.incident_id]}"
        money = "" if incident.amount is None else f", {incident.amount} {incident.currency}"
        what = f"{incident.severity} {incident.code} {incident.place}: {incident.items} open{money}"
        sys.stdout.write(f"{incident.incident_id}  {what}; {state}\n")
    pending = store.pending()
    for message in pending:
        sys.stdout.write(f"waits: {message.title}; {message.problem or 'not tried yet'}\n")
    return DONE


def send_pending(config: Path) -> int:
    """Send what waits; exit code 3 when something goes on waiting."""
    from orchestration.lib.alerting import send_waiting

    settings = load(config)
    _alerts(settings)
    delivery = send_waiting(settings)
    if sentence := delivery.sentence():
        sys.stderr.write(f"tieout: {sentence}\n")
    sys.stdout.write(f"{delivery.sent} sent, {delivery.waiting} waiting\n")
    return INCOMPLETE if delivery.waiting else DONE


def _alerts(settings: Settings) -> AlertSettings:
    if settings.alerts is None:
        raise UsageError(f"{settings.path.name} has no [alerts]: name a channel there first")
    return settings.alerts
