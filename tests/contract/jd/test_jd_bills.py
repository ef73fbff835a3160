"""JD's exports: four layouts of settlement rows, the wallet's ledger, workbooks of both, and every refusal."""

from datetime import datetime

import openpyxl
import pytest

from connectors.jd import SOURCE

BILLS = SOURCE.streams[2]
OLD = (
    "订单编号,父单号,订单状态,订单下单时间,订单完成时间,售后服务单号,售后退款时间,商品编号,商品名称,商品数量,扣点类型,佣金比例,"
    "费用名称,应结金额,币种,收支方向,结算状态,预计结算时间,账单生成时间,到账时间,商户订单号,资金动账备注"
)
NEW = (
    "订单编号,父单号,订单状态,订单下单时间,订单完成时间,商品编号,商品名称,商品单价,商品数量,结算时间,商户订单号,资金动账备注,"
    "费用名称,费用分类,应结金额,结算单类型,结算单号,结算主体"
)
BUY360 = (
    "订单编号,单据编号,单据类型,商品编号,商户订单号,商品名称,结算状态,费用发生时间,费用计费时间,费用结算时间,费用项,金额,币种,"
    "商家应收/应付,钱包结算备注,店铺号,京东门店编号,品牌门店编号,门店名称,备注,收支方向,商品数量,对账日期"
)
SHEET = (
    "订单编号,单据编号,单据类型,商品编号,商户订单号,商品名称,费用发生时间,费用计费时间,费用结算时间,费用项,金额,币种,"
    "商家应收/应付,钱包结算备注,店铺号,京东门店编号,品牌门店编号,门店名称,备注,收支方向,账单日期,商品数量"
)
FUNDS = "商户号,账户代码,账户名称,日期,商户订单号,账户余额（元）,收入金额(元),支出金额(元),交易备注,账单日期"
NAMES = {
    OLD: {"fee": "费用名称", "amount": "应结金额", "way": "收支方向", "at": "预计结算时间", "day": "账单生成时间"},
    NEW: {"fee": "费用名称", "amount": "应结金额", "way": "费用分类", "at": "结算时间"},
    BUY360: {"fee": "费用项", "amount": "金额", "way": "收支方向", "at": "费用结算时间", "day": "对账日期"},
    SHEET: {"fee": "费用项", "amount": "金额", "way": "收支方向", "at": "费用结算时间", "day": "账单日期"},
}


def line(layout, *, fee="货款", amount="36.80", way="收入", no="2026070900001", **more):
    order = "249786309732"
    names = NAMES[layout]
    cells = {
        "订单编号": f'="{order}"', "商品编号": '="10170858471951"', names["fee"]: fee, names["amount"]: amount,
        names["way"]: way, names["at"]: "2026-07-08 17:11:38", "商户订单号": no, **more,
    }  # fmt: skip
    if "day" in names:
        cells[names["day"]] = "20260708"
    return ",".join(cells.get(name, "") for name in layout.split(","))


def fund(no, balance, *, received="", spent="", words="2026年07月08日京东支付货款", account="283"):
    return f"示例,{account},户,2026-07-09 09:00:00,{no},{balance},{received},{spent},{words},2026-07-08"


def read(text, folder, connection, name="export.csv", encoding="utf-8-sig"):
    path = folder / name
    path.write_bytes(text.encode(encoding) if isinstance(text, str) else text)
    assert BILLS.reads(path) or "something" in str(text) or not isinstance(text, str)
    return BILLS.unpack(path, "csv", folder, connection, name)


@pytest.mark.parametrize("layout", [OLD, NEW, BUY360, SHEET], ids=["22", "18", "23", "sheet"])
@pytest.mark.parametrize("encoding", ["utf-8-sig", "gb18030"])
def test_four_layouts_tell_the_same_rows(tmp_path, connect, layout, encoding):
    rows = [
        line(layout),
        line(layout, amount="-13.80", way="支出"),
        line(layout, fee="佣金", amount="-1.84", way="支出"),
        line(layout, fee="佣金", amount="0.69", way="收入"),
        line(layout, fee="月球税", amount="-1.00", way="支出"),
    ]
    before = ["名称：说明"] if layout is OLD else []
    unpacked = read("\r\n".join([*before, layout, *rows, ""]), tmp_path, connect("jd"), encoding=encoding)
    assert (None, ()) == (unpacked.refused, unpacked.notes)
    [statement] = unpacked.statements
    assert (5, "37.49", "16.64") == (statement.row_count, statement.in_sum, statement.out_sum)
    found = BILLS.canonical(unpacked, connect("jd"))
    lines = found.streams["settlement_lines"]
    assert [("goods", "36.80"), ("refund", "-13.80"), ("commission", "-1.84"), ("commission", "0.69")] == [
        (item["component"], item["amount"]) for item in lines
    ]
    assert [("component", "component is empty or not readable as what it should be")] == [
        (reject.column, reject.reason) for reject in found.quarantine
    ]
    assert "249786309732-10170858471951-货款-in" == lines[0]["line_no"]
    assert {("249786309732", "2026070900001", "2026-07-08T17:11:38+08:00")} == {
        (item["order_no"], item["settlement_no"], item["settled_at"]) for item in lines
    }
    [settlement] = found.streams["settlements"]
    assert ("2026070900001", "20.85", "5") == tuple(
        settlement[name] for name in ("settlement_no", "total_amount", "row_count")
    )


