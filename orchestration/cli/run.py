"""``tieout run``: the daily job in this process, on the instance that the UI shows too."""

import os
import sys
import time
import warnings
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from orchestration.cli.console import bars, show_figures
from orchestration.cli.edge import DONE, INCOMPLETE, RED, UsageError
from orchestration.cli.host import instance_of
from orchestration.cli.sandbox import sandbox_for
from orchestration.cli.snapshot import snapshot_path
from orchestration.reports.figures import read_figures
from orchestration.reports.markdown import RunLine
from orchestration.reports.pack import report_files
from orchestration.settings import Settings, load
from orchestration.warehouse.heads import read_heads

if TYPE_CHECKING:
    import dagster as dg

REPOSITORY_TAG: Final = ".dagster/repository"
SHOWN_ROWS: Final = 10
QUIET: Final[Mapping[str, Any]] = {"loggers": {"console": {"config": {"log_level": "CRITICAL"}}}}


@dataclass(frozen=True, slots=True)
class Asked:
    """What the command line said."""

    first: str | None = None
    last: str | None = None
    as_of: str | None = None
    full_refresh: bool = False
    only: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Plan:
    """What will be done."""

    first: date
    last: date
    as_of: datetime
    full_refresh: bool
    explicit: bool
    only: tuple[str, ...]


def run_daily(config: Path, asked: Asked) -> int:
    """Plans, runs, shows. The exit code is the contract's."""
    started = time.monotonic()
    settings = load(config)
    for section in settings.without_effect:
        sys.stderr.write(f"tieout: {settings.path.name}: [{section}] has no effect in this version\n")
    with sandbox_for(settings) as sandbox_url, instance_of(settings) as instance:
        from orchestration.lib.healing import heal

        plan = make_plan(settings, asked)
        if settings.alerts:
            settings.alerts.resolve_all(settings.path, settings.environ)
        for connection in settings.connections:
            connection.resolve(os.environ, sandbox_url)  # a missing variable is told before anything is pulled
        for run_id in heal(instance, settings.data_dir):
            sys.stderr.write(f"tieout: run {run_id} had died; it is declared failed and what it held is free\n")
            tell_of_failure(settings, run_id, "", ())
        result = execute(plan, instance)
    if not result.success:
        for reason in reasons(result):
            sys.stderr.write(f"tieout: {reason}\n")
        sys.stderr.write(f"tieout: nothing is published; run {result.run_id} shows why in tieout dev\n")
        tell_of_failure(settings, result.run_id, plan.as_of.isoformat(), failed_steps(result))
        return RED
    figures = read_figures(snapshot_path(settings.data_dir))
    heads = read_heads(settings.data_dir)
    line = RunLine(result.run_id, plan.as_of, plan.first, plan.last, snapshot_path(settings.data_dir), heads)
    show_figures(line, figures, report_files(settings.data_dir, result.run_id))
    for reason in unwritten(result):
        sys.stderr.write(f"tieout: the run is published, but its report is not whole: {reason}\n")
    tell_unapproved(settings)
    missing = missing_sources(result)
    for place, reason in missing:
        sys.stderr.write(f"tieout: {place}: {reason}\n")
    for untold in not_delivered(result):
        sys.stderr.write(f"tieout: {untold}\n")
    sys.stderr.write(f"tieout: done in {time.monotonic() - started:.1f} s\n")
    return INCOMPLETE if missing or figures.incomplete else DONE


def tell_unapproved(settings: Settings) -> None:
    """What lies among the rule tables without approval, and what to do about it."""
    from orchestration.warehouse import last_run

    run = last_run(settings.data_dir)
    rows = run.inputs.get("unapproved", []) if run is not None else []
    for row in rows[:SHOWN_ROWS]:
        sys.stderr.write(f"tieout: not approved by a second person: {row}\n")
    if rows:
        more = f"{len(rows) - SHOWN_ROWS} more in run_status.unapproved; " if len(rows) > SHOWN_ROWS else ""
        sys.stderr.write(
            f"tieout: {more}what was approved last counts: tieout rules propose FILE --as NAME, "
            "then somebody else says tieout approve\n"
        )


def unwritten(result: "dg.ExecuteInProcessResult") -> list[str]:
    """Files of the report that could not be written, with the reason."""
    return [
        str(told.value)
        for event in result.all_events
        if event.is_step_materialization
        and (told := event.step_materialization_data.materialization.metadata.get("not written")) is not None
    ]


def make_plan(settings: Settings, asked: Asked) -> Plan:
    """Days and ``as_of``, checked against the settings and what is published."""
    from orchestration.lib.clock import business_now, parse_moment
    from orchestration.lib.partitions import local_day
    from orchestration.lib.requests import due_range
    from orchestration.warehouse.ledger import last_published_as_of

    moment = parse_moment(asked.as_of, settings.timezone) if asked.as_of else None
    as_of = business_now(moment, last_published_as_of(settings.data_dir), full_refresh=asked.full_refresh)
    for name in asked.only:
        if name not in {connection.name for connection in settings.connections}:
            names = ", ".join(connection.name for connection in settings.connections)
            raise UsageError(f"--only {name}: no connection has that name; configured are {names}")
    due = due_range(settings, as_of)
    first = parse_day("--from", asked.first) or (due[0] if due else None)
    last = parse_day("--to", asked.last) or (due[1] if due else None)
    if first is None or last is None:
        raise UsageError(
            f"no business day since start_date {settings.start_date} is due as of {as_of.isoformat()}: "
            "run again tomorrow, or name the days with --from and --to"
        )
    if asked.first and not asked.last:
        last = max(first, last)
    if asked.last and not asked.first:
        first = min(first, last)
    if first < settings.start_date:
        raise UsageError(f"--from {first} is before start_date {settings.start_date} in {settings.path}")
    if last < first:
        raise UsageError(f"--to {last} is before --from {first}")
    if last > local_day(as_of, settings.timezone):
        raise UsageError(f"--to {last} is after {as_of.isoformat()}, the time of this run")
    return Plan(first, last, as_of, asked.full_refresh, bool(asked.first or asked.last), asked.only)


