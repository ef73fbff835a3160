"""Whatever is written into an answer or an export comes out again, to the cent and to the letter; damage is told."""

import json
from decimal import Decimal

from hypothesis import given
from hypothesis import strategies as st

from connectors.douyin import SOURCE
from tests.contract.written import FEN, RELAXED, moments, quoted, texts, yuan
from tests.support import fuzz

ORDERS, REFUNDS, SETTLEMENTS, FUNDS, _ = SOURCE.streams
WORDS = texts()
MOMENTS = moments()
NUMBERS = st.integers(2**53, 10**19).map(str)
LEDGER = "动账流水号,关联订单号,关联子订单号,动账时间,账户方向,动账金额(元),动账场景,账户余额(元),备注"
SETTLEMENT = "动账时间,动帐流水号,动账方向,动账金额,动账场景,子订单号,订单号,平台服务费,备注"


ROW = st.tuples(NUMBERS, MOMENTS, st.booleans(), FEN, WORDS, WORDS)


@RELAXED
@given(rows=st.lists(ROW, max_size=30), encoding=st.sampled_from(["gb18030", "utf-8", "utf-8-sig"]))
def test_a_ledger_is_read_back_as_written(tmp_path, connect, rows, encoding):
    lines, balance = [LEDGER], 0
    for number, at, is_in, fen, scene, note in rows:
        balance += fen if is_in else -fen
        moved = yuan(fen) if is_in else f"-{yuan(fen)}"
        cells = (f"'{number}", "", "", at, "入账" if is_in else "出账", moved, f"景{scene}", yuan(balance), note)
        lines.append(",".join(map(quoted, cells)))
    path, shop = tmp_path / "ledger.csv", connect("douyin")
    path.write_bytes("".join(f"{line}\r\n" for line in lines).encode(encoding))
    unpacked = FUNDS.unpack(path, "csv", tmp_path, shop)
    assert unpacked.refused is None
    flows = FUNDS.canonical(unpacked, shop).streams.get("fund_flows", [])
    assert [
        (number, "in" if is_in else "out", yuan(fen), f"景{scene}", note or None)
        for number, _, is_in, fen, scene, note in rows
    ] == [tuple(flow[name] for name in ("flow_no", "direction", "amount", "business_type", "remark")) for flow in flows]
    assert [f"{at.replace(' ', 'T')}+08:00" for _, at, *_ in rows] == [flow["occurred_at"] for flow in flows]
    [statement] = unpacked.statements
    assert (
        len(rows),
        yuan(sum(row[3] for row in rows if row[2])),
        yuan(sum(row[3] for row in rows if not row[2])),
    ) == (
        statement.row_count,
        statement.in_sum,
        statement.out_sum,
    )


@RELAXED
@given(rows=st.lists(ROW, max_size=30), fee=FEN)
def test_a_settlement_export_is_read_back_and_adds_up(tmp_path, connect, rows, fee):
    lines = [SETTLEMENT]
    for number, at, is_in, fen, scene, note in rows:
        cells = (
            at,
            f"'{number}",
            "入账" if is_in else "出账",
            yuan(fen),
            scene,
            f"'{number}",
            "",
            f"-{yuan(fee)}",
            note,
        )
        lines.append(",".join(map(quoted, cells)))
    path, shop = tmp_path / "settlement.csv", connect("douyin")
    path.write_bytes("\n".join(lines).encode("utf-8-sig"))
    unpacked = SETTLEMENTS.unpack(path, "csv", tmp_path, shop)
    assert unpacked.refused is None
    streams = SETTLEMENTS.canonical(unpacked, shop).streams
    found = [(item["settlement_no"], Decimal(item["total_amount"])) for item in streams.get("settlements", [])]
    assert [(row[0], Decimal(row[3] if row[2] else -row[3]) / 100) for row in rows] == found
    assert sum((amount for _, amount in found), Decimal()) == sum(
        (Decimal(line["amount"]) for line in streams.get("settlement_lines", [])), Decimal()
    )


PARTS = st.dictionaries(
    st.sampled_from([
        "post_amount", "platform_coupon", "refund_before_settle", "platform_service_fee", "commission",
        "colonel_service_fee", "good_learn_channel_fee", "channel_promotion_fee", "other_sharing_amount",
        "packing_amount", "total_income",
    ]),
    st.integers(-(10**12), 10**12),
)  # fmt: skip


@RELAXED
@given(rows=st.lists(st.tuples(NUMBERS, st.integers(-(10**12), 10**12), st.integers(0, 3), PARTS), max_size=20))
def test_the_parts_of_any_settlement_row_add_up_to_it(tmp_path, connect, rows):
    data = [
        {"request_no": number, "settle_time": "2026-10-08 14:00:00", "settle_amount": fen, "trade_type": kind, **parts}
        for number, fen, kind, parts in rows
    ]
    path, shop = tmp_path / "bill.json", connect("douyin")
    path.write_text(json.dumps({"data": {"code": "100000", "data": data}}), encoding="utf-8")
    streams = SETTLEMENTS.canonical(SETTLEMENTS.unpack(path, "json", tmp_path, shop), shop).streams
    totals = [Decimal(item["total_amount"]) for item in streams.get("settlements", [])]
    assert [Decimal(-abs(fen) if kind else fen) / 100 for _, fen, kind, _ in rows] == totals
    assert sum(totals) == sum(Decimal(line["amount"]) for line in streams.get("settlement_lines", []))


