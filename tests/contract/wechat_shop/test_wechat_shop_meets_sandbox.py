"""Client and sandbox, written apart, speak to each other: a business day arrives whole and to the cent."""

from datetime import date, timedelta

import pytest

from connectors.sandbox.apis.wechat_shop_rows import ledger
from connectors.wechat_shop import SOURCE
from tests.contract.meeting import (
    FIRST,
    brought,
    cents,
    changed_orders,
    connected,
    of_day,
    orders_agree,
    read,
    refunds_agree,
)

DAY = date(2026, 9, 27)


@pytest.fixture(scope="module")
def sandbox(sandbox_of):
    return sandbox_of("2026-09-28T10:30", last_day=FIRST + timedelta(days=5))


@pytest.fixture(scope="module")
def records(sandbox):
    """Every canonical record of the day, by stream."""
    return brought(sandbox, connected(sandbox, SOURCE), DAY)


def test_every_order_changed_that_day_arrives_with_its_money(sandbox, records):
    world = changed_orders(sandbox, "wechat_shop", DAY)
    orders_agree(world, records, sandbox.now)
    assert {"圆通速递"} == {shipment["carrier"] for shipment in records["shipments"]}


def test_every_refund_of_that_day_arrives(sandbox, records):
    world = of_day(sandbox, "market.orders where shop = 'wechat_shop'", "refunded_at", DAY)
    refunds_agree(world, records["refunds"])


def test_every_movement_of_that_day_arrives_but_the_planted_hidden_one(sandbox, records):
    flows = records["fund_flows"]
    [wallet] = sandbox.market.records(
        "select * from market.balances where account = 'wechat_shop_wallet' and day = ?", [DAY]
    )
    [hidden] = sandbox.market.records(
        "select * from market.flows where account = 'wechat_shop_wallet' and day = ? and kind = 'hidden'", [DAY]
    )
    assert wallet["in_count"] + wallet["out_count"] - 1 == len(flows) == len({flow["flow_no"] for flow in flows})
    assert hidden["flow_no"] not in {flow["flow_no"] for flow in flows}
    shown = {side: cents([flow for flow in flows if flow["direction"] == side]) for side in ("in", "out")}
    assert wallet["in_sum"] == shown["in"] + max(hidden["amount"], 0)
    assert wallet["out_sum"] == shown["out"] + max(-hidden["amount"], 0)
    last = max(flows, key=lambda flow: flow["flow_no"])
    assert wallet["closing"] == cents([last], "balance")


def test_the_ledger_file_says_the_same_as_the_api(sandbox, records, tmp_path):
    funds = SOURCE.streams[2]
    path = tmp_path / "ledger.csv"
    path.write_bytes(ledger(sandbox.market, DAY))
    same = ("flow_no", "occurred_at", "direction", "amount", "balance", "order_no", "payout_no", "remark")
    known = [flow for flow in records["fund_flows"] if not flow["business_type"].startswith("funds_type")]
    listed = {flow["flow_no"]: flow for flow in read(connected(sandbox, SOURCE), funds, path, "csv")["fund_flows"]}
    assert len(records["fund_flows"]) == len(listed)
    for flow in known:
        assert {key: flow[key] for key in (*same, "business_type")} == {
            key: listed[flow["flow_no"]][key] for key in (*same, "business_type")
        }
