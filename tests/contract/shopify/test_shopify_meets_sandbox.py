"""The client and the sandbox's Shopify speak to each other: all of a day arrives, to the cent."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from decimal import Decimal

import pytest
import requests

from connectors.core.protocol import Window
from connectors.sandbox.adapter import SandboxAdapter
from connectors.sandbox.app import Sandbox
from connectors.sandbox.keys import credentials
from connectors.sandbox.world import WorldConfig
from connectors.shopify import SOURCE

ORDERS, BALANCE, PAYOUTS = SOURCE.streams


@pytest.fixture(scope="module")
def outside(tmp_path_factory):
    config = WorldConfig(
        seed=7,
        first_day=datetime(2026, 9, 24, tzinfo=UTC).date(),
        orders_per_day=200,
        folder=tmp_path_factory.mktemp("keys"),
        requests_per_second=100_000,
        faults="none",
    )
    sandbox = Sandbox(config, sleep=lambda _: None)
    sandbox.set_time(datetime.fromisoformat("2026-10-02T10:30:00+08:00"))
    yield sandbox
    sandbox.close()


@pytest.fixture
def talk(outside, desk, connect, tmp_path):
    """What the client brings from the sandbox for one local day, as canonical records."""
    known = credentials(outside.config.folder)
    connection = replace(
        connect("shopify", shop=known["SHOPIFY_SHOP"], access_token=known["SHOPIFY_ACCESS_TOKEN"]),
        base_url="http://127.0.0.1/shopify",
    )

    def told(stream, day):
        session = requests.Session()
        session.mount("http://127.0.0.1", SandboxAdapter(outside))
        start = datetime.fromisoformat(f"{day}T00:00:00+08:00")
        tools = replace(desk.tools, session=session)
        records = {}
        for number, found in enumerate(stream.fetch(connection, Window(start, start + timedelta(days=1)), tools)):
            path = tmp_path / f"{number}.{found.suffix}"
            path.write_bytes(found.body)
            unpacked = stream.unpack(path, found.suffix, tmp_path, connection, found.name)
            assert unpacked.refused is None
            made = stream.canonical(unpacked, connection)
            assert () == made.quarantine
            for name, rows in made.streams.items():
                records.setdefault(name, []).extend(rows)
        return records

    return told


def cents(rows, name="amount"):
    return sum(int(Decimal(row[name]) * 100) for row in rows)


def test_client_and_sandbox_agree_on_a_day_of_orders(outside, talk):
    found = talk(ORDERS, "2026-09-29")
    # what changed again later shows in a later window
    expected = outside.market.records(
        "select * from market.orders_at(?, date '2026-09-01', date '2026-10-02')"
        " where shop = 'shopify_us' and modified_at::date = date '2026-09-29'",
        [outside.now],
    )
    assert {row["order_no"] for row in expected} == {row["order_no"] for row in found["orders"]}
    assert sum(row["buyer_paid"] for row in expected) == cents(found["orders"], "buyer_paid")
    assert sum(row["tax"] for row in expected) == cents(found["orders"], "tax_collected")
    assert sum(row["goods"] for row in expected) == cents(found["order_lines"], "line_amount")
    assert sum(row["merchant_discount"] for row in expected) == cents(found["order_lines"], "merchant_discount")
    assert {row["waybill_no"] for row in expected if row["waybill_no"]} == {
        row["waybill_no"] for row in found["shipments"]
    }
    assert sum(row["refund_amount"] or 0 for row in expected) == cents(found["refunds"])
    statuses = {row["order_no"]: row["status"] for row in found["orders"]}
    assert {row["order_no"]: row["status"] for row in expected} == statuses


def test_client_and_sandbox_agree_on_a_day_of_the_balance(outside, talk):
    found = talk(BALANCE, "2026-09-30")["fund_flows"]
    [(moved, rows)] = outside.market.rows(
        "select sum(amount)::bigint, count(*) from market.flows"
        " where account = 'shopify_wallet' and day = date '2026-09-30'"
    )
    assert rows == len(found)
    signed = [row | {"amount": row["amount"] if row["direction"] == "in" else f"-{row['amount']}"} for row in found]
    assert moved == cents(signed)
    payouts = talk(PAYOUTS, "2026-09-30")["payouts"]
    flows_of = {row["payout_no"]: row["amount"] for row in found if row["business_type"] == "TRANSFER"}
    assert flows_of
    assert flows_of.items() <= {row["payout_no"]: row["amount"] for row in payouts}.items()
    assert all(row["bank_reference"] for row in payouts)
