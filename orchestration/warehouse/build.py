"""One in-process dbt start per run, and the manifest that everybody else reads."""

import hashlib
import json
import os
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from importlib.metadata import version
from pathlib import Path
from typing import Any

from orchestration.settings import Settings
from orchestration.warehouse.closing import ensure_closed, is_stale
from orchestration.warehouse.connect import WarehouseError, connect
from orchestration.warehouse.variables import EVERYTHING, Variables, set_variables
from orchestration.warehouse.warehouse import Warehouse

PROJECT_DIR = Path(__file__).resolve().parents[2] / "dbt_project"
SOURCE_FOLDERS = ("models", "macros", "seeds", "tests", "snapshots", "analyses")
GOOD = frozenset({"success", "pass", "warn", "skipped", "no-op", "reused"})
OnEvent = Callable[[Any], None]


@dataclass(frozen=True, slots=True)
class NodeResult:
    """What became of one dbt node. ``rows``: rows affected, where the adapter says so."""

    unique_id: str
    status: str
    rows: int | None
    message: str
    failures: int | None
    seconds: float


@dataclass(frozen=True, slots=True)
class BuildReport:
    """``success``: every node did what it should; ``errors``: in one sentence each, what did not."""

    success: bool
    nodes: tuple[NodeResult, ...]
    errors: tuple[str, ...]


def target_dir(settings: Settings) -> Path:
    """Where dbt keeps its manifest and compiled SQL."""
    return settings.data_dir / "dbt_target"


def build(
    settings: Settings,
    variables: Variables,
    select: Sequence[str] = (),
    *,
    full_refresh: bool = False,
    on_event: OnEvent | None = None,
) -> BuildReport:
    """Run ``dbt build`` in this process. When all of it succeeds, nothing loaded is pending any more.

    Other models than those that closed threads build everything anew; what closed ones rest on and is true no more
    lets everything be read again.
    """
    everything = replace(variables, load_from=EVERYTHING[0], load_to=EVERYTHING[1])
    if _has_forgotten(settings, anew=full_refresh):
        variables, full_refresh = everything, True
    report = _build(settings, variables, select, full_refresh=full_refresh, on_event=on_event)
    if report.success and not select and is_stale(settings):
        report = _build(settings, everything, select, full_refresh=full_refresh, on_event=on_event)
    if report.success and not select:
        Warehouse(settings).built()
    return report


def _has_forgotten(settings: Settings, *, anew: bool) -> bool:
    manifest = manifest_of(settings)
    with connect(Warehouse(settings).path) as connection:
        return ensure_closed(connection, manifest, _code(settings), anew=anew)


def _build(
    settings: Settings, variables: Variables, select: Sequence[str], *, full_refresh: bool, on_event: OnEvent | None
) -> BuildReport:
    arguments = ["build", "--exclude-resource-type", "unit_test", *_common(settings)]
    if select:
        arguments += ["--select", *select]
    if full_refresh:
        arguments.append("--full-refresh")
    set_variables(variables)
    try:
        outcome = _invoke(settings, arguments, on_event, _parsed(settings))
    finally:
        set_variables(None)
    return _report(outcome)


def parse(settings: Settings) -> Path:
    """The manifest's path; dbt parses only when the project or the configured sources changed since."""
    folder = target_dir(settings)
    manifest, stamp = folder / "manifest.json", folder / ".inputs"
    inputs = _inputs(settings)
    if manifest.exists() and stamp.exists() and stamp.read_text(encoding="ascii") == inputs:
        return manifest
    folder.mkdir(parents=True, exist_ok=True)
    _parse_anew(settings, inputs)
    stamp.write_text(inputs, encoding="ascii")
    return manifest


def _parse_anew(settings: Settings, inputs: str) -> None:
    """Leave the manifest of these inputs in the target folder, for people and for dbt."""
    outcome = _invoke(settings, ["parse", *_common(settings)], None)
    if not outcome.success:
        raise WarehouseError(f"the dbt project does not parse, {inputs}: {outcome.exception}")


