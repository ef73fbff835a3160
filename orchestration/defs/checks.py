"""Checks that SQL cannot make: the archive's files, the snapshot, the newest day."""

import dagster as dg

from orchestration.lib.checks import house_checks


@dg.definitions
def checks() -> dg.Definitions:
    """Python checks; dbt tests come with their models."""
    return dg.Definitions(asset_checks=house_checks())
