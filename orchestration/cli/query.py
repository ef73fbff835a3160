"""``tieout query``: one statement on the published snapshot, as a table, CSV or JSON."""

import csv
import enum
import json
import sys
from datetime import date, datetime, time
from decimal import Decimal
from pathlib import Path
from typing import Any, Final, Self, TextIO

from orchestration.cli.edge import DONE, UsageError
from orchestration.cli.snapshot import Rows, ask_once, opened
from orchestration.settings.loader import load

FORMULA_STARTS: Final = ("=", "+", "-", "@", "\t", "\r", "\n", "＝", "＋", "－", "＠")


NO_TERMINAL: Final = 100_000
"""Nothing is folded where no screen limits the width."""


class Shape(enum.Enum):
    """How an answer is written."""

    TABLE = "table"
    CSV = "csv"
    JSON = "json"

    @classmethod
    def of(cls, *, as_csv: bool, as_json: bool) -> Self:
        """From the two options, of which at most one may be given."""
        if as_csv and as_json:
            raise UsageError("--csv and --json exclude each other: give one of them")
        return cls("csv" if as_csv else "json" if as_json else "table")


def ask(config: Path, sql: str, shape: Shape, limit: int, seconds: float) -> int:
    """Asks and writes the answer to stdout; what was cut is said on stderr."""
    settings = load(config)
    with opened(settings.data_dir, settings.timezone.key) as connection:
        answer = ask_once(connection, sql, limit, seconds)
    write(answer, shape, sys.stdout)
    if answer.cut:
        sys.stderr.write(f"tieout: only the first {limit} rows are shown; raise --limit for more\n")
    return DONE


def write(answer: Rows, shape: Shape, out: TextIO) -> None:
    """Writes an answer in the asked shape."""
    if shape is Shape.CSV:
        writer = csv.writer(out, lineterminator="\n")
        writer.writerow(answer.columns)
        writer.writerows([[safe_cell(value) for value in row] for row in answer.rows])
    elif shape is Shape.JSON:
        named = [dict(zip(answer.columns, map(plain, row), strict=True)) for row in answer.rows]
        out.write(json.dumps(named, ensure_ascii=False, indent=1) + "\n")
    else:
        _write_table(answer)


def safe_cell(value: Any) -> str:
    """A CSV cell that no spreadsheet takes for a formula; numbers stay numbers."""
    if value is None:
        return ""
    if isinstance(value, str) and value.lstrip(" ").startswith(FORMULA_STARTS):
        return f"'{value}"
    written = plain(value)
    return written if isinstance(written, str) else json.dumps(written, ensure_ascii=False)


def plain(value: Any) -> Any:
    """A JSON value that loses nothing: decimals and times become text, never float."""
    if isinstance(value, Decimal):
        return format(value, "f")
    if isinstance(value, datetime | date | time):
        return value.isoformat()
    if isinstance(value, dict):
        return {str(key): plain(item) for key, item in value.items()}
    if isinstance(value, list | tuple):
        return [plain(item) for item in value]
    if value is None or isinstance(value, bool | int | float | str):
        return value
    return str(value)


def _write_table(answer: Rows) -> None:
    from rich import box
    from rich.console import Console
    from rich.table import Table
    from rich.text import Text

    numeric = {
        index
        for index in range(len(answer.columns))
        if any(isinstance(row[index], Decimal | int) and not isinstance(row[index], bool) for row in answer.rows[:50])
    }
    table = Table(box=box.SIMPLE_HEAD)
    for index, name in enumerate(answer.columns):
        table.add_column(Text(name), justify="right" if index in numeric else "left", overflow="fold")
    for row in answer.rows:
        table.add_row(*[Text("" if value is None else str(plain(value))) for value in row])
    console = Console() if sys.stdout.isatty() else Console(width=NO_TERMINAL)
    console.print(table)
    console.print(f"{len(answer.rows)} rows", style="dim")
