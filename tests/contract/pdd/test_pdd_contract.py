"""Pinduoduo's answers, good and bad: half hours, pages backwards, errors with HTTP 200, money files."""

import gzip
import hashlib
import io
import json
import math
import zipfile
from datetime import UTC, date, datetime
from decimal import Decimal
from urllib.parse import parse_qsl

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
from connectors.pdd import SOURCE
from connectors.pdd.client import client_for
from tests.contract.refusals import by_status, refused_whole

SECRET = "secret-of-the-app"
ORDERS, REFUNDS, BILLS = SOURCE.streams
MIDNIGHT = 1791388800
"""2026-10-08 00:00 in Shanghai."""
HEADING = "商户订单号,发生时间,收入金额（+元）,支出金额（-元）,账务类型,备注,业务描述"
ROWS = (
    "261001-500000000000001,2026-10-08 23:54:45,146.92,0,交易收入,-,0010002|交易收入-订单收入",
    "261001-500000000000001,2026-10-08 23:54:45,0,-0.88,技术服务费,-,0030002|技术服务费-基础技术服务费",
)


@pytest.fixture
def shop(connect):
    return connect("pdd", client_id="client-7", client_secret=SECRET, access_token="token-9")


def money_file(*rows, above=(), below=()):
    return "".join(f"{line}\r\n" for line in (*above, HEADING, *rows, *below)).encode("gb18030")


def listing(reply, numbers, *, total=None, change=None):
    """A server whose orders and refunds all changed in the first half hour of the day."""
    state = list(numbers)

    def answer(request):
        form = dict(parse_qsl(request.body))
        if form["type"] == "pdd.order.information.get":
            order = {"order_sn": form["order_sn"], "pay_amount": 4.50, "note": "a\nb"}
            return reply(json.dumps({"order_info_get_response": {"order_info": order}}, indent=1).encode())
        found = state if form["start_updated_at"] == str(MIDNIGHT) else []
        page, size = int(form["page"]), int(form["page_size"])
        chosen = found[(page - 1) * size : page * size]
        content = {"total_count": len(found) if total is None or not found else total}
        if form["type"] == "pdd.refund.list.increment.get":
            body = {"refund_increment_get_response": content | {"refund_list": [{"id": n} for n in chosen]}}
        else:
            body = {
                "order_sn_increment_get_response": content | {"order_sn_list": [{"order_sn": str(n)} for n in chosen]}
            }
        if change and found:
            change(state)
        return reply(json.dumps(body).encode())

    return answer


def pages_asked(source):
    return [
        int(form["page"])
        for form in source.forms()
        if form.get("start_updated_at") == str(MIDNIGHT) and "increment" in form["type"]
    ]


@pytest.mark.parametrize("count", [1, 99, 100, 101, 200, 250])
def test_pages_are_walked_from_the_last_to_the_first_and_hold_every_refund(desk, shop, count):
    desk.source.answers = listing(desk.reply, range(1, count + 1))
    found = desk.fetch(REFUNDS, shop)
    last = math.ceil(count / 100)
    assert ([1] if last == 1 else [1, *range(last, 0, -1)]) == pages_asked(desk.source)
    ids = [r["id"] for d in found for r in json.loads(d.body)["refund_increment_get_response"]["refund_list"]]
    assert set(range(1, count + 1)) == set(ids)
    assert {desk.day.start.date()} == {delivery.day for delivery in found}


def test_a_quiet_day_brings_nothing(desk, shop):
    desk.source.answers = listing(desk.reply, [])
    assert [] == desk.fetch(ORDERS, shop)
    assert [] == desk.fetch(REFUNDS, shop)


def test_a_day_is_asked_as_the_minutes_before_it_and_its_half_hours(desk, shop):
    desk.source.answers = listing(desk.reply, [])
    desk.fetch(ORDERS, shop)
    spans = [(int(form["start_updated_at"]), int(form["end_updated_at"])) for form in desk.source.forms()]
    halves = [(MIDNIGHT + 1800 * number, MIDNIGHT + 1800 * (number + 1)) for number in range(48)]
    assert [(MIDNIGHT - 600, MIDNIGHT), *halves] == spans
    assert {("0", "5", "5")} == {
        (form["is_lucky_flag"], form["order_status"], form["refund_status"]) for form in desk.source.forms()
    }


def test_every_listed_order_is_asked_for_once_and_kept_one_a_line(desk, shop, tmp_path):
    desk.source.answers = listing(desk.reply, range(1, 121))
    found = desk.fetch(ORDERS, shop)
    assert ["20", "100"] == [delivery.stated["rows"] for delivery in found]
    path = tmp_path / "bundle.ndjson"
    path.write_bytes(found[0].body + found[1].body)
    unpacked = ORDERS.unpack(path, "ndjson", tmp_path, shop)
    assert unpacked.refused is None
    records = [record for _, record in json_records(unpacked.parts[0])]
    assert {str(number) for number in range(1, 121)} == {record["order_sn"] for record in records}
    assert {Decimal("4.5")} == {record["pay_amount"] for record in records}


