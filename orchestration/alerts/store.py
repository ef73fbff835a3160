"""What was told, what waits to be told, and what is silent for a while: SQLite in the data folder.

A message is written down before it is sent and noted when it is delivered. Whoever dies between the two sends it
once more, and says so.
"""

import sqlite3
from collections.abc import Iterator, Mapping, Sequence
from contextlib import AbstractContextManager, closing, contextmanager
from dataclasses import dataclass
from datetime import date, datetime
from pathlib import Path
from typing import Any, Final, Literal

from orchestration.settings import Settings, hold

Kind = Literal["raised", "escalated", "reminder", "cleared", "failure", "recovered"]
BUSY_SECONDS: Final = 60.0
LOCK_SECONDS: Final = 120.0
TABLES: Final = """
    create table if not exists facts (name text primary key, value text not null) strict;
    create table if not exists incidents (
        incident_id text primary key, recipient text not null, role text not null, severity text not null,
        what text not null, escalated_to text, was_snoozed integer not null default 0
    ) strict;
    create table if not exists messages (
        message_id integer primary key autoincrement, kind text not null, incident_id text not null,
        recipient text not null, role text not null, severity text not null, title text not null, body text not null,
        state text not null, unclear integer not null default 0, attempts integer not null default 0,
        problem text not null default '', written_at text not null, sent_at text, channel text,
        -- what an all clear answers; an all clear that waits is told even if the incident comes back
        is_about_open integer as (kind in ('raised', 'escalated', 'reminder', 'failure')),
        -- the machinery first; what was tried in vain again and again waits behind what was not
        place integer as ((attempts >= 3) * 3 + (kind <> 'failure') + (kind not in ('failure', 'recovered')))
    ) strict;
    create index if not exists messages_by_state on messages (state);
    create index if not exists messages_by_incident on messages (incident_id);
    create table if not exists snoozes (
        incident_id text not null, until_day text not null, person text not null, said_at text not null
    ) strict;
"""


@dataclass(frozen=True, slots=True)
class Incident:
    """What is known of an open incident: its code, whom it was told, and whether it is silent for a while."""

    incident_id: str
    recipient: str
    role: str
    severity: str
    what: str
    escalated_to: str | None = None
    was_snoozed: bool = False


@dataclass(frozen=True, slots=True)
class Draft:
    """A message before it is written down. ``recipient``: role or person; empty for who looks after the machinery."""

    kind: Kind
    incident_id: str
    recipient: str
    role: str
    severity: str
    title: str
    body: str


@dataclass(frozen=True, slots=True)
class Message:
    """A message that waits. ``unclear``: an attempt was begun and its end is not known."""

    message_id: int
    kind: Kind
    incident_id: str
    recipient: str
    role: str
    severity: str
    title: str
    body: str
    problem: str
    attempts: int
    unclear: bool


class State:
    """The state while one writer holds it; what is said here stands when the block of ``changing`` ends."""

    def __init__(self, connection: sqlite3.Connection) -> None:
        self._connection = connection

    def fact(self, name: str) -> str | None:
        """A single fact."""
        row = self._connection.execute("select value from facts where name = ?", (name,)).fetchone()
        return None if row is None else str(row[0])

    def keep_fact(self, name: str, value: str) -> None:
        """Set a single fact."""
        self._connection.execute("insert or replace into facts values (?, ?)", (name, value))

    def incidents(self) -> Mapping[str, Incident]:
        """What was open at the last look, by number."""
        rows = self._connection.execute(
            "select incident_id, recipient, role, severity, what, escalated_to, was_snoozed from incidents"
        )
        return {row["incident_id"]: Incident(**{**row, "was_snoozed": bool(row["was_snoozed"])}) for row in rows}

    def keep(self, incident: Incident) -> None:
        """Note what is known of an open incident."""
        self._connection.execute(
            "insert or replace into incidents values (?, ?, ?, ?, ?, ?, ?)",
            (
                *(incident.incident_id, incident.recipient, incident.role, incident.severity),
                *(incident.what, incident.escalated_to, int(incident.was_snoozed)),
            ),
        )

    def forget(self, incident_id: str) -> None:
        """The incident is gone; if it comes back, it is a new one."""
        self._connection.execute("delete from incidents where incident_id = ?", (incident_id,))
        self._connection.execute(
            "update messages set state = 'told' where incident_id = ? and state = 'sent' and is_about_open",
            (incident_id,),
        )

    def write(self, draft: Draft, now: datetime) -> None:
        """Put a message behind those that wait."""
        self._connection.execute(
            "insert into messages (kind, incident_id, recipient, role, severity, title, body, state, written_at)"
            " values (?, ?, ?, ?, ?, ?, ?, 'pending', ?)",
            (
                *(draft.kind, draft.incident_id, draft.recipient, draft.role, draft.severity, draft.title, draft.body),
                now.isoformat(),
            ),
        )

    def told(self, incident_id: str) -> Sequence[tuple[str, str]]:
        """Recipient and role of everybody who was, or may have been, told of this incident since it was raised."""
        rows = self._connection.execute(
            "select distinct recipient, role from messages"
            " where incident_id = ? and is_about_open and (state = 'sent' or (state = 'pending' and unclear))"
            " order by recipient, role",
            (incident_id,),
        )
        return [(row[0], row[1]) for row in rows]

    def withdraw(self, incident_id: str) -> None:
        """What still waits about this incident is no longer worth telling."""
        self._connection.execute(
            "update messages set state = 'withdrawn' where incident_id = ? and state = 'pending' and is_about_open",
            (incident_id,),
        )

    def written(self, kind: Kind) -> Sequence[str]:
        """The incidents a message of this kind was written about and is not done with, the newest last."""
        rows = self._connection.execute(
            "select incident_id from messages where kind = ? and state in ('pending', 'sent') order by message_id",
            (kind,),
        )
        return [row[0] for row in rows]

    def is_known(self, kind: Kind, incident_id: str) -> bool:
        """Whether such a message was ever written."""
        found = self._connection.execute(
            "select 1 from messages where kind = ? and incident_id = ?", (kind, incident_id)
        ).fetchone()
        return found is not None

    def silent(self) -> Mapping[str, date]:
        """Until when incidents are snoozed; the latest word counts."""
        rows = self._connection.execute("select incident_id, until_day from snoozes order by rowid")
        return {row[0]: date.fromisoformat(row[1]) for row in rows}

    def silence(self, incident_id: str, until: date, person: str, now: datetime) -> None:
        """Nothing more about this incident before that day."""
        self._connection.execute(
            "insert into snoozes values (?, ?, ?, ?)", (incident_id, until.isoformat(), person, now.isoformat())
        )


