"""Exports as banks make them: headings, sides, chains, totals, days without a year, workbooks, and what cannot be trusted."""

import zipfile
from decimal import Decimal

import openpyxl
import pytest

from connectors.bank_csv import SOURCE
from connectors.bank_csv.layouts import LAYOUTS

[LINES] = SOURCE.streams
ICBC = "凭证号,交易时间,对方单位,对方账号,转入金额,转出金额,余额,用途,摘要,附言"


@pytest.fixture
def bank(connect, tmp_path):
    return connect("bank_csv", path=tmp_path)


def read(text, tmp_path, bank, name="export.csv"):
    path = tmp_path / name
    path.write_bytes(text if isinstance(text, bytes) else text.encode())
    return LINES.unpack(path, "csv", tmp_path, bank, name)


def lines(text, tmp_path, bank):
    unpacked = read(text, tmp_path, bank)
    assert unpacked.refused is None, unpacked.refused
    return LINES.canonical(unpacked, bank).streams["bank_lines"]


ROWS = [
    "V1,2026-10-08 09:00:00,甲,1001,10.00,,110.00,货款,a,b",
    "V2,2026-10-08 10:00:00,乙,1002,,30.00,80.00,货款,,",
    'V3,2026-10-08 11:00:00,丙,1003,"1,000.50",,1080.50,,,',
]


@pytest.mark.parametrize("order", [[0, 1, 2], [2, 1, 0], [1, 2, 0]])
def test_the_running_balance_proves_the_rows_in_any_order(tmp_path, bank, order):
    text = "\n".join(["[HISTORYDETAIL]", ICBC, *[ROWS[place] for place in order]])
    unpacked = read(text, tmp_path, bank)
    (statement,) = unpacked.statements
    assert ("100.00", "1080.50", 3) == (statement.opening_balance, statement.closing_balance, statement.row_count)
    assert {"10.00", "30.00", "1000.50"} == {r["amount"] for r in LINES.canonical(unpacked, bank).streams["bank_lines"]}


def test_a_row_that_is_missing_breaks_the_chain(tmp_path, bank):
    text = "\n".join([ICBC, ROWS[0], ROWS[2]])
    assert "the running balance does not follow" in read(text, tmp_path, bank).refused


def test_gb18030_and_a_byte_order_mark_read_alike(tmp_path, bank):
    text = "\n".join([ICBC, *ROWS])
    assert lines(text.encode("gb18030"), tmp_path, bank) == lines(text.encode("utf-8-sig"), tmp_path, bank)


def test_debit_is_money_out_and_a_reversal_is_negative_on_its_side(tmp_path, bank):
    text = (
        "账户名称：甲公司\n账号：6226000011112222\n币种：CNY\n"
        "交易时间,交易流水号,借方发生额,贷方发生额,账户余额,凭证号,客户附言,对方账号,对方账号名称,对方开户行\n"
        "2026-10-08 09:00:00,F1,30.00,,70.00,,付款,1,乙,\n2026-10-08 10:00:00,F2,-30.00,,100.00,,冲正,1,乙,\n"
    )
    found = lines(text, tmp_path, bank)
    assert [("out", "30.00"), ("in", "30.00")] == [(line["direction"], line["amount"]) for line in found]
    assert {"6226000011112222"} == {line["account"] for line in found}
    assert ["F1", "F2"] == [line["line_no"] for line in found]


def test_a_word_gives_the_side(tmp_path, bank):
    text = (
        "序号,交易日期,交易时间,交易类型,借贷,交易金额,余额,对方账号,对方户名,交易地点,摘要\n"
        "1,2026-10-08,09:00:00,转账,贷 Cr,5.00,105.00,6,甲,,\n2,2026-10-08,09:00:01,转账,借 Dr,6.00,99.00,6,甲,,\n"
        "3,2026-10-08,09:00:02,转账,？,0.00,99.00,6,甲,,\n"
    )
    unpacked = read(text, tmp_path, bank)
    found = LINES.canonical(unpacked, bank)
    assert ["in", "out"] == [line["direction"] for line in found.streams["bank_lines"]]
    assert ["？ is no side such as 借 or 贷"] == [reject.reason for reject in found.quarantine]


