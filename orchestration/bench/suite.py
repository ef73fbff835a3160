"""Runs the chosen benchmarks, prints the table, writes the JSON whose keys the contract fixes."""

import json
import platform
from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict
from importlib.metadata import version
from pathlib import Path
from typing import Any, Final

from rich import box
from rich.console import Console
from rich.table import Table

from orchestration.bench.extras import RIVALS, missing
from orchestration.bench.measure import Outcome


def _match(rows: int) -> Outcome:
    from orchestration.bench.match import run

    return run(rows)


def _bank(rows: int) -> Outcome:
    from orchestration.bench.bank import run

    return run(rows)


def _rivals(rows: int) -> Outcome:
    from orchestration.bench.rivals import run

    return run(rows)


def _day(rows: int) -> Outcome:
    from orchestration.bench.day import run

    return run(rows)


def _ingest(rows: int) -> Outcome:
    from orchestration.bench.ingest import run

    return run(rows)


def _noop(_rows: int) -> Outcome:
    from orchestration.bench.noop import run

    return run()


WIDE: Final = 160
VERSIONS: Final = ("tieout", "duckdb", "dbt-core", "dbt-duckdb", "dagster")
BENCHES: Final[Mapping[str, Callable[[int], Outcome]]] = {
    "match": _match,
    "rivals": _rivals,
    "day": _day,
    "bank": _bank,
    "ingest": _ingest,
    "noop": _noop,
}


def run_suite(names: Sequence[str], json_file: Path | None, rows: int) -> None:
    """Runs one after the other; nothing is kept but the figures. Asked for all, it leaves out what is not installed."""
    console = Console(stderr=True)
    outcomes: dict[str, Outcome] = {}
    lacking = "" if names else missing()
    if lacking:
        console.print(lacking, markup=False, soft_wrap=True)
    for name in names or [name for name in BENCHES if name != "rivals" or not lacking]:
        with console.status(f"bench {name}"):
            outcomes[name] = BENCHES[name](rows)
    _show(outcomes)
    if json_file is not None:
        json_file.write_text(json.dumps(_facts(outcomes, rows), indent=1) + "\n", encoding="utf-8")


def _show(outcomes: Mapping[str, Outcome]) -> None:
    table = Table(box=box.SIMPLE_HEAD)
    for name in ("bench", "what", "CPU s", "wall s", "floor CPU s", "ratio", ""):
        table.add_column(name, justify="left" if name in {"bench", "what", ""} else "right")
    for bench, outcome in outcomes.items():
        for line in outcome.lines:
            table.add_row(
                bench,
                line.name,
                f"{line.cost.cpu_seconds:.3f}",
                f"{line.cost.wall_seconds:.3f}",
                f"{line.floor.cpu_seconds:.3f}",
                f"{line.ratio:.2f}",
                line.note,
            )
    screen = Console()
    (screen if screen.is_terminal else Console(width=WIDE)).print(table)


def _facts(outcomes: Mapping[str, Outcome], rows: int) -> Mapping[str, Any]:
    return {
        **{
            name: {key: round(value, 3) for key, value in outcome.figures.items()} for name, outcome in outcomes.items()
        },
        "lines": {
            name: [{"what": line.name, "ratio": round(line.ratio, 3), **asdict(line.cost)} for line in outcome.lines]
            for name, outcome in outcomes.items()
        },
        "rows": rows,
        "versions": {
            "python": platform.python_version(),
            **{name: version(name) for name in (*VERSIONS, *(RIVALS if "rivals" in outcomes else ()))},
        },
    }