def test_an_order_that_leaves_the_window_meanwhile_hides_no_other(desk, shop):
    desk.source.answers = listing(desk.reply, range(1, 251), change=lambda state: state.pop(0))
    found = desk.fetch(REFUNDS, shop)
    ids = {r["id"] for d in found for r in json.loads(d.body)["refund_increment_get_response"]["refund_list"]}
    assert set(range(5, 251)) <= ids


def test_a_page_that_repeats_is_an_error(desk, shop):
    page = {"total_count": 300, "refund_list": [{"id": number} for number in range(100)]}
    desk.source.answers = lambda _request: desk.reply(json.dumps({"refund_increment_get_response": page}).encode())
    with pytest.raises(PagingError, match="repeats page"):
        desk.fetch(REFUNDS, shop)


def test_fewer_records_than_the_source_counts_is_an_error(desk, shop):
    desk.source.answers = listing(desk.reply, range(150), total=190)
    with pytest.raises(PagingError, match=r"held 150 different records, the source counts 190.*pdd.refunds"):
        desk.fetch(REFUNDS, shop)


def test_an_empty_last_page_is_an_error_when_records_are_missing(desk, shop):
    desk.source.answers = listing(desk.reply, range(100), total=101)
    with pytest.raises(PagingError, match=r"held 100 different records, the source counts 101"):
        desk.fetch(REFUNDS, shop)


def test_the_request_is_signed_over_every_parameter(desk, shop):
    desk.source.answers = listing(desk.reply, [])
    desk.fetch(ORDERS, shop)
    form = desk.source.forms()[0]
    text = "".join(f"{name}{form[name]}" for name in sorted(form) if name != "sign")
    assert hashlib.md5(f"{SECRET}{text}{SECRET}".encode()).hexdigest().upper() == form["sign"]  # noqa: S324 - theirs
    assert str(int(datetime(2026, 10, 9, 4, 0, tzinfo=UTC).timestamp())) == form["timestamp"]
    assert all(desk.source.timeouts)


def refusal(code, sub_code=None):
    facts = {"error_msg": "m", "sub_msg": "", "sub_code": sub_code, "error_code": code, "request_id": "q7"}
    return json.dumps({"error_response": facts}).encode()


@pytest.mark.parametrize(
    ("body", "error"),
    [
        (refusal(10019), NotAuthorized),
        (refusal(20004), NotAuthorized),
        (refusal(20031), NotAuthorized),
        (refusal(10001), BadRequest),
        (refusal(50001, "50001"), BadRequest),
        (refusal(70031), RateLimited),
        (refusal(52101), RateLimited),
        (b"<html>maintenance</html>", UnexpectedShape),
        (b'{"order_number_list_increment_get_response":{}}', UnexpectedShape),
        (b'{"order_sn_increment_get_response":{"order_sn_list":[]}}', UnexpectedShape),
        (b'{"order_sn_increment_get_response":{"order_sn_list":[{"sn":"1"}],"total_count":1}}', UnexpectedShape),
        (b'{"order_sn_increment_get_response":{"order_sn_li', UnexpectedShape),
    ],
)
def test_refusals_that_come_with_status_200_have_their_name(desk, shop, body, error):
    desk.source.answers = lambda _request: desk.reply(body, headers={"Content-Type": "text/html"})
    with pytest.raises(error) as raised:
        desk.fetch(ORDERS, shop)
    assert ("pdd", "orders", desk.day) == (raised.value.source, raised.value.stream, raised.value.window)
    assert not {word for word in (SECRET, "token-9", "client-7") if word in f"{raised.value!s}{raised.value!r}"}


@by_status
def test_statuses_have_their_name_and_only_what_can_pass_is_tried_again(desk, shop, status, error, tries):
    desk.source.answers = lambda _request: desk.reply(b"no", status)
    with pytest.raises(error) as raised:
        desk.fetch(ORDERS, shop)
    assert (status, tries) == (raised.value.status, len(desk.source.requests))


def test_retry_after_is_obeyed(desk, shop):
    answers = iter([desk.reply(b"", 429, {"Retry-After": "17"})])
    empty = desk.reply(b'{"order_sn_increment_get_response":{"order_sn_list":[],"total_count":0}}')
    desk.source.answers = lambda _request: next(answers, empty)
    assert [] == desk.fetch(ORDERS, shop)
    assert [17.0] == desk.naps


