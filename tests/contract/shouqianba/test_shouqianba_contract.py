"""Shouqianba's answers, good and bad: two verdicts, signed bytes, numbers nobody knows; and the daily file of lcsw."""

import hashlib
import json
from dataclasses import replace

import pytest
import requests

from connectors.core.errors import BadRequest, NotAuthorized, Unavailable, UnexpectedShape
from connectors.core.protocol import Number
from connectors.shouqianba import SOURCE
from connectors.shouqianba.daily import COLUMNS
from tests.contract.refusals import by_status

KEY, TERMINAL = "key-of-the-terminal", "100000000001"
[PAYMENTS] = SOURCE.streams


@pytest.fixture
def till(connect):
    made = connect("shouqianba", terminal_sn=TERMINAL, terminal_key=KEY)
    return replace(made, numbers=(Number("T1"), Number("T2"), Number("T3")))


def told(number, **changed):
    data = {
        "sn": f"78932592474058{number[-1]}", "client_sn": number, "ctime": "1791460800411", "order_status": "PAID",
        "status": "SUCCESS", "total_amount": "10100", "net_amount": "10100", "finish_time": "1791460802864",
        "channel_finish_time": "1791460802000", "payer_login": "138****", "trade_no": "4003262001201704187463804544",
    }  # fmt: skip
    return {"result_code": "200", "biz_response": {"result_code": "SUCCESS", "data": data | changed}}


def failing(code):
    return {"result_code": "200", "biz_response": {"result_code": "FAIL", "error_code": code}}


def asked(request):
    return json.loads(request.body)["client_sn"]


def answers(desk, by_number):
    desk.source.answers = lambda request: desk.reply(json.dumps(by_number[asked(request)]).encode())


def records(delivery, folder, connection):
    path = folder / delivery.name
    path.write_bytes(delivery.body)
    assert (PAYMENTS.reads(path), SOURCE.recognises(path)) == (True, True)
    unpacked = PAYMENTS.unpack(path, delivery.suffix, folder, connection, delivery.name)
    assert unpacked.refused is None
    return PAYMENTS.canonical(unpacked, connection)


def test_each_number_is_asked_once_and_what_is_found_comes_in_one_bundle(desk, till, tmp_path):
    answers(desk, {"T1": told("T1"), "T2": failing("UPAY_ORDER_NOT_EXISTS"), "T3": told("T3")})
    [delivery] = desk.fetch(PAYMENTS, till)
    assert ["T1", "T2", "T3"] == [asked(request) for request in desk.source.requests]
    assert ("2", "3", "ndjson") == (delivery.stated["rows"], delivery.request["asked"], delivery.suffix)
    found = records(delivery, tmp_path, till)
    assert () == found.quarantine
    assert [("789325924740581", "payment", "succeeded", "101.00", "T1"), ("789325924740583", "payment", "succeeded", "101.00", "T3")] == [
        tuple(p[name] for name in ("transaction_no", "type", "status", "amount", "merchant_pay_no"))
        for p in found.streams["payments"]
    ]  # fmt: skip


def test_without_numbers_nothing_is_asked_and_unknown_numbers_bring_nothing(desk, till):
    assert [] == desk.fetch(PAYMENTS, replace(till, numbers=()))
    assert [] == desk.source.requests
    answers(desk, dict.fromkeys(("T1", "T2", "T3"), failing("UPAY_ORDER_NOT_EXIST")))
    assert [] == desk.fetch(PAYMENTS, till)


@pytest.mark.parametrize("count", [1, 499, 500, 501, 1000])
def test_bundles_hold_at_most_five_hundred_numbers(desk, till, count):
    desk.source.answers = lambda request: desk.reply(json.dumps(told(asked(request))).encode())
    found = desk.fetch(PAYMENTS, replace(till, numbers=tuple(Number(f"N{n}") for n in range(count))))
    assert [min(500, count - start) for start in range(0, count, 500)] == [int(d.stated["rows"]) for d in found]
    assert len(found) == len({delivery.name for delivery in found})


def test_the_signature_is_over_the_bytes_that_are_sent(desk, till):
    answers(desk, {number: told(number) for number in ("T1", "T2", "T3")})
    desk.fetch(PAYMENTS, till)
    for request in desk.source.requests:
        sign = hashlib.md5(request.body + KEY.encode()).hexdigest()  # noqa: S324 - the vendor's scheme
        assert f"{TERMINAL} {sign}" == request.headers["Authorization"]
        assert "https://vsi-api.shouqianba.com/upay/v2/query" == request.url
        assert TERMINAL == json.loads(request.body)["terminal_sn"]
    assert all(desk.source.timeouts)


