"""The client and the sandbox's site speak to each other: all of a day arrives, to the cent."""

from datetime import date

import pytest

from connectors.core.errors import NotAuthorized
from connectors.woocommerce import SOURCE
from tests.contract.meeting import brought, cents, changed_orders, connected, orders_agree

ORDERS, REFUNDS = SOURCE.streams
DAY = date(2026, 9, 29)


@pytest.fixture(scope="module")
def sandbox(sandbox_of):
    return sandbox_of("2026-10-02T10:30", faults="none")


@pytest.fixture(params=["http://127.0.0.1/woocommerce", "https://sandbox.test/woocommerce"])
def talk(request, sandbox):
    """What the client brings for the day, in the clear from this machine and else behind TLS."""

    def told(stream, **secrets):
        return brought(sandbox, connected(sandbox, SOURCE, secrets, base_url=request.param), DAY, stream)

    return told


def test_client_and_sandbox_agree_on_a_day(sandbox, talk):
    found = talk(ORDERS)
    expected = changed_orders(sandbox, "woo_eu", DAY)
    orders_agree(expected, found, sandbox.now, "tax_collected")
    assert {row["pay_no"] for row in expected if row["paid_at"]} == {
        row["merchant_pay_no"] for row in found["orders"] if row["merchant_pay_no"]
    }
    refunded = [row for row in expected if row["refunded_at"] and row["refunded_at"] <= sandbox.now]
    refunds = talk(REFUNDS).get("refunds", [])
    assert refunded
    assert {row["refund_no"] for row in refunded} == {row["refund_no"] for row in refunds}
    assert {row["merchant_refund_no"] for row in refunded} == {row["merchant_refund_no"] for row in refunds}
    assert sum(row["refund_amount"] for row in refunded) == cents(refunds)


def test_the_wrong_secret_opens_nothing(talk):
    with pytest.raises(NotAuthorized):
        talk(ORDERS, consumer_secret="cs_other")
