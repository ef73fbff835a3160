"""The bank's answers, good and bad: sealed both ways, page after page, sides and sums, refusals with a name."""

import base64
import json
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
import requests

from connectors.cmb_direct import SOURCE, client
from connectors.core.errors import (
    BadRequest,
    NotAuthorized,
    PagingError,
    RateLimited,
    Unavailable,
    UnexpectedShape,
)
from tests.contract.cmb_direct import bank
from tests.contract.cmb_direct.bank import chain, lines, page, read, row

[LINES] = SOURCE.streams
NOW = datetime(2026, 10, 9, 4, tzinfo=UTC)


@pytest.fixture
def account(connect):
    return connect("cmb_direct", **bank.CREDENTIALS)


def reply(desk, message, **options):
    return desk.reply(bank.closed(bank.signed(message, **options)))


def told(desk, *messages):
    desk.source.answers_in_turn(*[reply(desk, message) for message in messages])


def asked(desk):
    return [bank.opened(form) for form in desk.source.forms()]


def test_a_day_is_one_sealed_message_and_one_bundle(desk, account):
    told(desk, page(chain([10_050], 1_234_567)))
    [delivery] = desk.fetch(LINES, account)
    [form] = desk.source.forms()
    assert ("U003736239", "SM", "trsQryByBreakPoint") == (form["UID"], form["ALG"], form["FUNCODE"])
    assert {"UID", "ALG", "DATA", "FUNCODE"} == form.keys()
    assert "https://cdc.cmbchina.com/cdcserver/api/v2" == desk.source.requests[0].url
    message = bank.opened(form)
    assert "20261009120000" == message["signature"]["sigtim"]
    head = message["request"]["head"]
    assert ("trsQryByBreakPoint", "U003736239") == (head["funcode"], head["userid"])
    assert head["reqid"].startswith("20261009120000000")
    assert head["reqid"].isdecimal()
    assert 18 <= len(head["reqid"]) <= 51
    [condition] = message["request"]["body"][bank.X1]
    assert (bank.ACCOUNT, "20261008", "20261008", "") == tuple(
        condition[name] for name in ("cardNbr", "beginDate", "endDate", "queryAcctNbr")
    )
    assert bank.Y1 not in message["request"]["body"]
    assert ("lines_2026-10-08.ndjson", "ndjson", desk.day.start.date(), {"rows": "1"}) == (
        delivery.name, delivery.suffix, delivery.day, dict(delivery.stated),
    )  # fmt: skip
    assert desk.day == delivery.window
    assert all(desk.source.timeouts)
    shown = f"{delivery.request}{delivery.name}{account!r}"
    assert not any(secret in shown for secret in bank.CREDENTIALS.values())


def test_pages_are_kept_as_the_bank_signed_them_one_a_line(desk, account):
    text = bank.signed(page(chain([1])), write=lambda message: json.dumps(message, indent=1, ensure_ascii=False))
    desk.source.answers_in_turn(desk.reply(bank.closed(text)))
    [delivery] = desk.fetch(LINES, account)
    [line] = delivery.body.decode().splitlines()
    assert json.loads(text) == json.loads(line)
    assert text.replace("\n", " ") == line


def test_a_page_that_goes_on_is_followed_with_its_account_and_its_whole_cursor(desk, account):
    first = page(chain([1, 2]), more="7559-CUR", place=3)
    told(desk, first, page([row(3, "0.03", "0.06")]))
    [delivery] = desk.fetch(LINES, account)
    one, two = asked(desk)
    assert first["response"]["body"][bank.Y1] == two["request"]["body"][bank.Y1]
    [before], [after] = one["request"]["body"][bank.X1], two["request"]["body"][bank.X1]
    assert before | {"queryAcctNbr": "7559-CUR"} == after
    assert one["request"]["head"]["reqid"] != two["request"]["head"]["reqid"]
    assert ({"rows": "3"}, 2) == (dict(delivery.stated), len(delivery.body.splitlines()))


def test_a_day_of_exactly_whole_pages_ends_with_an_empty_one(desk, account, tmp_path):
    rows = chain([1] * 400)
    told(desk, page(rows[:200], more="c", place=201), page(rows[200:], more="c", place=401), page(place=401))
    unpacked = read(tmp_path, account, desk.fetch(LINES, account)[0].body)
    assert (None, [200, 200, 0]) == (unpacked.refused, [one.row_count for one in unpacked.statements])
    assert [("0.00", "2.00"), ("2.00", "4.00"), (None, None)] == [
        (one.opening_balance, one.closing_balance) for one in unpacked.statements
    ]
    assert 400 == len({line["line_no"] for line in lines(unpacked, account)})


