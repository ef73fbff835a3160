"""Client and sandbox, written apart, speak to each other: a business day arrives whole and to the cent."""

import random
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from zoneinfo import ZoneInfo

import pytest
import requests

from connectors.core.protocol import Connection, Tools, Window
from connectors.jd import SOURCE
from connectors.sandbox.adapter import SandboxAdapter
from connectors.sandbox.app import Sandbox
from connectors.sandbox.keys import credentials
from connectors.sandbox.world import WorldConfig

SHANGHAI = ZoneInfo("Asia/Shanghai")
FIRST = date(2026, 9, 24)
DAY = FIRST + timedelta(days=5)
START = datetime.combine(DAY, datetime.min.time())
SHOP = "shop = 'jd_shop'"


@pytest.fixture(scope="module")
def sandbox(tmp_path_factory):
    config = WorldConfig(
        seed=7,
        first_day=FIRST,
        last_day=FIRST + timedelta(days=7),
        folder=tmp_path_factory.mktemp("keys"),
        drops={"jd": tmp_path_factory.mktemp("exports")},
        orders_per_day=5000,
        faults="all",
        requests_per_second=100_000,
    )
    made = Sandbox(config, sleep=lambda _: None)
    made.set_time(datetime(2026, 9, 30, 10, 30, tzinfo=SHANGHAI))
    yield made
    made.close()


@pytest.fixture(scope="module")
def api(sandbox):
    keys = credentials(sandbox.config.folder)
    return Connection(
        name="jd_shop", source="jd", base_url="http://sandbox.test/jd",
        credentials={name: keys[f"JD_{name.upper()}"] for name in SOURCE.credentials}, path=None, timezone=SHANGHAI,
        currency="CNY", account=None, store="jd_shop", options={"requests_per_second": 100_000},
    )  # fmt: skip


@pytest.fixture(scope="module")
def records(sandbox, api, tmp_path_factory):
    """Every canonical record of the day from the interface, and of all days from the folder, by stream."""
    session = requests.Session()
    session.mount("http://sandbox.test", SandboxAdapter(sandbox))
    tools = Tools(session, lambda: datetime.now(UTC), lambda _: None, random.Random(1))  # noqa: S311 - jitter
    start = START.replace(tzinfo=SHANGHAI)
    folder, found = tmp_path_factory.mktemp("jd"), {}
    for connection in (api, replace(api, path=sandbox.config.drops["jd"])):
        for stream in SOURCE.streams:
            for number, delivery in enumerate(
                stream.fetch(connection, Window(start, start + timedelta(days=1)), tools)
            ):
                path = folder / f"{stream.name}{number}.{delivery.suffix}"
                path.write_bytes(delivery.body)
                assert (stream.reads(path), SOURCE.recognises(path)) == (True, True)
                unpacked = stream.unpack(path, delivery.suffix, folder, replace(api, path=folder), path.name)
                assert unpacked.refused is None
                canonical = stream.canonical(unpacked, api)
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
    assert sum(yuan(row["goods"]) for row in world) == sum(
        Decimal(line["line_amount"]) for line in records["order_lines"]
    )
    sent = {row["waybill_no"] for row in world if row["shipped_at"] and row["shipped_at"] <= sandbox.now}
    assert sent == {parcel["waybill_no"] for parcel in records["shipments"]}
    assert {"顺丰速运"} == {parcel["carrier"] for parcel in records["shipments"]}


def test_every_refund_decided_that_day_arrives(sandbox, records):
    world = of_day(sandbox, f"market.orders where {SHOP}", "refunded_at")
    arrived = {ticket["refund_no"]: ticket for ticket in records["refunds"]}
    assert len(world) > 0
    for row in world:
        ticket = arrived[row["refund_no"]]
        assert (yuan(row["refund_amount"]), "succeeded", f"{row['refunded_at'].isoformat()}+08:00") == (
            Decimal(ticket["amount"]),
            ticket["status"],
            ticket["succeeded_at"],
        )


def test_every_settlement_arrives_and_its_rows_add_up_by_order(sandbox, records):
    world = sandbox.market.records(f"select * from market.settlements where {SHOP} and period_end <= ?", [DAY])
    totals = {item["settlement_no"]: Decimal(item["total_amount"]) for item in records["settlements"]}
    assert len(world) > 3
    assert {row["settlement_no"]: yuan(row["total"]) for row in world} == totals
    by_order = sandbox.market.records(
        "select settlement_no, order_no, sum(amount) as amount,"
        " coalesce(sum(amount) filter (component = 'commission'), 0) as fee"
        f" from market.settlement_lines where {SHOP} and batch_day <= ? group by all",
        [DAY],
    )
    sums, fees = {}, {}
    for line in records["settlement_lines"]:
        key = line["settlement_no"], line["order_no"]
        sums[key] = sums.get(key, Decimal()) + Decimal(line["amount"])
        fees[key] = fees.get(key, Decimal()) + Decimal(line["amount"]) * (line["component"] == "commission")
    assert {(row["settlement_no"], row["order_no"]): yuan(row["amount"]) for row in by_order} == sums
    assert {(row["settlement_no"], row["order_no"]): yuan(row["fee"]) for row in by_order} == fees
    keys = [(line["settlement_no"], line["line_no"]) for line in records["settlement_lines"]]
    assert len(keys) == len(set(keys))


def test_every_movement_of_the_wallet_arrives_with_its_balance_and_meets_its_settlement(sandbox, records):
    world = sandbox.market.records(
        "select * from market.flows where account = 'jd_wallet' and day <= ? order by day, row_no", [DAY]
    )
    flows = records["fund_flows"]
    assert [(yuan(row["amount"]), yuan(row["balance"])) for row in world] == [
        (Decimal(flow["amount"]) * (1 if flow["direction"] == "in" else -1), Decimal(flow["balance"]))
        for flow in sorted(flows, key=lambda flow: flow["occurred_at"])
    ]
    paid = {row["settlement_no"] for row in world if row["settlement_no"]}
    assert paid == {flow["business_ref"] for flow in flows if flow["business_type"] == "京东支付货款"}
    assert {row["payout_no"] for row in world if row["payout_no"]} == {
        flow["payout_no"] for flow in flows if flow["payout_no"]
    }
    unknown = [row["flow_no"] for row in world if row["kind"] == "unknown"]
    assert unknown == [flow["flow_no"] for flow in flows if flow["business_type"] == "活动返还"]
