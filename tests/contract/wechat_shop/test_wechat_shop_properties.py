"""Whatever is written into an answer or a ledger comes out again, to the cent and to the letter; damage is told."""

import json
from decimal import Decimal

from hypothesis import given
from hypothesis import strategies as st

from connectors.wechat_shop import SOURCE
from tests.contract.written import FEN, RELAXED, moments, quoted, texts, yuan
from tests.support import fuzz

ORDERS, REFUNDS, FUNDS = SOURCE.streams
HEADING = "流水单号,记账时间,动帐类型,收支类型,收支金额,账户余额,关联订单号,关联售后单号,关联提现单号,关联保单号,详情"
NUMBERS = st.from_regex(r"[0-9]{10,20}", fullmatch=True)
WORDS = texts("`'=-")
MOMENTS = moments(2001, 2098)
FLOWS = st.lists(st.tuples(NUMBERS, MOMENTS, FEN, st.booleans(), NUMBERS, WORDS), max_size=30)


def seen(flows):
    names = ("flow_no", "occurred_at", "amount", "direction", "balance", "order_no")
    return [tuple(flow[name] for name in names) for flow in flows]


def expected(rows):
    """Each row with the balance after it, beginning at nothing."""
    balance, found = 0, []
    for number, at, fen, is_in, order_no, _ in rows:
        balance += fen if is_in else -fen
        moment = f"{at.replace(' ', 'T')}+08:00"
        found.append((number, moment, yuan(fen), "in" if is_in else "out", yuan(balance), order_no))
    return found


@RELAXED
@given(rows=FLOWS, encoding=st.sampled_from(["gb18030", "utf-8", "utf-8-sig"]))
def test_a_ledger_is_read_back_as_written(tmp_path, connect, rows, encoding):
    lines = [HEADING]
    for (number, at, fen, is_in, order_no, words), (*_, balance, _no) in zip(rows, expected(rows), strict=True):
        cells = (
            f"{number}\t",
            at,
            "其他",
            "收入" if is_in else "支出",
            yuan(fen),
            balance,
            order_no,
            "",
            "",
            "",
            words,
        )
        lines.append(",".join(map(quoted, cells)))
    path, shop = tmp_path / "ledger.csv", connect("wechat_shop")
    path.write_bytes("".join(f"{line}\r\n" for line in lines).encode(encoding))
    unpacked = FUNDS.unpack(path, "csv", tmp_path, shop)
    assert unpacked.refused is None
    canonical = FUNDS.canonical(unpacked, shop)
    assert canonical.quarantine == ()
    assert expected(rows) == seen(canonical.streams["fund_flows"])
    [statement] = unpacked.statements
    assert sum(fen for _, _, fen, is_in, *_ in rows if not is_in) == Decimal(statement.out_sum) * 100


@RELAXED
@given(rows=FLOWS.filter(bool))
def test_movements_of_the_api_are_read_back_as_written(tmp_path, connect, rows):
    lines, balance = [], 0
    for number, at, fen, is_in, order_no, words in rows:
        balance += fen if is_in else -fen
        flow = {
            "flow_id": number, "bookkeeping_time": at, "amount": fen, "flow_type": 1 if is_in else 2,
            "balance": balance, "funds_type": 1, "remark": words,
            "related_info_list": [{"related_type": 1, "order_id": order_no}],
        }  # fmt: skip
        lines.append(json.dumps({"errcode": 0, "funds_flow": flow}))
    path, shop = tmp_path / "funds.ndjson", connect("wechat_shop")
    path.write_text("\n".join(lines), encoding="utf-8")
    unpacked = FUNDS.unpack(path, "ndjson", tmp_path, shop)
    assert unpacked.refused is None
    assert expected(rows) == seen(FUNDS.canonical(unpacked, shop).streams["fund_flows"])
    assert [words for *_, words in rows] == [
        flow["remark"] or "" for flow in FUNDS.canonical(unpacked, shop).streams["fund_flows"]
    ]


