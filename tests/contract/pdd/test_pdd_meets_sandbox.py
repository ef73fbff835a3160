"""Client and sandbox, written apart, speak to each other: a business day arrives whole and to the cent."""

from datetime import date, timedelta

import pytest

from connectors.pdd import SOURCE
from tests.contract.meeting import (
    FIRST,
    brought,
    changed_orders,
    connected,
    flows_agree,
    of_day,
    orders_agree,
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
    changed = changed_orders(sandbox, "pdd_shop", DAY)
    world = [row for row in changed if row["paid_at"] and row["paid_at"] <= sandbox.now]
    orders_agree(world, records, sandbox.now)
    assert {"圆通速递"} == {shipment["carrier"] for shipment in records["shipments"]}


def test_every_refund_of_that_day_arrives(sandbox, records):
    world = of_day(sandbox, "market.orders where shop = 'pdd_shop'", "refunded_at", DAY)
    refunds_agree(world, records["refunds"])


def test_every_movement_of_that_day_arrives_and_sums_to_the_worlds_balance(sandbox, records):
    flows_agree(sandbox, "pdd_wallet", DAY, records["fund_flows"])
