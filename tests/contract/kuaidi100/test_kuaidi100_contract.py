"""Kuaidi100's answers, good and bad: one waybill a question, a signed form, refusals inside HTTP 200."""

import hashlib
import json
from dataclasses import replace
from urllib.parse import parse_qsl

import pytest

from connectors.core.errors import BadRequest, NotAuthorized, RateLimited, Unavailable, UnexpectedShape
from connectors.core.protocol import Number
from connectors.kuaidi100 import SOURCE
from connectors.kuaidi100.streams import recognises
from tests.contract.refusals import by_status

CUSTOMER, KEY = "C0FFEE", "secret_key"
[WAYBILLS] = SOURCE.streams


@pytest.fixture
def carrier(connect):
    made = connect("kuaidi100", customer=CUSTOMER, key=KEY)
    return replace(made, numbers=(Number("YT1", "圆通速递"),))


def answer(number="YT1", state="3", times=("2026-10-02 12:46:15", "2026-10-01 17:29:23"), **changed):
    scans = [{"time": time, "ftime": time, "context": "已收件"} for time in times]
    return {"message": "ok", "nu": number, "com": "yuantong", "status": "200", "state": state, "data": scans} | changed


def told(desk, **changed):
    body = json.dumps(answer(**changed), ensure_ascii=False).encode()
    desk.source.answers = lambda _request: desk.reply(body)


def test_one_parcel_is_one_signed_question(desk, carrier):
    told(desk)
    [found] = desk.fetch(WAYBILLS, carrier)
    [form] = desk.source.forms()
    assert {"com": "yuantong", "num": "YT1", "resultv2": "1"} == json.loads(form["param"])
    text = f"{form['param']}{KEY}{CUSTOMER}"
    assert hashlib.md5(text.encode(), usedforsecurity=False).hexdigest().upper() == form["sign"]
    assert CUSTOMER == form["customer"]
    assert "tracking_YT1.json" == found.name
    assert KEY not in f"{found.request}{found.name}"
    assert all(desk.source.timeouts)


def test_the_phone_goes_with_the_question_where_it_is_known(desk, carrier):
    told(desk)
    desk.fetch(WAYBILLS, replace(carrier, options=dict(carrier.options) | {"phone": "13800001234"}))
    assert "1234" == json.loads(desk.source.forms()[0]["param"])["phone"]


def test_only_parcels_whose_carrier_has_a_code_are_asked_about(desk, carrier):
    told(desk)
    desk.fetch(WAYBILLS, replace(carrier, numbers=(Number("X1", "UPS"), Number("X2", None), Number("YT1", "yuantong"))))
    assert ["YT1"] == [json.loads(form["param"])["num"] for form in desk.source.forms()]


@pytest.mark.parametrize(
    ("carrier_name", "code"),
    [
        ("圆通", "yuantong"),
        (" 圆通快递 ", "yuantong"),
        ("邮政EMS", "ems"),
        ("邮政快递包裹", "youzhengguonei"),
        ("京东物流", "jd"),
        ("德邦快递", "debangkuaidi"),
        ("Yuantong", "yuantong"),
        ("中通快运", None),
        ("顺丰速运", None),
        ("shunfeng", None),
        ("优速", "youshuwuliu"),
        ("youshuwuliu", "youshuwuliu"),
    ],
)
def test_a_carrier_is_known_by_its_whole_name_or_not_at_all(desk, carrier, carrier_name, code):
    desk.source.answers = lambda _request: desk.reply(json.dumps(answer()).encode())
    options = dict(carrier.options) | {"carriers": {"优速": "youshuwuliu"}}
    desk.fetch(WAYBILLS, replace(carrier, numbers=(Number("YT1", carrier_name),), options=options))
    assert ([code] if code else []) == [json.loads(form["param"])["com"] for form in desk.source.forms()]


def test_sf_is_asked_about_with_a_phone(desk, carrier):
    told(desk)
    options = dict(carrier.options) | {"phone": "1234"}
    desk.fetch(WAYBILLS, replace(carrier, numbers=(Number("YT1", "顺丰速运"),), options=options))
    assert ["shunfeng"] == [json.loads(form["param"])["com"] for form in desk.source.forms()]


def refusing(desk, refused):
    def answers(request):
        number = json.loads(dict(parse_qsl(request.body))["param"])["num"]
        said = {"result": False, "returnCode": "408", "message": "x"} if number in refused else answer(number)
        return desk.reply(json.dumps(said).encode())

    desk.source.answers = answers


def of(carrier, count):
    return replace(carrier, numbers=tuple(Number(f"YT{number}", "圆通速递") for number in range(count)))


def test_a_refused_waybill_keeps_no_other_waiting_and_is_told_at_the_end(desk, carrier):
    refusing(desk, {"YT0", "YT2"})
    answers = WAYBILLS.fetch(of(carrier, 9), desk.day, desk.tools)
    found = [next(answers).name for _ in range(7)]
    with pytest.raises(BadRequest, match="refused for 2 of 9 numbers, among them YT0, YT2") as raised:
        next(answers)
    assert "408" == raised.value.code
    assert [f"tracking_YT{number}.json" for number in (1, 3, 4, 5, 6, 7, 8)] == found


