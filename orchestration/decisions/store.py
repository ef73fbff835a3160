"""The log of decisions in a database that several people and a running pipeline use at once; it is only appended to.

SQLite beside the archive, or PostgreSQL where ``[decisions] url`` names one. The database puts the writers in a row:
who appends holds its lock from reading the last event to writing the next.
"""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import asdict
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any, Final

import sqlalchemy as sql
from sqlalchemy.engine import URL, Connection, Engine, make_url

from orchestration.decisions.event import DecisionError, Draft, Event
from orchestration.settings import Settings

BUSY_SECONDS: Final = 60
TABLE: Final = sql.Table(
    "decision_events",
    sql.MetaData(),
    sql.Column("sequence", sql.Integer, primary_key=True, autoincrement=False),
    *(
        sql.Column(name, sql.Text, nullable=False)
        for name in ("at", "person", "kind", "decision_id", "content", "signature", "previous_hash", "hash")
    ),
)
LOCK: Final = {"sqlite": ("begin immediate",), "postgresql": ("begin", "select pg_advisory_xact_lock(726849)")}
"""How a writer opens its transaction; the number of PostgreSQL's lock is this log's own."""
Sign = Callable[[Event], str]
Now = Callable[[], datetime]


class Log:
    """The log while one writer holds it."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection
        self.events = _read(connection)

    def add(self, draft: Draft, sign: Sign, now: Now) -> Event:
        """Append and return the event; its time is later than the last one's, whatever the clocks of others say."""
        last = self.events[-1] if self.events else None
        moment = now().astimezone(UTC)
        if last is not None:
            moment = max(moment, datetime.fromisoformat(last.at) + timedelta(microseconds=1))
        event = Event.begun(draft, moment.isoformat(timespec="microseconds"), last)
        event = event.signed(sign(event))
        self._connection.execute(TABLE.insert().values(**asdict(event)))
        self.events.append(event)
        return event


class DecisionStore:
    """Opened with every use, so that it may be handed to threads and outlive the database's restart."""

    def __init__(self, url: URL) -> None:
        self.url = url

    def events(self) -> list[Event]:
        """Every event, in order; none where nobody has decided anything yet."""
        if self._file is not None and not self._file.exists():
            return []
        with self._opened() as connection:
            return _read(connection)

    @contextmanager
    def appending(self) -> Iterator[Log]:
        """Hold the log; what is added stands when the block ends, all of it or nothing."""
        with self._opened() as connection:
            for statement in LOCK[self.url.get_backend_name()]:
                connection.exec_driver_sql(statement)
            try:
                yield Log(connection)
            except BaseException:
                connection.exec_driver_sql("rollback")
                raise
            connection.exec_driver_sql("commit")

    @property
    def _file(self) -> Path | None:
        return Path(self.url.database or "") if self.url.get_backend_name() == "sqlite" else None

    @contextmanager
    def _opened(self) -> Iterator[Connection]:
        """A connection that begins and ends its transactions by itself."""
        if self._file is not None:
            self._file.parent.mkdir(parents=True, exist_ok=True)
        engine = self._engine()
        try:
            with engine.connect() as connection:
                if self._file is not None:
                    connection.exec_driver_sql("pragma journal_mode = wal")
                    connection.exec_driver_sql("pragma synchronous = full")
                self._ensure_table(connection)
                yield connection
        except sql.exc.DatabaseError as error:
            said = str(error.orig).strip().splitlines()
            raise DecisionError(f"the decisions at {self.url} cannot be used: {said[0] if said else error}") from None
        finally:
            engine.dispose()

    def _engine(self) -> Engine:
        arguments: dict[str, Any] = {"timeout": BUSY_SECONDS} if self._file is not None else {}
        try:
            return sql.create_engine(
                self.url, isolation_level="AUTOCOMMIT", poolclass=sql.pool.NullPool, connect_args=arguments
            )
        except ModuleNotFoundError:
            raise DecisionError(
                "[decisions] url names PostgreSQL, and its driver is not installed: pip install 'tieout[postgresql]'"
            ) from None

    def _ensure_table(self, connection: Connection) -> None:
        if not sql.inspect(connection).has_table(TABLE.name):
            create = str(sql.schema.CreateTable(TABLE, if_not_exists=True).compile(connection))
            for statement in (*LOCK[self.url.get_backend_name()], create, "commit"):
                connection.exec_driver_sql(statement)


def store_of(settings: Settings) -> DecisionStore:
    """Where the settings say; a file below ``data_dir`` unless they name a server."""
    if settings.decisions_url is None:
        return DecisionStore(URL.create("sqlite", database=str(settings.data_dir / "decisions" / "decisions.sqlite")))
    return DecisionStore(make_url(settings.decisions_url).set(drivername="postgresql+psycopg"))


def _read(connection: Connection) -> list[Event]:
    found = connection.execute(sql.select(TABLE).order_by(TABLE.c.sequence))
    return [Event(**row) for row in found.mappings()]