def test_equal_rows_are_told_apart_by_their_place(tmp_path, connect):
    unpacked = read("\n".join([NEW, line(NEW), line(NEW), line(NEW, fee="佣金")]), tmp_path, connect("jd"))
    lines = BILLS.canonical(unpacked, connect("jd")).streams["settlement_lines"]
    key = "249786309732-10170858471951"
    assert [f"{key}-货款-in", f"{key}-货款-in-2", f"{key}-佣金-in"] == [item["line_no"] for item in lines]


def test_outgoings_without_a_minus_are_outgoings_all_the_same(tmp_path, connect):
    text = "\n".join(
        [BUY360, line(BUY360, amount="1.84", way="支出", fee="佣金"), line(BUY360, amount="-5", way="收入")]
    )
    unpacked = read(text, tmp_path, connect("jd"))
    lines = BILLS.canonical(unpacked, connect("jd")).streams["settlement_lines"]
    assert [("commission", "-1.84"), ("refund", "-5.00")] == [(item["component"], item["amount"]) for item in lines]


def test_what_is_not_settled_yet_waits_and_a_sheet_number_names_what_has_no_payment(tmp_path, connect):
    waiting = line(OLD, no="", 结算状态="待结算")
    unpacked = read("\n".join([OLD, waiting, line(OLD)]), tmp_path, connect("jd"))
    assert ("1 rows are not settled yet; the export that shows them settled brings them",) == unpacked.notes
    assert 1 == len(BILLS.canonical(unpacked, connect("jd")).streams["settlement_lines"])
    sheet = line(NEW, no="", 结算单号="JS77")
    unpacked = read(f"{NEW}\n{sheet}", tmp_path, connect("jd"))
    assert ["JS77"] == [s["settlement_no"] for s in BILLS.canonical(unpacked, connect("jd")).streams["settlements"]]
    nameless = read("\n".join([NEW, line(NEW, no="")]), tmp_path, connect("jd"))
    found = BILLS.canonical(nameless, connect("jd"))
    assert ({}, ["settlement_no"]) == (found.streams, [reject.column for reject in found.quarantine])


def test_the_wallet_is_proven_by_its_balances_whatever_their_order(tmp_path, connect):
    rows = [fund("P2", "60.00", spent="40.00", words="提现"), fund("S1", "100.00", received="90.00")]
    unpacked = read("\n".join([FUNDS, *rows]), tmp_path, connect("jd"))
    [statement] = unpacked.statements
    assert ("283", "10.00", "60.00", "90.00", "40.00", 2, "2026-07-09") == (
        statement.account, statement.opening_balance, statement.closing_balance, statement.in_sum, statement.out_sum,
        statement.row_count, statement.day,
    )  # fmt: skip
    paid_out, settled = BILLS.canonical(unpacked, connect("jd")).streams["fund_flows"]
    assert ("P2", "out", "40.00", "提现", "P2", "2026-07-09T09:00:00+08:00") == tuple(
        paid_out[name] for name in ("flow_no", "direction", "amount", "business_type", "payout_no", "occurred_at")
    )
    assert ("S1", "in", "京东支付货款", None, "S1") == tuple(
        settled[name] for name in ("flow_no", "direction", "business_type", "payout_no", "business_ref")
    )


def test_two_accounts_of_one_ledger_are_two_statements(tmp_path, connect):
    rows = [fund("A", "10.00", received="1.00"), fund("B", "5.00", received="2.00", account="284")]
    rows += [fund("A", "11.00", received="1.00")]
    unpacked = read("\n".join([FUNDS, *rows]), tmp_path, connect("jd"))
    assert [("283", 2), ("284", 1)] == [(s.account, s.row_count) for s in unpacked.statements]
    flows = BILLS.canonical(unpacked, connect("jd")).streams["fund_flows"]
    assert [("A", 0), ("B", 1), ("A-2", 0)] == [(flow["flow_no"], flow["statement"]) for flow in flows]


