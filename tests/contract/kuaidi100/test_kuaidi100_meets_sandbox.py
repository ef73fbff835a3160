"""The client and the sandbox's carrier speak to each other: every parcel of a day is known, to the second."""

import pytest

from connectors.core.errors import BadRequest
from connectors.core.protocol import Number
from connectors.kuaidi100 import SOURCE
from tests.contract.meeting import brought, connected


@pytest.fixture
def talk(shipped):
    def told(numbers, into=None, **secrets):
        asked = tuple(one if isinstance(one, Number) else Number(one, "圆通速递") for one in numbers)
        options = {"requests_per_second": 0, "phone": "12"}
        carrier = connected(shipped, SOURCE, secrets, numbers=asked, options=options)
        return brought(shipped, carrier, "2026-10-01", into=into).get("trackings", [])

    return told


def at(moment, now):
    return None if moment is None or moment > now else moment.isoformat(sep=" ", timespec="seconds")


@pytest.mark.parametrize("day", ["2026-09-28", "2026-10-01"])
def test_client_and_sandbox_agree_on_a_day(shipped, talk, day):
    parcels = shipped.market.records(
        "select * from market.orders where carrier = '圆通速递' and shipped_at::date = ?", [day]
    )
    assert parcels
    rows, now = talk([parcel["waybill_no"] for parcel in parcels] + ["YT-UNKNOWN"]), shipped.now
    expected = {
        parcel["waybill_no"]: (at(parcel["picked_up_at"], now), at(parcel["delivered_at"], now))
        for parcel in parcels
        if parcel["picked_up_at"] and parcel["picked_up_at"] <= now
    }
    assert expected == {row["waybill_no"]: (row["picked_up_at"], row["delivered_at"]) for row in rows}


def test_a_parcel_that_is_refused_for_its_phone_keeps_no_other_waiting(shipped, talk):
    known = shipped.market.records(
        "select waybill_no from market.orders where carrier = '圆通速递' and shipped_at::date = '2026-09-28' limit 2"
    )
    first, last = (parcel["waybill_no"] for parcel in known)
    found = {}
    with pytest.raises(BadRequest, match="refused for 1 of 3 numbers, among them SF0000001"):
        talk([first, Number("SF0000001", "顺丰速运"), last], into=found)
    assert [first, last] == [row["waybill_no"] for row in found["trackings"]]


def test_the_wrong_key_opens_nothing(talk):
    with pytest.raises(BadRequest, match="check customer, key"):
        talk(["YT1"], key="other")
