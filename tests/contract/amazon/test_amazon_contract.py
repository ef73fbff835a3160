"""Amazon's answers, good and bad: tokens that end, buckets per operation, documents behind signed addresses."""

import gzip
import json
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from urllib.parse import parse_qsl, urlsplit

import pytest

from connectors.amazon import SOURCE
from connectors.amazon.client import SEARCH_ORDERS, Bucket
from connectors.core.errors import BadRequest, NotAuthorized, PagingError, RateLimited, Unavailable, UnexpectedShape

SECRETS = {"client_id": "amzn1.app", "client_secret": "amzn1.secret", "refresh_token": "Atzr|refresh"}
ORDERS, SETTLEMENTS, PAYOUTS = SOURCE.streams
REPORT = "settlement-id\tsettlement-start-date\tsettlement-end-date\ttotal-amount\tcurrency\ttransaction-type\tamount\n"


@pytest.fixture
def seller(connect):
    return connect("amazon", **SECRETS)


def token(reply, value="Atza|1", seconds=3600):
    return reply(json.dumps({"access_token": value, "token_type": "bearer", "expires_in": seconds}).encode())


def server(reply, pages, *, tokens=("Atza|1",), documents=None):
    """Gives tokens, then the pages in turn; reports lie behind addresses of another host."""
    given, left = iter(tokens), iter(pages)

    def answer(request):
        parts = urlsplit(request.url)
        if parts.path.endswith("/auth/o2/token"):
            return token(reply, next(given))
        if parts.hostname == "bucket.s3.amazonaws.com":
            return documents[parts.path]
        found = next(left)
        return found if not isinstance(found, dict) else reply(json.dumps(found).encode())

    return answer


def asked(source):
    return [dict(parse_qsl(urlsplit(r.url).query)) for r in source.requests if "/auth/" not in r.url]


def test_pages_are_followed_by_their_token_and_kept_as_received(desk, seller):
    pages = [{"orders": [{"orderId": "1"}], "pagination": {"nextToken": "t2"}}, {"orders": [{"orderId": "2"}]}]
    desk.source.answers = server(desk.reply, pages)
    found = desk.fetch(ORDERS, seller)
    assert pages == [json.loads(one.body) for one in found]
    first, second = asked(desk.source)
    assert {
        "lastUpdatedAfter": "2026-10-07T15:50:00Z",
        "lastUpdatedBefore": "2026-10-08T16:00:00Z",
        "marketplaceIds": "ATVPDKIKX0DER",
        "maxResultsPerPage": "100",
    }.items() <= first.items()
    assert first | {"paginationToken": "t2"} == second
    assert all(desk.source.timeouts)


def test_a_quiet_day_and_an_empty_last_page_bring_nothing(desk, seller):
    desk.source.answers = server(desk.reply, [{"orders": []}])
    assert [] == desk.fetch(ORDERS, seller)
    pages = [{"orders": [{"orderId": "1"}], "pagination": {"nextToken": "t"}}, {"orders": []}]
    desk.source.answers = server(desk.reply, pages)
    assert 1 == len(desk.fetch(ORDERS, seller))


def test_a_token_that_repeats_is_an_error(desk, seller):
    page = {"orders": [{"orderId": "1"}], "pagination": {"nextToken": "same"}}
    desk.source.answers = server(desk.reply, [page, page, page])
    with pytest.raises(PagingError, match="repeated its token"):
        desk.fetch(ORDERS, seller)


def test_one_access_token_serves_many_calls_until_it_ends(desk, seller):
    clock = [datetime(2026, 10, 9, 4, tzinfo=UTC)]
    pages = [{"payouts": [{"id": "1"}], "nextToken": "t2"}, {"payouts": []}]
    desk.source.answers = server(desk.reply, pages)
    list(PAYOUTS.fetch(seller, desk.day, replace(desk.tools, now=lambda: clock[0])))
    assert 1 == sum("/auth/" in request.url for request in desk.source.requests)

    def passing():
        clock[0] += timedelta(minutes=40)
        return clock[0]

    desk.source.requests.clear()
    desk.source.answers = server(desk.reply, [dict(page) for page in pages], tokens=("Atza|1", "Atza|2", "Atza|3"))
    list(PAYOUTS.fetch(seller, desk.day, replace(desk.tools, now=passing)))
    assert 2 <= sum("/auth/" in request.url for request in desk.source.requests)


