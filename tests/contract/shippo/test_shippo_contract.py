"""Shippo's answers, good and bad: one number of one carrier a question, and four ways of not knowing it."""

import json
from dataclasses import replace

import pytest

from connectors.core.errors import BadRequest, NotAuthorized, RateLimited, Unavailable, UnexpectedShape
from connectors.core.protocol import Number
from connectors.shippo import SOURCE

TOKEN = "shippo_live_secret"
[WAYBILLS] = SOURCE.streams
HTML = b"<!DOCTYPE html><html><body><h1>Not Found</h1></body></html>"


@pytest.fixture
def carrier(connect):
    return replace(connect("shippo", api_token=TOKEN), numbers=(Number("JD1", "DHL Express"),))


def scan(status, moment):
    return {"object_id": "o", "status": status, "status_details": "d", "status_date": moment, "location": None}


def answer(number="JD1", scans=(), newest=None, **changed):
    body = {
        "carrier": "dhl_express",
        "tracking_number": number,
        "eta": None,
        "tracking_status": newest,
        "tracking_history": list(scans),
    }
    return json.dumps(body | changed).encode()


def known(number="JD1", **changed):
    moved = scan("TRANSIT", "2026-10-01T10:00:00Z")
    return answer(number, [moved], moved, **changed)


def read(folder, connection, body, name="tracking.json"):
    path = folder / name
    path.write_bytes(body)
    return WAYBILLS.unpack(path, "json", folder, connection, name)


def paths(desk):
    return [request.url.removeprefix("https://api.goshippo.com/tracks/") for request in desk.source.requests]


def test_one_parcel_is_one_question_with_the_token_in_its_header(desk, carrier):
    desk.source.answers_in_turn(desk.reply(known()))
    [found] = desk.fetch(WAYBILLS, carrier)
    [request] = desk.source.requests
    assert ("GET", "https://api.goshippo.com/tracks/dhl_express/JD1") == (request.method, request.url)
    assert f"ShippoToken {TOKEN}" == request.headers["Authorization"]
    assert ("tracking_JD1.json", {"carrier": "dhl_express", "tracking_number": "JD1"}) == (found.name, found.request)
    assert ("2026-10-08", known()) == (found.day.isoformat(), found.body)
    assert all(desk.source.timeouts)


@pytest.mark.parametrize(
    ("name", "asked"),
    [
        ("DHL Express", ["dhl_express"]),
        ("dhl_express", ["dhl_express"]),
        ("DHL Paket", ["dhl_germany"]),
        ("DHL eCommerce", ["dhl_ecommerce"]),
        ("DHL", ["dhl_germany", "dhl_express", "dhl_ecommerce"]),
        ("DPD UK", ["dpd_uk"]),
        ("UPS Standard", ["ups"]),
        ("USPS", ["usps"]),
        ("La Poste", ["la_poste"]),
        ("圆通速递", []),
        ("GROUPS", []),
        ("", []),
        (None, []),
    ],
)
def test_only_carriers_with_a_token_are_asked_the_most_exact_name_first(desk, carrier, name, asked):
    desk.source.answers = lambda _request: desk.reply(HTML, 404)
    assert [] == desk.fetch(WAYBILLS, replace(carrier, numbers=(Number("JD1", name),)))
    assert [f"{token}/JD1" for token in asked] == paths(desk)


def test_of_several_houses_the_first_that_knows_the_number_is_the_last_asked(desk, carrier):
    desk.source.answers_in_turn(desk.reply(answer()), desk.reply(known()))
    found = desk.fetch(WAYBILLS, replace(carrier, numbers=(Number("JD1", "DHL"),)))
    assert ["dhl_express"] == [one.request["carrier"] for one in found]
    assert ["dhl_germany/JD1", "dhl_express/JD1"] == paths(desk)


def test_a_further_carrier_is_an_option_and_wins(desk, carrier):
    desk.source.answers = lambda _request: desk.reply(HTML, 404)
    options = {"requests_per_second": 0, "carriers": {"PostNL": "postnl", "DHL": "dhl_benelux"}}
    numbers = (Number("1", "PostNL"), Number("2", "DHL"), Number("3", "DHL Express"))
    desk.fetch(WAYBILLS, replace(carrier, numbers=numbers, options=options))
    assert ["postnl/1", "dhl_benelux/2", "dhl_express/3"] == paths(desk)


