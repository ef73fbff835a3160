"""Pinduoduo's official samples, and money rows that others published."""

import pytest

from connectors.core.inspect import inspect_file
from connectors.pdd import SOURCE

pytestmark = pytest.mark.samples


def test_an_order_keeps_its_yuan_and_its_empty_times(inspected):
    found = inspected("china/pdd/order_information_get_2018.json")
    assert ("pdd", "ok", []) == (found["source"], found["verdict"], found["quarantine"])
    [order], [line] = found["streams"]["orders"], found["streams"]["order_lines"]
    assert ("180831-481803633911509", "paid", "11.01", "11.01", "0.00", None) == tuple(
        order[key] for key in ("order_no", "status", "goods_amount", "buyer_paid", "freight", "shipped_at")
    )
    assert ("51972265894", "11.01", "1") == (line["line_no"], line["line_amount"], line["quantity"])
    assert "2018-08-31T10:42:33+08:00" == order["paid_at"]
    assert [] == found["streams"]["shipments"]


def test_a_list_page_holds_orders_and_their_waybill(inspected):
    found = inspected("china/pdd/order_list_get_2018.json")
    assert ("pdd", "ok") == (found["source"], found["verdict"])
    [order], [shipment] = found["streams"]["orders"], found["streams"]["shipments"]
    assert ("180810-364770100011509", "shipped", "4.50", "presale") == tuple(
        order[key] for key in ("order_no", "status", "buyer_paid", "ship_mode")
    )
    assert ("111122223333", "logistics_id 1") == (shipment["waybill_no"], shipment["carrier"])


def test_a_refund_that_succeeded_is_read_to_the_cent(inspected):
    [refund] = inspected("china/pdd/refund_list_increment_get_2018.json")["streams"]["refunds"]
    assert ("301851299", "180410-416081954561509", "return_refund", "succeeded", "8.00") == tuple(
        refund[key] for key in ("refund_no", "order_no", "type", "status", "amount")
    )
    assert "2018-04-10T17:18:03+08:00" == refund["succeeded_at"]


def test_money_rows_keep_their_signs_and_their_codes(inspected):
    found = inspected("china/pdd/goods_payment_rows_2026-05-31.csv")
    assert ("pdd", "ok", []) == (found["source"], found["verdict"], found["quarantine"])
    [statement] = found["statements"]
    assert ("2026-05-31", 3, "146.92", "35.64", None) == tuple(
        statement[key] for key in ("day", "row_count", "in_sum", "out_sum", "stated_in_sum")
    )
    assert [
        ("in", "146.92", "交易收入-订单收入"),
        ("out", "27.50", "交易退款-订单退款"),
        ("out", "8.14", "其他支出-合作费追回"),
    ] == [(flow["direction"], flow["amount"], flow["business_type"]) for flow in found["streams"]["fund_flows"]]


@pytest.mark.parametrize(
    "name",
    ["ad_balance_get.json", "error_common_param_type.json", "order_status_get_2017.json", "orders_export_header.csv"],
)
def test_what_is_no_order_refund_or_money_row_is_refused(sample, name):
    path = sample(f"china/pdd/{name}")
    assert not SOURCE.recognises(path)
    assert "refused" == inspect_file(path, "pdd")["verdict"]


def test_no_other_sample_is_taken_for_one_of_pinduoduos(sample):
    samples = sample("china/pdd/order_list_get_2018.json").parents[2]
    claimed = {path.parent.name for path in samples.rglob("*") if path.is_file() and SOURCE.recognises(path)}
    assert {"pdd"} == claimed
