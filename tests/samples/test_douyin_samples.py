"""A Douyin order that others published, and the headings of its exports."""

import pytest

pytestmark = pytest.mark.samples


def test_a_real_order_is_read_to_the_fen_with_its_numbers_unharmed(inspected):
    found = inspected("china/douyin/order_list_refunded_after_shipping_2024.json")
    assert ("douyin", "ok", []) == (found["source"], found["verdict"], found["quarantine"])
    [order], [line], [parcel] = (found["streams"][name] for name in ("orders", "order_lines", "shipments"))
    assert ("6936476692437472563", "closed", "0.01", "0.01", "0.00", "2024-11-18T15:56:00+08:00") == tuple(
        order[name] for name in ("order_no", "status", "goods_amount", "buyer_paid", "merchant_discount", "paid_at")
    )
    assert None is order["confirmed_at"], "0 is no time"
    assert ("6936476692437472563", "112233", "1", "0.01") == tuple(
        line[name] for name in ("line_no", "sku", "quantity", "line_amount")
    )
    assert "6936476692437472563" == parcel["waybill_no"]


@pytest.mark.parametrize("name", ["settle_export_34col_header.csv", "insurance_export_header.csv"])
def test_a_heading_alone_is_an_export_without_rows(inspected, name):
    found = inspected(f"china/douyin/{name}")
    assert ("douyin", "ok", None, {}) == (found["source"], found["verdict"], found["reason"], found["streams"])
    assert [0] == [statement["row_count"] for statement in found["statements"]]
