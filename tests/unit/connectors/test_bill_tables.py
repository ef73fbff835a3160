"""Bill tables: no crash, no lost row, whatever stands in the lines."""

from contextlib import suppress
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from connectors.core.bills import BalanceChain, BillForm, BillReader, contradiction, deviation
from connectors.core.text import Refused

COMMENTED = BillForm(
    title="bill", columns={"号": "no", "金额(元)": "amount", "注": "note"}, required=("no", "amount"), comment="#"
)
MARKED = BillForm(
    title="bill",
    columns={"号": "no", "金额(元)": "amount", "注": "note"},
    required=("no", "amount"),
    mark="`",
    footers=frozenset({"总数"}),
)
CELL = st.text(
    st.characters(blacklist_characters='\n\r,"`#', blacklist_categories=("Cs", "Cc", "Z")), min_size=1, max_size=8
)
ROWS = st.lists(st.tuples(CELL, CELL, CELL), max_size=12)


def read(form, lines):
    reader = BillReader(form=form, name="bill.csv")
    return reader, list(reader.rows(line + "\n" for line in lines))


@given(ROWS, st.integers(0, 5))
def test_every_row_between_heading_and_closing_lines_is_read(rows, preamble):
    lines = ["#x"] * preamble + ["号,金额（元）,注"] + [",".join(row) for row in rows] + ["#end", ""]
    reader, found = read(COMMENTED, lines)
    assert [[cell.strip().lstrip("'").strip() for cell in row] for row in rows] == found
    assert (preamble + 1, len(rows), ("no", "amount", "note")) == (reader.heading_row, reader.row_count, reader.columns)


@given(st.lists(st.tuples(CELL, CELL, st.text(st.sampled_from("a`,' \"茶"), max_size=6)), max_size=12))
def test_marked_cells_keep_commas_quotes_and_backticks(rows):
    written = ["`" + ",`".join(row) for row in rows if ",`" not in row[2]]
    kept = [list(row) for row in rows if ",`" not in row[2]]
    reader, found = read(MARKED, ["号,金额(元),注", *written, "总数,总额", f"`{len(written)},`0"])
    assert kept == found
    assert {"总数": str(len(written)), "总额": "0"} == reader.footer


@given(
    st.lists(st.text(st.characters(blacklist_characters="\n", blacklist_categories=("Cs",)), max_size=30), max_size=20)
)
def test_any_text_is_read_whole_or_refused(lines):
    for form in (COMMENTED, MARKED):
        for start in ([], ["号,金额(元),注"]):
            with suppress(Refused):
                reader, found = read(form, start + lines)
                assert reader.row_count == len(found)
                assert all(len(row) == len(reader.columns) for row in found)


@given(st.lists(st.integers(-(10**6), 10**6), min_size=1, max_size=30), st.integers(0, 10**6), st.randoms())
def test_the_balance_chain_finds_both_ends_in_any_order(changes, opening, random):
    rows, balance = [], Decimal(opening)
    for change in changes:
        balance += change
        rows.append((Decimal(change), balance))
    random.shuffle(rows)
    chain = BalanceChain()
    for change, after in rows:
        chain.add(change, after)
    ends = chain.ends()
    assert ends is not None
    if opening != balance:
        assert (str(opening), str(balance)) == ends
    else:
        assert ends[0] == ends[1]


def test_a_chain_with_a_gap_has_no_ends():
    chain = BalanceChain()
    chain.add(Decimal(1), Decimal(11))
    chain.add(Decimal(1), Decimal(13))
    assert chain.ends() is None


def test_no_rows_have_no_ends():
    assert BalanceChain().ends() is None


@pytest.mark.parametrize(
    ("lines", "word"),
    [
        (["x,y"], "no line is its heading"),
        (["号,金额(元),金额(元)"], "twice"),
        (["号,金额(元),注", "1,2"], "line 2 has 2 cells where the heading has 3"),
        (["号,金额(元),注", "1,2,3", "", "4,5,6"], "empty line 3"),
        (["号,金额(元),注", "1,2,3", "#end", "4,5,6"], "line 4 after its end"),
        (["#top", "号,金额(元),注", "1,2,3"], "cut off"),
    ],
)
def test_a_damaged_bill_is_refused_with_the_place(lines, word):
    with pytest.raises(Refused, match=word):
        read(COMMENTED, lines)


def test_surplus_empty_cells_and_quoted_cells_are_understood():
    _, found = read(COMMENTED, ["号,金额(元),注,,", '1,2,"a,b",', "2,3,c,,,,"])
    assert [["1", "2", "a,b"], ["2", "3", "c"]] == found


def test_a_contradiction_names_every_deviation():
    found = contradiction("b.csv", [deviation("rows", 3, 1), "", deviation("sum", None, 1), deviation("x", 1, 1)])
    assert "b.csv contradicts itself: rows is stated as 3, the rows give 1 (deviation -2); fetch it again" == found
    assert contradiction("b.csv", ["", ""]) is None
