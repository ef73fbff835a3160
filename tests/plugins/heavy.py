"""Writes what ``make test-heavy`` found: command, versions, machine, outcome and figures of every heavy test.

A test gives its figures with ``record_property``.
"""

import json
import os
import platform
from importlib.metadata import version
from pathlib import Path

import pytest

PACKAGES = ("tieout", "duckdb", "dbt-core", "dbt-duckdb", "dagster")


class Recorder:
    """Collects the reports of one session."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self.tests: dict[str, dict[str, object]] = {}

    def pytest_runtest_logreport(self, report: pytest.TestReport) -> None:
        # until it was called to its end it has not passed, however the session ends
        found = self.tests.setdefault(report.nodeid, {"outcome": "unfinished", "seconds": 0.0})
        found["seconds"] = round(float(str(found["seconds"])) + report.duration, 1)
        if report.outcome != "passed":
            found["outcome"] = report.outcome
        elif report.when == "call" and found["outcome"] == "unfinished":
            found["outcome"] = "passed"
        if report.user_properties:
            found["figures"] = dict(report.user_properties)

    def pytest_sessionfinish(self, session: pytest.Session, exitstatus: int) -> None:
        if not self.tests:
            return
        facts = {
            "command": "make test-heavy",
            "exit_status": int(exitstatus),
            "python": platform.python_version(),
            "cpus": os.cpu_count(),
            "versions": {name: version(name) for name in PACKAGES},
            "tests": dict(sorted(self.tests.items())),
        }
        self.path.write_text(json.dumps(facts, indent=1, ensure_ascii=False) + "\n", encoding="utf-8")


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption("--heavy-result", metavar="FILE", help="write the outcome of this session there, as JSON")


def pytest_configure(config: pytest.Config) -> None:
    path = config.getoption("--heavy-result")
    if path and not hasattr(config, "workerinput"):
        config.pluginmanager.register(Recorder(Path(path)), "heavy-recorder")
