"""The shop API's answers, good and bad: tokens, cursors, errors with HTTP 200, ledgers."""

import json
import math

import pytest
import requests

from connectors.core.canonical import json_records
from connectors.core.errors import (
    BadRequest,
    NotAuthorized,
    NotReadyYet,
    PagingError,
    RateLimited,
    Unavailable,
    UnexpectedShape,
)
from connectors.core.protocol import Window
from connectors.wechat_shop import SOURCE
from connectors.wechat_shop.client import client_for
from tests.contract.refusals import by_status, refused_whole

SECRET, TOKEN = "secret-of-the-shop", "token-9"
ORDERS, REFUNDS, FUNDS = SOURCE.streams
MIDNIGHT = 1791388800
"""2026-10-08 00:00 in Shanghai."""


@pytest.fixture
def shop(connect):
    options = {"requests_per_second": 0, "funds_ready_hour": 10}
    return connect("wechat_shop", options=options, app_id="wx7", app_secret=SECRET)


def ok(reply, **content):
    return reply(json.dumps({"errcode": 0, "errmsg": "ok", **content}).encode())


def path_of(request):
    return request.path_url.partition("?")[0]


def body_of(request):
    return json.loads(request.body)


def token(reply):
    return ok(reply, access_token=TOKEN, expires_in=7200)


LISTS = {
    "/channels/ec/order/list/get": "order_id_list",
    "/channels/ec/aftersale/getaftersalelist": "after_sale_order_id_list",
    "/channels/ec/funds/getfundsflowlist": "flow_ids",
}


def listing(reply, numbers, size=100):
    """A server that lists numbers by cursor and knows each record."""
    state = [str(number) for number in numbers]

    def answer(request):
        path = path_of(request)
        if path == "/cgi-bin/stable_token":
            return token(reply)
        asked = body_of(request)
        if path in LISTS:
            found = state if asked.get("end_update_time") != MIDNIGHT else []
            start = int(asked.get("next_key") or 0)
            more = start + size < len(found)
            page = {LISTS[path]: found[start : start + size], "has_more": more, "next_key": str(start + size)}
            return ok(reply, **page)
        if path.endswith("order/get"):
            return ok(reply, order={"order_id": asked["order_id"], "order_detail": {}, "note": "a\nb"})
        if path.endswith("getaftersaleorder"):
            return ok(reply, after_sale_order={"after_sale_order_id": asked["after_sale_order_id"]})
        flow = {"flow_id": asked["flow_id"], "flow_type": 1, "amount": 5, "balance": 5, "funds_type": 1}
        return ok(reply, funds_flow=flow | {"bookkeeping_time": "2026-10-08 09:00:00"})

    return answer


@pytest.mark.parametrize("count", [1, 99, 100, 101, 200, 250])
def test_cursors_are_followed_and_every_order_is_asked_for_once(desk, shop, count, tmp_path):
    desk.source.answers = listing(desk.reply, range(1, count + 1))
    found = desk.fetch(ORDERS, shop)
    assert math.ceil(count / 100) == len(found)
    path = tmp_path / "bundle.ndjson"
    path.write_bytes(b"".join(delivery.body for delivery in found))
    unpacked = ORDERS.unpack(path, "ndjson", tmp_path, shop)
    assert unpacked.refused is None
    numbers = [record["order_id"] for _, record in json_records(unpacked.parts[0])]
    assert [str(number) for number in range(1, count + 1)] == numbers
    details = [request for request in desk.source.requests if path_of(request).endswith("order/get")]
    assert count == len(details)


def test_a_quiet_day_brings_nothing(desk, shop):
    desk.source.answers = listing(desk.reply, [])
    assert [[], [], []] == [desk.fetch(stream, shop) for stream in SOURCE.streams]


