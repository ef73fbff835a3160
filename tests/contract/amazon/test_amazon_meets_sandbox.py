"""The client and the sandbox's Amazon speak to each other: all of a day arrives, to the cent."""

from datetime import date

import pytest

from connectors.amazon import SOURCE
from connectors.core.errors import NotAuthorized
from tests.contract.meeting import brought, cents, changed_orders, connected, orders_agree

ORDERS, SETTLEMENTS, PAYOUTS = SOURCE.streams
DAY = date(2026, 9, 29)


@pytest.fixture(scope="module")
def sandbox(sandbox_of):
    return sandbox_of("2026-10-02T10:30", faults="none")


def test_client_and_sandbox_agree_on_a_day_of_orders(sandbox):
    found = brought(sandbox, connected(sandbox, SOURCE), DAY, ORDERS)
    orders_agree(changed_orders(sandbox, "amazon_us", DAY), found, sandbox.now, "tax_collected")


def test_client_and_sandbox_agree_on_a_settlement_and_its_payout(sandbox):
    # a report without TLS is taken from this machine only
    account = connected(sandbox, SOURCE, base_url="http://127.0.0.1/amazon")
    found = brought(sandbox, account, "2026-09-28", SETTLEMENTS)
    [expected] = sandbox.market.records(
        "select * from market.settlements where shop = 'amazon_us' and period_end = date '2026-09-28'"
    )
    [settlement] = found["settlements"]
    assert (expected["settlement_no"], expected["total"]) == (
        settlement["settlement_no"],
        cents([settlement], "total_amount"),
    )
    lines = sandbox.market.rows(
        "select component, order_no, amount from market.settlement_lines where settlement_no = ? order by line_no",
        [expected["settlement_no"]],
    )
    ours = [(row["component"], row["order_no"], cents([row])) for row in found["settlement_lines"]]
    assert lines == ours
    refunded = sandbox.market.rows(
        "select refund_no, refund_amount from market.orders where shop = 'amazon_us'"
        " and refunded_at between timestamp '2026-09-24' and timestamp '2026-09-29' and refund_no is not null"
    )
    assert refunded
    assert dict(refunded) == {row["refund_no"]: cents([row]) for row in found["refunds"]}
    [payout] = brought(sandbox, account, DAY, PAYOUTS)["payouts"]
    assert (settlement["payout_no"], expected["total"]) == (payout["payout_no"], cents([payout]))
    assert payout["bank_reference"]


def test_the_wrong_secret_opens_nothing(sandbox):
    stranger = connected(sandbox, SOURCE, {"client_secret": "other"})
    with pytest.raises(NotAuthorized):
        brought(sandbox, stranger, DAY, ORDERS)
