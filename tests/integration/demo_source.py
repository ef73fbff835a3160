"""A connector of the tests: what it fetches and how a file unpacks is said by the test itself."""

import random
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, date, datetime, time
from pathlib import Path

import requests

from connectors.core.protocol import Canonical, Connection, Delivery, Part, Source, Statement, Stream, Tools, Unpacked
from orchestration.landing import Archive
from orchestration.settings import Settings, load
from orchestration.warehouse import Warehouse

COLUMNS = ("order_no", "amount", "note")
TOML = """
start_date = 2026-09-25
data_dir = "data"

[[connection]]
name = "demo"
source = "demo"
account = "demo"
credentials = { key = "env:DEMO_KEY" }

[[connection]]
name = "folder"
source = "demo"
account = "demo"
path = "inbox"
"""


@dataclass
class World:
    """What the demo source answers: deliveries by day, or an error to raise."""

    root: Path
    answers: dict[date, Sequence[Delivery] | Exception] = field(default_factory=dict)
    lying: list[Delivery] = field(default_factory=list)
    unpacked: Callable[[Path, Path], Unpacked] = lambda path, workdir: Unpacked()
    asked: list[date] = field(default_factory=list)
    now: datetime = datetime(2026, 9, 28, 3, 0, tzinfo=UTC)

    def source(self) -> Source:
        streams = (
            self._stream("bills", "bill", {"bills": COLUMNS}),
            self._stream("pages", "window", {"pages": ("record",)}),
            self._stream("files", "drop", {"files": COLUMNS}),
            replace(self._stream("parcels", "window", {"parcels": ("record",)}), asks="waybills"),
        )
        return Source("demo", "alipay", "daily", ("key",), (), ("demo.example",), streams, lambda path: False, "wallet")

    def _stream(self, name, kind, tables) -> Stream:
        return Stream(
            name=name,
            day_kind=kind,
            tables=tables,
            fetch=self._fetch,
            unpack=lambda path, suffix, workdir, connection, file_name="": self.unpacked(path, workdir),
            canonical=lambda unpacked, connection: Canonical(),
            ready_at=time(10),
            recheck_days=2 if kind == "bill" else 0,
        )

    def _fetch(self, connection: Connection, window, tools: Tools) -> Iterator[Delivery]:
        if connection.path is not None:
            yield from self.lying
            return
        day = window.start.astimezone(connection.timezone).date()
        self.asked.append(day)
        answer = self.answers.get(day, ())
        if isinstance(answer, Exception):
            raise answer
        yield from answer

    def tools(self) -> Tools:
        return Tools(requests.Session(), lambda: self.now, lambda seconds: None, random.Random(1))  # noqa: S311 - given, so that tests repeat

    def settings(self, text: str = TOML) -> Settings:
        path = self.root / "tieout.toml"
        path.write_text(text, encoding="utf-8")
        return load(path, {"DEMO_KEY": "k"})

    def archive(self) -> Archive:
        return Archive(self.root / "data")

    def land(self, stream: str, first: date, last: date, name: str = "demo", **more):
        settings = self.settings().connection(name)
        found = next(item for item in self.source().streams if item.name == stream)
        connection = settings.resolve({"DEMO_KEY": "k"}, None)
        more.setdefault("as_of", self.now)
        return self.archive().land(settings, self.source(), found, first, last, connection, self.tools(), **more)

    def bring(self, stream: str, body: bytes, day: date, suffix: str = "csv"):
        """Archive one answer of one day."""
        self.answers[day] = [delivery(body, day, suffix)]
        return self.land(stream, day, day)

    def warehouse(self) -> Warehouse:
        return Warehouse(self.settings())


def delivery(body: bytes, day: date, suffix: str = "csv", name: str = "bill.csv", **stated: str) -> Delivery:
    return Delivery(body, suffix, day, None, {"page": "1"}, name, stated)


def csv_part(table: str = "bills", columns=COLUMNS, **more) -> Callable[[Path, Path], Unpacked]:
    """Unpack: the archived file as it is, one CSV part."""
    return lambda path, workdir: Unpacked(parts=(Part(table, "csv", path, columns, 2, **more),))


def json_part(items: str, **more) -> Callable[[Path, Path], Unpacked]:
    return lambda path, workdir: Unpacked(parts=(Part("pages", "json", path, ("record",), 1, items, **more),))


def statement(**more) -> Statement:
    facts = dict.fromkeys(
        ("account", "currency", "statement_no", "day", "opening_balance", "closing_balance", "stated_row_count"), None
    )
    facts |= {"stated_in_sum": None, "stated_out_sum": None, "row_count": 1, "in_sum": "1.00", "out_sum": "0.00"}
    return Statement(**{**facts, **more})
