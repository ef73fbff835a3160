"""The heading of Youzan's ledger, as others published it."""

import pytest

pytestmark = pytest.mark.samples


def test_the_heading_alone_is_a_ledger_without_rows(inspected):
    found = inspected("china/youzan/ledger_20col_header.csv")
    assert ("youzan", "ok", None, {}) == (found["source"], found["verdict"], found["reason"], found["streams"])
    assert [(0, None, None)] == [
        (statement["row_count"], statement["opening_balance"], statement["closing_balance"])
        for statement in found["statements"]
    ]
