"""What happens when a run fails: a line in ``<data_dir>/reports/failures.jsonl``, and a message by ``[alerts]``."""

import json
import os
from pathlib import Path

import dagster as dg

from orchestration.lib.alerting import tell_failure
from orchestration.lib.clock import AS_OF_TAG, machine_now
from orchestration.lib.keys import JOB
from orchestration.settings import Settings


def failure_sensor(settings: Settings) -> dg.SensorDefinition:
    """Notes every failed run of the daily job."""

    @dg.run_failure_sensor(
        name="failed_runs",
        default_status=dg.DefaultSensorStatus.RUNNING,
        description="Notes each failed run with its days, its business clock and the failed step.",
    )
    def failed(context: dg.RunFailureSensorContext) -> None:
        run = context.dagster_run
        if run.job_name != JOB:
            return
        steps = [event.step_key for event in context.get_step_failure_events() if event.step_key]
        note(
            settings.data_dir,
            {
                "run_id": run.run_id,
                "noted_at": machine_now().isoformat(),
                "as_of": run.tags.get(AS_OF_TAG, ""),
                "steps": ", ".join(steps),
                "message": (context.failure_event.message or "").splitlines()[0] if context.failure_event else "",
            },
        )
        problem = tell_failure(settings, run.run_id, run.tags.get(AS_OF_TAG, ""), steps)
        if problem:
            context.log.warning(problem)

    return failed


def note(data_dir: Path, facts: dict[str, str]) -> Path:
    """Appends one line, in one write, so that two writers cannot mix theirs."""
    path = data_dir / "reports" / "failures.jsonl"
    path.parent.mkdir(parents=True, exist_ok=True)
    line = (json.dumps(facts, ensure_ascii=False) + "\n").encode()
    descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600)
    try:
        os.write(descriptor, line)
    finally:
        os.close(descriptor)
    return path
