"""Shouqianba's own sample of a paid order."""

import pytest

pytestmark = pytest.mark.samples


def test_the_official_answer_is_read_to_the_fen_and_the_second(inspected):
    found = inspected("china/shouqianba/pay_response_2017.json")
    assert ("shouqianba", "ok", []) == (found["source"], found["verdict"], found["quarantine"])
    [payment], [statement] = found["streams"]["payments"], found["statements"]
    assert ("7893259247405832", "payment", "succeeded", "1.01", None, "w145206259311176") == tuple(
        payment[name] for name in ("transaction_no", "type", "status", "amount", "fee", "merchant_pay_no")
    )
    assert "2017-04-18T17:11:41+08:00" == payment["occurred_at"]
    assert (1, "1.01", "0.00") == tuple(statement[name] for name in ("row_count", "in_sum", "out_sum"))