def workbook(folder, **sheets):
    book = openpyxl.Workbook()
    book.remove(book.worksheets[0])
    for title, rows in sheets.items():
        sheet = book.create_sheet(title)
        for row in rows:
            sheet.append(row)
    path = folder / "钱包.xlsx"
    book.save(path)
    return path


def test_a_workbook_brings_both_its_sheets(tmp_path, connect):
    cells = line(SHEET).replace('="', "").replace('"', "").split(",")
    cells[10] = 36.8
    moved = [
        "示例",
        "283",
        "户",
        datetime(2026, 7, 9, 9),  # noqa: DTZ001 - a date cell has no zone
        "2026070900001",
        136.80,
        36.80000000000001,
        0,
        "提现退回",
        None,
    ]
    path = workbook(tmp_path, 结算表=[SHEET.split(","), cells], 资金表=[FUNDS.split(","), moved])
    assert BILLS.reads(path)
    unpacked = BILLS.unpack(path, "xlsx", tmp_path, connect("jd"))
    assert [None, "283"] == [statement.account for statement in unpacked.statements]
    found = BILLS.canonical(unpacked, connect("jd")).streams
    assert ("36.80", 0) == tuple(found["settlement_lines"][0][name] for name in ("amount", "statement"))
    assert ("36.80", "136.80", 1, "2026-07-09T09:00:00+08:00") == tuple(
        found["fund_flows"][0][name] for name in ("amount", "balance", "statement", "occurred_at")
    )
    assert ["36.80"] == [settlement["total_amount"] for settlement in found["settlements"]]


def test_a_closing_total_is_held_against_the_rows(tmp_path, connect):
    total = line(OLD, amount="36.80").replace('="249786309732"', "合计")
    good = read("\n".join([OLD, line(OLD), total]), tmp_path, connect("jd"))
    assert (None, 1) == (good.refused, good.statements[0].row_count)
    bad = read("\n".join([OLD, line(OLD), line(OLD, fee="佣金"), total]), tmp_path, connect("jd"))
    assert "its total is stated as 36.80, the rows give 73.60" in bad.refused


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("something,else\n1,2\n", "no export of settlement rows"),
        ("\n".join([OLD, line(OLD, way="侧向")]), "the direction is '侧向', allowed: 收入, 支出"),
        ("\n".join([OLD, line(OLD, amount="1.0E2")]), "no plain amount in whole cents"),
        ("\n".join([OLD, line(OLD, amount="1.005")]), "no plain amount in whole cents"),
        ("\n".join([OLD, line(OLD, amount="")]), "no plain amount in whole cents"),
        ("\n".join([OLD, line(OLD) + ",x"]), "23 cells where the heading has 22"),
        ("\n".join([OLD, line(OLD)[:-3]]), "cells where the heading has 22"),
        ("\n".join([OLD + ",备注,备注", line(OLD) + ",,"]), "column remark twice"),
        (
            "\n".join([OLD, line(OLD, amount="-1", way="支出"), line(OLD, amount="1", way="支出")]),
            "both with and without a minus",
        ),
        ("\n".join([FUNDS, fund("A", "1.00", received="-1.00")]), "which no minus may have"),
        ("\n".join([FUNDS, fund("A", "1.00", received="1"), fund("B", "9", received="1")]), "form no chain"),
        (
            "流水单号,账号,投放日期,交易类型,计划ID,支出\n1,a,2021-08-01,快车扣费,--,1.00\n",
            "advertising spend (京准通)",
        ),
        ("订单号,商品ID,商品名称,订购数量,商家应收,订单状态,商家SKUID,下单时间,付款确认时间\n", "an order export"),
        (b"\xff\xfe\x00", "UTF-16"),
        (b"PK\x03\x04 no workbook", "damaged workbook"),
        (b"\x1f\x8b\x08\x00 no gzip", "damaged"),
    ],
)
def test_a_file_that_contradicts_itself_is_refused_with_what_to_do(tmp_path, connect, text, reason):
    unpacked = read(text, tmp_path, connect("jd"))
    assert reason in unpacked.refused
    assert "again" in unpacked.refused or "allowed" in unpacked.refused
    assert () == unpacked.parts
