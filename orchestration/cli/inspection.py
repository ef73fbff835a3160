"""``tieout inspect``: how a file would be read. Imports nothing, needs no settings."""

import json
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, Final

from connectors.core.inspect import inspect_file as read_file
from connectors.core.registry import NAMES
from orchestration.cli.edge import DONE, UsageError
from orchestration.cli.query import plain

SHOWN: Final = 8
STATED: Final = (("row_count", "stated_row_count"), ("in_sum", "stated_in_sum"), ("out_sum", "stated_out_sum"))


def inspect_file(file: Path, source: str | None, *, as_json: bool) -> int:
    """Either verdict is an answer: exit code 0."""
    if not file.is_file():
        raise UsageError(f"{file} is no file: name a bill, statement or export that exists")
    if source is not None and source not in NAMES:
        raise UsageError(f"--source {source}: no such connector; allowed: {', '.join(NAMES)}")
    report = read_file(file, source)
    if as_json:
        sys.stdout.write(json.dumps(plain(report), ensure_ascii=False, indent=1) + "\n")
    else:
        _show(file, report)
    return DONE


def closes(statement: Mapping[str, Any]) -> bool | None:
    """Whether opening + in − out = closing; None where the file does not state both balances."""
    from decimal import Decimal

    opening, closing = statement["opening_balance"], statement["closing_balance"]
    if opening is None or closing is None:
        return None
    return Decimal(opening) + Decimal(statement["in_sum"]) - Decimal(statement["out_sum"]) == Decimal(closing)


def _show(file: Path, report: Mapping[str, Any]) -> None:
    from rich.console import Console
    from rich.text import Text

    console = Console()
    style = "green" if report["verdict"] == "ok" else "red"
    console.print(
        Text.assemble((file.name, "bold"), f": {report['source'] or 'unknown format'}, ", (report["verdict"], style))
    )
    if report["reason"]:
        console.print(Text(report["reason"]), style="yellow" if report["verdict"] == "ok" else "red")
    if report["statements"]:
        console.print(_statements(report["statements"]))
    for stream, records in report["streams"].items():
        console.print(_records(stream, records))
    if report["quarantine"]:
        console.print(_quarantine(report["quarantine"]))


def _statements(statements: Sequence[Mapping[str, Any]]) -> Any:
    from rich import box
    from rich.table import Table

    table = Table(title="Statements", title_justify="left", box=box.SIMPLE_HEAD)
    for name in ("account", "day", "opening", "in", "out", "closing", "rows", "stated", "agrees"):
        table.add_column(name, justify="left" if name in {"account", "day", "agrees"} else "right")
    for statement in statements:
        stated = [statement[name] for _, name in STATED if statement[name] is not None]
        differs = [name for name, said in STATED if statement[said] is not None and not _same(statement, name, said)]
        balanced = closes(statement)
        verdict = "no: " + ", ".join(differs) if differs else "yes" if stated else "–"
        if balanced is not None:
            verdict += "; balances close" if balanced else "; balances do not close"
        cells = [statement[n] for n in ("account", "day", "opening_balance", "in_sum", "out_sum", "closing_balance")]
        cells += [statement["row_count"], " / ".join(str(item) for item in stated) or None]
        table.add_row(*["" if cell is None else str(cell) for cell in cells], verdict)
    return table


def _same(statement: Mapping[str, Any], name: str, said: str) -> bool:
    from decimal import Decimal

    return Decimal(str(statement[name])) == Decimal(str(statement[said]))


def _records(stream: str, records: Sequence[Mapping[str, Any]]) -> Any:
    from rich import box
    from rich.table import Table
    from rich.text import Text

    filled = [name for name in (records[0] if records else ()) if any(r.get(name) is not None for r in records[:50])]
    shown = filled[:SHOWN]
    table = Table(title=f"{stream}: {len(records)} records", title_justify="left", box=box.SIMPLE_HEAD)
    for name in shown:
        table.add_column(name, overflow="fold")
    for record in records[:SHOWN]:
        table.add_row(*[Text("" if record.get(name) is None else str(record[name])) for name in shown])
    if len(records) > SHOWN:
        table.caption = f"the first {SHOWN}; all of them with --json"
    return table


def _quarantine(rejects: Sequence[Mapping[str, Any]]) -> Any:
    from rich import box
    from rich.table import Table
    from rich.text import Text

    table = Table(title=f"Quarantine: {len(rejects)} rows", title_justify="left", box=box.SIMPLE_HEAD)
    for name in ("row", "column", "reason"):
        table.add_column(name, overflow="fold")
    for reject in rejects:
        table.add_row(*[Text(str(reject[name])) for name in ("row", "column", "reason")])
    return table
