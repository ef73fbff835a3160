"""Inboxes: a folder whose files changed and have come to rest asks for a run."""

import hashlib
from collections.abc import Sequence
from pathlib import Path
from typing import Final

import dagster as dg

from orchestration.lib.clock import machine_now
from orchestration.lib.keys import JOB
from orchestration.lib.requests import due_range, request
from orchestration.settings import ConnectionSettings, Settings

QUIET_SECONDS: Final = 10.0
"""A file that was written less long ago may still be growing."""
EVERY_SECONDS: Final = 60


def inbox_sensors(settings: Settings) -> Sequence[dg.SensorDefinition]:
    """One sensor per connection with a folder."""
    return [inbox_sensor(settings, connection) for connection in settings.connections if connection.path]


def inbox_sensor(settings: Settings, connection: ConnectionSettings) -> dg.SensorDefinition:
    """Asks for the due days when the folder's content is new; the same content asks once."""
    folder = connection.path
    if folder is None:
        raise ValueError(f"connection {connection.name} has no folder to watch")

    @dg.sensor(
        name=f"inbox_{connection.name}",
        job_name=JOB,
        minimum_interval_seconds=EVERY_SECONDS,
        default_status=dg.DefaultSensorStatus.STOPPED if settings.sandbox else dg.DefaultSensorStatus.RUNNING,
        description=f"Runs the daily job when new files lie in the folder of {connection.name}.",
    )
    def watch(context: dg.SensorEvaluationContext) -> dg.SensorResult | dg.SkipReason:
        now = machine_now()
        print_ = fingerprint(folder, now.timestamp())
        if print_ is None:
            return dg.SkipReason("nothing there, or a file is still being written")
        if print_ == context.cursor:
            return dg.SkipReason("nothing new")
        days = due_range(settings, now)
        if days is None:
            return dg.SkipReason(f"no business day is due before {settings.start_date}")
        return dg.SensorResult(
            run_requests=[request(*days, run_key=f"inbox:{connection.name}:{print_}")], cursor=print_
        )

    return watch


def fingerprint(folder: Path, now: float) -> str | None:
    """Names, sizes and times of what lies in the folder; None while it is empty or a file is fresh."""
    digest = hashlib.sha256()
    found = False
    for path in sorted(folder.rglob("*")) if folder.is_dir() else []:
        if not path.is_file() or path.name.startswith("."):
            continue
        facts = path.stat()
        if now - facts.st_mtime < QUIET_SECONDS:
            return None
        digest.update(f"{path.relative_to(folder)}|{facts.st_size}|{facts.st_mtime_ns}\n".encode())
        found = True
    return digest.hexdigest()[:16] if found else None