def test_a_broken_connection_is_named_without_its_address(desk, shop):
    desk.source.answers = lambda request: requests.ConnectionError(f"cannot reach {request.url}?access_token=token-9")
    with pytest.raises(Unavailable, match=r"gw-api\.pinduoduo\.com/api/router could not be reached") as raised:
        desk.fetch(ORDERS, shop)
    assert "token-9" not in str(raised.value)


def test_secrets_show_in_no_request_and_no_repr(desk, shop):
    desk.source.answers = listing(desk.reply, [1])
    kept = [delivery.request for delivery in (*desk.fetch(ORDERS, shop), *desk.fetch(REFUNDS, shop))]
    shown = f"{kept}{shop!r}{client_for(shop, desk.tools)!r}"
    assert not {word for word in (SECRET, "token-9", "client-7") if word in shown}


def addressed(url):
    return json.dumps({"finance_balance_daily_bill_url_get_response": {"download_url": url}}).encode()


def test_every_try_for_a_money_file_asks_for_a_new_address(desk, shop):
    desk.source.answers_in_turn(
        desk.reply(addressed("https://file.pinduoduo.com/a?token=1")),
        desk.reply(b"<Error>expired</Error>", 403),
        desk.reply(addressed("https://file.pinduoduo.com/a?token=2")),
        desk.reply(b"<html>busy</html>"),
        desk.reply(addressed("https://file.pinduoduo.com/a?token=3")),
        desk.reply(money_file(*ROWS)),
    )
    [delivery] = desk.fetch(BILLS, shop)
    assert (money_file(*ROWS), "csv", date(2026, 10, 8)) == (delivery.body, delivery.suffix, delivery.day)
    assert "token" not in json.dumps(dict(delivery.request))


@pytest.mark.parametrize("url", ["http://file.pinduoduo.com/a", "https://pinduoduo.com.evil.test/a", "ftp://x/", "no"])
def test_a_file_is_fetched_from_the_source_only(desk, shop, url):
    desk.source.answers = lambda _request: desk.reply(addressed(url))
    with pytest.raises(UnexpectedShape, match="option download_hosts"):
        desk.fetch(BILLS, shop)
    assert 1 == len(desk.source.requests)


def test_another_host_may_be_named(desk, connect):
    keys = {"client_id": "c", "client_secret": "s", "access_token": "t"}
    shop = connect("pdd", options={"requests_per_second": 0, "download_hosts": ("files.test",)}, **keys)
    desk.source.answers_in_turn(desk.reply(addressed("https://files.test/a")), desk.reply(money_file()))
    assert 1 == len(desk.fetch(BILLS, shop))


@pytest.mark.parametrize("body", [refusal(50001, "50001"), addressed("")])
def test_a_money_file_that_is_not_there_yet_is_neither_empty_nor_a_failure(desk, shop, body):
    desk.source.answers = lambda _request: desk.reply(body)
    with pytest.raises(NotReadyYet):
        desk.fetch(BILLS, shop)
    assert 1 == len(desk.source.requests)


def test_which_code_means_not_yet_can_be_set(desk, connect):
    keys = {"client_id": "c", "client_secret": "s", "access_token": "t"}
    shop = connect("pdd", options={"requests_per_second": 0, "not_ready_codes": ("60001",)}, **keys)
    desk.source.answers_in_turn(desk.reply(refusal(60001)))
    with pytest.raises(NotReadyYet):
        desk.fetch(BILLS, shop)
    desk.source.answers_in_turn(desk.reply(refusal(50001)))
    with pytest.raises(BadRequest):
        desk.fetch(BILLS, shop)


def packed(body, *names):
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as archive:
        for name in names:
            archive.writestr(name, body)
    return out.getvalue()


def read(tmp_path, shop, body, suffix="csv"):
    path = tmp_path / f"bill.{suffix}"
    path.write_bytes(body)
    unpacked = BILLS.unpack(path, suffix, tmp_path, shop)
    return unpacked, BILLS.canonical(unpacked, shop).streams["fund_flows"]


@pytest.mark.parametrize(
    ("pack", "suffix"),
    [(lambda body: body, "csv"), (gzip.compress, "csv.gz"), (lambda body: packed(body, "a.csv", "b.txt"), "zip")],
)
def test_a_money_file_is_read_however_it_is_packed(tmp_path, shop, pack, suffix):
    above = (
        "拼多多店铺账务明细查询",
        "",
        "起始时间：2026-10-08 00:00:00  终止时间：2026-10-08 23:59:59",
        "-----列表---",
    )
    below = ("#支出合计：1笔，共-0.88元", "#收入合计：1笔，共146.92元", "#总计：2笔", "#导出时间：2026-10-09")
    unpacked, flows = read(tmp_path, shop, pack(money_file(*ROWS, above=above, below=below)), suffix)
    assert unpacked.refused is None
    [statement] = unpacked.statements
    assert ("2026-10-08", 2, "146.92", "0.88", 2, "146.92", "0.88") == (
        statement.day, statement.row_count, statement.in_sum, statement.out_sum, statement.stated_row_count,
        statement.stated_in_sum, statement.stated_out_sum,
    )  # fmt: skip
    assert [("in", "146.92"), ("out", "0.88")] == [(flow["direction"], flow["amount"]) for flow in flows]
    assert BILLS.reads(tmp_path / f"bill.{suffix}")


