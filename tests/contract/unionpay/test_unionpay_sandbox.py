"""Client and sandbox, written apart, speak to each other: a settlement day arrives whole and to the fen."""

import random
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from zoneinfo import ZoneInfo

import pytest
import requests

from connectors.core.errors import NotReadyYet
from connectors.core.protocol import Connection, Tools, Window
from connectors.sandbox.adapter import SandboxAdapter
from connectors.sandbox.app import Sandbox
from connectors.sandbox.keys import credentials
from connectors.sandbox.world import WorldConfig
from connectors.unionpay import SOURCE

SHANGHAI = ZoneInfo("Asia/Shanghai")
[TRADES] = SOURCE.streams
FIRST = date(2025, 12, 29)
DAY = date(2025, 12, 31)


@pytest.fixture(scope="module")
def sandbox(tmp_path_factory):
    config = WorldConfig(
        seed=7,
        first_day=FIRST,
        last_day=FIRST + timedelta(days=5),
        folder=tmp_path_factory.mktemp("keys"),
        orders_per_day=2000,
        faults="all",
        requests_per_second=100_000,
    )
    made = Sandbox(config, sleep=lambda _: None)
    made.set_time(datetime(2026, 1, 1, 10, 30, tzinfo=SHANGHAI))
    yield made
    made.close()


@pytest.fixture(scope="module")
def fetch(sandbox):
    keys = credentials(sandbox.config.folder)
    names = (*SOURCE.credentials, *SOURCE.optional_credentials)
    till = Connection(
        name="unionpay_main", source="unionpay", base_url="http://sandbox.test/unionpay",
        credentials={name: keys[f"UNIONPAY_{name.upper()}"] for name in names}, path=None, timezone=SHANGHAI,
        currency="CNY", account="unionpay_main", store=None, options={"requests_per_second": 100_000},
    )  # fmt: skip
    session = requests.Session()
    session.mount("http://sandbox.test", SandboxAdapter(sandbox))
    tools = Tools(session, lambda: datetime.now(UTC), lambda _: None, random.Random(1))  # noqa: S311 - jitter

    def fetched(day):
        start = datetime.combine(day, datetime.min.time(), SHANGHAI)
        return till, list(TRADES.fetch(till, Window(start, start + timedelta(days=1)), tools))

    return fetched


def test_every_payment_and_return_of_the_last_day_of_a_year_arrives(sandbox, fetch, tmp_path):
    till, [delivery] = fetch(DAY)
    path = tmp_path / delivery.name
    path.write_bytes(delivery.body)
    assert SOURCE.recognises(path)
    unpacked = TRADES.unpack(path, delivery.suffix, tmp_path, till, delivery.name)
    assert unpacked.refused is None
    canonical = TRADES.canonical(unpacked, till)
    assert () == canonical.quarantine
    arrived = {payment["transaction_no"]: payment for payment in canonical.streams["payments"]}
    world = sandbox.market.records(
        "select * from market.payments where account = 'unionpay_main' and happened_at::date = ?", [DAY]
    )
    assert len(world) > 10
    assert {row["transaction_no"] for row in world} == set(arrived)
    for row in world:
        payment = arrived[row["transaction_no"]]
        assert (Decimal(row["amount"]) / 100, Decimal(row["fee"]) / 100, row["type"], row["pay_no"]) == (
            Decimal(payment["amount"]), Decimal(payment["fee"]), payment["type"], payment["merchant_pay_no"],
        )  # fmt: skip
        assert row["happened_at"] == datetime.fromisoformat(payment["occurred_at"]).replace(tzinfo=None)
        assert row["merchant_refund_no"] == payment["merchant_refund_no"]


def test_a_day_that_is_not_over_has_no_file_yet(fetch):
    with pytest.raises(NotReadyYet):
        fetch(date(2026, 1, 1))
