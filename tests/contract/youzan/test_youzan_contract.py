"""Youzan's ledger: columns by heading, balances that chain, payments with their fees, and every refusal."""

from datetime import date, timedelta
from decimal import Decimal

import openpyxl
import pytest

from connectors.core.errors import BadRequest, Unavailable
from connectors.sandbox.drops import DROPS
from connectors.sandbox.market import Market
from connectors.sandbox.world import World, WorldConfig
from connectors.youzan import SOURCE

[LEDGER] = SOURCE.streams
HEADING = (
    "类型,名称,业务单号,支付流水号,关联单号,交易来源地,账务主体,账户,收入(元),支出(元),余额(元),支付方式,交易对手,渠道,"
    "下单时间,入账时间,操作人,附加信息,备注,来源"
)


def row(
    kind,
    balance,
    *,
    received="",
    spent="",
    no="E1",
    serial="",
    related="",
    account="店铺余额",
    remark="",
    at="08 09:00:00",
):
    cells = {
        "类型": kind, "业务单号": f"'{no}", "支付流水号": serial, "关联单号": related, "账户": account, "收入(元)": received,
        "支出(元)": spent, "余额(元)": balance, "入账时间": f"2026/10/{at}", "备注": remark,
    }  # fmt: skip
    return ",".join(cells.get(name, "") for name in HEADING.split(","))


DAY = [
    row("提现", "109.28", spent="50.00", no="TX1"),
    row("手续费退回", "159.28", received="0.12", no="R1", serial="RF1", related="E1"),
    row("退款", "159.16", spent="20.00", no="R1", serial="RF1", related="E1"),
    row("活动返还", "179.16", received="79.76", no="U1", remark="周年庆"),
    row("交易手续费", "99.40", spent="0.60", serial="TR1", related="E1"),
    row("订单入账", "100.00", received="100.00", serial="TR1"),
]


def read(lines, folder, connection, *, encoding="utf-8-sig", name="ledger.csv"):
    path = folder / name
    path.write_bytes(lines if isinstance(lines, bytes) else "\r\n".join(lines).encode(encoding))
    return LEDGER.unpack(path, "csv", folder, connection, name)


@pytest.mark.parametrize("encoding", ["utf-8-sig", "gb18030"])
@pytest.mark.parametrize("heading", [HEADING, HEADING.replace("(元)", "（元）"), f"对账单\r\n\r\n{HEADING}"])
def test_a_day_is_read_newest_first_and_proven_by_its_balances(tmp_path, connect, encoding, heading):
    unpacked = read([heading, *DAY], tmp_path, connect("youzan"), encoding=encoding)
    assert unpacked.refused is None
    [statement] = unpacked.statements
    assert ("店铺余额", "0.00", "109.28", 6, "179.88", "70.60", "2026-10-08") == (
        statement.account, statement.opening_balance, statement.closing_balance, statement.row_count, statement.in_sum,
        statement.out_sum, statement.day,
    )  # fmt: skip
    found = LEDGER.canonical(unpacked, connect("youzan"))
    assert () == found.quarantine
    assert [
        ("20261008090000-提现-TX1", "out", "50.00", "提现", None, "TX1", "TX1"),
        ("20261008090000-手续费退回-RF1-R1", "in", "0.12", "手续费退回", "E1", "R1", None),
        ("20261008090000-退款-RF1-R1", "out", "20.00", "退款", "E1", "R1", None),
        ("20261008090000-活动返还-U1", "in", "79.76", "活动返还", None, "U1", None),
        ("20261008090000-交易手续费-TR1-E1", "out", "0.60", "交易手续费", "E1", "TR1", None),
        ("20261008090000-订单入账-TR1-E1", "in", "100.00", "订单入账", "E1", "TR1", None),
    ] == [
        tuple(
            flow[name]
            for name in ("flow_no", "direction", "amount", "business_type", "order_no", "business_ref", "payout_no")
        )
        for flow in found.streams["fund_flows"]
    ]


def test_payments_and_refunds_carry_the_fees_of_their_number(tmp_path, connect):
    unpacked = read([HEADING, *DAY], tmp_path, connect("youzan"))
    refund, payment = LEDGER.canonical(unpacked, connect("youzan")).streams["payments"]
    assert ("TR1", "payment", "100.00", "0.60", "E1", None, "2026-10-08T09:00:00+08:00") == tuple(
        payment[name]
        for name in ("transaction_no", "type", "amount", "fee", "order_no", "merchant_refund_no", "succeeded_at")
    )
    assert ("R1", "refund", "20.00", "-0.12", "E1", "R1") == tuple(
        refund[name] for name in ("transaction_no", "type", "amount", "fee", "order_no", "merchant_refund_no")
    )


