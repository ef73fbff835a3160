"""Client and sandbox, written apart, speak to each other: a business day arrives whole and to the cent."""

from dataclasses import replace
from datetime import date, timedelta
from decimal import Decimal

import pytest

from connectors.jd import SOURCE
from tests.contract.meeting import FIRST, brought, changed_orders, connected, of_day, orders_agree, yuan

DAY = date(2026, 9, 29)
SHOP = "shop = 'jd_shop'"


@pytest.fixture(scope="module")
def sandbox(sandbox_of, tmp_path_factory):
    drops = {"jd": tmp_path_factory.mktemp("exports")}
    return sandbox_of("2026-09-30T10:30", last_day=FIRST + timedelta(days=7), orders_per_day=5000, drops=drops)


@pytest.fixture(scope="module")
def records(sandbox):
    """Every canonical record of the day from the interface, and of all days from the folder, by stream."""
    api = connected(sandbox, SOURCE)
    found = brought(sandbox, api, DAY)
    return brought(sandbox, replace(api, path=sandbox.config.drops["jd"]), DAY, into=found)


def test_every_order_changed_that_day_arrives_with_its_money(sandbox, records):
    world = changed_orders(sandbox, "jd_shop", DAY)
    assert len(world) > 200
    orders_agree(world, records, sandbox.now)
    assert {"顺丰速运"} == {parcel["carrier"] for parcel in records["shipments"]}


def test_every_refund_decided_that_day_arrives(sandbox, records):
    world = of_day(sandbox, f"market.orders where {SHOP}", "refunded_at", DAY)
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
