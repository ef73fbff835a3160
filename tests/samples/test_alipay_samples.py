"""Alipay files that others published: totals equal the files' own, odd ones are refused whole."""

from decimal import Decimal

import pytest

pytestmark = pytest.mark.samples
DETAIL = ("china/alipay/trade_detail_2019-09-16.gbk.csv", "china/alipay/20880211096256330156_20190916.repacked.csv.zip")


@pytest.mark.parametrize("name", DETAIL)
def test_a_real_trade_bill_equals_its_own_totals(inspected, name):
    found = inspected(name)
    [statement] = found["statements"]
    assert ("alipay", "ok") == (found["source"], found["verdict"])
    assert (10, 10) == (statement["row_count"], statement["stated_row_count"])
    assert ("0.06", "0.06", "0.04", "0.04") == tuple(
        statement[key] for key in ("in_sum", "stated_in_sum", "out_sum", "stated_out_sum")
    )
    assert ("20880211096256330156", "2019-09-16") == (statement["account"], statement["day"])
    payments = found["streams"]["payments"]
    assert {"payment": 6, "refund": 4} == {
        kind: sum(p["type"] == kind for p in payments) for kind in ("payment", "refund")
    }
    assert Decimal("0.02") == sum(Decimal(p["amount"]) * (1 if p["type"] == "payment" else -1) for p in payments)
    assert 10 == len({p["transaction_no"] for p in payments})


def test_bare_and_zipped_bill_give_the_same_records(inspected):
    assert inspected(DETAIL[0])["streams"] == inspected(DETAIL[1])["streams"]


def test_a_fund_bill_of_thirteen_columns_ties_by_its_balance(inspected):
    found = inspected("china/alipay/fund_detail_13col_t200p.csv")
    [statement] = found["statements"]
    assert ("ok", "853.08", "1000.00", "146.92") == (
        found["verdict"],
        statement["opening_balance"],
        statement["closing_balance"],
        statement["in_sum"],
    )
    assert "T200P5116032541422009305" == found["streams"]["fund_flows"][0]["merchant_pay_no"]


def test_a_summary_of_zeros_proves_an_empty_day(inspected):
    found = inspected("china/alipay/fund_summary_empty.csv")
    assert ("ok", 0, 0) == (
        found["verdict"],
        found["statements"][0]["row_count"],
        found["statements"][0]["stated_row_count"],
    )


def test_a_personal_export_is_refused_by_name(inspected):
    found = inspected("china/alipay/consumer_export_2023.gbk.csv")
    assert ("alipay", "refused", {}) == (found["source"], found["verdict"], found["streams"])
    assert "personal export" in found["reason"]
