"""EasyPost's answers, good and bad: one number a question, pages to their end, a number it does not know."""

import base64
import json
from dataclasses import replace

import pytest

from connectors.core.errors import BadRequest, NotAuthorized, PagingError, UnexpectedShape
from connectors.core.protocol import Number
from connectors.easypost import SOURCE
from connectors.easypost.client import PAGE_SIZE
from tests.contract.refusals import by_status

KEY = "EZTKsecret"
[WAYBILLS] = SOURCE.streams


@pytest.fixture
def carrier(connect):
    return replace(connect("easypost", api_key=KEY), numbers=(Number("1Z1", "UPS"),))


def scan(status, moment):
    return {"object": "TrackingDetail", "message": "m", "status": status, "datetime": moment, "source": "UPS"}


def tracker(code="1Z1", scans=(), number=1, **changed):
    return {
        "id": f"trk_{number}",
        "object": "Tracker",
        "tracking_code": code,
        "status": "in_transit",
        "carrier": "UPS",
        "tracking_details": list(scans),
        "fees": [],
    } | changed


def page(*trackers, more=False, **changed):
    return json.dumps({"trackers": list(trackers), "has_more": more} | changed).encode()


def read(folder, connection, body, name="trackers.json"):
    path = folder / name
    path.write_bytes(body)
    return WAYBILLS.unpack(path, "json", folder, connection, name)


def test_one_parcel_is_one_question_with_the_key_as_user(desk, carrier):
    desk.source.answers_in_turn(desk.reply(page(tracker())))
    [found] = desk.fetch(WAYBILLS, carrier)
    [request] = desk.source.requests
    assert ("GET", "https://api.easypost.com/v2/trackers") == (request.method, request.url.partition("?")[0])
    assert f"Basic {base64.b64encode(f'{KEY}:'.encode()).decode()}" == request.headers["Authorization"]
    # sixty days before the window: a number may have been another parcel's before
    assert [{"tracking_code": "1Z1", "start_datetime": "2026-08-08T16:00:00Z", "page_size": str(PAGE_SIZE)}] == (
        desk.source.queries()
    )
    assert ("trackers_1Z1_1.json", {"rows": "1"}, "2026-10-08") == (found.name, found.stated, found.day.isoformat())
    assert page(tracker()) == found.body
    assert all(desk.source.timeouts)


def test_a_refused_number_keeps_no_other_waiting_and_is_told_at_the_end(desk, carrier):
    desk.source.answers_in_turn(desk.reply(b'{"error":{"code":"X"}}', 422), desk.reply(page(tracker("1Z2"))))
    both = replace(carrier, numbers=(Number("1Z1", "UPS"), Number("1Z2", "UPS")))
    answers = WAYBILLS.fetch(both, desk.day, desk.tools)
    assert "trackers_1Z2_1.json" == next(answers).name
    with pytest.raises(BadRequest, match="refused for 1 of 2 numbers, among them 1Z1") as raised:
        next(answers)
    assert "X" == raised.value.code


def test_a_further_carrier_is_an_option(desk, carrier):
    desk.source.answers = lambda _request: desk.reply(page())
    numbers = (Number("1", "PostNL"), Number("2", "Hermes"))
    desk.fetch(
        WAYBILLS, replace(carrier, numbers=numbers, options=dict(carrier.options) | {"carriers": {"PostNL": "x"}})
    )
    assert ["1"] == [query["tracking_code"] for query in desk.source.queries()]


def test_nothing_is_ever_written_at_the_source(desk, carrier):
    desk.source.answers = lambda _request: desk.reply(page())
    desk.fetch(WAYBILLS, carrier)
    assert {"GET"} == {request.method for request in desk.source.requests}


@pytest.mark.parametrize(
    ("name", "is_asked"),
    [
        ("UPS", True),
        ("ups", True),
        ("UPS Ground", True),
        ("USPS", True),
        ("FedEx Home Delivery", True),
        ("DHL_Express", True),
        ("DHLExpress", True),
        ("DHL", False),
        ("GROUPS", False),
        ("顺丰速运", False),
        ("", False),
        (None, False),
    ],
)
def test_only_parcels_of_carriers_it_tracks_are_asked_about(desk, carrier, name, is_asked):
    desk.source.answers = lambda _request: desk.reply(page())
    desk.fetch(WAYBILLS, replace(carrier, numbers=(Number("1Z1", name),)))
    assert is_asked == bool(desk.source.requests)


def test_without_parcels_nobody_is_asked_and_no_key_is_needed(desk, connect):
    assert [] == desk.fetch(WAYBILLS, connect("easypost"))
    assert [] == desk.source.requests


def test_an_unknown_number_is_no_failure_and_the_next_is_asked(desk, carrier):
    desk.source.answers_in_turn(desk.reply(page()), desk.reply(page(tracker("1Z2"))))
    both = replace(carrier, numbers=(Number("1Z1", "UPS"), Number("1Z2", "UPS")))
    assert ["trackers_1Z2_1.json"] == [found.name for found in desk.fetch(WAYBILLS, both)]


