"""Douyin's answers, good and bad: two envelopes, pages from 0 walked backwards, a double cursor, exports."""

import hashlib
import hmac
import json
from urllib.parse import parse_qsl, urlsplit

import pytest
import requests

from connectors.core.errors import (
    BadRequest,
    NotAuthorized,
    NotReadyYet,
    PagingError,
    RateLimited,
    Unavailable,
    UnexpectedShape,
)
from connectors.douyin import SOURCE
from tests.contract.refusals import by_status

SECRET, TOKEN = "secret-of-the-app", "token-of-the-shop"
ORDERS, REFUNDS, SETTLEMENTS, FUNDS, INSURANCE = SOURCE.streams
MIDNIGHT = 1791388800
SETTLEMENT = (
    "动账时间,动帐流水号,动账方向,动账金额,动账账户,动账场景,计费类型,子订单号,订单号,售后编号,下单时间,商品ID,"
    "订单类型,订单实付应结,运费实付,实际平台补贴_运费,实际平台补贴,以旧换新抵扣,政府补贴平台垫资,实际达人补贴,"
    "实际抖音支付补贴,实际抖音月付营销补贴,银行补贴,订单退款,平台服务费,佣金,服务商佣金,渠道分成,招商服务费,站外推广费,"
    "其他分成,是否免佣,免佣金额,备注"
)
OLDER = (
    "动账时间,动账流水号,动账方向,动账金额,动账账户,动账摘要,计费类型,子订单号,订单号,下单时间,商品ID,订单类型,"
    "订单实付应结,实际平台补贴,订单退款,平台服务费,佣金,备注"
)
LEDGER = "动账流水号,关联订单号,关联子订单号,动账时间,账户方向,动账金额(元),动账场景,账户余额(元),备注"


@pytest.fixture
def shop(connect):
    return connect("douyin", app_key="700", app_secret=SECRET, access_token=TOKEN)


def envelope(data, **changed):
    answer = {"code": 10000, "msg": "success", "sub_code": "", "sub_msg": "", "log_id": "2026L", "data": data}
    return json.dumps(answer | changed).encode()


def listing(reply, count, *, total=None):
    """A server that lists orders of the day itself, and none for the minutes before it."""

    def answer(request):
        asked = json.loads(request.body)
        found = list(range(count)) if asked["update_time_start"] == MIDNIGHT else []
        chosen = found[asked["page"] * asked["size"] : (asked["page"] + 1) * asked["size"]]
        orders = [{"order_id": str(n), "product_id": 3660207428038974464} for n in chosen]
        facts = {"page": asked["page"], "total": len(found) if total is None or not found else total}
        return reply(envelope(facts | {"shop_order_list": orders}))

    return answer


def bill(rows, *, index="", at="", end=1, code="100000"):
    return {
        "code": code, "data": rows, "next_start_index": index, "next_start_time": at, "is_end": end,
        "size": 100, "data_size": len(rows),
    }  # fmt: skip


def bodies(source):
    return [json.loads(request.body) for request in source.requests]


def read(stream, text, folder, connection, name="export.csv"):
    path = folder / name
    path.write_bytes(text.encode("utf-8-sig") if isinstance(text, str) else text)
    return stream.unpack(path, "csv", folder, connection, name)


