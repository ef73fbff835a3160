"""WeChat Pay files that others published: totals equal the files' own, excerpts that disagree are refused whole."""

import pytest

pytestmark = pytest.mark.samples


@pytest.mark.parametrize(
    ("name", "rows", "total"),
    [
        ("tradebill_all_2021-01-28.csv", 3, "0.03"),
        ("tradebill_all_2021-01-28.csv.gz", 3, "0.03"),
        ("tradebill_all_legacy24_2014.csv", 2, "0.02"),
    ],
)
def test_a_bill_equals_its_own_footer(inspected, name, rows, total):
    found = inspected(f"china/wechat/{name}")
    [statement] = found["statements"]
    assert ("wechatpay", "ok", None) == (found["source"], found["verdict"], found["reason"])
    assert (rows, rows) == (statement["row_count"], statement["stated_row_count"])
    assert (total, total) == (statement["in_sum"], statement["stated_in_sum"])
    assert rows == len(found["streams"]["payments"])
    assert [] == found["quarantine"]


def test_full_width_colons_are_a_time(inspected):
    found = inspected("china/wechat/tradebill_all_legacy24_2014.csv")
    assert "2014-11-10T16:33:45+08:00" == found["streams"]["payments"][0]["occurred_at"]


@pytest.mark.parametrize(
    ("name", "words"),
    [
        ("tradebill_all_2022-03-21_cloudrun_doc.csv", ("总交易单数 is stated as 12, the rows give 1", "退款总金额")),
        ("tradebill_all_27col_2019.csv", ("总交易单数 is stated as 48", "手续费总金额 is stated as 0.01000")),
        ("tradebill_success_20col_2019.csv", ("总交易单数 is stated as 31", "应结订单总金额 is stated as 3.05")),
        ("fundflowbill_doc_2018-02-01.csv", ("资金流水总笔数 is stated as 20.0, the rows give 1", "收入金额")),
        ("consumer_export_2019.csv", ("personal export",)),
    ],
)
def test_what_disagrees_with_itself_is_refused_whole_with_every_reason(inspected, name, words):
    found = inspected(f"china/wechat/{name}")
    assert ("wechatpay", "refused", {}) == (found["source"], found["verdict"], found["streams"])
    assert all(word in found["reason"] for word in words), found["reason"]


@pytest.mark.parametrize(
    "name", ["v2_error_no_bill_exist.xml", "v3_error_statement_creating.json", "v3_refund_success.json"]
)
def test_an_answer_that_is_no_bill_is_refused(inspected, name):
    assert "refused" == inspected(f"china/wechat/{name}")["verdict"]