def test_a_refused_number_keeps_no_other_waiting_and_is_told_at_the_end(desk, carrier):
    desk.source.answers_in_turn(desk.reply(b'{"carrier":["x"]}', 400), desk.reply(known("JD2")))
    answers = WAYBILLS.fetch(
        replace(carrier, numbers=(Number("JD1", "DHL Express"), Number("JD2", "DHL Express"))), desk.day, desk.tools
    )
    assert "tracking_JD2.json" == next(answers).name
    with pytest.raises(BadRequest, match="refused for 1 of 2 numbers, among them JD1"):
        next(answers)


def test_without_parcels_nobody_is_asked_and_no_token_is_needed(desk, connect):
    assert [] == desk.fetch(WAYBILLS, connect("shippo"))
    assert [] == desk.source.requests


@pytest.mark.parametrize(
    ("body", "status"),
    [
        (HTML, 404),
        (b'{"detail":"Not found."}', 404),
        (answer(), 200),
        (answer(), 201),
        (answer(newest={"status": "UNKNOWN", "status_date": None}), 200),
    ],
    ids=["html", "json", "null", "null after 201", "unknown without scans"],
)
def test_an_unknown_number_is_no_failure_and_the_next_is_asked(desk, carrier, body, status):
    desk.source.answers_in_turn(desk.reply(body, status), desk.reply(known("JD2")))
    both = replace(carrier, numbers=(Number("JD1", "DHL Express"), Number("JD2", "DHL Express")))
    assert ["tracking_JD2.json"] == [found.name for found in desk.fetch(WAYBILLS, both)]


def test_scans_without_a_newest_status_are_an_answer(desk, carrier):
    desk.source.answers_in_turn(desk.reply(answer(scans=[scan("UNKNOWN", "2026-10-01T10:00:00Z")])))
    assert 1 == len(desk.fetch(WAYBILLS, carrier))


def test_a_number_with_blanks_is_the_same_number_and_safe_in_an_address(desk, carrier):
    desk.source.answers_in_turn(desk.reply(known("JD12")))
    assert 1 == len(desk.fetch(WAYBILLS, replace(carrier, numbers=(Number("jd 1/2?", "DHL Express"),))))
    assert ["dhl_express/jd%201%2F2%3F"] == paths(desk)


def test_a_carrier_that_shippo_does_not_know_is_an_error_that_names_it(desk, carrier):
    body = b'{"carrier":["Invalid value specified for provider \'dhl_express\'"]}'
    desk.source.answers_in_turn(desk.reply(body, 400))
    with pytest.raises(BadRequest, match="/tracks/dhl_express/JD1"):
        desk.fetch(WAYBILLS, carrier)


def test_an_answer_about_another_number_is_an_error(desk, carrier):
    desk.source.answers_in_turn(desk.reply(known("JD9")))
    with pytest.raises(UnexpectedShape, match="another number"):
        desk.fetch(WAYBILLS, carrier)


@pytest.mark.parametrize(
    "body",
    [
        b"<html>maintenance</html>",
        known()[:-9],
        b"[]",
        b"\xff",
        known(tracking_history=None),
        known(tracking_status="TRANSIT"),
        known(tracking_number=None),
    ],
)
def test_odd_answers_have_their_name(desk, carrier, body):
    desk.source.answers = lambda _request: desk.reply(body)
    with pytest.raises(UnexpectedShape) as raised:
        desk.fetch(WAYBILLS, carrier)
    assert ("shippo", "waybills", 200) == (raised.value.source, raised.value.stream, raised.value.status)
    assert desk.day == raised.value.window
    assert TOKEN not in f"{raised.value!s}{raised.value!r}"


@pytest.mark.parametrize(
    ("status", "error", "tries"),
    [
        (301, BadRequest, 1),
        (401, NotAuthorized, 1),
        (403, NotAuthorized, 1),
        (429, RateLimited, 5),
        (500, Unavailable, 5),
        (503, Unavailable, 5),
    ],
)
def test_refusals_have_their_name_and_only_what_can_pass_is_tried_again(desk, carrier, status, error, tries):
    desk.source.answers = lambda _request: desk.reply(b"<html>", status)
    with pytest.raises(error) as raised:
        desk.fetch(WAYBILLS, carrier)
    assert (status, tries) == (raised.value.status, len(desk.source.requests))
    assert TOKEN not in f"{raised.value!s}{raised.value!r}"


def test_retry_after_is_obeyed(desk, carrier):
    limited = desk.reply(b"{}", 429, {"Retry-After": "17"})
    desk.source.answers_in_turn(limited, desk.reply(known()))
    assert 1 == len(desk.fetch(WAYBILLS, carrier))
    assert [17.0] == desk.naps


def test_secrets_show_in_no_repr_and_no_request(desk, carrier):
    from connectors.shippo.client import client_for  # noqa: PLC0415 - only here

    desk.source.answers_in_turn(desk.reply(known()))
    [found] = desk.fetch(WAYBILLS, carrier)
    assert TOKEN not in f"{carrier!r}{client_for(carrier, desk.tools)!r}{found.request}{found.name}"