@RELAXED
@given(orders=st.lists(st.tuples(NUMBERS, FEN, FEN, st.integers(1, 2 * 10**9), WORDS), min_size=1, max_size=20))
def test_orders_are_read_back_as_written(tmp_path, connect, orders):
    lines = []
    for number, goods, discount, moment, words in orders:
        price = {"product_price": goods, "order_price": goods, "merchant_discounted_price": discount}
        item = {"sku_id": "1", "title": words, "sale_price": goods, "sku_cnt": 1}
        detail = {"price_info": price, "product_infos": [item]}
        order = {"order_id": number, "status": 20, "create_time": moment, "order_detail": detail}
        lines.append(json.dumps({"errcode": 0, "order": order}))
    path, shop = tmp_path / "orders.ndjson", connect("wechat_shop")
    path.write_text("\n".join(lines), encoding="utf-8")
    unpacked = ORDERS.unpack(path, "ndjson", tmp_path, shop)
    assert unpacked.refused is None
    streams = ORDERS.canonical(unpacked, shop).streams
    assert [(number, yuan(goods), yuan(discount)) for number, goods, discount, *_ in orders] == [
        (order["order_no"], order["buyer_paid"], order["merchant_discount"]) for order in streams["orders"]
    ]
    assert [yuan(goods) for _, goods, *_ in orders] == [line["line_amount"] for line in streams["order_lines"]]


SEED_LEDGER = (
    f"{HEADING}\r\n"
    "WS1\t,2026-10-08 09:00:00,订单支付收入,收入,100.00,1100.00,37261008\t,,,,订单支付\r\n"
    "WS3\t,2026-10-08 10:00:00,提现,支出,500.00,600.00,,,WSTX20261008\t,,提现到银行卡\r\n"
)
SEED_FLOW = {
    "flow_id": "1", "flow_type": 1, "amount": 5, "balance": 5, "funds_type": 1, "remark": "货款",
    "bookkeeping_time": "2026-10-08 09:00:00", "related_info_list": [{"related_type": 1, "order_id": "37"}],
}  # fmt: skip


def every_row_is_accounted_for(_body, unpacked, canonical):
    if unpacked.refused is None:
        [statement] = unpacked.statements
        assert statement.row_count == len(canonical.streams["fund_flows"]) + len(canonical.quarantine)


def test_a_damaged_ledger_is_refused_or_read_to_its_last_row(tmp_path, connect):
    seeds = [SEED_LEDGER.encode("utf-8-sig"), SEED_LEDGER.encode("gb18030")]
    assert fuzz(FUNDS, seeds, connect("wechat_shop"), tmp_path, suffix="csv", check=every_row_is_accounted_for)


def test_a_damaged_answer_is_refused_or_read(tmp_path, connect):
    shop = connect("wechat_shop")
    flow = json.dumps({"errcode": 0, "funds_flow": SEED_FLOW}).encode() + b"\n"
    checked = every_row_is_accounted_for
    assert fuzz(FUNDS, [flow, flow * 3], shop, tmp_path, suffix="ndjson", check=checked, readers=3)
    price = {"product_price": 100, "order_price": 100, "merchant_discounted_price": 0}
    order = {"order_id": "1", "status": 20, "create_time": 1790783999, "order_detail": {"price_info": price}}
    assert fuzz(ORDERS, [json.dumps({"errcode": 0, "order": order}).encode()], shop, tmp_path, suffix="json", readers=3)
    ticket = {
        "after_sale_order_id": "1",
        "status": "PLATFORM_REFUNDING",
        "refund_info": {"amount": 1},
        "type": "REFUND",
    }
    body = json.dumps({"errcode": 0, "after_sale_order": ticket}).encode()
    assert fuzz(REFUNDS, [body, body + b"\n" + body], shop, tmp_path, suffix="ndjson", readers=3)
