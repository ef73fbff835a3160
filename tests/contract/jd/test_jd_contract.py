"""JD's answers, good and bad: a misspelt envelope with a second verdict inside, pages walked backwards."""

import hashlib
import json
from urllib.parse import parse_qsl

import pytest
import requests

from connectors.core.errors import (
    BadRequest,
    NotAuthorized,
    PagingError,
    RateLimited,
    Unavailable,
    UnexpectedShape,
)
from connectors.core.signing import top_signature
from connectors.jd import SOURCE
from tests.contract.refusals import by_status

SECRET, TOKEN = "secret-of-the-app", "token-of-the-shop"
ORDERS, REFUNDS, BILLS = SOURCE.streams
DAY_START, DAY_END = "2026-10-08 00:00:00", "2026-10-08 23:59:59"
ORDER_KEY = "jingdong_pop_order_search_responce"
REFUND_KEY = "jingdong_pop_afs_soa_refundapply_queryPageList_responce"


@pytest.fixture
def shop(connect):
    return connect("jd", app_key="700", app_secret=SECRET, access_token=TOKEN)


def order_page(orders, total, *, success=True, key=ORDER_KEY, **verdict):
    result = {"apiResult": {"success": success, **verdict}, "orderInfoList": orders, "orderTotal": total}
    return json.dumps({key: {"code": "0", "searchorderinfo_result": result}}).encode()


def refund_page(applications, total, *, success=True):
    result = {"success": success, "result": applications, "totalCount": total}
    return json.dumps({REFUND_KEY: {"code": "0", "queryResult": result}}).encode()


def asked(request):
    return json.loads(dict(parse_qsl(request.body))["360buy_param_json"])


def listing(reply, count, *, total=None):
    """A server that lists orders of the day itself, and none for the minutes before it."""

    def answer(request):
        question = asked(request)
        found = list(range(count)) if question["start_date"] == DAY_START else []
        start = (question["page"] - 1) * question["page_size"]
        chosen = found[start : start + question["page_size"]]
        orders = [{"orderId": str(n), "skuId": 10054887745652123456} for n in chosen]
        return reply(order_page(orders, len(found) if total is None or not found else total))

    return answer