def test_an_empty_last_page_ends_the_list(desk, shop):
    pages = iter([(["1", "2"], True, "k1"), ([], False, "")])

    def answer(request):
        if path_of(request) == "/channels/ec/order/list/get":
            numbers, more, key = next(pages)
            return ok(desk.reply, order_id_list=numbers, has_more=more, next_key=key)
        return listing(desk.reply, [])(request)

    desk.source.answers = answer
    assert ["2"] == [delivery.stated["rows"] for delivery in desk.fetch(ORDERS, shop)]


@pytest.mark.parametrize("key", ["same", ""])
def test_a_cursor_that_repeats_or_is_missing_is_an_error(desk, shop, key):
    def answer(request):
        if path_of(request) == "/channels/ec/order/list/get":
            return ok(desk.reply, order_id_list=[], has_more=True, next_key=key)
        return listing(desk.reply, [])(request)

    desk.source.answers = answer
    with pytest.raises(PagingError, match="no new next_key"):
        desk.fetch(ORDERS, shop)


def test_days_are_asked_with_the_minutes_before_them(desk, shop):
    desk.source.answers = listing(desk.reply, [])
    for stream in SOURCE.streams:
        desk.fetch(stream, shop)
    asked = {path_of(request): body_of(request) for request in desk.source.requests}
    assert {"start_time": MIDNIGHT - 600, "end_time": MIDNIGHT + 86_400} == (
        asked["/channels/ec/order/list/get"]["update_time_range"]
    )
    spans = [
        (body_of(request)["begin_update_time"], body_of(request)["end_update_time"])
        for request in desk.source.requests
        if path_of(request).endswith("getaftersalelist")
    ]
    assert [(MIDNIGHT - 600, MIDNIGHT), (MIDNIGHT, MIDNIGHT + 86_400)] == spans
    funds = asked["/channels/ec/funds/getfundsflowlist"]
    assert (MIDNIGHT, MIDNIGHT + 86_400, 1) == (funds["start_time"], funds["end_time"], funds["page"])


def test_movements_are_not_asked_for_before_they_are_out(desk, connect):
    shop = connect("wechat_shop", app_id="wx7", app_secret=SECRET)
    desk.source.answers = listing(desk.reply, [1])
    with pytest.raises(NotReadyYet, match=r"from 16:00 of the next"):
        desk.fetch(FUNDS, shop)
    assert [] == desk.source.requests
    earlier = Window(desk.day.start.replace(day=7), desk.day.start)
    assert 1 == len(list(FUNDS.fetch(shop, earlier, desk.tools)))


def test_one_token_serves_all_calls(desk, shop):
    desk.source.answers = listing(desk.reply, range(3))
    desk.fetch(ORDERS, shop)
    tokens = [request for request in desk.source.requests if path_of(request) == "/cgi-bin/stable_token"]
    assert 1 == len(tokens)
    expected = {"grant_type": "client_credential", "appid": "wx7", "secret": SECRET, "force_refresh": False}
    assert expected == body_of(tokens[0])
    others = [request.path_url for request in desk.source.requests if request not in tokens]
    assert all(url.endswith(f"?access_token={TOKEN}") for url in others)


@pytest.mark.parametrize("code", [40001, 42001])
def test_a_stale_token_is_asked_for_once_more(desk, shop, code):
    stale = iter([desk.reply(json.dumps({"errcode": code, "errmsg": "stale"}).encode())])
    honest = listing(desk.reply, [1])

    def answer(request):
        return honest(request) if path_of(request) == "/cgi-bin/stable_token" else next(stale, None) or honest(request)

    desk.source.answers = answer
    assert 1 == len(desk.fetch(ORDERS, shop))
    assert 2 == sum(path_of(request) == "/cgi-bin/stable_token" for request in desk.source.requests)


def test_a_token_that_is_always_stale_is_an_error(desk, shop):
    stale = desk.reply(b'{"errcode":40001,"errmsg":"stale"}')
    desk.source.answers = lambda request: token(desk.reply) if path_of(request) == "/cgi-bin/stable_token" else stale
    with pytest.raises(NotAuthorized, match="refused as soon as it is given"):
        desk.fetch(ORDERS, shop)


