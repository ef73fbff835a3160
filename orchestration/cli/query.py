"""``tieout query``: one statement on the published snapshot, as a table, CSV or JSON."""

import csv
import enum
import json
import sys
from collections.abc import Sequence
from datetime import date, datetime, time
from decimal import Decimal
from pathlib import Path
from typing import Any, Final, Self, TextIO

from orchestration.cli.edge import DONE, UsageError
from orchestration.cli.snapshot import Rows, ask_once, opened
from orchestration.settings.place import read_place

FORMULA_STARTS: Final = ("=", "+", "-", "@", "\t", "\r", "\n", "＝", "＋", "－", "＠")


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
    settings = read_place(config)
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
        names = distinct(answer.columns)
        named = [dict(zip(names, map(plain, row), strict=True)) for row in answer.rows]
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


def distinct(columns: Sequence[str]) -> list[str]:
    """The column names, a repeated one numbered as DuckDB numbers them in a table: a, a_1."""
    names: list[str] = []
    for name in columns:
        number, wanted = 0, name
        while wanted in names:
            number += 1
            wanted = f"{name}_{number}"
        names.append(wanted)
    return names


def _write_table(answer: Rows) -> None:
    from orchestration.cli.tables import console, table_of

    names = distinct(answer.columns)
    out = console()
    out.print(table_of(names, [dict(zip(names, row, strict=True)) for row in answer.rows]))
    out.print(f"{len(answer.rows)} rows", style="dim")
