"""Reading the published snapshot like any reader: no lock is taken and no run is waited for."""

from collections.abc import Mapping
from typing import Any

import duckdb

from orchestration.settings import Settings
from orchestration.warehouse.publish import snapshot_path


def read_published(settings: Settings, sql: str, parameters: Mapping[str, Any]) -> list[tuple[Any, ...]]:
    """The rows of one question; none before the first publication, or while a table it needs has not been fed yet."""
    path = snapshot_path(settings)
    if not path.exists():
        return []
    with duckdb.connect(str(path), read_only=True) as connection:
        try:
            return connection.execute(sql, dict(parameters)).fetchall()
        except duckdb.CatalogException:
            return []