def test_an_empty_day_is_a_file_without_rows(tmp_path, shop):
    above = ("起始时间：2026-10-08 00:00:00  终止时间：2026-10-08 23:59:59",)
    unpacked, flows = read(tmp_path, shop, money_file(above=above))
    assert (None, "2026-10-08", 0, []) == (
        unpacked.refused,
        unpacked.statements[0].day,
        unpacked.statements[0].row_count,
        flows,
    )


def test_equal_rows_have_different_numbers_and_the_same_file_the_same(tmp_path, shop):
    body = money_file(ROWS[0], ROWS[0], ROWS[1])
    numbers = [[flow["flow_no"] for flow in read(tmp_path, shop, body)[1]] for _ in range(2)]
    assert numbers[0] == numbers[1]
    assert 3 == len(set(numbers[0]))


PERIOD = "起始时间：2026-10-01 00:00:00  终止时间：2026-10-07 23:59:59"


@pytest.mark.parametrize(
    ("body", "reason"),
    [
        (money_file(*ROWS, below=("#收入合计：1笔，共146.93元",)), r"收入合计 is stated as 146.93.*146.92"),
        (money_file(*ROWS, below=("#支出合计：2笔，共-0.88元",)), r"rows with 支出 is stated as 2"),
        (money_file(*ROWS, above=(PERIOD,)), r"2026-10-08 23:54:45 lies outside"),
        (money_file(ROWS[0].replace("146.92,0", "146.92,-1")), "allowed is one of them"),
        (money_file(ROWS[0].replace("146.92,0", "0,1.00")), "支出 not positive"),
        (money_file(ROWS[0].replace("146.92", "146.9x")), "no plain amount"),
        (money_file(ROWS[0].replace("2026-10-08 23:54:45", "2026-10-08")), "no time like"),
        (money_file(ROWS[0] + ",x"), "8 cells"),
        (money_file(ROWS[0], "", ROWS[1]), "empty line"),
        (money_file(*ROWS, below=("#收入合计：1笔，共146.92元", ROWS[0])), "after its end"),
        (b"a,b\r\n1,2\r\n", "no Pinduoduo money file"),
        (packed(b"", "a.csv", "b.csv"), "holds 2 tables"),
        (packed(b"", "a.txt"), "holds 0 tables"),
        (packed(money_file(*ROWS), "a.csv")[:-30], "no whole zip"),
        (gzip.compress(money_file(*ROWS))[:-9], "cut off"),
        (b"\xff\xfe" + money_file(*ROWS), "UTF-16"),
        (b"", "no Pinduoduo money file"),
    ],
)
def test_a_money_file_that_cannot_be_trusted_is_refused_whole(tmp_path, shop, body, reason):
    path = tmp_path / "bill.csv"
    path.write_bytes(body)
    unpacked = BILLS.unpack(path, "csv", tmp_path, shop)
    assert () == unpacked.parts
    with pytest.raises(AssertionError, match=reason):
        raise AssertionError(unpacked.refused)


@pytest.mark.parametrize(
    "body",
    [
        b"<html>",
        b"",
        b"{}",
        b'{"order_info_get_response":{}}',
        b'{"order_list_get_response":{"order_list":[1]}}',
        b'{"order_list_get_response":{"order_list":[{"order_sn":"1","promotion_rate":80,"order_amount":100}]}}',
    ],
)
def test_an_answer_that_is_none_is_refused_whole(tmp_path, shop, body):
    refused_whole(ORDERS, body, tmp_path, shop)


def test_saved_files_in_a_folder_are_delivered_to_their_own_stream(desk, connect, tmp_path):
    (tmp_path / "a.json").write_bytes(b'{"refund_increment_get_response":{"refund_list":[],"total_count":0}}')
    (tmp_path / "b.json").write_bytes(b'{"order_list_get_response":{"order_list":[],"total_count":0}}')
    (tmp_path / "pdd-mall-bill-detail(x)_2026-10-20-10-09-55_2175.csv").write_bytes(money_file(*ROWS))
    folder = connect("pdd", path=tmp_path)
    assert ["b.json"] == [delivery.name for delivery in desk.fetch(ORDERS, folder)]
    assert ["a.json"] == [delivery.name for delivery in desk.fetch(REFUNDS, folder)]
    assert 1 == len(desk.fetch(BILLS, folder))
