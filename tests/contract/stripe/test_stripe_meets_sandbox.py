"""The client and the sandbox's account speak to each other: all of a day arrives, to the cent."""

from datetime import UTC, datetime

import pytest

from connectors.core.errors import NotAuthorized
from connectors.stripe import SOURCE
from tests.contract.meeting import brought, cents, connected

BALANCE, PAYOUTS = SOURCE.streams
SIGN = {"in": 1, "out": -1}


@pytest.fixture(scope="module")
def sandbox(sandbox_of):
    made = sandbox_of("2026-10-02T10:30", orders_per_day=400)
    made.market.ensure(made.now.date())
    return made


@pytest.mark.parametrize("day", ["2026-09-28", "2026-09-29", "2026-09-30"])
def test_every_movement_of_a_day_arrives_to_the_cent(sandbox, day):
    found = brought(sandbox, connected(sandbox, SOURCE), day, BALANCE)
    flows = sandbox.market.records("select * from market.flows where account = 'stripe_eu' and day = ?", [day])
    assert flows
    assert len(flows) == len(found["fund_flows"])
    assert sum(flow["amount"] for flow in flows) == sum(
        SIGN[row["direction"]] * cents([row]) for row in found["fund_flows"]
    )
    payments = sandbox.market.records(
        "select payments.* from market.payments as payments inner join market.flows as flows using (account,"
        " transaction_no) where account = 'stripe_eu' and flows.day = ? and flows.kind in"
        " ('payment', 'refund', 'chargeback')",
        [day],
    )
    expected = sorted((row["transaction_no"], row["type"], row["amount"], row["pay_no"]) for row in payments)
    assert expected == sorted(
        (row["transaction_no"][3:], row["type"], cents([row]), row["merchant_pay_no"]) for row in found["payments"]
    )


def test_every_payout_of_a_day_arrives_with_what_the_bank_will_show(sandbox):
    payouts = sandbox.market.records("select * from market.payouts where account = 'stripe_eu' and day = '2026-09-28'")
    assert payouts
    found = brought(sandbox, connected(sandbox, SOURCE), "2026-09-28", PAYOUTS)
    assert [(row["payout_no"], row["amount"], row["trace_no"], row["arrives_on"]) for row in payouts] == [
        (
            row["payout_no"],
            cents([row]),
            row["bank_reference"],
            datetime.fromtimestamp(row["expected_on"], UTC).date(),
        )
        for row in found["payouts"]
    ]


def test_the_wrong_key_opens_nothing(sandbox):
    stranger = connected(sandbox, SOURCE, {"secret_key": "sk_other"})
    with pytest.raises(NotAuthorized):
        brought(sandbox, stranger, "2026-09-29", BALANCE)
