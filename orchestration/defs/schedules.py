"""Schedules: the daily job at 10:30, when the bills of the day before exist, and a proof on Mondays."""

import dagster as dg

from orchestration.lib.keys import JOB, PROVING
from orchestration.lib.requests import due_range, request
from orchestration.lib.workspace import settings


@dg.definitions
def schedules() -> dg.Definitions:
    """Runs by itself; a simulated merchant's days are over, so there it waits to be switched on."""
    config = settings()

    @dg.schedule(
        name="daily_at_half_past_ten",
        job_name=JOB,
        cron_schedule="30 10 * * *",
        execution_timezone=config.timezone.key,
        description="From the first day not yet complete to the newest one due, as of 10:30.",
        default_status=dg.DefaultScheduleStatus.STOPPED if config.sandbox else dg.DefaultScheduleStatus.RUNNING,
    )
    def daily_at_half_past_ten(context: dg.ScheduleEvaluationContext) -> dg.RunRequest | dg.SkipReason:
        tick = context.scheduled_execution_time
        days = due_range(config, tick)
        if days is None:
            return dg.SkipReason(f"no business day is due before {config.start_date}")
        return request(*days, run_key=tick.isoformat(), as_of=tick)

    weekly_proof = dg.ScheduleDefinition(
        name="sampled_days_every_monday",
        job_name=PROVING,
        cron_schedule="30 13 * * 1",
        execution_timezone=config.timezone.key,
        description="Some closed days are built again in a copy and compared.",
        default_status=dg.DefaultScheduleStatus.STOPPED if config.sandbox else dg.DefaultScheduleStatus.RUNNING,
    )
    return dg.Definitions(schedules=[daily_at_half_past_ten, weekly_proof])