def test_an_expired_token_is_replaced_once_and_a_missing_right_is_named(desk, seller):
    denied = desk.reply(b'{"errors":[{"code":"Unauthorized","message":"expired"}]}', 403)
    desk.source.answers = server(desk.reply, [denied, {"orders": []}], tokens=("Atza|1", "Atza|2"))
    assert [] == desk.fetch(ORDERS, seller)
    sent = [request.headers["x-amz-access-token"] for request in desk.source.requests if "/auth/" not in request.url]
    assert ["Atza|1", "Atza|2"] == sent
    desk.source.answers = server(desk.reply, [denied, denied], tokens=("Atza|1", "Atza|2"))
    with pytest.raises(NotAuthorized) as raised:
        desk.fetch(ORDERS, seller)
    assert ("Unauthorized", 403) == (raised.value.code, raised.value.status)


@pytest.mark.parametrize("status", [400, 401])
def test_a_refused_refresh_token_is_named_and_no_secret_shows(desk, seller, status):
    desk.source.answers = lambda _request: desk.reply(b'{"error":"invalid_grant"}', status)
    with pytest.raises(NotAuthorized, match="no token was given") as raised:
        desk.fetch(ORDERS, seller)
    assert "invalid_grant" == raised.value.code
    assert not {word for word in SECRETS.values() if word in f"{raised.value!s}{raised.value!r}{seller!r}"}


@pytest.mark.parametrize(
    ("status", "error", "tries"),
    [(400, BadRequest, 1), (404, BadRequest, 1), (429, RateLimited, 5), (500, Unavailable, 5), (503, Unavailable, 5)],
)
def test_statuses_have_their_name_and_only_what_can_pass_is_tried_again(desk, seller, status, error, tries):
    body = desk.reply(b'{"errors":[{"code":"QuotaExceeded"}]}', status, {"x-amzn-RequestId": "r1"})
    desk.source.answers = server(desk.reply, [body] * 9)
    with pytest.raises(error) as raised:
        desk.fetch(ORDERS, seller)
    assert (tries, "QuotaExceeded", "r1") == (len(asked(desk.source)), raised.value.code, raised.value.request_id)
    assert ("amazon", "orders", desk.day) == (raised.value.source, raised.value.stream, raised.value.window)


def test_retry_after_is_obeyed(desk, seller):
    limited = desk.reply(b"", 429, {"Retry-After": "17"})
    desk.source.answers = server(desk.reply, [limited, {"orders": []}])
    assert [] == desk.fetch(ORDERS, seller)
    assert [17.0] == desk.naps


@pytest.mark.parametrize("body", [b"<html>", b'{"orders":[{', b"{}", b'{"orders":{}}', b'{"orders":[1]}'])
def test_odd_answers_have_their_name(desk, seller, body):
    desk.source.answers = server(desk.reply, [desk.reply(body)])
    with pytest.raises(UnexpectedShape):
        desk.fetch(ORDERS, seller)


def test_calls_beyond_the_burst_come_at_the_operations_rate():
    now = datetime(2026, 10, 9, tzinfo=UTC)
    bucket = Bucket(float(SEARCH_ORDERS.burst), now)
    waits = [bucket.seconds(SEARCH_ORDERS, now) for _ in range(22)]
    assert [0.0] * 20 == waits[:20]
    assert 178 < waits[20] < 179
    assert 357 < waits[21] < 358


def reports(*numbers, more=None):
    listed = [{"reportId": f"R{n}", "reportDocumentId": f"doc-{n}", "processingStatus": "DONE"} for n in numbers]
    return {"reports": listed} | ({"nextToken": more} if more else {})


