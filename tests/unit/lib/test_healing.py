import multiprocessing
import os
import signal
import time

import dagster as dg
import pytest

from orchestration.lib import healing
from orchestration.lib.keys import POOL


@dg.op
def nothing() -> None:
    """Does nothing."""


@dg.job
def empty() -> None:
    nothing()


@pytest.fixture
def instance(tmp_path):
    with dg.instance_for_test(temp_dir=str(tmp_path)) as made:
        made.event_log_storage.set_concurrency_slots(POOL, 1)
        yield made


def started(instance):
    run = instance.create_run_for_job(empty, status=dg.DagsterRunStatus.STARTED)
    assert instance.event_log_storage.claim_concurrency_slot(POOL, run.run_id, "raw").is_claimed
    return run.run_id


def claimed(instance):
    return len(instance.event_log_storage.get_concurrency_info(POOL).claimed_slots)


def live(folder, run_id, ready):
    with healing.alive(folder, run_id):
        ready.set()
        time.sleep(60)


def test_a_run_whose_process_was_killed_is_declared_failed_and_its_slot_is_free(instance, tmp_path):
    run_id = started(instance)
    ready = multiprocessing.get_context("spawn").Event()
    process = multiprocessing.get_context("spawn").Process(target=live, args=(tmp_path, run_id, ready))
    process.start()
    assert ready.wait(30)
    assert () == healing.heal(instance, tmp_path)
    assert 1 == claimed(instance)
    os.kill(process.pid, signal.SIGKILL)
    process.join()
    assert (run_id,) == healing.heal(instance, tmp_path)
    assert dg.DagsterRunStatus.FAILURE == instance.get_run_by_id(run_id).status
    assert 0 == claimed(instance)
    assert not healing.lock_path(tmp_path, run_id).exists()


def test_the_own_run_is_not_declared_dead(instance, tmp_path):
    run_id = started(instance)
    healing.lock_path(tmp_path, run_id).parent.mkdir(parents=True)
    healing.lock_path(tmp_path, run_id).touch()
    assert () == healing.heal(instance, tmp_path, own_run=run_id)


def test_a_run_that_is_only_starting_is_left_alone(instance, tmp_path):
    started(instance)
    assert () == healing.heal(instance, tmp_path)


def test_a_slot_of_a_finished_run_is_freed(instance, tmp_path):
    run_id = started(instance)
    instance.report_run_failed(instance.get_run_by_id(run_id), "declared by somebody else")
    assert 1 == claimed(instance)
    healing.heal(instance, tmp_path)
    assert 0 == claimed(instance)


def test_the_sign_of_life_is_gone_after_the_run(tmp_path):
    with healing.alive(tmp_path, "r"):
        assert healing.lock_path(tmp_path, "r").exists()
    assert not healing.lock_path(tmp_path, "r").exists()
