"""Runs that died with their process, and what they still hold.

After ``kill -9`` a run stays STARTED and keeps its pool slot for ever. Each executing process therefore holds
an operating system lock on a file named after its run; the system drops the lock when the process dies. Whoever
can take the lock of a STARTED run knows that the run is dead.
"""

import fcntl
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Final

import dagster as dg

from orchestration.lib.clock import machine_now
from orchestration.lib.keys import POOL
from orchestration.settings import locks

IN_FLIGHT: Final = (dg.DagsterRunStatus.STARTING, dg.DagsterRunStatus.STARTED, dg.DagsterRunStatus.CANCELING)
GRACE_SECONDS: Final = 60.0
"""A run without a lock file may just be starting; after this long it is not."""


def lock_path(data_dir: Path, run_id: str) -> Path:
    """The file that the process of this run keeps locked."""
    return data_dir / "dagster" / "alive" / f"{run_id}.lock"


@contextmanager
def alive(data_dir: Path, run_id: str) -> Iterator[None]:
    """Shows that this run's process lives, for as long as the block lasts."""
    path = lock_path(data_dir, run_id)
    path.parent.mkdir(parents=True, exist_ok=True)
    try:
        with locks.hold(path):
            yield
    finally:
        path.unlink(missing_ok=True)


def heal(instance: dg.DagsterInstance, data_dir: Path, *, own_run: str = "") -> tuple[str, ...]:
    """Declares dead runs failed and frees what they held. Returns their ids."""
    running = instance.get_runs(dg.RunsFilter(statuses=list(IN_FLIGHT)))
    dead = [run for run in running if run.run_id != own_run and _is_dead(instance, data_dir, run.run_id)]
    for run in dead:
        instance.report_run_failed(run, "The process of this run died; declared failed by the next run.")
        instance.event_log_storage.free_concurrency_slots_for_run(run.run_id)
        lock_path(data_dir, run.run_id).unlink(missing_ok=True)
    _free_orphaned_slots(instance)
    return tuple(run.run_id for run in dead)


def _is_dead(instance: dg.DagsterInstance, data_dir: Path, run_id: str) -> bool:
    path = lock_path(data_dir, run_id)
    if path.exists():
        return not _is_held(path)
    record = instance.get_run_record_by_id(run_id)
    started = (record.start_time or record.create_timestamp.timestamp()) if record else 0.0
    return machine_now().timestamp() - started > GRACE_SECONDS


def _is_held(path: Path) -> bool:
    """Whether a living process holds the lock; looking does not take it."""
    try:
        with path.open("rb") as file:
            fcntl.flock(file, fcntl.LOCK_SH | fcntl.LOCK_NB)
    except BlockingIOError:
        return True
    except FileNotFoundError:
        return False
    return False


def _free_orphaned_slots(instance: dg.DagsterInstance) -> None:
    """A run that somebody else declared failed (run monitoring, a person) may still hold its slot."""
    storage = instance.event_log_storage
    if POOL not in storage.get_concurrency_keys():
        return
    for slot in storage.get_concurrency_info(POOL).claimed_slots:
        run = instance.get_run_by_id(slot.run_id)
        if run is None or run.is_finished:
            storage.free_concurrency_slots_for_run(slot.run_id)