@pytest.mark.parametrize(
    ("answer", "kind", "code"),
    [
        ({"result_code": "400", "error_code": "ILLEGAL_SIGN"}, NotAuthorized, "ILLEGAL_SIGN"),
        ({"result_code": "400", "error_code": "INVALID_TERMINAL"}, NotAuthorized, "INVALID_TERMINAL"),
        ({"result_code": "500", "error_code": "UNKNOWN_SYSTEM_ERROR"}, Unavailable, "UNKNOWN_SYSTEM_ERROR"),
        ({"result_code": "400", "error_code": "INVALID_PARAMS"}, BadRequest, "INVALID_PARAMS"),
        (failing("UPAY_TERMINAL_STATUS_ABNORMAL"), NotAuthorized, "UPAY_TERMINAL_STATUS_ABNORMAL"),
        (failing("TRADE_TIMEOUT"), BadRequest, "TRADE_TIMEOUT"),
    ],
)
def test_a_refusal_with_http_200_has_a_name_and_no_secret(desk, till, answer, kind, code):
    answers(desk, dict.fromkeys(("T1", "T2", "T3"), answer))
    with pytest.raises(kind) as raised:
        desk.fetch(PAYMENTS, till)
    assert (code, "payments", "shouqianba") == (raised.value.code, raised.value.stream, raised.value.source)
    assert KEY not in str(raised.value)


def test_one_number_that_is_refused_holds_up_no_other(desk, till):
    answers(desk, {"T1": {"result_code": "400", "error_code": "INVALID_PARAMS"}, "T2": told("T2"), "T3": told("T3")})
    assert ["2"] == [delivery.stated["rows"] for delivery in desk.fetch(PAYMENTS, till)]


@by_status
def test_a_status_is_an_error_with_a_name(desk, till, status, error, tries):
    headers = {"Retry-After": "3"} if status == 429 else {}
    desk.source.answers = lambda _: desk.reply(b"{}", status, headers)
    with pytest.raises(error) as raised:
        desk.fetch(PAYMENTS, replace(till, numbers=(Number("T1"),)))
    assert (status, tries) == (raised.value.status, len(desk.source.requests))
    assert (3.0 in desk.naps) is (status == 429)


@pytest.mark.parametrize(
    "body",
    [
        b"<html>maintenance</html>",
        b'{"result_code":"200","biz_response":{"data":{"sn',
        b"[]",
        b'{"result_code":"200"}',
        b'{"result_code":"200","biz_response":{"result_code":"SUCCESS"}}',
        b'{"result_code":"200","biz_response":{"result_code":"SUCCESS","data":{"client_sn":"T1"}}}',
    ],
)
def test_an_answer_of_another_shape_is_refused(desk, till, body):
    desk.source.answers = lambda _: desk.reply(body)
    with pytest.raises(UnexpectedShape):
        desk.fetch(PAYMENTS, till)


def test_a_broken_line_is_tried_again_and_no_secret_shows(desk, till):
    one = replace(till, numbers=(Number("T1"),))
    desk.source.answers_in_turn(requests.ConnectionError(KEY), desk.reply(json.dumps(told("T1")).encode()))
    [delivery] = desk.fetch(PAYMENTS, one)
    assert 1 == len(desk.naps)
    assert KEY not in str(delivery.request) + repr(till)


def test_what_went_back_is_a_refund_of_its_own_and_the_payment_keeps_its_time(desk, till, tmp_path):
    part = told("T1", order_status="PARTIAL_REFUNDED", net_amount="7600", finish_time="1791547200000")
    answers(desk, {"T1": part, "T2": told("T2", order_status="CREATED"), "T3": told("T3", order_status="CANCELED")})
    [delivery] = desk.fetch(PAYMENTS, till)
    payment, refund, open_one, closed = records(delivery, tmp_path, till).streams["payments"]
    assert ("101.00", "2026-10-08T20:00:00+08:00", "succeeded") == tuple(
        payment[name] for name in ("amount", "succeeded_at", "status")
    )
    assert ("789325924740581-refund", "refund", "25.00", "2026-10-09T20:00:00+08:00", "789325924740581") == tuple(
        refund[name] for name in ("transaction_no", "type", "amount", "succeeded_at", "original_transaction_no")
    )
    assert [("processing", None), ("closed", None)] == [(p["status"], p["succeeded_at"]) for p in (open_one, closed)]


