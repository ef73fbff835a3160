"""Publish: the gate, then the snapshot that readers open. Nothing half-built passes."""

import dagster as dg

from orchestration.lib.publishing import publish_asset
from orchestration.lib.workspace import days, manifest, settings


@dg.definitions
def publish() -> dg.Definitions:
    """The snapshot and its report."""
    return dg.Definitions(assets=[publish_asset(settings(), manifest(), days())])
