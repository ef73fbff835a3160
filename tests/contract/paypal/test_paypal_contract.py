"""PayPal's answers, good and bad: tokens, pages, windows that are too large, times that are too early."""

import base64
import json
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
import requests

from connectors.core.canonical import csv_rows
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
from connectors.paypal import SOURCE
from connectors.paypal.client import client_for
from tests.contract.paypal.writer import answer, record

[TRANSACTIONS] = SOURCE.streams
SECRET, TOKEN = "secret-of-the-app", "token-9"
SCOPE = "https://uri.paypal.com/services/reporting/search/read"
TOKEN_PATH = "/v1/oauth2/token"


@pytest.fixture
def account(connect):
    return connect("paypal", client_id="id-7", client_secret=SECRET)


def path_of(request):
    return request.path_url.partition("?")[0]


def query_of(desk, request):
    return desk.source.queries()[desk.source.requests.index(request)]


def token(reply, **changed):
    content = {"scope": SCOPE, "access_token": TOKEN, "token_type": "Bearer", "expires_in": 32400} | changed
    return reply(json.dumps(content).encode())


def served(desk, records, **more):
    """A server that knows the token and pages through the records."""

    def serve(request):
        if path_of(request) == TOKEN_PATH:
            return token(desk.reply)
        query = query_of(desk, request)
        page, size = int(query["page"]), int(query["page_size"])
        return desk.reply(answer(records[(page - 1) * size : page * size], page, len(records), size, **more))

    return serve


def refused(desk, body, status):
    return lambda request: token(desk.reply) if path_of(request) == TOKEN_PATH else desk.reply(body, status)


def error(name, message="no", **more):
    return json.dumps({"name": name, "message": message, "debug_id": "eec890ebd5798"} | more).encode()


@pytest.mark.parametrize("count", [1, 499, 500, 501, 1000, 1001])
def test_every_page_is_asked_for_and_every_record_arrives_once(desk, account, count, tmp_path):
    desk.source.answers = served(desk, [record(number) for number in range(count)])
    numbers = []
    for delivery in desk.fetch(TRANSACTIONS, account):
        path = tmp_path / delivery.name
        path.write_bytes(delivery.body)
        unpacked = TRANSACTIONS.unpack(path, "json", tmp_path, account)
        numbers += [row["transaction_no"] for _, row in csv_rows(unpacked.parts[0])]
    assert sorted(map(str, range(count))) == sorted(numbers)


def test_a_quiet_day_brings_nothing(desk, account):
    desk.source.answers = served(desk, [])
    assert [] == desk.fetch(TRANSACTIONS, account)


def test_a_record_that_leaves_while_pages_are_read_hides_no_other(desk, account):
    records = [record(number) for number in range(1200)]
    honest = served(desk, records)

    def serve(request):
        reply = honest(request)
        if path_of(request) != TOKEN_PATH and query_of(desk, request)["page"] == "3":
            del records[0]
        return reply

    desk.source.answers = serve
    numbers = {
        found["transaction_info"]["transaction_id"]
        for delivery in desk.fetch(TRANSACTIONS, account)
        for found in json.loads(delivery.body)["transaction_details"]
    }
    assert set(map(str, range(1, 1200))) <= numbers


def test_the_day_is_asked_for_in_utc_with_its_end_and_without_filters(desk, account):
    desk.source.answers = served(desk, [])
    desk.fetch(TRANSACTIONS, account)
    [(_, query)] = list(enumerate(desk.source.queries()))[1:]
    expected = {
        "start_date": "2026-10-07T16:00:00Z", "end_date": "2026-10-08T16:00:00Z", "page_size": "500", "page": "1",
    }  # fmt: skip
    assert expected == query


