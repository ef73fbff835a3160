"""The client and the sandbox's Shopify speak to each other: all of a day arrives, to the cent."""

from datetime import date

import pytest

from connectors.shopify import SOURCE
from tests.contract.meeting import brought, cents, changed_orders, connected, orders_agree

ORDERS, BALANCE, PAYOUTS = SOURCE.streams
DAY = date(2026, 9, 29)


@pytest.fixture(scope="module")
def sandbox(sandbox_of):
    return sandbox_of("2026-10-02T10:30", faults="none")


def test_client_and_sandbox_agree_on_a_day_of_orders(sandbox):
    found = brought(sandbox, connected(sandbox, SOURCE), DAY, ORDERS)
    expected = changed_orders(sandbox, "shopify_us", DAY)
    orders_agree(expected, found, sandbox.now, "tax_collected")
    assert sum(row["merchant_discount"] for row in expected) == cents(found["order_lines"], "merchant_discount")
    assert sum(row["refund_amount"] or 0 for row in expected) == cents(found["refunds"])


def test_client_and_sandbox_agree_on_a_day_of_the_balance(sandbox):
    records = brought(sandbox, connected(sandbox, SOURCE), "2026-09-30", BALANCE, PAYOUTS)
    found, payouts = records["fund_flows"], records["payouts"]
    [(moved, rows)] = sandbox.market.rows(
        "select sum(amount)::bigint, count(*) from market.flows"
        " where account = 'shopify_wallet' and day = date '2026-09-30'"
    )
    assert rows == len(found)
    signed = [row | {"amount": row["amount"] if row["direction"] == "in" else f"-{row['amount']}"} for row in found]
    assert moved == cents(signed)
    flows_of = {row["payout_no"]: row["amount"] for row in found if row["business_type"] == "TRANSFER"}
    assert flows_of
    assert flows_of.items() <= {row["payout_no"]: row["amount"] for row in payouts}.items()
    assert all(row["bank_reference"] for row in payouts)
