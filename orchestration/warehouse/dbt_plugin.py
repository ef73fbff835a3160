"""The dbt-duckdb plugin that gives every cursor the run's session variables."""

from typing import Any

from dbt.adapters.duckdb.plugins import BasePlugin

from orchestration.warehouse.variables import current_variables


class Plugin(BasePlugin):  # type: ignore[misc] # dbt ships no types
    """Named in ``profiles.yml``; dbt-duckdb calls ``configure_cursor`` for each new cursor."""

    def configure_cursor(self, cursor: Any) -> None:
        """Values go in as parameters: they appear in no SQL text and no log."""
        variables = current_variables()
        for key, value in (variables.session() if variables else {}).items():
            cursor.execute(f"set variable {key} = ?", [value])
