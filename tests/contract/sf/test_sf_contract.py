"""SF's answers, good and bad: a digest as Java would encode it, JSON inside JSON, fees that come later."""

import base64
import hashlib
import json
from dataclasses import replace
from urllib.parse import parse_qsl

import pytest

from connectors.core.errors import BadRequest, NotAuthorized, RateLimited, Unavailable, UnexpectedShape
from connectors.core.protocol import Number
from connectors.sf import SOURCE
from connectors.sf.client import digest, java_encoded
from tests.contract.refusals import by_status, refused_whole

ID, WORD = "PARTNER", "check~word*"
[WAYBILLS] = SOURCE.streams
ROUTES, FEE = "EXP_RECE_SEARCH_ROUTES", "EXP_RECE_QUERY_SFWAYBILL"


def numbers(count):
    return tuple(Number(f"SF{number}", "顺丰速运") for number in range(count))


@pytest.fixture
def partner(connect):
    return replace(connect("sf", partner_id=ID, check_word=WORD), numbers=numbers(1))


def ok(reply, data, code="S0000"):
    inner = {"success": code == "S0000", "errorCode": code, "errorMsg": None, "msgData": data}
    return reply(json.dumps({"apiResultCode": "A1000", "apiResultData": json.dumps(inner)}).encode())


def outer(reply, code):
    return reply(json.dumps({"apiResultCode": code, "apiErrorMsg": "m", "apiResultData": ""}).encode())


def scan(time, code):
    return {"acceptTime": time, "opCode": code, "remark": "r", "acceptAddress": "a"}


def parcels(reply, routes, fees=None, refusal=""):
    """A server that knows routes and fees by waybill."""

    def answer(request):
        form = dict(parse_qsl(request.body))
        question = json.loads(form["msgData"])
        if form["serviceCode"] == FEE:
            return (
                ok(reply, None, refusal)
                if refusal
                else ok(reply, {"waybillInfo": {}, "waybillFeeList": (fees or {}).get(question["trackingNum"], [])})
            )
        asked = question["trackingNumber"]
        return ok(reply, {"routeResps": [{"mailNo": n, "routes": routes.get(n, [])} for n in asked]})

    return answer


def read(tmp_path, connection, deliveries):
    rows = []
    for place, found in enumerate(deliveries):
        path = tmp_path / f"{place}.json"
        path.write_bytes(found.body)
        unpacked = WAYBILLS.unpack(path, "json", tmp_path, connection, found.name)
        assert unpacked.refused is None, unpacked.refused
        made = WAYBILLS.canonical(unpacked, connection)
        assert () == made.quarantine
        rows += made.streams["trackings"]
    return rows


def test_the_text_is_encoded_as_java_does():
    assert "a+b*-_.%7E%2F%E9%A1%BA" == java_encoded("a b*-_.~/顺")


def test_the_digest_is_over_the_encoded_text():
    expected = base64.b64encode(hashlib.md5(b"%7B%22a%22%3A%22b+c%22%7D17w%7E*").digest()).decode()  # noqa: S324 - SF's
    assert expected == digest('{"a":"b c"}', "17", "w~*")


def test_a_question_is_signed_and_names_the_phone_only_by_its_last_digits(desk, partner):
    desk.source.answers = parcels(desk.reply, {})
    desk.fetch(WAYBILLS, replace(partner, options={"requests_per_second": 0, "phone": "13800001234"}))
    [form] = desk.source.forms()
    assert ("PARTNER", ROUTES, "1791518400000") == (form["partnerID"], form["serviceCode"], form["timestamp"])
    assert digest(form["msgData"], form["timestamp"], WORD) == form["msgDigest"]
    question = json.loads(form["msgData"])
    assert ("1", ["SF0"], "1234") == tuple(question[k] for k in ("trackingType", "trackingNumber", "checkPhoneNo"))
    assert "https://sfapi.sf-express.com/std/service" == desk.source.requests[0].url
    assert all(desk.source.timeouts)


