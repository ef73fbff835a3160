"""A WooCommerce site's answers, good and bad: two ways to sign, pages backwards, HTML where JSON should be."""

import base64
import hashlib
import hmac
import json
import math
from dataclasses import replace
from urllib.parse import parse_qsl, quote, urlsplit

import pytest
import requests

from connectors.core.errors import BadRequest, PagingError, Unavailable, UnexpectedShape
from connectors.woocommerce import SOURCE
from connectors.woocommerce.streams import recognises
from tests.contract.refusals import by_status, refused_whole

KEY, SECRET = "ck_7", "cs_secret"
ORDERS, REFUNDS = SOURCE.streams


@pytest.fixture
def site(connect):
    return replace(
        connect("woocommerce", consumer_key=KEY, consumer_secret=SECRET), base_url="https://shop.example/sub/"
    )


def order(number, **changed):
    return {
        "id": number,
        "status": "processing",
        "order_key": "k",
        "date_created_gmt": "2026-10-08T02:00:00",
        "total": "1.00",
        "line_items": [],
        "refunds": [],
    } | changed


def refund(number, parent, **changed):
    return {
        "id": number,
        "amount": "9.00",
        "date_created_gmt": "2026-10-08T02:00:00",
        "refunded_by": 1,
        "refunded_payment": True,
        "line_items": [],
        "_links": {"up": [{"href": f"https://shop.example/wp-json/wc/v3/orders/{parent}"}]},
    } | changed


def listing(reply, orders, refunds=None, total=None):
    def answer(request):
        query = dict(parse_qsl(urlsplit(request.url).query))
        found = orders
        if request.url.split("?")[0].endswith("/refunds"):
            found = (refunds or {})[int(urlsplit(request.url).path.split("/")[-2])]
        page, size = int(query["page"]), int(query["per_page"])
        body = json.dumps(found[(page - 1) * size : page * size]).encode()
        return reply(body, headers={"X-WP-Total": str(len(found) if total is None else total)})

    return answer


def asked_pages(source):
    return [int(query["page"]) for query in source.queries() if query["per_page"] == "100"]


@pytest.mark.parametrize("count", [1, 99, 100, 101, 200])
def test_pages_are_walked_from_the_last_to_the_first_and_hold_every_order(desk, site, count):
    desk.source.answers = listing(desk.reply, [order(number) for number in range(count)])
    found = desk.fetch(ORDERS, site)
    assert list(range(math.ceil(count / 100), 0, -1)) == asked_pages(desk.source)
    assert set(range(count)) == {record["id"] for one in found for record in json.loads(one.body)}
    assert {desk.day.start.date()} == {one.day for one in found}


def test_a_quiet_day_brings_nothing(desk, site):
    desk.source.answers = listing(desk.reply, [])
    assert [] == desk.fetch(ORDERS, site)
    assert [] == desk.fetch(REFUNDS, site)


def test_an_order_that_leaves_the_window_meanwhile_hides_no_other(desk, site):
    state = [order(number) for number in range(250)]
    server = listing(desk.reply, state)

    def answer(request):
        found = server(request)
        if dict(parse_qsl(urlsplit(request.url).query))["per_page"] == "100":
            state.pop(0)
        return found

    desk.source.answers = answer
    found = desk.fetch(ORDERS, site)
    assert set(range(3, 250)) <= {record["id"] for one in found for record in json.loads(one.body)}


def test_a_page_that_repeats_is_an_error(desk, site):
    body = json.dumps([order(number) for number in range(100)]).encode()
    desk.source.answers = lambda _request: desk.reply(body, headers={"X-WP-Total": "300"})
    with pytest.raises(PagingError, match="repeats page"):
        desk.fetch(ORDERS, site)


def test_fewer_orders_than_the_source_counts_is_an_error(desk, site):
    desk.source.answers = listing(desk.reply, [order(number) for number in range(150)], total=190)
    with pytest.raises(PagingError, match="held 150 different records"):
        desk.fetch(ORDERS, site)


def test_the_day_is_asked_in_utc_with_the_minutes_before_it(desk, site):
    desk.source.answers = listing(desk.reply, [])
    desk.fetch(ORDERS, site)
    [asked] = desk.source.queries()
    assert {
        "modified_after": "2026-10-07T15:50:00",
        "modified_before": "2026-10-08T16:00:00",
        "dates_are_gmt": "true",
        "status": "any",
        "orderby": "id",
        "order": "asc",
    }.items() <= asked.items()
    assert desk.source.requests[0].url.startswith("https://shop.example/sub/wp-json/wc/v3/orders?")
    assert all(desk.source.timeouts)


def test_over_https_key_and_secret_are_basic_auth(desk, site):
    desk.source.answers = listing(desk.reply, [])
    desk.fetch(ORDERS, site)
    [request] = desk.source.requests
    assert f"Basic {base64.b64encode(f'{KEY}:{SECRET}'.encode()).decode()}" == request.headers["Authorization"]
    assert SECRET not in request.url


def test_a_host_that_strips_the_header_gets_the_keys_in_the_query_and_no_error_repeats_them(desk, site):
    stripped = replace(site, options={"requests_per_second": 0, "keys_in_query": True})
    desk.source.answers = lambda request: requests.ConnectionError(request.url)
    with pytest.raises(Unavailable) as raised:
        desk.fetch(ORDERS, stripped)
    assert "Authorization" not in desk.source.requests[0].headers
    assert {"consumer_key": KEY, "consumer_secret": SECRET}.items() <= desk.source.queries()[0].items()
    assert SECRET not in str(raised.value)


