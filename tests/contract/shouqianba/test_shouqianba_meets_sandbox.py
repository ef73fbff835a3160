"""Client and sandbox, written apart, speak to each other: every payment asked for arrives, and the daily file too."""

from datetime import date, timedelta
from decimal import Decimal

import pytest

from connectors.core.protocol import Number
from connectors.sandbox.drops import DROPS
from connectors.shouqianba import SOURCE
from tests.contract.meeting import FIRST, brought, connected, read, yuan

DAY = date(2026, 9, 28)
[PAYMENTS] = SOURCE.streams


@pytest.fixture(scope="module")
def sandbox(sandbox_of):
    made = sandbox_of("2026-09-30T10:30", last_day=FIRST + timedelta(days=7), orders_per_day=5000)
    made.market.ensure(made.now.date())
    return made


def test_every_payment_of_a_days_orders_arrives_and_a_missing_one_does_not(sandbox):
    orders = sandbox.market.records(
        "select * from market.orders where account = 'shouqianba_main' and day = ? and paid_at is not null", [DAY]
    )
    till = connected(sandbox, SOURCE, numbers=tuple(Number(order["pay_no"]) for order in orders))
    found = brought(sandbox, till, DAY)["payments"]
    world = sandbox.market.records(
        "select * from market.payments where account = 'shouqianba_main' and day = ? and happened_at <= ?"
        " and order_no is not null order by happened_at",
        [DAY, sandbox.now],
    )
    paid = {row["pay_no"]: row for row in reversed(world) if row["type"] == "payment"}
    assert len(paid) > 20
    assert {no: (row["transaction_no"], yuan(row["amount"])) for no, row in paid.items()} == {
        p["merchant_pay_no"]: (p["transaction_no"], Decimal(p["amount"])) for p in found if p["type"] == "payment"
    }
    returned = {row["original_no"]: yuan(row["amount"]) for row in world if row["type"] == "refund"}
    assert returned == {p["original_transaction_no"]: Decimal(p["amount"]) for p in found if p["type"] == "refund"}


def test_the_daily_files_hold_every_payment_and_refund_with_its_fee(sandbox, tmp_path):
    till, found = connected(sandbox, SOURCE), []
    for offset in range(6):
        for path in DROPS["shouqianba"](sandbox.market, tmp_path, FIRST + timedelta(days=offset)):
            found += read(till, PAYMENTS, path, "csv")["payments"]
    world = sandbox.market.records(
        "select * from market.payments where account = 'shouqianba_main' and happened_at::date < ?",
        [FIRST + timedelta(days=6)],
    )
    assert {
        row["transaction_no"]: (row["type"], yuan(row["amount"]), yuan(row["fee"]), row["original_no"]) for row in world
    } == {
        p["transaction_no"]: (p["type"], Decimal(p["amount"]), Decimal(p["fee"]), p["original_transaction_no"])
        for p in found
    }
    assert {row["pay_no"] for row in world if row["type"] == "payment"} == {
        p["merchant_pay_no"] for p in found if p["type"] == "payment"
    }
    assert {row["merchant_refund_no"] for row in world if row["type"] == "refund"} == {
        p["merchant_refund_no"] for p in found if p["type"] == "refund"
    }
