"""The one gate before publishing: conservation between our own stages leaves nothing over."""

from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any

import duckdb

from orchestration.settings import Settings
from orchestration.warehouse.connect import connect
from orchestration.warehouse.warehouse import Warehouse

RESIDUALS = """
    select day, connection, stream, stage, currency, residual_rows, residual_amount
    from marts.conservation
    where coalesce(residual_rows, 0) <> 0 or coalesce(residual_amount, 0) <> 0
    order by all
"""


@dataclass(frozen=True, slots=True)
class Residual:
    """Rows or money that one of our own stages lost or made."""

    day: date
    connection: str
    stream: str
    stage: str
    currency: str | None
    rows: int
    amount: Decimal | None

    def __str__(self) -> str:
        money = "" if not self.amount else f" and {self.amount} {self.currency}"
        place = f"{self.connection}/{self.stream} of {self.day}"
        return f"stage {self.stage} does not conserve {place}: {self.rows} rows{money} are left over"


def gate(settings: Settings) -> list[Residual]:
    """Every residual; an empty list lets the run publish."""
    with connect(Warehouse(settings).path, read_only=True) as connection:
        return residuals(connection)


def residuals(connection: duckdb.DuckDBPyConnection) -> list[Residual]:
    """The same, on an open warehouse or snapshot."""
    there = connection.execute(
        "select count(*) from information_schema.tables where table_schema = 'marts' and table_name = 'conservation'"
    ).fetchall()
    if not there[0][0]:
        return []
    rows: list[Any] = connection.execute(RESIDUALS).fetchall()
    return [Residual(row[0], row[1], row[2], row[3], row[4], int(row[5] or 0), row[6]) for row in rows]
