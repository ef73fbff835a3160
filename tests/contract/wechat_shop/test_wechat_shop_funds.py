"""The shop's movements, from its ledger and from its API: read to the cent, or refused whole."""

import gzip
import json

import pytest

from connectors.wechat_shop import SOURCE

FUNDS = SOURCE.streams[2]
HEADING = "流水单号,记账时间,动帐类型,收支类型,收支金额,账户余额,关联订单号,关联售后单号,关联提现单号,关联保单号,详情"
ROWS = (
    "WS1\t,2026-10-08 09:00:00,订单支付收入,收入,100.00,1100.00,37261008\t,,,,订单支付",
    "WS2\t,2026-10-08 09:00:01,订单手续费,支出,1.00,1099.00,37261008\t,,,,技术服务费",
    "WS3\t,2026-10-08 10:00:00,提现,支出,500.00,599.00,,,WSTX20261008\t,,提现到银行卡",
)


@pytest.fixture
def shop(connect):
    return connect("wechat_shop")


def ledger(*rows, encoding="utf-8-sig"):
    return "".join(f"{line}\r\n" for line in (HEADING, *rows)).encode(encoding)


def read(tmp_path, shop, body, suffix="csv"):
    path = tmp_path / f"ledger.{suffix}"
    path.write_bytes(body)
    unpacked = FUNDS.unpack(path, suffix, tmp_path, shop)
    return unpacked, FUNDS.canonical(unpacked, shop).streams["fund_flows"]


@pytest.mark.parametrize(
    ("body", "suffix"),
    [(ledger(*ROWS), "csv"), (ledger(*ROWS, encoding="gb18030"), "csv"), (gzip.compress(ledger(*ROWS)), "csv.gz")],
)
def test_a_ledger_is_read_with_its_balances_and_bare_numbers(tmp_path, shop, body, suffix):
    unpacked, flows = read(tmp_path, shop, body, suffix)
    assert (None, ()) == (unpacked.refused, unpacked.notes)
    [statement] = unpacked.statements
    assert ("2026-10-08", 3, "100.00", "501.00", "1000.00", "599.00") == (
        statement.day, statement.row_count, statement.in_sum, statement.out_sum, statement.opening_balance,
        statement.closing_balance,
    )  # fmt: skip
    assert [
        ("WS1", "in", "37261008", None),
        ("WS2", "out", "37261008", None),
        ("WS3", "out", None, "WSTX20261008"),
    ] == [(flow["flow_no"], flow["direction"], flow["order_no"], flow["payout_no"]) for flow in flows]
    assert FUNDS.reads(tmp_path / f"ledger.{suffix}")


def test_money_out_may_be_written_with_a_minus(tmp_path, shop):
    _, [flow] = read(tmp_path, shop, ledger(ROWS[1].replace("1.00,1099", "-1.00,1099")))
    assert ("out", "1.00") == (flow["direction"], flow["amount"])


def test_balances_that_form_no_chain_are_told(tmp_path, shop):
    unpacked, _ = read(tmp_path, shop, ledger(ROWS[0], ROWS[2]))
    assert ("the balances of the rows form no chain",) == unpacked.notes


@pytest.mark.parametrize(
    ("body", "reason"),
    [
        (ledger(ROWS[0].replace("收入,100.00", "收入,-100.00")), "收入 with an amount not negative"),
        (ledger(ROWS[0].replace(",收入,", ",转,")), "'转'"),
        (ledger(ROWS[0].replace("100.00,1100", "1e2,1100")), "no plain amount"),
        (ledger(ROWS[0].replace("100.00,1100", ",1100")), "no plain amount"),
        (ledger(ROWS[0].replace("1100.00", "x")), "no plain amount"),
        (ledger(ROWS[0] + ",x"), "12 cells"),
        (ledger(ROWS[0], "", ROWS[1]), "empty line"),
        (b"PK\x03\x04", "zip archive or workbook"),
        (b"a,b\r\n", "no WeChat shop ledger"),
        (gzip.compress(ledger(*ROWS))[:-9], "cut off"),
        (b"", "no WeChat shop ledger"),
    ],
)
def test_a_ledger_that_cannot_be_trusted_is_refused_whole(tmp_path, shop, body, reason):
    unpacked, _ = read(tmp_path, shop, body)
    assert () == unpacked.parts
    assert reason in (unpacked.refused or "")


FLOW = {
    "flow_id": "1", "flow_type": 1, "amount": 5, "balance": 5, "funds_type": 1, "remark": "",
    "bookkeeping_time": "2026-10-08 09:00:00",
}  # fmt: skip


def answered(*flows):
    return b"".join(json.dumps({"errcode": 0, "funds_flow": flow}).encode() + b"\n" for flow in flows)


def test_a_movement_of_the_api_says_what_the_official_example_says(tmp_path, shop):
    related = [
        {"aftersale_id": "1900986873273849", "related_type": "RelatedType_AfterSale"},
        {"order_id": "3707360208736617728", "related_type": "RelatedType_Order"},
    ]
    flow = {
        "amount": 2, "balance": 30738, "bookkeeping_time": "2022-12-12 16:43:16", "flow_id": "10000035906221212",
        "flow_type": 2, "funds_type": 3, "related_info_list": related, "remark": "退款总金额0.02元;含手续费0.00元",
    }  # fmt: skip
    unpacked, [record] = read(tmp_path, shop, answered(flow), "ndjson")
    assert ("307.40", "307.38") == (unpacked.statements[0].opening_balance, unpacked.statements[0].closing_balance)
    assert ("0.02", "out", "退款", "3707360208736617728", "1900986873273849", "2022-12-12T16:43:16+08:00") == tuple(
        record[key] for key in ("amount", "direction", "business_type", "order_no", "business_ref", "occurred_at")
    )


@pytest.mark.parametrize(
    ("body", "reason"),
    [
        (answered(FLOW | {"amount": 5.0}), "no whole number of fen"),
        (answered(FLOW | {"amount": "5"}), "no whole number of fen"),
        (answered(FLOW | {"amount": -5}), "no whole number of fen"),
        (answered(FLOW | {"balance": None}), "no whole number of fen"),
        (answered(FLOW | {"flow_type": 3}), "allowed: 1, 2"),
        (b'{"errcode":0}\n', "no funds_flow"),
        (b"[]\n", "no funds_flow"),
        (b"<html>\n", "no JSON"),
        (b"\n", "is empty"),
    ],
)
def test_an_answer_about_a_movement_that_cannot_be_trusted_is_refused_whole(tmp_path, shop, body, reason):
    path = tmp_path / "funds.ndjson"
    path.write_bytes(body)
    unpacked = FUNDS.unpack(path, "ndjson", tmp_path, shop)
    assert () == unpacked.parts
    assert reason in (unpacked.refused or "")


def test_saved_files_in_a_folder_are_delivered_to_their_own_stream(desk, connect, tmp_path):
    (tmp_path / "a.json").write_bytes(b'{"errcode":0,"after_sale_order":{}}')
    (tmp_path / "b.json").write_bytes(b'{"errcode":0,"order":{"order_detail":{}}}')
    (tmp_path / "c.ndjson").write_bytes(answered(FLOW))
    (tmp_path / "d.csv").write_bytes(ledger(*ROWS))
    folder = connect("wechat_shop", path=tmp_path)
    found = [[delivery.name for delivery in desk.fetch(stream, folder)] for stream in SOURCE.streams]
    assert [["b.json"], ["a.json"], ["c.ndjson", "d.csv"]] == found
