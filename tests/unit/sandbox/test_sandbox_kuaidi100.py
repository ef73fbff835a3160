"""The sandbox's Kuaidi100: whom it refuses, and an answer in the shape of the published one."""

import hashlib
import json

import pytest
import requests

from connectors.sandbox.adapter import SandboxAdapter

URL = "http://sandbox.test/kuaidi100/poll/query.do"
PUBLISHED = {"message", "nu", "ischeck", "condition", "com", "status", "state", "data"}


@pytest.fixture
def ask(calm):
    session = requests.Session()
    session.mount("http://", SandboxAdapter(calm.sandbox))

    def asked(question, **changed):
        param = json.dumps(question)
        text = f"{param}{calm.keys['KUAIDI100_KEY']}{calm.keys['KUAIDI100_CUSTOMER']}"
        sign = hashlib.md5(text.encode(), usedforsecurity=False).hexdigest().upper()
        form = {"customer": calm.keys["KUAIDI100_CUSTOMER"], "sign": sign, "param": param} | changed
        return session.post(URL, data={key: value for key, value in form.items() if value is not None})

    return asked


def test_only_a_well_signed_question_is_let_in(ask):
    question = {"com": "yuantong", "num": "1"}
    assert "503" == ask(question, sign="X").json()["returnCode"]
    assert "503" == ask(question, customer="Y").json()["returnCode"]
    assert "400" == ask(question, sign=None).json()["returnCode"]
    assert "400" == ask({"num": "1"}).json()["returnCode"]
    assert "500" == ask(question).json()["returnCode"]


def test_a_known_parcel_is_answered_in_the_published_shape_newest_first(ask, calm):
    calm.sandbox.market.ensure(calm.sandbox.now.date())
    [[number]] = calm.sandbox.market.rows(
        "select waybill_no from market.orders where carrier = '圆通速递' and delivered_at <= ? order by n limit 1",
        [calm.sandbox.now.replace(tzinfo=None)],
    )
    found = ask({"com": "yuantong", "num": number}).json()
    assert PUBLISHED == found.keys()
    assert ("3", "200", number) == (found["state"], found["status"], found["nu"])
    times = [scan["time"] for scan in found["data"]]
    assert sorted(times, reverse=True) == times
    assert {"time", "ftime", "context", "location"} == found["data"][0].keys()
    assert "500" == ask({"com": "shentong", "num": number}).json()["returnCode"]