def manifest_of(settings: Settings) -> dict[str, Any]:
    """The parsed manifest as plain data."""
    found: dict[str, Any] = json.loads(parse(settings).read_text(encoding="utf-8"))
    return found


def _inputs(settings: Settings) -> str:
    return hashlib.sha256(f"{version('dbt-core')} {_code(settings)}".encode()).hexdigest()


def _code(settings: Settings) -> str:
    """What the models are: the project's files as they lie there, and the sources they are made for."""
    digest = hashlib.sha256(",".join(settings.sources).encode())
    files = [path for folder in SOURCE_FOLDERS for path in (PROJECT_DIR / folder).rglob("*") if path.is_file()]
    for path in sorted([*files, *PROJECT_DIR.glob("*.yml")]):
        state = path.stat()
        digest.update(f"{path.relative_to(PROJECT_DIR)} {state.st_size} {state.st_mtime_ns}\n".encode())
    return digest.hexdigest()


def _common(settings: Settings) -> list[str]:
    return [
        *("--project-dir", str(PROJECT_DIR), "--profiles-dir", str(PROJECT_DIR)),
        *("--target-path", str(target_dir(settings)), "--log-path", str(settings.data_dir / "logs")),
        *("--log-level", "none", "--no-use-colors", "--no-print"),
    ]


def _parsed(settings: Settings) -> Any:
    """The project as dbt has parsed it: it depends on the models and the sources, not on where a warehouse lies."""
    from dbt.contracts.graph.manifest import Manifest  # noqa: PLC0415 - as in _invoke
    from dbt.parser.manifest import extended_mashumuro_decoder  # noqa: PLC0415

    parse(settings)
    content = (target_dir(settings) / "partial_parse.msgpack").read_bytes()
    manifest = Manifest.from_msgpack(content, decoder=extended_mashumuro_decoder)
    manifest.build_flat_graph()
    return manifest


def _invoke(settings: Settings, arguments: list[str], on_event: OnEvent | None, manifest: Any = None) -> Any:
    """One dbt call; afterwards no connection to the warehouse is left open and folder and environment are as before."""
    from dbt.cli.main import dbtRunner  # noqa: PLC0415 - half of a dbt call is this import

    with _environment(settings):
        try:
            return dbtRunner(manifest, callbacks=[on_event] if on_event else []).invoke(arguments)
        finally:
            _close_adapter()


def _close_adapter() -> None:
    from dbt.adapters.duckdb.connections import DuckDBConnectionManager  # noqa: PLC0415 - see above

    DuckDBConnectionManager.close_all_connections()


@contextmanager
def _environment(settings: Settings) -> Iterator[None]:
    """Give dbt its variables in the environment; it may change the working directory."""
    wanted = {
        "TIEOUT_WAREHOUSE": str(Warehouse(settings).path),
        "TIEOUT_SOURCES": ",".join(settings.sources),
        "DBT_PROFILES_DIR": str(PROJECT_DIR),
        "DO_NOT_TRACK": "1",
    }
    before = {key: os.environ.get(key) for key in wanted}
    folder = Path.cwd()
    os.environ.update(wanted)
    try:
        yield
    finally:
        os.chdir(folder)
        for key, value in before.items():
            if value is None:
                os.environ.pop(key, None)
            else:
                os.environ[key] = value


def _report(outcome: Any) -> BuildReport:
    results = getattr(outcome.result, "results", None) or ()
    nodes = tuple(
        NodeResult(
            unique_id=str(item.node.unique_id),
            status=str(item.status),
            rows=(item.adapter_response or {}).get("rows_affected"),
            message=str(item.message or ""),
            failures=item.failures,
            seconds=float(item.execution_time),
        )
        for item in results
    )
    errors = [f"{node.unique_id}: {node.message}" for node in nodes if node.status not in GOOD]
    if outcome.exception is not None:
        errors.append(str(outcome.exception))
    return BuildReport(bool(outcome.success) and not errors, nodes, tuple(errors))
