"""The order and the refund of WooCommerce's own documentation."""

import json
from decimal import Decimal

import pytest

pytestmark = pytest.mark.samples


def test_the_documented_order_adds_up(inspected):
    found = inspected("intl/woocommerce/order.json")
    assert ("woocommerce", "ok") == (found["source"], found["verdict"])
    [order] = found["streams"]["orders"]
    assert ("727", "paid", "USD", "offline", None) == tuple(
        order[name] for name in ("order_no", "status", "currency", "payment_method", "merchant_pay_no")
    )
    assert "2017-03-22T19:28:02+00:00" == order["ordered_at"]
    money = {name: Decimal(order[name]) for name in ("goods_amount", "freight", "tax_collected", "buyer_paid")}
    assert {
        "goods_amount": Decimal("18.00"),
        "freight": Decimal("10.00"),
        "tax_collected": Decimal("1.35"),
        "buyer_paid": Decimal("29.35"),
    } == money
    assert money["buyer_paid"] == money["goods_amount"] + money["freight"] + money["tax_collected"]
    assert [("315", "2", "3.000000", "6.00"), ("316", "1", "12.000000", "12.00")] == [
        tuple(line[name] for name in ("line_no", "quantity", "unit_price", "line_amount"))
        for line in found["streams"]["order_lines"]
    ]


def test_the_documented_refund_was_only_recorded(inspected):
    found = inspected("intl/woocommerce/refund.json")
    [refund] = found["streams"]["refunds"]
    assert ("726", "723", "10.00", "closed", "2017-03-21T20:07:11+00:00") == tuple(
        refund[name] for name in ("refund_no", "order_no", "amount", "status", "applied_at")
    )


@pytest.mark.parametrize("name", ["error_examples", "payment_gateways"])
def test_what_is_neither_is_not_taken(inspected, name):
    assert "woocommerce" != inspected(f"intl/woocommerce/{name}.json")["source"]


def test_the_sandbox_writes_orders_and_refunds_like_the_documentation(sample):
    from datetime import datetime  # noqa: PLC0415 - only here

    from connectors.sandbox.apis import woocommerce  # noqa: PLC0415 - only here

    moment = datetime(2026, 10, 1, 9)  # noqa: DTZ001 - the world's clock
    times = ("ordered_at", "modified_at", "paid_at", "confirmed_at", "refunded_at", "shipped_at")
    row = dict.fromkeys(times, moment) | {
        "account": "stripe_eu",
        "order_no": "7",
        "refund_no": "71",
        "status": "paid",
        "buyer": "c1",
        "pay_no": "T7",
        "merchant_refund_no": "R7",
        "waybill_no": "W",
        "carrier": "DHL",
        "merchant_discount": 0,
        "freight": 0,
        "buyer_paid": 1,
        "refund_amount": 1,
    }
    documented = json.loads(sample("intl/woocommerce/order.json").read_bytes())
    assert documented.keys() == woocommerce._order(row, [], moment).keys()
    refund = json.loads(sample("intl/woocommerce/refund.json").read_bytes())
    assert refund.keys() == woocommerce._refund(row, moment).keys()
    line = {"line_no": 1, "sku_no": 1, "quantity": 1, "line_amount": 1, "merchant_share": 0, "unit_price": 1}
    assert documented["line_items"][0].keys() == woocommerce._line(7, line).keys()
