"""The sandbox's APIs and the real connectors in one process, without a socket: from the source to the raw tables."""

import random
from collections.abc import Mapping
from datetime import UTC, date, datetime
from pathlib import Path

import day_runs
import requests

from connectors.core.protocol import Tools
from connectors.core.registry import source_named, stream_named
from connectors.sandbox.adapter import SandboxAdapter
from connectors.sandbox.app import Sandbox
from connectors.sandbox.keys import credentials
from connectors.sandbox.world import WorldConfig
from orchestration.landing import Archive, LandingReport
from orchestration.settings import Settings, load
from orchestration.warehouse import Warehouse

URL = "http://127.0.0.1:1"


def small_world(keys: Path) -> Sandbox:
    """Three days of sixty orders, in which everything agrees."""
    config = WorldConfig(seed=7, first_day=day_runs.FIRST, orders_per_day=60, folder=keys, faults="none")
    sandbox = Sandbox(config, sleep=lambda _: None)
    sandbox.set_time(datetime.fromisoformat(day_runs.AS_OF))
    return sandbox


class Outside:
    """A merchant's folder that pulls from a small world."""

    def __init__(self, root: Path, sandbox: Sandbox) -> None:
        self.root = root
        self.sandbox = sandbox
        self.environ: dict[str, str] = dict(credentials(sandbox.config.folder))
        self.more = ""

    def settings(self) -> Settings:
        path = self.root / "tieout.toml"
        path.write_text(day_runs.SETTINGS.read_text(encoding="utf-8") + self.more, encoding="utf-8")
        return load(path, self.environ)

    def weather(self, api: str, kind: str, times: int = 50) -> None:
        session = requests.Session()
        session.mount(URL, SandboxAdapter(self.sandbox))
        asked = {"weather": [{"api": api, "kind": kind, "times": times}]}
        assert session.post(f"{URL}/_sandbox/weather", json=asked).status_code == 200

    def land(self, name: str, stream: str, day: date = day_runs.FIRST) -> LandingReport:
        settings = self.settings().connection(name)
        source = source_named(settings.source)
        session = requests.Session()
        session.mount(URL, SandboxAdapter(self.sandbox))
        tools = Tools(session, lambda: datetime.now(UTC), lambda _: None, random.Random(1))  # noqa: S311 - given, so that tests repeat
        connection = settings.resolve(self.environ, URL)
        as_of = datetime.fromisoformat(day_runs.AS_OF)
        return self.archive().land(
            settings, source, stream_named(source, stream), day, day, connection, tools, as_of=as_of
        )

    def archive(self) -> Archive:
        return Archive(self.root / "data")

    def load(self) -> Mapping[str, int]:
        """Rows that every raw table received."""
        report = Warehouse(self.settings()).load(self.archive())
        return {name: table.rows for name, table in report.tables.items()}

    def read(self, sql: str) -> list[tuple[object, ...]]:
        return [tuple(row.values()) for row in Warehouse(self.settings()).read(sql)]

    def refused(self) -> list[tuple[object, ...]]:
        """Name and reason of every file of which nothing was taken in."""
        return self.read(
            "select name, refused_reason from raw.landed_files where refused_reason is not null order by 1"
        )
