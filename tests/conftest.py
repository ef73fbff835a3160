"""What all tests share: the environment as it was found, and dbt's reading of the project, once per set of sources."""

import os
import shutil
from collections.abc import Iterator
from importlib import import_module
from pathlib import Path
from tempfile import mkdtemp
from typing import Any

import pytest

from orchestration.settings import Settings, hold

# their asserts show both sides, like those of a test
pytest.register_assert_rewrite("tests.contract.meeting", "tests.contract.refusals")
READ = ("manifest.json", "partial_parse.msgpack")
"""What dbt makes of a project, and later builds start from."""
LONG = frozenset({"e2e", "integration"})


@pytest.fixture(autouse=True)
def _environment_as_found() -> Iterator[None]:
    before = dict(os.environ)
    yield
    if dict(os.environ) != before:
        os.environ.clear()
        os.environ.update(before)


@pytest.fixture(scope="session", autouse=True)
def _project_read_once(tmp_path_factory: pytest.TempPathFactory) -> Iterator[None]:
    """Merchants of the same sources get the manifest that the first of them had made: reading takes dbt ten seconds."""
    own = tmp_path_factory.getbasetemp()
    shared = (own.parent if "PYTEST_XDIST_WORKER" in os.environ else own) / "read_projects"
    shared.mkdir(exist_ok=True)
    build = import_module("orchestration.warehouse.build")
    read = build._parse_anew

    def read_once(settings: Settings, inputs: str) -> None:
        there, target = shared / inputs, build.target_dir(settings)
        # one worker reads, the others wait for it
        with hold(shared / f"{inputs}.lock", wait_seconds=None):
            if not there.exists():
                read(settings, inputs)
                made = Path(mkdtemp(dir=shared))
                for name in READ:
                    shutil.copy2(target / name, made)
                made.rename(there)
        for name in READ:
            shutil.copy2(there / name, target)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(build, "_parse_anew", read_once)
        yield


@pytest.hookimpl(trylast=True)
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """What runs for minutes begins first, so that at the end no worker waits for another; the rest keeps its order."""
    items.sort(key=lambda item: item.path.parent.name not in LONG)


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