def test_a_quiet_day_is_an_answer_of_its_own(desk, account, tmp_path):
    told(desk, page(creditAmount="0", debitAmount="0"))
    [delivery] = desk.fetch(LINES, account)
    unpacked = read(tmp_path, account, delivery.body)
    [statement] = unpacked.statements
    assert (None, 0, 0, "CNY") == (
        unpacked.refused, statement.row_count, statement.stated_row_count, statement.currency,
    )  # fmt: skip
    assert [] == lines(unpacked, account)


def test_a_repeated_cursor_ends_the_walk(desk, account):
    again = page(chain([1]), more="c", place=2)
    desk.source.answers = lambda _: reply(desk, again)
    with pytest.raises(PagingError, match="repeated its cursor") as raised:
        desk.fetch(LINES, account)
    assert ("cmb_direct", "lines", desk.day) == (raised.value.source, raised.value.stream, raised.value.window)
    assert 2 == len(desk.source.requests)


def test_pages_without_end_end_at_a_limit(desk, account, monkeypatch):
    monkeypatch.setattr(client, "MOST_PAGES", 3)
    desk.source.answers = lambda _: reply(desk, page(more="c", place=len(desk.source.requests)))
    with pytest.raises(PagingError, match="more than 3 pages"):
        desk.fetch(LINES, account)
    assert 3 == len(desk.source.requests)


def test_calls_keep_ten_seconds_apart_from_day_to_day_unless_the_settings_say_otherwise(desk, connect):
    slow, clock = connect("cmb_direct", options={"history_months": 13}, **bank.CREDENTIALS), [NOW]

    def sleep(seconds):
        desk.naps.append(seconds)
        clock[0] += timedelta(seconds=seconds)

    tools = replace(desk.tools, now=lambda: clock[0], sleep=sleep)
    for options, naps in ((slow.options, [10.0, 10.0]), ({"requests_per_second": 0.5}, [2.0, 2.0])):
        desk.naps.clear()
        told(desk, page(more="c"), page())
        assert 1 == len(list(LINES.fetch(replace(slow, options=options), desk.day, tools)))
        assert naps == desk.naps


def test_a_broken_line_is_tried_again_under_a_new_number(desk, account):
    desk.source.answers_in_turn(requests.ConnectionError("x"), reply(desk, page()))
    assert 1 == len(desk.fetch(LINES, account))
    assert 1 == len(desk.naps)
    assert 2 == len({message["request"]["head"]["reqid"] for message in asked(desk)})


def moved(desk, days):
    desk.day = replace(desk.day, start=desk.day.start + timedelta(days=days), end=desk.day.end + timedelta(days=days))
    return desk


def test_what_the_bank_no_longer_holds_is_told_and_makes_no_newer_day_hopeless(desk, account):
    told(desk, page())
    # 2025-09-09 is thirteen months before 2026-10-09
    assert 1 == len(moved(desk, -394).fetch(LINES, account))
    with pytest.raises(Unavailable, match=r"13 months, 2025-09-08 is older.*options\.history_months"):
        moved(desk, -1).fetch(LINES, account)
    assert 1 == len(desk.source.requests)
    told(desk, page())
    assert 1 == len(desk.fetch(LINES, replace(account, options={"requests_per_second": 0, "history_months": 60})))


@pytest.mark.parametrize(
    ("status", "kind", "tries"),
    [
        (401, NotAuthorized, 1),
        (403, NotAuthorized, 1),
        (404, BadRequest, 1),
        (429, RateLimited, 5),
        (500, Unavailable, 5),
    ],
)
def test_a_status_is_an_error_with_a_name(desk, account, status, kind, tries):
    desk.source.answers = lambda _: desk.reply(b"<html>no</html>", status, {"Retry-After": "3"})
    with pytest.raises(kind) as raised:
        desk.fetch(LINES, account)
    assert (status, tries) == (raised.value.status, len(desk.source.requests))
    assert raised.value.request_id.startswith("20261009120000000")
    assert (3.0 in desk.naps) is (tries > 1)


@pytest.mark.parametrize(
    ("code", "advice"),
    [("FAAQ086", "knows no such account"), ("FABZ002", "business check failed"), ("XXXX001", "refused the query")],
)
def test_a_refusal_inside_a_good_status_is_named_and_final(desk, account, code, advice):
    desk.source.answers = lambda _: reply(desk, page(head={"resultcode": code, "resultmsg": bank.ACCOUNT}))
    with pytest.raises(BadRequest, match=advice) as raised:
        desk.fetch(LINES, account)
    assert (code, 200, 1) == (raised.value.code, raised.value.status, len(desk.source.requests))
    assert bank.ACCOUNT not in f"{raised.value!s}{raised.value!r}"


def test_an_accepted_answer_may_still_refuse_a_row(desk, account):
    told(desk, page([row(1, 5, 5, errcod="SUC0000"), row(2, 5, 10, errcod="FAAQ086", errtxt="户口不存在")]))
    with pytest.raises(BadRequest, match="knows no such account") as raised:
        desk.fetch(LINES, account)
    assert "FAAQ086" == raised.value.code