def refusal(code):
    return json.dumps({"errcode": code, "errmsg": "no rid: 672cb740-21e9056a-4358cd94"}).encode()


@pytest.mark.parametrize(
    ("body", "error"),
    [
        (refusal(40013), NotAuthorized),
        (refusal(48001), NotAuthorized),
        (refusal(61004), NotAuthorized),
        (refusal(40097), BadRequest),
        (refusal(45009), RateLimited),
        (refusal(45011), RateLimited),
        (refusal(-1), Unavailable),
        (b"<html>maintenance</html>", UnexpectedShape),
        (b'{"errcode":0,"order_id_list":["1"]}', UnexpectedShape),
        (b'{"errcode":0,"has_more":true}', UnexpectedShape),
        (b'{"errcode":0,"order_id_li', UnexpectedShape),
        (b"[]", UnexpectedShape),
    ],
)
def test_refusals_that_come_with_status_200_have_their_name(desk, shop, body, error):
    desk.source.answers = lambda request: (
        token(desk.reply) if path_of(request) == "/cgi-bin/stable_token" else desk.reply(body)
    )
    with pytest.raises(error) as raised:
        desk.fetch(ORDERS, shop)
    assert ("wechat_shop", "orders", desk.day) == (raised.value.source, raised.value.stream, raised.value.window)
    if b"rid" in body:
        assert "672cb740-21e9056a-4358cd94" == raised.value.request_id
    assert not {word for word in (SECRET, TOKEN, "wx7") if word in f"{raised.value!s}{raised.value!r}"}


def test_a_token_answer_without_token_is_an_error(desk, shop):
    desk.source.answers = lambda _request: ok(desk.reply)
    with pytest.raises(UnexpectedShape, match="without access_token"):
        desk.fetch(ORDERS, shop)


@by_status
def test_statuses_have_their_name_and_only_what_can_pass_is_tried_again(desk, shop, status, error, tries):
    desk.source.answers = lambda _request: desk.reply(b"no", status)
    with pytest.raises(error) as raised:
        desk.fetch(ORDERS, shop)
    assert (status, tries) == (raised.value.status, len(desk.source.requests))


def test_retry_after_is_obeyed(desk, shop):
    first = iter([desk.reply(b"", 429, {"Retry-After": "17"})])
    honest = listing(desk.reply, [])
    desk.source.answers = lambda request: next(first, None) or honest(request)
    assert [] == desk.fetch(ORDERS, shop)
    assert [17.0] == desk.naps
    assert all(desk.source.timeouts)


def test_a_broken_connection_is_named_without_its_address(desk, shop):
    desk.source.answers = lambda request: (
        token(desk.reply)
        if path_of(request) == "/cgi-bin/stable_token"
        else requests.ConnectionError(f"cannot reach {request.url}")
    )
    with pytest.raises(Unavailable, match=r"api\.weixin\.qq\.com/channels/ec/order/list/get could not") as raised:
        desk.fetch(ORDERS, shop)
    assert TOKEN not in str(raised.value)


def test_secrets_show_in_no_request_and_no_repr(desk, shop):
    desk.source.answers = listing(desk.reply, [1])
    kept = [delivery.request for stream in SOURCE.streams for delivery in desk.fetch(stream, shop)]
    client = client_for(shop, desk.tools)
    client.call("/channels/ec/order/get", {"order_id": "1"})
    assert 3 == len(kept)
    assert not {word for word in (SECRET, TOKEN, "wx7") if word in f"{kept}{shop!r}{client!r}"}


@pytest.mark.parametrize("body", [b"<html>", b"", b"{}", b'{"order":[]}', b'{"errcode":0}'])
def test_an_answer_that_is_none_is_refused_whole(tmp_path, shop, body):
    for stream in (ORDERS, REFUNDS):
        refused_whole(stream, body, tmp_path, shop)