def test_a_window_too_large_is_asked_for_in_halves(desk, account):
    records = [record(number) for number in range(3)]

    def serve(request):
        if path_of(request) == TOKEN_PATH:
            return token(desk.reply)
        query = query_of(desk, request)
        start, end = (datetime.fromisoformat(query[name]) for name in ("start_date", "end_date"))
        if end - start > timedelta(hours=12):
            return desk.reply(error("RESULTSET_TOO_LARGE", maximum_items=10000), 400)
        return desk.reply(answer(records[:1] if start.hour == 16 else records[1:]))

    desk.source.answers = serve
    found = desk.fetch(TRANSACTIONS, account)
    assert ["1", "2"] == [delivery.stated["rows"] for delivery in found]
    noon = datetime(2026, 10, 8, 4, tzinfo=UTC)
    assert [(desk.day.start, noon), (noon, desk.day.end)] == [(part.window.start, part.window.end) for part in found]
    assert 2 == len({delivery.name for delivery in found})


def test_a_second_that_is_too_large_is_an_error(desk, account):
    desk.source.answers = refused(desk, error("RESULTSET_TOO_LARGE"), 400)
    with pytest.raises(BadRequest, match="a single second"):
        desk.fetch(TRANSACTIONS, account)
    assert 20 > len(desk.source.requests)


def test_a_day_is_not_asked_for_before_it_can_be_whole(desk, account):
    ahead = Window(desk.day.end, desk.day.end + timedelta(days=1))
    with pytest.raises(NotReadyYet, match="3 hours after its end"):
        list(TRANSACTIONS.fetch(account, ahead, desk.tools))
    assert [] == desk.source.requests


@pytest.mark.parametrize("status", [400, 404])
def test_too_early_is_no_failure(desk, account, status):
    body = error("INVALID_REQUEST", "Data for the given start date is not available.")
    desk.source.answers = refused(desk, body, status)
    with pytest.raises(NotReadyYet) as raised:
        desk.fetch(TRANSACTIONS, account)
    assert (status, "eec890ebd5798") == (raised.value.status, raised.value.request_id)


def test_data_that_ends_before_the_day_does_is_not_whole(desk, account):
    desk.source.answers = served(desk, [record(1)], last_refreshed_datetime="2026-10-08T15:59:59+0000")
    with pytest.raises(NotReadyYet, match="go only to 2026-10-08T15:59:59"):
        desk.fetch(TRANSACTIONS, account)
    desk.source.answers = served(desk, [record(1)], last_refreshed_datetime="2026-10-08T16:00:00+0000")
    assert 1 == len(desk.fetch(TRANSACTIONS, account))


def test_one_token_serves_all_pages(desk, account):
    desk.source.answers = served(desk, [record(number) for number in range(1001)])
    desk.fetch(TRANSACTIONS, account)
    tokens = [request for request in desk.source.requests if path_of(request) == TOKEN_PATH]
    assert 1 == len(tokens)
    assert "grant_type=client_credentials" == tokens[0].body
    pair = base64.b64encode(f"id-7:{SECRET}".encode()).decode()
    assert f"Basic {pair}" == tokens[0].headers["Authorization"]
    others = [request.headers["Authorization"] for request in desk.source.requests if request not in tokens]
    assert {f"Bearer {TOKEN}"} == set(others)


def test_a_revoked_token_is_asked_for_once_more(desk, account):
    stale = iter([desk.reply(b'{"error":"invalid_token"}', 401)])
    honest = served(desk, [record(1)])
    desk.source.answers = lambda request: (
        honest(request) if path_of(request) == TOKEN_PATH else next(stale, None) or honest(request)
    )
    assert 1 == len(desk.fetch(TRANSACTIONS, account))
    assert 2 == sum(path_of(request) == TOKEN_PATH for request in desk.source.requests)


def test_a_token_that_is_always_refused_is_an_error(desk, account):
    desk.source.answers = refused(desk, b'{"error":"invalid_token"}', 401)
    with pytest.raises(NotAuthorized, match="refused as soon as it is given"):
        desk.fetch(TRANSACTIONS, account)


@pytest.mark.parametrize(
    ("content", "failure", "words"),
    [
        ({"access_token": ""}, UnexpectedShape, "without access_token"),
        ({"expires_in": None}, UnexpectedShape, "without access_token"),
        ({"scope": "openid"}, NotAuthorized, "switch on Transaction Search"),
    ],
)
def test_a_token_that_is_of_no_use_is_refused_by_name(desk, account, content, failure, words):
    desk.source.answers = lambda _request: token(desk.reply, **content)
    with pytest.raises(failure, match=words):
        desk.fetch(TRANSACTIONS, account)