def test_reports_are_found_and_downloaded_without_a_token(desk, seller, tmp_path):
    link = {"reportDocumentId": "doc-1", "url": "https://bucket.s3.amazonaws.com/1?X-Amz-Signature=s", "x": 1}
    packed = link | {"url": "https://bucket.s3.amazonaws.com/2", "compressionAlgorithm": "GZIP"}
    text = REPORT + "S1\t2026-10-01\t2026-10-05\t-1.50\tUSD\t\t\nS1\t\t\t\t\tOrder\t-1.50\n"
    documents = {
        "/1": desk.reply("Größe".encode("latin-1"), headers={"Content-Type": "text/plain; charset=ISO-8859-1"}),
        "/2": desk.reply(gzip.compress(text.encode())),
    }
    pages = [reports(1, more="t2"), link, reports(2), packed]
    desk.source.answers = server(desk.reply, pages, documents=documents)
    first, second = desk.fetch(SETTLEMENTS, seller)
    assert ("settlement_R1.iso-8859-1.tsv", "tsv") == (first.name, first.suffix)
    assert ("tsv.gz", "doc-2") == (second.suffix, second.request["document"])
    assert {"nextToken": "t2"} == asked(desk.source)[3]
    fetched = [request for request in desk.source.requests if "s3.amazonaws" in request.url]
    assert not any("x-amz-access-token" in request.headers for request in fetched)
    path = tmp_path / "a.tsv.gz"
    path.write_bytes(second.body)
    unpacked = SETTLEMENTS.unpack(path, "tsv.gz", tmp_path, seller, second.name)
    assert ("S1", "0.00", "1.50") == (
        unpacked.statements[0].statement_no,
        unpacked.statements[0].in_sum,
        unpacked.statements[0].out_sum,
    )


def test_a_link_that_ran_out_is_asked_for_again_and_an_open_line_never(desk, seller):
    links = [{"url": f"https://bucket.s3.amazonaws.com/{n}"} for n in (1, 2)]
    documents = {"/1": desk.reply(b"", 503), "/2": desk.reply(b"x")}
    desk.source.answers = server(desk.reply, [reports(1), *links], documents=documents)
    assert [b"x"] == [one.body for one in desk.fetch(SETTLEMENTS, seller)]
    desk.source.answers = server(desk.reply, [reports(1), {"url": "http://bucket.s3.amazonaws.com/1"}])
    with pytest.raises(UnexpectedShape, match="not https"):
        desk.fetch(SETTLEMENTS, seller)
    desk.source.answers = server(
        desk.reply, [reports(1), links[1] | {"compressionAlgorithm": "ZSTD"}], documents=documents
    )
    with pytest.raises(UnexpectedShape, match="packed by ZSTD"):
        desk.fetch(SETTLEMENTS, seller)


def test_a_region_and_marketplaces_are_options(desk, connect):
    options = {"region": "eu", "marketplace_ids": ("A1PA6795UKMFR9", "A13V1IB3VIYZZH")}
    desk.source.answers = server(desk.reply, [{"orders": []}])
    desk.fetch(ORDERS, connect("amazon", options=options, **SECRETS))
    assert "sellingpartnerapi-eu.amazon.com" in desk.source.requests[1].url
    assert "A1PA6795UKMFR9,A13V1IB3VIYZZH" == asked(desk.source)[0]["marketplaceIds"]
    with pytest.raises(BadRequest, match="option region is 'cn'; allowed: na, eu, fe"):
        desk.fetch(ORDERS, connect("amazon", options={"region": "cn"}, **SECRETS))


def test_files_in_a_folder_are_delivered_to_their_own_stream(desk, connect, tmp_path):
    (tmp_path / "a.txt").write_text(REPORT)
    (tmp_path / "b.json").write_text('{"orders":[{"orderItems":[]}]}')
    (tmp_path / "c.json").write_text('{"payouts":[{"currentStatus":"PAID"}]}')
    (tmp_path / "d.csv").write_text("nothing")
    folder = connect("amazon", path=tmp_path)
    assert [1, 2, 1] == [len(desk.fetch(stream, folder)) for stream in SOURCE.streams]
