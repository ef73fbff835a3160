"""Published exceptions made by hand, in the columns that the mart promises, and worklists filled in as people do."""

import json
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from datetime import date, datetime, timedelta, timezone
from decimal import Decimal
from functools import cache
from pathlib import Path
from typing import Any

import duckdb
import openpyxl
import yaml

from orchestration.decisions.worklist import Worklist, read_worklist
from orchestration.reports.worklist import write_worklist
from orchestration.settings.labels import labels, name_of

MODELS = Path(__file__).parents[3] / "dbt_project/models/marts/_marts__models.yml"
AS_OF = datetime(2026, 10, 3, 10, 30, tzinfo=timezone(timedelta(hours=8)))
SOUND: Mapping[str, Any] = {
    "code": "E101",
    "name": "ORDER_NO_PAYMENT",
    "name_zh": "平台有支付无",
    "kind": "open",
    "severity": "S2",
    "status": "open",
    "level": "order_payment",
    "entity": "HQ",
    "store": "own_shop",
    "order_no": "0012345678901234567",
    "left_key": "0012345678901234567",
    "left_amount": Decimal("120.50"),
    "difference": Decimal("-120.50"),
    "currency": "CNY",
    "amount": Decimal("120.50"),
    "open_amount": Decimal("120.50"),
    "business_date": date(2026, 10, 1),
    "due_at": datetime(2026, 10, 4, 18, 0, tzinfo=AS_OF.tzinfo),
    "days_open": 2,
    "owner": "RA",
    "cause": "unknown",
    "explanation": "No payment carries a number of this order",
    "explanation_zh": "没有支付带有此订单的单号",
    "suggested_action": "query channel",
    "suggested_action_zh": "查询渠道",
    "nearest_candidates": json.dumps(
        [
            {
                "key": "T1",
                "day": "2026-10-01",
                "amount": "1120.50",
                "failed": "differs by 1000",
                "failed_zh": "相差 1000",
            },
            {
                "key": "T2",
                "day": "2026-10-02",
                "amount": "120.49",
                "failed": "no number in common",
                "failed_zh": "没有共同单号",
            },
        ]
    ),
}


@cache
def columns() -> Mapping[str, str]:
    """What the mart promises."""
    models = yaml.safe_load(MODELS.read_text(encoding="utf-8"))["models"]
    (exceptions,) = [model for model in models if model["name"] == "exceptions"]
    return {column["name"]: column["data_type"] for column in exceptions["columns"]}


@contextmanager
def published(*rows: Mapping[str, Any], path: Path | str = ":memory:") -> Iterator[duckdb.DuckDBPyConnection]:
    """A snapshot with these exceptions; what a row does not say is as in a sound one, its number counts up."""
    with duckdb.connect(str(path)) as connection:
        connection.execute("set TimeZone = 'Asia/Shanghai'")
        connection.execute("create schema marts")
        connection.execute(
            "create table marts.run_ledger (sequence bigint, run_id varchar, as_of timestamptz, hash varchar)"
        )
        connection.execute("insert into marts.run_ledger values (1, 'run-1', ?, 'head-1')", [AS_OF])
        listed = ", ".join(f'"{name}" {kind}' for name, kind in columns().items())
        connection.execute(f"create table marts.exceptions ({listed})")
        for number, row in enumerate(rows, 1):
            publish(connection, {"exception_id": f"x{number}", **row})
        yield connection


def publish(connection: duckdb.DuckDBPyConnection, row: Mapping[str, Any]) -> None:
    """One more exception."""
    said = {**SOUND, **row}
    places = ", ".join("?" for _ in said)
    connection.execute(f"insert into marts.exceptions ({', '.join(said)}) values ({places})", list(said.values()))


class Paper:
    """A worklist in a file, and what somebody does to it: cells by exception and column."""

    def __init__(self, snapshot: duckdb.DuckDBPyConnection, folder: Path, language: str = "zh") -> None:
        self.snapshot = snapshot
        self.path = folder / "worklist.xlsx"
        write_worklist(snapshot, self.path, labels("en" if language == "en" else "zh"))
        self.book = openpyxl.load_workbook(self.path)

    def cell(self, exception_id: str, column: str) -> Any:
        """Found by heading and number, as a person finds it."""
        for sheet in self.book.worksheets:
            headings = {heading(cell.value): cell.column for cell in sheet[1] if cell.value}
            if "exception_id" not in headings:
                continue
            for line in range(2, sheet.max_row + 1):
                if sheet.cell(line, headings["exception_id"]).value == exception_id:
                    return sheet.cell(line, headings[column])
        raise LookupError(exception_id)

    def fill(self, exception_id: str, **values: Any) -> None:
        """What somebody types."""
        for column, value in values.items():
            self.cell(exception_id, column).value = value

    def read(self, limit: Decimal | None = None) -> Worklist:
        """Saved and imported."""
        self.book.save(self.path)
        return read_worklist(self.path, self.snapshot, limit)

    def reasons(self, **values: Any) -> Sequence[str]:
        """Why the only row, so filled in, is refused."""
        self.fill("x1", **values)
        (refused,) = self.read().refused
        return refused.reasons


def heading(text: str) -> str:
    """The column behind a heading; the hidden ones have their own names."""
    return name_of("column", text) or text
