"""Whatever a carrier writes into its scans comes back exactly; damaged answers are refused or read to their end."""

import json
from datetime import datetime, timedelta
from decimal import Decimal

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from connectors.core.canonical import json_records
from connectors.sf import SOURCE
from tests.support import fuzz

[WAYBILLS] = SOURCE.streams
TEXT = st.text(alphabet=st.characters(blacklist_categories=("Cs",)), max_size=30) | st.sampled_from(
    ['快件"到达"', "a\nb", "\u2028", "\\", "{}"]
)
SCANS = st.lists(
    st.tuples(st.integers(0, 10**6), st.sampled_from(["54", "50", "30", "80", "8000", "zz"]), TEXT), max_size=9
)
QUICK = settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
START = datetime(2026, 10, 1)  # noqa: DTZ001 - as SF writes it


def written(data):
    inner = json.dumps({"success": True, "errorCode": "S0000", "msgData": data}, ensure_ascii=False)
    return json.dumps({"apiResultCode": "A1000", "apiResultData": inner}, ensure_ascii=False).encode()


def parcel(number, scans):
    routes = [
        {"acceptTime": str(START + timedelta(seconds=second)), "opCode": code, "remark": remark}
        for second, code, remark in scans
    ]
    return {"mailNo": f"SF{number}", "routes": routes}


def read(body, folder, connection, name):
    path = folder / name
    path.write_bytes(body)
    unpacked = WAYBILLS.unpack(path, "json", folder, connection, name)
    assert unpacked.refused is None, unpacked.refused
    return WAYBILLS.canonical(unpacked, connection)


def moment(seconds, pick):
    return f"{(START + timedelta(seconds=pick(seconds))).isoformat()}+08:00" if seconds else None


@QUICK
@given(parcels=st.lists(SCANS, min_size=1, max_size=6))
def test_scans_come_back_by_time_whatever_their_order(tmp_path, connect, parcels):
    body = written({"routeResps": [parcel(number, scans) for number, scans in enumerate(parcels)]})
    found = read(body, tmp_path, connect("sf"), "routes.json")
    assert () == found.quarantine
    expected = [
        (
            f"SF{number}",
            moment([second for second, code, _ in scans if code in {"50", "54"}], min),
            moment([second for second, code, _ in scans if code == "80"], min),
            moment([second for second, _, _ in scans], max),
        )
        for number, scans in enumerate(parcels)
    ]
    names = ("waybill_no", "picked_up_at", "delivered_at", "last_scan_at")
    assert expected == [tuple(row[name] for name in names) for row in found.streams["trackings"]]


@QUICK
@given(fen=st.lists(st.integers(0, 10**7), min_size=1, max_size=6))
def test_fees_add_up_to_the_fen(tmp_path, connect, fen):
    fees = [{"type": "1", "name": "运费", "value": format(Decimal(value).scaleb(-2), "f")} for value in fen]
    found = read(written({"waybillFeeList": fees}), tmp_path, connect("sf"), "fee_SF1.json")
    [row] = found.streams["trackings"]
    assert ("SF1", Decimal(sum(fen)).scaleb(-2)) == (row["waybill_no"], Decimal(row["freight_cost"]))


def test_damaged_answers_are_refused_or_read_to_their_end(tmp_path, connect):
    def check(_body, unpacked, canonical):
        if unpacked.refused is None:
            [part] = unpacked.parts
            count = sum(1 for _ in json_records(part))
            assert count == len(canonical.streams["trackings"]) + len(canonical.quarantine)

    scans = [(1, "54", "双十一"), (9, "80", "x")]
    old = [{"mailNo": "SF1", "acceptTime": "2026-10-01 09:00:00", "opcode": "80"}]
    seeds = [
        written({"routeResps": [parcel(1, scans), parcel(2, scans)]}),
        written({"waybillInfo": {"waybillNo": "SF1"}, "waybillFeeList": [{"value": "12.00"}, {"value": 0.5}]}),
        json.dumps({"data": {"body": old * 3}}).encode(),
    ]
    fuzz(WAYBILLS, seeds, connect("sf"), tmp_path, suffix="json", check=check)
