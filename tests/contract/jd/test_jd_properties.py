"""Whatever is written into an answer or an export comes out again, to the cent and to the letter; damage is told."""

import io
import json
from decimal import Decimal

import openpyxl
from hypothesis import given
from hypothesis import strategies as st

from connectors.core.canonical import json_records
from connectors.jd import SOURCE
from tests.contract.written import NUMBERS, RELAXED, moments, quoted, texts, yuan
from tests.support import fuzz

ORDERS, REFUNDS, BILLS = SOURCE.streams
WORDS = texts()
MOMENTS = moments()
LINES = (
    "订单编号,父单号,订单状态,订单下单时间,订单完成时间,商品编号,商品名称,商品单价,商品数量,结算时间,商户订单号,资金动账备注,"
    "费用名称,费用分类,应结金额,结算单类型,结算单号,结算主体"
)
FUNDS = "商户号,账户代码,账户名称,日期,商户订单号,账户余额(元),收入金额(元),支出金额(元),交易备注,账单日期"
FEES = {"货款": {"in": "goods", "out": "refund"}, "佣金": {"in": "commission", "out": "commission"}}


LINE = st.tuples(NUMBERS, MOMENTS, st.booleans(), st.integers(1, 10**12), st.sampled_from(sorted(FEES)), WORDS)


@RELAXED
@given(
    rows=st.lists(LINE, max_size=30), encoding=st.sampled_from(["gb18030", "utf-8", "utf-8-sig"]), minus=st.booleans()
)
def test_settlement_rows_are_read_back_as_written(tmp_path, connect, rows, encoding, minus):
    text = [LINES]
    for number, at, is_in, fen, fee, title in rows:
        amount = yuan(fen) if is_in or not minus else f"-{yuan(fen)}"
        cells = {
            "订单编号": f'="{number}"', "商品名称": title, "结算时间": at, "商户订单号": f"'{number[:20]}", "费用名称": fee,
            "费用分类": "收入" if is_in else "支出", "应结金额": amount,
        }  # fmt: skip
        text.append(",".join(quoted(cells.get(name, "")) for name in LINES.split(",")))
    path, shop = tmp_path / "lines.csv", connect("jd")
    path.write_bytes("".join(f"{line}\r\n" for line in text).encode(encoding))
    unpacked = BILLS.unpack(path, "csv", tmp_path, shop)
    assert unpacked.refused is None
    found = BILLS.canonical(unpacked, shop).streams
    assert [
        (number, FEES[fee]["in" if is_in else "out"], yuan(fen if is_in else -fen), f"{at.replace(' ', 'T')}+08:00")
        for number, at, is_in, fen, fee, _ in rows
    ] == [
        (line["order_no"], line["component"], line["amount"], line["settled_at"])
        for line in found.get("settlement_lines", [])
    ]
    totals = sum((Decimal(item["total_amount"]) for item in found.get("settlements", [])), Decimal())
    assert sum(Decimal(fen if is_in else -fen) for _, _, is_in, fen, *_ in rows) / 100 == totals
    keys = [(line["settlement_no"], line["line_no"]) for line in found.get("settlement_lines", [])]
    assert len(keys) == len(set(keys))
    [statement] = unpacked.statements
    assert (
        len(rows),
        yuan(sum(row[3] for row in rows if row[2])),
        yuan(sum(row[3] for row in rows if not row[2])),
    ) == (statement.row_count, statement.in_sum, statement.out_sum)


MOVEMENT = st.tuples(NUMBERS, MOMENTS, st.integers(0, 10**9), st.integers(0, 10**9), WORDS)


@RELAXED
@given(rows=st.lists(MOVEMENT, max_size=20), as_workbook=st.booleans(), backwards=st.booleans())
def test_a_ledger_is_read_back_from_text_and_from_binary_fractions(tmp_path, connect, rows, as_workbook, backwards):
    written, balance = [], 0
    for number, at, received, spent, words in rows:
        balance += received - spent
        written.append((number, at, balance, received, spent, f"记{words}"))
    path, shop = tmp_path / ("funds.xlsx" if as_workbook else "funds.csv"), connect("jd")
    order = written[::-1] if backwards else written
    path.write_bytes(book_of(order) if as_workbook else text_of(order))
    unpacked = BILLS.unpack(path, path.suffix[1:], tmp_path, shop)
    assert unpacked.refused is None
    flows = BILLS.canonical(unpacked, shop).streams.get("fund_flows", [])
    signed = sum(Decimal(flow["amount"]) * (1 if flow["direction"] == "in" else -1) for flow in flows)
    assert Decimal(balance) / 100 == signed
    assert sum(1 + bool(row[3] and row[4]) for row in written) == len(flows) == len({f["flow_no"] for f in flows})
    assert {words for *_, words in written} == {flow["remark"] for flow in flows}
    for statement in unpacked.statements:
        assert (len(rows), "0", yuan(sum(row[2] for row in rows)), yuan(sum(row[3] for row in rows))) == (
            statement.row_count,
            statement.opening_balance.removesuffix(".00"),
            statement.in_sum,
            statement.out_sum,
        ) or balance == 0


def text_of(rows):
    lines = [FUNDS]
    for number, at, balance, received, spent, words in rows:
        cells = ("店", "'283", "户", at, f"'{number}", yuan(balance), yuan(received), yuan(spent), words, "20260928")
        lines.append(",".join(map(quoted, cells)))
    return "\n".join(lines).encode("utf-8-sig")


