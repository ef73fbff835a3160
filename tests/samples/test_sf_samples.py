"""A real list of SF's scans, newest first."""

import json

import pytest

pytestmark = pytest.mark.samples
NAME = "china/logistics/sf_routes_newest_first_2017.json"


def test_a_real_list_of_scans_is_read_by_time(inspected, sample):
    found = inspected(NAME)
    assert ("sf", "ok", []) == (found["source"], found["verdict"], found["quarantine"])
    [parcel] = found["streams"]["trackings"]
    scans = json.loads(sample(NAME).read_bytes())["data"]["body"]
    assert "238836512256" == parcel["waybill_no"]
    assert "2017-12-21T14:56:28+08:00" == parcel["delivered_at"]
    assert "2017-12-21T14:57:08+08:00" == parcel["last_scan_at"]
    pick_ups = [scan["acceptTime"] for scan in scans if scan["opcode"] in {"50", "54"}]
    assert f"{min(pick_ups).replace(' ', 'T')}+08:00" == parcel["picked_up_at"]


def test_the_sandbox_scans_with_the_codes_of_the_real_list(sample):
    from datetime import datetime  # noqa: PLC0415 - only here

    from connectors.sandbox.apis import sf  # noqa: PLC0415 - only here

    moment = datetime(2026, 10, 1, 9)  # noqa: DTZ001 - the world's clock
    later = datetime(2026, 10, 3)  # noqa: DTZ001 - the world's clock
    scans = sf._scans({"picked_up_at": moment, "delivered_at": moment.replace(day=2)}, later)
    real = json.loads(sample(NAME).read_bytes())["data"]["body"]
    assert {scan["opCode"] for scan in scans} <= {scan["opcode"] for scan in real}
    assert {"acceptTime", "acceptAddress", "remark"} <= scans[0].keys() & real[0].keys()
    assert scans == sorted(scans, key=lambda scan: scan["acceptTime"], reverse=True)
