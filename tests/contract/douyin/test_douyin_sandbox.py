"""Client and sandbox, written apart, speak to each other: a business day arrives whole and to the cent."""

import random
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from zoneinfo import ZoneInfo

import pytest
import requests

from connectors.core.protocol import Connection, Tools, Window
from connectors.douyin import SOURCE
from connectors.sandbox.adapter import SandboxAdapter
from connectors.sandbox.app import Sandbox
from connectors.sandbox.keys import credentials
from connectors.sandbox.world import WorldConfig

SHANGHAI = ZoneInfo("Asia/Shanghai")
FIRST = date(2026, 9, 24)
DAY = FIRST + timedelta(days=5)
START = datetime.combine(DAY, datetime.min.time())
SHOP = "shop = 'douyin_shop'"


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
    yield made
    made.close()


@pytest.fixture(scope="module")
def records(sandbox, tmp_path_factory):
    """Every canonical record of the day, by stream."""
    keys = credentials(sandbox.config.folder)
    shop = Connection(
        name="douyin_shop", source="douyin", base_url="http://sandbox.test/douyin",
        credentials={name: keys[f"DOUYIN_{name.upper()}"] for name in SOURCE.credentials}, path=None,
        timezone=SHANGHAI, currency="CNY", account=None, store="douyin_shop", options={"requests_per_second": 100_000},
    )  # fmt: skip
    session = requests.Session()
    session.mount("http://sandbox.test", SandboxAdapter(sandbox))
    tools = Tools(session, lambda: datetime.now(UTC), lambda _: None, random.Random(1))  # noqa: S311 - jitter
    start = START.replace(tzinfo=SHANGHAI)
    folder, found = tmp_path_factory.mktemp("douyin"), {}
    for stream in SOURCE.streams:
        for number, delivery in enumerate(stream.fetch(shop, Window(start, start + timedelta(days=1)), tools)):
            path = folder / f"{stream.name}{number}.{delivery.suffix}"
            path.write_bytes(delivery.body)
            assert (stream.reads(path), SOURCE.recognises(path)) == (True, True)
            unpacked = stream.unpack(path, delivery.suffix, folder, replace(shop, path=folder), path.name)
            assert unpacked.refused is None
            canonical = stream.canonical(unpacked, shop)
            assert canonical.quarantine == ()
            for name, rows in canonical.streams.items():
                found.setdefault(name, []).extend(rows)
    return found


def yuan(minor):
    return Decimal(minor) / 100


def of_day(sandbox, what, column):
    end = START + timedelta(days=1)
    return sandbox.market.records(f"select * from {what} and {column} >= ? and {column} < ?", [START, end])


def test_every_order_changed_that_day_arrives_with_its_money(sandbox, records):
    orders = f"market.orders_at(timestamp '{sandbox.now}', date '{FIRST}', date '{DAY}') where {SHOP}"
    world = of_day(sandbox, orders, "modified_at")
    arrived = {order["order_no"]: order for order in records["orders"]}
    assert len(world) > 200
    assert {row["order_no"] for row in world} == set(arrived)
    for row in world:
        order = arrived[row["order_no"]]
        assert {
            "goods_amount": yuan(row["goods"]),
            "merchant_discount": yuan(row["merchant_discount"]),
            "platform_subsidy": yuan(row["platform_subsidy"]),
            "freight": yuan(row["freight"]),
            "buyer_paid": yuan(row["buyer_paid"]),
        } == {
            name: Decimal(order[name])
            for name in ("goods_amount", "merchant_discount", "platform_subsidy", "freight", "buyer_paid")
        }
        assert row["status"] == order["status"]
    parcels = {parcel["waybill_no"] for parcel in records["shipments"]}
    sent = {row["waybill_no"] for row in world if row["shipped_at"] and row["shipped_at"] <= sandbox.now}
    assert sent == parcels


def test_every_ticket_changed_that_day_arrives(sandbox, records):
    world = of_day(sandbox, f"market.orders where {SHOP}", "refunded_at")
    arrived = {ticket["refund_no"]: ticket for ticket in records["refunds"]}
    assert len(world) > 0
    for row in world:
        ticket = arrived[row["refund_no"]]
        assert (yuan(row["refund_amount"]), "succeeded") == (Decimal(ticket["amount"]), ticket["status"])


def test_every_settlement_arrives_and_its_parts_add_up(sandbox, records):
    world = of_day(sandbox, f"market.settlements where {SHOP}", "settled_at")
    totals = {item["settlement_no"]: Decimal(item["total_amount"]) for item in records["settlements"]}
    assert len(world) > 100, "the cursor has more than one page to go"
    assert {row["settlement_no"]: yuan(row["total"]) for row in world} == totals
    sums = dict.fromkeys(totals, Decimal())
    for line in records["settlement_lines"]:
        sums[line["settlement_no"]] += Decimal(line["amount"])
    assert totals == sums
    fees = of_day(sandbox, f"market.settlement_lines where {SHOP} and component = 'tech_fee'", "settled_at")
    assert {row["settlement_no"]: yuan(row["amount"]) for row in fees} == {
        line["settlement_no"]: Decimal(line["amount"])
        for line in records["settlement_lines"]
        if line["component"] == "tech_fee"
    }


def test_every_movement_arrives_and_meets_its_settlement(sandbox, records):
    world = of_day(sandbox, "market.flows where account = 'douyin_wallet'", "occurred_at")
    flows = records["fund_flows"]
    assert len(world) == len(flows)
    assert sum(yuan(row["amount"]) for row in world) == sum(
        Decimal(flow["amount"]) * (1 if flow["direction"] == "in" else -1) for flow in flows
    )
    settled = {flow["business_ref"] for flow in flows if flow["business_type"] not in {"提现", "活动返还"}}
    assert {item["settlement_no"] for item in records["settlements"]} == settled