def test_wrong_keys_are_no_matter_of_patience(desk, account):
    desk.source.answers = lambda _request: desk.reply(b'{"error":"invalid_client"}', 401)
    with pytest.raises(NotAuthorized):
        desk.fetch(TRANSACTIONS, account)
    assert 1 == len(desk.source.requests)


@pytest.mark.parametrize(
    ("status", "body", "expected"),
    [
        (403, error("NOT_AUTHORIZED"), (NotAuthorized, 1)),
        (400, error("INVALID_REQUEST"), (BadRequest, 1)),
        (429, error("RATE_LIMIT_REACHED"), (RateLimited, 5)),
        (400, error("RATE_LIMIT_REACHED"), (RateLimited, 5)),
        (500, error("INTERNAL_SERVER_ERROR"), (Unavailable, 5)),
        (503, b"<html>", (Unavailable, 5)),
        (200, b"<html>maintenance</html>", (UnexpectedShape, 1)),
        (200, b'{"transaction_details":[', (UnexpectedShape, 1)),
        (200, b"[]", (UnexpectedShape, 1)),
        (200, b'{"transaction_details":[]}', (UnexpectedShape, 1)),
        (200, answer([record(1)], page=2), (PagingError, 1)),
        (200, answer([record(1)], total=2), (PagingError, 1)),
        (200, answer([record(1)], total=1001), (PagingError, 2)),
        (200, answer([record(1)], total=10_001), (PagingError, 1)),
    ],
)
def test_what_goes_wrong_has_its_name_and_only_what_can_pass_is_tried_again(desk, account, status, body, expected):
    failure, searches = expected
    desk.source.answers = refused(desk, body, status)
    with pytest.raises(failure) as raised:
        desk.fetch(TRANSACTIONS, account)
    assert searches == sum(path_of(request) != TOKEN_PATH for request in desk.source.requests)
    assert ("paypal", "transactions", desk.day) == (raised.value.source, raised.value.stream, raised.value.window)
    assert not {word for word in (SECRET, TOKEN, "id-7") if word in f"{raised.value!s}{raised.value!r}"}


def test_the_same_page_again_is_an_error(desk, account):
    page = [record(number) for number in range(500)]

    def serve(request):
        if path_of(request) == TOKEN_PATH:
            return token(desk.reply)
        return desk.reply(answer(page, int(query_of(desk, request)["page"]), total=1500))

    desk.source.answers = serve
    with pytest.raises(PagingError, match="repeats"):
        desk.fetch(TRANSACTIONS, account)


def test_retry_after_is_obeyed(desk, account):
    first = iter([desk.reply(b"", 429, {"Retry-After": "17"})])
    honest = served(desk, [])
    desk.source.answers = lambda request: (
        honest(request) if path_of(request) == TOKEN_PATH else next(first, None) or honest(request)
    )
    assert [] == desk.fetch(TRANSACTIONS, account)
    assert [17.0] == desk.naps
    assert all(desk.source.timeouts)


def test_a_broken_connection_is_named_without_its_query(desk, account):
    desk.source.answers = lambda request: (
        token(desk.reply) if path_of(request) == TOKEN_PATH else requests.ConnectionError(f"cannot reach {request.url}")
    )
    with pytest.raises(Unavailable, match=r"api-m\.paypal\.com/v1/reporting/transactions could not"):
        desk.fetch(TRANSACTIONS, account)


def test_secrets_show_in_no_request_and_no_repr(desk, account):
    desk.source.answers = served(desk, [record(1)])
    kept = [delivery.request for delivery in desk.fetch(TRANSACTIONS, account)]
    client = client_for(account, desk.tools)
    client.search({"page": "1", "page_size": "1"})
    assert not {word for word in (SECRET, TOKEN, "id-7") if word in f"{kept}{account!r}{client!r}"}


def test_answers_in_a_folder_are_handed_over(desk, account, tmp_path):
    (tmp_path / "page.json").write_bytes(answer([record(1)]))
    assert ["page.json"] == [one.name for one in desk.fetch(TRANSACTIONS, replace(account, path=tmp_path))]
    assert SOURCE.recognises(tmp_path / "page.json")