def test_a_number_with_blanks_is_the_same_number(desk, carrier):
    desk.source.answers_in_turn(desk.reply(page(tracker("1Z1234"))))
    spaced = replace(carrier, numbers=(Number("1z 12-34", "UPS"),))
    assert 1 == len(desk.fetch(WAYBILLS, spaced))
    assert "1z 12-34" == desk.source.queries()[0]["tracking_code"]


def test_pages_are_followed_to_their_end_a_full_last_one_included(desk, carrier):
    full = [tracker(number=number) for number in range(PAGE_SIZE)]
    rest = [tracker(number=number) for number in range(PAGE_SIZE, 2 * PAGE_SIZE)]
    desk.source.answers_in_turn(desk.reply(page(*full, more=True)), desk.reply(page(*rest)))
    found = desk.fetch(WAYBILLS, carrier)
    assert ["100", "100"] == [one.stated["rows"] for one in found]
    assert [None, "trk_99"] == [query.get("before_id") for query in desk.source.queries()]


def test_an_empty_last_page_brings_nothing_more(desk, carrier):
    desk.source.answers_in_turn(desk.reply(page(tracker(), more=True)), desk.reply(page()))
    assert 1 == len(desk.fetch(WAYBILLS, carrier))


@pytest.mark.parametrize(
    "second",
    [page(tracker(), more=True), page(more=True), page(tracker(id=None), more=True)],
    ids=["repeats", "empty", "without id"],
)
def test_more_that_leads_nowhere_is_an_error(desk, carrier, second):
    desk.source.answers_in_turn(desk.reply(page(tracker(), more=True)), desk.reply(second))
    with pytest.raises(PagingError):
        desk.fetch(WAYBILLS, carrier)


def test_pages_without_end_are_an_error(desk, carrier):
    count = iter(range(1000))
    desk.source.answers = lambda _request: desk.reply(page(tracker(number=next(count)), more=True))
    with pytest.raises(PagingError, match="more than 10 pages"):
        desk.fetch(WAYBILLS, carrier)


def test_an_answer_about_another_number_is_an_error(desk, carrier):
    desk.source.answers_in_turn(desk.reply(page(tracker(), tracker("1Z9"))))
    with pytest.raises(UnexpectedShape, match="another number"):
        desk.fetch(WAYBILLS, carrier)


@pytest.mark.parametrize(
    "body",
    [
        b"<html>maintenance</html>",
        page(tracker())[:-9],
        b"[]",
        b"\xff",
        page(trackers=None),
        page(trackers=["x"]),
        page(tracker(), has_more=None),
    ],
)
def test_odd_answers_have_their_name(desk, carrier, body):
    desk.source.answers = lambda _request: desk.reply(body)
    with pytest.raises(UnexpectedShape) as raised:
        desk.fetch(WAYBILLS, carrier)
    assert ("easypost", "waybills", 200) == (raised.value.source, raised.value.stream, raised.value.status)
    assert desk.day == raised.value.window
    assert KEY not in f"{raised.value!s}{raised.value!r}"


@by_status
def test_refusals_have_their_name_and_only_what_can_pass_is_tried_again(desk, carrier, status, error, tries):
    body = b'{"error":{"code":"SOME.CODE","message":"m","errors":[]}}'
    desk.source.answers = lambda _request: desk.reply(body, status, {"X-Ep-Request-Uuid": "r1"})
    with pytest.raises(error) as raised:
        desk.fetch(WAYBILLS, carrier)
    assert (status, "SOME.CODE", "r1") == (raised.value.status, raised.value.code, raised.value.request_id)
    assert tries == len(desk.source.requests)
    assert KEY not in f"{raised.value!s}{raised.value!r}"


def test_a_refusal_that_is_no_json_keeps_its_status(desk, carrier):
    desk.source.answers_in_turn(desk.reply(b"<html>", 403))
    with pytest.raises(NotAuthorized) as raised:
        desk.fetch(WAYBILLS, carrier)
    assert (403, None) == (raised.value.status, raised.value.code)


def test_retry_after_is_obeyed(desk, carrier):
    limited = desk.reply(b"{}", 429, {"Retry-After": "17"})
    desk.source.answers_in_turn(limited, desk.reply(page(tracker())))
    assert 1 == len(desk.fetch(WAYBILLS, carrier))
    assert [17.0] == desk.naps


def test_secrets_show_in_no_repr_and_no_request(desk, carrier):
    from connectors.easypost.client import client_for  # noqa: PLC0415 - only here

    desk.source.answers_in_turn(desk.reply(page(tracker())))
    [found] = desk.fetch(WAYBILLS, carrier)
    assert KEY not in f"{carrier!r}{client_for(carrier, desk.tools)!r}{found.request}{found.name}"


