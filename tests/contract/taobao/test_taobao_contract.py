"""Taobao's answers, good and bad: pages backwards, errors with HTTP 200, signatures."""

import hashlib
import hmac
import json
import math
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
from connectors.taobao import SOURCE
from tests.contract.refusals import by_status, refused_whole

SECRET = "secret-of-the-app"
TRADES, DETAILS, REFUNDS = SOURCE.streams
START = "2026-10-08 00:00:00"


@pytest.fixture
def shop(connect):
    return connect("taobao", app_key="key-7", app_secret=SECRET, session="session-9")


def envelope(method, content):
    name = f"{method.removeprefix('taobao.').replace('.', '_')}_response"
    return json.dumps({name: content | {"request_id": "r1"}}).encode()


def listing(reply, tids, *, total=None, change=None):
    """A server that lists trades of the day itself, and none for the minutes before it."""
    state = list(tids)

    def answer(request):
        form = dict(parse_qsl(request.body))
        method = form["method"]
        if method == "taobao.trade.fullinfo.get":
            trade = {"tid": int(form["tid"]), "status": "TRADE_FINISHED", "note": "a\nb"}
            body = json.dumps({"trade_fullinfo_get_response": {"trade": trade}}, indent=1)
            return reply(body.encode())
        found = state if form["start_modified"] == START else []
        page, size = int(form["page_no"]), int(form["page_size"])
        chosen = found[(page - 1) * size : page * size]
        outer, inner, key = ("refunds", "refund", "refund_id") if "refunds" in method else ("trades", "trade", "tid")
        content = {"total_results": len(found) if total is None or not found else total}
        if chosen:
            content[outer] = {inner: [{key: tid, "modified": form["end_modified"]} for tid in chosen]}
        if change and size > 1 and found:
            change(state)
        return reply(envelope(method, content))

    return answer


def pages_asked(source):
    return [
        int(form["page_no"])
        for form in source.forms()
        if form["page_size"] == "100" and form["start_modified"] == START
    ]


@pytest.mark.parametrize("count", [1, 99, 100, 101, 200, 250])
def test_pages_are_walked_from_the_last_to_the_first_and_hold_every_trade(desk, shop, count):
    desk.source.answers = listing(desk.reply, range(1, count + 1))
    found = desk.fetch(TRADES, shop)
    assert list(range(math.ceil(count / 100), 0, -1)) == pages_asked(desk.source)
    tids = [
        t["tid"] for d in found for t in json.loads(d.body)["trades_sold_increment_get_response"]["trades"]["trade"]
    ]
    assert set(range(1, count + 1)) == set(tids)
    assert all(delivery.day == desk.day.start.date() for delivery in found)


def test_a_quiet_day_brings_nothing(desk, shop):
    desk.source.answers = listing(desk.reply, [])
    assert desk.fetch(TRADES, shop) == []


def test_a_trade_that_leaves_the_window_meanwhile_hides_no_other(desk, shop):
    desk.source.answers = listing(desk.reply, range(1, 251), change=lambda state: state.pop(0))
    found = desk.fetch(TRADES, shop)
    tids = {
        t["tid"] for d in found for t in json.loads(d.body)["trades_sold_increment_get_response"]["trades"]["trade"]
    }
    assert set(range(4, 251)) <= tids


def test_a_page_that_repeats_is_an_error(desk, shop):
    def answer(request):
        form = dict(parse_qsl(request.body))
        trades = {"trade": [{"tid": tid} for tid in range(int(form["page_size"]))]}
        return desk.reply(envelope(form["method"], {"total_results": 300, "trades": trades}))

    desk.source.answers = answer
    with pytest.raises(PagingError, match="repeats page"):
        desk.fetch(TRADES, shop)


def test_fewer_trades_than_the_source_counts_is_an_error(desk, shop):
    desk.source.answers = listing(desk.reply, range(150), total=190)
    with pytest.raises(PagingError, match=r"held 150 different records, the source counts 190.*taobao.trades"):
        desk.fetch(TRADES, shop)


def test_the_day_is_asked_with_the_minutes_before_it_and_never_more_than_a_day(desk, shop):
    desk.source.answers = listing(desk.reply, [1])
    desk.fetch(REFUNDS, shop)
    spans = {(form["start_modified"], form["end_modified"]) for form in desk.source.forms()}
    assert {("2026-10-07 23:50:00", "2026-10-07 23:59:59"), (START, "2026-10-08 23:59:59")} == spans


def test_a_crowded_span_is_halved(desk, shop):
    def answer(request):
        form = dict(parse_qsl(request.body))
        whole_day = form["start_modified"] == START and form["end_modified"].endswith("23:59:59")
        return desk.reply(envelope(form["method"], {"total_results": 20_000 if whole_day else 0}))

    desk.source.answers = answer
    assert desk.fetch(TRADES, shop) == []
    assert (START, "2026-10-08 11:59:59") in {(f["start_modified"], f["end_modified"]) for f in desk.source.forms()}


