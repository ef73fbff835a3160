"""What a day's bundle or a saved page says: sides, signs, sums, chains; and what is refused whole."""

import pytest

from connectors.cmb_direct import SOURCE
from tests.contract.cmb_direct import bank
from tests.contract.cmb_direct.bank import chain, lines, page, read, row

[LINES] = SOURCE.streams


@pytest.fixture
def account(connect):
    return connect("cmb_direct", **bank.CREDENTIALS)


def test_a_credit_comes_in_and_a_debit_that_is_negative_already_goes_out(tmp_path, account):
    rows = [
        row("001", "100.50", "12446.17", remarkTextClt="货款   ", businessText="网银业务摘要 ", mchOrderNbr="M1"),
        row("002", "-40.01", "12406.16", transTime="", yurRef="PAY20261008 ", requestNbr="0012345678", valueDate=""),
    ]
    unpacked = read(tmp_path, account, page(rows))
    came, went = lines(unpacked, account)
    assert {
        "account": None, "currency": "CNY", "line_no": "T001", "booked_at": "2026-10-08T10:15:30",
        "value_date": "2026-10-08", "direction": "in", "amount": "100.50", "balance": "12446.17",
        "counterparty_name": "对手方公司", "counterparty_account": "957151020441242810",
        "remark": "货款 网银业务摘要 M1", "bank_reference": "T001", "statement": 0,
    } == came  # fmt: skip
    assert ("T002", "2026-10-08", None, "out", "40.01", "PAY20261008") == tuple(
        went[name] for name in ("line_no", "booked_at", "value_date", "direction", "amount", "bank_reference")
    )
    [statement] = unpacked.statements
    assert ("12345.67", "12406.16", 2, 2, "100.50", "100.50", "40.01", "40.01", "2026-10-08") == (
        statement.opening_balance, statement.closing_balance, statement.row_count, statement.stated_row_count,
        statement.in_sum, statement.stated_in_sum, statement.out_sum, statement.stated_out_sum, statement.day,
    )  # fmt: skip


@pytest.mark.parametrize(("flag", "word"), [("*", "冲帐"), ("X", "补帐")])
def test_a_reversal_may_turn_its_side_and_says_so(tmp_path, account, flag, word):
    rows = [
        row(1, "-40.01", "59.99"),
        row(2, "40.01", "100.00", loanCode="D", reversalFlag=flag),
        row(3, "-7.00", "93.00", loanCode="C", reversalFlag=flag),
    ]
    unpacked = read(tmp_path, account, page(rows))
    _, back, taken = lines(unpacked, account)
    assert ("in", "40.01", f"货款 {word}") == (back["direction"], back["amount"], back["remark"])
    assert ("out", "7.00") == (taken["direction"], taken["amount"])
    [statement] = unpacked.statements
    assert ("100.00", "93.00", None) == (
        statement.opening_balance, statement.closing_balance, statement.stated_in_sum,
    )  # fmt: skip
    wrong = page(rows, creditAmount="7.00")
    assert "the sum of the C rows is stated as 7.00, the rows give -7.00" in read(tmp_path, account, wrong).refused


@pytest.mark.parametrize(("side", "value"), [("D", "40.01"), ("C", "-40.01")])
def test_a_sign_against_its_side_without_a_reversal_goes_to_quarantine(tmp_path, account, side, value):
    unpacked = read(tmp_path, account, page([row(1, value, "100.00", loanCode=side)]))
    assert unpacked.refused is None
    found = LINES.canonical(unpacked, account)
    assert [] == found.streams["bank_lines"]
    [reject] = found.quarantine
    assert "direction" == reject.column
    assert "no reversal" in reject.reason


@pytest.mark.parametrize(
    ("changed", "column"),
    [({"transDate": "20261399"}, "booked_at"), ({"transDate": "", "transTime": "101530"}, "booked_at")],
)
def test_a_row_without_a_day_goes_to_quarantine(tmp_path, account, changed, column):
    unpacked = read(tmp_path, account, page([row(1, "5.00", "5.00", **changed)]))
    assert [column] == [reject.column for reject in LINES.canonical(unpacked, account).quarantine]


def test_currencies_of_one_account_are_statements_of_their_own(tmp_path, connect):
    account = connect("cmb_direct", options={"currency_codes": {"32": "USD"}}, **bank.CREDENTIALS)
    rows = [row(1, 5, 105), row(2, -3, 7, currencyNbr="32"), row(3, 2, 2, currencyNbr="21"), row(4, 5, 110)]
    unpacked = read(tmp_path, account, page(rows))
    assert [("CNY", "100", "110", 2), ("USD", "10", "7", 1), ("21", "0", "2", 1)] == [
        (one.currency, one.opening_balance, one.closing_balance, one.row_count) for one in unpacked.statements
    ]
    assert ["CNY", "CNY", "USD", "21"] == [line["currency"] for line in lines(unpacked, account)]
    assert "the number of C rows is stated as 9" in read(tmp_path, account, page(rows, creditNums="9")).refused


