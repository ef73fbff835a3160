"""Client and sandbox, written apart, speak to each other: a business day arrives whole and to the cent."""

import random
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from zoneinfo import ZoneInfo

import pytest
import requests

from connectors.core.protocol import Connection, Tools, Window
from connectors.sandbox.adapter import SandboxAdapter
from connectors.sandbox.apis.wechat_shop_rows import ledger
from connectors.sandbox.app import Sandbox
from connectors.sandbox.keys import credentials
from connectors.sandbox.world import WorldConfig
from connectors.wechat_shop import SOURCE

SHANGHAI = ZoneInfo("Asia/Shanghai")
FIRST = date(2026, 9, 24)
DAY = FIRST + timedelta(days=3)


@pytest.fixture(scope="module")
def sandbox(tmp_path_factory):
    config = WorldConfig(
        seed=7,
        first_day=FIRST,
        last_day=FIRST + timedelta(days=5),
        folder=tmp_path_factory.mktemp("keys"),
        orders_per_day=200,
        faults="all",
        requests_per_second=100_000,
    )
    made = Sandbox(config, sleep=lambda _: None)
    made.set_time(datetime(2026, 9, 28, 10, 30, tzinfo=SHANGHAI))
    yield made
    made.close()


@pytest.fixture(scope="module")
def records(sandbox, tmp_path_factory):
    """Every canonical record of the day, by stream."""
    keys = credentials(sandbox.config.folder)
    shop = Connection(
        name="wechat_shop", source="wechat_shop", base_url="http://sandbox.test/wechat_shop",
        credentials={name: keys[f"WECHAT_SHOP_{name.upper()}"] for name in SOURCE.credentials}, path=None, timezone=SHANGHAI,
        currency="CNY", account=None, store="wechat_shop", options={"requests_per_second": 100_000},
    )  # fmt: skip
    session = requests.Session()
    session.mount("http://sandbox.test", SandboxAdapter(sandbox))
    tools = Tools(session, lambda: datetime.now(UTC), lambda _: None, random.Random(1))  # noqa: S311 - jitter
    start = datetime.combine(DAY, datetime.min.time(), SHANGHAI)
    folder, found = tmp_path_factory.mktemp("wechat_shop"), {}
    for stream in SOURCE.streams:
        for number, delivery in enumerate(stream.fetch(shop, Window(start, start + timedelta(days=1)), tools)):
            path = folder / f"{stream.name}{number}.{delivery.suffix}"
            path.write_bytes(delivery.body)
            unpacked = stream.unpack(path, delivery.suffix, folder, replace(shop, path=folder), path.name)
            assert unpacked.refused is None
            canonical = stream.canonical(unpacked, shop)
            assert canonical.quarantine == ()
            for name, rows in canonical.streams.items():
                found.setdefault(name, []).extend(rows)
    return found


def yuan(minor):
    return Decimal(minor) / 100


def test_every_order_changed_that_day_arrives_with_its_money(sandbox, records):
    day = datetime.combine(DAY, datetime.min.time())
    world = sandbox.market.records(
        "select * from market.orders_at(?, ?, ?) where shop = 'wechat_shop' and modified_at >= ? and modified_at < ?",
        [sandbox.now, FIRST, DAY, day, day + timedelta(days=1)],
    )
    arrived = {order["order_no"]: order for order in records["orders"]}
    assert {row["order_no"] for row in world} == set(arrived)
    for row in world:
        order = arrived[row["order_no"]]
        expected = (row["goods"], row["merchant_discount"], row["platform_subsidy"], row["freight"], row["buyer_paid"])
        names = ("goods_amount", "merchant_discount", "platform_subsidy", "freight", "buyer_paid")
        assert tuple(map(yuan, expected)) == tuple(Decimal(order[name]) for name in names)
        assert row["status"] == order["status"]
    lines = sum(Decimal(line["line_amount"]) for line in records["order_lines"])
    assert sum(yuan(row["goods"]) for row in world) == lines
    shipped = {row["waybill_no"] for row in world if row["shipped_at"] and row["shipped_at"] <= sandbox.now}
    assert shipped == {shipment["waybill_no"] for shipment in records["shipments"]}
    assert {"圆通速递"} == {shipment["carrier"] for shipment in records["shipments"]}


def test_every_refund_of_that_day_arrives(sandbox, records):
    day = datetime.combine(DAY, datetime.min.time())
    world = sandbox.market.records(
        "select * from market.orders where shop = 'wechat_shop' and refunded_at >= ? and refunded_at < ?",
        [day, day + timedelta(days=1)],
    )
    done = {refund["order_no"]: refund for refund in records["refunds"] if refund["status"] == "succeeded"}
    assert {row["order_no"]: yuan(row["refund_amount"]) for row in world} == {
        number: Decimal(refund["amount"]) for number, refund in done.items()
    }
    assert {row["order_no"]: f"{row['refunded_at'].isoformat()}+08:00" for row in world} == {
        number: refund["succeeded_at"] for number, refund in done.items()
    }


def test_every_movement_of_that_day_arrives_and_sums_to_the_worlds_balance(sandbox, records):
    [balance] = sandbox.market.records(
        "select * from market.balances where account = 'wechat_shop_wallet' and day = ?", [DAY]
    )
    flows = records["fund_flows"]
    assert balance["in_count"] + balance["out_count"] == len(flows) == len({flow["flow_no"] for flow in flows})
    moved = {
        side: sum(Decimal(flow["amount"]) for flow in flows if flow["direction"] == side) for side in ("in", "out")
    }
    assert {"in": yuan(balance["in_sum"]), "out": yuan(balance["out_sum"])} == moved
    payouts = sandbox.market.records(
        "select * from market.payouts where account = 'wechat_shop_wallet' and day = ?", [DAY]
    )
    assert [payout["payout_no"] for payout in payouts] == [flow["payout_no"] for flow in flows if flow["payout_no"]]
    last = max(flows, key=lambda flow: flow["flow_no"])
    assert yuan(balance["closing"]) == Decimal(last["balance"])


def test_the_ledger_file_says_the_same_as_the_api(sandbox, records, tmp_path):
    funds = SOURCE.streams[2]
    path = tmp_path / "ledger.csv"
    path.write_bytes(ledger(sandbox.market, DAY))
    assert funds.reads(path)
    connection = Connection(
        name="ledger", source="wechat_shop", base_url=None, credentials={}, path=tmp_path, timezone=SHANGHAI,
        currency="CNY", account=None, store="wechat_shop",
    )  # fmt: skip
    unpacked = funds.unpack(path, "csv", tmp_path, connection)
    same = ("flow_no", "occurred_at", "direction", "amount", "balance", "order_no", "payout_no", "remark")
    known = [flow for flow in records["fund_flows"] if not flow["business_type"].startswith("funds_type")]
    listed = {flow["flow_no"]: flow for flow in funds.canonical(unpacked, connection).streams["fund_flows"]}
    assert len(records["fund_flows"]) == len(listed)
    for flow in known:
        assert {key: flow[key] for key in (*same, "business_type")} == {
            key: listed[flow["flow_no"]][key] for key in (*same, "business_type")
        }
