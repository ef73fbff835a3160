"""Client and sandbox, written apart, speak to each other: a business day arrives whole and to the cent."""

from datetime import date, timedelta
from decimal import Decimal

import pytest

from connectors.douyin import SOURCE
from tests.contract.meeting import FIRST, brought, changed_orders, connected, of_day, orders_agree, yuan

DAY = date(2026, 9, 29)
SHOP = "shop = 'douyin_shop'"


@pytest.fixture(scope="module")
def sandbox(sandbox_of):
    return sandbox_of("2026-09-30T10:30", last_day=FIRST + timedelta(days=7), orders_per_day=5000)


@pytest.fixture(scope="module")
def records(sandbox):
    """Every canonical record of the day, by stream."""
    return brought(sandbox, connected(sandbox, SOURCE), DAY)


def test_every_order_changed_that_day_arrives_with_its_money(sandbox, records):
    world = changed_orders(sandbox, "douyin_shop", DAY)
    assert len(world) > 200
    orders_agree(world, records, sandbox.now)


def test_every_ticket_changed_that_day_arrives(sandbox, records):
    world = of_day(sandbox, f"market.orders where {SHOP}", "refunded_at", DAY)
    arrived = {ticket["refund_no"]: ticket for ticket in records["refunds"]}
    assert len(world) > 0
    for row in world:
        ticket = arrived[row["refund_no"]]
        assert (yuan(row["refund_amount"]), "succeeded") == (Decimal(ticket["amount"]), ticket["status"])


def test_every_settlement_arrives_and_its_parts_add_up(sandbox, records):
    world = of_day(sandbox, f"market.settlements where {SHOP}", "settled_at", DAY)
    totals = {item["settlement_no"]: Decimal(item["total_amount"]) for item in records["settlements"]}
    assert len(world) > 100, "the cursor has more than one page to go"
    assert {row["settlement_no"]: yuan(row["total"]) for row in world} == totals
    sums = dict.fromkeys(totals, Decimal())
    for line in records["settlement_lines"]:
        sums[line["settlement_no"]] += Decimal(line["amount"])
    assert totals == sums
    fees = of_day(sandbox, f"market.settlement_lines where {SHOP} and component = 'tech_fee'", "settled_at", DAY)
    assert {row["settlement_no"]: yuan(row["amount"]) for row in fees} == {
        line["settlement_no"]: Decimal(line["amount"])
        for line in records["settlement_lines"]
        if line["component"] == "tech_fee"
    }


def test_every_movement_arrives_and_meets_its_settlement(sandbox, records):
    world = of_day(sandbox, "market.flows where account = 'douyin_wallet'", "occurred_at", DAY)
    flows = records["fund_flows"]
    assert len(world) == len(flows)
    assert sum(yuan(row["amount"]) for row in world) == sum(
        Decimal(flow["amount"]) * (1 if flow["direction"] == "in" else -1) for flow in flows
    )
    settled = {flow["business_ref"] for flow in flows if flow["business_type"] not in {"提现", "活动返还"}}
    assert {item["settlement_no"] for item in records["settlements"]} == settled
