"""PayPal's answers, good and bad: tokens, pages, windows that are too large, times that are too early."""

import base64
import json
import math
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


def record(number, code="T0006", amount="40.00", fee="-1.75", **more):
    info = {
        "transaction_id": str(number),
        "transaction_event_code": code,
        "transaction_initiation_date": "2026-10-08T09:00:00+0000",
        "transaction_amount": {"currency_code": "EUR", "value": amount},
        "transaction_status": "S",
        "invoice_id": f"M{number}",
    }
    if fee:
        info["fee_amount"] = {"currency_code": "EUR", "value": fee}
    return {"transaction_info": info | more}


def answer(records, page=1, total=None, size=500, **more):
    total = len(records) if total is None else total
    content = {
        "transaction_details": records,
        "account_number": "TIEOUT1",
        "page": page,
        "total_items": total,
        "total_pages": math.ceil(total / size),
    }
    return json.dumps(content | more).encode()


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


def test_a_missing_credential_names_itself(desk, connect):
    with pytest.raises(NotAuthorized, match="lacks credential client_secret"):
        desk.fetch(TRANSACTIONS, connect("paypal", client_id="a"))


def test_answers_in_a_folder_are_handed_over(desk, account, tmp_path):
    (tmp_path / "page.json").write_bytes(answer([record(1)]))
    assert ["page.json"] == [one.name for one in desk.fetch(TRANSACTIONS, replace(account, path=tmp_path))]
    assert SOURCE.recognises(tmp_path / "page.json")


def read(body, tmp_path, account):
    path = tmp_path / "page.json"
    path.write_bytes(body)
    return TRANSACTIONS.unpack(path, "json", tmp_path, account)


@pytest.mark.parametrize(
    ("body", "reason"),
    [
        (b"<html>", "no JSON"),
        (b"", "no JSON"),
        (b"[]", "no answer of PayPal"),
        (b'{"transaction_details":{}}', "no answer of PayPal"),
        (answer(["x"]), "record 1 has no transaction_info"),
        (answer([{"transaction_info": {}}]), "record 1 has no transaction_no"),
        (answer([record(1, amount="")]), "record 1 has no gross"),
        (answer([record(1), record(2, amount="1e3")]), "record 2: gross is '1e3'"),
        (answer([record(1, fee="1,00")]), "fee is '1,00'"),
        (answer([record(1, fee_amount={"currency_code": "USD", "value": "-1.00"})]), "another currency"),
        (answer([record(1)], total=2), "counts 2 transactions and holds 1"),
    ],
)
def test_a_page_that_cannot_be_trusted_is_refused_whole(tmp_path, account, body, reason):
    unpacked = read(body, tmp_path, account)
    assert () == unpacked.parts
    assert reason in unpacked.refused


def test_a_page_of_several_says_nothing_about_its_own_count(tmp_path, account):
    unpacked = read(answer([record(1)], page=3, total=1001), tmp_path, account)
    assert unpacked.refused is None
    assert (1, None) == (unpacked.statements[0].row_count, unpacked.statements[0].stated_row_count)


@pytest.mark.parametrize(
    ("options", "expected"),
    [
        ({}, ("M1", "C1")),
        ({"pay_no_field": "custom_field", "refund_no_field": "invoice_id"}, ("C1", "M1")),
        ({"pay_no_field": "transaction_id", "refund_no_field": "transaction_id"}, ("1", "1")),
    ],
)
def test_the_field_with_the_shops_number_is_an_option(tmp_path, account, options, expected):
    account = replace(account, options=options)
    unpacked = read(answer([record(1, "T1107", "-40.00", custom_field="C1")]), tmp_path, account)
    [refund] = TRANSACTIONS.canonical(unpacked, account).streams["payments"]
    assert expected == (refund["merchant_pay_no"], refund["merchant_refund_no"])


def test_an_option_that_names_no_such_field_is_refused(tmp_path, account):
    unpacked = read(answer([record(1)]), tmp_path, replace(account, options={"pay_no_field": "note"}))
    assert "allowed are invoice_id, custom_field, transaction_id" in unpacked.refused


def test_a_conversion_is_a_movement_in_each_currency(tmp_path, account):
    rows = [
        record("C1", "T0200", "-78.02", ""),
        record("C1", "T0200", "100.00", "", transaction_amount={"currency_code": "AUD", "value": "100.00"}),
    ]
    unpacked = read(answer(rows), tmp_path, account)
    flows = TRANSACTIONS.canonical(unpacked, account).streams["fund_flows"]
    assert [("out", "78.02", "EUR", 0), ("in", "100.00", "AUD", 1)] == [
        (flow["direction"], flow["amount"], flow["currency"], flow["statement"]) for flow in flows
    ]
    assert 2 == len({flow["flow_no"] for flow in flows})
    assert [("0.00", "78.02"), ("100.00", "0.00")] == [(one.in_sum, one.out_sum) for one in unpacked.statements]


@pytest.mark.parametrize(("status", "count"), [("S", 1), ("P", 1), ("D", 0)])
def test_a_withdrawal_has_left_though_it_is_pending(tmp_path, account, status, count):
    withdrawal = record(1, "T0400", "-9.00", "", transaction_status=status, bank_reference_id="B7")
    flows = TRANSACTIONS.canonical(read(answer([withdrawal]), tmp_path, account), account).streams["fund_flows"]
    assert [("out", "9.00", "B7")] * count == [(flow["direction"], flow["amount"], flow["payout_no"]) for flow in flows]


@pytest.mark.parametrize(("status", "count"), [("S", 2), ("V", 2), ("F", 2), ("P", 0), ("D", 0), ("Q", 2)])
def test_only_what_is_done_or_unknown_has_moved(tmp_path, account, status, count):
    unpacked = read(answer([record(1, transaction_status=status)]), tmp_path, account)
    found = TRANSACTIONS.canonical(unpacked, account).streams
    assert (1, count) == (len(found["payments"]), len(found["fund_flows"]))


@pytest.mark.parametrize(
    ("given", "expected"),
    [
        ("2026-10-08T09:00:00+0200", "2026-10-08T07:00:00+00:00"),
        ("2026-10-08T09:00:00Z", "2026-10-08T09:00:00+00:00"),
        ("2026-10-08T09:00:00", "2026-10-08T09:00:00"),
        ("0001-01-01T00:00:00+1400", "0001-01-01T00:00:00+1400"),
        ("someday", "someday"),
    ],
)
def test_a_moment_is_told_in_utc_and_what_is_none_stays_as_it_came(tmp_path, account, given, expected):
    unpacked = read(answer([record(1, transaction_initiation_date=given)]), tmp_path, account)
    [payment] = TRANSACTIONS.canonical(unpacked, account).streams["payments"]
    assert expected == payment["occurred_at"]
