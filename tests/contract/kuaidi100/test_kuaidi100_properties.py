"""Whatever scans an answer holds, in whatever order, come back by time; damaged answers are refused or read."""

import json
from datetime import datetime, timedelta

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from connectors.kuaidi100 import SOURCE
from tests.support import fuzz

[WAYBILLS] = SOURCE.streams
QUICK = settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
START = datetime.fromisoformat("2026-10-01T00:00:00+08:00")
TEXT = st.text(alphabet=st.characters(blacklist_categories=("Cs",)), max_size=20)


def answer(number, state, scans):
    data = [
        {"time": f"{START + timedelta(seconds=seconds):%Y-%m-%d %H:%M:%S}", "context": text} for seconds, text in scans
    ]
    body = {"message": "ok", "nu": number, "com": "yuantong", "status": "200", "state": state, "data": data}
    return json.dumps(body, ensure_ascii=False).encode()


@QUICK
@given(
    number=st.from_regex(r"[A-Z0-9]{6,20}", fullmatch=True),
    state=st.sampled_from(["0", "1", "3", "4", "14"]),
    scans=st.lists(st.tuples(st.integers(0, 10**6), TEXT), max_size=12),
)
def test_scans_come_back_by_time(tmp_path, connect, number, state, scans):
    path = tmp_path / "tracking.json"
    path.write_bytes(answer(number, state, scans))
    connection = connect("kuaidi100")
    unpacked = WAYBILLS.unpack(path, "json", tmp_path, connection, path.name)
    [row] = WAYBILLS.canonical(unpacked, connection).streams["trackings"]
    times = [f"{START + timedelta(seconds=seconds):%Y-%m-%d %H:%M:%S}" for seconds, _ in scans] or [None]
    first, last = min(times, key=str), max(times, key=str)
    assert (number, first, last) == (row["waybill_no"], row["picked_up_at"], row["last_scan_at"])
    assert (last if state == "3" else None, last if state == "4" else None) == (row["delivered_at"], row["returned_at"])


def test_damaged_answers_are_refused_or_read(tmp_path, connect):
    def check(body, unpacked, canonical):
        del body
        if unpacked.refused is None:
            assert 1 == len(canonical.streams["trackings"])

    seeds = [answer("YT1", "3", [(5, "已收件"), (90_000, "已签收")])]
    fuzz(WAYBILLS, seeds, connect("kuaidi100"), tmp_path, suffix="json", check=check)