def daily(**cells):
    values = {
        "merchant_no": "852100210000005", "terminal_no": "10280001", "traded_at": "20261008235959", "amount_minor": "10000",
        "fee_minor": "38", "refund_minor": "0", "net_minor": "9962", "method": "010", "state": "1", "trade_no": "L1",
        "terminal_trace": "T1", "trade_day": "20261008", "merchant_discount_minor": "0", "buyer_paid_minor": "10000",
    }  # fmt: skip
    return ",".join((values | cells).get(name, "") for name in COLUMNS)


def read(text, folder, connection, name="lcsw.csv"):
    path = folder / name
    path.write_bytes(text.encode() if isinstance(text, str) else text)
    return PAYMENTS.unpack(path, "csv", folder, connection, name)


def test_a_daily_file_is_28_values_a_row_in_fen(tmp_path, connect):
    refund = daily(trade_no="L2", original_no="L1", refund_minor="2500", fee_minor="10", amount_minor="0", state="5",
                   refunded_at="20261009100000", terminal_trace="R1")  # fmt: skip
    failed = daily(trade_no="L3", state="2", terminal_trace="T3")
    assert 28 == len(COLUMNS)
    unpacked = read(f"{daily()}\r\n{refund}\r\n{failed}\r\n", tmp_path, connect("shouqianba"))
    [statement] = unpacked.statements
    assert (3, "100.00", "25.00", "2026-10-08") == (
        statement.row_count, statement.in_sum, statement.out_sum, statement.day,
    )  # fmt: skip
    paid, back, lost = PAYMENTS.canonical(unpacked, connect("shouqianba")).streams["payments"]
    assert ("L1", "payment", "100.00", "0.38", "T1", None, "2026-10-08T23:59:59+08:00") == tuple(
        paid[name]
        for name in (
            "transaction_no", "type", "amount", "fee", "merchant_pay_no", "original_transaction_no", "succeeded_at",
        )
    )  # fmt: skip
    assert ("L2", "refund", "25.00", "-0.10", "R1", "L1", "2026-10-09T10:00:00+08:00") == tuple(
        back[name]
        for name in (
            "transaction_no", "type", "amount", "fee", "merchant_refund_no", "original_transaction_no", "succeeded_at",
        )
    )  # fmt: skip
    assert ("failed", None) == (lost["status"], lost["succeeded_at"])


def test_which_states_mean_done_can_be_set_and_an_unknown_one_is_told(tmp_path, connect):
    text = daily(state="T")
    found = PAYMENTS.canonical(read(text, tmp_path, connect("shouqianba")), connect("shouqianba"))
    assert ({}, [("status", 1)]) == (found.streams, [(reject.column, reject.row) for reject in found.quarantine])
    known = connect("shouqianba", options={"done_codes": ["T"]})
    found = PAYMENTS.canonical(read(text, tmp_path, known), known)
    assert ["succeeded"] == [payment["status"] for payment in found.streams["payments"]]


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("", "no rows"),
        (f"{daily()}\n{daily()},x", "line 2 has 29 values, allowed: 28"),
        (daily()[: daily().rindex(",")], "has 27 values"),
        (daily(amount_minor="1.5"), "amount_minor is no whole fen"),
        (daily(fee_minor="1E2"), "fee_minor is no whole fen"),
        (b"\xff\xfe\x00", "UTF-16"),
        ('{"a":1}', "no answer of this gateway"),
        (json.dumps(failing("UPAY_ORDER_NOT_EXISTS")), "tells no payment but UPAY_ORDER_NOT_EXISTS"),
        ("{", "no JSON"),
        ("[1]", "no answer of this gateway"),
    ],
)
def test_a_file_that_is_neither_is_refused_with_what_to_do(tmp_path, connect, text, reason):
    unpacked = read(text, tmp_path, connect("shouqianba"))
    assert reason in unpacked.refused
    assert "again" in unpacked.refused
    assert () == unpacked.parts


def test_a_folder_hands_over_answers_and_daily_files(desk, connect, tmp_path):
    (tmp_path / "a.csv").write_text(daily(), encoding="utf-8")
    (tmp_path / "b.json").write_text(json.dumps(told("T1")), encoding="utf-8")
    (tmp_path / "c.pdf").write_text("x", encoding="utf-8")
    found = desk.fetch(PAYMENTS, connect("shouqianba", path=tmp_path))
    assert ["a.csv", "b.json"] == [delivery.name for delivery in found]
    assert [True, True] == [SOURCE.recognises(tmp_path / delivery.name) for delivery in found]
    assert not SOURCE.recognises(tmp_path / "c.pdf")