def test_over_plain_http_the_request_is_signed_and_the_secret_stays_here(desk, site):
    desk.source.answers = listing(desk.reply, [])
    desk.fetch(ORDERS, replace(site, base_url="http://127.0.0.1:8700/woo"))
    [request] = desk.source.requests
    [query] = desk.source.queries()
    given = query.pop("oauth_signature")
    line = "&".join(f"{quote(name, safe='')}={quote(value, safe='')}" for name, value in sorted(query.items()))
    url = "http://127.0.0.1:8700/woo/wp-json/wc/v3/orders"
    text = f"GET&{quote(url, safe='')}&{quote(line, safe='')}"
    expected = hmac.new(f"{SECRET}&".encode(), text.encode(), hashlib.sha256).digest()
    assert base64.b64encode(expected).decode() == given
    assert "HMAC-SHA256" == query["oauth_signature_method"]
    assert "1791518400" == query["oauth_timestamp"]
    assert SECRET not in request.url
    assert "Authorization" not in request.headers


def test_only_orders_that_name_refunds_are_asked_for_them(desk, site):
    orders = [order(1), order(2, refunds=[{"id": 21}, {"id": 22}])]
    desk.source.answers = listing(desk.reply, orders, {2: [refund(21, 2), refund(22, 2)]})
    [found] = desk.fetch(REFUNDS, site)
    assert [21, 22] == [record["id"] for record in json.loads(found.body)]
    assert "/orders/2/refunds" == found.request["path"]


@pytest.mark.parametrize(
    ("body", "headers", "error"),
    [
        (b"<html>maintenance</html>", {"Content-Type": "text/html", "X-WP-Total": "1"}, UnexpectedShape),
        (b'[{"id"', {"X-WP-Total": "1"}, UnexpectedShape),
        (b'{"id":1}', {"X-WP-Total": "1"}, UnexpectedShape),
        (b"[1]", {"X-WP-Total": "1"}, UnexpectedShape),
        (b"[{}]", {"X-WP-Total": "1"}, UnexpectedShape),
        (b"[]", {}, UnexpectedShape),
    ],
)
def test_odd_answers_have_their_name(desk, site, body, headers, error):
    desk.source.answers = lambda _request: desk.reply(body, headers=headers)
    with pytest.raises(error) as raised:
        desk.fetch(ORDERS, site)
    assert ("woocommerce", "orders") == (raised.value.source, raised.value.stream)
    assert not {word for word in (KEY, SECRET) if word in f"{raised.value!s}{raised.value!r}"}


@by_status
def test_statuses_have_their_name_and_only_what_can_pass_is_tried_again(desk, site, status, error, tries):
    body = json.dumps({"code": "rest_no_route", "message": "m", "data": {"status": status}}).encode()
    desk.source.answers = lambda _request: desk.reply(body, status)
    with pytest.raises(error) as raised:
        desk.fetch(ORDERS, site)
    assert (status, "rest_no_route", tries) == (raised.value.status, raised.value.code, len(desk.source.requests))


def test_retry_after_is_obeyed_even_from_an_html_page(desk, site):
    limited = desk.reply(b"<html>", 429, {"Retry-After": "17"})
    desk.source.answers_in_turn(limited, desk.reply(b"[]", headers={"X-WP-Total": "0"}))
    assert [] == desk.fetch(ORDERS, site)
    assert [17.0] == desk.naps


def test_secrets_show_in_no_repr_and_no_request(desk, site):
    from connectors.woocommerce.client import client_for  # noqa: PLC0415 - only here

    desk.source.answers = listing(desk.reply, [order(1)])
    [found] = desk.fetch(ORDERS, site)
    assert SECRET not in f"{site!r}{client_for(site, desk.tools)!r}{found.request}"


def test_a_missing_address_names_itself(desk, site):
    with pytest.raises(BadRequest, match="has no base_url"):
        desk.fetch(ORDERS, replace(site, base_url=None))


@pytest.mark.parametrize("body", [b"", b"<html>", b"{}", b"[1]", b'[{"id":1}]', b"\xff\xfe"])
def test_a_page_that_is_no_answer_is_refused_whole(tmp_path, site, body):
    for stream in (ORDERS, REFUNDS):
        refused_whole(stream, body, tmp_path, site)


def test_a_refund_that_was_only_recorded_moved_no_money(tmp_path, site):
    path = tmp_path / "refunds.json"
    rows = [refund(1, 7), refund(2, 7, refunded_payment=False), refund(3, 7, refunded_payment=None), refund(4, "")]
    path.write_bytes(json.dumps(rows).encode())
    found = REFUNDS.canonical(REFUNDS.unpack(path, "json", tmp_path, site), site)
    assert [("1", "7", "succeeded"), ("2", "7", "closed")] == [
        (row["refund_no"], row["order_no"], row["status"]) for row in found.streams["refunds"]
    ]
    assert [(3, "status"), (4, "order_no")] == [(reject.row, reject.column) for reject in found.quarantine]


def test_saved_answers_in_a_folder_are_delivered_to_their_own_stream(desk, connect, tmp_path):
    (tmp_path / "a.json").write_bytes(json.dumps([refund(1, 7)]).encode())
    (tmp_path / "b.json").write_bytes(json.dumps([order(1)]).encode())
    (tmp_path / "c.json").write_bytes(b"{}")
    folder = connect("woocommerce", path=tmp_path)
    assert [2, 1] == [len(desk.fetch(stream, folder)) for stream in SOURCE.streams]
    assert recognises(tmp_path / "a.json")
    assert not recognises(tmp_path / "c.json")