def book_of(rows):
    book, out = openpyxl.Workbook(), io.BytesIO()
    book.active.append(FUNDS.split(","))
    for number, at, balance, received, spent, words in rows:
        book.active.append(["店", "283", "户", at, number, balance / 100, received / 100, spent / 100, words, None])
        book.active.cell(book.active.max_row, 9).data_type = "s"
    book.save(out)
    return out.getvalue()


ORDER = st.fixed_dictionaries(
    {
        "orderId": NUMBERS,
        "orderState": st.sampled_from(["WAIT_SELLER_STOCK_OUT", "FINISHED_L", "TRADE_CANCELED"]),
        "orderStartTime": MOMENTS,
        "orderPayment": st.integers(0, 10**9).map(yuan),
        "freightPrice": st.integers(0, 10**6).map(yuan),
        "sellerDiscount": st.integers(0, 10**6).map(yuan),
        "itemInfoList": st.lists(
            st.fixed_dictionaries(
                {
                    "skuId": st.sampled_from(["10054887745652", "10054887745653"]),
                    "skuName": WORDS,
                    "itemTotal": st.integers(1, 99).map(str),
                    "jdPrice": st.integers(0, 10**8).map(yuan),
                }
            ),
            min_size=1,
            max_size=4,
        ),
    }
)


@RELAXED
@given(orders=st.lists(ORDER, max_size=10))
def test_orders_are_read_back_with_money_that_adds_up_and_lines_told_apart(tmp_path, connect, orders):
    path, shop = tmp_path / "orders.json", connect("jd")
    answer = {"searchorderinfo_result": {"orderInfoList": orders}}
    path.write_text(json.dumps({"jingdong_pop_order_search_responce": answer}), encoding="utf-8")
    streams = ORDERS.canonical(ORDERS.unpack(path, "json", tmp_path, shop), shop).streams
    assert [order["orderId"] for order in orders] == [order["order_no"] for order in streams.get("orders", [])]
    assert sum(len(order["itemInfoList"]) for order in orders) == len(streams.get("order_lines", []))
    for sent, order in zip(orders, streams.get("orders", []), strict=True):
        goods = sum(Decimal(item["jdPrice"]) * int(item["itemTotal"]) for item in sent["itemInfoList"])
        assert goods == Decimal(order["goods_amount"])
        assert goods - Decimal(order["merchant_discount"]) + Decimal(order["freight"]) == Decimal(
            order["buyer_paid"]
        ) + Decimal(order["platform_subsidy"])


def test_a_damaged_export_is_refused_or_every_row_is_accounted_for(tmp_path, connect):
    lines = "".join(
        f'="24978630973{n}",,完成,,,="1",商品,,1,2026-07-08 17:11:38,20260709000,,货款,{"收入" if n % 2 else "支出"},'
        f"{'' if n % 2 else '-'}1.0{n},,,\n"
        for n in range(8)
    )
    funds = "".join(f"店,283,户,2026-07-09 09:00:0{n},P{n},{n + 1}.00,1.00,0.00,提现,20260708\n" for n in range(8))

    def check(_, unpacked, canonical):
        if unpacked.refused is None:
            kept = {part.table: sum(1 for _ in json_records(part)) for part in unpacked.parts}
            assert sum(statement.row_count for statement in unpacked.statements) == sum(kept.values()) - kept.get(
                "batches", 0
            )
            flows = canonical.streams.get("fund_flows", [])
            second = sum(flow["flow_no"].endswith("-in") for flow in flows)
            made = sum(map(len, canonical.streams.values())) - second
            waiting = sum(int(note.split()[0]) for note in unpacked.notes)
            assert sum(kept.values()) == made + waiting + len(canonical.quarantine)

    seeds = [f"{LINES}\n{lines}".encode("utf-8-sig"), f"{FUNDS}\n{funds}".encode("gb18030")]
    fuzz(BILLS, seeds, connect("jd"), tmp_path, suffix="csv", check=check)


def test_a_damaged_workbook_is_refused_or_read(tmp_path, connect):
    rows = [("P1", "2026-07-09 09:00:00", 100, 100, 0, "提现"), ("P2", "2026-07-09 09:00:01", 50, 0, 50, "提现")]
    fuzz(BILLS, [book_of(rows)], connect("jd"), tmp_path, suffix="xlsx")


def test_damaged_answers_are_refused_or_every_record_is_accounted_for(tmp_path, connect):
    order = {
        "orderId": "7", "orderState": "FINISHED_L", "orderStartTime": "2026-09-28 10:00:00", "orderPayment": "1.00",
        "itemInfoList": [{"skuId": "1", "jdPrice": "1.00", "itemTotal": "1"}],
    }  # fmt: skip
    ticket = {"id": 1, "orderId": "7", "status": 3, "applyRefundSum": 1, "applyTime": "2026-09-28 10:00:00"}
    for stream, name, steps in (
        (ORDERS, "orders", ("jingdong_pop_order_search_responce", "searchorderinfo_result", "orderInfoList")),
        (REFUNDS, "refunds", ("jingdong_pop_afs_soa_refundapply_queryPageList_responce", "queryResult", "result")),
    ):
        record = order if name == "orders" else ticket
        seed = json.dumps({steps[0]: {"code": "0", steps[1]: {steps[2]: [record] * 3}}}).encode()

        def check(body, unpacked, canonical, name=name, steps=steps):
            if unpacked.refused is None and unpacked.parts[0].items != "$":
                records = json.loads(body.decode("utf-8-sig"))
                for step in steps:
                    records = records[step]
                rejected = {reject.row for reject in canonical.quarantine}
                assert len(records) == len(canonical.streams.get(name, [])) + len(rejected)

        fuzz(stream, [seed], connect("jd"), tmp_path, suffix="json", check=check, readers=2)
