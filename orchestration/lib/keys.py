"""How assets, groups, pools and owners are named. Whoever needs such a name takes it from here."""

from typing import Final

import dagster as dg

POOL: Final = "warehouse"
"""One writer at a time: whatever opens the DuckDB file for writing runs in this pool."""

JOB: Final = "daily"
PROVING: Final = "verify"
CODE_LOCATION: Final = "orchestration.definitions"
OWNERS: Final = ("team:tieout",)
ROOMS: Final = (
    "landing",
    "raw",
    "seeds",
    "staging",
    "ledger",
    "matching",
    "exceptions",
    "books",
    "marts",
    "publish",
    "alerts",
)
PUBLISH: Final = dg.AssetKey(["publish"])
ALERTS: Final = dg.AssetKey(["alerts"])
TOLD: Final = "told"
"""The check of what was delivered."""
MATCHES: Final = dg.AssetKey(["marts", "matches"])
REBUILT: Final = dg.AssetCheckKey(MATCHES, "sampled_days_are_equal")
"""The check that builds days again; it has a job of its own."""
RULES: Final = dg.AssetKey(["landing", "_rules"])
SETTINGS: Final = dg.AssetKey(["landing", "_settings"])
DECISIONS: Final = dg.AssetKey(["landing", "_decisions"])
ARRIVED: Final = "arrived"


def landing_key(connection: str, stream: str) -> dg.AssetKey:
    """The asset of one connection's stream; equal to its folder in the archive."""
    return dg.AssetKey(["landing", connection, stream])


def raw_key(table: str) -> dg.AssetKey:
    """The asset of one raw table, ``<source>__<table>``."""
    return dg.AssetKey(["raw", table])
