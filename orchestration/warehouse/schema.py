"""The raw tables: their names and columns follow from the configured connectors."""

from collections.abc import Mapping
from dataclasses import dataclass

import duckdb

from connectors.core.protocol import Stream
from connectors.core.registry import source_named
from orchestration.landing.tables import (
    DECISIONS,
    EVENT_COLUMNS,
    EVENTS,
    RULES,
    SETTINGS,
    SETTINGS_COLUMNS,
    parameter_columns,
)
from orchestration.settings import RULE_COLUMNS, Settings
from orchestration.settings.rules import ROW_COLUMNS
from orchestration.warehouse.connect import name

OWN = {
    "landed_files": """
        file_id integer, connection varchar, source varchar, stream varchar, day date, status varchar,
        received_at timestamptz, received_on date, sha256 varchar, bytes bigint, suffix varchar, name varchar,
        error_class varchar, error_code varchar, reason varchar, stated_rows bigint, loaded_rows bigint,
        refused_reason varchar, window_start timestamptz, window_end timestamptz""",
    "rejected_rows": "file_id integer, row_number bigint, reason varchar, raw_row varchar",
    "statements": """
        file_id integer, statement_index integer, source varchar, connection varchar, account varchar,
        currency varchar, statement_no varchar, day date, opening_balance varchar, closing_balance varchar,
        row_count bigint, in_sum varchar, out_sum varchar, stated_row_count bigint, stated_in_sum varchar,
        stated_out_sum varchar""",
    "pending_files": "file_id integer, landed_on date",
}
IN_FRONT = ("file_id integer", "row_number bigint", "landed_on date")


@dataclass(frozen=True, slots=True)
class RawTable:
    """One raw table of a connector's stream."""

    table: str
    columns: tuple[str, ...]

    @property
    def is_json(self) -> bool:
        """Whether each row is one JSON record."""
        return self.columns == ("record",)

    @property
    def own_columns(self) -> list[str]:
        """The columns behind the three common ones, with their types."""
        if self.is_json:
            return ["record json"]
        return [*(f"{name(column)} varchar" for column in self.columns), "extra varchar"]


def raw_name(source: str, table: str) -> str:
    """``wechatpay__trades``."""
    return f"{source}__{table}"


def stream_tables(source: str, stream: Stream) -> Mapping[str, RawTable]:
    """The raw tables that a stream's parts go to, by the name the parts use."""
    return {table: RawTable(raw_name(source, table), tuple(columns)) for table, columns in stream.tables.items()}


def own_tables() -> list[RawTable]:
    """The raw tables of rules, settings and decisions."""
    rules = [
        RawTable(raw_name(RULES, table), tuple(dict.fromkeys((*columns, *ROW_COLUMNS))))
        for table, columns in RULE_COLUMNS.items()
    ]
    columns = {**SETTINGS_COLUMNS, "parameters": parameter_columns()}
    settings = [RawTable(raw_name(SETTINGS, stream), tuple(named)) for stream, named in columns.items()]
    return [*rules, *settings, RawTable(raw_name(DECISIONS, EVENTS), EVENT_COLUMNS)]


def configured_tables(settings: Settings) -> list[RawTable]:
    """Every raw table that must exist before dbt runs."""
    found = own_tables()
    for source in settings.sources:
        for stream in source_named(source).streams:
            found.extend(stream_tables(source, stream).values())
    return found


def ensure_schema(connection: duckdb.DuckDBPyConnection, settings: Settings) -> None:
    """Create what is missing; a column that a newer version knows is added."""
    connection.execute("create schema if not exists raw")
    for table, columns in OWN.items():
        connection.execute(f"create table if not exists raw.{table} ({columns})")
    there: dict[str, set[str]] = {}
    for table, column in connection.execute(
        "select table_name, column_name from duckdb_columns() where schema_name = 'raw'"
    ).fetchall():
        there.setdefault(table, set()).add(column)
    for raw in configured_tables(settings):
        columns_there = there.get(raw.table)
        if columns_there is None:
            columns = ", ".join([*IN_FRONT, *raw.own_columns])
            connection.execute(f"create table raw.{name(raw.table)} ({columns})")
            continue
        for column in raw.own_columns:
            plain = column.split()[0].strip('"')
            if plain not in columns_there:
                connection.execute(f"alter table raw.{name(raw.table)} add column {column}")