def parse_day(option: str, text: str | None) -> date | None:
    """A day, or a sentence about what a day looks like."""
    if text is None:
        return None
    try:
        return date.fromisoformat(text)
    except ValueError as error:
        raise UsageError(f"{option} {text!r} is no day: write YYYY-MM-DD") from error


def execute(plan: Plan, instance: "dg.DagsterInstance") -> "dg.ExecuteInProcessResult":
    """Runs the job ``daily`` over the days of the plan."""
    from orchestration.lib.clock import AS_OF_TAG, EXPLICIT_TAG, FULL_REFRESH_TAG
    from orchestration.lib.keys import CODE_LOCATION, JOB
    from orchestration.lib.partitions import LAST_DAY_VARIABLE, range_tags

    os.environ[LAST_DAY_VARIABLE] = plan.last.isoformat()
    tags = {
        AS_OF_TAG: plan.as_of.isoformat(),
        REPOSITORY_TAG: f"__repository__@{CODE_LOCATION}",
        **range_tags(plan.first, plan.last),
        **({EXPLICIT_TAG: "true"} if plan.explicit else {}),
        **({FULL_REFRESH_TAG: "true"} if plan.full_refresh else {}),
    }
    with warnings.catch_warnings(), bars() as progress:
        warnings.simplefilter("ignore")
        from orchestration.definitions import defs

        job = defs.resolve_job_def(JOB)
        keys = job.asset_layer.executable_asset_keys
        chosen = [key for key in keys if is_wanted(key, plan.only)]
        progress.begin("landing", sum(key.path[0] == "landing" and not key.path[1].startswith("_") for key in chosen))
        return job.execute_in_process(
            instance=instance,
            tags=tags,
            asset_selection=chosen if plan.only else None,
            run_config=dict(QUIET),
            resources={"progress": progress},
            raise_on_error=False,
        )


def is_wanted(key: "dg.AssetKey", only: Collection[str]) -> bool:
    """With ``--only`` the other connections are not pulled; what lies in the archive is still loaded and built."""
    room, *names = key.path
    return room != "landing" or names[0] in only or names[0].startswith("_")


def reasons(result: "dg.ExecuteInProcessResult") -> list[str]:
    """One sentence per failed step, the innermost cause first."""
    found = []
    for event in result.all_events:
        if event.is_step_failure:
            data = event.step_failure_data
            error = data.error
            described = data.user_failure_data.description if data.user_failure_data else None
            while error is not None and error.cause is not None:
                error = error.cause
            text = described or (error.message.strip() if error else "no reason given")
            found.append(f"{event.step_key}: {text}")
    found += [
        f"{evaluation.asset_key.to_user_string()}: {evaluation.description}"
        for evaluation in result.get_asset_check_evaluations()
        if evaluation.blocking and not evaluation.passed and evaluation.description
    ]
    if found:
        return found
    return [event.message.splitlines()[0] for event in result.all_events if event.is_failure and event.message]


def failed_steps(result: "dg.ExecuteInProcessResult") -> list[str]:
    """The names of the steps and checks that failed: names are ours, their errors may hold cells of a source."""
    steps = [event.step_key for event in result.all_events if event.is_step_failure and event.step_key]
    checks = [
        f"{evaluation.asset_key.to_user_string()} {evaluation.check_name}"
        for evaluation in result.get_asset_check_evaluations()
        if evaluation.blocking and not evaluation.passed
    ]
    return [*steps, *checks]


def tell_of_failure(settings: Settings, run_id: str, as_of: str, steps: Sequence[str]) -> None:
    """A message to who looks after the machinery, where one is named."""
    from orchestration.lib.alerting import tell_failure

    if problem := tell_failure(settings, run_id, as_of, steps):
        sys.stderr.write(f"tieout: {problem}\n")


def not_delivered(result: "dg.ExecuteInProcessResult") -> list[str]:
    """What is to be known about messages."""
    from orchestration.lib.keys import ALERTS

    return [
        evaluation.description
        for evaluation in result.get_asset_check_evaluations()
        if evaluation.asset_key == ALERTS and not evaluation.passed and evaluation.description
    ]


def missing_sources(result: "dg.ExecuteInProcessResult") -> list[tuple[str, str]]:
    """What did not arrive in this run, with the source's reason."""
    return [
        (evaluation.asset_key.to_user_string(), evaluation.description or "it did not arrive")
        for evaluation in result.get_asset_check_evaluations()
        if evaluation.check_name == "arrived" and not evaluation.passed
    ]