@pytest.mark.parametrize(
    ("scans", "expected"),
    [
        ([], (None, None, None, None)),
        ([("pre_transit", "2026-10-01T08:00:00Z"), ("unknown", "2026-10-01T09:00:00Z")], (None, None, None, None)),
        (
            # repeated, in no order, and with the clock of the place
            [
                ("delivered", "2026-10-02T10:00:00-05:00"),
                ("out_for_delivery", "2026-10-02T14:30:00Z"),
                ("in_transit", "2026-10-01T10:00:00Z"),
                ("in_transit", "2026-10-01T10:00:00Z"),
                ("pre_transit", "2026-10-01T08:00:00Z"),
            ],
            ("2026-10-01T10:00:00+00:00", "2026-10-02T15:00:00+00:00", None, "2026-10-02T15:00:00+00:00"),
        ),
        (
            # delivered to its sender
            [
                ("in_transit", "2026-10-01T10:00:00Z"),
                ("return_to_sender", "2026-10-03T10:00:00Z"),
                ("delivered", "2026-10-05T10:00:00Z"),
            ],
            ("2026-10-01T10:00:00+00:00", None, "2026-10-03T10:00:00+00:00", "2026-10-05T10:00:00+00:00"),
        ),
        (
            [("delivered", "2026-10-02T10:00:00Z"), ("return_to_sender", "2026-10-03T10:00:00Z")],
            (
                "2026-10-02T10:00:00+00:00",
                "2026-10-02T10:00:00+00:00",
                "2026-10-03T10:00:00+00:00",
                "2026-10-03T10:00:00+00:00",
            ),
        ),
        ([("failure", "2026-10-02T10:00:00Z")], (None, None, None, "2026-10-02T10:00:00+00:00")),
        (
            [("in_transit", "2026-10-01T10:00:00Z"), ("unknown", "2026-10-02T10:00:00Z"), ("unknown", None)],
            ("2026-10-01T10:00:00+00:00", None, None, "2026-10-02T10:00:00+00:00"),
        ),
    ],
)
def test_scans_count_by_instant_and_a_label_is_no_scan(tmp_path, carrier, scans, expected):
    body = page(tracker(scans=[scan(*one) for one in scans]))
    made = WAYBILLS.canonical(read(tmp_path, carrier, body), carrier)
    assert () == made.quarantine
    [row] = made.streams["trackings"]
    assert expected == tuple(row[name] for name in ("picked_up_at", "delivered_at", "returned_at", "last_scan_at"))
    assert ("1Z1", "UPS", None) == (row["waybill_no"], row["carrier"], row["freight_cost"])


def test_what_easypost_takes_for_tracking_is_no_freight(tmp_path, carrier):
    fee = {"object": "Fee", "type": "TrackerFee", "amount": "0.02000", "charged": True, "refunded": False}
    made = WAYBILLS.canonical(read(tmp_path, carrier, page(tracker(fees=[fee]))), carrier)
    assert None is made.streams["trackings"][0]["freight_cost"]


def test_a_scan_without_a_readable_time_puts_its_tracker_into_quarantine(tmp_path, carrier):
    body = page(tracker(), tracker("1Z2", [scan("delivered", "soon")]))
    made = WAYBILLS.canonical(read(tmp_path, carrier, body), carrier)
    assert ["1Z1"] == [row["waybill_no"] for row in made.streams["trackings"]]
    assert [(2, "last_scan_at")] == [(reject.row, reject.column) for reject in made.quarantine]


def test_one_tracker_alone_is_read_too(tmp_path, carrier):
    made = WAYBILLS.canonical(read(tmp_path, carrier, json.dumps(tracker("1Z7")).encode()), carrier)
    assert ["1Z7"] == [row["waybill_no"] for row in made.streams["trackings"]]


@pytest.mark.parametrize(
    ("body", "word"),
    [
        (b"", "is empty"),
        (b"<html>", "no JSON"),
        (b"\xff\xfe", "no JSON"),
        (b"[" * 100_000, "no JSON"),
        (b"[]", "no answer"),
        (b"{}", "no answer"),
        (page(tracker(), 1), "no answer"),
        (page(tracker("")), "no answer"),
        (page(tracker(tracking_code=7)), "no answer"),
        (page(tracker(tracking_details=None)), "no answer"),
        (page(tracker(tracking_details=["x"])), "no answer"),
        (json.dumps({"object": "Event", "description": "tracker.updated"}).encode(), "no answer"),
    ],
)
def test_what_is_no_answer_is_refused_by_name(tmp_path, carrier, body, word):
    unpacked = read(tmp_path, carrier, body, "page.json")
    assert () == unpacked.parts
    assert "page.json" in unpacked.refused
    assert word in unpacked.refused
    assert not SOURCE.recognises(tmp_path / "page.json")


def test_saved_answers_in_a_folder_are_delivered_and_recognised(desk, connect, tmp_path):
    (tmp_path / "a.json").write_bytes(page(tracker()))
    (tmp_path / "b.csv").write_bytes(b"x")
    assert ["a.json"] == [found.name for found in desk.fetch(WAYBILLS, connect("easypost", path=tmp_path))]
    assert SOURCE.recognises(tmp_path / "a.json")
    assert not SOURCE.recognises(tmp_path / "b.csv")
    assert not SOURCE.recognises(tmp_path / "absent.json")