@pytest.mark.parametrize("count", [1, 99, 100, 101, 200, 250])
def test_pages_count_from_0_and_are_walked_from_the_last_to_the_first(desk, shop, count):
    desk.source.answers = listing(desk.reply, count)
    found = desk.fetch(ORDERS, shop)
    asked = [b["page"] for b in bodies(desk.source) if b["size"] == 100 and b["update_time_start"] == MIDNIGHT]
    assert list(range(-(-count // 100) - 1, -1, -1)) == asked
    numbers = {order["order_id"] for d in found for order in json.loads(d.body)["data"]["shop_order_list"]}
    assert {str(n) for n in range(count)} == numbers
    assert all(b"3660207428038974464" in delivery.body for delivery in found)


def test_a_quiet_day_brings_nothing(desk, shop):
    desk.source.answers = listing(desk.reply, 0)
    assert [] == desk.fetch(ORDERS, shop)
    desk.source.answers = lambda _: desk.reply(envelope(bill([])))
    assert [] == desk.fetch(SETTLEMENTS, shop)


def test_fewer_orders_than_the_source_counts_is_an_error(desk, shop):
    desk.source.answers = listing(desk.reply, 150, total=190)
    with pytest.raises(PagingError, match=r"150 different records, the source counts 190.*douyin.orders"):
        desk.fetch(ORDERS, shop)


def test_the_day_is_asked_with_the_minutes_before_it(desk, shop):
    desk.source.answers = listing(desk.reply, 1)
    desk.fetch(ORDERS, shop)
    spans = {(b["update_time_start"], b["update_time_end"]) for b in bodies(desk.source)}
    assert {(MIDNIGHT - 600, MIDNIGHT - 1), (MIDNIGHT, MIDNIGHT + 86399)} == spans


def test_a_span_beyond_the_depth_limit_is_halved_and_a_crowded_minute_is_an_error(desk, shop):
    def answer(request):
        asked = json.loads(request.body)
        is_day = asked["update_time_end"] - asked["update_time_start"] > 80_000
        return desk.reply(envelope({"total": 10_001 if is_day else 0, "shop_order_list": []}))

    desk.source.answers = answer
    assert [] == desk.fetch(ORDERS, shop)
    assert (MIDNIGHT, MIDNIGHT + 43199) in {(b["update_time_start"], b["update_time_end"]) for b in bodies(desk.source)}
    desk.source.answers = lambda _: desk.reply(envelope({"total": 99_999, "shop_order_list": []}))
    with pytest.raises(PagingError, match="within one minute"):
        desk.fetch(ORDERS, shop)


def test_the_body_is_sorted_and_signed_as_sent_and_the_token_is_not_signed(desk, shop):
    desk.source.answers = listing(desk.reply, 1)
    desk.fetch(ORDERS, shop)
    for request in desk.source.requests:
        query = dict(parse_qsl(urlsplit(request.url).query))
        body = request.body.decode()
        assert list(json.loads(body)) == sorted(json.loads(body))
        assert " " not in body
        text = f"{SECRET}app_key700methodorder.searchListparam_json{body}timestamp{query['timestamp']}v2{SECRET}"
        assert hmac.new(SECRET.encode(), text.encode(), hashlib.sha256).hexdigest() == query["sign"]
        assert ("/order/searchList", "hmac-sha256", TOKEN) == (
            urlsplit(request.url).path,
            query["sign_method"],
            query["access_token"],
        )
    assert all(desk.source.timeouts)


def test_both_halves_of_the_cursor_go_back_until_the_end_even_past_an_empty_page(desk, shop):
    row = {"request_no": "R1", "settle_amount": 1}
    desk.source.answers_in_turn(
        desk.reply(envelope(bill([row] * 100, index="i1", at="2026-10-08 09:00:00", end=0))),
        desk.reply(envelope(bill([], index="i2", at="2026-10-08 10:00:00", end=0))),
        desk.reply(envelope(bill([row], end=1))),
    )
    found = desk.fetch(SETTLEMENTS, shop)
    assert ["100", "1"] == [delivery.stated["rows"] for delivery in found]
    asked = [(b.get("start_index"), b["start_time"], b["end_time"]) for b in bodies(desk.source)]
    assert [
        (None, "2026-10-08 00:00:00", "2026-10-08 23:59:59"),
        ("i1", "2026-10-08 09:00:00", "2026-10-08 23:59:59"),
        ("i2", "2026-10-08 10:00:00", "2026-10-08 23:59:59"),
    ] == asked


@pytest.mark.parametrize(("index", "at"), [("i1", "2026-10-08 09:00:00"), ("", "2026-10-08 09:00:00"), ("i1", "")])
def test_a_repeated_or_half_cursor_is_an_error(desk, shop, index, at):
    page = desk.reply(envelope(bill([{"account_trade_no": "A1"}], index=index, at=at, end=0)))
    desk.source.answers = lambda _: page
    with pytest.raises(PagingError, match="repeated its cursor or gave none"):
        desk.fetch(FUNDS, shop)


def test_an_inner_code_that_is_not_success_says_come_back(desk, shop):
    desk.source.answers = lambda _: desk.reply(envelope(bill([], code="100001")))
    with pytest.raises(NotReadyYet) as raised:
        desk.fetch(SETTLEMENTS, shop)
    assert ("100001", "settlements", desk.day) == (raised.value.code, raised.value.stream, raised.value.window)
    assert desk.naps == []


@pytest.mark.parametrize(
    ("sub_code", "kind"),
    [
        ("isv.access-token-no-existed", NotAuthorized),
        ("isv.sign-invalid", NotAuthorized),
        ("isv.app-permission-denied", NotAuthorized),
        ("isv.api-qps-limit", RateLimited),
        ("isp.service-error", Unavailable),
        ("isv.parameter-invalid", BadRequest),
    ],
)
def test_a_refusal_with_http_200_has_a_name_and_no_secret(desk, shop, sub_code, kind):
    desk.source.answers = lambda _: desk.reply(envelope(None, code=30001, sub_code=sub_code))
    with pytest.raises(kind) as raised:
        desk.fetch(ORDERS, shop)
    assert (sub_code, "2026L", "orders") == (raised.value.code, raised.value.request_id, raised.value.stream)
    assert not any(secret in str(raised.value) for secret in (SECRET, TOKEN))


@by_status
def test_a_status_is_an_error_with_a_name(desk, shop, status, error, tries):
    headers = {"Retry-After": "3"} if status == 429 else {}
    desk.source.answers = lambda _: desk.reply(b"{}", status, headers)
    with pytest.raises(error) as raised:
        desk.fetch(FUNDS, shop)
    assert (status, tries) == (raised.value.status, len(desk.source.requests))
    assert (3.0 in desk.naps) is (status == 429)


@pytest.mark.parametrize(
    "body",
    [
        b"<html>maintenance</html>",
        b'{"code":10000,"data":{"shop_order_list":[{"ord',
        b"[]",
        envelope(None),
        envelope({"shop_order_list": []}),
        envelope({"shop_order_list": {"a": 1}, "total": 1}),
        envelope({"shop_order_list": [{"no": 1}], "total": 1}),
    ],
)
def test_an_answer_of_another_shape_is_refused(desk, shop, body):
    desk.source.answers = lambda _: desk.reply(body)
    with pytest.raises(UnexpectedShape):
        desk.fetch(ORDERS, shop)


@pytest.mark.parametrize("data", [{"code": "100000"}, bill([{"no": 1}]), bill([], end=7)])
def test_a_bill_of_another_shape_is_refused(desk, shop, data):
    desk.source.answers = lambda _: desk.reply(envelope(data))
    with pytest.raises(UnexpectedShape):
        desk.fetch(SETTLEMENTS, shop)


def test_a_broken_line_is_tried_again(desk, shop):
    desk.source.answers_in_turn(requests.ConnectionError(f"token={TOKEN}"), desk.reply(envelope(bill([]))))
    assert [] == desk.fetch(FUNDS, shop)
    assert 1 == len(desk.naps)


def test_no_request_kept_and_no_repr_holds_a_secret(desk, shop):
    desk.source.answers = listing(desk.reply, 3)
    kept = str([delivery.request for delivery in desk.fetch(ORDERS, shop)]) + repr(shop)
    assert not any(secret in kept for secret in (SECRET, TOKEN))


def row(heading, **cells):
    return ",".join(cells.get(name, "") for name in heading.split(","))


@pytest.mark.parametrize(("heading", "flow"), [(SETTLEMENT, "动帐流水号"), (OLDER, "动账流水号")])
def test_settlement_exports_of_34_and_18_columns_give_positive_outgoings_their_sign(tmp_path, connect, heading, flow):
    scene = "动账场景" if heading is SETTLEMENT else "动账摘要"
    settled = row(heading, **{
        "动账时间": "2026-10-08 14:00:00", flow: "'2026100800001", "动账方向": "入账", "动账金额": "94.50",
        scene: "货款结算入账", "子订单号": "'6936476692437472563", "订单号": "'6936476692437472563", "平台服务费": "-5.50",
    })  # fmt: skip
    refunded = row(heading, **{
        "动账时间": "2026-10-08 15:00:00", flow: "'2026100800002", "动账方向": "出账", "动账金额": "10.00",
        scene: "退款-结算后退款-退用户", "子订单号": "'6936476692437472563", "订单号": "'6936476692437472563",
    })  # fmt: skip
    paid_out = row(heading, **{
        "动账时间": "2026-10-08 16:00:00", flow: "'2026100800003", "动账方向": "出账", "动账金额": "80.00", scene: "提现",
    })  # fmt: skip
    assert {34: SETTLEMENT, 18: OLDER}[len(heading.split(","))] == heading
    unpacked = read(SETTLEMENTS, f"{heading}\n{settled}\n{refunded}\n{paid_out}\n", tmp_path, connect("douyin"))
    assert (None, ()) == (unpacked.refused, unpacked.statements)
    found = SETTLEMENTS.canonical(unpacked, connect("douyin")).streams
    assert [("2026100800001", "94.50"), ("2026100800002", "-10.00")] == [
        (item["settlement_no"], item["total_amount"]) for item in found["settlements"]
    ]
    assert [("goods", "100.00"), ("tech_fee", "-5.50"), ("refund", "-10.00")] == [
        (item["component"], item["amount"]) for item in found["settlement_lines"]
    ]
    assert "6936476692437472563" == found["settlement_lines"][0]["order_no"]


def test_the_account_ledger_writes_outgoings_with_a_minus_and_its_balances_chain(tmp_path, connect):
    lines = [
        LEDGER,
        "'1,'7,'7,2026-10-08 09:00:00,入账,94.50,货款结算入账,194.50,",
        "'2,,,2026-10-08 10:00:00,出账,-80.00,提现,114.50,",
    ]
    unpacked = read(FUNDS, "\n".join(lines), tmp_path, connect("douyin"))
    [statement] = unpacked.statements
    assert ("100.00", "114.50", "94.50", "80.00", ()) == (
        statement.opening_balance, statement.closing_balance, statement.in_sum, statement.out_sum, unpacked.notes,
    )  # fmt: skip
    settled, paid_out = FUNDS.canonical(unpacked, connect("douyin")).streams["fund_flows"]
    assert ("in", "94.50", None, "1", None) == tuple(
        settled[name] for name in ("direction", "amount", "order_no", "business_ref", "payout_no")
    )
    assert ("out", "80.00", "2", "2026-10-08T10:00:00+08:00") == tuple(
        paid_out[name] for name in ("direction", "amount", "payout_no", "occurred_at")
    )


def test_balances_that_form_no_chain_are_a_note(tmp_path, connect):
    text = f"{LEDGER}\n1,,,2026-10-08 09:00:00,入账,1.00,提现,5.00,\n2,,,2026-10-08 09:00:00,入账,1.00,提现,9.00,\n"
    assert ("the balances of the rows form no chain",) == read(FUNDS, text, tmp_path, connect("douyin")).notes


def test_one_movement_may_cover_several_insured_parcels_and_is_counted_once(tmp_path, connect):
    text = (
        "保险单号,动账流水号,关联子订单号,摘要描述,动账时间,金额(元)\n"
        "'P1,'9,'7,保费,2026-10-08 09:00:00,-0.30\n'P2,'9,'8,保费,2026-10-08 09:00:00,-0.40\n"
    )
    unpacked = read(INSURANCE, text, tmp_path, connect("douyin"))
    assert (2, "0.70") == (unpacked.statements[0].row_count, unpacked.statements[0].out_sum)
    assert {} == INSURANCE.canonical(unpacked, connect("douyin")).streams


@pytest.mark.parametrize(
    ("stream", "text", "reason"),
    [
        (FUNDS, f"{LEDGER}\n1,,,2026-10-08 09:00:00,侧账,1.00,x,1.00,\n", "the direction is '侧账'"),
        (FUNDS, f"{LEDGER}\n1,,,2026-10-08 09:00:00,入账,-1.00,x,1.00,\n", "which no minus may have"),
        (FUNDS, f"{LEDGER}\n1,,,2026-10-08 09:00:00,入账,1.0E2,x,1.00,\n", "no plain amount"),
        (FUNDS, f"{LEDGER}\n1,,2026-10-08 09:00:00,入账,1.00,x,1.00,\n", "8 cells where the heading has 9"),
        (SETTLEMENTS, "something,else\n1,2\n", "no Douyin settlement export"),
        (SETTLEMENTS, '{"data":{"code":"100001","data":[]}}', "carries code 100001"),
        (SETTLEMENTS, '{"data":{"code":"100000","data":{}}}', "no list of records"),
        (ORDERS, '{"data":{"shop_order_list":[1]}}', "no record at"),
        (ORDERS, "<html>", "no JSON"),
        (REFUNDS, "", "is empty"),
        (FUNDS, b"\xff\xfe\x00", "UTF-16"),
    ],
)
def test_a_file_that_contradicts_itself_is_refused_with_what_to_do(tmp_path, connect, stream, text, reason):
    unpacked = read(stream, text, tmp_path, connect("douyin"))
    assert reason in unpacked.refused
    assert "again" in unpacked.refused or "allowed" in unpacked.refused
    assert () == unpacked.parts


def test_a_folder_hands_each_file_to_the_stream_it_is_of_once(desk, connect, tmp_path):
    (tmp_path / "a.csv").write_text(SETTLEMENT, encoding="utf-8-sig")
    (tmp_path / "b.csv").write_text(LEDGER, encoding="utf-8-sig")
    (tmp_path / "c.csv").write_text("something,else", encoding="utf-8")
    (tmp_path / "d.json").write_bytes(envelope({"shop_order_list": [], "total": 0}))
    shop = connect("douyin", path=tmp_path)
    found = {stream.name: [delivery.name for delivery in desk.fetch(stream, shop)] for stream in SOURCE.streams}
    assert {
        "orders": ["d.json"], "refunds": [], "settlements": ["a.csv", "c.csv"], "funds": ["b.csv"], "insurance": [],
    } == found  # fmt: skip


@pytest.mark.parametrize("sign", [1, -1])
def test_parts_add_up_however_fees_are_written_and_a_refund_before_lowers_the_row(tmp_path, connect, sign):
    settled = {
        "request_no": "R1", "shop_order_id": "6", "order_id": "7", "settle_time": "2026-10-08 14:00:00", "trade_type": 0,
        "settle_amount": 9450, "total_income": 10000, "post_amount": 600, "platform_coupon": 1000,
        "refund_before_settle": 2000, "platform_service_fee": -550 * sign,
    }  # fmt: skip
    later = [
        {
            "request_no": f"L{kind}", "settle_time": "2026-10-08 15:00:00", "trade_type": kind,
            "settle_amount": 500 * sign,
        }
        for kind in (1, 2, 3)
    ]  # fmt: skip
    path = tmp_path / "bill.json"
    path.write_bytes(envelope(bill([settled, *later])))
    unpacked = SETTLEMENTS.unpack(path, "json", tmp_path, connect("douyin"))
    found = SETTLEMENTS.canonical(unpacked, connect("douyin")).streams
    assert ["94.50", "-5.00", "-5.00", "-5.00"] == [item["total_amount"] for item in found["settlements"]]
    assert {
        "goods": "104.00",
        "freight": "6.00",
        "platform_subsidy": "10.00",
        "refund": "-20.00",
        "tech_fee": "-5.50",
    } == {item["component"]: item["amount"] for item in found["settlement_lines"] if item["settlement_no"] == "R1"}
