"""Whatever scans an answer holds come back by instant; damaged answers are refused or read."""

import json
from datetime import UTC, datetime, timedelta

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from connectors.core.canonical import json_records
from connectors.shippo import SOURCE
from tests.support import fuzz

[WAYBILLS] = SOURCE.streams
QUICK = settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
START = datetime(2026, 10, 1, tzinfo=UTC)
TEXT = st.text(alphabet=st.characters(blacklist_categories=("Cs",)), max_size=20) | st.sampled_from(
    ['left at "door"', "a\nb", "\u2028", "Päckchen", "{}"]
)
CARRIED = {"TRANSIT", "DELIVERED", "RETURNED"}
STATUSES = st.sampled_from([*sorted(CARRIED), "UNKNOWN", "PRE_TRANSIT", "FAILURE", "NEW_WORD"])
SCAN = st.tuples(st.integers(0, 10**6), STATUSES, TEXT)


def written(number, scans, newest):
    told = [
        {
            "status": status,
            "status_details": text,
            "status_date": f"{START + timedelta(seconds=second):%Y-%m-%dT%H:%M:%SZ}",
        }
        for second, status, text in [*scans, *([newest] if newest else [])]
    ]
    body = {
        "carrier": "dhl_germany",
        "tracking_number": number,
        "tracking_status": told[-1] if newest else None,
        "tracking_history": told[: len(scans)],
    }
    return json.dumps(body, ensure_ascii=False).encode()


def moment(seconds, pick):
    return (START + timedelta(seconds=pick(seconds))).isoformat() if seconds else None


@QUICK
@given(
    number=st.from_regex(r"[A-Z0-9]{6,20}", fullmatch=True),
    scans=st.lists(SCAN, max_size=9),
    newest=st.none() | SCAN,
)
def test_scans_come_back_by_instant_whatever_their_order(tmp_path, connect, number, scans, newest):
    path = tmp_path / "tracking.json"
    path.write_bytes(written(number, scans, newest))
    unpacked = WAYBILLS.unpack(path, "json", tmp_path, connect("shippo"), path.name)
    made = WAYBILLS.canonical(unpacked, connect("shippo"))
    assert () == made.quarantine
    [row] = made.streams["trackings"]
    told = [*scans, *([newest] if newest else [])]
    sent_back = [second for second, status, _ in told if status == "RETURNED"]
    carried = [second for second, status, _ in told if status in CARRIED]
    unclear = [second for second, status, _ in told if status == "UNKNOWN" and carried and second > min(carried)]
    seen = [second for second, status, _ in told if status in CARRIED | {"FAILURE", "NEW_WORD"}] + unclear
    delivered = [
        second for second, status, _ in told if status == "DELIVERED" and second < min(sent_back, default=10**9)
    ]
    expected = (number, moment(carried, min), moment(delivered, min), moment(sent_back, min), moment(seen, max))
    names = ("waybill_no", "picked_up_at", "delivered_at", "returned_at", "last_scan_at")
    assert expected == tuple(row[name] for name in names)


def test_damaged_answers_are_refused_or_read(tmp_path, connect):
    def check(_body, unpacked, canonical):
        if unpacked.refused is None:
            [part] = unpacked.parts
            assert 1 == sum(1 for _ in json_records(part))
            assert 1 == len(canonical.streams["trackings"]) + len(canonical.quarantine)

    seeds = [
        written("JD1", [(5, "TRANSIT", "双十一"), (9, "UNKNOWN", "x")], (20, "DELIVERED", "")),
        written("1", [], None),
    ]
    fuzz(WAYBILLS, seeds, connect("shippo"), tmp_path, suffix="json", check=check)
