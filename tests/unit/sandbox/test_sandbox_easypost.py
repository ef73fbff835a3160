"""The sandbox's EasyPost: whom it refuses, its pages, and trackers in the shape of the recorded ones."""

import json
import os
from pathlib import Path

import pytest
import requests

from connectors.sandbox.adapter import SandboxAdapter

URL = "http://sandbox.test/easypost/v2/trackers"
RECORDED = Path(os.environ.get("SAMPLES_DIR", "../shared")) / "samples/intl/easypost"


@pytest.fixture
def ask(calm):
    session = requests.Session()
    session.mount("http://", SandboxAdapter(calm.sandbox))
    calm.sandbox.market.ensure(calm.sandbox.now.date())

    def asked(path="", key=calm.keys["EASYPOST_API_KEY"], method="GET", **query):
        return session.request(method, f"{URL}{path}", params=query, auth=(key, ""))

    return asked


def known(calm, count=3):
    return calm.sandbox.market.records(
        "select * from market.orders where carrier = 'UPS' and delivered_at <= ? order by n limit ?",
        [calm.sandbox.now.replace(tzinfo=None), count],
    )


def test_only_the_key_as_user_is_let_in_and_only_to_read(ask):
    assert 200 == ask().status_code
    assert 401 == ask(key="other").status_code
    assert 401 == ask(key="").status_code
    assert 405 == ask(method="POST").status_code
    assert 404 == ask("/trk_none").status_code
    assert {"code", "message", "errors"} == ask(key="other").json()["error"].keys()


@pytest.mark.parametrize(
    "query",
    [{"page_size": "0"}, {"page_size": "101"}, {"page_size": "x"}, {"start_datetime": "soon"}, {"tracking_codes": "1"}],
)
def test_a_parameter_it_does_not_know_is_refused(ask, query):
    assert 422 == ask(**query).status_code


def test_pages_hold_twenty_and_go_on_before_the_last_one(ask, calm):
    assert 20 == len(ask().json()["trackers"])
    ids, before = [], {}
    while True:
        answer = ask(page_size=100, **before).json()
        ids += [tracker["id"] for tracker in answer["trackers"]]
        if not answer["has_more"]:
            break
        before = {"before_id": ids[-1]}
    [[count]] = calm.sandbox.market.rows(
        "select count(*) from market.orders where carrier = 'UPS' and shipped_at <= ?",
        [calm.sandbox.now.replace(tzinfo=None)],
    )
    assert count == len(ids) == len(set(ids))
    assert 404 == ask(before_id="trk_none").status_code


def test_a_number_is_found_by_itself_and_an_unknown_one_is_an_empty_list(ask, calm):
    for parcel in known(calm):
        answer = ask(tracking_code=parcel["waybill_no"]).json()
        assert [parcel["waybill_no"]] == [tracker["tracking_code"] for tracker in answer["trackers"]]
        assert answer["trackers"][0] == ask(f"/{answer['trackers'][0]['id']}").json()
        assert [] == ask(tracking_code=parcel["waybill_no"], carrier="USPS").json()["trackers"]
    assert {"trackers": [], "has_more": False} == ask(tracking_code="1Z").json()


def test_a_tracker_is_of_the_time_its_label_was_made(ask, calm):
    [parcel] = known(calm, 1)
    found = ask(tracking_code=parcel["waybill_no"], start_datetime="2026-09-01T00:00:00Z").json()["trackers"]
    assert 1 == len(found)
    assert [] == ask(tracking_code=parcel["waybill_no"], end_datetime="2026-09-01T00:00:00Z").json()["trackers"]


def test_scans_repeat_and_stand_in_any_order(ask):
    trackers = ask(page_size=100).json()["trackers"]
    times = [[scan["datetime"] for scan in tracker["tracking_details"]] for tracker in trackers]
    assert any(len(one) > len(set(one)) for one in times)
    statuses = [[scan["status"] for scan in tracker["tracking_details"]] for tracker in trackers]
    assert any(one[0] == "delivered" for one in statuses)


def test_too_many_and_away_have_their_words(ask, merchant):
    merchant.weather({"api": "easypost", "kind": "late", "times": 1})
    assert 503 == ask().status_code


def shape(value):
    """The keys of a tracker, at every depth."""
    if isinstance(value, dict):
        return {key: shape(item) for key, item in value.items()}
    if isinstance(value, list):
        return [shape(value[0])] if value else []
    return None


@pytest.mark.samples
@pytest.mark.skipif(not RECORDED.is_dir(), reason=f"no samples in {RECORDED}")
def test_answers_have_the_recorded_shape(ask):
    recorded = json.loads((RECORDED / "test_tracker_all.json").read_bytes())[0]["body"]
    answer = ask(page_size=5).json()
    assert recorded.keys() == answer.keys()
    mine, theirs = answer["trackers"][-1], recorded["trackers"][0]
    assert theirs.keys() == mine.keys()
    for name in ("tracking_details", "carrier_detail"):
        assert shape(theirs[name]) == shape(mine[name])
