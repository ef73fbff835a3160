"""Whatever scans a tracker holds come back by instant; damaged answers are refused or read to their end."""

import json
from datetime import UTC, datetime, timedelta, timezone

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from connectors.core.canonical import json_records
from connectors.easypost import SOURCE
from tests.support import fuzz

[WAYBILLS] = SOURCE.streams
QUICK = settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
START = datetime(2026, 10, 1, tzinfo=UTC)
TEXT = st.text(alphabet=st.characters(blacklist_categories=("Cs",)), max_size=20) | st.sampled_from(
    ['left at "door"', "a\nb", "\u2028", "已签收", "{}"]
)
CARRIED = {"in_transit", "out_for_delivery", "available_for_pickup", "delivered", "return_to_sender"}
STATUSES = st.sampled_from([*sorted(CARRIED), "pre_transit", "failure", "cancelled", "error", "new_word"])
SCANS = st.lists(st.tuples(st.integers(0, 10**6), STATUSES, st.sampled_from([-8, 0, 2]), TEXT), max_size=9)


def written(parcels):
    trackers = [
        {
            "id": f"trk_{number}",
            "object": "Tracker",
            "tracking_code": f"1Z{number}",
            "status": "unknown",
            "carrier": "UPS",
            "tracking_details": [
                {
                    "status": status,
                    "message": text,
                    "datetime": (START + timedelta(seconds=second))
                    .astimezone(timezone(timedelta(hours=hours)))
                    .isoformat(),
                }
                for second, status, hours, text in scans
            ],
        }
        for number, scans in enumerate(parcels)
    ]
    return json.dumps({"trackers": trackers, "has_more": False}, ensure_ascii=False).encode()


def moment(seconds, pick):
    return (START + timedelta(seconds=pick(seconds))).isoformat() if seconds else None


@QUICK
@given(parcels=st.lists(SCANS, max_size=4))
def test_scans_come_back_by_instant_whatever_their_order_and_clock(tmp_path, connect, parcels):
    path = tmp_path / "trackers.json"
    path.write_bytes(written(parcels))
    unpacked = WAYBILLS.unpack(path, "json", tmp_path, connect("easypost"), path.name)
    made = WAYBILLS.canonical(unpacked, connect("easypost"))
    assert () == made.quarantine
    expected = []
    for number, scans in enumerate(parcels):
        sent_back = [second for second, status, _, _ in scans if status == "return_to_sender"]
        until = min(sent_back, default=10**9)
        expected.append(
            (
                f"1Z{number}",
                moment([second for second, status, _, _ in scans if status in CARRIED], min),
                moment([second for second, status, _, _ in scans if status == "delivered" and second < until], min),
                moment(sent_back, min),
                moment([second for second, status, _, _ in scans if status in CARRIED | {"failure", "new_word"}], max),
            )
        )
    names = ("waybill_no", "picked_up_at", "delivered_at", "returned_at", "last_scan_at")
    assert expected == [tuple(row[name] for name in names) for row in made.streams["trackings"]]


def test_damaged_answers_are_refused_or_read_to_their_end(tmp_path, connect):
    def check(_body, unpacked, canonical):
        if unpacked.refused is None:
            [part] = unpacked.parts
            count = sum(1 for _ in json_records(part))
            assert count == len(canonical.streams["trackings"]) + len(canonical.quarantine)

    page = written([[(5, "in_transit", 0, "双十一"), (9, "delivered", 2, "x")], [(1, "pre_transit", 0, "")]])
    one = json.dumps(json.loads(page)["trackers"][0]).encode()
    fuzz(WAYBILLS, [page, one], connect("easypost"), tmp_path, suffix="json", check=check)
