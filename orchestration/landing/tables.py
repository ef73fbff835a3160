"""Rule tables, people, settings and decisions, archived like a source's files: SQL knows them only from there."""

import csv
import hashlib
import io
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import fields, replace
from datetime import UTC, date, datetime
from typing import TYPE_CHECKING

from orchestration.landing.entry import Entry
from orchestration.landing.pull import LandingReport
from orchestration.settings import Parameters, Settings, rule_tables

if TYPE_CHECKING:
    from orchestration.landing.archive import Archive

RULES, SETTINGS, DECISIONS = "_rules", "_settings", "_decisions"
TRIAL = "trial/"
"""In front of the name of a table that is only tried, in an archive beside the real one."""
INBOX = "_inbox"
"""What people brought as files; its streams are their names."""
EVENTS = "events"
SHIPPED = "shipped"
"""Stated of a rule table that nothing in the folder of rules replaces."""
EVENT_COLUMNS = (
    *("sequence", "at", "person", "kind", "decision_id", "content", "signature", "previous_hash", "hash"),
    "is_signature_valid",
)
SETTINGS_COLUMNS: Mapping[str, tuple[str, ...]] = {
    "entities": ("entity", "name", "taxpayer", "accounting_standard"),
    "stores": ("store", "entity", "platform", "money", "settles_into"),
    "store_payments": ("store", "account"),
    "accounts": (*("account", "entity", "platform", "kind", "currency", "pays_out_to", "calendar", "ledger_account"),),
    "connections": (*("connection", "source", "role", "store", "account", "platform", "entity", "currency", "expect"),),
}


def parameter_columns() -> tuple[str, ...]:
    """The columns of the one row of ``parameters``: the domain's names, then what the settings say of the whole."""
    named = tuple(item.name for item in fields(Parameters))
    return (*named, "language", "timezone", "base_currency", "start_date")


def land_own_tables(
    archive: "Archive", settings: Settings, today: date, now: datetime, rules: Mapping[str, bytes] | None = None
) -> LandingReport:
    """Archive each table whose bytes differ from the newest ones; the rest is not mentioned again.

    ``rules``: what counts of the rule tables; None: each as it lies.
    """
    lying = rule_tables(settings.rules_dir)
    counting = {name: path.read_bytes() for name, path in lying.items()} if rules is None else rules
    wanted = {(RULES, name): body for name, body in counting.items()}
    wanted |= {(SETTINGS, name): body for name, body in settings_tables(settings).items()}
    newest = {
        (entry.connection, entry.stream): entry.digest
        for entry in archive.entries()
        if entry.connection in {RULES, SETTINGS}
    }
    fresh: list[Entry] = []
    same = 0
    for (connection, stream), body in sorted(wanted.items()):
        if newest.get((connection, stream)) == hashlib.sha256(body).hexdigest():
            same += 1
            continue
        digest = archive.store(body, connection, stream, today, "csv")
        entry = _entry((connection, stream), today, now, digest, len(body))
        is_shipped = connection == RULES and stream in lying and lying[stream].parent != settings.rules_dir
        fresh.append(replace(entry, stated={SHIPPED: "true"}) if is_shipped else entry)
    entries = archive.append(fresh)
    return LandingReport(
        entries=tuple(entries), arrived=len(entries), unchanged=same, bytes=sum(entry.size for entry in entries)
    )


def settings_tables(settings: Settings) -> Mapping[str, bytes]:
    """The settings that SQL needs, one CSV each."""
    parties: Mapping[str, Iterable[tuple[object, ...]]] = {
        "entities": [(e.code, e.name, e.taxpayer, e.accounting_standard) for e in settings.entities],
        "stores": [(s.code, s.entity, s.platform, s.money, s.settles_into) for s in settings.stores],
        "store_payments": [(s.code, account) for s in settings.stores for account in s.payments],
        "accounts": [
            (a.code, a.entity, a.platform, a.kind, a.currency, a.pays_out_to, a.calendar, a.ledger_account)
            for a in settings.accounts
        ],
        "connections": [
            (c.name, c.source, c.role, c.store, c.account, c.platform, c.entity, c.currency, c.expect)
            for c in settings.connections
        ],
    }
    tables = {name: _csv(SETTINGS_COLUMNS[name], rows) for name, rows in parties.items()}
    given = [getattr(settings.parameters, item.name) for item in fields(settings.parameters)]
    whole = [settings.language, settings.timezone.key, settings.base_currency, settings.start_date.isoformat()]
    tables["parameters"] = _csv(parameter_columns(), [(*given, *whole)])
    return tables


def land_rules(
    archive: "Archive", tables: Mapping[str, bytes], today: date, now: datetime, *, on_trial: bool = False
) -> LandingReport:
    """Archive these rule tables, whatever the newest ones say; those on trial are named so."""
    fresh = [
        _entry((RULES, name), today, now, archive.store(body, RULES, name, today, "csv"), len(body))
        for name, body in sorted(tables.items())
    ]
    if on_trial:
        fresh = [replace(entry, name=f"{TRIAL}{entry.name}") for entry in fresh]
    entries = archive.append(fresh)
    return LandingReport(entries=tuple(entries), arrived=len(entries), bytes=sum(entry.size for entry in entries))


def land_decisions(
    archive: "Archive", rows: Sequence[tuple[object, ...]], stated: Mapping[str, str], today: date, now: datetime
) -> LandingReport:
    """Archive further events of the log of decisions, in the order of ``EVENT_COLUMNS``."""
    if not rows:
        return LandingReport()
    body = _csv(EVENT_COLUMNS, rows)
    digest = archive.store(body, DECISIONS, EVENTS, today, "csv")
    entries = archive.append([replace(_entry((DECISIONS, EVENTS), today, now, digest, len(body)), stated=stated)])
    return LandingReport(entries=tuple(entries), arrived=1, bytes=len(body))


def land_file(archive: "Archive", said: tuple[str, str], body: bytes, today: date, now: datetime) -> LandingReport:
    """Archive a file that somebody brought; ``said``: the person and the file's name."""
    person, name = said
    suffix = name.rpartition(".")[2].lower()
    digest = archive.store(body, INBOX, person, today, suffix)
    entry = replace(_entry((INBOX, person), today, now, digest, len(body)), name=name, suffix=suffix)
    return LandingReport(entries=tuple(archive.append([entry])), arrived=1, bytes=len(body))


def _csv(columns: tuple[str, ...], rows: Iterable[tuple[object, ...]]) -> bytes:
    text = io.StringIO(newline="")
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow(columns)
    writer.writerows(["" if cell is None else str(cell) for cell in row] for row in rows)
    return text.getvalue().encode()


def _entry(place: tuple[str, str], today: date, now: datetime, digest: str, size: int) -> Entry:
    connection, stream = place
    return Entry(
        sequence=0,
        pull=0,
        pull_size=0,
        status="arrived",
        connection=connection,
        source=connection,
        stream=stream,
        day=today.isoformat(),
        window=None,
        request={},
        name=f"{stream}.csv",
        received_at=now.astimezone(UTC).isoformat(timespec="microseconds"),
        digest=digest,
        size=size,
        suffix="csv",
        stated={},
        error_class=None,
        error_code=None,
        reason=None,
    )
