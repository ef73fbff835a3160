"""The client and the sandbox's EasyPost speak to each other: every parcel of a day is known, to the second."""

import pytest

from connectors.core.errors import NotAuthorized
from connectors.core.protocol import Number
from connectors.easypost import SOURCE
from tests.contract.meeting import brought, connected, parcels_agree


@pytest.mark.parametrize("day", ["2026-09-28", "2026-09-30", "2026-10-01"])
def test_client_and_sandbox_agree_on_a_day(shipped, day):
    parcels = shipped.market.records(
        "select * from market.orders where carrier = 'UPS' and shipped_at::date = ? and shipped_at <= ?",
        [day, shipped.now],
    )
    assert {"shopify_us", "amazon_us"} == {parcel["shop"] for parcel in parcels}
    asked = [*(parcel["waybill_no"] for parcel in parcels), "1Z-UNKNOWN"]
    carrier = connected(shipped, SOURCE, numbers=tuple(Number(number, "UPS") for number in asked))
    parcels_agree(parcels, brought(shipped, carrier, "2026-10-01")["trackings"], shipped.now)


def test_the_wrong_key_opens_nothing(shipped):
    stranger = connected(shipped, SOURCE, {"api_key": "other"}, numbers=(Number("1Z1", "UPS"),))
    with pytest.raises(NotAuthorized) as raised:
        brought(shipped, stranger, "2026-10-01")
    assert "APIKEY.INACTIVE" == raised.value.code
