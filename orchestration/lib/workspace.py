"""What definitions are made from: the settings of this process, the business days, the dbt manifest.

Read once per process; nothing is fetched or opened.
"""

import functools
import json
import os
from collections.abc import Mapping
from pathlib import Path
from typing import Any, Final

import dagster as dg

from orchestration.lib.clock import machine_now
from orchestration.lib.partitions import asked_last_day, business_days, local_day
from orchestration.settings import Settings, load
from orchestration.warehouse import parse

CONFIG_VARIABLE: Final = "TIEOUT_CONFIG"


@functools.cache
def settings() -> Settings:
    """The settings this process works with: ``TIEOUT_CONFIG``, else ``tieout.toml`` in the current folder."""
    return load(Path(os.environ.get(CONFIG_VARIABLE, "tieout.toml")).resolve())


@functools.cache
def days() -> dg.DailyPartitionsDefinition:
    """The business days as partitions."""
    config = settings()
    today = local_day(machine_now(), config.timezone)
    return business_days(config.start_date, config.timezone, today, asked_last_day())


@functools.cache
def manifest() -> Mapping[str, Any]:
    """The parsed dbt project; parsed again only when it or the configured sources changed."""
    text = parse(settings()).read_text(encoding="utf-8")
    parsed: Mapping[str, Any] = json.loads(text)
    return parsed


def forget() -> None:
    """Read everything again; for tests that change the settings inside one process."""
    for cached in (settings, days, manifest):
        cached.cache_clear()
