"""Landing: one asset per connection and stream. It fetches and archives; it does not load."""

import dagster as dg

from orchestration.lib.ingest import landing_assets
from orchestration.lib.workspace import days, settings


@dg.definitions
def landing() -> dg.Definitions:
    """The landing assets of the configured connections, and of our own tables."""
    return dg.Definitions(assets=landing_assets(settings(), days()))
