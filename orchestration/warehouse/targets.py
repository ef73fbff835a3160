"""Where the rows of a part go, and how many went there."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date

import duckdb

from orchestration.warehouse.schema import RawTable

LONGEST_RAW_ROW = 20_000


class UnloadableError(Exception):
    """Files that their connectors accepted and the database cannot read: refused, with the reason by file id."""

    def __init__(self, reasons: Mapping[int, str]) -> None:
        super().__init__("; ".join(reasons.values()))
        self.reasons = reasons


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