def test_accounts_of_one_export_are_statements_of_their_own(tmp_path, bank):
    text = (
        "交易时间,账号,收入,支出,账户余额,对方户名,对方账号,对方账号开户行,摘要,交易流水号,核心唯一流水号,交易用途,币种\n"
        "2026-10-08 09:00:00,111111,5.00,,105.00,甲,1,,货款,F,H1,,人民币\n"
        "2026-10-08 09:00:00,222222,7.00,,207.00,甲,1,,货款,F,H2,,美元\n"
    )
    assert [("111111", "CNY", "100.00"), ("222222", "USD", "200.00")] == [
        (s.account, s.currency, s.opening_balance) for s in read(text, tmp_path, bank).statements
    ]


@pytest.mark.parametrize(("day", "booked"), [("12/30", "2025-12-30"), ("01/02", "2026-01-02")])
def test_a_day_without_a_year_belongs_to_the_month_in_the_title(tmp_path, bank, day, booked):
    text = f"招商银行信用卡对账单（个人消费卡账户 2026年01月）\n交易日,记账日,交易摘要,人民币金额,卡号末四位,交易地金额\n,{day},还款,-8.00(CN),1,-8\n"
    (line,) = lines(text, tmp_path, bank)
    assert (booked, "in", "8.00") == (line["booked_at"], line["direction"], line["amount"])


def test_a_stated_total_is_compared_and_is_no_row(tmp_path, bank):
    rows = (
        "交易日期,摘要,交易场所,钞/汇,记账金额(收入),记账金额(支出),记账币种,余额,对方户名\n"
        '2026-10-08\t,"消费  ",超市,钞,"     ","13.40\t",人民币,"86.60",甲,\n'
    )
    assert 1 == len(lines(rows + ' \n人民币合计,,,,"0.00","13.40",\n', tmp_path, bank))
    assert "the outgoing total is stated as 14.00" in read(rows + "人民币合计,,,,0.00,14.00,\n", tmp_path, bank).refused


def test_dashes_are_empty_and_a_number_glued_to_a_name_is_cut_off(tmp_path, bank):
    text = "记账日期,货币,交易金额,联机余额,交易摘要,对手信息,客户摘要\n2026-10-08,CNY,5.00,105.00,--,甲公司66666666666666,-----\n"
    (line,) = lines(text, tmp_path, bank)
    assert ("甲公司", "66666666666666", None) == (
        line["counterparty_name"],
        line["counterparty_account"],
        line["remark"],
    )


def test_an_overlapping_export_brings_the_same_keys(tmp_path, bank):
    head = "记账日期,货币,交易金额,联机余额,交易摘要,对手信息,客户摘要\n"
    rows = [f"2026-10-0{day},CNY,5.00,{100 + day * 5}.00,转账,甲,\n" for day in (1, 2, 3)]
    first = {line["line_no"] for line in lines(head + "".join(rows[:2]), tmp_path, bank)}
    assert first < {line["line_no"] for line in lines(head + "".join(rows), tmp_path, bank)}


def test_a_workbook_reads_like_its_text(tmp_path, bank):
    book = openpyxl.Workbook()
    for row in (["账号", "6200000000001230"], ["顺序号", "交易日期", "交易类型", "存入金额", "取出金额", "余额", "交易对手名称", "交易对手账号", "附言"],
                ["1", "2026/10/08  09:00:00", "汇入", 10.1, None, 110.1, "甲", "1234567890123456789", ""]):  # fmt: skip
        book.active.append(row)
    book.save(tmp_path / "export.xlsx")
    unpacked = LINES.unpack(tmp_path / "export.xlsx", "xlsx", tmp_path, bank, "export.xlsx")
    (line,) = LINES.canonical(unpacked, bank).streams["bank_lines"]
    assert ("10.10", "1234567890123456789", "2026-10-08T09:00:00") == (
        line["amount"], line["counterparty_account"], line["booked_at"],
    )  # fmt: skip


