"""What is written of the longer tests: a test that was not called to its end has not passed."""

import json
from types import SimpleNamespace

import pytest

from tests.plugins.heavy import Recorder


def report(when, outcome="passed"):
    return SimpleNamespace(nodeid="t", when=when, outcome=outcome, duration=1.0, user_properties=())


@pytest.mark.parametrize(
    ("reports", "outcome"),
    [
        ([report("setup")], "unfinished"),
        ([report("setup"), report("call"), report("teardown")], "passed"),
        ([report("setup", "failed")], "failed"),
        ([report("setup"), report("call", "failed"), report("teardown")], "failed"),
        ([report("setup"), report("call"), report("teardown", "failed")], "failed"),
    ],
)
def test_only_what_ran_to_its_end_has_passed(tmp_path, reports, outcome):
    recorder = Recorder(tmp_path / "result.json")
    for one in reports:
        recorder.pytest_runtest_logreport(one)
    recorder.pytest_sessionfinish(None, 2)
    found = json.loads((tmp_path / "result.json").read_text())
    assert (2, outcome) == (found["exit_status"], found["tests"]["t"]["outcome"])
