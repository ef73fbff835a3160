"""Raw: one asset per raw table. It loads the archive as it lies; it interprets nothing."""

import dagster as dg

from orchestration.lib.loading import raw_assets
from orchestration.lib.workspace import days, settings


@dg.definitions
def raw() -> dg.Definitions:
    """The raw tables of the configured sources, our own tables, and the shared ones."""
    return dg.Definitions(assets=[raw_assets(settings(), days())])
