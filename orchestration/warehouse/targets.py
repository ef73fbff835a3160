"""Where the rows of a part go, and how many went there."""

from dataclasses import dataclass
from datetime import date

import duckdb

from orchestration.warehouse.schema import RawTable

LONGEST_RAW_ROW = 20_000


class UnloadableError(Exception):
    """The part cannot be read at all: its file is refused with this reason."""


@dataclass(frozen=True, slots=True)
class Counts:
    """Rows that went into the raw table, and rows that are no valid record."""

    accepted: int = 0
    rejected: int = 0

    def plus(self, other: "Counts") -> "Counts":
        """Both together."""
        return Counts(self.accepted + other.accepted, self.rejected + other.rejected)


@dataclass(frozen=True, slots=True)
class Target:
    """The raw table and the file whose rows go into it. ``again``: an earlier part of the file went there too."""

    connection: duckdb.DuckDBPyConnection
    file_id: int
    landed_on: date
    raw: RawTable
    again: bool = False