def test_two_refunds_of_one_payment_stay_two_in_whichever_files_they_come(tmp_path, connect):
    """Both may name the payment's number; each has its own money, fee and movements."""
    first = [
        row("退款", "70.00", spent="30.00", no="R1", serial="TR1", related="E1", at="08 10:00:00"),
        row("手续费退回", "70.18", received="0.18", no="R1", serial="TR1", related="E1", at="08 10:00:00"),
    ]
    second = [
        row("退款", "50.18", spent="20.00", no="R2", serial="TR1", related="E1", at="09 10:00:00"),
        row("手续费退回", "50.30", received="0.12", no="R2", serial="TR1", related="E1", at="09 10:00:00"),
    ]
    apart = [
        LEDGER.canonical(read([HEADING, *lines], tmp_path, connect("youzan"), name=name), connect("youzan")).streams
        for name, lines in (("a.csv", first), ("b.csv", second))
    ]
    expected = [("R1", "30.00", "-0.18", "R1", "E1"), ("R2", "20.00", "-0.12", "R2", "E1")]
    names = ("transaction_no", "amount", "fee", "merchant_refund_no", "order_no")
    assert expected == [tuple(one[name] for name in names) for found in apart for one in found["payments"]]
    flows = [flow for found in apart for flow in found["fund_flows"]]
    assert 4 == len({flow["flow_no"] for flow in flows})
    assert ["R1", "R1", "R2", "R2"] == [flow["business_ref"] for flow in flows]
    whole = read([HEADING, *first, *second], tmp_path, connect("youzan"))
    together = LEDGER.canonical(whole, connect("youzan")).streams["fund_flows"]
    assert [flow["flow_no"] for flow in flows] == [flow["flow_no"] for flow in together]


def test_a_payment_without_a_fee_row_has_no_known_fee_and_a_receipt_going_out_is_no_payment(tmp_path, connect):
    lines = [HEADING, row("订单入账", "10.00", received="10.00", serial="TR1"), row("订单入账", "9.00", spent="-1.00")]
    found = LEDGER.canonical(read(lines, tmp_path, connect("youzan")), connect("youzan")).streams
    assert [("TR1", None)] == [(payment["transaction_no"], payment["fee"]) for payment in found["payments"]]
    assert ["in", "out"] == [flow["direction"] for flow in found["fund_flows"]]


def test_equal_rows_are_told_apart_and_accounts_are_statements_of_their_own(tmp_path, connect):
    lines = [
        HEADING,
        row("充值", "1.00", received="1.00", no="C1"),
        row("充值", "2.00", received="1.00", no="C1"),
        row("充值", "7.00", received="2.00", no="C2", account="保证金"),
        ",".join(["合计", *[""] * 7, "4.00", "0.00", "", *[""] * 9]),
    ]
    unpacked = read(lines, tmp_path, connect("youzan"))
    assert [("店铺余额", "0.00", "2.00", 2), ("保证金", "5.00", "7.00", 1)] == [
        (s.account, s.opening_balance, s.closing_balance, s.row_count) for s in unpacked.statements
    ]
    flows = LEDGER.canonical(unpacked, connect("youzan")).streams["fund_flows"]
    assert [("20261008090000-充值-C1", 0), ("20261008090000-2-充值-C1", 0), ("20261008090000-充值-C2", 1)] == [
        (flow["flow_no"], flow["statement"]) for flow in flows
    ]


def test_a_row_without_any_number_is_shown_and_not_used(tmp_path, connect):
    found = LEDGER.canonical(
        read([HEADING, row("充值", "1.00", received="1.00", no="")], tmp_path, connect("youzan")), connect("youzan")
    )
    assert ({}, [(2, "flow_no")]) == (found.streams, [(reject.row, reject.column) for reject in found.quarantine])


def test_a_workbook_is_read_like_text(tmp_path, connect):
    book, path = openpyxl.Workbook(), tmp_path / "ledger.xlsx"
    for line in [HEADING, *DAY]:
        book.active.append(
            [float(cell) if cell.replace(".", "").isdigit() else cell.lstrip("'") for cell in line.split(",")]
        )
    book.save(path)
    assert LEDGER.reads(path)
    from_book = LEDGER.canonical(LEDGER.unpack(path, "xlsx", tmp_path, connect("youzan")), connect("youzan"))
    from_text = LEDGER.canonical(read([HEADING, *DAY], tmp_path, connect("youzan")), connect("youzan"))
    assert from_text.streams == from_book.streams


