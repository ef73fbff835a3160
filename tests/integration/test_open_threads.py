"""Working on open threads only: slice by slice, in any order, what comes out is what a full refresh gives."""

import random
import shutil
import time
from datetime import UTC, datetime, timedelta

import odd_lives
import pytest
import requests
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from connectors.core.protocol import Tools
from connectors.core.registry import source_named
from orchestration.landing import Archive
from orchestration.proof import closed_days, prove_rebuilt
from orchestration.settings import load
from orchestration.warehouse import Warehouse, build, close_threads, connect, manifest_of
from orchestration.warehouse.closing import kept_models
from tests.merchant import Merchant

pytestmark = pytest.mark.heavy
FIRST = datetime(2026, 4, 12, 2, 30, tzinfo=UTC)


class Shop:
    """A folder whose inbox fills slice by slice; each slice lands on a day of its own and is built and closed."""

    def __init__(self, folder):
        self.folder, self.day = folder, FIRST
        folder.mkdir(parents=True, exist_ok=True)
        self.merchant = odd_lives.opened(Merchant(folder))

    def receive(self, events):
        self.day += timedelta(days=1)
        for event in events:
            event(self.merchant)
        self.merchant.deliver(f"{self.day:%d}")
        config = load(self.folder / "tieout.toml")
        archive, day = Archive(config.data_dir), self.day.date()
        archive.land_tables(config, day, self.day)
        tools = Tools(requests.Session(), lambda: self.day, time.sleep, random.Random(0))  # noqa: S311 - no secret
        for connection in config.connections:
            source = source_named(connection.source)
            for stream in source.streams:
                archive.land(connection, source, stream, day, day, connection.resolve({}, None), tools, as_of=self.day)
        Warehouse(config).load(archive)
        made(config, self.day)
        return close_threads(config, manifest_of(config))

    def rebuilt(self):
        """Another warehouse, made from the archive alone."""
        other = self.folder.with_name(f"{self.folder.name}_again")
        shutil.copytree(self.folder, other, ignore=shutil.ignore_patterns("warehouse"))
        config = load(other / "tieout.toml")
        warehouse = Warehouse(config)
        warehouse.ensure()
        warehouse.load(Archive(config.data_dir))
        made(config, self.day)
        return config

    def differing(self):
        """The published tables whose rows, open and closed, are not those of the full refresh."""
        config, again = load(self.folder / "tieout.toml"), self.rebuilt()
        kept = {one.table for one in kept_models(manifest_of(config))}
        found = {}
        with connect(Warehouse(config).path, read_only=True) as connection:
            connection.execute(f"attach '{Warehouse(again).path}' as again (read_only)")
            tables = connection.execute(
                "select table_name, list(column_name) from duckdb_columns()"
                " where schema_name = 'marts' and database_name = 'again' group by table_name"
            ).fetchall()
            for table, columns in tables:
                listed = ", ".join(f'"{column}"' for column in columns)
                here = f"select {listed} from marts.{table}"
                if table in kept:
                    here += f" union all select {listed} from closed.{table}"
                there = f"select {listed} from again.marts.{table}"
                for left, right, where in ((here, there, "only in slices"), (there, here, "only in one")):
                    rows = connection.execute(f"(({left}) except all ({right}))").fetchmany(3)
                    if rows:
                        found[table, where] = rows
        return found


def made(config, moment):
    report = build(config, Warehouse(config).variables(moment, "lives"))
    assert report.success, report.errors


def sliced(events, chance, count):
    """The events in a random order, cut at random places."""
    shuffled = list(events)
    chance.shuffle(shuffled)
    cuts = sorted(chance.sample(range(1, len(shuffled)), count - 1))
    return [shuffled[start:end] for start, end in zip([0, *cuts], [*cuts, len(shuffled)], strict=True)]


@pytest.fixture(scope="module")
def grown(tmp_path_factory):
    shop = Shop(tmp_path_factory.mktemp("lives") / "shop")
    slices = sliced(odd_lives.lives(7), random.Random(7), 2)  # noqa: S311 - no secret
    return shop, [shop.receive(events) for events in (odd_lives.known_before(), *slices)]


def test_slices_give_what_one_build_gives(grown):
    shop, _ = grown
    assert {} == shop.differing()


def test_what_waits_for_nothing_is_closed_and_taken_up_again(grown):
    shop, closed = grown
    config = load(shop.folder / "tieout.toml")
    with connect(Warehouse(config).path, read_only=True) as connection:
        taken, numbers, left = connection.execute(
            "select (select count(*) from closed.taken_out), (select count(*) from closed.numbers),"
            " (select count(*) from marts.orders inner join closed.orders using (record_key))"
        ).fetchall()[0]
    assert closed[0].threads > 0
    assert taken > 0
    assert numbers > 0
    assert left == 0


def test_closed_days_come_out_alike_when_they_are_built_again(grown):
    shop, _ = grown
    config = load(shop.folder / "tieout.toml")
    days = closed_days(config, 1, "seed")
    assert (days, ()) == (days, prove_rebuilt(config, shop.day, days).findings)
    with connect(Warehouse(config).path) as connection:
        connection.execute("update closed.orders set buyer_paid = buyer_paid + 0.01")
    proof = prove_rebuilt(config, shop.day, closed_days(config, 9, "seed"))
    assert any("orders" in finding.detail for finding in proof.findings)


@settings(max_examples=8, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(seed=st.integers(0, 10**6), count=st.integers(2, 5))
def test_any_slices_in_any_order_give_what_one_build_gives(tmp_path, seed, count):
    shop = Shop(tmp_path / f"{seed}_{count}_{time.monotonic_ns()}")
    slices = sliced(odd_lives.lives(seed), random.Random(seed), count)  # noqa: S311 - no secret
    for events in (odd_lives.known_before(), *slices):
        shop.receive(events)
    assert {} == shop.differing()
