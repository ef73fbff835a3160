"""Every test starts with the environment it found, whatever a command set in this process before."""

import os
from collections.abc import Iterator
from typing import Any

import pytest

# their asserts show both sides, like those of a test
pytest.register_assert_rewrite("tests.contract.meeting", "tests.contract.refusals")


@pytest.fixture(autouse=True)
def _environment_as_found() -> Iterator[None]:
    before = dict(os.environ)
    yield
    if dict(os.environ) != before:
        os.environ.clear()
        os.environ.update(before)


def pytest_terminal_summary(terminalreporter: Any) -> None:
    """The samples' table: source, file, result."""
    rows = sorted(
        value
        for report in terminalreporter.getreports("passed")
        for name, value in getattr(report, "user_properties", ())
        if name == "sample"
    )
    if rows:
        terminalreporter.section("samples: source, file, result")
        for source, file, verdict, counts, reason in rows:
            terminalreporter.write_line(f"{source:<12} {file:<62} {verdict:<8} {counts} {reason}".rstrip())
