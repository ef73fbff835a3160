"""JD files that others published: a real order, a settlement export, a real wallet ledger, headings, what is not read."""

from decimal import Decimal

import pytest

pytestmark = pytest.mark.samples


def test_a_real_order_has_its_own_number_beside_its_parents_and_no_time_of_the_year_1(inspected):
    found = inspected("china/jd/order_2022.json")
    assert ("jd", "ok", [], None) == (found["source"], found["verdict"], found["quarantine"], found["reason"])
    [order], [line] = found["streams"]["orders"], found["streams"]["order_lines"]
    assert ("249786309732", "245752632275", "paid", "2022-07-16T16:37:38+08:00", "2022-07-16T16:38:32+08:00") == tuple(
        order[name] for name in ("order_no", "parent_order_no", "status", "ordered_at", "paid_at")
    )
    assert ("1.00", "0.00", "0.00", "0.00", "1.00") == tuple(
        order[name] for name in ("goods_amount", "merchant_discount", "platform_subsidy", "freight", "buyer_paid")
    )
    assert (None, None) == (order["shipped_at"], order["confirmed_at"])
    assert ("10054887745652", "testjd4206151136003", "1", "1.00") == tuple(
        line[name] for name in ("line_no", "sku", "quantity", "line_amount")
    )
    assert [] == found["streams"].get("shipments", [])


def test_seven_fee_rows_of_one_parent_are_seven_lines_of_one_settlement(inspected):
    found = inspected("china/jd/settlement_export_22col_2026-07.csv")
    assert ("jd", "ok", []) == (found["source"], found["verdict"], found["quarantine"])
    [statement], [settlement] = found["statements"], found["streams"]["settlements"]
    assert (7, "36.80", "50.32", "2026-07-08") == tuple(
        statement[name] for name in ("row_count", "in_sum", "out_sum", "day")
    )
    lines = found["streams"]["settlement_lines"]
    assert [
        ("3553498017448001", "goods", "36.80"),
        ("3553498017448002", "refund", "-13.80"),
        ("3553498017448003", "freight", "-6.00"),
        ("3553498017448004", "commission", "-1.84"),
        ("3553498017448005", "freight_insurance", "-0.86"),
        ("3553498017448006", "compensation", "-23.90"),
        ("3553498017448007", "affiliate_fee", "-3.92"),
    ] == [(line["order_no"], line["component"], line["amount"]) for line in lines]
    assert ("202607090000011332601610021", "-13.52") == (settlement["settlement_no"], settlement["total_amount"])
    assert Decimal("-13.52") == sum(Decimal(line["amount"]) for line in lines)


def test_a_real_wallet_row_came_in_and_went_out_at_once(inspected):
    found = inspected("china/jd/wallet_ledger_10col_2021.xlsx")
    assert ("jd", "ok", []) == (found["source"], found["verdict"], found["quarantine"])
    [statement] = found["statements"]
    assert ("2830000000000", 1, "1266.52", "396.88", "-29.31", "840.33") == tuple(
        statement[name] for name in ("account", "row_count", "in_sum", "out_sum", "opening_balance", "closing_balance")
    )
    assert [("in", "1266.52", "1237.21"), ("out", "396.88", "840.33")] == [
        (flow["direction"], flow["amount"], flow["balance"]) for flow in found["streams"]["fund_flows"]
    ]
    assert {("20211031013136110068203001751774", "京东支付货款", "2021-10-31T12:46:14+08:00")} == {
        (flow["business_ref"], flow["business_type"], flow["occurred_at"]) for flow in found["streams"]["fund_flows"]
    }


@pytest.mark.parametrize("name", ["bill_360buy_23col_header.csv", "wallet_settlement_sheet_22col_header.csv"])
def test_a_heading_alone_is_an_export_without_rows(inspected, name):
    found = inspected(f"china/jd/{name}")
    assert ("jd", "ok", None, {}) == (found["source"], found["verdict"], found["reason"], found["streams"])
    assert [0] == [statement["row_count"] for statement in found["statements"]]


@pytest.mark.parametrize(
    ("name", "what"),
    [("jzt_ad_spend_2021.xlsx", "advertising spend (京准通)"), ("orders_export_header.csv", "an order export")],
)
def test_what_is_jds_but_not_read_is_refused_by_its_name(inspected, name, what):
    found = inspected(f"china/jd/{name}")
    assert ("jd", "refused", {}) == (found["source"], found["verdict"], found["streams"])
    assert (
        f"{name} is {what}, which is not read here; allowed: settlement rows and the wallet's ledger" == found["reason"]
    )
