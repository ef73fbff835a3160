"""Whatever is written into an answer or a money file comes out again, to the cent and to the letter; damage is told."""

import json
from decimal import Decimal

from hypothesis import given
from hypothesis import strategies as st

from connectors.pdd import SOURCE
from tests.contract.written import FEN, RELAXED, moments, quoted, texts, yuan
from tests.support import fuzz

ORDERS, REFUNDS, BILLS = SOURCE.streams
WORDS = texts("`'=-#")
MOMENTS = moments(2001, 2098)


ROW = st.tuples(
    st.from_regex(r"[0-9]{6}-[0-9]{15}", fullmatch=True) | st.just(""), MOMENTS, FEN, st.booleans(), WORDS, WORDS
)


@RELAXED
@given(rows=st.lists(ROW, max_size=30), encoding=st.sampled_from(["gb18030", "utf-8", "utf-8-sig"]))
def test_a_money_file_is_read_back_as_written(tmp_path, connect, rows, encoding):
    lines = ["商户订单号,发生时间,收入金额（+元）,支出金额（-元）,账务类型,备注,业务描述"]
    for order_no, at, cents, is_in, remark, words in rows:
        came_in, went_out = (yuan(cents), "0") if is_in or not cents else ("0", f"-{yuan(cents)}")
        cells = (order_no, at, came_in, went_out, "其他", remark, f"0990001|K{words}".replace("\x00", ""))
        lines.append(",".join(map(quoted, cells)))
    path, shop = tmp_path / "bill.csv", connect("pdd")
    path.write_bytes("".join(f"{line}\r\n" for line in lines).encode(encoding))
    unpacked = BILLS.unpack(path, "csv", tmp_path, shop)
    assert unpacked.refused is None
    canonical = BILLS.canonical(unpacked, shop)
    assert canonical.quarantine == ()
    flows = canonical.streams["fund_flows"]
    assert [(yuan(cents), "in" if is_in or not cents else "out") for _, _, cents, is_in, _, _ in rows] == [
        (flow["amount"], flow["direction"]) for flow in flows
    ]
    assert [f"{at.replace(' ', 'T')}+08:00" for _, at, *_ in rows] == [flow["occurred_at"] for flow in flows]
    assert len(rows) == len({flow["flow_no"] for flow in flows})
    [statement] = unpacked.statements
    assert sum((Decimal(cents) / 100 for _, _, cents, is_in, _, _ in rows if is_in), Decimal()) == Decimal(
        statement.in_sum
    )


ORDER = st.fixed_dictionaries({
    "order_sn": st.from_regex(r"[0-9]{6}-[0-9]{15}", fullmatch=True),
    "order_status": st.sampled_from([1, 2, 3]),
    "refund_status": st.just(1),
    "created_time": MOMENTS,
    "confirm_time": MOMENTS,
    "goods": FEN,
    "tracking_number": st.sampled_from(["", "YT1", "JT9"]),
    "goods_name": st.text(max_size=20),
})  # fmt: skip


@RELAXED
@given(orders=st.lists(ORDER, min_size=1, max_size=20))
def test_orders_are_read_back_as_written(tmp_path, connect, orders):
    lines = []
    for order in orders:
        number = yuan(order["goods"]).rstrip("0").rstrip(".") or "0"
        item = {"sku_id": "1", "goods_name": order["goods_name"], "goods_price": "AMOUNT", "goods_count": 1}
        record = {**order, "goods_amount": "AMOUNT", "pay_amount": "AMOUNT", "item_list": [item]}
        text = json.dumps({"order_info_get_response": {"order_info": record}}, ensure_ascii=False)
        lines.append(text.replace('"AMOUNT"', number).replace("\u2028", " ").replace("\x85", " "))
    path, shop = tmp_path / "orders.ndjson", connect("pdd")
    path.write_bytes("\n".join(lines).encode())
    unpacked = ORDERS.unpack(path, "ndjson", tmp_path, shop)
    assert unpacked.refused is None
    streams = ORDERS.canonical(unpacked, shop).streams
    assert [(order["order_sn"], yuan(order["goods"])) for order in orders] == [
        (record["order_no"], record["buyer_paid"]) for record in streams["orders"]
    ]
    assert sum(Decimal(order["goods"]) / 100 for order in orders) == sum(
        Decimal(line["line_amount"]) for line in streams["order_lines"]
    )
    assert [order["tracking_number"] for order in orders if order["tracking_number"]] == [
        shipment["waybill_no"] for shipment in streams["shipments"]
    ]


SEED_BILL = (
    "拼多多店铺账务明细查询\r\n\r\n起始时间：2026-10-08 00:00:00  终止时间：2026-10-08 23:59:59\r\n-------列表------\r\n"
    "商户订单号,发生时间,收入金额（+元）,支出金额（-元）,账务类型,备注,业务描述\r\n"
    "261001-500000000000001,2026-10-08 23:54:45,146.92,0,交易收入,-,0010002|交易收入-订单收入\r\n"
    ",2026-10-08 23:55:45,0,-0.88,提现,提现单号PDTX20261008,0080001|提现-提现申请\r\n"
    "#支出合计：1笔，共-0.88元\r\n#收入合计：1笔，共146.92元\r\n"
)
SEED_ORDER = {
    "order_sn": "261001-500000000000001", "order_status": 2, "pay_amount": 4.5, "goods_amount": 4.5,
    "created_time": "2026-10-08 10:00:00", "tracking_number": "YT1", "logistics_id": 85,
    "item_list": [{"sku_id": "7", "goods_price": 4.5, "goods_count": 1}],
}  # fmt: skip


def test_a_damaged_money_file_is_refused_or_read_to_its_last_row(tmp_path, connect):
    def every_row_is_accounted_for(_body, unpacked, canonical):
        if unpacked.refused is None:
            [statement] = unpacked.statements
            flows = canonical.streams["fund_flows"]
            assert statement.row_count == len(flows) + len(canonical.quarantine)

    seeds = [SEED_BILL.encode("gb18030"), SEED_BILL.encode()]
    assert fuzz(BILLS, seeds, connect("pdd"), tmp_path, suffix="csv", check=every_row_is_accounted_for)


def test_a_damaged_answer_is_refused_or_read(tmp_path, connect):
    orders = json.dumps({"order_info_get_response": {"order_info": SEED_ORDER}}).encode() + b"\n"
    assert fuzz(ORDERS, [orders, orders * 3], connect("pdd"), tmp_path, suffix="ndjson", readers=2)
    refund = {"id": 1, "order_sn": "1", "after_sales_type": 2, "after_sales_status": 10, "refund_amount": "8.00"}
    page = json.dumps({"refund_increment_get_response": {"refund_list": [refund], "total_count": 1}}).encode()
    assert fuzz(REFUNDS, [page], connect("pdd"), tmp_path, suffix="json", readers=2)
