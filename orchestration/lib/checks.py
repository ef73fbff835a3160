"""Checks that SQL cannot make: files, the snapshot, the calendar. Oddities warn; our own promises block."""

from datetime import timedelta
from typing import Any, Final

import dagster as dg
import duckdb

from orchestration.lib.day import Day
from orchestration.lib.keys import PUBLISH

LATE: Final = timedelta(days=2)


def house_checks() -> list[dg.AssetChecksDefinition]:
    """All of them."""
    return [snapshot_opens(), newest_day_is_recent()]


def snapshot_opens() -> dg.AssetChecksDefinition:
    """A reader beside us can open what was published."""

    @dg.asset_check(
        asset=PUBLISH,
        name="snapshot_opens",
        description="The published file opens read-only and holds tables.",
        required_resource_keys={"day"},
    )
    def check(context: dg.AssetCheckExecutionContext) -> dg.AssetCheckResult:
        day: Day = context.resources.day
        path = day.settings.data_dir / "published" / "tieout.duckdb"
        with duckdb.connect(str(path), read_only=True) as connection:
            found: list[Any] = connection.execute(
                "select count(*) from duckdb_tables() where schema_name = 'marts'"
            ).fetchall()
        tables = int(found[0][0])
        return dg.AssetCheckResult(passed=tables > 0, metadata={"tables": tables, "bytes": path.stat().st_size})

    return check


def newest_day_is_recent() -> dg.AssetChecksDefinition:
    """A freshness policy does not see partitions; this looks at the newest landed day."""

    @dg.asset_check(
        asset=PUBLISH,
        name="newest_day_is_recent",
        description="The newest archived business day of every daily source is yesterday's or the day before's.",
        required_resource_keys={"day"},
    )
    def check(context: dg.AssetCheckExecutionContext) -> dg.AssetCheckResult:
        day: Day = context.resources.day
        late = {}
        entries = [entry for entry in day.archive.entries() if entry.status != "missing"]
        for connection in day.settings.connections:
            if connection.expect != "daily":
                continue
            days = [entry.local_day for entry in entries if entry.connection == connection.name]
            newest = max(days, default=None)
            if newest is None or day.today - newest > LATE:
                late[connection.name] = str(newest or "never")
        return dg.AssetCheckResult(
            passed=not late,
            severity=dg.AssetCheckSeverity.WARN,
            metadata={"late": ", ".join(f"{name}: {newest}" for name, newest in late.items()) or "none"},
        )

    return check
