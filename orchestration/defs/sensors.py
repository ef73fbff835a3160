"""Sensors: files that arrive in an inbox, and runs that fail."""

import dagster as dg

from orchestration.lib.failures import failure_sensor
from orchestration.lib.inbox import inbox_sensors
from orchestration.lib.workspace import settings


@dg.definitions
def sensors() -> dg.Definitions:
    """One inbox sensor per connection with a folder, one sensor for failed runs."""
    return dg.Definitions(sensors=[*inbox_sensors(settings()), failure_sensor(settings())])
