"""Checks that SQL cannot make: files, the snapshot, the calendar, and the matcher's work told by another's reading.

Oddities warn; our own promises block.
"""

import time
from datetime import timedelta
from typing import Any, Final

import dagster as dg
import duckdb

from orchestration.lib.day import Day
from orchestration.lib.keys import MATCHES, POOL, PUBLISH, REBUILT
from orchestration.proof import closed_days, prove_matching, prove_rebuilt
from orchestration.warehouse import connect
from orchestration.warehouse.ledger import last_published_as_of

LATE: Final = timedelta(days=2)
READ_WITH_THEM: Final = ("match_legs", "open_items", "orders", "payments")
SHOWN: Final = 5
SAMPLED_DAYS: Final = 2


def house_checks() -> list[dg.AssetChecksDefinition]:
    """All of them."""
    return [matches_keep_the_rules(), sampled_days_are_equal(), snapshot_opens(), newest_day_is_recent()]


def matches_keep_the_rules() -> dg.AssetChecksDefinition:
    """Before the gate: a claim that breaks a rule of matching publishes nothing."""

    @dg.asset_check(
        asset=MATCHES,
        name="matches_keep_the_rules",
        description=(
            "Claims, legs, passes and searches, worked out once more from the records in Python: a record is claimed "
            "once, the legs of a match add up, no better-ranked free candidate was passed over, and a search for "
            "combinations says what it came to."
        ),
        blocking=True,
        additional_deps=[dg.AssetKey(["marts", name]) for name in READ_WITH_THEM],
        pool=POOL,
        required_resource_keys={"day"},
    )
    def check(context: dg.AssetCheckExecutionContext) -> dg.AssetCheckResult:
        day: Day = context.resources.day
        started = time.monotonic()
        with connect(day.warehouse.path, read_only=True) as connection:
            proof = prove_matching(connection)
        seconds = time.monotonic() - started
        shown = "; ".join(f"{finding.guarantee}: {finding.detail}" for finding in proof.findings[:SHOWN])
        return dg.AssetCheckResult(
            passed=not proof.findings,
            severity=dg.AssetCheckSeverity.ERROR,
            description=shown or None,
            metadata={"findings": len(proof.findings), "rows read": proof.rows, "seconds": round(seconds, 3)},
        )

    return check


def sampled_days_are_equal() -> dg.AssetChecksDefinition:
    """Apart from the daily job: it builds days a second time."""

    @dg.asset_check(
        asset=REBUILT.asset_key,
        name=REBUILT.name,
        description=(
            "Days of closed threads, built once more from their raw rows in a copy of the warehouse: every published "
            "table must come out row for row as it is."
        ),
        pool=POOL,
        required_resource_keys={"day"},
    )
    def check(context: dg.AssetCheckExecutionContext) -> dg.AssetCheckResult:
        day: Day = context.resources.day
        as_of = last_published_as_of(day.settings.data_dir) or day.as_of
        days = closed_days(day.settings, SAMPLED_DAYS, day.as_of.isoformat())
        proof = prove_rebuilt(day.settings, as_of, days)
        shown = "; ".join(f"{finding.guarantee}: {finding.detail}" for finding in proof.findings[:SHOWN])
        equal = "nothing is closed yet" if not days else f"last proven equal on {day.today.isoformat()}"
        return dg.AssetCheckResult(
            passed=not proof.findings,
            severity=dg.AssetCheckSeverity.ERROR,
            description=shown or equal,
            metadata={
                "days built again": ", ".join(found.isoformat() for found in proof.days) or "none",
                "closed threads taken up": proof.threads,
                "as of": as_of.isoformat(),
            },
        )

    return check


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