@pytest.mark.parametrize(
    ("lines", "reason"),
    [
        (["something,else", "1,2"], "no Youzan ledger"),
        ([""], "no Youzan ledger"),
        ([HEADING, row("x", "1.00", received="1.00") + ",y"], "21 cells where the heading has 20"),
        ([HEADING, row("x", "1.00", received="1,00")], "the balance is empty"),
        ([HEADING, row("x", "1.00", received='"1,000.00"')], "received is no plain amount in whole cents"),
        ([HEADING, row("x", "1.00", received="1.0E2")], "received is no plain amount in whole cents"),
        ([HEADING, row("x", "1.00", spent="0.005")], "spent is no plain amount in whole cents"),
        ([HEADING, row("x", "", received="1.00")], "the balance is empty"),
        ([HEADING, row("x", "1.00", received="-1.00")], "which no minus may have"),
        ([HEADING, row("x", "1.00", received="2.00", spent="1.00")], "came in and went out at once"),
        ([HEADING, DAY[0], DAY[2]], "form no chain"),
        ([HEADING + ",备注", DAY[0] + ","], "column remark twice"),
        (b"\xff\xfe\x00", "UTF-16"),
        (b"PK\x03\x04 no workbook", "damaged workbook"),
    ],
)
def test_a_ledger_that_contradicts_itself_is_refused_with_what_to_do(tmp_path, connect, lines, reason):
    unpacked = read(lines, tmp_path, connect("youzan"))
    assert reason in unpacked.refused
    assert "again" in unpacked.refused or "allowed" in unpacked.refused
    assert () == unpacked.parts


def test_a_day_without_movements_is_an_empty_statement(tmp_path, connect):
    unpacked = read([HEADING], tmp_path, connect("youzan"))
    assert (None, [0]) == (unpacked.refused, [statement.row_count for statement in unpacked.statements])


def test_a_folder_hands_over_its_files_and_a_missing_one_is_no_quiet_day(desk, connect, tmp_path):
    (tmp_path / "a.csv").write_text(HEADING, encoding="utf-8")
    (tmp_path / "b.txt").write_text("x", encoding="utf-8")
    (tmp_path / "~$c.xlsx").write_text("x", encoding="utf-8")
    assert ["a.csv"] == [delivery.name for delivery in desk.fetch(LEDGER, connect("youzan", path=tmp_path))]
    with pytest.raises(Unavailable, match="does not exist"):
        desk.fetch(LEDGER, connect("youzan", path=tmp_path / "gone"))
    with pytest.raises(BadRequest, match="has no path"):
        desk.fetch(LEDGER, connect("youzan"))


@pytest.fixture(scope="module")
def market(tmp_path_factory):
    first = date(2026, 9, 24)
    config = WorldConfig(
        seed=7, first_day=first, last_day=first + timedelta(days=6), folder=tmp_path_factory.mktemp("keys"),
        orders_per_day=400, faults="all",
    )  # fmt: skip
    world = World(config)
    yield Market(world)
    world.close()


def test_the_sandboxs_ledgers_hold_every_movement_and_payment_of_the_world(market, tmp_path, connect):
    days = [date(2026, 9, 24) + timedelta(days=n) for n in range(6)]
    streams, closing = {"fund_flows": [], "payments": []}, None
    for day in days:
        [path] = DROPS["youzan"](market, tmp_path, day)
        assert LEDGER.reads(path)
        unpacked = LEDGER.unpack(path, "csv", tmp_path, connect("youzan"))
        assert unpacked.refused is None
        [statement] = unpacked.statements
        assert closing in {None, statement.opening_balance}, "each day goes on where the one before ended"
        closing = statement.closing_balance
        canonical = LEDGER.canonical(unpacked, connect("youzan"))
        assert () == canonical.quarantine
        for name, records in canonical.streams.items():
            streams[name] += records
    last = days[-1]
    flows = market.records("select * from market.flows where account = 'youzan_main' and day <= ?", [last])
    signed = [Decimal(f["amount"]) * (1 if f["direction"] == "in" else -1) for f in streams["fund_flows"]]
    assert sorted(Decimal(flow["amount"]) / 100 for flow in flows) == sorted(signed)
    assert len(streams["fund_flows"]) == len({flow["flow_no"] for flow in streams["fund_flows"]})
    unknown = [flow["flow_no"] for flow in flows if flow["kind"] == "unknown"]
    assert unknown == [flow["business_ref"] for flow in streams["fund_flows"] if flow["business_type"] == "活动返还"]
    payments = market.records(
        "select * from market.payments where account = 'youzan_main' and happened_at::date <= ?", [last]
    )
    assert {
        p["transaction_no"]: (p["type"], Decimal(p["amount"]) / 100, Decimal(p["fee"]) / 100, p["merchant_refund_no"])
        for p in payments
    } == {
        p["transaction_no"]: (p["type"], Decimal(p["amount"]), Decimal(p["fee"]), p["merchant_refund_no"])
        for p in streams["payments"]
    }
    assert {p["order_no"] or p["pay_no"] for p in payments} == {p["order_no"] for p in streams["payments"]}
    assert {p["payout_no"] for p in flows if p["payout_no"]} == {
        flow["payout_no"] for flow in streams["fund_flows"] if flow["payout_no"]
    }
