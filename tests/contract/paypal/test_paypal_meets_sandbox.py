"""Client and sandbox, written apart, speak to each other: a business day arrives whole and to the cent."""

from datetime import datetime, timedelta
from decimal import Decimal

import pytest

from connectors.paypal import SOURCE
from tests.contract.meeting import FIRST, brought, connected, yuan


@pytest.fixture(scope="module")
def sandbox(sandbox_of):
    return sandbox_of("2026-09-30T10:30", last_day=FIRST + timedelta(days=6), orders_per_day=1000)


@pytest.fixture(scope="module")
def records(sandbox):
    """Every canonical record of the first six days, by stream."""
    return brought(sandbox, connected(sandbox, SOURCE, currency="EUR", account="paypal_eu"), FIRST, days=6)


def world(sandbox, sql):
    until = datetime.combine(FIRST + timedelta(days=6), datetime.min.time())
    return sandbox.market.records(f"{sql} where account = 'paypal_eu'", []), until


def test_every_payment_refund_and_chargeback_arrives_with_its_fee_and_numbers(sandbox, records):
    rows, until = world(sandbox, "select * from market.payments")
    expected = sorted(
        (
            row["transaction_no"], row["type"], yuan(row["amount"]), yuan(row["fee"]), row["pay_no"],
            row["merchant_refund_no"], row["original_no"], f"{(row['happened_at'] - timedelta(hours=8)).isoformat()}+00:00",
        )
        for row in rows
        if row["happened_at"] < until
    )  # fmt: skip
    names = ("merchant_pay_no", "merchant_refund_no", "original_transaction_no", "succeeded_at")
    assert expected == sorted(
        (
            found["transaction_no"],
            found["type"],
            Decimal(found["amount"]),
            Decimal(found["fee"]),
            *map(found.get, names),
        )
        for found in records["payments"]
    )
    assert {"payment", "refund", "chargeback"} == {found["type"] for found in records["payments"]}


def test_every_movement_arrives_once_and_sums_to_the_worlds_balance(sandbox, records):
    rows, _ = world(sandbox, "select * from market.balances")
    known = [row for row in rows if row["day"] < FIRST + timedelta(days=6)]
    flows = records["fund_flows"]
    assert sum(row["in_count"] + row["out_count"] for row in known) == len(flows)
    assert len(flows) == len({flow["flow_no"] for flow in flows})
    for side in ("in", "out"):
        assert yuan(sum(row[f"{side}_sum"] for row in known)) == sum(
            Decimal(flow["amount"]) for flow in flows if flow["direction"] == side
        )
    kinds = {flow["business_type"] for flow in flows}
    assert {"T0006", "T0006 fee", "T1107", "T1201", "T1201 fee", "T0400", "T9799"} == kinds


def test_a_payout_goes_by_the_number_that_the_bank_prints(sandbox, records):
    rows, until = world(sandbox, "select * from market.payouts")
    expected = sorted((row["trace_no"], yuan(row["amount"])) for row in rows if row["initiated_at"] < until)
    assert expected
    assert expected == sorted(
        (flow["payout_no"], Decimal(flow["amount"])) for flow in records["fund_flows"] if flow["payout_no"]
    )