@pytest.mark.parametrize(("count", "questions"), [(0, 0), (1, 1), (9, 1), (10, 1), (11, 2), (20, 2)])
def test_ten_waybills_are_asked_at_a_time(desk, partner, count, questions):
    desk.source.answers = parcels(desk.reply, {f"SF{n}": [scan("2026-10-08 10:00:00", "30")] for n in range(count)})
    found = desk.fetch(WAYBILLS, replace(partner, numbers=numbers(count)))
    assert questions == len(desk.source.requests) == len(found)
    assert count == sum(int(one.stated["rows"]) for one in found)


def test_only_waybills_of_this_carrier_are_asked(desk, partner):
    desk.source.answers = parcels(desk.reply, {})
    many = (Number("1", "圆通速递"), Number("2", "SF Express"), Number("3", None), Number("4", "顺丰快运"))
    desk.fetch(WAYBILLS, replace(partner, numbers=many))
    assert ["2", "3", "4"] == json.loads(desk.source.forms()[0]["msgData"])["trackingNumber"]


def test_waybills_without_a_scan_bring_nothing(desk, partner):
    desk.source.answers = parcels(desk.reply, {})
    assert [] == desk.fetch(WAYBILLS, partner)


def test_scans_count_by_time_and_a_picture_is_no_second_delivery(desk, partner, tmp_path):
    scans = [
        scan("2026-10-08 15:00:40", "8000"),
        scan("2026-10-07 10:00:00", "54"),
        scan("2026-10-08 15:00:00", "80"),
        scan("2026-10-07 09:00:00", "50"),
    ]
    fees = [{"type": "1", "value": 12.1}, {"type": "3", "value": 0.95}]
    desk.source.answers = parcels(desk.reply, {"SF0": scans}, {"SF0": fees})
    routes, fee = read(tmp_path, partner, desk.fetch(WAYBILLS, partner))
    assert ("2026-10-07T09:00:00+08:00", "2026-10-08T15:00:00+08:00", "2026-10-08T15:00:40+08:00") == tuple(
        routes[name] for name in ("picked_up_at", "delivered_at", "last_scan_at")
    )
    assert ("SF0", "13.05") == (fee["waybill_no"], fee["freight_cost"])


def test_a_fee_is_asked_for_only_after_the_pick_up(desk, partner):
    desk.source.answers = parcels(desk.reply, {"SF0": [scan("2026-10-08 10:00:00", "30")]})
    desk.fetch(WAYBILLS, partner)
    assert [ROUTES] == [form["serviceCode"] for form in desk.source.forms()]


def test_a_fee_that_is_not_known_yet_is_passed_over_only_where_its_code_is_named(desk, partner):
    desk.source.answers = parcels(desk.reply, {"SF0": [scan("2026-10-08 10:00:00", "50")]}, refusal="20011")
    answers = WAYBILLS.fetch(partner, desk.day, desk.tools)
    assert ROUTES == next(answers).request["service"]
    with pytest.raises(BadRequest, match="refused for 1 of 1 numbers, among them SF0") as raised:
        next(answers)
    assert "20011" == raised.value.code
    patient = replace(partner, options={"requests_per_second": 0, "not_ready_codes": ("20011",)})
    assert [ROUTES] == [one.request["service"] for one in desk.fetch(WAYBILLS, patient)]


def test_an_answer_about_another_waybill_is_an_error(desk, partner):
    other = ok(desk.reply, {"routeResps": [{"mailNo": "SF9", "routes": []}]})
    desk.source.answers = lambda _request: other
    with pytest.raises(UnexpectedShape, match="SF9"):
        desk.fetch(WAYBILLS, partner)


@pytest.mark.parametrize(
    "body",
    [
        b"<html>maintenance</html>",
        b'{"apiResultCode"',
        b"[]",
        b'{"apiResultCode":"A1000","apiResultData":"{"}',
        b'{"apiResultCode":"A1000","apiResultData":"[]"}',
        b'{"apiResultCode":"A1000","apiResultData":"{\\"success\\":true,\\"errorCode\\":\\"S0000\\"}"}',
    ],
)
def test_odd_answers_have_their_name(desk, partner, body):
    desk.source.answers = lambda _request: desk.reply(body)
    with pytest.raises(UnexpectedShape) as raised:
        desk.fetch(WAYBILLS, partner)
    assert ("sf", "waybills", 200) == (raised.value.source, raised.value.stream, raised.value.status)
    assert WORD not in f"{raised.value!s}{raised.value!r}"


