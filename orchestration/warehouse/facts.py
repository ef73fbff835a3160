"""What the archive and the connectors say of files: ``landed_files``, ``statements`` and ``pending_files`` of ``raw``.

A group of files goes in one statement for each table: parameters one by one would cost more than the rows.
"""

import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict
from datetime import UTC, datetime
from typing import Any
from zoneinfo import ZoneInfo

import duckdb

from connectors.core.protocol import Statement
from orchestration.landing import Entry
from orchestration.warehouse.connect import text

LANDED = {
    "file_id": "INTEGER",
    **dict.fromkeys(("connection", "source", "stream"), "VARCHAR"),
    "day": "DATE",
    "status": "VARCHAR",
    "received_at": "TIMESTAMPTZ",
    "received_on": "DATE",
    "sha256": "VARCHAR",
    "bytes": "BIGINT",
    **dict.fromkeys(("suffix", "name", "error_class", "error_code", "reason"), "VARCHAR"),
    **dict.fromkeys(("stated_rows", "loaded_rows"), "BIGINT"),
    "refused_reason": "VARCHAR",
    **dict.fromkeys(("window_start", "window_end"), "TIMESTAMPTZ"),
}
STATED = {
    **dict.fromkeys(("file_id", "statement_index"), "INTEGER"),
    **dict.fromkeys(("source", "connection", "account", "currency", "statement_no"), "VARCHAR"),
    "day": "DATE",
    **dict.fromkeys(("opening_balance", "closing_balance"), "VARCHAR"),
    "row_count": "BIGINT",
    **dict.fromkeys(("in_sum", "out_sum"), "VARCHAR"),
    "stated_row_count": "BIGINT",
    **dict.fromkeys(("stated_in_sum", "stated_out_sum"), "VARCHAR"),
}
PENDING = {"file_id": "INTEGER", "landed_on": "DATE"}


def write(connection: duckdb.DuckDBPyConnection, table: str, shape: Mapping[str, str], rows: Sequence[Any]) -> None:
    """Append the rows; what is no value of its column's type becomes null."""
    if not rows:
        return
    plain = text(json.dumps([dict.fromkeys(shape, "VARCHAR")]))
    columns = ", ".join(shape)
    cast = ", ".join(f"try_cast({column} as {kind})" for column, kind in shape.items())
    connection.execute(
        f"insert into raw.{table} ({columns}) select {cast}"
        f" from (select unnest(from_json(?, {plain}), recursive := true))",
        [json.dumps(list(rows), ensure_ascii=False)],
    )


def landed(entry: Entry, zone: ZoneInfo, loaded_rows: int | None, refused: str | None) -> dict[str, Any]:
    """The row of one manifest entry."""
    received = datetime.fromisoformat(entry.received_at)
    start, end = entry.window or (None, None)
    stated = entry.stated.get("rows", "")
    return {
        "file_id": entry.sequence,
        "connection": entry.connection,
        "source": entry.source,
        "stream": entry.stream,
        "day": entry.day,
        "status": entry.status,
        "received_at": received.astimezone(UTC).isoformat(),
        "received_on": received.astimezone(zone).date().isoformat(),
        "sha256": entry.digest,
        "bytes": entry.size,
        "suffix": entry.suffix or None,
        "name": entry.name or None,
        "error_class": entry.error_class,
        "error_code": entry.error_code,
        "reason": entry.reason,
        "stated_rows": stated if stated.isdigit() else None,
        "loaded_rows": loaded_rows,
        "refused_reason": refused,
        "window_start": start,
        "window_end": end,
    }


def stated(entry: Entry, statements: Iterable[Statement], *, refused: bool) -> list[dict[str, Any]]:
    """The rows of a file's statements; a refused file has loaded none of the rows they count."""
    return [
        {
            "file_id": entry.sequence,
            "statement_index": index,
            "source": entry.source,
            "connection": entry.connection,
            **asdict(statement),
            **({"row_count": None} if refused else {}),
        }
        for index, statement in enumerate(statements)
    ]
