"""A published answer of Kuaidi100."""

import pytest

pytestmark = pytest.mark.samples


def test_the_published_parcel_was_signed_by_its_newest_scan(inspected):
    found = inspected("china/logistics/kuaidi100_signed_2018.json")
    assert ("kuaidi100", "ok") == (found["source"], found["verdict"])
    [row] = found["streams"]["trackings"]
    assert ("3378237498354", "shentong", "2018-10-03 17:29:23", "2018-10-05 12:46:15") == tuple(
        row[name] for name in ("waybill_no", "carrier", "picked_up_at", "delivered_at")
    )