def test_a_gateway_that_refuses_before_reading_is_a_refusal(desk, account):
    desk.source.answers = lambda _: desk.reply("CDCServer:[CDC0012]验签失败".encode())
    with pytest.raises(BadRequest, match="check user_id, keys and the clock") as raised:
        desk.fetch(LINES, account)
    assert "CDC0012" == raised.value.code


@pytest.mark.parametrize(
    "body",
    [
        b"<html>maintenance</html>",
        b"",
        b'{"response":{}}',
        bank.closed(bank.signed(page()))[:-24],
        "中".encode(),
        b"\xff",
    ],
)
def test_what_is_no_sealed_text_has_its_name(desk, account, body):
    desk.source.answers = lambda _: desk.reply(body)
    with pytest.raises(UnexpectedShape) as raised:
        desk.fetch(LINES, account)
    assert 200 == raised.value.status


@pytest.mark.parametrize(
    ("message", "word"),
    [
        ([], "without an object message"),
        ({"response": []}, "object response"),
        (page(head={"reqid": ["1"]}), "another question"),
        (page(ctnFlag={"Y": 1}), "ctnFlag"),
        ({"response": {"head": []}}, "object head"),
        ({"response": {"head": {"resultcode": "SUC0000"}}}, "object body"),
        (page(head={"reqid": "20260101000000000123"}), "another question"),
        (page(ctnFlag="M"), "ctnFlag 'M'"),
        (page(ctnFlag="Y"), "names no queryAcctNbr"),
    ],
)
def test_odd_answers_have_their_name(desk, account, message, word):
    in_list = message == []
    text = bank.signed({}, write=lambda m: f"[{bank.canonical(m)}]") if in_list else bank.signed(message)
    desk.source.answers = lambda _: desk.reply(bank.closed(text))
    with pytest.raises(UnexpectedShape, match=word):
        desk.fetch(LINES, account)


@pytest.mark.parametrize("name", [bank.Y1, bank.Z1, bank.Z2])
def test_an_answer_whose_lists_are_none_is_refused(desk, account, name):
    message = page(chain([1]))
    message["response"]["body"][name] = {"a": 1} if name != bank.Z1 else []
    told(desk, message)
    with pytest.raises(UnexpectedShape, match=name):
        desk.fetch(LINES, account)


def test_an_answer_nobody_signed_or_another_did_is_refused(desk, account):
    text = bank.signed(page(chain([100])))
    for wrong in (
        text.replace('"1.00"', '"9.00"'),
        bank.signed(page(), key=bank.MERCHANT),
        bank.canonical(page()),
    ):
        desk.source.answers_in_turn(desk.reply(bank.closed(wrong)))
        with pytest.raises(NotAuthorized, match="signature"):
            desk.fetch(LINES, account)


def test_tampered_cipher_text_is_refused(desk, account):
    body = bytearray(base64.b64decode(bank.closed(bank.signed(page(chain([100]))))))
    body[40] ^= 1
    desk.source.answers_in_turn(desk.reply(base64.b64encode(body)))
    with pytest.raises((NotAuthorized, UnexpectedShape), match=r"signature|opens to|opened"):
        desk.fetch(LINES, account)


def test_files_of_a_folder_are_read_and_recognised(desk, account, tmp_path):
    text = bank.signed(page(chain([1]))).encode()
    for name, body in (
        ("lines_2026-10-08.json", text),
        ("lines_2026-11-30.json", text + b" "),
        ("pages.ndjson", b"\xef\xbb\xbf" + text),
        ("other.json", b'{"response": {"data": []}}'),
        ("notes.txt", b"x"),
    ):
        (tmp_path / name).write_bytes(body)
    found = desk.fetch(LINES, replace(account, path=tmp_path))
    assert ["lines_2026-10-08.json", "other.json", "pages.ndjson"] == [one.name for one in found]
    assert ["2026-10-08", "2026-10-09", "2026-10-09"] == [one.day.isoformat() for one in found]
    assert [True, True, False, False] == [
        SOURCE.recognises(tmp_path / name)
        for name in ("lines_2026-10-08.json", "pages.ndjson", "other.json", "notes.txt")
    ]
    assert not SOURCE.recognises(tmp_path / "absent.json")
    assert [] == desk.source.requests


def test_lists_that_are_left_out_or_null_are_empty(desk, account, tmp_path):
    message = page()
    message["response"]["body"] |= {bank.Y1: None, bank.Z2: None}
    told(desk, message)
    [delivery] = desk.fetch(LINES, account)
    assert [] == lines(read(tmp_path, account, delivery.body), account)


def test_the_same_second_still_asks_under_another_number(desk, account):
    told(desk, page(more="c"), page())
    desk.fetch(LINES, account)
    assert 2 == len({message["request"]["head"]["reqid"] for message in asked(desk)})
