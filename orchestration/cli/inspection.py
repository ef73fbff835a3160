"""``tieout inspect``: how a file would be read. Imports nothing, needs no settings."""

import json
import sys
from collections.abc import Mapping
from decimal import Decimal
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
    opening, closing = statement["opening_balance"], statement["closing_balance"]
    if opening is None or closing is None:
        return None
    return Decimal(opening) + Decimal(statement["in_sum"]) - Decimal(statement["out_sum"]) == Decimal(closing)


def _show(file: Path, report: Mapping[str, Any]) -> None:
    from rich.text import Text

    from orchestration.cli.tables import console, table_of

    out = console()
    style = "green" if report["verdict"] == "ok" else "red"
    verdict = (report["verdict"], style)
    out.print(Text.assemble((file.name, "bold"), f": {report['source'] or 'unknown format'}, ", verdict))
    if report["reason"]:
        out.print(Text(report["reason"], style="yellow" if report["verdict"] == "ok" else "red"))
    if report["statements"]:
        rows = [_statement(statement) for statement in report["statements"]]
        out.print(table_of(tuple(rows[0]), rows, "statements"))
    for stream, records in report["streams"].items():
        filled = [name for name in (records[0] if records else ()) if any(r.get(name) is not None for r in records)]
        names = [name for name in filled if name != "statement"][:SHOWN]
        title = f"{stream}: {len(records)} records" + (f", the first {SHOWN}" if len(records) > SHOWN else "")
        out.print(table_of(names, [{name: r.get(name) for name in names} for r in records[:SHOWN]], title))
    if report["quarantine"]:
        title = f"quarantine: {len(report['quarantine'])} rows"
        out.print(table_of(("row", "column", "reason"), report["quarantine"], title))


def _statement(statement: Mapping[str, Any]) -> Mapping[str, Any]:
    """Counted beside stated, and whether they agree."""
    stated = [statement[name] for _, name in STATED if statement[name] is not None]
    differs = [name for name, said in STATED if statement[said] is not None and not _same(statement, name, said)]
    balanced = closes(statement)
    verdict = "no: " + ", ".join(differs) if differs else "yes" if stated else ""
    balances = "" if balanced is None else "yes" if balanced else "no"
    names = ("account", "day", "opening_balance", "in_sum", "out_sum", "closing_balance", "row_count")
    return {
        **{name.removesuffix("_balance").removesuffix("_sum"): statement[name] for name in names},
        "stated": " / ".join(str(item) for item in stated),
        "agrees": verdict,
        "closes": balances,
    }


def _same(statement: Mapping[str, Any], name: str, said: str) -> bool:
    return Decimal(str(statement[name])) == Decimal(str(statement[said]))
