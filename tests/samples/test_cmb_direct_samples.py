"""Published answers of China Merchants Bank: pages of movements, and a balance that belongs to no day."""

import pytest

pytestmark = pytest.mark.samples


def test_the_published_payment_goes_out_once_and_not_twice_negated(inspected):
    found = inspected("china/cmb_direct/trsQryByBreakPoint_doc_sample_2022.json")
    assert ("cmb_direct", "ok") == (found["source"], found["verdict"])
    [line] = found["streams"]["bank_lines"]
    assert ("C09468U00012KWZ", "out", "40.01", "2022-02-28T14:03:37", "2000110921419.82", "批量代付业务报文") == tuple(
        line[name] for name in ("line_no", "direction", "amount", "booked_at", "balance", "remark")
    )
    [statement] = found["statements"]
    assert ("2000110921459.83", "2000110921419.82", "0.00", "40.01", 1) == tuple(
        statement[name]
        for name in ("opening_balance", "closing_balance", "stated_in_sum", "stated_out_sum", "stated_row_count")
    )


def test_the_page_that_goes_on_is_read_to_its_end(inspected):
    found = inspected("china/cmb_direct/trsQryByBreakPoint_page1.json")
    assert ("cmb_direct", "ok") == (found["source"], found["verdict"])
    assert "goes on after this page" in found["reason"]
    [line] = found["streams"]["bank_lines"]
    assert ("T0000000000001", "in", "100.50", "对手方公司", "957151020441242810", "网银业务摘要") == tuple(
        line[name] for name in ("line_no", "direction", "amount", "counterparty_name", "counterparty_account", "remark")
    )
    [statement] = found["statements"]
    assert ("12345.67", "12446.17", "100.50", "2026-09-01", "CNY") == tuple(
        statement[name] for name in ("opening_balance", "closing_balance", "stated_in_sum", "day", "currency")
    )


def test_a_balance_of_the_moment_is_known_and_refused_by_name(inspected):
    found = inspected("china/cmb_direct/ntqadinf_doc_sample_2020.json")
    assert ("cmb_direct", "refused") == (found["source"], found["verdict"])
    assert "belongs to no day" in found["reason"]
    assert "NTQADINF" in found["reason"]
