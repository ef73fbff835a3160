"""Recorded answers of Shippo: a delivered parcel, a number nobody knows, a word that is no carrier."""

import json

import pytest

from connectors.core.inspect import inspect_file

pytestmark = pytest.mark.samples
DELIVERED, INVALID = "intl/shippo/test_create.json", "intl/shippo/test_invalid_create.json"
TIMES = ("picked_up_at", "delivered_at", "returned_at", "last_scan_at", "freight_cost")


@pytest.fixture
def body(sample, tmp_path):
    """The body of one exchange of a recording, as the file it would be."""

    def written(name, place):
        path = tmp_path / f"{place}.json"
        path.write_text(json.dumps(json.loads(sample(name).read_bytes())[place]["body"]), encoding="utf-8")
        return path

    return written


def test_the_recorded_parcel_was_accepted_and_delivered_the_next_day(body):
    path = body(DELIVERED, 0)
    found = inspect_file(path)
    assert ("shippo", "ok", []) == (found["source"], found["verdict"], found["quarantine"])
    [row] = found["streams"]["trackings"]
    assert ("9205590164917337534322", "usps") == (row["waybill_no"], row["carrier"])
    # not at midnight, when its label was made
    assert ("2016-12-07T19:04:00+00:00", "2016-12-08T15:19:00+00:00", None, "2016-12-08T15:19:00+00:00", None) == tuple(
        row[name] for name in TIMES
    )
    history = json.loads(path.read_bytes())["tracking_history"]
    assert 11 == len(history)
    assert min(scan["status_date"] for scan in history if scan["status"] == "TRANSIT") == "2016-12-07T19:04:00Z"


def test_the_recorded_unknown_number_has_no_times(body, sample):
    assert 201 == json.loads(sample(INVALID).read_bytes())[1]["http_status"]
    found = inspect_file(body(INVALID, 1))
    assert ("shippo", "ok") == (found["source"], found["verdict"])
    [row] = found["streams"]["trackings"]
    assert ("EXAMPLEOFINVALID123TRACKINGNUMBER", *[None] * 5) == (row["waybill_no"], *[row[name] for name in TIMES])


def test_the_recorded_refusal_of_a_carrier_is_no_answer(body):
    path = body(INVALID, 0)
    assert "refused" == inspect_file(path, "shippo")["verdict"]
    assert None is inspect_file(path)["source"]


def test_the_recorded_unknown_number_is_nothing_for_the_client(body):
    from connectors.shippo.client import knows_nothing  # noqa: PLC0415 - only here

    unknown, parcel = (json.loads(body(*place).read_bytes()) for place in ((INVALID, 1), (DELIVERED, 0)))
    assert knows_nothing(unknown["tracking_status"], unknown["tracking_history"])
    assert not knows_nothing(parcel["tracking_status"], parcel["tracking_history"])