@pytest.mark.parametrize(
    ("code", "error", "tries"),
    [
        ("A1001", BadRequest, 1),
        ("A1002", NotAuthorized, 1),
        ("A1004", NotAuthorized, 1),
        ("A1005", RateLimited, 5),
        ("A1006", NotAuthorized, 1),
        ("A1009", Unavailable, 5),
        ("A1099", Unavailable, 5),
        ("A7", BadRequest, 1),
    ],
)
def test_codes_have_their_name_and_only_what_can_pass_is_tried_again(desk, partner, code, error, tries):
    desk.source.answers = lambda _request: outer(desk.reply, code)
    with pytest.raises(error) as raised:
        desk.fetch(WAYBILLS, partner)
    assert (code, tries) == (raised.value.code, len(desk.source.requests))
    assert tries == len({form["requestID"] for form in desk.source.forms()})


def test_what_a_code_means_is_an_option(desk, partner):
    desk.source.answers = lambda _request: outer(desk.reply, "A1005")
    options = dict(partner.options) | {"codes": {"A1005": "unauthorised"}}
    with pytest.raises(NotAuthorized, match="check partner_id"):
        desk.fetch(WAYBILLS, replace(partner, options=options))


def test_how_many_waybills_a_question_holds_is_an_option(desk, partner):
    desk.source.answers = parcels(desk.reply, {})
    many = tuple(Number(f"SF{number}", "顺丰速运") for number in range(5))
    desk.fetch(WAYBILLS, replace(partner, numbers=many, options=dict(partner.options) | {"batch_size": 2}))
    assert [2, 2, 1] == [len(json.loads(form["msgData"])["trackingNumber"]) for form in desk.source.forms()]


@by_status
def test_statuses_have_their_name(desk, partner, status, error, tries):
    desk.source.answers = lambda _request: desk.reply(b"<html>", status)
    with pytest.raises(error) as raised:
        desk.fetch(WAYBILLS, partner)
    assert (status, tries) == (raised.value.status, len(desk.source.requests))


def test_retry_after_is_obeyed(desk, partner):
    limited = desk.reply(b"<html>", 429, {"Retry-After": "17"})
    desk.source.answers_in_turn(limited, ok(desk.reply, {"routeResps": []}))
    assert [] == desk.fetch(WAYBILLS, partner)
    assert [17.0] == desk.naps


def test_secrets_show_in_no_repr_and_no_request(desk, partner):
    from connectors.sf.client import client_for  # noqa: PLC0415 - only here

    desk.source.answers = parcels(desk.reply, {"SF0": [scan("2026-10-08 10:00:00", "30")]})
    [found] = desk.fetch(WAYBILLS, partner)
    assert WORD not in f"{partner!r}{client_for(partner, desk.tools)!r}{found.request}"


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"<html>",
        b"{}",
        b"\xff\xfe",
        b'{"apiResultData":"{}"}',
        b'{"apiResultData":"{\\"msgData\\":{\\"routeResps\\":[1]}}"}',
        b'{"apiResultData":"{\\"msgData\\":{\\"waybillFeeList\\":[]}}"}',
    ],
)
def test_a_file_that_is_no_answer_is_refused_whole(tmp_path, partner, body):
    path = refused_whole(WAYBILLS, body, tmp_path, partner)
    assert not SOURCE.recognises(path)


def test_saved_answers_in_a_folder_are_delivered(desk, connect, tmp_path):
    (tmp_path / "a.json").write_bytes(ok(desk.reply, {"routeResps": []}).body)
    assert 1 == len(desk.fetch(WAYBILLS, connect("sf", path=tmp_path)))
    assert SOURCE.recognises(tmp_path / "a.json")
