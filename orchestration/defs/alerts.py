"""Alerts: who is told of what was published. A leaf; nothing depends on it and it fails nothing."""

import dagster as dg

from orchestration.lib.alerting import alerts_asset
from orchestration.lib.workspace import days, settings


@dg.definitions
def alerts() -> dg.Definitions:
    """The messages, where the settings have ``[alerts]``."""
    return dg.Definitions(assets=alerts_asset(settings(), days()))
