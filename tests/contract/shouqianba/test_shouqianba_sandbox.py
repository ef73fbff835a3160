"""Client and sandbox, written apart, speak to each other: every payment asked for arrives, and the daily file too."""

import random
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from zoneinfo import ZoneInfo

import pytest
import requests

from connectors.core.protocol import Connection, Number, Tools, Window
from connectors.sandbox.adapter import SandboxAdapter
from connectors.sandbox.app import Sandbox
from connectors.sandbox.drops import DROPS
from connectors.sandbox.keys import credentials
from connectors.sandbox.world import WorldConfig
from connectors.shouqianba import SOURCE

SHANGHAI = ZoneInfo("Asia/Shanghai")
FIRST = date(2026, 9, 24)
DAY = FIRST + timedelta(days=4)
[PAYMENTS] = SOURCE.streams


@pytest.fixture(scope="module")
def sandbox(tmp_path_factory):
    config = WorldConfig(
        seed=7,
        first_day=FIRST,
        last_day=FIRST + timedelta(days=7),
        folder=tmp_path_factory.mktemp("keys"),
        orders_per_day=5000,
        faults="all",
        requests_per_second=100_000,
    )
    made = Sandbox(config, sleep=lambda _: None)
    made.set_time(datetime(2026, 9, 30, 10, 30, tzinfo=SHANGHAI))
    made.market.ensure(made.now.date())
    yield made
    made.close()


@pytest.fixture
def till(sandbox):
    keys = credentials(sandbox.config.folder)
    return Connection(
        name="till", source="shouqianba", base_url="http://sandbox.test/shouqianba",
        credentials={name: keys[f"SHOUQIANBA_{name.upper()}"] for name in SOURCE.credentials}, path=None,
        timezone=SHANGHAI, currency="CNY", account="shouqianba_main", store="pos_shop",
        options={"requests_per_second": 100_000},
    )  # fmt: skip


def yuan(minor):
    return Decimal(minor) / 100


def test_every_payment_of_a_days_orders_arrives_and_a_missing_one_does_not(sandbox, till, tmp_path):
    orders = sandbox.market.records(
        "select * from market.orders where account = 'shouqianba_main' and day = ? and paid_at is not null", [DAY]
    )
    session = requests.Session()
    session.mount("http://sandbox.test", SandboxAdapter(sandbox))
    tools = Tools(session, lambda: datetime.now(UTC), lambda _: None, random.Random(1))  # noqa: S311 - jitter
    start = datetime.combine(DAY, datetime.min.time(), SHANGHAI)
    asking = replace(till, numbers=tuple(Number(order["pay_no"]) for order in orders))
    found = []
    for delivery in PAYMENTS.fetch(asking, Window(start, start + timedelta(days=1)), tools):
        path = tmp_path / delivery.name
        path.write_bytes(delivery.body)
        unpacked = PAYMENTS.unpack(path, delivery.suffix, tmp_path, till, delivery.name)
        canonical = PAYMENTS.canonical(unpacked, till)
        assert (None, ()) == (unpacked.refused, canonical.quarantine)
        found += canonical.streams["payments"]
    world = sandbox.market.records(
        "select * from market.payments where account = 'shouqianba_main' and day = ? and happened_at <= ?"
        " and order_no is not null order by happened_at",
        [DAY, sandbox.now],
    )
    paid = {row["pay_no"]: row for row in reversed(world) if row["type"] == "payment"}
    assert len(paid) > 20
    assert {no: (row["transaction_no"], yuan(row["amount"])) for no, row in paid.items()} == {
        p["merchant_pay_no"]: (p["transaction_no"], Decimal(p["amount"])) for p in found if p["type"] == "payment"
    }
    returned = {row["original_no"]: yuan(row["amount"]) for row in world if row["type"] == "refund"}
    assert returned == {p["original_transaction_no"]: Decimal(p["amount"]) for p in found if p["type"] == "refund"}


def test_the_daily_files_hold_every_payment_and_refund_with_its_fee(sandbox, till, tmp_path):
    found = []
    for offset in range(6):
        for path in DROPS["shouqianba"](sandbox.market, tmp_path, FIRST + timedelta(days=offset)):
            assert PAYMENTS.reads(path)
            unpacked = PAYMENTS.unpack(path, "csv", tmp_path, till)
            canonical = PAYMENTS.canonical(unpacked, till)
            assert (None, ()) == (unpacked.refused, canonical.quarantine)
            found += canonical.streams["payments"]
    world = sandbox.market.records(
        "select * from market.payments where account = 'shouqianba_main' and happened_at::date < ?",
        [FIRST + timedelta(days=6)],
    )
    assert {
        row["transaction_no"]: (row["type"], yuan(row["amount"]), yuan(row["fee"]), row["original_no"]) for row in world
    } == {
        p["transaction_no"]: (p["type"], Decimal(p["amount"]), Decimal(p["fee"]), p["original_transaction_no"])
        for p in found
    }
    assert {row["pay_no"] for row in world if row["type"] == "payment"} == {
        p["merchant_pay_no"] for p in found if p["type"] == "payment"
    }
    assert {row["merchant_refund_no"] for row in world if row["type"] == "refund"} == {
        p["merchant_refund_no"] for p in found if p["type"] == "refund"
    }