@pytest.mark.parametrize(
    ("scans", "newest", "expected"),
    [
        ([], None, (None, None, None, None)),
        (
            [("UNKNOWN", "2026-10-01T08:00:00Z")],
            ("PRE_TRANSIT", "2026-10-01T09:00:00Z"),
            (None, None, None, None),
        ),
        (
            # repeated, in no order, unknown before and after the pick-up; the newest one is not in the history yet
            [
                ("UNKNOWN", "2026-10-01T12:00:00Z"),
                ("TRANSIT", "2026-10-01T10:00:00.250Z"),
                ("TRANSIT", "2026-10-01T10:00:00.250Z"),
                ("UNKNOWN", "2026-10-01T08:00:00Z"),
            ],
            ("DELIVERED", "2026-10-02T15:00:00Z"),
            ("2026-10-01T10:00:00.250000+00:00", "2026-10-02T15:00:00+00:00", None, "2026-10-02T15:00:00+00:00"),
        ),
        (
            # delivered to its sender
            [("TRANSIT", "2026-10-01T10:00:00Z"), ("RETURNED", "2026-10-03T10:00:00+02:00")],
            ("DELIVERED", "2026-10-05T10:00:00Z"),
            ("2026-10-01T10:00:00+00:00", None, "2026-10-03T08:00:00+00:00", "2026-10-05T10:00:00+00:00"),
        ),
        (
            [("AT_CUSTOMS", "2026-10-03T10:00:00Z"), ("DELIVERED", None)],
            ("FAILURE", "2026-10-04T10:00:00Z"),
            (None, None, None, "2026-10-04T10:00:00+00:00"),
        ),
        (
            [("TRANSIT", "2026-10-01T10:00:00Z")],
            ("UNKNOWN", "2026-10-02T10:00:00Z"),
            ("2026-10-01T10:00:00+00:00", None, None, "2026-10-02T10:00:00+00:00"),
        ),
    ],
)
def test_scans_count_by_instant_and_a_label_is_no_scan(tmp_path, carrier, scans, newest, expected):
    body = answer(scans=[scan(*one) for one in scans], newest=newest and scan(*newest))
    made = WAYBILLS.canonical(read(tmp_path, carrier, body), carrier)
    assert () == made.quarantine
    [row] = made.streams["trackings"]
    assert expected == tuple(row[name] for name in ("picked_up_at", "delivered_at", "returned_at", "last_scan_at"))
    assert ("JD1", "dhl_express", None) == (row["waybill_no"], row["carrier"], row["freight_cost"])


def test_a_scan_without_a_readable_time_puts_its_answer_into_quarantine(tmp_path, carrier):
    made = WAYBILLS.canonical(read(tmp_path, carrier, answer(scans=[scan("DELIVERED", "soon")])), carrier)
    assert [] == made.streams["trackings"]
    assert [(1, "last_scan_at")] == [(reject.row, reject.column) for reject in made.quarantine]


@pytest.mark.parametrize(
    ("body", "word"),
    [
        (b"", "is empty"),
        (HTML, "no JSON"),
        (b"\xff\xfe", "no JSON"),
        (b"[" * 100_000, "no JSON"),
        (b"[]", "no answer"),
        (b"{}", "no answer"),
        (answer(""), "no answer"),
        (known(tracking_number=7), "no answer"),
        (known(tracking_history=None), "no answer"),
        (known(tracking_history=["x"]), "no answer"),
        (known(tracking_status="TRANSIT"), "no answer"),
        (json.dumps({"event": "track_updated", "data": json.loads(known())}).encode(), "no answer"),
    ],
)
def test_what_is_no_answer_is_refused_by_name(tmp_path, carrier, body, word):
    unpacked = read(tmp_path, carrier, body, "page.json")
    assert () == unpacked.parts
    assert "page.json" in unpacked.refused
    assert word in unpacked.refused
    assert not SOURCE.recognises(tmp_path / "page.json")


def test_saved_answers_in_a_folder_are_delivered_and_recognised(desk, connect, tmp_path):
    (tmp_path / "a.json").write_bytes(known())
    (tmp_path / "b.csv").write_bytes(b"x")
    assert ["a.json"] == [found.name for found in desk.fetch(WAYBILLS, connect("shippo", path=tmp_path))]
    assert SOURCE.recognises(tmp_path / "a.json")
    assert not SOURCE.recognises(tmp_path / "b.csv")
    assert not SOURCE.recognises(tmp_path / "absent.json")
