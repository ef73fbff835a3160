"""Run requests of the daemon: which days a schedule or an inbox asks for."""

from collections.abc import Mapping
from datetime import date, datetime

import dagster as dg

from orchestration.landing import Archive, complete_days
from orchestration.lib.clock import AS_OF_TAG
from orchestration.lib.due import first_open_day, newest_due_day
from orchestration.lib.keys import JOB
from orchestration.lib.partitions import range_tags
from orchestration.settings import Settings


def due_range(settings: Settings, as_of: datetime) -> tuple[date, date] | None:
    """The days a run covers when nobody says; None while no day is due yet."""
    newest = newest_due_day(settings, as_of)
    if newest < settings.start_date:
        return None
    return first_open_day(settings, complete_days(Archive(settings.data_dir), settings), newest), newest


def request(first: date, last: date, *, run_key: str, as_of: datetime | None = None) -> dg.RunRequest:
    """A run of the daily job over these days; one day is one partition, more are a range in one run."""
    tags: Mapping[str, str] = {AS_OF_TAG: as_of.isoformat()} if as_of else {}
    if first == last:
        return dg.RunRequest(run_key=run_key, job_name=JOB, partition_key=first.isoformat(), tags=dict(tags))
    return dg.RunRequest(run_key=run_key, job_name=JOB, tags={**tags, **range_tags(first, last)})
