"""What a message says, in one language: names, sums and days of an incident, nothing of a buyer or an order."""

from collections.abc import Sequence
from datetime import datetime
from typing import Final
from zoneinfo import ZoneInfo

from orchestration.alerts.open import OpenIncident
from orchestration.alerts.store import Draft, Incident, Kind
from orchestration.settings.labels import Labels

LONGEST: Final = 120
SIGNATURE: Final = "Tieout 账平"
"""In every title: robots that ask for a keyword are given this one."""
# what some channel would read as a mention, a link or a tag
HARMLESS: Final = str.maketrans({"<": "‹", ">": "›", "&": "＆"})


def about_incident(
    kind: Kind, incident: OpenIncident, recipient: tuple[str, str], words: Labels, at: tuple[datetime, ZoneInfo]
) -> Draft:
    """What is to be done. ``recipient``: name and role of who is told; ``at``: ``as_of`` and the zone to show it in."""
    as_of, zone = at
    zh = words.language == "zh"
    name = incident.name_zh if zh else incident.name.replace("_", " ").capitalize()
    amount = words.of("alert", "nothing") if incident.amount is None else f"{incident.amount} {incident.currency}"
    what = words.say("alert", "what", title=name, code=incident.code, items=incident.items, amount=amount.strip())
    place = " / ".join(part for part in (incident.entity, incident.place) if part)
    due = words.of("alert", "nothing") if incident.due_at is None else _moment(incident.due_at, zone)
    action = incident.action_zh if zh else incident.action
    first = incident.first_seen_on or words.of("alert", "nothing")
    lines = [
        what,
        words.say("alert", "where", place=place),
        words.say("alert", "who", owner=_person(incident.recipient, incident.role, words)),
        *((words.say("alert", "told", second=_person(recipient[0], "", words)),) if kind == "escalated" else ()),
        words.say("alert", "since", first=first, due=due),
        words.say("alert", "action", action=action),
        words.of("alert", "list"),
        words.say("alert", "number", number=incident.incident_id, as_of=_moment(as_of, zone)),
    ]
    title = _title(kind, f"{incident.severity} {name} {incident.code}", words)
    return Draft(kind, incident.incident_id, *recipient, severity=incident.severity, title=title, body=_body(lines))


def about_gone(incident: Incident, recipient: tuple[str, str], words: Labels, at: tuple[datetime, ZoneInfo]) -> Draft:
    """The all clear."""
    lines = [
        words.of("alert", "gone"),
        words.say("alert", "number", number=incident.incident_id, as_of=_moment(*at)),
    ]
    title = _title("cleared", incident.what, words)
    return Draft(
        "cleared", incident.incident_id, *recipient, severity=incident.severity, title=title, body=_body(lines)
    )


def about_failure(run_id: str, as_of: str, steps: Sequence[str], words: Labels) -> Draft:
    """A run that failed, by the names of its steps: the text of an error may hold cells of a source."""
    lines = [
        words.say("alert", "run", run_id=run_id, as_of=as_of or words.of("alert", "nothing")),
        words.say("alert", "steps", steps=", ".join(steps) or words.of("alert", "nothing")),
        words.of("alert", "look"),
    ]
    return Draft("failure", run_id, "", "", severity="S1", title=_title("failure", run_id, words), body=_body(lines))


def about_recovery(run_id: str, words: Labels, at: tuple[datetime, ZoneInfo]) -> Draft:
    """The all clear of a failed run."""
    said = words.say("alert", "published", as_of=_moment(*at))
    return Draft("recovered", run_id, "", "", severity="S1", title=_title("recovered", run_id, words), body=said)


def for_test(channel: str, words: Labels) -> tuple[str, str]:
    """Title and body of a message that only shows that a channel works."""
    return _title("test", channel, words), words.say("alert", "works", channel=plain(channel))


def plain(text: str) -> str:
    """One short line without control characters, and nothing that a channel would take for more than text."""
    shown = "".join(character if character.isprintable() else " " for character in text.translate(HARMLESS))
    line = " ".join(shown.split())
    return line if len(line) <= LONGEST else f"{line[: LONGEST - 1]}…"


def _title(kind: str, what: str, words: Labels) -> str:
    return plain(f"[{SIGNATURE}] {words.of('alert', kind)}: {what}")


def _body(lines: Sequence[str]) -> str:
    return "\n".join(plain(line) for line in lines)


def _person(name: str, role: str, words: Labels) -> str:
    label = words.of("role", name)
    shown = name if label == name else f"{name} {label}"
    return f"{shown} ({role} {words.of('role', role)})" if role and role != name else shown


def _moment(moment: datetime, zone: ZoneInfo) -> str:
    return moment.astimezone(zone).isoformat(sep=" ", timespec="minutes")