@pytest.mark.parametrize(
    ("meaning", "error", "tries"),
    [("limited", RateLimited, 5), ("failed", Unavailable, 5), ("unauthorised", NotAuthorized, 1)],
)
def test_what_a_code_means_is_an_option(desk, carrier, meaning, error, tries):
    refusing(desk, {"YT1"})
    with pytest.raises(error):
        desk.fetch(WAYBILLS, replace(carrier, options=dict(carrier.options) | {"codes": {"408": meaning}}))
    assert tries == len(desk.source.requests)


def test_nobody_goes_on_asking_who_hears_only_refusals(desk, carrier):
    refusing(desk, {f"YT{number}" for number in range(9)})
    with pytest.raises(BadRequest, match="YT4"):
        desk.fetch(WAYBILLS, of(carrier, 9))
    assert 5 == len(desk.source.requests)


def test_without_parcels_nobody_is_asked(desk, carrier):
    assert [] == desk.fetch(WAYBILLS, replace(carrier, numbers=()))
    assert [] == desk.source.requests


def test_a_parcel_that_is_not_known_yet_is_no_failure_and_the_next_is_asked(desk, carrier):
    unknown = json.dumps({"result": False, "returnCode": "500", "message": "查询无结果"}).encode()
    desk.source.answers_in_turn(desk.reply(unknown), desk.reply(json.dumps(answer("YT2")).encode()))
    both = replace(carrier, numbers=(Number("YT1", "圆通速递"), Number("YT2", "圆通速递")))
    assert ["tracking_YT2.json"] == [one.name for one in desk.fetch(WAYBILLS, both)]


@pytest.mark.parametrize(
    "body",
    [
        {"result": False, "returnCode": "503", "message": "验证签名失败"},
        {"message": "fail", "status": "201", "state": "0", "nu": "YT1", "com": "", "data": []},
    ],
)
def test_a_refusal_inside_a_good_status_is_named(desk, carrier, body):
    desk.source.answers = lambda _request: desk.reply(json.dumps(body).encode())
    with pytest.raises(BadRequest, match="YT1") as raised:
        desk.fetch(WAYBILLS, carrier)
    assert ("kuaidi100", "waybills") == (raised.value.source, raised.value.stream)
    assert KEY not in f"{raised.value!s}{raised.value!r}"


@by_status
def test_refusals_have_their_name(desk, carrier, status, error, tries):
    desk.source.answers = lambda _request: desk.reply(b"<html>no</html>", status=status)
    with pytest.raises(error):
        desk.fetch(WAYBILLS, carrier)
    assert tries == len(desk.source.requests)


@pytest.mark.parametrize(
    "body",
    [
        b"<html>maintenance</html>",
        b'{"status":"200"',
        json.dumps(answer(data=None)).encode(),
        json.dumps(answer("YT9")).encode(),
    ],
)
def test_odd_answers_have_their_name(desk, carrier, body):
    desk.source.answers = lambda _request: desk.reply(body)
    with pytest.raises(UnexpectedShape):
        desk.fetch(WAYBILLS, carrier)


def read(folder, connection, body):
    path = folder / "tracking.json"
    path.write_bytes(body if isinstance(body, bytes) else json.dumps(body).encode())
    return WAYBILLS.unpack(path, "json", folder, connection, "tracking.json")


@pytest.mark.parametrize(
    ("state", "delivered", "returned"),
    [("3", "2026-10-02 12:46:15", None), ("4", None, "2026-10-02 12:46:15"), ("5", None, None)],
)
def test_the_state_says_what_the_last_scan_was(tmp_path, carrier, state, delivered, returned):
    [row] = WAYBILLS.canonical(read(tmp_path, carrier, answer(state=state)), carrier).streams["trackings"]
    assert ("2026-10-01 17:29:23", delivered, returned, "2026-10-02 12:46:15") == tuple(
        row[name] for name in ("picked_up_at", "delivered_at", "returned_at", "last_scan_at")
    )


@pytest.mark.parametrize(
    ("body", "word"),
    [
        (b"<html>", "no JSON"),
        (b"[" * 100_000, "no JSON"),
        ([], "no answer"),
        (answer(data=[1]), "no answer"),
        (answer(""), "no answer"),
    ],
)
def test_what_is_no_answer_is_refused_by_name(tmp_path, carrier, body, word):
    assert word in read(tmp_path, carrier, body).refused


def test_files_of_a_folder_are_read_and_recognised(desk, carrier, tmp_path):
    (tmp_path / "a.json").write_bytes(json.dumps(answer()).encode())
    (tmp_path / "b.csv").write_bytes(b"x")
    assert ["a.json"] == [one.name for one in desk.fetch(WAYBILLS, replace(carrier, path=tmp_path))]
    assert recognises(tmp_path / "a.json")
    assert not recognises(tmp_path / "b.csv")