ORDER = st.fixed_dictionaries(
    {
        "order_id": NUMBERS,
        "order_status": st.sampled_from([1, 2, 3, 4, 5]),
        "create_time": st.integers(10**9, 2 * 10**9),
        "pay_amount": FEN,
        "post_amount": FEN,
        "platform_cost_amount": FEN,
        "sku_order_list": st.lists(
            st.fixed_dictionaries(
                {
                    "order_id": NUMBERS,
                    "sku_id": st.integers(2**53, 2**63),
                    "product_name": WORDS,
                    "item_num": st.integers(1, 99),
                    "origin_amount": st.integers(0, 10**9),
                }
            ),
            min_size=1,
            max_size=4,
        ),
    }
)


@RELAXED
@given(orders=st.lists(ORDER, max_size=10))
def test_orders_are_read_back_with_their_numbers_unharmed_and_money_that_adds_up(tmp_path, connect, orders):
    path, shop = tmp_path / "orders.json", connect("douyin")
    path.write_text(json.dumps({"data": {"shop_order_list": orders}}), encoding="utf-8")
    streams = ORDERS.canonical(ORDERS.unpack(path, "json", tmp_path, shop), shop).streams
    assert [order["order_id"] for order in orders] == [order["order_no"] for order in streams.get("orders", [])]
    assert [str(line["sku_id"]) for order in orders for line in order["sku_order_list"]] == [
        line["sku"] for line in streams.get("order_lines", [])
    ]
    for order in streams.get("orders", []):
        money = {name: Decimal(order[name]) for name in order if name.endswith(("amount", "subsidy", "discount"))}
        money |= {name: Decimal(order[name]) for name in ("freight", "buyer_paid")}
        assert money["goods_amount"] - money["merchant_discount"] + money["freight"] == money["buyer_paid"] + sum(
            money[name] for name in ("platform_subsidy", "channel_subsidy", "creator_subsidy")
        )


def test_a_damaged_ledger_is_refused_or_every_row_is_accounted_for(tmp_path, connect):
    rows = "".join(
        f"'{n},'7,'7,2026-10-08 09:00:0{n},{'入账' if n % 2 else '出账'},{'' if n % 2 else '-'}1.0{n},货款结算入账,9.00,\n"
        for n in range(8)
    )

    def check(_, unpacked, canonical):
        if unpacked.refused is None:
            flows = len(canonical.streams.get("fund_flows", []))
            assert unpacked.statements[0].row_count == flows + len(canonical.quarantine)

    fuzz(
        FUNDS,
        [f"{LEDGER}\n{rows}".encode("utf-8-sig")],
        connect("douyin"),
        tmp_path,
        suffix="csv",
        check=check,
    )


def moves_no_money(ticket):
    """An exchange is no refund; a ticket without its parts is in quarantine instead."""
    about = ticket.get("aftersale_info")
    return isinstance(about, dict) and "order_info" in ticket and str(about.get("aftersale_type")) in {"3", "7", "8"}


def test_damaged_answers_are_refused_or_every_record_is_accounted_for(tmp_path, connect):
    ticket = {
        "aftersale_info": {"aftersale_id": "1", "aftersale_type": 1, "aftersale_status": 12, "refund_amount": 1},
        "order_info": {"shop_order_id": "7"},
    }
    settled = {"request_no": "R", "settle_amount": 5, "trade_type": 0, "settle_time": "2026-10-08 09:00:00"}
    order = {"order_id": "7", "order_status": 5, "create_time": 10**9, "pay_amount": 1, "sku_order_list": []}
    for stream, data, name, steps in (
        (ORDERS, {"shop_order_list": [order] * 3}, "orders", ("data", "shop_order_list")),
        (REFUNDS, {"items": [ticket] * 3}, "refunds", ("data", "items")),
        (SETTLEMENTS, {"code": "100000", "data": [settled] * 3}, "settlements", ("data", "data")),
    ):

        def check(body, unpacked, canonical, name=name, steps=steps):
            if unpacked.refused is None:
                records = json.loads(body.decode("utf-8-sig"))
                for step in steps:
                    records = records[step]
                idle = sum(moves_no_money(record) for record in records) if name == "refunds" else 0
                rejected = {reject.row for reject in canonical.quarantine}
                assert len(records) == len(canonical.streams.get(name, [])) + len(rejected) + idle

        seed = json.dumps({"code": 10000, "data": data}).encode()
        fuzz(stream, [seed], connect("douyin"), tmp_path, suffix="json", check=check, readers=3)
