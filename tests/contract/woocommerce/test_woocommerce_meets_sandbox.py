"""The client and the sandbox's site speak to each other: all of a day arrives, to the cent."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from decimal import Decimal

import pytest
import requests

from connectors.core.errors import NotAuthorized
from connectors.core.protocol import Window
from connectors.sandbox.adapter import SandboxAdapter
from connectors.sandbox.app import Sandbox
from connectors.sandbox.keys import credentials
from connectors.sandbox.world import WorldConfig
from connectors.woocommerce import SOURCE

ORDERS, REFUNDS = SOURCE.streams


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


@pytest.fixture(params=["http://127.0.0.1/woocommerce", "https://sandbox.test/woocommerce"])
def talk(request, outside, desk, connect, tmp_path):
    """What the client brings from the sandbox for one local day, as canonical records."""
    known = credentials(outside.config.folder)

    def told(stream, day, secret=known["WOO_CONSUMER_SECRET"]):
        connection = replace(
            connect("woocommerce", consumer_key=known["WOO_CONSUMER_KEY"], consumer_secret=secret),
            base_url=request.param,
        )
        session = requests.Session()
        for door in ("http://", "https://"):
            session.mount(door, SandboxAdapter(outside))
        start = datetime.fromisoformat(f"{day}T00:00:00+08:00")
        tools = replace(desk.tools, session=session, now=lambda: datetime.now(UTC))
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


def test_client_and_sandbox_agree_on_a_day(outside, talk):
    found = talk(ORDERS, "2026-09-29")
    expected = outside.market.records(
        "select * from market.orders_at(?, date '2026-09-01', date '2026-10-02')"
        " where shop = 'woo_eu' and modified_at::date = date '2026-09-29'",
        [outside.now],
    )
    assert {row["order_no"]: row["status"] for row in expected} == {
        row["order_no"]: row["status"] for row in found["orders"]
    }
    assert sum(row["buyer_paid"] for row in expected) == cents(found["orders"], "buyer_paid")
    assert sum(row["goods"] for row in expected) == cents(found["order_lines"], "line_amount")
    assert sum(row["merchant_discount"] for row in expected) == cents(found["orders"], "merchant_discount")
    assert sum(row["freight"] for row in expected) == cents(found["orders"], "freight")
    assert {row["pay_no"] for row in expected if row["paid_at"]} == {
        row["merchant_pay_no"] for row in found["orders"] if row["merchant_pay_no"]
    }
    assert {row["waybill_no"] for row in expected if row["waybill_no"]} == {
        row["waybill_no"] for row in found["shipments"]
    }
    refunded = [row for row in expected if row["refunded_at"] and row["refunded_at"] <= outside.now]
    refunds = talk(REFUNDS, "2026-09-29").get("refunds", [])
    assert refunded
    assert {row["refund_no"] for row in refunded} == {row["refund_no"] for row in refunds}
    assert {row["merchant_refund_no"] for row in refunded} == {row["merchant_refund_no"] for row in refunds}
    assert sum(row["refund_amount"] for row in refunded) == cents(refunds)


def test_the_wrong_secret_opens_nothing(talk):
    with pytest.raises(NotAuthorized):
        talk(ORDERS, "2026-09-29", secret="cs_other")