@pytest.mark.parametrize(
    ("control", "reason"),
    [
        ({"creditAmount": "150.00"}, "the incoming sum is stated as 150.00, the rows give 100.00 (deviation -50.00)"),
        ({"debitAmount": "-40.00"}, "the outgoing sum is stated as 40.00, the rows give 40.01"),
        ({"debitAmount": "40.01"}, "the outgoing sum is stated as -40.01"),
        ({"debitNums": "2"}, "the number of lines is stated as 3, the rows give 2"),
        ({"creditAmount": "1,50"}, "creditAmount of its sums is '1,50'"),
        ({"creditNums": "0.5"}, "counts its rows in fractions"),
    ],
)
def test_a_page_that_contradicts_its_own_sums_is_refused_whole(tmp_path, account, control, reason):
    unpacked = read(tmp_path, account, page(chain([10_000, -4_001]), **control))
    assert reason in unpacked.refused
    assert () == unpacked.parts


def test_one_contradicting_page_refuses_its_whole_day(tmp_path, account):
    rows = chain([100, 200])
    unpacked = read(tmp_path, account, page(rows[:1], more="c"), page(rows[1:], creditAmount="9"))
    assert "statement 2: the incoming sum" in unpacked.refused
    assert () == unpacked.parts


def test_a_page_silent_about_its_sums_is_taken_by_its_balances(tmp_path, account):
    silent = dict.fromkeys(("creditNums", "creditAmount", "debitNums", "debitAmount"), "")
    unpacked = read(tmp_path, account, page(chain([100, -50]), **silent))
    assert 2 == len(lines(unpacked, account))
    assert (None, None) == (unpacked.statements[0].stated_row_count, unpacked.statements[0].stated_in_sum)


def test_a_row_that_is_missing_between_pages_breaks_the_running_balance(tmp_path, connect, account):
    rows = chain([100, 200, 300])
    pages = page(rows[:1], more="c"), page(rows[2:])
    assert "the running balance does not follow from the amounts" in read(tmp_path, account, *pages).refused
    swept = connect("cmb_direct", options={"running_balance": False}, **bank.CREDENTIALS)
    unpacked = read(tmp_path, swept, *pages)
    assert [None, None] == [line["balance"] for line in lines(unpacked, swept)]
    assert {None} == {one.closing_balance for one in unpacked.statements}


def test_movements_of_another_card_have_a_balance_of_their_own(tmp_path, account):
    rows = [*chain([100, 200]), row(9, "5.00", "900.00", transCardNbr="6225")]
    assert 3 == len(lines(read(tmp_path, account, page(rows)), account))


@pytest.mark.parametrize(
    ("pages", "reason"),
    [
        ([page(more="c")], "no whole day"),
        ([page(), page()], "no whole day"),
        ([], "is empty"),
        ([b"<html>"], "no JSON"),
        ([b"[" * 100_000], "no JSON"),
        ([b'{"response":{"body":{},"head":{"n":1e99999999999999999999}}}'], "no JSON"),
        ([{"response": {}}], "no answer of the bank"),
        ([[1]], "no answer of the bank"),
        ([page(head={"resultcode": "FAAQ086"})], "tells no movements but the result FAAQ086"),
        ([page(head={"funcode": "NTQADINF"})], "answers NTQADINF, allowed is trsQryByBreakPoint"),
        ([page(ctnFlag="?")], "allowed are Y and N"),
    ],
)
def test_what_is_no_whole_day_of_movements_is_refused_by_name(tmp_path, account, pages, reason):
    unpacked = read(tmp_path, account, *pages)
    assert reason in unpacked.refused
    assert () == unpacked.parts


def test_a_saved_page_of_its_own_is_read_and_says_that_more_follows(tmp_path, account):
    unpacked = read(tmp_path, account, page(chain([100]), more="c", place=2), name="page1.json")
    assert 1 == len(lines(unpacked, account))
    assert "20261008/2" == unpacked.statements[0].statement_no
    assert any("goes on after this page" in note for note in unpacked.notes)
    last = read(tmp_path, account, page(chain([100])), name="page2.json")
    assert not any("goes on" in note for note in last.notes)