@pytest.mark.parametrize(
    ("layout", "text", "expected"),
    [
        (
            {
                "columns": {"day": "Date", "amount": "Amount", "balance": "Balance", "name": "Partner"},
                "remarks": ["Label"],
                "day_format": "%m/%d/%Y",
            },
            'Date,Label,Amount,Balance,Partner\n10/08/2026,goods,"-33.50",-23.50,John\n',
            ("out", "33.50", "2026-10-08"),
        ),
        (
            {
                "columns": {"day": "Datum", "amount": "Betrag"},
                "delimiter": ";",
                "decimal": ",",
                "day_format": "%d.%m.%Y",
            },
            "Konto;1\nDatum;Betrag\n08.10.2026;1.234,56\n",
            ("in", "1234.56", "2026-10-08"),
        ),
        (
            {"columns": {"day": "Date", "amount": "Amount", "side": "D/C"}, "day_format": "%m/%d/%Y"},
            'Date,Amount,D/C\n10/08/2026,"-1,533.50",C\n',
            ("in", "1533.50", "2026-10-08"),
        ),
        (
            {"columns": {"day": "Date", "amount": "Amount"}, "sign": "card", "day_format": "%m/%d/%Y"},
            "Date,Amount\n10/08/2026,33.50\n",
            ("out", "33.50", "2026-10-08"),
        ),
    ],
)
def test_a_layout_of_ones_own_reads_what_no_heading_tells(tmp_path, connect, layout, text, expected):
    bank = connect("bank_csv", path=tmp_path, options={"layout": layout})
    (line,) = lines(text, tmp_path, bank)
    assert expected == (line["direction"], line["amount"], line["booked_at"])


def test_a_layout_must_name_known_columns(tmp_path, connect):
    bank = connect("bank_csv", path=tmp_path, options={"layout": {"columns": {"date": "Date"}}})
    assert "names date; it needs day and amount" in read("Date\n", tmp_path, bank).refused


@pytest.mark.parametrize(
    ("body", "reason"),
    [
        (b"Date,Label\n1,2\n", "none of the known headings"),
        (f"{ICBC}\nV1,yesterday,,,1,,1,,,".encode(), "is no day this export knows"),
        (b"\xd0\xcf\x11\xe0 broken", "damaged XLS workbook"),
        (b"PK\x03\x04 broken", "damaged workbook"),
        (b"\x81\x00\xff", "neither UTF-8 nor GB18030"),
    ],
)
def test_what_cannot_be_read_is_refused_with_a_reason(tmp_path, bank, body, reason):
    assert reason in read(body, tmp_path, bank).refused


def test_a_workbook_that_unpacks_too_large_is_refused(tmp_path, bank):
    with zipfile.ZipFile(tmp_path / "bomb.xlsx", "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("xl/worksheets/sheet1.xml", b"0" * (65 * 1024 * 1024))
    assert "unpacks to more than" in LINES.unpack(tmp_path / "bomb.xlsx", "xlsx", tmp_path, bank, "bomb.xlsx").refused


def test_every_layout_is_found_by_its_own_heading(tmp_path, bank):
    for layout in LAYOUTS:
        path = tmp_path / "heading.csv"
        path.write_text(",".join([*layout.columns.values(), *layout.remarks]) + "\n", encoding="utf-8")
        assert LINES.reads(path), layout.name


def test_amounts_stay_exact(tmp_path, bank):
    text = f"{ICBC}\nV1,20261008,甲,1,99999999999999.99,,99999999999999.99,,,"
    (line,) = lines(text, tmp_path, bank)
    assert Decimal("99999999999999.99") == Decimal(line["amount"])