@pytest.mark.parametrize("count", [1, 49, 50, 51, 100, 120])
def test_pages_are_walked_from_the_last_to_the_first(desk, shop, count):
    desk.source.answers = listing(desk.reply, count)
    found = desk.fetch(ORDERS, shop)
    pages = [
        q["page"] for q in map(asked, desk.source.requests) if q["page_size"] == 50 and q["start_date"] == DAY_START
    ]
    assert list(range(-(-count // 50), 0, -1)) == pages
    numbers = [
        order["orderId"]
        for delivery in found
        for order in json.loads(delivery.body)[ORDER_KEY]["searchorderinfo_result"]["orderInfoList"]
    ]
    assert {str(n) for n in range(count)} == set(numbers)
    assert len(numbers) == count
    assert all(b"10054887745652123456" in delivery.body for delivery in found)


def test_a_quiet_day_brings_nothing(desk, shop):
    desk.source.answers = listing(desk.reply, 0)
    assert [] == desk.fetch(ORDERS, shop)
    desk.source.answers = lambda _: desk.reply(refund_page(None, 0))
    assert [] == desk.fetch(REFUNDS, shop)


def test_fewer_orders_than_the_source_counts_is_an_error(desk, shop):
    desk.source.answers = listing(desk.reply, 60, total=90)
    with pytest.raises(PagingError, match=r"60 different records, the source counts 90.*jd.orders"):
        desk.fetch(ORDERS, shop)


def test_a_page_that_repeats_the_one_before_is_an_error(desk, shop):
    page = [{"orderId": str(n)} for n in range(50)]
    desk.source.answers = lambda _: desk.reply(order_page(page, 100))
    with pytest.raises(PagingError, match="page 1 repeats page 2"):
        desk.fetch(ORDERS, shop)


def test_the_day_is_asked_by_change_with_the_minutes_before_it(desk, shop):
    desk.source.answers = listing(desk.reply, 1)
    desk.fetch(ORDERS, shop)
    questions = [asked(request) for request in desk.source.requests]
    assert {("2026-10-07 23:50:00", "2026-10-07 23:59:59"), (DAY_START, DAY_END)} == {
        (q["start_date"], q["end_date"]) for q in questions
    }
    assert {(0, 0)} == {(q["dateType"], q["sortType"]) for q in questions}
    assert not any(word in questions[0]["optional_fields"] for word in ("consignee", "invoice", "pin,"))


def test_applications_are_asked_by_both_their_times(desk, shop):
    desk.source.answers = lambda request: desk.reply(
        refund_page([{"id": 5, "applyRefundSum": 1}], 1) if "checkTimeStart" in asked(request) else refund_page([], 0)
    )
    found = desk.fetch(REFUNDS, shop)
    ends = {tuple(sorted(name for name in asked(r) if "Time" in name)) for r in desk.source.requests}
    assert {("applyTimeEnd", "applyTimeStart"), ("checkTimeEnd", "checkTimeStart")} == ends
    assert ["1", "1"] == [delivery.stated["rows"] for delivery in found], "the minutes before, and the day"
    assert len({delivery.name for delivery in found}) == len(found)


def test_a_crowded_span_is_halved_and_a_crowded_minute_is_an_error(desk, shop):
    def answer(request):
        whole = (asked(request)["start_date"], asked(request)["end_date"]) == (DAY_START, DAY_END)
        return desk.reply(order_page([], 2_501 if whole else 0))

    desk.source.answers = answer
    assert [] == desk.fetch(ORDERS, shop)
    halves = {(q["start_date"], q["end_date"]) for q in map(asked, desk.source.requests)}
    assert {(DAY_START, "2026-10-08 11:59:59"), ("2026-10-08 12:00:00", DAY_END)} <= halves
    desk.source.answers = lambda _: desk.reply(order_page([], 9_999))
    with pytest.raises(PagingError, match="within one minute"):
        desk.fetch(ORDERS, shop)


def test_the_signature_is_that_of_the_official_example():
    example = {
        "360buy_param_json": '{"end_date":null,"optional_fields":null,"order_state":"WAIT_SELLER_STOCK_OUT","page":"1",'
        '"page_size":"200","start_date":null}',
        "access_token": "yourtoken",
        "app_key": "yourappkey",
        "method": "jingdong.pop.order.search",
        "timestamp": "2021-05-07 09:20:39.683+0800",
        "v": "2.0",
    }
    assert "D70825340F4084360B9362B60DFD7930" == top_signature(example, "yourappSecret", "md5")


def test_every_try_is_stamped_in_beijing_and_signed_as_sent(desk, shop):
    desk.source.answers_in_turn(requests.ConnectionError(f"token={TOKEN}"), *[desk.reply(order_page([], 0))] * 2)
    assert [] == desk.fetch(ORDERS, shop)
    assert 1 == len(desk.naps)
    for form in desk.source.forms():
        text = "".join(f"{name}{form[name]}" for name in sorted(form) if name != "sign")
        sign = hashlib.md5(f"{SECRET}{text}{SECRET}".encode()).hexdigest().upper()  # noqa: S324 - the vendor's scheme
        assert (sign, "2026-10-09 12:00:00", TOKEN, "2.0") == (
            form["sign"],
            form["timestamp"],
            form["access_token"],
            form["v"],
        )
    assert all(desk.source.timeouts)
    assert {"https://api.jd.com/routerjson"} == {request.url for request in desk.source.requests}


@pytest.mark.parametrize(
    ("facts", "kind"),
    [
        ({"code": "19", "zh_desc": "x"}, NotAuthorized),
        ({"code": "10", "en_desc": "x"}, NotAuthorized),
        ({"code": "10100001", "zh_desc": "无效access_token"}, NotAuthorized),
        ({"code": "10100099", "zh_desc": "该应用没有权限"}, NotAuthorized),
        ({"code": "2", "zh_desc": "x"}, RateLimited),
        ({"code": "90000008", "zh_desc": "调用频率超限"}, RateLimited),
        ({"code": "67", "zh_desc": "x"}, Unavailable),
        ({"code": "70", "zh_desc": "系统繁忙"}, Unavailable),
        ({"code": "11", "zh_desc": "格式错误"}, BadRequest),
    ],
)
def test_a_refusal_with_http_200_has_a_name_and_no_secret(desk, shop, facts, kind):
    desk.source.answers = lambda _: desk.reply(json.dumps({"error_response": facts | {"request_id": "r7"}}).encode())
    with pytest.raises(kind) as raised:
        desk.fetch(ORDERS, shop)
    assert (facts["code"], "r7", "orders") == (raised.value.code, raised.value.request_id, raised.value.stream)
    assert not any(secret in str(raised.value) for secret in (SECRET, TOKEN))


def test_a_methods_own_refusal_is_no_empty_list(desk, shop):
    desk.source.answers = lambda _: desk.reply(
        order_page([], 0, success=False, chineseErrCode="order_state必填", numberCode=400)
    )
    with pytest.raises(BadRequest) as raised:
        desk.fetch(ORDERS, shop)
    assert "400" == raised.value.code
    desk.source.answers = lambda _: desk.reply(refund_page([], 0, success=False))
    with pytest.raises(BadRequest):
        desk.fetch(REFUNDS, shop)


@by_status
def test_a_status_is_an_error_with_a_name(desk, shop, status, error, tries):
    headers = {"Retry-After": "3"} if status == 429 else {}
    desk.source.answers = lambda _: desk.reply(b"{}", status, headers)
    with pytest.raises(error) as raised:
        desk.fetch(REFUNDS, shop)
    assert (status, tries) == (raised.value.status, len(desk.source.requests))
    assert (3.0 in desk.naps) is (status == 429)


@pytest.mark.parametrize(
    "body",
    [
        b"<html>maintenance</html>",
        order_page([{"orderId": "1"}], 1)[:-30],
        b"[]",
        order_page([], 0, key="jingdong_pop_order_search_response"),
        json.dumps({ORDER_KEY: {"code": "0"}}).encode(),
        order_page({"a": 1}, 1),
        order_page([{"no": 1}], 1),
        order_page([], "many"),
    ],
)
def test_an_answer_of_another_shape_is_refused(desk, shop, body):
    desk.source.answers = lambda _: desk.reply(body)
    with pytest.raises(UnexpectedShape):
        desk.fetch(ORDERS, shop)


@pytest.mark.parametrize("options", [{"order_method": "jingdong.pop.order.get"}, {"date_type": 7}])
def test_an_unknown_option_says_what_is_allowed(desk, connect, options):
    shop = connect("jd", options=options, app_key="1", app_secret="2", access_token="3")
    with pytest.raises(BadRequest, match=r"allowed: "):
        desk.fetch(ORDERS, shop)


def test_the_encrypted_method_has_an_envelope_of_its_own(desk, connect):
    shop = connect(
        "jd", options={"order_method": "jingdong.pop.order.enSearch"}, app_key="1", app_secret="2", access_token="3"
    )
    page = order_page([{"orderId": "1"}], 1, key="jingdong_pop_order_enSearch_responce")
    desk.source.answers = lambda _: desk.reply(page)
    assert 2 == len(desk.fetch(ORDERS, shop))


def test_nothing_kept_holds_a_secret(desk, shop):
    desk.source.answers = listing(desk.reply, 3)
    kept = str([delivery.request for delivery in desk.fetch(ORDERS, shop)]) + repr(shop)
    assert not any(secret in kept for secret in (SECRET, TOKEN))


def test_without_a_folder_no_bill_arrives(desk, shop):
    assert [] == desk.fetch(BILLS, shop)
    assert [] == desk.source.requests


@pytest.mark.parametrize(
    ("stream", "text"),
    [(ORDERS, "<html>"), (ORDERS, "{}"), (REFUNDS, "[1]"), (REFUNDS, ""), (ORDERS, order_page([1], 1).decode())],
)
def test_a_file_that_is_no_answer_is_refused_with_what_to_do(tmp_path, connect, stream, text):
    path = tmp_path / "answer.json"
    path.write_text(text, encoding="utf-8")
    unpacked = stream.unpack(path, "json", tmp_path, connect("jd"))
    assert "fetch it again" in unpacked.refused
    assert () == unpacked.parts


def test_a_folder_hands_each_file_to_the_stream_it_is_of_once(desk, connect, tmp_path):
    (tmp_path / "a.json").write_bytes(order_page([], 0))
    (tmp_path / "b.json").write_bytes(refund_page([], 0))
    (tmp_path / "c.csv").write_text("something,else", encoding="utf-8")
    (tmp_path / "d.json").write_text('{"orderId":"1","orderState":"x","itemInfoList":[]}', encoding="utf-8")
    found = {
        stream.name: [delivery.name for delivery in desk.fetch(stream, connect("jd", path=tmp_path))]
        for stream in SOURCE.streams
    }
    assert {"orders": ["a.json", "d.json"], "refunds": ["b.json"], "bills": ["c.csv"]} == found


def test_balance_is_the_buyers_money_and_its_sum_tells_whether_it_is_counted_already(tmp_path, connect):
    items = [{"skuId": "1", "jdPrice": "50.00", "itemTotal": "2"}]
    common = {"orderStartTime": DAY_START, "orderState": "WAIT_SELLER_STOCK_OUT", "itemInfoList": items}
    orders = [
        common | {"orderId": "1", "orderPayment": "90.00", "balanceUsed": "5.00"},
        common | {"orderId": "2", "orderPayment": "100.00", "balanceUsed": "5.00"},
    ]
    path = tmp_path / "orders.json"
    path.write_bytes(order_page(orders, 2))
    found = ORDERS.canonical(ORDERS.unpack(path, "json", tmp_path, connect("jd")), connect("jd")).streams["orders"]
    assert [("95.00", "5.00"), ("100.00", "0.00")] == [(o["buyer_paid"], o["platform_subsidy"]) for o in found]
