"""Reading tables as they lie: plain columns of one table, filtered, stacked and sorted, in slices. No joins, no logic.

A proof that let the database work out what things mean would lean on the engine, and soon on the SQL, of the matcher
whose answer it is to judge.
"""

from collections.abc import Iterator, Mapping
from typing import Any, Final

import duckdb

from orchestration.warehouse.connect import name

BATCH: Final = 20_000
SLICE: Final = 500_000
"""Rows that one result may hold: the engine keeps all of it in memory."""


class Rows:
    """Rows of one open database, one result at a time; ``count`` says how many were read."""

    def __init__(self, connection: duckdb.DuckDBPyConnection) -> None:
        self._connection = connection
        self.count = 0

    def read(self, sql: str, parameters: Mapping[str, Any] | None = None) -> Iterator[tuple[Any, ...]]:
        """What the statement gives, never more than one batch of it in Python at once."""
        result = self._connection.execute(sql, parameters)
        while batch := result.fetchmany(BATCH):
            self.count += len(batch)
            yield from batch

    def read_sliced(self, sql: str, table: str) -> Iterator[tuple[Any, ...]]:
        """The same, slice by slice; ``hash(key) % {slices} = {number}`` in the statement keeps equal keys together.

        The numbers are written into the text: as parameters they make the engine many times slower.
        """
        ((size,),) = self._connection.execute(f"select count(*) from marts.{name(table)}").fetchall()
        slices = size // SLICE + 1
        for number in range(slices):
            yield from self.read(sql.format(slices=slices, number=number))

    def has(self, schema: str, table: str, *columns: str) -> bool:
        """Whether the database holds that table with all these columns."""
        found = self._connection.execute(
            "select column_name from duckdb_columns() where schema_name = ? and table_name = ?", [schema, table]
        ).fetchall()
        return bool(found) and set(columns) <= {column for (column,) in found}
