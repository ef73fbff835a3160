"""The client and the sandbox's carrier speak to each other: every parcel of a day arrives, its cost to the fen."""

import pytest

from connectors.core.errors import NotAuthorized
from connectors.core.protocol import Number
from connectors.sandbox.apis.sf import freight
from connectors.sf import SOURCE
from tests.contract.meeting import brought, cents, connected


@pytest.fixture
def talk(shipped):
    def told(numbers, **secrets):
        asked = tuple(Number(number, "顺丰速运") for number in numbers)
        return brought(shipped, connected(shipped, SOURCE, secrets, numbers=asked), "2026-10-01")["trackings"]

    return told


def at(moment, now):
    return None if moment is None or moment > now else f"{moment.isoformat(timespec='seconds')}+08:00"


def test_client_and_sandbox_agree_on_a_day(shipped, talk):
    parcels = shipped.market.records(
        "select * from market.orders where carrier = '顺丰速运' and shipped_at::date = date '2026-10-01'"
    )
    assert parcels
    rows = talk([parcel["waybill_no"] for parcel in parcels] + ["SF-UNKNOWN"])
    routes = {row["waybill_no"]: row for row in rows if row["last_scan_at"]}
    fees = {row["waybill_no"]: cents([row], "freight_cost") for row in rows if row["freight_cost"]}
    now = shipped.now
    picked = [parcel for parcel in parcels if parcel["picked_up_at"] <= now]
    assert {parcel["waybill_no"]: at(parcel["picked_up_at"], now) for parcel in picked} == {
        number: row["picked_up_at"] for number, row in routes.items()
    }
    assert {parcel["waybill_no"]: at(parcel["delivered_at"], now) for parcel in picked} == {
        number: row["delivered_at"] for number, row in routes.items()
    }
    assert {parcel["waybill_no"]: freight(parcel) for parcel in picked} == fees


def test_the_wrong_check_word_opens_nothing(talk):
    with pytest.raises(NotAuthorized):
        talk(["SF1"], check_word="other")
