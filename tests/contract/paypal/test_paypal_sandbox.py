"""Client and sandbox, written apart, speak to each other: a business day arrives whole and to the cent."""

import random
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from zoneinfo import ZoneInfo

import pytest
import requests

from connectors.core.protocol import Connection, Tools, Window
from connectors.paypal import SOURCE
from connectors.sandbox.adapter import SandboxAdapter
from connectors.sandbox.app import Sandbox
from connectors.sandbox.keys import credentials
from connectors.sandbox.world import WorldConfig

SHANGHAI = ZoneInfo("Asia/Shanghai")
[TRANSACTIONS] = SOURCE.streams
FIRST = date(2026, 9, 24)


@pytest.fixture(scope="module")
def sandbox(tmp_path_factory):
    config = WorldConfig(
        seed=7,
        first_day=FIRST,
        last_day=FIRST + timedelta(days=6),
        folder=tmp_path_factory.mktemp("keys"),
        orders_per_day=1000,
        faults="all",
        requests_per_second=100_000,
    )
    made = Sandbox(config, sleep=lambda _: None)
    made.set_time(datetime(2026, 9, 30, 10, 30, tzinfo=SHANGHAI))
    yield made
    made.close()


@pytest.fixture(scope="module")
def records(sandbox, tmp_path_factory):
    """Every canonical record of the first six days, by stream."""
    keys = credentials(sandbox.config.folder)
    account = Connection(
        name="paypal_eu", source="paypal", base_url="http://sandbox.test/paypal",
        credentials={name: keys[f"PAYPAL_{name.upper()}"] for name in SOURCE.credentials}, path=None, timezone=SHANGHAI,
        currency="EUR", account="paypal_eu", store=None, options={"requests_per_second": 100_000},
    )  # fmt: skip
    session = requests.Session()
    session.mount("http://sandbox.test", SandboxAdapter(sandbox))
    tools = Tools(session, lambda: datetime.now(UTC), lambda _: None, random.Random(1))  # noqa: S311 - jitter
    start = datetime.combine(FIRST, datetime.min.time(), SHANGHAI)
    folder, found = tmp_path_factory.mktemp("paypal"), {"payments": [], "fund_flows": []}
    for number, delivery in enumerate(TRANSACTIONS.fetch(account, Window(start, start + timedelta(days=6)), tools)):
        path = folder / f"{number}.json"
        path.write_bytes(delivery.body)
        unpacked = TRANSACTIONS.unpack(path, "json", folder, account)
        assert unpacked.refused is None, unpacked.refused
        canonical = TRANSACTIONS.canonical(unpacked, account)
        assert canonical.quarantine == ()
        for name, rows in canonical.streams.items():
            found[name] += rows
    return found


def euro(cents):
    return Decimal(cents).scaleb(-2)


def world(sandbox, sql):
    until = datetime.combine(FIRST + timedelta(days=6), datetime.min.time())
    return sandbox.market.records(f"{sql} where account = 'paypal_eu'", []), until


def test_every_payment_refund_and_chargeback_arrives_with_its_fee_and_numbers(sandbox, records):
    rows, until = world(sandbox, "select * from market.payments")
    expected = sorted(
        (
            row["transaction_no"], row["type"], euro(row["amount"]), euro(row["fee"]), row["pay_no"],
            row["merchant_refund_no"], row["original_no"], f"{(row['happened_at'] - timedelta(hours=8)).isoformat()}+00:00",
        )
        for row in rows
        if row["happened_at"] < until
    )  # fmt: skip
    names = ("merchant_pay_no", "merchant_refund_no", "original_transaction_no", "succeeded_at")
    assert expected == sorted(
        (
            found["transaction_no"],
            found["type"],
            Decimal(found["amount"]),
            Decimal(found["fee"]),
            *map(found.get, names),
        )
        for found in records["payments"]
    )
    assert {"payment", "refund", "chargeback"} == {found["type"] for found in records["payments"]}


def test_every_movement_arrives_once_and_sums_to_the_worlds_balance(sandbox, records):
    rows, _ = world(sandbox, "select * from market.balances")
    known = [row for row in rows if row["day"] < FIRST + timedelta(days=6)]
    flows = records["fund_flows"]
    assert sum(row["in_count"] + row["out_count"] for row in known) == len(flows)
    assert len(flows) == len({flow["flow_no"] for flow in flows})
    for side in ("in", "out"):
        assert euro(sum(row[f"{side}_sum"] for row in known)) == sum(
            Decimal(flow["amount"]) for flow in flows if flow["direction"] == side
        )
    kinds = {flow["business_type"] for flow in flows}
    assert {"T0006", "T0006 fee", "T1107", "T1201", "T1201 fee", "T0400", "T9799"} == kinds


def test_a_payout_goes_by_the_number_that_the_bank_prints(sandbox, records):
    rows, until = world(sandbox, "select * from market.payouts")
    expected = sorted((row["trace_no"], euro(row["amount"])) for row in rows if row["initiated_at"] < until)
    assert expected
    assert expected == sorted(
        (flow["payout_no"], Decimal(flow["amount"])) for flow in records["fund_flows"] if flow["payout_no"]
    )