def test_details_are_bundled_one_answer_a_line_and_each_trade_once(desk, shop, tmp_path):
    desk.source.answers = listing(desk.reply, range(1, 121))
    found = desk.fetch(DETAILS, shop)
    assert [delivery.stated["rows"] for delivery in found] == ["20", "100"]
    lines = [json.loads(line) for delivery in found for line in delivery.body.splitlines()]
    assert set(range(1, 121)) == {line["trade_fullinfo_get_response"]["trade"]["tid"] for line in lines}
    path = tmp_path / "bundle.ndjson"
    path.write_bytes(found[0].body)
    unpacked = DETAILS.unpack(path, "ndjson", tmp_path, shop)
    assert unpacked.refused is None
    assert unpacked.parts[0].lines


def test_the_request_is_signed_over_every_parameter(desk, shop):
    desk.source.answers = listing(desk.reply, [])
    desk.fetch(TRADES, shop)
    form = desk.source.forms()[0]
    text = "".join(f"{name}{form[name]}" for name in sorted(form) if name != "sign")
    assert hmac.new(SECRET.encode(), text.encode(), hashlib.sha256).hexdigest().upper() == form["sign"]
    assert form["timestamp"] == "2026-10-09 12:00:00"
    assert all(timeout for timeout in desk.source.timeouts)


def refusal(code, sub_code="", sub_msg=""):
    return json.dumps(
        {"error_response": {"code": code, "msg": "m", "sub_code": sub_code, "sub_msg": sub_msg, "request_id": "q7"}}
    ).encode()


@pytest.mark.parametrize(
    ("body", "error"),
    [
        (refusal(27, "invalid-sessionkey"), NotAuthorized),
        (refusal(25, "isv.invalid-signature"), NotAuthorized),
        (refusal(41, "isv.invalid-parameter:fields"), BadRequest),
        (refusal(15, "isp.top-remote-connection-timeout"), Unavailable),
        (refusal(7, "accesscontrol.limited-by-api-access-count"), RateLimited),
        (b"<html>maintenance</html>", UnexpectedShape),
        (b'{"trades_sold_get_response":{}}', UnexpectedShape),
        (b'{"trades_sold_increment_get_response":{"trades":{"trade":[]}}}', UnexpectedShape),
    ],
)
def test_refusals_that_come_with_status_200_have_their_name(desk, shop, body, error):
    desk.source.answers = lambda _request: desk.reply(body, headers={"Content-Type": "text/html"})
    with pytest.raises(error) as raised:
        desk.fetch(TRADES, shop)
    assert (raised.value.source, raised.value.stream, raised.value.window) == ("taobao", "trades", desk.day)
    assert not {word for word in (SECRET, "session-9", "key-7") if word in f"{raised.value!s}{raised.value!r}"}


def test_a_ban_is_waited_for_as_long_as_it_lasts(desk, shop):
    banned = desk.reply(
        refusal(7, "accesscontrol.limited-by-api-access-count", "This ban will last for 12 more seconds")
    )
    empty = desk.reply(envelope("taobao.trades.sold.increment.get", {"total_results": 0}))
    desk.source.answers_in_turn(banned, empty, empty)
    assert desk.fetch(TRADES, shop) == []
    assert desk.naps == [12.0]


@by_status
def test_statuses_have_their_name_and_only_what_can_pass_is_tried_again(desk, shop, status, error, tries):
    desk.source.answers = lambda _request: desk.reply(b"no", status)
    with pytest.raises(error) as raised:
        desk.fetch(TRADES, shop)
    assert (raised.value.status, tries) == (status, len(desk.source.requests))


def test_retry_after_is_obeyed(desk, shop):
    empty = desk.reply(envelope("taobao.trades.sold.increment.get", {"total_results": 0}))
    desk.source.answers_in_turn(desk.reply(b"", 429, {"Retry-After": "17"}), empty, empty)
    assert desk.fetch(TRADES, shop) == []
    assert desk.naps == [17.0]


def test_a_broken_connection_is_tried_again_then_named_without_its_address(desk, shop):
    desk.source.answers = lambda request: requests.ConnectionError(f"cannot reach {request.url}?session=session-9")
    with pytest.raises(Unavailable, match=r"eco\.taobao\.com/router/rest could not be reached") as raised:
        desk.fetch(TRADES, shop)
    assert "session-9" not in str(raised.value)
    assert raised.value.__cause__ is None


def test_secrets_show_in_no_repr(desk, shop):
    from connectors.taobao.client import client_for  # noqa: PLC0415 - only here

    assert not {word for word in (SECRET, "session-9") if word in f"{shop!r}{client_for(shop, desk.tools)!r}"}


@pytest.mark.parametrize("body", [b"<html>", b"{}", b'{"trades_sold_increment_get_response":{"trades":{}}}'])
def test_a_page_that_is_no_answer_is_refused_whole(tmp_path, shop, body):
    refused_whole(TRADES, body, tmp_path, shop)


def test_saved_answers_in_a_folder_are_delivered_to_their_own_stream(desk, connect, tmp_path):
    (tmp_path / "a.json").write_bytes(envelope("taobao.refunds.receive.get", {"total_results": 0}))
    folder = connect("taobao", path=tmp_path)
    assert [len(desk.fetch(stream, folder)) for stream in SOURCE.streams] == [0, 0, 1]
