"""The sandbox's carrier: whom it lets in, what it asks for, and when a fee is known."""

import base64
import hashlib
import json

import pytest
import requests

from connectors.sandbox.adapter import SandboxAdapter

BASE = "http://sandbox.test"


@pytest.fixture
def ask(calm):
    session = requests.Session()
    session.mount(BASE, SandboxAdapter(calm.sandbox))

    def asked(service, question, **changed):
        data = json.dumps(question, separators=(",", ":"))
        stamp = changed.pop("timestamp", str(int(calm.clock.timestamp() * 1000)))
        # the sandbox's check word holds "~" and "*", which Java encodes and keeps
        text = requests.utils.quote(f"{data}{stamp}{calm.keys['SF_CHECK_WORD']}", safe="*").replace("~", "%7E")
        form = {
            "partnerID": calm.keys["SF_PARTNER_ID"],
            "requestID": "r",
            "serviceCode": service,
            "timestamp": stamp,
            "msgDigest": base64.b64encode(hashlib.md5(text.encode()).digest()).decode(),  # noqa: S324 - SF's
            "msgData": data,
        } | changed
        return session.post(f"{BASE}/sf/std/service", data={k: v for k, v in form.items() if v is not None}).json()

    return asked


def inner(answer):
    assert "A1000" == answer["apiResultCode"], answer
    return json.loads(answer["apiResultData"])


def routes(*numbers):
    return {"trackingType": "1", "trackingNumber": list(numbers)}


def test_only_a_fresh_and_well_signed_question_is_let_in(ask):
    search = "EXP_RECE_SEARCH_ROUTES"
    assert inner(ask(search, routes("1")))["success"]
    assert "A1006" == ask(search, routes("1"), msgDigest="x")["apiResultCode"]
    assert "A1006" == ask(search, routes("1"), partnerID="other")["apiResultCode"]
    assert "A1002" == ask(search, routes("1"), timestamp="1")["apiResultCode"]
    assert "A1001" == ask(search, routes("1"), requestID=None)["apiResultCode"]
    assert "A1004" == ask("EXP_RECE_OTHER", routes("1"))["apiResultCode"]


def test_a_question_holds_one_to_ten_numbers(ask):
    search = "EXP_RECE_SEARCH_ROUTES"
    assert not inner(ask(search, routes()))["success"]
    assert not inner(ask(search, routes(*map(str, range(11)))))["success"]
    assert not inner(ask(search, {"trackingNumber": ["1"]}))["success"]
    unknown = inner(ask(search, routes(*map(str, range(10)))))["msgData"]["routeResps"]
    assert [[]] * 10 == [parcel["routes"] for parcel in unknown]


def test_scans_come_newest_first_and_the_picture_after_the_signature(ask, calm):
    [parcel] = calm.sandbox.market.records(
        "select * from market.orders where carrier = '顺丰速运' and delivered_at < timestamp '2026-10-08' limit 1"
    )
    [found] = inner(ask("EXP_RECE_SEARCH_ROUTES", routes(parcel["waybill_no"])))["msgData"]["routeResps"]
    assert parcel["waybill_no"] == found["mailNo"]
    assert ["8000", "80", "44", "30", "54"] == [scan["opCode"] for scan in found["routes"]]
    fee = inner(ask("EXP_RECE_QUERY_SFWAYBILL", {"trackingType": "2", "trackingNum": parcel["waybill_no"]}))
    assert {"waybillInfo", "waybillFeeList"} == fee["msgData"].keys()


def test_the_fee_of_an_unknown_waybill_is_refused(ask):
    assert "20011" == inner(ask("EXP_RECE_QUERY_SFWAYBILL", {"trackingType": "2", "trackingNum": "1"}))["errorCode"]
    assert "20002" == inner(ask("EXP_RECE_QUERY_SFWAYBILL", {"trackingNum": "1"}))["errorCode"]


def test_flow_control_and_a_missing_service_have_their_codes(ask, merchant):
    merchant.weather({"api": "sf", "kind": "late", "times": 1})
    assert "A1009" == ask("EXP_RECE_SEARCH_ROUTES", routes("1"))["apiResultCode"]
