"""Recorded answers of EasyPost: labels that no carrier has picked up."""

import json

import pytest

from connectors.core.inspect import inspect_file

pytestmark = pytest.mark.samples
LIST, MADE, ONE, EVENTS = (
    f"intl/easypost/test_{name}.json"
    for name in ("tracker_all", "tracker_create", "tracker_retrieve", "event_retrieve")
)
TIMES = ("picked_up_at", "delivered_at", "returned_at", "last_scan_at", "freight_cost")


@pytest.fixture
def bodies(sample, tmp_path):
    """The bodies of a recording, each as the file it would be."""

    def written(name):
        paths = []
        for place, exchange in enumerate(json.loads(sample(name).read_bytes())):
            path = tmp_path / f"{place}.json"
            path.write_text(json.dumps(exchange["body"]), encoding="utf-8")
            paths.append(path)
        return paths

    return written


def test_the_recorded_list_is_read_and_nothing_was_picked_up(bodies):
    [page] = bodies(LIST)
    found = inspect_file(page)
    assert ("easypost", "ok", []) == (found["source"], found["verdict"], found["quarantine"])
    rows = found["streams"]["trackings"]
    recorded = json.loads(page.read_bytes())["trackers"]
    assert [(one["tracking_code"], one["carrier"]) for one in recorded] == [
        (row["waybill_no"], row["carrier"]) for row in rows
    ]
    assert 5 == len(rows)
    assert {(None,) * 5} == {tuple(row[name] for name in TIMES) for row in rows}


@pytest.mark.parametrize(("name", "count"), [(MADE, 1), (ONE, 2)])
def test_one_recorded_tracker_is_read(bodies, name, count):
    paths = bodies(name)
    assert count == len(paths)
    for path in paths:
        found = inspect_file(path)
        assert ("easypost", "ok") == (found["source"], found["verdict"])
        [row] = found["streams"]["trackings"]
        assert ("EZ1000000001", "USPS", None) == (row["waybill_no"], row["carrier"], row["last_scan_at"])


def test_a_list_of_events_is_no_list_of_trackers(bodies):
    [path] = bodies(EVENTS)
    assert "refused" == inspect_file(path)["verdict"]
    assert "easypost" != inspect_file(path)["source"]