class AlertStore:
    """Opened with every use; two processes at once wait for each other."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self._lock = path.with_suffix(".lock")

    def held(self) -> AbstractContextManager[None]:
        """One compares or sends at a time; raises Busy when another process keeps on for too long."""
        return hold(self._lock, LOCK_SECONDS)

    @contextmanager
    def changing(self) -> Iterator[State]:
        """All of what is said inside, or nothing of it."""
        with self._opened() as connection:
            connection.execute("begin immediate")
            try:
                yield State(connection)
            except BaseException:
                connection.execute("rollback")
                raise
            connection.execute("commit")

    def pending(self) -> Sequence[Message]:
        """What waits: the machinery first, then the gravest, then the oldest."""
        if not self.path.exists():
            return []
        with self._opened() as connection:
            rows = connection.execute(
                "select message_id, kind, incident_id, recipient, role, severity, title, body, problem, attempts,"
                " unclear from messages where state = 'pending' order by place, severity, message_id"
            ).fetchall()
        return [Message(**{**row, "unclear": bool(row["unclear"])}) for row in rows]

    def known(self) -> Mapping[str, Incident]:
        """The open incidents at the last look."""
        if not self.path.exists():
            return {}
        with self._opened() as connection:
            return State(connection).incidents()

    def silent(self) -> Mapping[str, date]:
        """Until when incidents are snoozed."""
        if not self.path.exists():
            return {}
        with self._opened() as connection:
            return State(connection).silent()

    def begin(self, message_id: int) -> bool:
        """An attempt begins. False: somebody withdrew or sent the message meanwhile."""
        return self._say(
            "update messages set unclear = 1, attempts = attempts + 1 where message_id = ? and state = 'pending'",
            message_id,
        )

    def sent(self, message_id: int, channel: str, now: datetime) -> None:
        """It was delivered."""
        self._say(
            "update messages set state = 'sent', unclear = 0, problem = '', channel = ?, sent_at = ?"
            " where message_id = ?",
            *(channel, now.isoformat(), message_id),
        )

    def failed(self, message_id: int, problem: str, *, unclear: bool) -> None:
        """It was not, or nobody knows."""
        self._say(
            "update messages set unclear = ?, problem = ? where message_id = ?", int(unclear), problem, message_id
        )

    def _say(self, statement: str, *values: Any) -> bool:
        with self._opened() as connection:
            return connection.execute(statement, values).rowcount > 0

    @contextmanager
    def _opened(self) -> Iterator[sqlite3.Connection]:
        self.path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        with closing(sqlite3.connect(self.path, timeout=BUSY_SECONDS, isolation_level=None)) as connection:
            connection.row_factory = sqlite3.Row
            connection.execute("pragma journal_mode = wal")
            connection.execute("pragma synchronous = full")
            connection.executescript(TABLES)
            yield connection


def store_of(settings: Settings) -> AlertStore:
    """Below ``data_dir``."""
    return AlertStore(settings.data_dir / "alerts" / "alerts.sqlite")
