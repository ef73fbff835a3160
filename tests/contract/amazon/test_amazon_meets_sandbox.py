"""The client and the sandbox's Amazon speak to each other: all of a day arrives, to the cent."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from decimal import Decimal

import pytest
import requests

from connectors.amazon import SOURCE
from connectors.core.errors import NotAuthorized
from connectors.core.protocol import Window
from connectors.sandbox.adapter import SandboxAdapter
from connectors.sandbox.app import Sandbox
from connectors.sandbox.keys import credentials
from connectors.sandbox.world import WorldConfig

ORDERS, SETTLEMENTS, PAYOUTS = SOURCE.streams


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

    def told(stream, day, secret=known["AMAZON_CLIENT_SECRET"]):
        connection = replace(
            connect(
                "amazon",
                client_id=known["AMAZON_CLIENT_ID"],
                client_secret=secret,
                refresh_token=known["AMAZON_REFRESH_TOKEN"],
            ),
            base_url="http://127.0.0.1/amazon",
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


def test_client_and_sandbox_agree_on_a_day_of_orders(outside, talk):
    found = talk(ORDERS, "2026-09-29")
    expected = outside.market.records(
        "select * from market.orders_at(?, date '2026-09-01', date '2026-10-02')"
        " where shop = 'amazon_us' and modified_at::date = date '2026-09-29'",
        [outside.now],
    )
    assert {row["order_no"]: row["status"] for row in expected} == {
        row["order_no"]: row["status"] for row in found["orders"]
    }
    sums = {"buyer_paid": "buyer_paid", "tax": "tax_collected", "goods": "goods_amount", "freight": "freight"}
    for theirs, ours in (sums | {"merchant_discount": "merchant_discount"}).items():
        assert sum(row[theirs] for row in expected) == cents(found["orders"], ours)
    assert sum(row["goods"] for row in expected) == cents(found["order_lines"], "line_amount")
    assert {row["waybill_no"] for row in expected if row["waybill_no"]} == {
        row["waybill_no"] for row in found["shipments"]
    }


def test_client_and_sandbox_agree_on_a_settlement_and_its_payout(outside, talk):
    found = talk(SETTLEMENTS, "2026-09-28")
    [expected] = outside.market.records(
        "select * from market.settlements where shop = 'amazon_us' and period_end = date '2026-09-28'"
    )
    [settlement] = found["settlements"]
    assert (expected["settlement_no"], expected["total"]) == (
        settlement["settlement_no"],
        cents([settlement], "total_amount"),
    )
    lines = outside.market.rows(
        "select component, order_no, amount from market.settlement_lines where settlement_no = ? order by line_no",
        [expected["settlement_no"]],
    )
    ours = [(row["component"], row["order_no"], cents([row])) for row in found["settlement_lines"]]
    assert lines == ours
    refunded = outside.market.rows(
        "select refund_no, refund_amount from market.orders where shop = 'amazon_us'"
        " and refunded_at between timestamp '2026-09-24' and timestamp '2026-09-29' and refund_no is not null"
    )
    assert refunded
    assert dict(refunded) == {row["refund_no"]: cents([row]) for row in found["refunds"]}
    [payout] = talk(PAYOUTS, "2026-09-29")["payouts"]
    assert (settlement["payout_no"], expected["total"]) == (payout["payout_no"], cents([payout]))
    assert payout["bank_reference"]


def test_the_wrong_secret_opens_nothing(talk):
    with pytest.raises(NotAuthorized):
        talk(ORDERS, "2026-09-29", secret="other")
