"""The sandbox's Shippo: whom it refuses, how it does not know a number, and answers in the recorded shape."""

import json
import os
from pathlib import Path

import pytest
import requests

from connectors.sandbox.adapter import SandboxAdapter

URL = "http://sandbox.test/shippo/tracks"
RECORDED = Path(os.environ.get("SAMPLES_DIR", "../shared")) / "samples/intl/shippo"


@pytest.fixture
def ask(calm):
    session = requests.Session()
    session.mount("http://", SandboxAdapter(calm.sandbox))
    calm.sandbox.market.ensure(calm.sandbox.now.date())

    def asked(path, token=calm.keys["SHIPPO_API_TOKEN"], scheme="ShippoToken", method="GET"):
        return session.request(method, f"{URL}/{path}", headers={"Authorization": f"{scheme} {token}"})

    return asked


@pytest.fixture
def parcels(calm):
    calm.sandbox.market.ensure(calm.sandbox.now.date())
    return calm.sandbox.market.records(
        "select * from market.orders where carrier = 'DHL' and delivered_at <= ? order by day, n limit 60",
        [calm.sandbox.now.replace(tzinfo=None)],
    )


def test_only_its_own_token_is_let_in_and_only_to_read(ask, parcels):
    path = f"dhl_germany/{parcels[0]['waybill_no']}"
    assert 200 == ask(path).status_code
    assert 401 == ask(path, token="other").status_code
    assert 401 == ask(path, scheme="Bearer").status_code
    assert 405 == ask(path, method="POST").status_code


def test_a_word_that_is_no_carrier_is_refused(ask, parcels):
    found = ask(f"example/{parcels[0]['waybill_no']}")
    assert (400, {"carrier": ["Invalid value specified for provider 'example'"]}) == (found.status_code, found.json())


def test_an_unknown_number_is_a_404_as_html(ask, parcels):
    for path in ("dhl_germany/JD1", f"ups/{parcels[0]['waybill_no']}", "dhl_germany"):
        found = ask(path)
        assert (404, "text/html") == (found.status_code, found.headers["Content-Type"])
        assert found.text.startswith("<!DOCTYPE html>")


def test_another_house_of_the_carrier_has_no_status(ask, parcels):
    found = ask(f"dhl_express/{parcels[0]['waybill_no']}")
    assert 200 == found.status_code
    assert (None, []) == tuple(found.json()[name] for name in ("tracking_status", "tracking_history"))


def test_scans_repeat_stand_in_any_order_and_are_unknown_before_and_after_the_pick_up(ask, parcels):
    answers = [ask(f"dhl_germany/{parcel['waybill_no']}").json() for parcel in parcels]
    assert {"DELIVERED"} == {found["tracking_status"]["status"] for found in answers}
    dates = [[scan["status_date"] for scan in found["tracking_history"]] for found in answers]
    assert any(len(one) > len(set(one)) for one in dates)
    assert any(one != sorted(one) for one in dates)
    assert any("DELIVERED" not in {scan["status"] for scan in found["tracking_history"]} for found in answers)
    for found in answers:
        statuses = [s["status"] for s in sorted(found["tracking_history"], key=lambda scan: scan["status_date"])]
        assert "UNKNOWN" == statuses[0]
        assert "UNKNOWN" in statuses[statuses.index("TRANSIT") :]


def test_away_has_its_own_words(ask, merchant):
    merchant.weather({"api": "shippo", "kind": "late", "times": 1})
    assert 503 == ask("dhl_germany/JD1").status_code


@pytest.mark.samples
@pytest.mark.skipif(not RECORDED.is_dir(), reason=f"no samples in {RECORDED}")
def test_answers_have_the_recorded_shape(ask, parcels):
    recorded = json.loads((RECORDED / "test_create.json").read_bytes())[0]["body"]
    found = ask(f"dhl_germany/{parcels[0]['waybill_no']}").json()
    assert recorded.keys() == found.keys()
    assert recorded["tracking_status"].keys() == found["tracking_status"].keys()
    assert {frozenset(scan) for scan in recorded["tracking_history"]} == {
        frozenset(scan) for scan in found["tracking_history"]
    }
    places = [scan["location"] for scan in recorded["tracking_history"] if scan["location"]]
    assert places[0].keys() == next(scan["location"] for scan in found["tracking_history"] if scan["location"]).keys()
    unknown = json.loads((RECORDED / "test_invalid_create.json").read_bytes())[1]["body"]
    assert unknown.keys() == ask(f"dhl_express/{parcels[0]['waybill_no']}").json().keys()
