"""The warehouse file as a whole."""

import shutil
from collections.abc import Collection
from datetime import date, datetime
from typing import Any

from orchestration.landing import Archive
from orchestration.landing.tables import RULES, SETTINGS
from orchestration.settings import Settings, hold
from orchestration.warehouse.connect import connect, name, text
from orchestration.warehouse.loading import SCRATCH, Loader, LoadReport, Progress, report_of
from orchestration.warehouse.schema import ensure_schema
from orchestration.warehouse.variables import EVERYTHING, NOTHING_LOADED, Variables

FILE_NAME = "tieout.duckdb"


class Warehouse:
    """``<data_dir>/warehouse/tieout.duckdb``: rebuilt from the archive at any time, open in one process at a time."""

    def __init__(self, settings: Settings) -> None:
        self.settings = settings
        self.path = settings.data_dir / "warehouse" / FILE_NAME
        self.lock = self.path.parent / ".lock"

    def ensure(self) -> None:
        """Create the file and every raw table of the configured sources."""
        with connect(self.path) as connection:
            ensure_schema(connection, self.settings)

    def load(
        self, archive: Archive, tables: Collection[str] | None = None, progress: Progress | None = None
    ) -> LoadReport:
        """Load every archived entry that is not loaded yet; ``tables`` are raw table names without ``raw.``."""
        with connect(self.path, ordered=True) as connection:
            shutil.rmtree(self.path.parent / SCRATCH, ignore_errors=True)  # what a killed run was unpacking
            ensure_schema(connection, self.settings)
            loader = Loader(connection, self.settings, archive)
            return report_of(list(loader.load(loader.jobs(tables), progress)))

    def pending(self) -> tuple[date, date] | None:
        """First and last landed day of what is loaded and not built yet.

        New settings or rules change how rows of any day are read, so with them every day is pending.
        """
        found = self.read(
            f"""
            select
                min(landed_on) as first, max(landed_on) as last,
                count(*) filter (connection in ({text(RULES)}, {text(SETTINGS)})) as own
            from raw.pending_files inner join raw.landed_files using (file_id)
            """
        )
        first, last, own = found[0].values()
        if own:
            return EVERYTHING
        return None if first is None else (first, last)

    def variables(self, as_of: datetime, run_id: str, *, full_refresh: bool = False) -> Variables:
        """What a build at ``as_of`` needs to know."""
        window = EVERYTHING if full_refresh else self.pending() or NOTHING_LOADED
        zone = self.settings.timezone
        return Variables(
            as_of=as_of,
            run_id=run_id,
            load_from=window[0],
            load_to=window[1],
            today=as_of.astimezone(zone).date(),
            time_zone=zone.key,
            base_currency=self.settings.base_currency,
            privacy_key=self.settings.privacy_key,
        )

    def built(self) -> None:
        """A build over everything pending has succeeded."""
        with connect(self.path) as connection:
            connection.execute("delete from raw.pending_files")

    def rebuild(self) -> None:
        """Drop the file; the next load reads the archive from its first entry."""
        with hold(self.path.with_name(".rebuild")):
            for path in (self.path, self.path.with_name(f"{FILE_NAME}.wal")):
                path.unlink(missing_ok=True)

    def read(self, sql: str, parameters: Collection[Any] = ()) -> list[dict[str, Any]]:
        """Rows of a query as name → value."""
        with connect(self.path, read_only=True) as connection:
            cursor = connection.execute(sql, list(parameters))
            names = [column[0] for column in cursor.description or ()]
            return [dict(zip(names, row, strict=True)) for row in cursor.fetchall()]

    def count(self, schema: str, table: str) -> int:
        """Rows of one table."""
        return int(self.read(f"select count(*) as rows from {name(schema)}.{name(table)}")[0]["rows"])
